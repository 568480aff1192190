"""The side on the real adapters: their calls go to an AWS that moto plays, and can fail on the way.

DynamoDB, S3, Scheduler and Cognito are moto's. What is sent to the event bus, to the queue, to another function and to
Step Functions is for the plant to carry on, as everything between the functions is.
"""

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

import boto3
from moto import mock_aws
from moto.backends import get_backend

from microintern.adapters import dynamo
from microintern.adapters.accounts import TRACKED, DynamoAccounts, step_of
from microintern.adapters.audit import DynamoAudit
from microintern.adapters.briefs import (
    CONTROL,
    DynamoBriefs,
    amendments_of,
    application_of,
    change_of,
    check_ins_of,
    feedback_of,
    file_of,
    mentor_of,
    message_of,
)
from microintern.adapters.cohorts import DynamoCohorts
from microintern.adapters.credentials import DynamoCredentials, credential_of
from microintern.adapters.deadlines import SchedulerDeadlines
from microintern.adapters.events import EventBridgeBus
from microintern.adapters.file_checks import LambdaFileChecks
from microintern.adapters.files import S3FileStore, object_key, parse_key
from microintern.adapters.groups import CognitoGroups
from microintern.adapters.index import DynamoIndex
from microintern.adapters.ledger import DynamoLedger
from microintern.adapters.mailing import DynamoAgenda, DynamoMailings
from microintern.adapters.organisations import DynamoOrganisations
from microintern.adapters.papers import S3Papers
from microintern.adapters.payments.sandbox import Asked, DynamoSandboxStore, Message, QueueOutbox, SandboxProvider
from microintern.adapters.portfolios import DynamoPortfolios
from microintern.adapters.previews import S3Previews
from microintern.adapters.records import DynamoRecords
from microintern.adapters.searches import DynamoSearches
from microintern.adapters.settler import LambdaSettler
from microintern.adapters.standings import DynamoStandings
from microintern.adapters.students import DynamoStudents
from microintern.adapters.talent import DynamoTalent
from microintern.adapters.threads import DynamoThreads
from microintern.adapters.trail import DynamoTrail
from microintern.adapters.users import CognitoUsers
from microintern.adapters.webhooks import DynamoDeliveries, DynamoEndpoints
from microintern.adapters.workflow import StepFunctionsWorkflow
from microintern.domain.amendments import Amendments
from microintern.domain.change import Wait
from microintern.domain.check_ins import CheckIns
from microintern.domain.documents import Application, Document, StoredFile
from microintern.domain.feedback import Feedback
from microintern.domain.mentors import Mentor
from microintern.domain.messages import Message as Said
from microintern.domain.trail import Entry
from tests.contract import tables
from tests.faults.calls import Faults, Faulty
from tests.faults.machine import AlreadyExists, Machine
from tests.faults.sides import LATE_S, ROLES, Ports, Record, is_followed
from tests.twins.clock import MemoryClock

REGION, MOTO_ACCOUNT = "eu-west-1", "123456789012"
BUCKET, GROUP = "files", "deadlines"
_STREAMED = (tables.BRIEFS, tables.ACCOUNTS, tables.CREDENTIALS, tables.PORTFOLIOS)
_PREFIX = f"arn:aws:states:{REGION}:{MOTO_ACCOUNT}"
MACHINE_ARN = f"{_PREFIX}:stateMachine:brief"
_LAPSE_ARN = f"arn:aws:lambda:{REGION}:{MOTO_ACCOUNT}:function:lapse"
_ROLE_ARN = f"arn:aws:iam::{MOTO_ACCOUNT}:role/scheduler"
_QUEUE_ARN = f"arn:aws:sqs:{REGION}:{MOTO_ACCOUNT}:lapse"
SERVICES = ("dynamodb", "s3", "scheduler", "cognito-idp", "events", "sqs", "lambda", "stepfunctions")


@cache
def _client(service: str, use: str) -> Any:
    """A client for `use`; making one takes longer than a journey."""
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client(service, region_name=REGION, endpoint_url=None, **keys)  # type: ignore[call-overload]


class WatchedStore(DynamoSandboxStore):
    """Notes what is asked for once more."""

    def __init__(self, client: Any, table: str) -> None:
        super().__init__(client, table)
        self.again: list[str] = []

    def remember(self, asked: Asked) -> Asked:
        there = super().remember(asked)
        if there is not asked:
            self.again.append(asked.key)
        return there


class Wire:
    """Between the adapters' clients and what answers them: counts the calls, and has some of them fail."""

    def __init__(self, machine: Machine, faults: Faults) -> None:
        self.machine = machine
        self.faults = faults
        self.events: list[dict[str, Any]] = []
        self.messages: list[tuple[Message, int]] = []
        self.settlements: list[str] = []
        self.checks: list[tuple[str, str, str, str]] = []
        self.clients = {service: _client(service, "adapters") for service in SERVICES}
        for service, client in self.clients.items():
            vars(client).pop("_make_api_call", None)
            client._make_api_call = partial(self._call, service, client._make_api_call)

    def _call(self, service: str, send: Callable[..., Any], operation: str, request: dict[str, Any]) -> Any:
        played = getattr(self, f"_{service}_{operation}", None)
        call = partial(played, **request) if played else partial(send, operation, request)
        return self.faults.around(f"{service}.{operation}", call)

    def _events_PutEvents(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N802, N803
        self.events += [json.loads(entry["Detail"]) for entry in Entries]
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "some"} for _ in Entries]}

    def _sqs_SendMessage(self, MessageBody: str, DelaySeconds: int, **_: Any) -> dict[str, Any]:  # noqa: N802, N803
        self.messages.append((Message.model_validate_json(MessageBody), DelaySeconds))
        return {}

    def _lambda_Invoke(self, FunctionName: str, Payload: bytes, **_: Any) -> dict[str, Any]:  # noqa: N802, N803
        asked = json.loads(Payload)
        if FunctionName == "settlement":
            self.settlements.append(asked["brief_id"])
        elif FunctionName == "file_received":
            self.checks.append(("look", asked["brief_id"], asked["file_id"], ""))
        else:
            scanned = asked["detail"]["object"]
            self.checks.append(("scan", *parse_key(scanned["key"]), scanned["version-id"]))
        return {"StatusCode": 202}

    def _stepfunctions_StartExecution(self, name: str, input: str, **_: Any) -> dict[str, Any]:  # noqa: A002, N802
        try:
            self.machine.start(name, json.loads(input))
        except AlreadyExists:
            raise self._refusal("ExecutionAlreadyExists", "StartExecution") from None
        return {"executionArn": f"{_PREFIX}:execution:brief:{name}", "startDate": self.machine.clock.now()}

    def _stepfunctions_DescribeExecution(self, executionArn: str) -> dict[str, Any]:  # noqa: N802, N803
        execution = self.machine.executions.get(executionArn.rpartition(":")[2])
        if execution is None:
            raise self._refusal("ExecutionDoesNotExist", "DescribeExecution")
        return {"status": execution.status}

    def _stepfunctions_ListExecutions(self, statusFilter: str, **_: Any) -> dict[str, Any]:  # noqa: N802, N803
        found = [e for e in self.machine.executions.values() if e.status == statusFilter]
        return {"executions": [{"name": execution.name} for execution in found]}

    def _stepfunctions_SendTaskSuccess(self, taskToken: str, output: str) -> dict[str, Any]:  # noqa: N802, N803
        if not self.machine.succeed(taskToken):
            raise self._refusal("TaskTimedOut", "SendTaskSuccess")
        return {}

    def _stepfunctions_SendTaskFailure(self, taskToken: str, error: str) -> dict[str, Any]:  # noqa: N802, N803
        if not self.machine.fail(taskToken, error):
            raise self._refusal("TaskTimedOut", "SendTaskFailure")
        return {}

    def _refusal(self, code: str, operation: str) -> Exception:
        kind = self.clients["stepfunctions"].exceptions.from_code(code)
        refusal: Exception = kind({"Error": {"Code": code, "Message": code}}, operation)
        return refusal


class Adapters:
    """The side on moto, within `an_aws`."""

    def __init__(self, clock: MemoryClock, machine: Machine, faults: Faults) -> None:
        self._plain = {service: _client(service, "onlookers") for service in ("dynamodb", "s3", "cognito-idp")}
        pool_id = _prepared(self._plain)
        self._wire = Wire(machine, faults)
        clients = self._wire.clients
        # Onlookers read; for what they never ask for, the failing client does as well.
        self.faulty = _ports(clients, clock, pool_id)
        self.faulty.provider = Faulty("provider", self.faulty.provider, faults)
        self.plain = _ports({**clients, **self._plain}, clock, pool_id)
        self._seen = dict.fromkeys(_STREAMED, 0)

    def stream(self) -> list[tuple[str, Record]]:
        images = (image for table in (tables.BRIEFS, tables.CREDENTIALS) for image in self._images(table))
        return [found for image in images if (found := _shown(image)) is not None]

    def steps(self) -> list[Entry]:
        written = [image for table in (tables.ACCOUNTS, tables.PORTFOLIOS) for image in self._images(table)]
        images = [(image.get("OldImage") or None, image.get("NewImage")) for image in written]
        return [entry for old, new in images if (entry := step_of(old, new)) is not None]

    def _images(self, table: str) -> list[dict[str, Any]]:
        shard = _table(table).stream_shard
        new, self._seen[table] = shard.items[self._seen[table] :], len(shard.items)
        return [record.record["dynamodb"] for record in new]

    def published(self) -> list[dict[str, Any]]:
        return _taken(self._wire.events)

    def messages(self) -> list[tuple[Message, int]]:
        return _taken(self._wire.messages)

    def settlements(self) -> list[str]:
        return _taken(self._wire.settlements)

    def checks_asked_for(self) -> list[tuple[str, str, str, str]]:
        return _taken(self._wire.checks)

    def schedules(self) -> set[tuple[str, datetime]]:
        named = [schedule.name.rpartition("-") for schedule in _schedules().values()]
        return {(brief_id, datetime.fromtimestamp(int(at), UTC)) for brief_id, _, at in named}

    def fire(self, brief_id: str, lapse_at: datetime) -> None:
        _schedules().pop(f"{brief_id}-{int(lapse_at.timestamp())}")

    def leave_wait(self, parameters: dict[str, Any]) -> None:
        assert parameters["TableName"] == "${BriefTable}"
        self._plain["dynamodb"].update_item(**{**parameters, "TableName": tables.BRIEFS})

    def upload(self, file: StoredFile, at: datetime, content: bytes) -> str:
        key = object_key(file.brief_id, file.file_id)
        version: str = self._plain["s3"].put_object(Bucket=BUCKET, Key=key, Body=content)["VersionId"]
        return version

    def send_part(self, file: StoredFile, number: int) -> None:
        assert file.plan
        at = {"Bucket": BUCKET, "Key": object_key(file.brief_id, file.file_id), "UploadId": file.upload_id}
        self._plain["s3"].upload_part(**at, PartNumber=number, Body=b"a" * file.plan.size_of(number))

    def version_of(self, file: StoredFile) -> str:
        key = object_key(file.brief_id, file.file_id)
        version: str = self._plain["s3"].head_object(Bucket=BUCKET, Key=key)["VersionId"]
        return version

    def documents(self, brief_id: str) -> dict[str, Document]:
        kinds: dict[str, type[Document]] = {model.kind: model for model in Document.__subclasses__()}
        request = {"TableName": tables.BRIEFS, **dynamo.under(brief_id, "")}
        items, _ = dynamo.query(self._plain["dynamodb"], request, 1_000)
        kept = [item for item in items if item["kind"] in kinds]
        return {item["sk"]: dynamo.model_of(kinds[item["kind"]], item) for item in kept}

    def wait_of(self, brief_id: str) -> Wait | None:
        item = dynamo.get(self._plain["dynamodb"], tables.BRIEFS, brief_id, CONTROL) or {}
        return Wait(**item["wait"]) if "wait" in item else None

    def operations(self) -> list[Any]:
        found = self._plain["dynamodb"].scan(TableName=tables.SANDBOX)["Items"]
        items = [dynamo.unpacked(item) for item in found]
        return [dynamo.model_of(Asked, item) for item in items if "asked_at" in item]

    def asked_again(self) -> list[str]:
        again: list[str] = self.faulty.store.again
        return again

    def keep_ledger(self) -> Any:
        return copy.deepcopy(_table(tables.LEDGER).items)

    def restore_ledger(self, kept: Any) -> None:
        _table(tables.LEDGER).items = copy.deepcopy(kept)


@contextmanager
def an_aws() -> Iterator[None]:
    """An empty AWS, which this process's clients reach."""
    with mock_aws():
        yield


def _prepared(clients: dict[str, Any]) -> str:
    """What the infrastructure sets up; the user pool's id."""
    tables.make(clients["dynamodb"])
    images = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    for table in _STREAMED:
        clients["dynamodb"].update_table(TableName=table, StreamSpecification=images)
    where = {"LocationConstraint": REGION}
    clients["s3"].create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where, ObjectLockEnabledForBucket=True)
    clients["s3"].put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    _client("scheduler", "onlookers").create_schedule_group(Name=GROUP)
    users = clients["cognito-idp"]
    pool_id: str = users.create_user_pool(PoolName="people")["UserPool"]["Id"]
    for role in ("student", "educator"):
        users.create_group(UserPoolId=pool_id, GroupName=role)
    for account_id, roles in ROLES.items():
        users.admin_create_user(UserPoolId=pool_id, Username=account_id, MessageAction="SUPPRESS")
        users.admin_add_user_to_group(UserPoolId=pool_id, Username=account_id, GroupName=roles[0])
    return pool_id


def _ports(clients: dict[str, Any], clock: MemoryClock, pool_id: str) -> Ports:
    db = clients["dynamodb"]
    store = WatchedStore(db, tables.SANDBOX)
    outbox = QueueOutbox(clients["sqs"], "queue")
    scheduled: dict[str, Any] = {"target_arn": _LAPSE_ARN, "role_arn": _ROLE_ARN, "dead_letter_arn": _QUEUE_ARN}
    return Ports(
        briefs=DynamoBriefs(db, tables.BRIEFS, tables.ACCOUNTS),
        accounts=DynamoAccounts(db, tables.ACCOUNTS),
        ledger=DynamoLedger(db, tables.LEDGER, tables.BRIEFS),
        audit=DynamoAudit(db, tables.AUDIT),
        trail=DynamoTrail(db, tables.TRAIL),
        files=S3FileStore(clients["s3"], BUCKET),
        previews=S3Previews(clients["s3"], BUCKET),
        papers=S3Papers(clients["s3"], BUCKET),
        groups=CognitoGroups(clients["cognito-idp"], pool_id),
        users=CognitoUsers(clients["cognito-idp"], pool_id),
        standings=DynamoStandings(db, tables.ACCOUNTS),
        organisations=DynamoOrganisations(db, tables.ACCOUNTS),
        records=DynamoRecords(db, tables.RECORDS),
        credentials=DynamoCredentials(db, tables.CREDENTIALS, tables.ACCOUNTS),
        endpoints=DynamoEndpoints(db, tables.ACCOUNTS),
        deliveries=DynamoDeliveries(db, tables.WEBHOOKS),
        cohorts=DynamoCohorts(db, tables.ACCOUNTS),
        talent=DynamoTalent(db, tables.ACCOUNTS),
        found_by=DynamoIndex(db, tables.SEARCH),
        searches=DynamoSearches(db, tables.SEARCH, tables.ACCOUNTS),
        students=DynamoStudents(db, tables.ACCOUNTS),
        threads=DynamoThreads(db, tables.BRIEFS, tables.ACCOUNTS),
        mailings=DynamoMailings(db, tables.ACCOUNTS),
        agenda=DynamoAgenda(db, tables.ACCOUNTS),
        portfolios=DynamoPortfolios(db, tables.PORTFOLIOS, tables.ACCOUNTS),
        bus=EventBridgeBus(clients["events"], "bus"),
        deadlines=SchedulerDeadlines(clients["scheduler"], group=GROUP, clock=clock, **scheduled),
        workflow=StepFunctionsWorkflow(clients["stepfunctions"], MACHINE_ARN),
        settler=LambdaSettler(clients["lambda"], "settlement"),
        checks=LambdaFileChecks(clients["lambda"], "file_received", "scan", BUCKET),
        provider=SandboxProvider(store, outbox, clock, LATE_S),
        store=store,
    )


_ALWAYS: dict[str, Callable[[dict[str, Any]], Record]] = {
    Application.kind: application_of,
    Feedback.kind: feedback_of,
    Mentor.kind: mentor_of,
    Amendments.kind: amendments_of,
    CheckIns.kind: check_ins_of,
}
"""What is shown however it was written, by its kind."""


def _shown(image: dict[str, Any]) -> tuple[str, Record] | None:
    """A record of the stream, of the kinds that the function is called with."""
    new = image["NewImage"]
    kind, brief_id = new.get("kind", {}).get("S"), new["pk"]["S"]
    if kind == TRACKED:
        credential = credential_of(new)
        return credential.brief_id or credential.cohort_id or "", credential
    if shown := _ALWAYS.get(kind):
        return brief_id, shown(new)
    if kind == Said.kind:
        return None if image.get("OldImage") else (brief_id, message_of(new))
    if kind == StoredFile.kind:
        file = file_of(new)
        return (brief_id, file) if is_followed(file) else None
    # Moto says of an item that is new that it was empty before.
    return (brief_id, change_of(image.get("OldImage") or None, new)) if kind == CONTROL else None


def _table(name: str) -> Any:
    return get_backend("dynamodb")[MOTO_ACCOUNT][REGION].tables[name]


def _schedules() -> dict[str, Any]:
    found: dict[str, Any] = get_backend("scheduler")[MOTO_ACCOUNT][REGION].schedule_groups[GROUP].schedules
    return found


def _taken(things: list[Any]) -> list[Any]:
    taken = list(things)
    things.clear()
    return taken

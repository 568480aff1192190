"""One brief with everything around it on an AWS that moto plays, and the functions that a sample is given to."""

import copy
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from moto.backends import get_backend

from microintern.adapters.accounts import DynamoAccounts
from microintern.adapters.briefs import control_item, document_item
from microintern.adapters.dynamo import packed, put_many
from microintern.adapters.memory import MemoryClock
from microintern.domain.accounts import PayoutAccount, PayoutStatus
from microintern.domain.base import derived_id
from microintern.domain.brief import Brief
from microintern.domain.documents import Application, Content, Document, FileStatus, Purpose, StoredFile
from microintern.domain.states import Action, Role, State
from tests.contract import tables
from tests.unit.builders import BODIES, NOW, ROOT, a_posting, brief_in, led

SAMPLES = ROOT / "events/samples"
PATHS = sorted(SAMPLES.glob("*/*.json"))
NAMES = [f"{path.parent.name}/{path.stem}" for path in PATHS]

EMPLOYER = "b3d45842-7031-7063-3a1e-5c1f0f6d2a10"
STUDENT = "c3e45842-7031-7063-3a1e-5c1f0f6d2a11"
RIVAL = "d3f45842-7031-7063-3a1e-5c1f0f6d2a12"
NEWCOMER = "e3045842-7031-7063-3a1e-5c1f0f6d2a13"
STRANGER = "00045842-7031-7063-3a1e-5c1f0f6d2a99"
TABLES = (tables.BRIEFS, tables.ACCOUNTS, tables.LEDGER, tables.SANDBOX)
BUCKET, BUS, GROUP, POOL = "files", "bus", "deadlines", "pool"
ACCOUNT, REGION = "123456789012", "eu-west-1"
MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:brief"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/any"
LATER = NOW + timedelta(hours=1)
"""When the samples' commands arrive."""

ENVIRONMENT = {
    "BRIEF_TABLE": tables.BRIEFS,
    "ACCOUNT_TABLE": tables.ACCOUNTS,
    "LEDGER_TABLE": tables.LEDGER,
    "SANDBOX_TABLE": tables.SANDBOX,
    "FILES_BUCKET": BUCKET,
    "USER_POOL_ID": POOL,
    "EVENT_BUS": BUS,
    "STATE_MACHINE_ARN": MACHINE,
    "SCHEDULE_GROUP": GROUP,
    "LAPSE_FUNCTION_ARN": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:lapse",
    "SCHEDULER_ROLE_ARN": ROLE_ARN,
    "SCHEDULE_DLQ_ARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:missed",
    "POLICY": "{}",
    "POWERTOOLS_SERVICE_NAME": "microintern",
    "POWERTOOLS_METRICS_NAMESPACE": "microintern",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
}
_CONTEXT = SimpleNamespace(
    function_name="any", memory_limit_in_mb=128, aws_request_id="any", invoked_function_arn="any"
)


def sample(name: str) -> Any:
    """A sample's payload, to be changed at will."""
    return json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def command(name: str, **changes: Any) -> dict[str, Any]:
    """A sample of an HTTP request with another caller, key, body (a value or a text) or query."""
    event: dict[str, Any] = sample(name)
    claims = event["requestContext"]["authorizer"]["jwt"]["claims"]
    for what, value in changes.items():
        match what:
            case "role":
                claims["cognito:groups"] = f"[{value}]"
            case "sub" | "token_use":
                claims[what] = value
            case "key":
                event["headers"].pop("idempotency-key")
                event["headers"] |= {"idempotency-key": value} if value is not None else {}
            case "body":
                event["body"] = value if isinstance(value, str) else json.dumps(value)
            case "query":
                event["queryStringParameters"] = value
                event["rawQueryString"] = "&".join(f"{k}={v}" for k, v in value.items())
            case _:
                raise AssertionError(what)
    return event


def changed_body(name: str, at: tuple[str | int, ...], value: Any) -> Any:
    """A sample's body with one place set anew."""
    body: Any = json.loads(sample(name)["body"])
    inner = body
    for step in at[:-1]:
        inner = inner[step]
    inner[at[-1]] = value
    return body


def _playing(service: str) -> Any:
    """What moto keeps for a service: read and emptied directly, as each call through botocore takes 10 ms."""
    return get_backend(service)[ACCOUNT]["aws" if service == "s3" else REGION]  # type: ignore[call-overload]


class World:
    """What the functions meet; `clients` by service, `functions` by folder."""

    def __init__(self, clients: dict[str, Any], functions: dict[str, ModuleType], logs: io.StringIO) -> None:
        self.clients, self.functions, self.logs = clients, functions, logs
        self.clock = MemoryClock(LATER)
        self.published: list[dict[str, Any]] = []
        self.pool_id = ""

    def build(self) -> None:
        """Tables, bucket, bus, pool, workflow, schedules."""
        tables.make(self.clients["dynamodb"])
        location: Any = {"LocationConstraint": REGION}
        self.clients["s3"].create_bucket(Bucket=BUCKET, CreateBucketConfiguration=location)
        self.clients["s3"].put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        self.clients["events"].create_event_bus(Name=BUS)
        self.clients["scheduler"].create_schedule_group(Name=GROUP)
        end = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})
        self.clients["stepfunctions"].create_state_machine(name="brief", definition=end, roleArn=ROLE_ARN)
        cognito = self.clients["cognito-idp"]
        self.pool_id = cognito.create_user_pool(PoolName="people")["UserPool"]["Id"]
        cognito.admin_create_user(UserPoolId=self.pool_id, Username=NEWCOMER)
        for role in (Role.STUDENT, Role.EMPLOYER, Role.EDUCATOR, Role.OPERATOR):
            cognito.create_group(UserPoolId=self.pool_id, GroupName=role)

    def empty(self) -> None:
        """Take away what a test left behind; what `build` made stays."""
        self.clock.at = LATER
        self.published.clear()
        for table in TABLES:
            _playing("dynamodb").tables[table].items.clear()
        _playing("s3").buckets[BUCKET].keys.clear()
        _playing("scheduler").schedule_groups[GROUP].schedules.clear()
        _playing("stepfunctions").state_machines[0].executions.clear()
        for group in self.groups():
            of_user = {"UserPoolId": self.pool_id, "Username": NEWCOMER, "GroupName": group}
            self.clients["cognito-idp"].admin_remove_user_from_group(**of_user)

    def seed(self, brief: Brief, *documents: Document) -> None:
        """The brief as it is, over what was there, with what belongs to it."""
        found = (Content(posting=a_posting()), *documents)
        rows = [control_item(brief), *(document_item(brief.brief_id, d) for d in found)]
        put_many(self.clients["dynamodb"], tables.BRIEFS, rows)
        payee = PayoutAccount(
            account_id=STUDENT, provider="sandbox", destination="sandbox-account", status=PayoutStatus.READY
        )
        if self.accounts.payout_account(STUDENT) is None:
            self.accounts.save_payout_account(payee)

    @property
    def accounts(self) -> DynamoAccounts:
        return DynamoAccounts(self.clients["dynamodb"], tables.ACCOUNTS)

    def call(self, name: str, event: Any = None) -> Any:
        """What the sample's function answers to it, or to an event made of it."""
        event = copy.deepcopy(sample(name) if event is None else event)
        return self.functions[name.partition("/")[0]].handler(event, _CONTEXT)

    def control(self, brief_id: str) -> Any:
        """The brief's control item, as DynamoDB has it."""
        at = packed({"pk": brief_id, "sk": "control"})
        return self.clients["dynamodb"].get_item(TableName=tables.BRIEFS, Key=at)["Item"]

    def everything(self) -> list[str]:
        """All that is stored anywhere."""
        rows: list[Any] = [item.to_json() for name in TABLES for item in _playing("dynamodb").tables[name].all_items()]
        rows += [(key.name, key.version_id) for key in _playing("s3").buckets[BUCKET].keys.values()]
        return sorted(json.dumps(row, sort_keys=True, default=str) for row in rows) + self.groups()

    def groups(self) -> list[str]:
        """The groups of the account that the samples sign up and assign."""
        user = _playing("cognito-idp").admin_get_user(self.pool_id, NEWCOMER)
        return sorted(group.group_name for group in user.groups)

    @contextmanager
    def counting(self, service: str = "dynamodb") -> Iterator[list[str]]:
        """The calls that a service gets meanwhile, counted where botocore sends them."""
        sent: list[str] = []

        def note(model: Any, **_: Any) -> None:
            sent.append(model.name)

        events = self.clients[service].meta.events
        events.register("before-call", note)
        yield sent
        events.unregister("before-call", note)


_BRIEF_ID: str = sample("lapse/submission_deadline")["brief_id"]
BRIEF = _BRIEF_ID
APPLICATION = derived_id("application", BRIEF, STUDENT)
_OWN: dict[str, Any] = {"brief_id": BRIEF, "employer_id": EMPLOYER}


def the_brief(state: State, *further: Action) -> Brief:
    """The samples' brief, led to this state by the real rules."""
    brief = led(brief_in(state), *further)
    picked = {"student_id": STUDENT, "application_id": APPLICATION} if brief.student_id else {}
    return brief.model_copy(update={**_OWN, **picked})


def application(student_id: str) -> Application:
    body = BODIES["post /briefs/{brief_id}/applications"]
    application_id = derived_id("application", BRIEF, student_id)
    return Application(application_id=application_id, student_id=student_id, applied_at=NOW, **_OWN, **body)


def file(deliverable: str, file_id: str, status: FileStatus, at: datetime = NOW) -> StoredFile:
    received: dict[str, Any] = {"received_at": at, "version_id": "v1"} if status is FileStatus.RECEIVED else {}
    announced: dict[str, Any] = BODIES["post /briefs/{brief_id}/files"] | {
        "deliverable": deliverable,
        "purpose": Purpose.DELIVERABLE,
    }
    fixed: dict[str, Any] = {
        "file_id": file_id,
        "brief_id": BRIEF,
        "uploaded_by": STUDENT,
        "role": Role.STUDENT,
        "asked_at": NOW,
    }
    return StoredFile(**announced, **fixed, **received, status=status, body="fingerprint")


def documents_of(state: State) -> list[Document]:
    """Two applications once the brief opened; all deliverables once it was awarded."""
    if state is State.POSTED:
        return []
    applied: list[Document] = [application(STUDENT), application(RIVAL)]
    if state is State.OPEN:
        return applied
    handed_in = BODIES["post /briefs/{brief_id}/submissions"]["files"]
    return applied + [file(f["deliverable"], f["file_id"], FileStatus.RECEIVED) for f in handed_in]


def sources() -> list[Path]:
    """Every function's handler."""
    return sorted(ROOT.glob("functions/*/handler.py"))

"""One brief with everything around it on an AWS that moto plays, and the functions that a sample is given to."""

import copy
import hashlib
import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest import mock

from moto.backends import get_backend

from microintern.adapters.accounts import DynamoAccounts
from microintern.adapters.audit import DynamoAudit
from microintern.adapters.briefs import DynamoBriefs, control_item, document_item
from microintern.adapters.cohorts import DynamoCohorts
from microintern.adapters.credentials import DynamoCredentials
from microintern.adapters.dynamo import packed, put_many, unpacked
from microintern.adapters.files import S3FileStore, object_key
from microintern.adapters.ledger import DynamoLedger
from microintern.adapters.mailing import DynamoMailings
from microintern.adapters.organisations import DynamoOrganisations
from microintern.adapters.payments.sandbox import DynamoSandboxStore
from microintern.adapters.records import DynamoRecords
from microintern.adapters.sealing import KmsSealer
from microintern.adapters.searches import DynamoSearches
from microintern.adapters.standings import DynamoStandings
from microintern.adapters.students import DynamoStudents
from microintern.adapters.talent import DynamoTalent
from microintern.adapters.webhooks import DynamoDeliveries, DynamoEndpoints
from microintern.domain.accounts import PayoutAccount, Profile
from microintern.domain.agreements import Agreed
from microintern.domain.audit import AuditEntry
from microintern.domain.base import derived_id
from microintern.domain.brief import Brief, Command
from microintern.domain.check_ins import asked_at
from microintern.domain.cohorts import Cohort, Enrolment, seen_until
from microintern.domain.credentials import Credential, granted
from microintern.domain.credits import Credit
from microintern.domain.documents import (
    Application,
    Content,
    Document,
    FileStatus,
    Purpose,
    Review,
    ScanStatus,
    StoredFile,
    Submission,
    SubmittedFile,
)
from microintern.domain.events import CloudEvent
from microintern.domain.fit import work_of
from microintern.domain.ledger import Transfer
from microintern.domain.organisations import (
    Invitation,
    MemberRole,
    Membership,
    Organisation,
    OrganisationCategory,
    OrganisationState,
)
from microintern.domain.payments import PayoutStatus
from microintern.domain.policy import Policy
from microintern.domain.searching import SavedSearch, SavedSearches, Wanted
from microintern.domain.states import Action, Role, State
from microintern.domain.status_lists import place_of
from microintern.domain.talent import Candidate, Offer
from microintern.domain.trail import Event
from microintern.domain.webhooks import SUBSCRIBABLE, Delivery, Endpoint, a_delivery
from microintern.web.gate import gate
from tests.contract import tables
from tests.contract.kms_double import KEY_ARN
from tests.twins.clock import MemoryClock
from tests.unit.builders import BODIES, NOW, ROOT, a_posting, brief_in, led

SAMPLES = ROOT / "events/samples"
PATHS = sorted(SAMPLES.glob("*/*.json"))
NAMES = [f"{path.parent.name}/{path.stem}" for path in PATHS]

EMPLOYER = "b3d45842-7031-7063-3a1e-5c1f0f6d2a10"
ORGANISATION = derived_id("organisation", EMPLOYER)
"""The employer's organisation, which an operator has approved."""
INVITATION = derived_id("invitation", ORGANISATION, "sample")
STUDENT = "c3e45842-7031-7063-3a1e-5c1f0f6d2a11"
SEARCH = derived_id("search", STUDENT, "sample")
RIVAL = "d3f45842-7031-7063-3a1e-5c1f0f6d2a12"
NEWCOMER = "e3045842-7031-7063-3a1e-5c1f0f6d2a13"
EDUCATOR = "a3f45842-7031-7063-3a1e-5c1f0f6d2a15"
INSTITUTION = derived_id("organisation", EDUCATOR)
"""The educator's, which is there for the samples of cohorts."""
COHORT = derived_id("cohort", INSTITUTION, "sample")
CREDIT = derived_id("credit", COHORT, STUDENT, "sample")
STRANGER = "00045842-7031-7063-3a1e-5c1f0f6d2a99"
OPERATOR = "f3145842-7031-7063-3a1e-5c1f0f6d2a14"
TABLES = (
    *(tables.BRIEFS, tables.ACCOUNTS, tables.LEDGER, tables.SANDBOX, tables.AUDIT, tables.TRAIL),
    *(tables.RECORDS, tables.CREDENTIALS, tables.WEBHOOKS, tables.SEARCH, tables.PORTFOLIOS),
)
BUCKET, BUS, GROUP, POOL = "files", "bus", "deadlines", "pool"
ACCOUNT, REGION = "123456789012", "eu-west-1"
MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:brief"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/any"
LATER = NOW + timedelta(hours=1)
"""When the samples' commands arrive."""

PUBLIC_URL = "https://api.example.com"
"""What the samples' credentials are found under."""

SECRET = "whsec_c2FtcGxlcy1hcmUtc2lnbmVkLXdpdGgtdGhpcy1rZXk="
"""What the samples of webhooks are signed with."""
PROVIDER_ACCOUNT = "microintern-sample"
LATE_S = 60
LEAST_PART = 5 * 1_048_576
FILE_IN_PARTS = "dyjc2nq7k5w4tq3dz6m2p7xh5e"
KEEP_FAILURES = (
    "settlement",
    "lapse",
    "brief_stream",
    "account_stream",
    "file_received",
    "scan",
    "scan_result",
    "preview",
    "notify",
    "records",
    "issue_credential",
    "credential_stream",
    "webhook_dispatch",
    "keep_candidates",
    "index_briefs",
    "match_searches",
    "keep_experience",
    "send_mail",
    "mail_returns",
    "draw_agreement",
    "portfolio_stream",
)
"""The functions whose failures are kept; each has a queue of its name."""
UNDELIVERED, DELIVERIES = "sandbox_delivery", "sandbox"
WEBHOOKS_UNDELIVERED, WEBHOOK_QUEUE = "webhook_delivery", "webhooks"
FED = {UNDELIVERED: DELIVERIES, WEBHOOKS_UNDELIVERED: WEBHOOK_QUEUE}
"""The functions that are fed by a queue, whose dead letters go back there."""
QUEUES = (*KEEP_FAILURES, *FED, *FED.values())
SECRETS_KEY = "alias/secrets"
SENDER, MAIL_KEYS = "notices@example.com", "mail-keys"
MAIL_KEY = "samples-are-signed-with-this-key"
"""What the links of the samples are signed with."""


def queue_url(name: str) -> str:
    """The address of a queue here."""
    return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"


ENVIRONMENT = {
    "BRIEF_TABLE": tables.BRIEFS,
    "ACCOUNT_TABLE": tables.ACCOUNTS,
    "LEDGER_TABLE": tables.LEDGER,
    "SANDBOX_TABLE": tables.SANDBOX,
    "AUDIT_TABLE": tables.AUDIT,
    "TRAIL_TABLE": tables.TRAIL,
    "RECORD_TABLE": tables.RECORDS,
    "SEARCH_TABLE": tables.SEARCH,
    "PORTFOLIO_TABLE": tables.PORTFOLIOS,
    "PAYMENTS": "sandbox",
    "SANDBOX_QUEUE_URL": queue_url(DELIVERIES),
    "SANDBOX_LATE_S": str(LATE_S),
    "PAYMENT_ACCOUNT": PROVIDER_ACCOUNT,
    "PAYMENT_SECRET_ARN": "payment-keys",
    "ORIGIN_SECRET_ARN": "",
    "WEBHOOK_URL": "http://127.0.0.1:9/webhooks/payments",
    "SETTLEMENT_FUNCTION": "settlement",
    "FILE_RECEIVED_FUNCTION": "file_received",
    "SCAN_FUNCTION": "scan",
    "DEAD_LETTERS": json.dumps(
        {name: {"queue_url": queue_url(name), "function": name} for name in KEEP_FAILURES}
        | {
            name: {"queue_url": queue_url(name), "function": "", "source_queue_url": queue_url(source)}
            for name, source in FED.items()
        }
    ),
    "EMAIL_FROM": f"Microintern <{SENDER}>",
    "CONFIGURATION_SET": "microintern-samples",
    "MAIL_SECRET_ARN": MAIL_KEYS,
    "WEB_ORIGIN": "https://app.example.com",
    "WEBHOOK_TABLE": tables.WEBHOOKS,
    "WEBHOOK_QUEUE_URL": queue_url(WEBHOOK_QUEUE),
    "WEBHOOKS_TO_LOOPBACK": "true",
    "SECRETS_KEY": SECRETS_KEY,
    "FILES_BUCKET": BUCKET,
    "SIGNING_KEY": KEY_ARN,
    "CREDENTIAL_TABLE": tables.CREDENTIALS,
    "CREDENTIAL_KEY": KEY_ARN,
    "PUBLIC_URL": PUBLIC_URL,
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
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",  # moto does not know the addresses with an account's id
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
        self.scanned: list[dict[str, Any]] = []
        """What the local scanner said."""
        self.asked: list[tuple[str, Any]] = []
        self.mails: list[dict[str, Any]] = []
        """What SES was asked to send."""
        self.pool_id = ""
        self._employed: dict[str, Any] = {}

    def build(self) -> None:
        """Tables, bucket, bus, pool, workflow, schedules, queues, the provider's keys."""
        tables.make(self.clients["dynamodb"])
        stream: Any = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
        for table in (tables.BRIEFS, tables.ACCOUNTS, tables.CREDENTIALS, tables.PORTFOLIOS):
            self.clients["dynamodb"].update_table(TableName=table, StreamSpecification=stream)
        for name in QUEUES:
            assert self.clients["sqs"].create_queue(QueueName=name)["QueueUrl"] == queue_url(name)
        keys = json.dumps({"webhook_secret": SECRET})
        self.clients["secretsmanager"].create_secret(Name="payment-keys", SecretString=keys)
        self.clients["secretsmanager"].create_secret(Name=MAIL_KEYS, SecretString=json.dumps({"key": MAIL_KEY}))
        self.clients["sesv2"].create_email_identity(EmailIdentity=SENDER)
        key_id = self.clients["kms"].create_key()["KeyMetadata"]["KeyId"]
        self.clients["kms"].create_alias(AliasName=SECRETS_KEY, TargetKeyId=key_id)
        location: Any = {"LocationConstraint": REGION}
        self.clients["s3"].create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration=location, ObjectLockEnabledForBucket=True
        )
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
        self.scanned.clear()
        self.asked.clear()
        self.mails.clear()
        gate().forget()
        self.functions["status_lists"].lists.forget()
        for table in (_playing("dynamodb").tables[name] for name in TABLES):
            table.items.clear()
            if table.stream_shard:  # a transaction copies it with the table
                table.stream_shard.items.clear()
        self._employ()
        for name in QUEUES:
            queue = _playing("sqs").queues[name]
            queue._messages, queue._pending_messages = [], set()
        _playing("s3").buckets[BUCKET].keys.clear()
        _playing("scheduler").schedule_groups[GROUP].schedules.clear()
        _playing("stepfunctions").state_machines[0].executions.clear()
        for group in self.groups():
            of_user = {"UserPoolId": self.pool_id, "Username": NEWCOMER, "GroupName": group}
            self.clients["cognito-idp"].admin_remove_user_from_group(**of_user)
        self.newcomer().enabled = True

    def _employ(self) -> None:
        """The employer acts for an approved organisation; made once, as a call through botocore takes long."""
        accounts = _playing("dynamodb").tables[tables.ACCOUNTS]
        if not self._employed:
            times: dict[str, Any] = {"since": NOW, "founded_at": NOW}
            named: dict[str, Any] = {"name": "Open Wages Institute", "founded_by": EMPLOYER, "body": "body"}
            founded = Organisation(organisation_id=ORGANISATION, **named, **times)
            owner = {"account_id": EMPLOYER, "role": MemberRole.OWNER, "since": NOW}
            self.organisations.found(founded, Membership.model_validate({"organisation_id": ORGANISATION, **owner}))
            approved = {"state": OrganisationState.APPROVED, "version": 2}
            self.organisations.decide(founded.model_copy(update=approved))
            self._employed = copy.deepcopy(dict(accounts.items))
        accounts.items.update(copy.deepcopy(self._employed))

    def invite(self) -> None:
        """The employer has invited somebody, by the code of the sample."""
        _, _, secret = BODIES["post /me/organisation"]["code"].split(".")
        hashed = hashlib.sha256(secret.encode()).hexdigest()
        made: dict[str, Any] = {"organisation_id": ORGANISATION, "invitation_id": INVITATION, "code_hash": hashed}
        until: dict[str, Any] = {"invited_at": NOW, "expires_at": NOW + timedelta(days=7)}
        self.organisations.invite(
            Invitation(role=MemberRole.MEMBER, body="fingerprint", invited_by=EMPLOYER, **made, **until)
        )

    def join(self) -> None:
        """The newcomer has accepted."""
        (invitation,) = self.organisations.invitations(ORGANISATION)
        accepted = invitation.model_copy(update={"accepted_by": NEWCOMER, "accepted_at": NOW})
        member = {"organisation_id": ORGANISATION, "account_id": NEWCOMER, "role": MemberRole.MEMBER, "since": NOW}
        self.organisations.join(accepted, Membership.model_validate(member), 50)

    def mailable(self, account_id: str = STUDENT, email: str = "amara@example.com", verified: str = "true") -> None:
        """Somebody who signed up with this address."""
        cognito = self.clients["cognito-idp"]
        at = {"UserPoolId": self.pool_id, "Username": account_id}
        attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": verified}]
        with suppress(cognito.exceptions.UsernameExistsException):
            cognito.admin_create_user(**at, MessageAction="SUPPRESS")
        cognito.admin_update_user_attributes(**at, UserAttributes=attributes)

    def connect(self, url: str = "https://hooks.example.com/microintern", **changes: Any) -> Endpoint:
        """The organisation has an endpoint that the samples are about."""
        fixed: dict[str, Any] = {"organisation_id": ORGANISATION, "endpoint_id": ENDPOINT, "created_by": EMPLOYER}
        sealed = KmsSealer(self.clients["kms"], SECRETS_KEY).seal(
            WEBHOOK_SECRET, {"organisation_id": ORGANISATION, "endpoint_id": ENDPOINT}
        )
        asked: dict[str, Any] = {"url": url, "event_types": SUBSCRIBABLE, "secrets": [{"sealed": sealed}]}
        made: dict[str, Any] = {"issued_by": "key", "created_at": NOW, "body": "fingerprint"}
        endpoint = Endpoint.model_validate({**fixed, **asked, **made, **changes})
        DynamoEndpoints(self.clients["dynamodb"], tables.ACCOUNTS).create(endpoint, 5)
        return endpoint

    def queued(self) -> Delivery:
        """The samples' event is on its way to it."""
        event = CloudEvent.model_validate(sample("webhook_dispatch/application_received")["detail"])
        delivery = a_delivery(self.connect(), event, NOW, 86_400)
        assert self.deliveries.add(delivery) is None
        return delivery

    @property
    def endpoint(self) -> Endpoint:
        """The samples' endpoint as it is now."""
        found = DynamoEndpoints(self.clients["dynamodb"], tables.ACCOUNTS).read(ORGANISATION, ENDPOINT)
        assert found
        return found

    @property
    def deliveries(self) -> DynamoDeliveries:
        return DynamoDeliveries(self.clients["dynamodb"], tables.WEBHOOKS)

    def meet(self, *, offered: bool) -> None:
        """Both students are candidates of the employer; the first is offered the brief, if so said."""
        until: dict[str, Any] = {"kept_until": NOW + timedelta(days=730)}
        for student_id in (STUDENT, RIVAL):
            met = Candidate(organisation_id=ORGANISATION, student_id=student_id, stage_since=NOW, **until)
            self.talent.save(met)
        if offered:
            known = met.model_copy(update={"student_id": STUDENT, "version": 2, "offered": [BRIEF]})
            made: dict[str, Any] = {"organisation_id": ORGANISATION, "offered_at": NOW, "offered_by": EMPLOYER}
            offer = Offer(student_id=STUDENT, brief_id=BRIEF, message="Would you do this one?", **made, **until)
            self.talent.save(known, offer)

    def follow(self, *, joined: bool = True, granted: bool = False) -> None:
        """The educator's institution has a cohort that the student is in, who did the brief; with credit for it."""
        now = LATER - timedelta(minutes=5)
        named: dict[str, Any] = {"organisation_id": INSTITUTION, "category": OrganisationCategory.INSTITUTION}
        founded: dict[str, Any] = {"name": "North City College", "founded_by": EDUCATOR, "body": "body"}
        institution = Organisation(since=now, founded_at=now, **named, **founded)
        owner = Membership(account_id=EDUCATOR, role=MemberRole.OWNER, since=now, **named)
        self.organisations.found(institution, owner)
        approved = {"state": OrganisationState.APPROVED, "version": 2}
        self.organisations.decide(institution.model_copy(update=approved))
        cohort = the_cohort(now)
        self.cohorts.save(cohort)
        done = the_brief(State.APPROVED)
        self.seed(done, the_review())
        self.students.record(STUDENT, BRIEF, work_of(done))
        self.accounts.save_profile(Profile(account_id=STUDENT, name="Amara Okafor"))
        if joined:
            enrolment = the_enrolment(cohort)
            self.cohorts.join(cohort, enrolment, 300)
        if granted:
            enrolment = enrolment.model_copy(update={"version": 2, "credits": [CREDIT]})
            assert self.credentials.issue(the_credit(cohort, now), enrolment) is None

    def watch(self) -> None:
        """The student has saved the search of the sample that takes it away."""
        wanted = Wanted(text="charts", words=["chart"])
        saved = SavedSearch(search_id=SEARCH, name="Charts", wanted=wanted, filed_under="word chart")
        self.searches.save(SavedSearches(account_id=STUDENT, searches=[saved], version=1), saved)

    def newcomer(self) -> Any:
        """The account that the samples sign up, assign and suspend, as the user pool has it."""
        return _playing("cognito-idp").admin_get_user(self.pool_id, NEWCOMER)

    def remembered(self, name: str) -> None:
        """The function that a sample is for has let in its caller a moment ago."""
        gate().admit(sample(name)["requestContext"]["authorizer"]["jwt"]["claims"]["sub"])

    def seed(self, brief: Brief, *documents: Document) -> None:
        """The brief as it is, over what was there, with what belongs to it."""
        found = (Content(posting=a_posting()), *documents)
        rows = [control_item(brief), *(document_item(brief.brief_id, d) for d in found)]
        put_many(self.clients["dynamodb"], tables.BRIEFS, rows)
        if self.accounts.payout_account(STUDENT) is None:
            self.payable("sandbox-account")

    def credit(self, *, public: bool) -> None:
        """The student has been issued the credential of the brief, and has made it public if so wished."""
        self.seed(the_brief(State.APPROVED), the_review())
        self.accounts.save_profile(Profile(account_id=STUDENT, name="Amara Okafor"))
        self.call("issue_credential/brief_approved")
        if public:
            self.call("credentials_api/choose", command("credentials_api/choose", key="to-make-it-public"))

    def amend(self) -> None:
        """The student has proposed an amendment."""
        assert self.call("amendments_api/propose_amendment")["statusCode"] == 201

    def until_asked(self) -> None:
        """The student is asked for the first time how the work is going."""
        self.clock.at = asked_at(the_brief(State.AWARDED))[0]

    def show(self) -> None:
        """The student's brief was approved, all of it stands on their page, which anybody finds by its link."""
        self.seed(the_brief(State.APPROVED), *documents_of(State.AWARDED), the_submission(), the_review())
        self.accounts.save_profile(Profile(account_id=STUDENT, name="Amara Okafor"))
        self.call("records/brief_approved")
        for name in ("save_portfolio", "share_portfolio", "show_brief", "decide_consent"):
            sent = command(f"portfolio_api/{name}", key=f"to-have-it-shown-{name}")
            answer = self.call(f"portfolio_api/{name}", sent)
            assert answer["statusCode"] == 200, answer["body"]

    def begin_upload(self) -> StoredFile:
        """A file that the student sends in two parts; none has arrived."""
        large = file("report", FILE_IN_PARTS, FileStatus.EXPECTED).model_copy(
            update={"size_bytes": LEAST_PART + 1, "part_bytes": LEAST_PART}
        )
        upload_id = S3FileStore(self.clients["s3"], BUCKET).start_upload(large)
        begun = large.model_copy(update={"upload_id": upload_id})
        put_many(self.clients["dynamodb"], tables.BRIEFS, [document_item(BRIEF, begun)])
        return begun

    def send_parts(self, large: StoredFile, *numbers: int) -> None:
        """What the student's client does with links; both parts, if none is named."""
        at: dict[str, Any] = {"Bucket": BUCKET, "Key": object_key(large.brief_id, large.file_id)}
        assert large.plan
        for number in numbers or (1, 2):
            body = bytes(large.plan.size_of(number))
            self.clients["s3"].upload_part(**at, UploadId=large.upload_id, PartNumber=number, Body=body)

    def payable(self, destination: str, status: PayoutStatus = PayoutStatus.READY, version: int = 1) -> None:
        """The student is paid there."""
        paid: dict[str, Any] = {"provider": "sandbox", "destination": destination, "usable_at": NOW}
        account = PayoutAccount(account_id=STUDENT, status=status, version=version, **paid)
        self.accounts.save_payout_account(account)

    @property
    def accounts(self) -> DynamoAccounts:
        return DynamoAccounts(self.clients["dynamodb"], tables.ACCOUNTS)

    @property
    def briefs(self) -> DynamoBriefs:
        return DynamoBriefs(self.clients["dynamodb"], tables.BRIEFS, tables.ACCOUNTS)

    @property
    def organisations(self) -> DynamoOrganisations:
        return DynamoOrganisations(self.clients["dynamodb"], tables.ACCOUNTS)

    @property
    def talent(self) -> DynamoTalent:
        return DynamoTalent(self.clients["dynamodb"], tables.ACCOUNTS)

    @property
    def cohorts(self) -> DynamoCohorts:
        return DynamoCohorts(self.clients["dynamodb"], tables.ACCOUNTS)

    @property
    def credentials(self) -> DynamoCredentials:
        return DynamoCredentials(self.clients["dynamodb"], tables.CREDENTIALS, tables.ACCOUNTS)

    @property
    def searches(self) -> DynamoSearches:
        return DynamoSearches(self.clients["dynamodb"], tables.SEARCH, tables.ACCOUNTS)

    @property
    def students(self) -> DynamoStudents:
        return DynamoStudents(self.clients["dynamodb"], tables.ACCOUNTS)

    @property
    def mailings(self) -> DynamoMailings:
        return DynamoMailings(self.clients["dynamodb"], tables.ACCOUNTS)

    @property
    def standings(self) -> DynamoStandings:
        return DynamoStandings(self.clients["dynamodb"], tables.ACCOUNTS)

    @property
    def ledger(self) -> DynamoLedger:
        return DynamoLedger(self.clients["dynamodb"], tables.LEDGER, tables.BRIEFS)

    @property
    def records(self) -> DynamoRecords:
        return DynamoRecords(self.clients["dynamodb"], tables.RECORDS)

    @property
    def provider_knows(self) -> DynamoSandboxStore:
        return DynamoSandboxStore(self.clients["dynamodb"], tables.SANDBOX)

    @property
    def transfers(self) -> list[Transfer]:
        """The transfers of the samples' brief."""
        return self.ledger.transfers(BRIEF)

    def findings(self, *, needs_person: bool) -> list[AuditEntry]:
        """One list of the audit trail, the oldest first."""
        audit = DynamoAudit(self.clients["dynamodb"], tables.AUDIT)
        return list(reversed(audit.entries(needs_person=needs_person, limit=100).items))

    def messages(self, queue: str) -> list[str]:
        """The bodies of what waits in a queue, taken out or not."""
        return [message.body for message in _playing("sqs").queues[queue]._messages]

    def invoke(self, FunctionName: str, Payload: bytes, InvocationType: str = "RequestResponse") -> Any:  # noqa: N803
        """Lambda's own call: the function runs here, or is only asked for when nobody waits for it."""
        event = json.loads(Payload)
        if InvocationType == "Event":
            self.asked.append((FunctionName, event))
            return {"StatusCode": 202, "Payload": io.BytesIO()}
        try:
            result = self.functions[FunctionName].handler(event, _CONTEXT)
        except Exception as error:
            failed = json.dumps({"errorMessage": str(error), "errorType": type(error).__name__}).encode()
            return {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": io.BytesIO(failed)}
        return {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(result).encode())}

    def call(self, name: str, event: Any = None) -> Any:
        """What the sample's function answers to it, or to an event made of it."""
        event = copy.deepcopy(sample(name) if event is None else event)
        return self.functions[name.partition("/")[0]].handler(event, _CONTEXT)

    def control(self, brief_id: str) -> Any:
        """The brief's control item, as DynamoDB has it."""
        at = packed({"pk": brief_id, "sk": "control"})
        return self.clients["dynamodb"].get_item(TableName=tables.BRIEFS, Key=at)["Item"]

    def document(self, key: str) -> dict[str, Any]:
        """A document of the samples' brief, as DynamoDB has it, in plain values."""
        at = packed({"pk": BRIEF, "sk": key})
        return unpacked(self.clients["dynamodb"].get_item(TableName=tables.BRIEFS, Key=at)["Item"])

    def everything(self, without: str = "") -> list[str]:
        """All that is stored anywhere, but for what is in the table `without`."""
        kept = [_playing("dynamodb").tables[name] for name in TABLES if name != without]
        rows: list[Any] = [item.to_json() for table in kept for item in table.all_items()]
        rows += [(key.name, key.version_id) for key in _playing("s3").buckets[BUCKET].keys.values()]
        return sorted(json.dumps(row, sort_keys=True, default=str) for row in rows) + self.groups()

    def groups(self) -> list[str]:
        """The groups of the account that the samples sign up and assign."""
        return sorted(group.group_name for group in self.newcomer().groups)

    @contextmanager
    def hearing(self, *statuses: int) -> Iterator[list[tuple[dict[str, str], str]]]:
        """An address that the sandbox's webhooks are delivered to meanwhile, answered 202 or in turn as said.

        What came: headers and body.
        """
        heard: list[tuple[dict[str, str], str]] = []

        class Receiver(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(statuses[len(heard) - 1] if statuses else 202)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        module = self.functions["sandbox_delivery"]
        url = f"http://127.0.0.1:{server.server_port}/webhooks/payments"
        with mock.patch.object(module, "settings", module.settings.model_copy(update={"webhook_url": url})):
            yield heard
        server.shutdown()
        server.server_close()

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


def metrics(printed: str) -> dict[str, list[float]]:
    """The metrics that functions emitted, by name, from what they printed."""
    found: dict[str, list[float]] = {}
    for line in printed.splitlines():
        if line.startswith('{"_aws"'):
            emitted = json.loads(line)
            assert emitted["service"] == "microintern"
            for metric in emitted["_aws"]["CloudWatchMetrics"][0]["Metrics"]:
                found.setdefault(metric["Name"], []).extend(emitted[metric["Name"]])
    return found


ENDPOINT: str = sample("webhooks_api/change_webhook")["pathParameters"]["endpoint_id"]
WEBHOOK_SECRET = "whsec_b25seS13aGF0LXNhbXBsZXMtYXJlLXNpZ25lZC13aXRo"
_BRIEF_ID: str = sample("lapse/submission_deadline")["brief_id"]
BRIEF = _BRIEF_ID
APPLICATION = Application.id_of(BRIEF, STUDENT)
_OWN: dict[str, Any] = {"brief_id": BRIEF, "employer_id": ORGANISATION}


def the_brief(state: State, *further: Action) -> Brief:
    """The samples' brief, led to this state by the real rules."""
    brief = led(brief_in(state), *further)
    picked = {"student_id": STUDENT, "application_id": APPLICATION} if brief.student_id else {}
    return brief.model_copy(update={**_OWN, **picked})


def application(student_id: str) -> Application:
    body = BODIES["post /briefs/{brief_id}/applications"]
    application_id = Application.id_of(BRIEF, student_id)
    applied = Event(type="application.received", at=NOW, role=Role.STUDENT, actor_id=student_id)
    own: dict[str, Any] = {"application_id": application_id, "student_id": student_id, "event": applied}
    agreed = Agreed.now(BRIEF, a_posting(), Policy())
    return Application(applied_at=NOW, agreed=agreed, **own, **_OWN, **body)


def file(deliverable: str, file_id: str, status: FileStatus, at: datetime = NOW) -> StoredFile:
    received: dict[str, Any] = {}
    if status is FileStatus.RECEIVED:
        received = {"received_at": at, "version_id": "v1", "scan": ScanStatus.CLEAN, "scanned_at": at}
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
    awarded = application(STUDENT).model_copy(update={"awarded_at": NOW})
    handed_in = BODIES["post /briefs/{brief_id}/submissions"]["files"]
    return [awarded, *applied[1:]] + [file(f["deliverable"], f["file_id"], FileStatus.RECEIVED) for f in handed_in]


def the_submission() -> Submission:
    """What was handed in first."""
    files = [found for found in documents_of(State.AWARDED) if isinstance(found, StoredFile)]
    pinned = [
        SubmittedFile.model_validate(found.model_dump(include=set(SubmittedFile.model_fields))) for found in files
    ]
    return Submission(number=1, files=pinned, submitted_at=NOW, received_at=NOW)


def the_review() -> Review:
    """The review by which the brief was approved."""
    approval = BODIES["post /briefs/{brief_id}/approval"]
    said = {"scores": approval["scores"], "feedback": approval["feedback"], "score_percent": 92}
    return Review.model_validate({"number": 1, "decision": "approve", "reviewed_at": NOW, **said})


def the_cohort(made_at: datetime) -> Cohort:
    """The samples' cohort, as it was asked for, with the samples' code."""
    asked = BODIES["post /organisations/{organisation_id}/cohorts"]
    _, _, secret = BODIES["post /me/cohorts"]["code"].split(".")
    terms = {name: asked[name] for name in ("starts_on", "ends_on", "scores")}
    made: dict[str, Any] = {"made_at": made_at, "made_by": EDUCATOR, "body": "body"}
    return Cohort.model_validate(
        {
            "cohort_id": COHORT,
            "organisation_id": INSTITUTION,
            **{name: asked[name] for name in ("name", "about", "rules", "hours_wanted")},
            "terms": {**terms, "seen_until": seen_until(date.fromisoformat(asked["ends_on"]), Policy())},
            "code_hash": hashlib.sha256(secret.encode()).hexdigest(),
            "code_expires_at": made_at + timedelta(days=30),
            "event": Event(type="cohort.made", at=made_at, role=Role.EDUCATOR, actor_id=EDUCATOR),
            **made,
        }
    )


def the_enrolment(cohort: Cohort) -> Enrolment:
    """The student's consent to all of it."""
    joined = Event(type="cohort.joined", at=cohort.made_at, role=Role.STUDENT, actor_id=STUDENT)
    of_cohort: dict[str, Any] = {"cohort_id": COHORT, "organisation_id": INSTITUTION, "terms": cohort.terms}
    return Enrolment(student_id=STUDENT, consented_at=cohort.made_at, event=joined, **of_cohort)


def the_credit(cohort: Cohort, at: datetime) -> Credential:
    """The credit that the student was granted."""
    assert cohort.rules
    period: dict[str, Any] = {"starts_on": cohort.terms.starts_on, "ends_on": cohort.terms.ends_on}
    named: dict[str, Any] = {"organisation_id": INSTITUTION, "institution_name": "North City College"}
    of_cohort: dict[str, Any] = {"cohort_id": COHORT, "cohort_name": cohort.name, "rules": cohort.rules}
    credit = Credit(hundredths=120, hours=12, briefs=1, **period, **named, **of_cohort)
    by = Command(actor_id=EDUCATOR, role=Role.EDUCATOR, key="key", body="body")
    return granted(CREDIT, STUDENT, credit, place_of(CREDIT, 0), SIGNED_CREDIT, by, at)


SIGNED_CREDIT = json.dumps({"id": f"https://api.example.com/credentials/{CREDIT}"})
"""What stands for the signed document where nobody looks into it."""


def sources() -> list[Path]:
    """Every function's handler."""
    return sorted(ROOT.glob("functions/*/handler.py"))

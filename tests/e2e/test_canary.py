"""Nothing that people write about themselves is anywhere but in the tables and files that are for it.

Canaries fly in every personal field of every request, as the OpenAPI document names them, so that a field that is new
is covered, or fails this test. They see a journey with a revision and a dispute, refusals of every kind of caller,
functions that fail at what somebody wrote, and dead letters. Then every place is searched where none may be.
"""

import json
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from infra.local.accounts import create_account
from infra.local.caller import BODIES, Caller, Refused, SampleFile, announcement, posting, send
from infra.local.inspection import execution_status
from infra.local.stack import LocalStack
from infra.local.steps import ROOT
from tests.e2e import canaries as look
from tests.e2e.canaries import DOCUMENT, Canaries, sightings
from tests.e2e.people import ONE_DELIVERABLE, People

pytestmark = pytest.mark.local_stack

ROLES = ("employer", "student", "educator", "operator")
BRIEF = "/briefs/{brief_id}"
NOT_THERE = "zzzzzzzzzzzzzzzzzzzzzzzzzz"
SHARES = {"student": 1, "employer": 1}


class Flight:
    """Everybody whose requests carry canaries."""

    def __init__(self, stack: LocalStack) -> None:
        self.stack, self.canaries = stack, Canaries()
        self.queue_url = self._capture()
        self.people = {role: self._someone(role) for role in ROLES}
        self.employer, self.student = self.people["employer"], self.people["student"]
        self.operator = self.people["operator"]
        founded = self.employer.post("/organisations", self.body("post /organisations"))
        approval = self.body("put /organisations/{organisation_id}/state", state="approved")
        self.operator.put(f"/organisations/{founded['organisation_id']}/state", approval)
        self.student.put("/me/payout-account", self.body("put /me/payout-account"))

    def body(self, operation: str, **changes: Any) -> Any:
        return self.canaries.body(operation, **changes)

    def _someone(self, role: str) -> Caller:
        account = create_account(self.stack, role, self.canaries.email(f"{role}-{uuid.uuid4()}"))
        person = Caller(self.stack.outputs.api_url, account.access_token, role)
        person.put("/me/profile", self.body("put /me/profile"))
        return person

    def _capture(self) -> str:
        """A queue that gets every event of the bus."""
        sqs, events, bus = self.stack.client("sqs"), self.stack.client("events"), self.stack.outputs.event_bus
        url: str = sqs.create_queue(QueueName="captured-events")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        pattern = json.dumps({"source": ["microintern"]})
        events.put_rule(Name="captured-events", EventBusName=bus, EventPattern=pattern)
        events.put_targets(Rule="captured-events", EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])
        return url

    def on_brief(self, who: Caller, brief_id: str, part: str, **changes: Any) -> Any:
        return who.post(f"/briefs/{brief_id}/{part}", self.body(f"post {BRIEF}/{part}", **changes))

    def awarded(self) -> str:
        """A brief that was posted, funded, applied for and awarded."""
        body = self.body("post /briefs", **posting(deliverables=ONE_DELIVERABLE))
        brief_id: str = self.employer.post("/briefs", body)["brief_id"]
        self.on_brief(self.employer, brief_id, "funding")
        self.employer.wait_for(brief_id, "open")
        application = self.on_brief(self.student, brief_id, "applications")
        self.employer.post(f"/briefs/{brief_id}/award", {"application_id": application["application_id"]})
        return brief_id

    def hand_in(self, brief_id: str) -> str:
        """A file under a telling name, handed in with a note; its id."""
        file = SampleFile("answer.txt", "text/plain", b"The answer is in the appendix.\n", "answer")
        body = self.body(f"post {BRIEF}/files", **announcement(file, "deliverable"))
        announced = self.student.post(f"/briefs/{brief_id}/files", body)
        send(announced, file._replace(name=body["name"]))
        file_id: str = announced["file"]["file_id"]
        assert self.student.checked(brief_id, file_id)["scan"] == "clean"
        files = [{"deliverable": "answer", "file_id": file_id}]
        self.on_brief(self.student, brief_id, "submissions", files=files)
        return file_id

    def settled(self, brief_id: str) -> None:
        done = lambda: execution_status(self.stack, brief_id) == "SUCCEEDED"  # noqa: E731
        self.operator.wait_until("the workflow ends", done, 60)


def revised_and_disputed(flight: Flight) -> None:
    """A revision, a dispute that both sides are heard in, a decision that is taken back and made anew."""
    brief_id = flight.awarded()
    flight.hand_in(brief_id)
    flight.on_brief(flight.employer, brief_id, "change-requests", submission_number=1)
    file_id = flight.hand_in(brief_id)
    flight.on_brief(flight.employer, brief_id, "dispute", file_ids=[file_id])
    flight.on_brief(flight.student, brief_id, "dispute/answer", file_ids=[file_id])
    decision = {"split": None, "shares": SHARES}
    flight.on_brief(flight.operator, brief_id, "dispute/resolution", **decision)
    flight.on_brief(flight.operator, brief_id, "dispute/reopening")
    flight.on_brief(flight.operator, brief_id, "dispute/resolution", **decision)
    flight.settled(brief_id)


def approved(flight: Flight) -> None:
    """Approved at once, read by everybody, downloaded."""
    brief_id = flight.awarded()
    file_id = flight.hand_in(brief_id)
    flight.on_brief(flight.employer, brief_id, "approval", submission_number=1)
    flight.employer.download(brief_id, file_id)
    for part in ("", "/timeline", "/audit", "/files", "/submissions", "/reviews", "/ledger"):
        for who in flight.people.values():
            with suppress(Refused):
                who.get(f"/briefs/{brief_id}{part}")
    flight.settled(brief_id)
    credited(flight, brief_id)


def credited(flight: Flight, brief_id: str) -> None:
    """The credential is shown with everything that is in it, looked at by anybody, and revoked."""
    own: list[str] = []

    def is_issued() -> bool:
        own.extend(c["credential_id"] for c in flight.student.pages("/me/credentials") if c["brief_id"] == brief_id)
        return bool(own)

    flight.student.wait_until("the credential is issued", is_issued, 60)
    shown = BODIES["put /me/credentials/{credential_id}/visibility"]
    credential = flight.student.put(f"/me/credentials/{own[0]}/visibility", shown)["credential"]
    Caller(flight.student.api_url, None).command("POST", "/credentials/verification", credential)
    revocation = flight.body("post /credentials/{credential_id}/revocation")
    flight.operator.post(f"/credentials/{own[0]}/revocation", revocation)


def refused(flight: Flight) -> None:
    """Every request with a canary, by everybody, about nothing that there is; and bodies that no model takes."""
    for operation in flight.canaries.fields:
        method, path = operation.split(" ")
        at, body = re.sub(r"{\w+}", NOT_THERE, path), flight.body(operation)
        for who in flight.people.values():
            with suppress(Refused):
                who.command(method.upper(), at, body)
            with suppress(Refused):
                who.command(method.upper(), at, {**body, look.MARK: look.MARK, "hours": f"{look.MARK} hours"})


def failing(flight: Flight) -> None:
    """What somebody wrote lies in a shape that no function can read: one answers 500, one leaves a dead letter."""
    outputs, dynamodb = flight.stack.outputs, flight.stack.client("dynamodb")
    account_id = flight.people["educator"].get("/me")["account_id"]
    at = {"pk": {"S": account_id}, "sk": {"S": "profile"}}
    about = f"I am {look.MARK}poisoned"
    profile = {**at, "account_id": {"S": account_id}, "name": {"L": [{"S": about}]}, "version": {"S": about}}
    dynamodb.put_item(TableName=outputs.account_table, Item=profile)
    with pytest.raises(Refused) as refused:
        flight.people["educator"].get("/me")
    assert refused.value.status == 500
    brief_id = flight.awarded()
    application = {"pk": {"S": brief_id}, "sk": {"S": "application#poisoned"}, "kind": {"S": "application"}}
    dynamodb.put_item(TableName=outputs.brief_table, Item={**application, "statement": {"S": about}})
    call = {"FunctionName": outputs.function_notify, "InvocationType": "Event"}
    flight.stack.client("lambda").invoke(**call, Payload=json.dumps(_awarded(brief_id)).encode())
    flight.operator.wait_until("the stream's function gives up", lambda: _letters(flight.stack, "brief_stream"), 240)
    dynamodb.delete_item(TableName=outputs.account_table, Key=at)
    dynamodb.delete_item(TableName=outputs.brief_table, Key={name: application[name] for name in ("pk", "sk")})


def _awarded(brief_id: str) -> dict[str, Any]:
    """EventBridge's call about a brief that was awarded."""
    event: dict[str, Any] = json.loads((ROOT / "events/samples/notify/brief_awarded.json").read_text(encoding="utf-8"))
    event["detail"]["data"]["brief_id"] = event["detail"]["subject"] = brief_id
    return event


def _letters(stack: LocalStack, name: str) -> int:
    client = stack.client("sqs")
    short = name.replace("_", "")
    urls = [url for url in client.list_queues()["QueueUrls"] if short in url.lower() and "deadletter" in url.lower()]
    count = "ApproximateNumberOfMessages"
    read = [client.get_queue_attributes(QueueUrl=url, AttributeNames=[count])["Attributes"] for url in urls]
    return sum(int(attributes[count]) for attributes in read)


@pytest.fixture(scope="module")
def flight(stack: LocalStack, people: People) -> Flight:
    """All canaries have flown. `people` has warmed the functions up."""
    flight = Flight(stack)
    for journey in (approved, revised_and_disputed, refused, failing):
        journey(flight)
    return flight


def test_every_personal_field_of_every_request_had_one(flight: Flight) -> None:
    assert flight.canaries.missing() == []
    assert len(flight.canaries.flown) >= 20


@pytest.mark.parametrize("table", ["brief_table", "account_table"])
def test_the_tables_for_it_have_them(flight: Flight, table: str) -> None:
    assert sightings(table, look.rows(flight.stack, getattr(flight.stack.outputs, table)))


ELSEWHERE: dict[str, Callable[[LocalStack], Iterator[str]]] = {
    "logs and the metrics in them": look.logs,
    "histories of the workflow": look.histories,
    "schedules": look.schedules,
    "metrics": look.metrics,
    "events": lambda stack: look.letters(stack, lambda url: url.endswith("captured-events")),
    "dead letters": lambda stack: look.letters(stack, lambda url: "deadletter" in url),
    "the audit trail": lambda stack: look.rows(stack, stack.outputs.trail_table),
    "findings": lambda stack: look.rows(stack, stack.outputs.audit_table),
}


@pytest.mark.parametrize("place", ELSEWHERE)
def test_none_is_anywhere_else(flight: Flight, place: str) -> None:
    assert sightings(place, ELSEWHERE[place](flight.stack)) == []


def test_the_ledger_knows_what_the_provider_calls_a_card_or_an_account_and_no_more(flight: Flight) -> None:
    """Without that, nobody could tell where money went; the name behind it is the provider's to keep."""
    transfers = [json.loads(row) for row in look.rows(flight.stack, flight.stack.outputs.ledger_table)]
    for transfer in transfers:
        transfer.pop("counterparty", None)
    assert sightings("the ledger", map(json.dumps, transfers)) == []


def test_a_field_that_is_new_would_be_covered() -> None:
    fields = look.personal_fields()
    commands = [
        f"{method} {path}"
        for path, operations in DOCUMENT["paths"].items()
        for method, operation in operations.items()
        if "requestBody" in operation
    ]
    assert set(fields) <= set(commands)
    assert ("scores", "*", "feedback") in fields[f"post {BRIEF}/approval"]
    assert ("name",) in fields["put /me/profile"]
    assert ("payment_method",) in fields[f"post {BRIEF}/funding"]

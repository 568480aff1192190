"""The audit trail and unreadable bodies on the deployed stack."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.local.caller import Caller, http
from infra.local.stack import LocalStack
from tests.e2e.people import People

pytestmark = pytest.mark.local_stack

NOT_THERE = "zzzzzzzzzzzzzzzzzzzzzzzzzz"
DEEP = 10_000
LARGER = {("/credentials/verification", "body_too_large")}
"""What is verified may be a picture."""


def commands(stack: LocalStack) -> list[tuple[str, str]]:
    """Every operation that changes something, but for the webhook, whose body is judged by its signature."""
    found = http().get(f"{stack.outputs.api_url}/openapi.json").json()["paths"]
    every = [(method, path) for path, operations in found.items() for method in operations if method != "get"]
    return [(method, path) for method, path in every if path != "/webhooks/payments"]


UNREADABLE = {
    '{"title": "one", "title": "two"}': "duplicate_key",
    '{"hours": NaN}': "not_json",
    '{"hours": -Infinity}': "not_json",
    f'{{"hours": 1{"0" * 400}}}': "number_too_long",
    f'{{"hours": 1{"0" * 400}.5}}': "number_too_long",
    '{"hours": 1e400}': "number_too_large",
    "[" * DEEP + "]" * DEEP: "json_too_deep",
    '{"a":' * DEEP + "1" + "}" * DEEP: "json_too_deep",
    '{"title": "cut off': "not_json",
    '{"title": "' + "x" * 65_536 + '"}': "body_too_large",
}


def test_what_cannot_be_read_is_refused_with_a_reason_by_every_command(stack: LocalStack, people: People) -> None:
    wrong = []
    for method, path in commands(stack):
        url = stack.outputs.api_url + re.sub(r"\{\w+\}", NOT_THERE, path)
        for text, code in UNREADABLE.items():
            if (path, code) in LARGER:
                continue
            headers = {"Authorization": f"Bearer {people.employer.token}", "Idempotency-Key": "unreadable-body-1"}
            headers["Content-Type"] = "application/json"
            answer = http().request(method, url, headers=headers, content=text.encode())
            problem = answer.json()
            if problem.get("code") != code or not problem.get("detail") or answer.status_code not in (400, 413):
                wrong.append((method, path, text[:20], answer.status_code, problem.get("code")))
    assert wrong == []


def trail_of(who: Caller, brief_id: str) -> Any:
    return who.get(f"/briefs/{brief_id}/audit")


@pytest.fixture(scope="module")
def brief_id(people: People) -> str:
    """A brief that was submitted and approved, with all that follows."""
    found = people.submitted()
    people.approve(found)
    people.settled(found)
    return found


def test_a_brief_shows_who_did_what_by_which_request_to_both_sides(people: People, brief_id: str) -> None:
    def complete() -> bool:
        return bool(trail_of(people.operator, brief_id)["chain"]["on_their_way"] == 0)

    people.operator.wait_until("the stream has brought everything", complete)
    page = trail_of(people.employer, brief_id)
    assert page["chain"]["broken"] is None
    own = [step for step in page["items"] if step["subject"] == "brief"]
    assert [(step["version_before"], step["version"]) for step in own] == [(n, n + 1) for n in range(len(own))]
    assert [step["action"] for step in own][-2:] == ["brief.approved", "brief.paid"]
    assert all(step["request_id"] and step["actor_id"] for step in page["items"] if step["by"] != "server")
    assert all(step["trigger"] for step in page["items"] if step["by"] == "server")
    assert [step["previous"] for step in own] == [None, *(step["hash"] for step in own[:-1])]
    assert trail_of(people.student, brief_id) == page


def test_operators_see_the_day_across_briefs_and_accounts(people: People, brief_id: str) -> None:
    day = datetime.now(UTC).date().isoformat()
    student = people.student.get("/me")["account_id"]

    def of_student() -> list[Any]:
        return list(people.operator.pages("/audit/commands", day=day, actor_id=student))

    people.operator.wait_until(
        "the profile's step is there", lambda: any("profile" in s["action"] for s in of_student())
    )
    assert {"profile.saved", "payout_account.saved", "brief.submitted"} <= {step["action"] for step in of_student()}
    assert {step["actor_id"] for step in of_student()} == {student}
    everything = list(people.operator.pages("/audit/commands", day=day))
    assert len({(s["scope"], s["subject"], s["version"]) for s in everything}) > len(of_student())


def checked(people: People) -> dict[str, int]:
    return people._call(people.stack.outputs.function_check_trails)


def test_the_check_finds_what_was_tampered_with_and_a_person_is_told(people: People, brief_id: str) -> None:
    before = checked(people)
    assert before["trails"] > 1
    table, key = people.stack.outputs.trail_table, {"pk": {"S": brief_id}, "sk": {"S": "brief#000002"}}
    dynamodb = people.stack.client("dynamodb")
    entry = dynamodb.get_item(TableName=table, Key=key)["Item"]
    forged = json.loads(json.dumps(entry))
    forged["event"]["M"]["actor_id"] = {"S": "somebody-else-0001"}
    dynamodb.put_item(TableName=table, Item=forged)
    assert checked(people)["broken"] == before["broken"] + 1
    assert trail_of(people.student, brief_id)["chain"]["broken"]["version"] == 2
    findings = people.operator.pages("/audit", needs_person=True)
    assert any(f["finding"] == "trail_broken" and f["subject"] == brief_id for f in findings)
    dynamodb.put_item(TableName=table, Item=entry)
    assert trail_of(people.student, brief_id)["chain"]["broken"] is None

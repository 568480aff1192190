"""Feedback and records on the deployed stack: blind at first, shown when its window is over, and counted."""

import json
from typing import Any

import pytest

from infra.local.caller import BODIES, Caller, Refused
from tests.e2e.people import People

pytestmark = pytest.mark.local_stack

OF_STUDENT: dict[str, Any] = BODIES["put /briefs/{brief_id}/feedback"]
OF_EMPLOYER = OF_STUDENT | {"ratings": {"quality": 4, "communication": 4, "reliability": 4, "initiative": 4}}


@pytest.fixture
def paid(people: People) -> str:
    brief_id = people.submitted()
    people.approve(brief_id)
    people.settled(brief_id)
    return brief_id


def figure(who: Caller, path: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(f for f in who.get(path)["figures"] if f["name"] == name)
    return found


def counted(people: People) -> int:
    """The schedule of what is shown by now runs."""
    answer = people.stack.client("lambda").invoke(FunctionName=people.stack.outputs.function_records, Payload=b"{}")
    assert "FunctionError" not in answer
    changed: int = json.loads(answer["Payload"].read())["records"]
    return changed


def test_what_one_side_gave_is_hidden_until_its_window_is_over_and_counts_from_then_on(
    people: People, paid: str
) -> None:
    at, employer, student = f"/briefs/{paid}/feedback", people.employer, people.student
    student.put(at, OF_STUDENT)
    student.put(at, OF_STUDENT | {"text": "Better put."})
    assert employer.get(at)["from_student"] is None
    organisation_id = employer.get("/me")["organisation_id"]
    record = f"/organisations/{organisation_id}/record"
    before = figure(student, record, "rating_clarity")["briefs"]
    employer.wait_until("the window is over", lambda: employer.get(at)["shown"], limit_s=60)
    assert employer.get(at)["from_student"]["text"] == "Better put."
    for who, body in ((student, OF_STUDENT), (employer, OF_EMPLOYER)):
        with pytest.raises(Refused) as refused:
            who.put(at, body)
        assert refused.value.problem["code"] == "feedback_closed"

    def is_counted() -> bool:
        counted(people)
        return bool(figure(student, record, "rating_clarity")["briefs"] == before + 1)

    student.wait_until("it is counted", is_counted)


def test_both_sides_are_shown_at_once_and_stand_in_both_records(people: People, paid: str) -> None:
    at, employer, student = f"/briefs/{paid}/feedback", people.employer, people.student
    account_id = student.get("/me")["account_id"]
    record = f"/students/{account_id}/record"
    before = figure(student, record, "rating_quality")["briefs"]
    employer.put(at, OF_EMPLOYER)
    student.put(at, OF_STUDENT)
    assert student.get(at)["from_employer"]["ratings"]["quality"] == 4
    student.wait_until("it is counted", lambda: figure(student, record, "rating_quality")["briefs"] == before + 1)

    def both_are_told() -> bool:
        told = {notice["type"] for notice in employer.pages("/me/notices") if notice["brief_id"] == paid}
        return {"feedback.awaited", "feedback.shown"} <= told

    employer.wait_until("the employer is told", both_are_told)
    audit = people.operator.get(f"/briefs/{paid}/audit", limit=100)
    assert audit["chain"]["broken"] is None
    assert [step["by"] for step in audit["items"] if step["action"] == "feedback.given"] == ["employer", "student"]

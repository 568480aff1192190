"""Nobody acts, and each deadline does what everyone was told it would do; with the short windows of the stage config.

All briefs are brought into their states first, so that their windows pass at the same time.
"""

from collections.abc import Callable

import pytest

from infra.local.inspection import schedule_names
from tests.e2e.people import People

pytestmark = pytest.mark.local_stack

PAY, FEE = 30_000, 3_000


def _both_heard(people: People) -> str:
    brief_id = people.submitted()
    people.dispute(people.employer, brief_id)
    people.dispute(people.student, brief_id, "dispute/answer")
    return brief_id


def _disputed_by_employer(people: People) -> str:
    brief_id = people.submitted()
    people.dispute(people.employer, brief_id)
    return brief_id


def _disputed_by_student(people: People) -> str:
    brief_id = people.changes_requested()
    people.dispute(people.student, brief_id)
    return brief_id


BEGINNINGS: dict[str, Callable[[People], str]] = {
    "not_funded": lambda people: people.posted(),
    "not_awarded": lambda people: people.opened(closes_in_s=6),
    "not_submitted": lambda people: people.awarded(closes_in_s=8, due_in_s=10),
    "not_reviewed": lambda people: people.submitted(),
    "not_revised": lambda people: people.changes_requested(),
    "employer_heard": _disputed_by_employer,
    "student_heard": _disputed_by_student,
    "both_heard": _both_heard,
}


@pytest.fixture(scope="module")
def briefs(people: People) -> dict[str, str]:
    return {name: begin(people) for name, begin in BEGINNINGS.items()}


@pytest.mark.parametrize(
    ("name", "state", "outcome", "money"),
    [
        ("not_funded", "expired", "not_funded", {}),
        ("not_awarded", "expired", "not_awarded", {"fund": PAY + FEE, "refund": PAY + FEE}),
        ("not_submitted", "expired", "not_submitted", {"fund": PAY + FEE, "refund": PAY + FEE}),
        (
            "not_reviewed",
            "paid",
            "approved_by_silence",
            {"fund": PAY + FEE, "release": PAY, "fee": FEE, "payout": PAY},
        ),
        ("not_revised", "resolved", "employer_won", {"fund": PAY + FEE, "refund": PAY + FEE}),
        ("employer_heard", "resolved", "employer_won", {"fund": PAY + FEE, "refund": PAY + FEE}),
        ("student_heard", "resolved", "student_won", {"fund": PAY + FEE, "release": PAY, "fee": FEE, "payout": PAY}),
        ("both_heard", "resolved", "student_won", {"fund": PAY + FEE, "release": PAY, "fee": FEE, "payout": PAY}),
    ],
)
def test_silence_ends_a_brief_as_announced(
    people: People, briefs: dict[str, str], name: str, state: str, outcome: str, money: dict[str, int]
) -> None:
    brief = people.settled(briefs[name], limit_s=90)
    assert brief["state"] == state
    assert brief["progress"]["outcome"] == outcome
    assert people.money(briefs[name]) == money


def test_who_did_not_hand_in_has_a_mark_and_nobody_else_sees_it(people: People, briefs: dict[str, str]) -> None:
    people.settled(briefs["not_submitted"], limit_s=90)
    people.student.wait_until("the mark is there", lambda: _marked(people, briefs["not_submitted"]))
    assert people.payable_student().get("/me/record")["marks"] == []


def test_a_revision_that_never_came_was_disputed_first(people: People, briefs: dict[str, str]) -> None:
    people.settled(briefs["not_revised"], limit_s=90)
    steps = [(s["by"], s["type"]) for s in people.operator.pages(f"/briefs/{briefs['not_revised']}/timeline")]
    ends = ("disputed", "decided", "resolved", "settled")
    assert steps[-4:] == [("server", f"brief.{end}") for end in ends]


def test_no_deadline_is_left_behind(people: People, briefs: dict[str, str]) -> None:
    for brief_id in briefs.values():
        people.settled(brief_id, limit_s=90)
    scheduled = [name for name in schedule_names(people.stack) if name.split("-")[0] in briefs.values()]
    assert scheduled == []


def _marked(people: People, brief_id: str) -> bool:
    return any(mark["brief_id"] == brief_id for mark in people.student.get("/me/record")["marks"])

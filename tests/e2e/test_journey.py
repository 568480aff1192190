"""The whole way on the deployed stack: what `make demo` shows, and what must be true of it afterwards."""

from typing import Any

import pytest

from infra.local.demo.figures import check
from infra.local.demo.stage import Stage
from infra.local.demo.story import carry
from infra.local.inspection import execution_names, execution_status
from infra.local.receiver import Receiver
from infra.local.stack import LocalStack
from tests.e2e.people import People

pytestmark = pytest.mark.local_stack


@pytest.fixture(scope="module")
def demo(stack: LocalStack) -> tuple[Stage, dict[str, Any]]:
    demo = Stage(stack)
    with Receiver() as receiver:
        return demo, carry(demo, receiver)


def test_the_sample_brief_ends_paid_with_balanced_books(demo: tuple[Stage, dict[str, Any]]) -> None:
    check(demo[1])


def test_one_revision_takes_at_most_seven_transitions(demo: tuple[Stage, dict[str, Any]]) -> None:
    assert demo[1]["revisions"] == 1
    assert demo[1]["transitions"] <= 7


def test_the_timeline_tells_who_did_what_and_every_deadline(demo: tuple[Stage, dict[str, Any]]) -> None:
    journey, _ = demo
    steps = list(journey.student.pages(f"/briefs/{journey.brief_id}/timeline", limit=3))
    assert [step["version"] for step in steps] == list(range(1, len(steps) + 1))
    assert [(step["by"], step["type"]) for step in steps] == [
        ("employer", "brief.posted"),
        ("employer", "brief.funding_requested"),
        ("server", "brief.opened"),
        ("employer", "brief.awarded"),
        ("employer", "brief.amended"),
        ("student", "brief.submitted"),
        ("employer", "brief.changes_requested"),
        ("student", "brief.submitted"),
        ("employer", "brief.approved"),
        ("server", "brief.paid"),
    ]
    waiting = [step for step in steps if step["state"] not in ("approved", "paid")]
    assert all(step["deadline"]["zone"] == "America/New_York" and step["deadline"]["then"] for step in waiting)


def test_everyone_concerned_is_told_and_nobody_twice(demo: tuple[Stage, dict[str, Any]]) -> None:
    journey, _ = demo
    student, other = journey.students[:2]
    for last in ("feedback.shown", "credential.issued"):
        student.wait_until(f"the student is told of {last}", lambda: last in _told(student, journey.brief_id))  # noqa: B023
    assert sorted(_told(student, journey.brief_id)) == [
        "brief.amended",
        "brief.approved",
        "brief.awarded",
        "brief.changes_requested",
        "brief.paid",
        "credential.issued",
        "feedback.awaited",
        "feedback.shown",
        "file.infected",
        "message.posted",
        "search.matched",
    ]
    assert _told(other, journey.brief_id) == ["brief.awarded"]


def test_a_blind_brief_names_only_who_was_awarded_it(demo: tuple[Stage, dict[str, Any]]) -> None:
    journey, _ = demo
    applications = list(journey.employer.pages(f"/briefs/{journey.brief_id}/applications", limit=1))
    assert [a["applicant"]["name"] for a in applications if a["applicant"]] == ["Amara Okafor"]
    assert sorted(a["status"] for a in applications) == ["awarded", "not_selected", "not_selected"]


def test_one_brief_has_one_execution_named_after_it(demo: tuple[Stage, dict[str, Any]], people: People) -> None:
    journey, _ = demo
    names = execution_names(people.stack)
    assert names.count(journey.brief_id) == 1
    assert execution_status(people.stack, journey.brief_id) == "SUCCEEDED"


def _told(person: Any, brief_id: str) -> list[str]:
    return [notice["type"] for notice in person.pages("/me/notices") if notice["brief_id"] == brief_id]

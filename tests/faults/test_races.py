"""Two at once: whoever writes first wins, the other is told, and the workflow follows in any order."""

import pytest

from infra.local.inspection import control_item
from tests.e2e.people import People
from tests.faults.races import race

pytestmark = pytest.mark.local_stack

ROUNDS = 200
SEED = 20_261_125
"""What two threads make of it is never the same twice; the seed only says who is held up, and for how long."""


def test_whoever_is_first_wins_and_the_money_moves_once(people: People, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print()
        rounds, wrong = race(people, ROUNDS, SEED, print)
    assert rounds >= ROUNDS
    assert wrong == 0, "what went wrong is printed above"


def test_a_decision_before_the_wait_is_not_lost(people: People) -> None:
    brief_id = people.posted()
    assert "wait" not in control_item(people.stack, brief_id), "the workflow was quicker than this test can be"
    people.employer.post(f"/briefs/{brief_id}/cancellation")
    assert people.settled(brief_id)["state"] == "cancelled"


def test_a_decision_after_the_wait_is_not_lost(people: People) -> None:
    brief_id = people.posted()
    people.employer.wait_until(
        "the workflow waits", lambda: control_item(people.stack, brief_id).get("wait", {}).get("state") == "posted"
    )
    people.employer.post(f"/briefs/{brief_id}/cancellation")
    assert people.settled(brief_id)["state"] == "cancelled"

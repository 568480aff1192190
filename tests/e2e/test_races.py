"""Two at once: whoever writes first wins, the other is told, and the workflow follows in any order."""

import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from infra.local.caller import Refused
from infra.local.inspection import control_item, lapse_at_s
from tests.e2e.people import People

pytestmark = pytest.mark.local_stack

ROUNDS = 6


def _at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls together; each one's answer, or the Refused that it raised."""
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        barrier.wait(10)
        try:
            return call()
        except Refused as refused:
            return refused

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


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


def test_an_approval_that_races_silence_pays_once(people: People) -> None:
    briefs = [people.submitted() for _ in range(ROUNDS)]

    def approve_at_the_deadline(brief_id: str) -> Any:
        lapse_at = lapse_at_s(people.stack, brief_id)
        # The schedule fires in the second after the deadline; spread the approvals around it.
        time.sleep(max(0.0, lapse_at - time.time() - 0.15 + 0.05 * briefs.index(brief_id)))
        try:
            return people.approve(brief_id)
        except Refused as refused:
            return refused

    with ThreadPoolExecutor(ROUNDS) as pool:
        answers = list(pool.map(approve_at_the_deadline, briefs))
    for brief_id, answer in zip(briefs, answers, strict=True):
        brief = people.settled(brief_id)
        by_silence = brief["progress"]["outcome"] == "approved_by_silence"
        assert by_silence == isinstance(answer, Refused)
        assert people.money(brief_id) == {"fund": 33_000, "release": 30_000, "fee": 3_000, "payout": 30_000}


def test_one_of_two_awards_wins(people: People) -> None:
    for _ in range(ROUNDS):
        brief_id = people.opened()
        other = people.payable_student()
        picks = [people.applied(brief_id), people.applied(brief_id, other)]
        path = f"/briefs/{brief_id}/award"
        answers = _at_once(*(partial(people.employer.post, path, {"application_id": pick}) for pick in picks))
        refused = [answer for answer in answers if isinstance(answer, Refused)]
        assert [answer.status for answer in refused] == [409]
        assert refused[0].problem["state"] == "awarded"
        people.employer.post(f"/briefs/{brief_id}/cancellation")


def test_the_same_key_from_many_clients_gives_one_answer(people: People) -> None:
    brief_id = people.submitted()
    key = str(uuid.uuid4())
    answers = _at_once(*([partial(people.approve, brief_id, key)] * 8))
    assert all(answer == answers[0] for answer in answers), answers
    people.settled(brief_id)
    assert people.money(brief_id)["payout"] == 30_000


def test_approval_and_request_for_changes_cannot_both_win(people: People) -> None:
    asked = {"submission_number": 1, "points": [{"criterion": "writing", "request": "Why?"}], "feedback": "Almost."}
    for _ in range(ROUNDS):
        brief_id = people.submitted()
        ask = partial(people.employer.post, f"/briefs/{brief_id}/change-requests", asked)
        answers = _at_once(partial(people.approve, brief_id), ask)
        assert [isinstance(answer, Refused) for answer in answers].count(True) == 1

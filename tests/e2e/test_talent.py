"""An employer's pipeline on the deployed stack: who did a brief is a candidate, and an accepted offer is an award."""

from typing import Any

import pytest

from infra.local.caller import Caller
from tests.e2e.people import ONE_DELIVERABLE, People
from tests.e2e.test_accounts import refusal

pytestmark = pytest.mark.local_stack


def test_who_did_a_brief_is_offered_the_next_one_and_has_it_by_accepting(people: People) -> None:
    student = people.payable_student()
    student_id = student.get("/me")["account_id"]
    at = f"/organisations/{people.employer.get('/me')['organisation_id']}/candidates"
    done = people.submitted(student)
    people.approve(done)
    people.employer.wait_for(done, "paid")

    def known() -> dict[str, Any] | None:
        return next((c for c in people.employer.pages(at) if c["student"]["account_id"] == student_id), None)

    people.employer.wait_until("the student is a candidate", lambda: known() is not None)
    candidate = known()
    assert candidate is not None
    assert [result["brief_id"] for result in candidate["results"]] == [done]
    people.employer.put(f"{at}/{student_id}", {"stage": "shortlisted", "note": "Asks good questions."})
    next_one = people.opened(deliverables=ONE_DELIVERABLE)
    offer = {"brief_id": next_one, "message": "Would you do this one for us too?"}
    people.employer.post(f"{at}/{student_id}/offers", offer)
    other = people.payable_student()
    accept = f"/me/offers/{next_one}/acceptance"
    assert refusal(other.post, accept, {}) == (404, "not_found")
    assert student.post(accept, {})["state"] == "awarded"
    assert people.employer.get(f"/briefs/{next_one}")["progress"]["student_id"] == student_id
    told_both(people.employer, student, next_one)
    (shown,) = (o for o in student.pages("/me/offers") if o["brief_id"] == next_one)
    assert shown["status"] == "accepted"
    assert people.employer.get(f"{at}/{student_id}")["stage"] == "invited"


def told_both(employer: Caller, student: Caller, brief_id: str) -> None:
    """Both sides are told what became of the offer."""
    for who, kind in ((student, "offer.made"), (student, "brief.awarded"), (employer, "brief.awarded")):

        def is_told(who: Caller = who, kind: str = kind) -> bool:
            return (brief_id, kind) in [(n["brief_id"], n["type"]) for n in who.pages("/me/notices")]

        who.wait_until(f"{who.name} is told: {kind}", is_told)

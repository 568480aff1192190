"""Every way out of a brief that somebody chooses, and where the money goes then."""

from datetime import UTC, datetime

import pytest

from infra.local.caller import Refused, body_of
from tests.e2e.people import People

pytestmark = pytest.mark.local_stack

PAY, FEE = 30_000, 3_000
ALL_BACK = {"fund": PAY + FEE, "refund": PAY + FEE}


def test_cancelled_before_funding_owes_nothing(people: People) -> None:
    brief_id = people.posted()
    people.employer.post(f"/briefs/{brief_id}/cancellation")
    assert people.settled(brief_id)["state"] == "cancelled"
    assert people.money(brief_id) == {}


def test_cancelled_before_the_award_is_refunded_in_full(people: People) -> None:
    brief_id = people.opened()
    people.applied(brief_id)
    people.employer.post(f"/briefs/{brief_id}/cancellation")
    assert people.settled(brief_id)["state"] == "cancelled"
    assert people.money(brief_id) == ALL_BACK


def test_cancelled_after_the_award_pays_a_kill_fee(people: People) -> None:
    brief_id = people.awarded()
    people.employer.post(f"/briefs/{brief_id}/cancellation")
    assert people.settled(brief_id)["progress"]["outcome"] == "cancelled_after_award"
    kill_fee = PAY // 4
    assert people.money(brief_id) == {
        "fund": PAY + FEE,
        "release": kill_fee,
        "payout": kill_fee,
        "refund": PAY + FEE - kill_fee,
    }


def test_an_award_given_back_in_time_opens_the_brief_again(people: People) -> None:
    brief_id = people.awarded()
    people.student.post(f"/briefs/{brief_id}/award/withdrawal")
    assert people.employer.state(brief_id) == "open"
    other = people.payable_student()
    people.employer.post(f"/briefs/{brief_id}/award", {"application_id": people.applied(brief_id, other)})
    assert people.employer.get(f"/briefs/{brief_id}")["progress"]["student_id"] == other.get("/me")["account_id"]
    people.employer.post(f"/briefs/{brief_id}/cancellation")
    people.settled(brief_id)


def test_an_award_given_back_too_late_for_another_is_refunded(people: People) -> None:
    brief_id = people.awarded(closes_in_s=6)
    closes = people.employer.get(f"/briefs/{brief_id}")["applications_close"]["due_at"]
    people.student.wait_until("applications have closed", lambda: _now() > closes)
    people.student.post(f"/briefs/{brief_id}/award/withdrawal")
    assert people.settled(brief_id)["progress"]["outcome"] == "withdrawn"
    assert people.money(brief_id) == ALL_BACK


def test_an_operator_divides_what_is_disputed(people: People) -> None:
    brief_id = people.submitted()
    people.dispute(people.employer, brief_id)
    people.dispute(people.student, brief_id, "dispute/answer")
    assert brief_id in [brief["brief_id"] for brief in people.operator.pages("/disputes")]
    with pytest.raises(Refused, match=r"must add up to the escrow of 330\.00 USD"):
        people.operator.post(
            f"/briefs/{brief_id}/dispute/resolution",
            {"split": {"student_minor": PAY, "employer_minor": PAY, "fee_minor": 0}, "reason": "Both."},
        )
    people.operator.post(f"/briefs/{brief_id}/dispute/resolution", body_of("dispute/resolution"))
    stands = people.student.get(f"/briefs/{brief_id}")
    assert (stands["state"], stands["progress"]["decision"]["outcome"]) == ("disputed", "split")
    assert people.settled(brief_id)["state"] == "resolved"
    assert people.money(brief_id) == {
        "fund": 33_000,
        "release": 20_000,
        "fee": 2_000,
        "payout": 20_000,
        "refund": 11_000,
    }
    said = list(people.student.pages(f"/briefs/{brief_id}/dispute"))
    assert {statement["role"] for statement in said} == {"employer", "student", "operator"}


def test_a_declined_payment_can_be_tried_again(people: People) -> None:
    brief_id = people.posted()
    people.employer.post(f"/briefs/{brief_id}/funding", {"payment_method": "sandbox-declined"})
    people.employer.wait_until("the decline is known", lambda: not _collecting(people, brief_id))
    assert people.employer.state(brief_id) == "posted"
    people.employer.post(f"/briefs/{brief_id}/funding", body_of("funding"))
    people.employer.wait_for(brief_id, "open")
    assert people.money(brief_id) == {"fund": PAY + FEE}
    people.employer.post(f"/briefs/{brief_id}/cancellation")
    people.settled(brief_id)


def test_a_student_without_a_payout_account_cannot_be_awarded(people: People) -> None:
    brief_id = people.opened()
    application_id = people.applied(brief_id, people.someone("student"))
    with pytest.raises(Refused) as refused:
        people.employer.post(f"/briefs/{brief_id}/award", {"application_id": application_id})
    assert (refused.value.status, refused.value.problem["code"]) == (409, "payee_not_ready")
    assert people.employer.state(brief_id) == "open"
    people.employer.post(f"/briefs/{brief_id}/cancellation")


def _collecting(people: People, brief_id: str) -> bool:
    collecting: bool = people.employer.get(f"/briefs/{brief_id}")["progress"]["collecting"]
    return collecting


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

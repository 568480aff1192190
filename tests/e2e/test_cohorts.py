"""An institution on the deployed stack: consent decides what its educators see, and credit is a credential."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import httpx
import pytest

from infra.local.caller import Caller, Refused, employ
from tests.e2e.people import People
from tests.e2e.test_accounts import refusal

pytestmark = pytest.mark.local_stack

ONE_CREDIT = {"hundredths": 100}


class Class(NamedTuple):
    """A cohort, and where its educators find it."""

    people: People
    educator: Caller
    at: str
    cohort_id: str
    code: str

    def joined_by(self, student: Caller) -> str:
        """The account id of a student who has joined."""
        offer = student.post("/me/cohorts/preview", {"code": self.code})
        student.post("/me/cohorts", {"code": self.code, "terms_version": offer["terms"]["version"]})
        return str(student.get("/me")["account_id"])

    def read(self, by: Caller, student_id: str) -> dict[str, str]:
        """What comes back by every route by which an educator may see something of a student; of a refusal, its code.

        As it comes, CSV too; and the list of cohorts.
        """
        lists = ("", "/totals", "/students", "/students.csv", "/credits", "/credits.csv")
        paths = [f"{self.at}{part}" for part in (*lists, f"/students/{student_id}")]
        return {path: _text(by, path) for path in (*paths, self.at.rpartition("/")[0])}


def _text(by: Caller, path: str) -> str:
    answer = httpx.get(f"{by.api_url}{path}", headers={"Authorization": f"Bearer {by.token}"}, timeout=30)
    return answer.text if answer.is_success else f"{answer.status_code} {answer.json()['code']}"


def unseen(answers: dict[str, str], *personal: str) -> bool:
    """Whether the routes answered, and none of what is personal stands in any answer."""
    refused = [answer for answer in answers.values() if answer.startswith(("403", "5"))]
    return not refused and not any(each in answer for each in personal for answer in answers.values())


@pytest.fixture
def taught(people: People) -> Class:
    educator = people.someone("educator")
    at = f"/organisations/{employ(educator, people.operator, 'North City College')}/cohorts"
    today = datetime.now(UTC).date()
    period = {"starts_on": str(today), "ends_on": str(today + timedelta(days=300))}
    rules = {"hours_per_credit": 1, "most_credits": 1}
    cohort_id = educator.post(at, {"name": "Field work", **period, "rules": rules})["cohort_id"]
    code = educator.post(f"{at}/{cohort_id}/code")["code"]
    return Class(people, educator, f"{at}/{cohort_id}", cohort_id, code)


def test_a_student_is_seen_from_consent_to_withdrawal_and_keeps_the_credit(taught: Class) -> None:
    people, educator = taught.people, taught.educator
    student = people.payable_student()
    brief_id = people.submitted(student)
    people.approve(brief_id)
    student_id = student.get("/me")["account_id"]
    assert unseen(taught.read(educator, student_id), student_id, brief_id)
    assert taught.joined_by(student) == student_id

    def credit() -> Any:
        return educator.get(f"{taught.at}/students/{student_id}")["credit"]["hundredths"]

    educator.wait_until("the approval is seen", lambda: credit() == ONE_CREDIT["hundredths"])
    (seen,) = educator.pages(f"{taught.at}/students")
    assert [brief["brief_id"] for brief in seen["briefs"]] == [brief_id]
    assert student.get(f"/me/cohorts/{taught.cohort_id}") == seen
    assert educator.get(f"{taught.at}/totals")["briefs_approved"] == 1
    granted = educator.post(f"{taught.at}/students/{student_id}/credit", ONE_CREDIT)
    own = student.get(f"/me/credentials/{granted['credential_id']}")
    assert own["credential"]["credentialSubject"]["creditsEarned"] == 1
    at, verified = f"{student.api_url}/credentials/verification", {"Content-Type": "application/json"}
    assert httpx.post(at, content=json.dumps(own["credential"]), headers=verified, timeout=30).json()["valid"]
    student.wait_until(
        "the student is told", lambda: "credit.granted" in [n["type"] for n in student.pages("/me/notices")]
    )
    student.post(f"/me/cohorts/{taught.cohort_id}/withdrawal")
    assert unseen(taught.read(educator, student_id), student_id, brief_id)
    (kept,) = educator.pages(f"{taught.at}/credits")
    assert (kept["credential_id"], kept["student"], kept["state"]) == (granted["credential_id"], None, "issued")


def test_educators_of_another_institution_and_others_see_nothing_of_it(taught: Class) -> None:
    people = taught.people
    student = people.payable_student()
    student_id = taught.joined_by(student)
    other = people.someone("educator")
    employ(other, people.operator, "South City College")
    assert set(taught.read(other, student_id).values()) == {"404 not_found"}
    for somebody in (people.employer, people.student, student, people.operator):
        assert set(taught.read(somebody, student_id).values()) == {"403 wrong_role"}
    assert refusal(other.post, f"{taught.at}/students/{student_id}/removal") == (404, "not_found")
    assert refusal(other.post, f"{taught.at}/students/{student_id}/credit", ONE_CREDIT) == (404, "not_found")
    assert refusal(people.student.get, f"/me/cohorts/{taught.cohort_id}") == (404, "not_found")


def test_an_institution_needs_an_operators_approval_for_cohorts(taught: Class) -> None:
    educator = taught.people.someone("educator")
    waiting = educator.post("/organisations", {"name": "New College"})
    assert (waiting["category"], waiting["state"]) == ("institution", "waiting")
    body = {"name": "Field work", "starts_on": "2027-01-01", "ends_on": "2027-06-30"}
    at = f"/organisations/{waiting['organisation_id']}/cohorts"
    with pytest.raises(Refused) as refused:
        educator.post(at, body)
    assert refused.value.problem["code"] == "organisation_not_approved"
    assert refusal(educator.post, "/briefs", {}) in ((403, "wrong_role"), (422, "invalid"))

"""Organisations on the deployed stack: approval before the first brief opens, members, and nobody from outside."""

import pytest

from infra.local.accounts import create_account
from infra.local.caller import BODIES, Caller, Refused, body_of, employ, posting
from tests.e2e.people import ONE_DELIVERABLE, People
from tests.e2e.test_accounts import refusal

pytestmark = pytest.mark.local_stack


def an_employer(people: People, name: str) -> Caller:
    """Somebody who belongs to no organisation yet."""
    account = create_account(people.stack, "employer", f"{name}@example.com")
    return Caller(people.stack.outputs.api_url, account.access_token, name)


def test_a_brief_opens_only_once_an_operator_has_approved_its_organisation(people: People) -> None:
    employer = an_employer(people, "founder")
    brief = posting(deliverables=ONE_DELIVERABLE)
    assert refusal(employer.post, "/briefs", brief) == (409, "no_organisation")
    at = f"/organisations/{employer.post('/organisations', {'name': 'Acme'})['organisation_id']}"
    brief_id = employer.post("/briefs", brief)["brief_id"]
    funding = (employer.post, f"/briefs/{brief_id}/funding", body_of("funding"))
    assert refusal(*funding) == (409, "organisation_not_approved")
    waiting = people.operator.pages("/organisations", state="waiting")
    assert at.rpartition("/")[2] in [found["organisation_id"] for found in waiting]
    assert refusal(employer.put, f"{at}/state", BODIES["put /organisations/{organisation_id}/state"]) == (
        403,
        "wrong_role",
    )
    people.operator.put(f"{at}/state", BODIES["put /organisations/{organisation_id}/state"])
    employer.post(f"/briefs/{brief_id}/funding", body_of("funding"))
    employer.wait_for(brief_id, "open")
    employer.post(f"/briefs/{brief_id}/cancellation")


def test_who_is_invited_sees_and_acts_until_they_leave_and_nobody_from_outside_ever_does(people: People) -> None:
    owner, colleague = an_employer(people, "owner"), an_employer(people, "colleague")
    at = f"/organisations/{employ(owner, people.operator, 'Acme and Sons')}"
    code = owner.post(f"{at}/invitations", {"role": "member"})["code"]
    assert refusal(people.employer.get, at) == (404, "not_found")
    assert refusal(people.student.post, "/me/organisation", {"code": code}) == (403, "wrong_role")
    colleague.post("/me/organisation", {"code": code})
    assert refusal(an_employer(people, "late").post, "/me/organisation", {"code": code}) == (409, "invitation_over")
    brief_id = owner.post("/briefs", posting(deliverables=ONE_DELIVERABLE))["brief_id"]
    assert [item["brief_id"] for item in colleague.pages("/me/briefs")] == [brief_id]
    assert colleague.get(f"/briefs/{brief_id}")["employer"]["name"] == "Acme and Sons"
    assert refusal(people.employer.get, f"/briefs/{brief_id}") == (404, "not_found")
    account_id = colleague.get("/me")["account_id"]
    owner.post(f"{at}/members/{account_id}/removal")

    def is_out() -> bool:
        try:
            colleague.get(f"/briefs/{brief_id}")
        except Refused as refused:
            return refused.status == 404
        return False

    colleague.wait_until("the former member is out", is_out, 5)
    assert refusal(colleague.post, f"/briefs/{brief_id}/cancellation") == (404, "not_found")
    assert refusal(owner.post, f"{at}/members/{owner.get('/me')['account_id']}/removal") == (409, "last_owner")
    owner.post(f"/briefs/{brief_id}/cancellation")

"""Credentials on the deployed stack: anybody can verify one with what is served there and libraries of their own."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from infra.local.caller import BODIES, Caller
from microintern.badging.picture import unbaked
from tests.e2e.people import People
from tests.unit.badging.independent import verified

pytestmark = pytest.mark.local_stack

CHOICES = BODIES["put /me/credentials/{credential_id}/visibility"]


@pytest.fixture(scope="module")
def own(people: People) -> dict[str, Any]:
    """A credential that the student has been issued, as the student sees it."""
    brief_id = people.submitted()
    people.approve(brief_id)
    credential_id = people.credited(brief_id)
    people.student.put("/me/profile", {"name": "Amara Okafor"})
    found: dict[str, Any] = people.student.get(f"/me/credentials/{credential_id}")
    return found


def at(own: dict[str, Any], part: str = "") -> str:
    return f"/me/credentials/{own['about']['credential_id']}{part}"


def fetched(url: str) -> Any:
    return httpx.get(url, timeout=30).raise_for_status().json()


def wrong_with(credential: dict[str, Any]) -> str | None:
    """What others find wrong, who know nothing but the credential and what its own addresses serve."""
    listed = credential["credentialStatus"]["statusListCredential"]
    issuer = fetched(credential["issuer"]["id"])
    (found,) = verified([credential], issuer, {listed: fetched(listed)}, datetime.now(UTC))
    return found


def test_others_verify_it_by_what_is_served(own: dict[str, Any]) -> None:
    assert wrong_with(own["credential"]) is None
    assert wrong_with({**own["credential"], "name": "Something grander"}) == "Invalid signature."


def test_nobody_sees_it_until_it_is_public_nor_after_it_is_taken_back(people: People, own: dict[str, Any]) -> None:
    url = own["about"]["url"]
    assert httpx.get(url).status_code == 404
    shown = people.student.put(at(own, "/visibility"), CHOICES)
    page = httpx.get(url, headers={"Accept": "text/html"})
    assert "Amara Okafor" in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src")
    document = httpx.get(url)
    assert document.headers["Content-Type"] == "application/vc"
    assert document.json() == shown["credential"]
    assert wrong_with(document.json()) is None
    png = httpx.get(f"{url}/badge")
    assert unbaked(png.content) == document.text
    verifier = f"{people.student.api_url}/credentials/verification"
    answer = httpx.post(verifier, content=png.content, headers={"Content-Type": "image/png"})
    assert answer.json()["valid"]
    assert fetched(f"{url}/verification")["valid"]
    people.student.put(at(own, "/visibility"), {**CHOICES, "public": False})
    assert httpx.get(url).status_code == 404


def test_a_revocation_reaches_whoever_looks(people: People) -> None:
    brief_id = people.submitted()
    people.approve(brief_id)
    credential_id = people.credited(brief_id)
    credential = people.student.get(f"/me/credentials/{credential_id}")["credential"]
    operator: Caller = people.operator
    operator.post(f"/credentials/{credential_id}/revocation", {"reason": "Issued by mistake."})
    anybody = Caller(people.student.api_url, None)
    assert anybody.command("POST", "/credentials/verification", credential)["problem"] == "revoked"
    listed = credential["credentialStatus"]["statusListCredential"]
    people.student.wait_until("the list says so", lambda: wrong_with(credential) == "revoked", limit_s=30)
    assert fetched(listed)["type"] == ["VerifiableCredential", "BitstringStatusListCredential"]
    told = [notice["type"] for notice in people.student.pages("/me/notices") if notice["brief_id"] == brief_id]
    assert "credential.issued" in told


def test_a_brief_that_was_not_approved_leaves_none(people: People) -> None:
    brief_id = people.submitted()
    people.dispute(people.employer, brief_id)
    people.dispute(people.student, brief_id, "dispute/answer")
    body = {"shares": {"student": 1, "employer": 1, "fee": 0}, "reason": "Half of it is there."}
    people.operator.post(f"/briefs/{brief_id}/dispute/resolution", body)
    people.settled(brief_id)
    assert [item for item in people.student.pages("/me/credentials") if item["brief_id"] == brief_id] == []

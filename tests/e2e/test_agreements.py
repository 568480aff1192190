"""An award's agreement on the deployed stack: on paper within moments, and for the two parties alone."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pypdfium2
import pytest

from infra.local.caller import Caller, Refused
from tests.e2e.people import People

pytestmark = pytest.mark.local_stack


def words_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())


def test_both_sides_have_the_paper_that_they_accepted_and_nobody_else_has(people: People) -> None:
    employer, student = people.employer, people.student
    student.put("/me/profile", {"name": "Žofia 王小明", "mailing_address": "7 Elm Street\nAlbany"})
    organisation_id = employer.get("/me")["organisation_id"]
    employer.put(f"/organisations/{organisation_id}/address", {"mailing_address": "120 Broadway\nNew York"})
    brief_id = people.opened()
    contract = student.get(f"/briefs/{brief_id}/contract")["contract"]
    application_id = people.applied(brief_id)
    award = {"application_id": application_id, "contract_sha256": contract["sha256"]}
    employer.post(f"/briefs/{brief_id}/award", award)
    at, papers = f"/briefs/{brief_id}/agreement", list[dict[str, Any]]()

    def is_on_paper() -> bool:
        papers[:] = student.get(at)["editions"]
        return bool(papers)

    student.wait_until("it is on paper", is_on_paper, limit_s=60)
    told = employer.get(at)
    (paper,) = told["editions"]
    assert told["contract"] == contract
    pdf = httpx.get(paper["url"]).content
    assert hashlib.sha256(pdf).hexdigest() == paper["sha256"] == papers[0]["sha256"]
    text = words_of(pdf)
    for said in ("Žofia 王小明", "7 Elm Street Albany", "120 Broadway New York", contract["sha256"]):
        assert said in text
    for other in (people.someone("student"), people.someone("employer"), people.operator):
        refused_to(other, at)
    refused_to(people.someone("student"), f"/briefs/{brief_id}/contract")
    audit = people.operator.get(f"/briefs/{brief_id}/audit", limit=100)
    assert audit["chain"]["broken"] is None


def test_an_amendment_moves_the_deadline_and_makes_a_new_edition(people: People) -> None:
    employer, student = people.employer, people.student
    brief_id = people.awarded()
    at = f"/briefs/{brief_id}"
    due_at = datetime.fromisoformat(student.get(at)["submission_due"]["due_at"]) + timedelta(days=1)
    body = {"reason": "It takes longer.", "scope": "The answer may be longer.", "submission_due_at": due_at.isoformat()}
    number = student.post(f"{at}/amendments", body)["number"]
    with pytest.raises(Refused) as refused:
        student.post(f"{at}/amendments/{number}/acceptance")
    assert refused.value.problem["code"] == "own_amendment"
    assert [item["status"] for item in employer.get(f"{at}/amendments")["items"]] == ["open"]
    answer = employer.post(f"{at}/amendments/{number}/acceptance")
    assert datetime.fromisoformat(answer["due_at"]) == due_at

    def is_on_paper() -> bool:
        return len(student.get(f"{at}/agreement")["editions"]) == 2

    student.wait_until("it is on paper", is_on_paper, limit_s=60)
    pdf = httpx.get(employer.get(f"{at}/agreement")["editions"][-1]["url"]).content
    assert "Scope: The answer may be longer." in words_of(pdf)
    told = [notice["type"] for notice in employer.pages("/me/notices") if notice["brief_id"] == brief_id]
    assert {"amendment.proposed", "brief.amended"} <= set(told)
    people.hand_in(brief_id)
    assert student.get(at)["state"] == "submitted"
    assert people.operator.get(f"{at}/audit", limit=100)["chain"]["broken"] is None


def test_the_student_is_asked_how_it_is_going_and_the_employer_reads_the_answer(people: People) -> None:
    employer, student = people.employer, people.student
    due_at = datetime.now(UTC) + timedelta(seconds=75)
    timeline = {"zone": "America/New_York", "submission_due_at": due_at.isoformat()}
    timeline["applications_close_at"] = (due_at - timedelta(seconds=30)).isoformat()
    brief_id = people.awarded(timeline=timeline)
    at = f"/briefs/{brief_id}/check-ins"
    assert [item["status"] for item in employer.get(at)["items"]] == ["upcoming", "upcoming"]

    def is_told() -> bool:
        return any(n["type"] == "check_in.due" for n in student.pages("/me/notices") if n["brief_id"] == brief_id)

    student.wait_until("they are asked", is_told, limit_s=60)
    student.post(at, {"going": "blocked", "note": "The link is dead."})
    assert [item["note"] for item in employer.get(at)["items"] if item["status"] == "answered"] == ["The link is dead."]

    def is_said() -> bool:
        return any(n["type"] == "check_in.answered" for n in employer.pages("/me/notices") if n["brief_id"] == brief_id)

    employer.wait_until("the employer is told", is_said, limit_s=60)


def refused_to(who: Caller, path: str) -> None:
    with pytest.raises(Refused) as refused:
        who.get(path)
    assert refused.value.problem["code"] == "not_found"

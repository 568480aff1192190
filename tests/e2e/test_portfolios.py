"""A student's page on the deployed stack: by its link only, with what was chosen and consented to, and a real file."""

import hashlib
from typing import Any

import httpx
import pytest
from pypdfium2 import PdfDocument

from infra.local.caller import BODIES, Caller
from tests.e2e.people import TEXT, People

pytestmark = pytest.mark.local_stack

CONSENT = BODIES["put /briefs/{brief_id}/consent"]


@pytest.fixture(scope="module")
def completed(people: People) -> tuple[str, str]:
    """A brief that was approved, and the file that was handed in."""
    brief_id = people.submitted()
    people.approve(brief_id)
    people.student.put("/me/profile", {"name": "Amara Okafor"})
    (submission,) = people.student.get(f"/briefs/{brief_id}/submissions")["items"]
    return brief_id, submission["files"][0]["file_id"]


def choose(student: Caller, brief_id: str, **changes: Any) -> Any:
    return student.put(f"/me/portfolio/briefs/{brief_id}", {"public": True, **changes})


def test_a_page_is_seen_by_its_link_only_and_shows_what_is_chosen_and_consented_to(
    people: People, completed: tuple[str, str]
) -> None:
    brief_id, file_id = completed
    url = people.student.post("/me/portfolio/link", {})["url"]
    assert httpx.get(url).json()["briefs"] == []
    assert choose(people.student, brief_id, file_ids=[file_id])["waits_for_consent"]
    (brief,) = httpx.get(url).json()["briefs"]
    assert (brief["quote"], brief["files"]) == (None, [])
    people.employer.put(f"/briefs/{brief_id}/consent", CONSENT)
    (brief,) = httpx.get(url).json()["briefs"]
    assert brief["quote"]["text"] == CONSENT["quote"]
    (file,) = brief["files"]
    content = httpx.get(file["url"], follow_redirects=True).raise_for_status().content
    assert hashlib.sha256(content).hexdigest() == hashlib.sha256(TEXT.content).hexdigest()
    page = httpx.get(url, headers={"Accept": "text/html"})
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src")
    assert CONSENT["quote"] in page.text
    people.employer.put(f"/briefs/{brief_id}/consent", {"files": False})
    assert httpx.get(file["url"]).status_code == 404
    people.student.post("/me/portfolio/link/revocation")
    assert httpx.get(url).status_code == 404


def test_what_was_completed_is_listed_and_grows(people: People, completed: tuple[str, str]) -> None:
    brief_id, _ = completed

    def is_counted() -> bool:
        return brief_id in {item["brief_id"] for item in people.student.pages("/me/portfolio/briefs")}

    people.student.wait_until("the brief is counted", is_counted, limit_s=60)
    quarters = people.student.get("/me/portfolio/growth")["quarters"]
    assert sum(quarter["total"]["briefs"] for quarter in quarters) >= 1
    assert quarters[-1]["total"]["scored"] >= 1


def test_a_resume_comes_as_json_and_on_one_sheet(people: People, completed: tuple[str, str]) -> None:
    brief_id, _ = completed
    choose(people.student, brief_id)
    resume = people.student.get("/me/portfolio/resume")
    assert (resume["basics"]["name"], resume["meta"]["version"]) == ("Amara Okafor", "v1.0.0")
    headers = {"Authorization": f"Bearer {people.student.token}"}
    sheet = httpx.get(f"{people.student.api_url}/me/portfolio/resume.pdf", headers=headers, timeout=60)
    pdf = PdfDocument(sheet.raise_for_status().content)
    assert len(pdf) == 1
    assert resume["projects"][0]["name"] in " ".join(pdf[0].get_textpage().get_text_range().split())

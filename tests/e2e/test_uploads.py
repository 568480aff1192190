"""S3 takes exactly the file that was announced, and gives it to the two parties only."""

import hashlib
from typing import Any

import httpx
import pytest

from infra.local.caller import Refused, SampleFile, announcement, body_of
from tests.e2e.people import TEXT, People

pytestmark = pytest.mark.local_stack


@pytest.fixture(scope="module")
def brief_id(people: People) -> str:
    return people.awarded()


@pytest.fixture
def announced(people: People, brief_id: str) -> dict[str, Any]:
    answer: dict[str, Any] = people.student.post(f"/briefs/{brief_id}/files", announcement(TEXT, "deliverable"))
    return answer


def _post(announced: dict[str, Any], content: bytes, **fields: str) -> int:
    form = announced["form"]
    sent = {**form["fields"], **fields}
    part = {"file": ("x", content, sent["Content-Type"])}
    return httpx.post(form["url"], data=sent, files=part, timeout=30).status_code


def test_the_announced_file_is_taken_and_its_receipt_recorded(people: People, brief_id: str) -> None:
    file_id = people.student.upload(brief_id, TEXT, "deliverable")
    shown = next(f for f in people.employer.pages(f"/briefs/{brief_id}/files") if f["file_id"] == file_id)
    assert shown["status"] == "received"
    assert shown["received_at"]
    assert people.employer.download(brief_id, file_id) == TEXT.content


def test_a_form_pins_size_type_hash_and_key(announced: dict[str, Any]) -> None:
    flipped = bytes([TEXT.content[0] ^ 1]) + TEXT.content[1:]
    refused = {
        "longer": _post(announced, TEXT.content + b"!"),
        "shorter": _post(announced, TEXT.content[:-1]),
        "other content of the same size": _post(announced, flipped),
        "another type": _post(announced, TEXT.content, **{"Content-Type": "text/html"}),
        "another key": _post(announced, TEXT.content, key="briefs/somebody/else"),
        "a forged signature": _post(announced, TEXT.content, **{"x-amz-signature": "0" * 64}),
    }
    assert {what: status for what, status in refused.items() if status < 400} == {}


def test_a_download_is_an_attachment_under_its_own_name(people: People, brief_id: str) -> None:
    named = SampleFile("résumé final.txt", TEXT.media_type, TEXT.content, TEXT.deliverable)
    file_id = people.student.upload(brief_id, named, "deliverable")
    link = people.employer.get(f"/briefs/{brief_id}/files/{file_id}/download")
    answer = httpx.get(link["url"], timeout=30)
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "r%C3%A9sum%C3%A9%20final.txt" in answer.headers["content-disposition"]


def test_nobody_else_can_have_or_see_a_file(people: People, brief_id: str) -> None:
    file_id = people.student.upload(brief_id, TEXT, "deliverable")
    for stranger in (people.someone("student"), people.someone("employer"), people.operator):
        with pytest.raises(Refused) as refused:
            stranger.get(f"/briefs/{brief_id}/files/{file_id}/download")
        assert refused.value.status == 404


def test_a_file_that_was_only_announced_cannot_be_had(people: People, brief_id: str, announced: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        people.employer.get(f"/briefs/{brief_id}/files/{announced['file']['file_id']}/download")
    assert refused.value.problem["code"] == "not_received"


def test_materials_reach_the_student_once_awarded(people: People) -> None:
    brief_id = people.opened()
    material = SampleFile("data.csv", "text/csv", b"a,b\n1,2\n" * 1000)
    file_id = people.employer.upload(brief_id, material, "material")
    with pytest.raises(Refused):
        people.student.get(f"/briefs/{brief_id}/files/{file_id}/download")
    people.employer.post(f"/briefs/{brief_id}/award", {"application_id": people.applied(brief_id)})
    got = people.student.download(brief_id, file_id)
    assert hashlib.sha256(got).digest() == hashlib.sha256(material.content).digest()


def test_a_marked_up_return_goes_with_the_review_of_the_submission_that_it_is_of(people: People) -> None:
    brief_id = people.submitted()
    marked = SampleFile("answer marked up.txt", "text/plain", b"Which appendix?\n")
    file_id = people.employer.upload(brief_id, marked, "return")
    assert people.student.download(brief_id, file_id) == marked.content
    people.employer.post(f"/briefs/{brief_id}/change-requests", body_of("change-requests"))
    (review,) = people.student.pages(f"/briefs/{brief_id}/reviews")
    listed = {f["file_id"]: f for f in people.student.pages(f"/briefs/{brief_id}/files")}
    assert (listed[file_id]["purpose"], listed[file_id]["submission_number"]) == ("return", review["number"])
    more = SampleFile("the appendix.txt", "text/plain", b"It is this one.\n")
    added = people.employer.upload(brief_id, more, "material")
    assert people.student.download(brief_id, added) == more.content, "what is asked for can come with what it needs"
    with pytest.raises(Refused) as too_late:
        people.employer.post(f"/briefs/{brief_id}/files", announcement(marked._replace(name="b.txt"), "return"))
    assert too_late.value.problem["code"] == "wrong_state"

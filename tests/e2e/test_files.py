"""What comes is looked at and scanned before anybody can have it; what is wrong with it is refused, with a reason."""

import json
import time
from typing import Any

import httpx
import pytest
from botocore.config import Config

from infra.local.caller import Refused, SampleFile, announcement, send
from infra.local.sample.malware import EICAR
from microintern.adapters.files import S3FileStore
from tests.contract import examples
from tests.e2e.people import TEXT, People
from tests.unit.contents import facts_of, nested, program, tarred, zipped

pytestmark = pytest.mark.local_stack

ZIP = "application/zip"
MATERIAL = "material"


@pytest.fixture(scope="module")
def brief_id(people: People) -> str:
    return people.awarded()


def sent(people: People, brief_id: str, content: bytes, media_type: str, name: str = "material.bin") -> dict[str, Any]:
    """The employer's material as it is listed once it has been looked at."""
    file = SampleFile(name, media_type, content)
    announced = people.employer.post(f"/briefs/{brief_id}/files", announcement(file, MATERIAL))
    send(announced, file)
    return people.employer.checked(brief_id, announced["file"]["file_id"])


def refusal(call: Any) -> str:
    with pytest.raises(Refused) as refused:
        call()
    code: str = refused.value.problem["code"]
    return code


def test_the_same_upload_again_changes_nothing_and_the_answer_is_what_became_of_it(people: People) -> None:
    brief_id = people.awarded()
    body, key = announcement(TEXT, "deliverable"), "announced-twice-1"
    announced = people.student.post(f"/briefs/{brief_id}/files", body, key)
    send(announced, TEXT)
    first = people.student.checked(brief_id, announced["file"]["file_id"])
    assert (first["status"], first["scan"]) == ("received", "clean")
    send(announced, TEXT)
    tidied = people.tidy()
    assert tidied["seen"] >= 2
    assert (tidied["strays"], tidied["outlived"]) == (0, 0), "a day has not passed"
    assert people.student.checked(brief_id, first["file_id"]) == first
    again = people.student.post(f"/briefs/{brief_id}/files", body, key)
    assert again == {"file": first, "form": None, "multipart": None}
    assert people.student.download(brief_id, first["file_id"]) == TEXT.content


def test_malware_is_put_away_and_both_sides_are_told(people: People) -> None:
    brief_id = people.awarded()
    file = SampleFile("answer.txt", TEXT.media_type, EICAR, TEXT.deliverable)
    announced = people.student.post(f"/briefs/{brief_id}/files", announcement(file, "deliverable"))
    send(announced, file)
    file_id = announced["file"]["file_id"]
    assert people.student.checked(brief_id, file_id)["scan"] == "infected"
    for who in (people.student, people.employer):
        assert refusal(lambda w=who: w.get(f"/briefs/{brief_id}/files/{file_id}/download")) == "file_infected"
        who.wait_until("they are told", lambda w=who: "file.infected" in _told(w, brief_id))
    handed = {"files": [{"deliverable": TEXT.deliverable, "file_id": file_id}]}
    assert refusal(lambda: people.student.post(f"/briefs/{brief_id}/submissions", handed)) == "file_infected"
    bucket, s3 = people.stack.outputs.files_bucket, people.stack.client("s3")

    def keys(prefix: str) -> list[str]:
        found = s3.list_object_versions(Bucket=bucket, Prefix=prefix).get("Versions", [])
        return [version["Key"] for version in found]

    people.student.wait_until("it is put away", lambda: not keys(f"briefs/{brief_id}/{file_id}"))
    assert len(keys(f"quarantine/{brief_id}/{file_id}/")) == 1


def _told(who: Any, brief_id: str) -> list[str]:
    return [notice["type"] for notice in who.pages("/me/notices") if notice["brief_id"] == brief_id]


@pytest.mark.parametrize(
    ("content", "media_type", "code"),
    [
        (program(), "application/pdf", "type_differs"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "image/png", "type_differs"),
        (b"<!doctype html><script>", "text/plain", "type_differs"),
        (zipped(("zeros.bin", bytes(10_000_000))), ZIP, "archive_bomb"),
        (nested(5, b"a,b\n"), ZIP, "archive_bomb"),
        (zipped(("../../etc/passwd", b"root")), ZIP, "archive_path"),
        (tarred(("/etc/passwd", b"root")), "application/x-tar", "archive_path"),
    ],
)
def test_what_is_not_what_it_says_is_refused_with_a_reason(
    people: People, brief_id: str, content: bytes, media_type: str, code: str
) -> None:
    found = sent(people, brief_id, content, media_type)
    assert (found["status"], found["scan"], found["refusal"]["code"]) == ("refused", None, code)
    where = f"/briefs/{brief_id}/files/{found['file_id']}/download"
    with pytest.raises(Refused) as refused:
        people.employer.get(where)
    assert refused.value.problem["code"] == "file_refused"
    assert found["refusal"]["reason"] in refused.value.problem["detail"]


@pytest.mark.parametrize("member", [("letter.txt", EICAR), ("letter.pdf", program())])
def test_malware_in_an_archive_is_found(people: People, brief_id: str, member: tuple[str, bytes]) -> None:
    assert sent(people, brief_id, zipped(("readme.md", b"# Hello\n"), member), ZIP)["scan"] == "infected"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "../../etc/passwd"},
        {"name": "report\u202efdp.exe"},
        {"name": "CON.txt"},
        {"name": ".htaccess"},
        {"size_bytes": 0},
        {"size_bytes": 10**18},
        {"media_type": "application/x-7z-compressed"},
    ],
)
def test_what_could_not_be_accepted_is_not_even_announced(people: People, brief_id: str, wrong: dict[str, Any]) -> None:
    before = len(list(people.student.pages(f"/briefs/{brief_id}/files")))
    with pytest.raises(Refused) as refused:
        people.student.post(f"/briefs/{brief_id}/files", announcement(TEXT, "deliverable") | wrong)
    assert refused.value.status == 422
    assert next(iter(wrong)) in json.dumps(refused.value.problem["errors"])
    assert len(list(people.student.pages(f"/briefs/{brief_id}/files"))) == before


def test_a_form_is_good_for_its_life_only(people: People) -> None:
    signing = people.stack.client("s3", config=Config(signature_version="s3v4"))
    store = S3FileStore(signing, people.stack.outputs.files_bucket)
    content = b"a,b\n"
    file = examples.file(examples.brief(), **facts_of(content))
    part = {"file": ("x", content, file.media_type)}
    for life_s, waits_s, answer in ((60, 0, (200, 204)), (1, 2.1, (403,))):
        form = store.upload_form(file, life_s)
        time.sleep(waits_s)
        assert httpx.post(form.url, data=form.fields, files=part, timeout=30).status_code in answer


def test_an_operator_has_the_files_of_a_dispute_and_that_is_recorded(people: People) -> None:
    brief_id = people.submitted()
    file_id = next(people.employer.pages(f"/briefs/{brief_id}/submissions"))["files"][0]["file_id"]
    where = f"/briefs/{brief_id}/files/{file_id}/download"
    assert refusal(lambda: people.operator.get(where)) == "not_found"
    people.dispute(people.employer, brief_id)
    assert people.operator.download(brief_id, file_id) == TEXT.content
    noted = [e for e in people.operator.pages("/audit", needs_person="false") if e["finding"] == "evidence_read"]
    assert file_id in [entry["subject"] for entry in noted]


def test_a_submission_is_what_was_handed_in_whatever_is_uploaded_after(people: People) -> None:
    brief_id = people.awarded()
    late = people.student.post(f"/briefs/{brief_id}/files", announcement(TEXT, "deliverable"))
    people.hand_in(brief_id)
    handed = next(people.employer.pages(f"/briefs/{brief_id}/submissions"))
    send(late, TEXT)
    people.student.checked(brief_id, late["file"]["file_id"])
    assert next(people.employer.pages(f"/briefs/{brief_id}/submissions")) == handed
    again = announcement(TEXT, "deliverable")
    assert refusal(lambda: people.student.post(f"/briefs/{brief_id}/files", again)) == "wrong_state"
    people.approve(brief_id)
    people.settled(brief_id)
    for who, purpose in ((people.student, "deliverable"), (people.employer, "material"), (people.employer, "return")):
        file = SampleFile("a.txt", "text/plain", b"a\n", TEXT.deliverable if purpose == "deliverable" else None)
        closed = announcement(file, purpose)
        assert refusal(lambda w=who, b=closed: w.post(f"/briefs/{brief_id}/files", b)) == "wrong_state"

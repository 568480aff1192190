"""Pictures, pages and texts are shown for the review, drawn anew; never the file itself, and to nobody else."""

import io
from typing import Any

import httpx
import pytest
from PIL import Image

from infra.local.caller import Caller, Refused, SampleFile
from infra.local.sample.work import materials
from tests.e2e.people import People

pytestmark = pytest.mark.local_stack
PDF = next(file for file in materials() if file.media_type == "application/pdf")
CSV = SampleFile("data.csv", "text/csv", b"a,b\n1,2\n" * 20)


def picture() -> SampleFile:
    out = io.BytesIO()
    Image.new("RGB", (2_000, 1_000), "teal").save(out, "PNG")
    return SampleFile("chart.png", "image/png", out.getvalue())


@pytest.fixture(scope="module")
def brief_id(people: People) -> str:
    return people.awarded()


def shown(who: Caller, brief_id: str, file: SampleFile) -> tuple[str, dict[str, Any]]:
    """Upload a material, and wait until its preview is drawn."""
    at = f"/briefs/{brief_id}/files/{who.upload(brief_id, file, 'material')}/preview"
    found: dict[str, Any] = {}

    def is_drawn() -> bool:
        found.update(who.get(at))
        return bool(found["status"] != "pending")

    who.wait_until("the preview is drawn", is_drawn, limit_s=60)
    return at, found


def test_a_picture_and_a_page_are_shown_as_pictures(people: People, brief_id: str) -> None:
    for file, size in ((picture(), (1_600, 800)), (PDF, (1_131, 1_600))):
        _, found = shown(people.employer, brief_id, file)
        assert found["status"] == "ready", found
        part = found["parts"][0]
        answer = httpx.get(part["url"], timeout=30)
        assert answer.headers["content-type"] == "image/webp"
        assert answer.headers["content-disposition"] == "inline"
        with Image.open(io.BytesIO(answer.content)) as image:
            assert image.format == "WEBP"
            assert (abs(image.size[0] - size[0]) <= 1, abs(image.size[1] - size[1]) <= 1) == (True, True)


def test_a_text_is_shown_as_text_to_the_other_side_too_and_to_nobody_else(people: People, brief_id: str) -> None:
    at, _ = shown(people.employer, brief_id, CSV)
    (part,) = people.student.get(at)["parts"]
    answer = httpx.get(part["url"], timeout=30)
    assert (answer.headers["content-type"], answer.text) == ("text/plain; charset=utf-8", CSV.content.decode())
    for stranger in (people.someone("student"), people.someone("employer"), people.operator):
        with pytest.raises(Refused) as refused:
            stranger.get(at)
        assert refused.value.status == 404


def test_what_cannot_be_shown_says_why(people: People, brief_id: str) -> None:
    other = SampleFile("logo.svg", "image/svg+xml", b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>')
    _, found = shown(people.employer, brief_id, other)
    assert (found["status"], found["parts"]) == ("none", [])
    assert found["reason"] == "No preview is made of image/svg+xml."

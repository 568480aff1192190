"""What a file is, is told by its content."""

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from infra.local.sample.malware import EICAR
from microintern.domain.documents import Refusal
from microintern.domain.media_types import OFFICE_PARTS, SIGNATURES, Kind, accepted, kind_of
from microintern.inspection import inspect
from microintern.ports.files import ReceivedObject
from tests.contract import examples
from tests.contract.examples import NOW
from tests.unit.contents import PAPER, PICTURE, TABLE, facts_of, gzipped, program, tarred, zipped

WORD, SHEET, SLIDES = OFFICE_PARTS


def office(part: str, *more: tuple[str, bytes]) -> bytes:
    return zipped(("[Content_Types].xml", b"<Types/>"), (f"{part}document.xml", b"<d/>"), *more)


def refusal(
    content: bytes, media_type: str, sha256: str | None = None, in_parts: bool = False, **announced: Any
) -> Refusal | None:
    """What is said of this content under this media type; `sha256` is what S3 knows, if it does."""
    file = examples.file(examples.brief(), media_type=media_type, **{**facts_of(content), **announced})
    known = {"size_bytes": len(content), "sha256": sha256, "version_id": "v1", "received_at": NOW, "in_parts": in_parts}
    return inspect(file, ReceivedObject.model_validate(known), lambda: io.BytesIO(content))


def code(content: bytes, media_type: str, **more: Any) -> str | None:
    found = refusal(content, media_type, **more)
    return found.code if found else None


def picture(kind: str) -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (20, 20)).save(drawn, kind)
    return drawn.getvalue()


def beginning(hexed: str) -> bytes:
    return bytes.fromhex(hexed) + bytes(600)


OLE = beginning("d0cf11e0a1b11ae1")
WEBM = "1a45dfa39f4286810142f7810142f2810442f381084282847765626d"
GENUINE: dict[str, bytes] = {
    "application/pdf": PAPER,
    "application/rtf": b"{\\rtf1\\ansi hello}",
    "application/msword": OLE,
    "application/vnd.ms-excel": OLE,
    "application/vnd.ms-powerpoint": OLE,
    "application/vnd.sqlite3": b"SQLite format 3\0" + bytes(100),
    "audio/flac": beginning("664c614300000022"),
    "audio/mpeg": beginning("49443303000000000021"),
    "audio/ogg": beginning("4f67675300020000"),
    "audio/wav": b"RIFF\x24\0\0\0WAVEfmt " + bytes(40),
    "image/bmp": picture("BMP"),
    "image/gif": picture("GIF"),
    "image/jpeg": picture("JPEG"),
    "image/png": picture("PNG"),
    "image/tiff": picture("TIFF"),
    "image/vnd.adobe.photoshop": b"8BPS\0\1" + bytes(100),
    "image/webp": picture("WEBP"),
    "video/mp4": b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(50),
    "video/quicktime": b"\0\0\0\x14ftypqt  \0\0\2\0qt  " + bytes(50),
    "video/webm": beginning(WEBM),
    "text/csv": TABLE,
    "text/plain": "Résumé\n".encode(),
    "text/markdown": b"<h1>A report</h1>",
    "text/html": b"<!doctype html><title>x</title>",
    "image/svg+xml": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    "application/json": b'{"a": 1}',
    "application/zip": zipped(("a.csv", TABLE), ("b/", b"")),
    "application/x-tar": tarred(("a.csv", TABLE)),
    "application/gzip": gzipped(tarred(("a.csv", TABLE))),
    WORD: office("word/"),
    SHEET: office("xl/"),
    SLIDES: office("ppt/"),
    "application/vnd.oasis.opendocument.text": zipped(
        ("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"<c/>")
    ),
}


@pytest.mark.parametrize("media_type", GENUINE)
def test_what_is_what_it_says_is_accepted(media_type: str) -> None:
    assert refusal(GENUINE[media_type], media_type) is None


def test_every_signature_that_is_accepted_is_known_to_the_library() -> None:
    assert SIGNATURES.keys() <= GENUINE.keys()


@pytest.mark.parametrize("media_type", GENUINE)
def test_a_program_is_nothing_of_all_this(media_type: str) -> None:
    assert code(program(), media_type) in ("type_differs", "archive_broken")


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (PICTURE, "application/pdf"),
        (PAPER, "image/png"),
        (PICTURE, "image/jpeg"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "image/png"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "text/plain"),
        (b"\xef\xbb\xbf \n<!-- hello -->\n<HTML><script>", "text/plain"),
        ("<!DOCTYPE html>".encode("utf-16"), "text/csv"),
        (b"<?xml version='1.0'?><svg/>", "text/csv"),
        (b"a,b\n\0,2\n", "text/csv"),
        (b"caf\xe9\n", "text/plain"),
        (b"caf\xc3", "text/plain"),
        (b"<html/>", "image/svg+xml"),
        (zipped(("a.csv", TABLE)), WORD),
        (office("xl/"), WORD),
        (office("word/", ("word/vbaProject.bin", b"macros")), WORD),
        (zipped(("content.xml", b"<c/>")), "application/vnd.oasis.opendocument.text"),
        (TABLE, "application/x-7z-compressed"),
    ],
)
def test_a_type_that_lies_is_refused(content: bytes, media_type: str) -> None:
    assert code(content, media_type) == "type_differs"


def test_text_may_be_utf_16() -> None:
    assert refusal("a,b\n1,2\n".encode("utf-16"), "text/csv") is None


def test_nothing_is_refused_first() -> None:
    assert code(b"", "text/csv") == "empty"


def test_size_and_hash_are_those_announced() -> None:
    assert code(TABLE, "text/csv", size_bytes=len(TABLE) + 1) == "size_differs"
    other = str(facts_of(PAPER)["sha256"])
    file = examples.file(examples.brief(), media_type="text/csv", **{**facts_of(TABLE), "sha256": other})
    known = {"size_bytes": len(TABLE), "version_id": "v1", "received_at": NOW}
    for sha256, in_parts in ((None, False), (other, True), (str(facts_of(TABLE)["sha256"]), False)):
        came = ReceivedObject(**known, sha256=sha256, in_parts=in_parts)  # type: ignore[arg-type]
        found = inspect(file, came, lambda: io.BytesIO(TABLE))
        assert found is not None
        assert found.code == "hash_differs"
    assert refusal(TABLE, "text/csv", other, in_parts=True) is None, "of its parts S3 knows another hash"


def test_every_refusal_says_what_would_be_right() -> None:
    for content, media_type in ((b"", "text/csv"), (PICTURE, "text/csv"), (EICAR[:10], WORD)):
        found = refusal(content, media_type)
        assert found is not None
        assert found.reason.endswith(".")


@given(st.binary(max_size=300), st.sampled_from(sorted(GENUINE)))
def test_whatever_comes_is_judged(content: bytes, media_type: str) -> None:
    refusal(content, media_type)


@given(st.data(), st.sampled_from([t for t in GENUINE if kind_of(t) not in (Kind.TEXT, Kind.SIGNATURE)]))
def test_a_damaged_archive_is_judged(data: st.DataObject, media_type: str) -> None:
    damaged = bytearray(GENUINE[media_type])
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    refusal(bytes(damaged[: data.draw(st.integers(1, len(damaged)))]), media_type)


@pytest.mark.parametrize(
    "media_type", ["application/x-7z-compressed", "application/octet-stream", "application/vnd.rar"]
)
def test_what_cannot_be_looked_into_is_not_even_announced(media_type: str) -> None:
    with pytest.raises(ValueError, match="not accepted"):
        accepted(media_type)
    assert accepted("text/x-python") == "text/x-python"

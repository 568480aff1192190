"""Credentials as pictures: what is baked in comes out, also by others' means."""

import io
import json
import struct
import zlib
from datetime import UTC, datetime

import pytest
from openbadgeslib import baking
from PIL import Image

from microintern.badging.picture import KEYWORD, SIDE_PX, baked, unbaked
from microintern.domain.credentials import Choices, Work
from microintern.domain.problems import Malformed
from tests.unit.builders import a_posting

SIGNED = json.dumps({"name": "Größe, 尺寸 and “quotes”\n", "list": list(range(500))}, ensure_ascii=False)


def work(**changes: object) -> Work:
    posting = a_posting().model_dump(include={"title", "goals", "field", "skills", "hours", "rubric"})
    rest = {"employer_name": "Acme", "approved_at": datetime(2026, 12, 1, tzinfo=UTC), "by_silence": False}
    return Work.model_validate({**posting, **rest, "score_percent": 85, "scores": {"chart": "good"}, **changes})


def test_what_is_baked_in_comes_out_word_for_word() -> None:
    assert unbaked(baked(SIGNED, work(), Choices())) == SIGNED


def test_another_library_finds_it_too_and_it_is_a_picture() -> None:
    png = baked(SIGNED, work(), Choices())
    assert baking.extract_png(png, keyword=b"openbadgecredential") == SIGNED
    with Image.open(io.BytesIO(png)) as image:
        image.load()
        assert (image.format, image.size) == ("PNG", (SIDE_PX, SIDE_PX))


def test_the_chunk_is_as_open_badges_wants_it() -> None:
    """An iTXt chunk of this keyword, not compressed, without language."""
    png = baked(SIGNED, work(), Choices())
    at = png.index(b"iTXt")
    (length,) = struct.unpack(">I", png[at - 4 : at])
    assert png[at + 4 : at + 4 + length] == KEYWORD.encode() + b"\0\0\0\0\0" + SIGNED.encode()


def test_a_score_that_is_not_shown_is_not_drawn() -> None:
    shown, hidden = (baked("{}", work(), Choices(show_scores=show)) for show in (True, False))
    assert shown != hidden
    assert hidden == baked("{}", work(scores={}, score_percent=None), Choices())


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_with(*chunks: bytes, side_px: int = 1) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side_px, side_px, 8, 2, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + header
        + b"".join(chunks)
        + chunk(b"IDAT", zlib.compress(b"\0\0\0\0"))
        + chunk(b"IEND", b"")
    )


def compressed(text: bytes) -> bytes:
    return chunk(b"iTXt", KEYWORD.encode() + b"\0\1\0\0\0" + zlib.compress(text))


def test_a_picture_is_never_decoded_so_its_size_does_not_matter() -> None:
    huge = png_with(chunk(b"iTXt", KEYWORD.encode() + b"\0\0\0\0\0{}"), side_px=8_000)
    assert unbaked(huge) == "{}"


@pytest.mark.parametrize(
    ("png", "code"),
    [
        (b"", "not_a_png"),
        (b"GIF89a", "not_a_png"),
        (b"\x89PNG\r\n\x1a\n", "not_a_png"),
        (png_with(), "no_credential_in_png"),
        (png_with(compressed(b"a" * 80_000_000)), "not_a_png"),
        (png_with(side_px=100_000), "not_a_png"),
    ],
    ids=["nothing", "no PNG", "no chunks", "no credential", "bomb of text", "bomb of pixels"],
)
def test_what_is_no_badge_is_refused(png: bytes, code: str) -> None:
    with pytest.raises(Malformed) as refused:
        unbaked(png)
    assert refused.value.code == code

"""Previews are drawn anew and within bounds, whatever is in the file."""

import io
import struct
import subprocess
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from microintern.domain.previews import Preview
from microintern.previewing import making
from microintern.previewing.draw import LONGEST_SIDE_PX, MOST_PAGES, MOST_TEXT_BYTES, drawn

pytestmark = pytest.mark.slow


def draw(content: bytes, media_type: str, folder: Path) -> Preview:
    source = folder / "source"
    source.write_bytes(content)
    return drawn(source, media_type, folder)


def picture(width: int = 3_000, height: int = 1_500, kind: str = "PNG", **saved: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, kind, **saved)
    return out.getvalue()


def pdf(pages: int = 1, **options: Any) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, **options)
    for number in range(pages):
        canvas.drawString(72, 720, f"Page {number + 1}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP"])
def test_a_picture_is_drawn_anew_and_small(kind: str, tmp_path: Path) -> None:
    found = draw(picture(kind=kind), f"image/{kind.lower()}", tmp_path)
    (part,) = found.parts
    with Image.open(tmp_path / part.name) as image:
        assert (image.format, image.size) == ("WEBP", (LONGEST_SIDE_PX, LONGEST_SIDE_PX // 2))
        assert image.size == (part.width_px, part.height_px)
    assert (found.reason, found.cut) == (None, False)


def test_nothing_of_a_picture_but_its_pixels_is_kept_and_it_stands_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = "taken at home", 6
    found = draw(picture(400, 200, "JPEG", exif=exif), "image/jpeg", tmp_path)
    (part,) = found.parts
    assert (part.width_px, part.height_px) == (200, 400)
    assert b"taken at home" not in (tmp_path / part.name).read_bytes()
    with Image.open(tmp_path / part.name) as image:
        assert dict(image.getexif()) == {}


def test_a_picture_keeps_what_shows_through(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (255, 0, 0, 0)).save(out, "PNG")
    draw(out.getvalue(), "image/png", tmp_path)
    with Image.open(tmp_path / "page-1.webp") as image:
        assert image.convert("RGBA").getpixel((5, 5))[3] == 0  # type: ignore[index]


def bomb(side_px: int) -> bytes:
    """A PNG of a few hundred bytes that claims to have so many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side_px, side_px, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1_000)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side_px", [7_000, 12_000, 60_000])
def test_a_bomb_is_not_unpacked(side_px: int, tmp_path: Path) -> None:
    found = draw(bomb(side_px), "image/png", tmp_path)
    assert found.parts == []
    assert "pixels" in (found.reason or "")


@pytest.mark.parametrize(
    "content",
    [b"", b"no picture", picture()[:200], pdf(), b"<svg xmlns='http://www.w3.org/2000/svg'/>"],
    ids=["nothing", "a text", "half a picture", "a document", "a drawing"],
)
def test_what_is_no_picture_is_told_so(content: bytes, tmp_path: Path) -> None:
    assert "cannot be read" in (draw(content, "image/png", tmp_path).reason or "")


def test_of_a_picture_that_moves_the_first_is_shown(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (10, 10), color) for color in ("red", "green", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    found = draw(out.getvalue(), "image/gif", tmp_path)
    assert (len(found.parts), found.cut) == (1, True)


def test_the_first_pages_of_a_document_are_drawn(tmp_path: Path) -> None:
    found = draw(pdf(MOST_PAGES + 2), "application/pdf", tmp_path)
    assert [part.name for part in found.parts] == [f"page-{n}.webp" for n in range(1, MOST_PAGES + 1)]
    assert (found.pages, found.cut) == (MOST_PAGES + 2, True)
    with Image.open(tmp_path / "page-1.webp") as image:
        assert max(image.size) == LONGEST_SIDE_PX
        assert min(image.convert("L").tobytes()) < 100, "something is written on it"


def test_the_size_of_a_page_is_not_the_documents_to_choose(tmp_path: Path) -> None:
    found = draw(pdf(pagesize=(14_400, 14_400)), "application/pdf", tmp_path)
    assert (found.parts[0].width_px, found.parts[0].height_px) == (LONGEST_SIDE_PX, LONGEST_SIDE_PX)
    thin = draw(pdf(pagesize=(14_400, 3)), "application/pdf", tmp_path)
    assert max(thin.parts[0].width_px or 0, thin.parts[0].height_px or 0) <= LONGEST_SIDE_PX


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (pdf(encrypt="secret"), "has a password"),
        (b"%PDF-1.7 nothing", "cannot be read"),
        (picture(), "cannot be read"),
    ],
    ids=["locked", "damaged", "a picture"],
)
def test_a_document_that_cannot_be_drawn_says_why(content: bytes, reason: str, tmp_path: Path) -> None:
    found = draw(content, "application/pdf", tmp_path)
    assert found.parts == []
    assert reason in (found.reason or "")


@pytest.mark.parametrize("media_type", ["text/plain", "text/csv", "text/html", "application/json"])
def test_a_text_is_shown_as_its_characters(media_type: str, tmp_path: Path) -> None:
    found = draw("\ufeffa;ü\r\n<script>x</script>\x1b[31m\x00".encode(), media_type, tmp_path)
    (part,) = found.parts
    assert part.media_type == "text/plain; charset=utf-8"
    assert (tmp_path / part.name).read_text(encoding="utf-8") == "a;ü\n<script>x</script>\ufffd[31m\ufffd"
    assert not found.cut


def test_a_text_in_utf_16_is_shown_in_utf_8(tmp_path: Path) -> None:
    draw("Größe\r\n".encode("utf-16"), "text/csv", tmp_path)
    assert (tmp_path / "text.txt").read_bytes() == "Größe\n".encode()


def test_a_long_text_is_cut_between_characters(tmp_path: Path) -> None:
    found = draw(b"x" * (MOST_TEXT_BYTES - 1) + "üüü".encode(), "text/plain", tmp_path)
    assert found.cut
    assert (tmp_path / "text.txt").read_text(encoding="utf-8") == "x" * (MOST_TEXT_BYTES - 1)


def test_what_is_no_text_does_no_harm(tmp_path: Path) -> None:
    draw(bytes(range(256)), "text/plain", tmp_path)
    shown = (tmp_path / "text.txt").read_text(encoding="utf-8")
    assert all(c.isprintable() or c in "\n\t" for c in shown)


@pytest.mark.parametrize("media_type", ["application/zip", "image/svg+xml", "video/mp4", "application/x-tar"])
def test_of_other_types_there_is_none_and_nothing_is_fetched(media_type: str, tmp_path: Path) -> None:
    found = making.make(media_type, 10, lambda *_: pytest.fail("was fetched"), tmp_path)
    assert found.reason == f"No preview is made of {media_type}."


class TestApart:
    """Within the bounds of a process of its own."""

    def make(self, content: bytes, media_type: str, folder: Path, size_bytes: int | None = None) -> Preview:
        def fetch(path: Path, most_bytes: int) -> None:
            path.write_bytes(content[:most_bytes])

        return making.make(media_type, size_bytes or len(content), fetch, folder)

    def test_it_comes_to_the_same(self, tmp_path: Path) -> None:
        for content, media_type in ((picture(), "image/png"), (pdf(2), "application/pdf"), (b"a\n", "text/plain")):
            found = self.make(content, media_type, tmp_path)
            assert found.reason is None
            assert all((tmp_path / part.name).exists() for part in found.parts)
            assert not (tmp_path / "source").exists()

    def test_too_large_a_file_is_not_fetched(self, tmp_path: Path) -> None:
        found = making.make("image/png", making.MOST_BYTES + 1, lambda *_: pytest.fail("was fetched"), tmp_path)
        assert "too much for a preview" in (found.reason or "")

    def test_of_the_largest_text_only_the_beginning_is_fetched(self, tmp_path: Path) -> None:
        found = self.make(b"x" * 200_000, "text/plain", tmp_path, size_bytes=5 * 1024**3)
        assert found.cut

    def test_whoever_takes_too_long_is_stopped(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(making, "MOST_SECONDS", 0.01)
        monkeypatch.setattr(making, "_bounds", lambda: None)
        assert "too long" in (self.make(picture(), "image/png", tmp_path).reason or "")

    def test_whoever_takes_too_much_memory_is_stopped(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(making, "MOST_MEMORY_BYTES", 64 * 1_048_576)
        assert "within the bounds" in (self.make(picture(6_000, 6_000), "image/png", tmp_path).reason or "")

    def test_the_child_has_no_credentials(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        given: dict[str, Any] = {}
        run = subprocess.run

        def noting(*arguments: Any, **options: Any) -> Any:
            given.update(options)
            return run(*arguments, **options)

        monkeypatch.setattr("microintern.previewing.making.subprocess.run", noting)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        assert self.make(picture(), "image/png", tmp_path).parts
        assert given["env"].keys() == {"PYTHONPATH", "PYTHONDONTWRITEBYTECODE"}

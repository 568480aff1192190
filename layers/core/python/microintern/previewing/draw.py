"""Draws one file's preview, as a program of its own: what a file brings down, it brings down alone.

`python -m microintern.previewing.draw SOURCE MEDIA_TYPE FOLDER` writes the parts and `preview.json` into the folder.
"""

import codecs
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from microintern.domain.previews import Part, Preview, none_because

MOST_PIXELS = 40_000_000
"""Of a picture; a bomb has more. A page is drawn at a size that is chosen here."""
LONGEST_SIDE_PX = 1_600
MOST_PAGES = 5
MOST_TEXT_BYTES = 65_536
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP")


def main(source: Path, media_type: str, folder: Path) -> None:
    """Draw, and say what was drawn."""
    (folder / "preview.json").write_text(drawn(source, media_type, folder).model_dump_json(), encoding="utf-8")


def drawn(source: Path, media_type: str, folder: Path) -> Preview:
    """The preview, its parts written into the folder."""
    draw = drawer_of(media_type)
    if draw is None:
        return none_because(f"No preview is made of {media_type}.")
    return draw(source, folder)


def drawer_of(media_type: str) -> Callable[[Path, Path], Preview] | None:
    """What draws files of a type, if anything does."""
    if media_type == "application/pdf":
        return _pages
    if media_type in ("image/png", "image/jpeg", "image/gif", "image/webp", "image/tiff", "image/bmp"):
        return _picture
    # Any text is shown as the characters that it is made of, markup too.
    return _text if media_type.startswith("text/") or media_type == "application/json" else None


def _picture(source: Path, folder: Path) -> Preview:
    # Imported where it is used: the function that serves texts must not load it.
    from PIL import Image, ImageOps, UnidentifiedImageError  # noqa: PLC0415

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # it is refused here, and not only warned of
    try:
        with Image.open(source, formats=_FORMATS) as image:
            width, height = image.size
            if width * height > MOST_PIXELS:
                return none_because(f"The picture has {width} by {height} pixels, which is too many for a preview.")
            frames = getattr(image, "n_frames", 1)
            image.draft("RGB", (LONGEST_SIDE_PX, LONGEST_SIDE_PX))
            part = _write(ImageOps.exif_transpose(image), folder, 1)
    except Image.DecompressionBombError:
        return none_because("The picture has too many pixels for a preview.")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):
        return none_because("The picture cannot be read; it may be damaged.")
    return Preview(parts=[part], cut=frames > 1)


def _pages(source: Path, folder: Path) -> Preview:
    import pypdfium2 as pdfium  # noqa: PLC0415 - as above

    try:
        with pdfium.PdfDocument(source) as document:
            count = len(document)
            parts = [_write(_page(document[i]), folder, i + 1) for i in range(min(count, MOST_PAGES))]
    except pdfium.PdfiumError as error:
        locked = "password" in str(error).lower()
        return none_because("The document has a password." if locked else "The document cannot be read.")
    if not parts:
        return none_because("The document has no pages.")
    return Preview(parts=parts, pages=count, cut=count > len(parts))


def _page(page: Any) -> Any:
    """A page as a picture; forms and scripts are left out, since they are never loaded."""
    width, height = page.get_size()
    scale = LONGEST_SIDE_PX / max(width, height, 1)
    # A strip of a page that is a thousand times as long as it is wide is cut to what can be seen.
    return page.render(scale=min(scale, 4), may_draw_forms=False).to_pil()


def _write(image: Any, folder: Path, number: int) -> Part:
    """Write a picture anew: nothing of the original but its pixels is in it."""
    image.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX))
    bare = image.convert("RGBA" if image.has_transparency_data else "RGB")
    bare.info.clear()
    name = f"page-{number}.webp"
    bare.save(folder / name, "WEBP", quality=82)
    return Part(name=name, media_type="image/webp", width_px=bare.width, height_px=bare.height)


def _text(source: Path, folder: Path) -> Preview:
    with source.open("rb") as stream:
        data = stream.read(MOST_TEXT_BYTES + 1)
    cut = len(data) > MOST_TEXT_BYTES
    # What was cut within a character is left out; what is no text at all is shown as such.
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    text = codecs.getincrementaldecoder(encoding)("replace").decode(data[:MOST_TEXT_BYTES], final=not cut)
    lines = text.replace("\r\n", "\n")
    shown = "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in lines)
    (folder / "text.txt").write_text(shown, encoding="utf-8")
    return Preview(parts=[Part(name="text.txt", media_type="text/plain; charset=utf-8")], cut=cut)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))

"""A credential as a picture: drawn anew for each, and baked into it as Open Badges 3.0 says (an iTXt chunk of a PNG).

There are no words of people in the picture, so no script is missing from its font; they stand in what is baked in.
"""

import io
import math

from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

from microintern.domain.credentials import Choices, Work
from microintern.domain.problems import Malformed

MEDIA_TYPE = "image/png"
KEYWORD = "openbadgecredential"
SIDE_PX = 480
_INK, _PAPER, _ACCENT = "#12324a", "#ffffff", "#d9822b"
_TEETH = 24


def baked(signed: str, work: Work, choices: Choices) -> bytes:
    """The picture, with the signed credential in it word for word."""
    chunks = PngImagePlugin.PngInfo()
    chunks.add_itxt(KEYWORD, signed, zip=False)
    out = io.BytesIO()
    _drawn(work, choices).save(out, "PNG", pnginfo=chunks, optimize=True)
    return out.getvalue()


def unbaked(png: bytes) -> str:
    """The credential that a picture carries; Malformed when it is no PNG or carries none."""
    try:
        # Only the chunks are read: no pixel of what somebody sent is decoded.
        with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
            text = image.info.get(KEYWORD)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Malformed("not_a_png", "The body is no PNG; send the badge as it was downloaded.") from error
    if not isinstance(text, str):
        raise Malformed("no_credential_in_png", f"This PNG carries no credential: it has no chunk {KEYWORD}.")
    return str(text)


def _drawn(work: Work, choices: Choices) -> Image.Image:
    picture = Image.new("RGB", (SIDE_PX, SIDE_PX), _PAPER)
    draw = ImageDraw.Draw(picture)
    middle = SIDE_PX / 2
    draw.polygon(_seal(middle, middle - 8, middle - 24), fill=_ACCENT)
    draw.ellipse((44, 44, SIDE_PX - 44, SIDE_PX - 44), fill=_INK)
    draw.line(((186, 128), (226, 166), (298, 92)), fill=_ACCENT, width=18, joint="curve")
    lines = [
        ("Microintern", 46, 218),
        (work.field.value.capitalize(), 34, 276),
        (f"{work.hours} hours, {work.approved_at:%Y-%m-%d}", 25, 322),
    ]
    if choices.show_scores and work.score_percent is not None:
        lines.append((f"Score {work.score_percent} %", 25, 358))
    for text, size_px, top_px in lines:
        draw.text((middle, top_px), text, _PAPER, ImageFont.load_default(size_px), anchor="mm")
    return picture


def _seal(middle: float, outer: float, inner: float) -> list[tuple[float, float]]:
    """The corners of a seal with teeth."""
    corners = []
    for corner in range(2 * _TEETH):
        radius = inner if corner % 2 else outer
        angle = math.pi * corner / _TEETH
        corners.append((middle + radius * math.cos(angle), middle + radius * math.sin(angle)))
    return corners

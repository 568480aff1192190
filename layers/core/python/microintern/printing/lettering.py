"""Letters for what people wrote, in whatever script: one font has a few scripts only.

Text is set in the first of several fonts that has the character, and only fonts that are needed are read. What none of
them has, some emoji, is written out by its name: nothing fails or vanishes.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont
from fpdf import FPDF

BASE = "source-sans/ttf/SourceSans3"
FURTHER = "kurinto/ttf/KurintoSans"
_EAST_ASIAN = {"JP": "HIRAGANA KATAKANA", "KR": "HANGUL", "SC": "", "TC": ""}
"""Han characters are drawn in another way in each place: what else is written beside them tells which."""
_INVISIBLE = frozenset({"Cf", "Mn", "Me"})


class Lettering:
    """The fonts of a PDF, for the texts that it will have beside those in Latin letters."""

    def __init__(self, pdf: FPDF, texts: Iterable[str]) -> None:
        """Load into the PDF the fonts that these texts take."""
        self._pdf = pdf
        self._drawable: set[str] = set()
        fonts = _fonts({character for text in texts for character in text})
        for name in fonts:
            pdf.add_font(name, "", path(name))
            self._drawable |= _characters(name)
        pdf.add_font(f"{BASE}-bold", "", path(f"{BASE}-Bold"))
        pdf.set_fallback_fonts(fonts, exact_match=False)
        pdf.set_text_shaping(use_shaping_engine=True)

    def set(self, size_pt: float, *, bold: bool = False) -> None:
        """What is written from now on is of this size."""
        self._pdf.set_font(f"{BASE}-bold" if bold else f"{BASE}-Regular", size=size_pt)

    def written(self, text: str) -> str:
        """The text with what no font has written out by its name; what is invisible by its nature is left out."""
        return "".join(
            character if character in self._drawable or character == "\n" else _named(character) for character in text
        )


def texts_of(value: Any) -> Iterator[str]:
    """Every text in a value of JSON's kinds."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from texts_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_of(inner)


def path(name: str) -> Path:
    """Where a font lies."""
    found = find_spec("weblate_fonts")
    assert found
    assert found.origin
    return Path(found.origin).parent / "static/weblate_fonts" / f"{name}.ttf"


@cache
def _characters(name: str) -> frozenset[str]:
    """What a font has; only its table of characters is read."""
    with TTFont(path(name), lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap()))


def _fonts(characters: set[str]) -> list[str]:
    """The base, and as many further ones as have something that those before lack."""
    chosen = [f"{BASE}-Regular"]
    left = characters - _characters(chosen[0])
    for name in [f"{FURTHER}-Rg", *(f"{FURTHER}{place}-Rg" for place in _places(left))]:
        if not {c for c in left if not _is_invisible(c)}:
            break
        if left & _characters(name):
            chosen.append(name)
            left -= _characters(name)
    return chosen


def _places(characters: set[str]) -> list[str]:
    """The fonts of East Asia, first those of the places whose own letters are there."""
    names = {unicodedata.name(character, "").partition(" ")[0] for character in characters}
    return sorted(_EAST_ASIAN, key=lambda place: not names & set(_EAST_ASIAN[place].split()))


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) in _INVISIBLE or character.isspace()


def _named(character: str) -> str:
    if _is_invisible(character):
        return " " if character.isspace() else ""
    return f"[{unicodedata.name(character, f'U+{ord(character):04X}').lower()}]"

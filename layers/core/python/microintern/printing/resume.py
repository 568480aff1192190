"""A résumé on one sheet of A4, of what JSON Resume says.

Names are written in every script there is, and one font has a few of them only: text is set in the first of several
fonts that has the character. What none of them has, some emoji, is written out by its name: nothing fails or vanishes.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import XPos, YPos

BASE = "source-sans/ttf/SourceSans3"
FURTHER = "kurinto/ttf/KurintoSans"
_EAST_ASIAN = {"JP": "HIRAGANA KATAKANA", "KR": "HANGUL", "SC": "", "TC": ""}
"""Han characters are drawn in another way in each place: what else is written beside them tells which."""

MARGIN_MM, BOTTOM_MM = 18, 279
_BODY_PT, _SMALL_PT = 10, 8.5
MOST_SUMMARY, MOST_DESCRIPTION, MOST_QUOTE, MOST_SKILLS = 600, 280, 240, 400
"""Characters; one sheet has no room for more."""
_INVISIBLE = frozenset({"Cf", "Mn", "Me"})


def printed(resume: Mapping[str, Any]) -> bytes:
    """The sheet as a PDF: always one page; what there is no room for is counted at its end."""
    sheet = Sheet(_texts(resume))
    basics, at = resume["basics"], datetime.fromisoformat(resume["meta"]["lastModified"] + "Z")
    sheet.pdf.set_title(sheet.written(basics["name"]))
    sheet.pdf.set_creation_date(at)
    sheet.head(basics)
    if skills := resume["skills"]:
        sheet.section("Skills")
        sheet.text(clipped("; ".join(f"{skill['name']} ({skill['level']})" for skill in skills), MOST_SKILLS))
    sheet.listed("Completed", [_project(project) for project in resume["projects"]])
    sheet.listed("What employers say", [_reference(reference) for reference in resume["references"]])
    return bytes(sheet.pdf.output())


def clipped(text: str, most: int) -> str:
    """The text on one line, cut between words if it is longer."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    kept = line[:most]
    return f"{kept[: kept.rfind(' ')] if ' ' in kept[most // 2 :] else kept} …"


Entry = tuple[str, list[str]]
"""A heading, and what stands under it."""


def _project(project: Mapping[str, Any]) -> Entry:
    under = [project["endDate"], *([project["entity"]] if "entity" in project else []), *project["highlights"]]
    lines = [clipped(project["description"], MOST_DESCRIPTION), clipped(" · ".join(under), MOST_DESCRIPTION)]
    return project["name"], [*lines, clipped(", ".join(project["keywords"]), MOST_DESCRIPTION)]


def _reference(reference: Mapping[str, Any]) -> Entry:
    return reference["name"], [clipped(reference["reference"], MOST_QUOTE)]


def _texts(value: Any) -> Iterator[str]:
    """Every text in it."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


class Sheet:
    """A page that is filled from its top, in fonts that have what is to be written."""

    def __init__(self, texts: Iterator[str]) -> None:
        """With the fonts that these texts take."""
        characters = {character for text in texts for character in text} | set("·… ;()and more here")
        self.pdf = FPDF(format="A4")
        self.pdf.set_auto_page_break(auto=False)
        self.pdf.set_margin(MARGIN_MM)
        self.pdf.set_lang("en")
        self.pdf.add_page()
        self.pdf.set_text_color(18, 50, 74)
        self.shown: set[str] = set()
        fonts = _fonts(characters)
        for name in fonts:
            self.pdf.add_font(name, "", path(name))
            self.shown |= _characters(name)
        self.pdf.add_font(f"{BASE}-bold", "", path(f"{BASE}-Bold"))
        self.pdf.set_fallback_fonts(fonts, exact_match=False)
        self.pdf.set_text_shaping(use_shaping_engine=True)

    def written(self, text: str) -> str:
        """The text with what no font has written out by its name; what is invisible by its nature is left out."""
        return "".join(character if character in self.shown else _named(character) for character in text)

    def head(self, basics: Mapping[str, Any]) -> None:
        """Who it is."""
        self.text(basics["name"], size_pt=20, bold=True)
        self.text(basics["label"])
        if "url" in basics:
            self.text(basics["url"], size_pt=_SMALL_PT)
        if "summary" in basics:
            self.pdf.ln(2)
            self.text(clipped(basics["summary"], MOST_SUMMARY))

    def section(self, title: str) -> None:
        """A heading."""
        self.pdf.ln(3)
        self.text(title, size_pt=13, bold=True)

    def listed(self, title: str, entries: list[Entry]) -> None:
        """A section, as far as there is room; how many are left out is said at its end."""
        room_mm = self._height("…", _SMALL_PT) + 1
        for place, (heading, lines) in enumerate(entries):
            height = self._height(heading, _BODY_PT) + sum(self._height(line, _SMALL_PT) for line in lines) + 1
            first = place == 0
            if self.pdf.get_y() + height + room_mm + (10 if first else 0) > BOTTOM_MM:
                self.text(f"{title}: … and {len(entries) - place} more.", size_pt=_SMALL_PT)
                return
            if first:
                self.section(title)
            self.pdf.ln(1)
            self.text(heading, bold=True)
            for line in lines:
                self.text(line, size_pt=_SMALL_PT)

    def text(self, text: str, size_pt: float = _BODY_PT, *, bold: bool = False) -> None:
        """A paragraph."""
        self._set_font(size_pt, bold=bold)
        written = self.written(text)
        self.pdf.multi_cell(0, size_pt * 0.47, written, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _height(self, text: str, size_pt: float) -> float:
        self._set_font(size_pt, bold=True)
        written = self.written(text)
        height: Any = self.pdf.multi_cell(0, size_pt * 0.47, written, align="L", dry_run=True, output="HEIGHT")
        return float(height)

    def _set_font(self, size_pt: float, *, bold: bool) -> None:
        self.pdf.set_font(f"{BASE}-bold" if bold else f"{BASE}-Regular", size=size_pt)


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

"""A résumé on one sheet of A4, of what JSON Resume says."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from microintern.printing.lettering import Lettering, texts_of

MARGIN_MM, BOTTOM_MM = 18, 279
_BODY_PT, _SMALL_PT = 10, 8.5
MOST_SUMMARY, MOST_DESCRIPTION, MOST_QUOTE, MOST_SKILLS = 600, 280, 240, 400
"""Characters; one sheet has no room for more."""


def printed(resume: Mapping[str, Any]) -> bytes:
    """The sheet as a PDF: always one page; what there is no room for is counted at its end."""
    sheet = Sheet(texts_of(resume))
    basics, at = resume["basics"], datetime.fromisoformat(resume["meta"]["lastModified"] + "Z")
    sheet.pdf.set_title(sheet.letters.written(basics["name"]))
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


class Sheet:
    """A page that is filled from its top, in fonts that have what is to be written."""

    def __init__(self, texts: Iterable[str]) -> None:
        """With the fonts that these texts take."""
        self.pdf = FPDF(format="A4")
        self.pdf.set_auto_page_break(auto=False)
        self.pdf.set_margin(MARGIN_MM)
        self.pdf.set_lang("en")
        self.pdf.add_page()
        self.pdf.set_text_color(18, 50, 74)
        self.letters = Lettering(self.pdf, texts)

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
        self.letters.set(size_pt, bold=bold)
        written = self.letters.written(text)
        self.pdf.multi_cell(0, size_pt * 0.47, written, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _height(self, text: str, size_pt: float) -> float:
        self.letters.set(size_pt, bold=True)
        written = self.letters.written(text)
        height: Any = self.pdf.multi_cell(0, size_pt * 0.47, written, align="L", dry_run=True, output="HEIGHT")
        return float(height)

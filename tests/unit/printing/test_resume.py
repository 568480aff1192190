"""The sheet: always one page, with every character of a name on it, whatever script it is written in."""

import io
import unicodedata
from importlib.metadata import metadata
from typing import Any

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdfium2 import PdfDocument

from microintern.printing.lettering import BASE, FURTHER, path
from microintern.printing.resume import clipped, printed

pytestmark = pytest.mark.slow


def a_resume(name: str = "Amara Okafor", projects: int = 1, **changes: Any) -> dict[str, Any]:
    project = {
        "name": "Clean a table",
        "description": "Make it fit for a public page. " * 20,
        "highlights": ["10 hours, paid", "Accepted"],
        "keywords": ["python", "data-cleaning"],
        "endDate": "2026-11-20",
        "entity": "Open Wages Institute",
    }
    return {
        "basics": {
            "name": name,
            "label": "Micro-internships",
            "summary": "I draw charts.",
            "url": "https://x.example/p",
        },
        "skills": [{"name": "python", "level": "1 brief, 10 hours"}],
        "projects": [project] * projects,
        "references": [{"name": "Open Wages Institute", "reference": "Well done."}],
        "meta": {"lastModified": "2026-11-26T22:00:00"},
        **changes,
    }


def text_of(resume: dict[str, Any]) -> str:
    """All that stands on the sheet, on one line; there is one page."""
    with PdfDocument(io.BytesIO(printed(resume))) as pdf:
        assert len(pdf) == 1
        return " ".join(pdf[0].get_textpage().get_text_range().split())


def test_it_says_who_and_what() -> None:
    found = text_of(a_resume())
    texts = (
        "Amara Okafor",
        "I draw charts.",
        "python (1 brief, 10 hours)",
        "Clean a table",
        "2026-11-20",
        "Well done.",
    )
    assert [text for text in texts if text not in found] == []


@pytest.mark.parametrize(
    "name",
    [
        "Zoë Ångström",
        "Łukasz Żółć",
        "Nguyễn Văn Ánh",
        "Νίκος",
        "Ольга Їжак",
        "王小明",
        "さくら",
        "김철수",
        "გიორგი",
        "ሀለ",
        "กขค",
    ],
)
def test_names_stand_there_in_their_own_script(name: str) -> None:
    assert name in unicodedata.normalize("NFC", text_of(a_resume(name)))


@pytest.mark.parametrize("name", ["محمد علي", "דוד כהן", "शर्मा", "தமிழ்"])
def test_scripts_that_are_joined_or_run_the_other_way_are_there_too(name: str) -> None:
    found = text_of(a_resume(f"A {name} B"))
    letters = {c for c in unicodedata.normalize("NFKD", name) if unicodedata.category(c) == "Lo"}
    there = set(unicodedata.normalize("NFKD", found))
    assert len(letters & there) >= len(letters) / 2, found
    assert "[" not in found


def test_what_no_font_has_is_written_out() -> None:
    assert "[u+10fffd]" in text_of(a_resume("Ada \U0010fffd"))
    assert "[grinning face]" in text_of(a_resume("Ada \U0001f600"))


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=120))
def test_whatever_is_written_it_is_one_page(name: str) -> None:
    text_of(a_resume(name, basics={"name": name, "label": name, "summary": name * 10}))


@pytest.mark.parametrize("projects", [0, 1, 5, 50])
def test_what_there_is_no_room_for_is_counted(projects: int) -> None:
    references = [{"name": "Somebody", "reference": "Good. " * 400}] * projects
    found = text_of(a_resume(projects=projects, references=references))
    shown = found.count("Clean a table")
    assert (shown == projects) or f"Completed: … and {projects - shown} more." in found
    said = found.count("Somebody")
    assert (said == projects) or f"What employers say: … and {projects - said} more." in found


def test_the_longest_of_everything_is_one_page() -> None:
    longest = a_resume("W" * 120, 50, skills=[{"name": "w" * 30, "level": "x" * 60}] * 99)
    longest["basics"]["summary"] = "W" * 2_000
    assert "more." in text_of(longest)


@given(st.text(), st.integers(10, 100))
def test_what_is_cut_is_cut_between_words_and_says_so(text: str, most: int) -> None:
    cut, line = clipped(text, most), " ".join(text.split())
    assert cut == line if len(line) <= most else cut.endswith(" …")
    assert len(cut) <= most + 2
    assert line.startswith(cut.removesuffix(" …"))


def test_the_fonts_may_be_embedded_and_are_free() -> None:
    assert metadata("weblate-fonts")["License-Expression"] == "OFL-1.1"
    for name in (
        f"{BASE}-Regular",
        f"{BASE}-Bold",
        *(f"{FURTHER}{place}-Rg" for place in ("", "JP", "KR", "SC", "TC")),
    ):
        with TTFont(path(name), lazy=True) as font:
            assert font["OS/2"].fsType == 0, "installable: no restriction on embedding"

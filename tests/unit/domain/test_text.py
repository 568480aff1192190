"""Plain text: one Unicode form, no markup, nothing invisible."""

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from microintern.domain.text import FileName, Line, Link, Paragraph, one_line, plain

line, paragraph, link = TypeAdapter(Line), TypeAdapter(Paragraph), TypeAdapter(Link)
saved_as: TypeAdapter[str] = TypeAdapter(FileName)
INVISIBLE = {
    "null": "\x00",
    "escape": "\x1b",
    "carriage return": "\r",
    "delete": "\x7f",
    "next line": "\x85",
    "right-to-left override": "\u202e",
    "isolate": "\u2066",
    "zero-width space": "\u200b",
    "byte order mark": "\ufeff",
    "soft hyphen": "\xad",
    "tag letter": "\U000e0041",
    "half a pair": "\ud800",
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
}


@pytest.mark.parametrize("character", INVISIBLE.values(), ids=INVISIBLE)
def test_an_invisible_character_is_refused_and_named(character: str) -> None:
    for check in (plain, one_line):
        with pytest.raises(ValueError, match=f"U\\+{ord(character):04X}"):
            check(f"Amara{character}Okafor")


@pytest.mark.parametrize(
    "text", ["<b>bold</b>", "<script>", "a</p>", "<!-- x -->", "<?php", "x <img src=x onerror=alert(1)>"]
)
def test_html_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="HTML is not accepted"):
        plain(text)


@pytest.mark.parametrize("text", ["x < y and y > z", "5<6", "I <3 tables", "a << b", "R&D", "2 <= 3"])
def test_signs_that_only_look_like_html_are_taken(text: str) -> None:
    assert plain(text) == text


def test_what_looks_the_same_is_kept_as_the_same() -> None:
    assert plain("Jose\u0301") == "Jos\u00e9"


NAMES = [
    "Zoë Ångström",
    "李小龍",
    "Ольга",
    "Nguyễn Văn A",
    "O'Brien 🙂",
    # With the joiners that are part of how it is written: Alireza in Persian, and a student.
    "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627",
    "👩\u200d🎓",
]


@pytest.mark.parametrize("name", NAMES)
def test_names_are_taken_as_people_write_them(name: str) -> None:
    assert line.validate_python(name) == name


@pytest.mark.parametrize("text", ["one\ntwo", "one\ttwo"])
def test_a_line_is_one_line_and_a_paragraph_may_be_several(text: str) -> None:
    assert paragraph.validate_python(text) == text
    with pytest.raises(ValidationError, match="write one line"):
        line.validate_python(text)


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_blank_text_is_no_text(text: str) -> None:
    for kind in (line, paragraph):
        with pytest.raises(ValidationError):
            kind.validate_python(text)


def test_text_has_a_longest_length() -> None:
    assert line.validate_python("x" * 120)
    with pytest.raises(ValidationError, match="at most 120 characters"):
        line.validate_python("x" * 121)


@given(st.text())
def test_what_is_taken_is_in_one_form_visible_and_stays_as_it_is(text: str) -> None:
    try:
        kept = plain(text)
    except ValueError:
        assume(False)
    assert unicodedata.is_normalized("NFC", kept)
    assert plain(kept) == kept
    hidden = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not [c for c in kept if unicodedata.category(c) in hidden and c not in "\n\t\u200c\u200d"]


@pytest.mark.parametrize(
    "good", ["https://example.com/portfolio", "https://example.com:8443/@me/a?b=c#d", "https://1und1.de"]
)
def test_a_link_is_https(good: str) -> None:
    assert link.validate_python(good) == good


@pytest.mark.parametrize(
    "bad",
    [
        "http://example.com",
        "javascript:alert(1)",
        "https://",
        "https://a b",
        "https://example.com/<script>",
        "https://example.com/\u202etxt.exe",
        'https://example.com/"onclick=',
        "https://127.0.0.1/",
        "https://2130706433",
        "https://169.254.169.254:80/latest",
        "https://[::1]/",
        "https://somebody@example.com/",
        "https://somebody:secret@example.com/",
        "https://example.com:port/",
    ],
)
def test_anything_else_is_no_link(bad: str) -> None:
    with pytest.raises(ValidationError):
        link.validate_python(bad)


@pytest.mark.parametrize(
    "name",
    [
        *("../../etc/passwd", "a/b.csv", "..\\b.csv", "C:\\b.csv", "C:b.csv", "\u202egpj.exe", "a\nb.csv", "a\x00.csv"),
        *(".bashrc", "..", ".", "report.", "con", "NUL.txt", "Com1.csv", "lpt9", "a?.csv", "a*.csv", 'a".csv', "a|b"),
    ],
)
def test_a_file_name_leads_nowhere_and_hides_nothing(name: str) -> None:
    with pytest.raises(ValidationError):
        saved_as.validate_python(name)


@pytest.mark.parametrize(
    "name", ["résumé final (2).csv", "console.log", "com10.csv", "完成.pdf", "a..b.csv", "a 'b'.md"]
)
def test_an_ordinary_file_name_is_taken_as_it_is(name: str) -> None:
    assert saved_as.validate_python(name) == name


def test_a_file_name_has_one_form() -> None:
    assert saved_as.validate_python(" re\u0301sume\u0301.csv ") == "r\u00e9sum\u00e9.csv"

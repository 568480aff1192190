"""The words of a text, in the form in which they are looked for."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microintern.adapters.stemming import stem
from microintern.domain.wording import STOP_WORDS, fold, words_of


def words(text: str) -> list[str]:
    return list(words_of(text, stem))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Clean and chart a table", ["clean", "chart", "tabl"]),
        ("Cleaning charts, cleaned tables!", ["clean", "chart", "clean", "tabl"]),
        ("Résumé für Straße", ["resum", "fur", "strass"]),
        ("C++, C# and R", ["c++", "c#", "r"]),
        ("node.js data-cleaning", ["node", "js", "data", "clean"]),
        ("today's rates", ["today", "rate"]),
        ("the of and to", []),
        ("\N{LATIN SMALL LIGATURE FI}le \N{FULLWIDTH LATIN CAPITAL LETTER B}", ["file", "b"]),
        ("हिन्दी लेखन", ["हिन्दी", "लेखन"]),
        ("+ # ++", []),
        ("#hashtag", ["hashtag"]),
        ("1,200 rows", ["1", "200", "row"]),
        ("x" * 100, ["x" * 40]),
    ],
)
def test_words_are_found_however_they_are_written(text: str, found: list[str]) -> None:
    assert words(text) == found


@given(st.text(max_size=200))
def test_folding_twice_or_in_another_normal_form_changes_nothing(text: str) -> None:
    once = fold(text)
    assert fold(unicodedata.normalize("NFD", text)) == once
    assert words(unicodedata.normalize("NFC", text)) == words(unicodedata.normalize("NFD", text))


@given(st.text(max_size=200))
def test_words_have_no_blanks_and_are_none_that_stand_everywhere(text: str) -> None:
    for word in words_of(text, lambda word: word):
        assert word
        assert not set(word) & set(" \t\n-,.")
        assert word not in STOP_WORDS
        assert len(word) <= 40


@given(st.lists(st.sampled_from(["Chart", "CHARTS", "charting", "charted"]), min_size=1))
def test_one_word_in_many_forms_is_one_word(forms: list[str]) -> None:
    assert set(words(" ".join(forms))) == {"chart"}

"""What is looked for, what a brief is found by, and when the one fits the other."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microintern.adapters.stemming import stem
from microintern.domain.problems import Invalid
from microintern.domain.searching import (
    EVERYTHING,
    MOST_WORDS_PER_BRIEF,
    Wanted,
    fits,
    listed,
    with_words,
)
from microintern.domain.states import State
from tests.unit.builders import a_posting, brief_in


def example(**changes: Any) -> Any:
    posting = a_posting(**changes)
    return listed(brief_in(State.OPEN, posting=posting), posting, stem)


def wanted(text: str | None = None, **facts: Any) -> Wanted:
    return with_words(Wanted(text=text, **facts), stem)


def test_a_brief_is_found_by_its_field_its_skills_and_its_words() -> None:
    brief = example()
    assert brief.terms[:2] == [EVERYTHING, "field data"]
    assert {"skill data-cleaning", "skill charts", "word clean", "word wage", "word report"} <= set(brief.terms)
    assert len(set(brief.terms)) == len(brief.terms)


@pytest.mark.parametrize("text", ["pay floors", "Charting TABLES", "minimum wages", "python", "data-cleaning"])
def test_words_of_title_goals_skills_and_deliverables_find_it(text: str) -> None:
    assert fits(example(), wanted(text))


def test_of_a_very_long_brief_the_beginning_is_found() -> None:
    brief = example(goals=" ".join(f"word{number}" for number in range(500)))
    assert len(brief.words) == MOST_WORDS_PER_BRIEF
    assert fits(brief, wanted("pay floors word1"))
    assert not fits(brief, wanted("word499"))


@pytest.mark.parametrize(("text", "code"), [("the of and", "no_words"), ("a b c d e f g h i j k", "too_many_words")])
def test_a_text_that_cannot_be_looked_for_is_refused(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        wanted(text)
    assert refused.value.code == code


def test_eight_words_may_be_looked_for_each_counted_once() -> None:
    assert len(wanted("b c d e f g h j b c d").words) == 8


FACTS = st.fixed_dictionaries(
    {},
    optional={
        "field": st.sampled_from(["data", "design"]),
        "skill": st.sampled_from(["python", "excel"]),
        "currency": st.sampled_from(["USD", "EUR"]),
        "pay_at_least_minor": st.integers(0, 60_000),
        "hours_at_least": st.integers(5, 40),
        "hours_at_most": st.integers(5, 40),
        "for_first_timers": st.booleans(),
        "words": st.lists(st.sampled_from(["clean", "chart", "logo"]), max_size=2),
    },
)


@given(FACTS, FACTS)
def test_whoever_names_more_finds_no_more(some: dict[str, Any], more: dict[str, Any]) -> None:
    brief = example()
    narrow = Wanted.model_validate({**more, **some, "words": [*more.get("words", []), *some.get("words", [])]})
    assert not fits(brief, narrow) or fits(brief, Wanted.model_validate({**some, "for_first_timers": False}))


@given(FACTS)
def test_what_fits_is_found_by_every_term_of_the_search(facts: dict[str, Any]) -> None:
    brief, found = example(), Wanted.model_validate(facts)
    if fits(brief, found):
        assert set(found.terms) <= set(brief.terms)

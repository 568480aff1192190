"""What students look for among the open briefs, what a brief is found by, and when the one fits the other."""

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Annotated

from pydantic import Field

from microintern.domain.base import Frozen, Id, Instant
from microintern.domain.brief import Brief
from microintern.domain.money import Currency
from microintern.domain.posting import FieldOfWork, Posting, Skill
from microintern.domain.problems import Invalid
from microintern.domain.text import Line
from microintern.domain.trail import Entry, Event, step
from microintern.domain.wording import Stem, words_of

MOST_WORDS_PER_SEARCH = 8
MOST_WORDS_PER_BRIEF = 160
"""What a brief is found by beside field and skills: a row of the index has 0.4 KB for most, and never 1.3."""

EVERYTHING = "everything"
"""What every brief is found by, for a search that names neither word nor skill nor field."""


def _of_field(field: str) -> str:
    return f"field {field}"


def _of_skill(skill: str) -> str:
    return f"skill {skill}"


def _of_word(word: str) -> str:
    return f"word {word}"


class Wanted(Frozen):
    """What is looked for: everything that is named must hold."""

    text: Line | None = None
    words: list[str] = []
    """Of the text, as the index has them."""
    field: FieldOfWork | None = None
    skill: Skill | None = None
    currency: Currency | None = None
    pay_at_least_minor: int | None = None
    hours_at_least: int | None = None
    hours_at_most: int | None = None
    closes_after: Instant | None = None
    closes_before: Instant | None = None
    for_first_timers: bool = False

    @property
    def terms(self) -> list[str]:
        """What whatever fits is found by."""
        named = [_of_skill(self.skill)] if self.skill else []
        named += [_of_word(word) for word in self.words]
        return named + ([_of_field(self.field)] if self.field else [])


def with_words(wanted: Wanted, stem: Stem) -> Wanted:
    """What is looked for, with the words of its text; Invalid when these are none, or too many."""
    if wanted.text is None:
        return wanted
    words = list(dict.fromkeys(words_of(wanted.text, stem)))
    if not words:
        detail = "The text has no word that tells one brief from another; name what you look for."
        raise Invalid.field("no_words", "/text", detail)
    if len(words) > MOST_WORDS_PER_SEARCH:
        detail = f"The text has {len(words)} words that are looked for; use {MOST_WORDS_PER_SEARCH} at most."
        raise Invalid.field("too_many_words", "/text", detail)
    return wanted.model_copy(update={"words": words})


class Listed(Frozen):
    """What a brief is found by; it never changes."""

    brief_id: Id
    closes_at: Instant
    field: FieldOfWork
    skills: list[Skill]
    hours: int
    pay_minor: int
    currency: Currency
    first_timer_places: int
    words: list[str]

    @property
    def terms(self) -> list[str]:
        """What it is found by, each once."""
        return [EVERYTHING, _of_field(self.field), *map(_of_skill, self.skills), *map(_of_word, self.words)]


def listed(brief: Brief, posting: Posting, stem: Stem) -> Listed:
    """What the brief is found by."""
    words = chain.from_iterable(words_of(text, stem) for text in _texts(posting))
    return Listed(
        brief_id=brief.brief_id,
        closes_at=brief.applications_close_at,
        field=brief.field,
        skills=brief.skills,
        hours=brief.hours,
        pay_minor=brief.pay_minor,
        currency=brief.currency,
        first_timer_places=posting.first_timer_places,
        words=list(islice(_distinct(words), MOST_WORDS_PER_BRIEF)),
    )


def _texts(posting: Posting) -> Iterator[str]:
    """What people write of a brief, what says most of it first: of a very long one, the end is not found."""
    yield posting.title
    yield from posting.skills
    yield from (deliverable.name for deliverable in posting.deliverables)
    yield posting.goals
    yield from (deliverable.description for deliverable in posting.deliverables)


def _distinct(words: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for word in words:
        if word not in seen:
            seen.add(word)
            yield word


def fits(brief: Listed, wanted: Wanted) -> bool:
    """Whether a brief is what is looked for."""
    within = (
        (wanted.pay_at_least_minor is None or brief.pay_minor >= wanted.pay_at_least_minor)
        and (wanted.hours_at_least is None or brief.hours >= wanted.hours_at_least)
        and (wanted.hours_at_most is None or brief.hours <= wanted.hours_at_most)
        and (wanted.closes_after is None or brief.closes_at >= wanted.closes_after)
        and (wanted.closes_before is None or brief.closes_at <= wanted.closes_before)
    )
    return (
        within
        and set(wanted.words) <= set(brief.words)
        and (wanted.field is None or brief.field is wanted.field)
        and (wanted.skill is None or wanted.skill in brief.skills)
        and (wanted.currency is None or brief.currency == wanted.currency)
        and (not wanted.for_first_timers or brief.first_timer_places > 0)
    )


class SavedSearch(Frozen):
    """A search that somebody is told of when a brief opens that fits it. Theirs alone, until they take it away."""

    search_id: Id
    name: Line
    wanted: Wanted
    filed_under: str
    """The rarest of its terms when it was saved: a brief that opens asks only what is filed under terms of its own."""


class SavedSearches(Frozen):
    """All that one student has saved, written as a whole: so there are never more than there may be."""

    account_id: Id
    searches: list[SavedSearch] = []
    version: Annotated[int, Field(ge=0)] = 0
    event: Event | None = None
    done: list[str] = []
    """The latest commands that wrote this, oldest first: key and body fingerprints with a blank between."""

    @property
    def entry(self) -> Entry | None:
        """The step that led here."""
        return step(self.account_id, "searches", self.version, self.event)

    def find(self, search_id: str) -> SavedSearch | None:
        """The search of this id."""
        return next((search for search in self.searches if search.search_id == search_id), None)


class Watch(Frozen):
    """Whose saved search it is that a brief may fit."""

    account_id: Id
    search_id: Id
    name: Line
    wanted: Wanted

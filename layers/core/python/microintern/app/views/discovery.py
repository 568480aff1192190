"""Searches and what a fit rests on, as the student sees them whose they are."""

from typing import Self

from pydantic import Field

from microintern.domain.base import Frozen, Id
from microintern.domain.fit import Experience, Strengths
from microintern.domain.money import Currency
from microintern.domain.posting import FieldOfWork, Skill
from microintern.domain.searching import SavedSearch
from microintern.domain.text import Line


class SavedSearchView(Frozen):
    """A saved search. Nobody else sees it; it is kept until you take it away or your account is erased."""

    search_id: Id
    name: Line
    text: Line | None
    field: FieldOfWork | None
    skill: Skill | None
    currency: Currency | None
    pay_at_least_minor: int | None
    hours_at_least: int | None
    hours_at_most: int | None
    for_first_timers: bool

    @classmethod
    def of(cls, search: SavedSearch) -> Self:
        shown = search.wanted.model_dump(include=set(cls.model_fields))
        return cls(search_id=search.search_id, name=search.name, **shown)


class SavedSearchPage(Frozen):
    """All your saved searches, the oldest first."""

    items: list[SavedSearchView]


class StrengthsView(Frozen):
    """What your fit rests on. Nobody else sees it; it is kept until your account is erased."""

    skills: list[Skill] = Field(description="Those that you say you have.")
    hours_per_week: int | None = Field(description="Those that you say you have free.")
    shown_skills: list[Skill] = Field(description="Those that briefs asked for which you completed.")
    completed_briefs: int
    hours_taken: int = Field(description="What briefs take that you have still to hand in.")

    @classmethod
    def of(cls, strengths: Strengths | None, experience: Experience) -> Self:
        return cls(
            skills=strengths.skills if strengths else [],
            hours_per_week=strengths.hours_per_week if strengths else None,
            shown_skills=sorted(experience.shown),
            completed_briefs=sum(work.completed for work in experience.work.values()),
            hours_taken=experience.hours_taken(),
        )

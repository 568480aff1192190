"""How a student's work grows: what they completed per quarter, by field and by skill."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

from pydantic import Field

from microintern.domain.base import Frozen, Instant
from microintern.domain.posting import FieldOfWork, Skill

K = TypeVar("K", bound=str)

HOW = {
    "quarter": "A quarter of the calendar in UTC, in which the work was accepted.",
    "briefs": "Briefs whose work was approved, by silence too, or won its dispute; one counts for each of its skills.",
    "hours": "The sum of the hours that these briefs were posted with, not of hours that were measured.",
    "scored": "Of these briefs, those with scores by the rubric. Approval by silence leaves none.",
    "mean_score_percent": "Mean of these scores, from 0 to 100, each brief alike, rounded half up; null without any.",
}


class Done(Frozen):
    """What counts of one completed brief."""

    at: Instant
    field: FieldOfWork
    skills: list[Skill]
    hours: int
    score_percent: int | None = None


class Sum(Frozen):
    """What several completed briefs come to."""

    briefs: int = Field(description=HOW["briefs"])
    hours: int = Field(description=HOW["hours"])
    scored: int = Field(description=HOW["scored"])
    mean_score_percent: int | None = Field(description=HOW["mean_score_percent"])

    @classmethod
    def of(cls, done: list[Done]) -> "Sum":
        """Their sum."""
        scores = [brief.score_percent for brief in done if brief.score_percent is not None]
        mean = (2 * sum(scores) + len(scores)) // (2 * len(scores)) if scores else None
        hours = sum(brief.hours for brief in done)
        return cls(briefs=len(done), hours=hours, scored=len(scores), mean_score_percent=mean)


class Quarter(Frozen):
    """What was completed in a quarter."""

    quarter: str = Field(description=HOW["quarter"], examples=["2026-Q4"])
    total: Sum
    by_field: dict[FieldOfWork, Sum]
    by_skill: dict[Skill, Sum]

    @classmethod
    def of(cls, name: str, done: list[Done]) -> "Quarter":
        """What these briefs of one quarter come to."""
        return cls(
            quarter=name,
            total=Sum.of(done),
            by_field=_sums(done, lambda brief: [brief.field]),
            by_skill=_sums(done, lambda brief: brief.skills),
        )


def quarter_of(at: datetime) -> str:
    """The quarter of an instant, so written that texts sort as quarters do."""
    return f"{at.year:04d}-Q{(at.month + 2) // 3}"


def growth(done: Iterable[Done]) -> list[Quarter]:
    """Every quarter in which something was completed, the oldest first."""
    quarters: dict[str, list[Done]] = {}
    for brief in done:
        quarters.setdefault(quarter_of(brief.at), []).append(brief)
    return [Quarter.of(name, quarters[name]) for name in sorted(quarters)]


def told(quarters: list[Quarter]) -> list[str]:
    """The same in a few sentences: all together, then each skill that came up in more than one quarter."""
    if not quarters:
        return []
    briefs, hours = sum(q.total.briefs for q in quarters), sum(q.total.hours for q in quarters)
    fields = {field for q in quarters for field in q.by_field}
    first = f"{_many(briefs, 'brief')} and {_many(hours, 'hour')} since {quarters[0].quarter}"
    lines = [f"{first}, in {_many(len(fields), 'field')}."]
    for skill in sorted({skill for q in quarters for skill in q.by_skill}):
        means = [q.by_skill[skill].mean_score_percent for q in quarters if skill in q.by_skill]
        scores = [mean for mean in means if mean is not None]
        if len(means) > 1:
            count = sum(q.by_skill[skill].briefs for q in quarters if skill in q.by_skill)
            moved = f", mean score from {scores[0]} to {scores[-1]} of 100" if len(scores) > 1 else ""
            lines.append(f"{skill}: {_many(count, 'brief')} in {len(means)} quarters{moved}.")
    return lines


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _sums(done: list[Done], keys: Callable[[Done], Iterable[K]]) -> dict[K, Sum]:
    parts: dict[K, list[Done]] = {}
    for brief in done:
        for key in keys(brief):
            parts.setdefault(key, []).append(brief)
    return {key: Sum.of(parts[key]) for key in sorted(parts, key=str)}

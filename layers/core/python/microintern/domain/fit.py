"""How well a student fits a brief, and why: from what they say and have shown they can do, and the hours they have."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from microintern.domain.base import Frozen, Id, Instant
from microintern.domain.brief import Brief
from microintern.domain.posting import Skill
from microintern.domain.states import State
from microintern.domain.trail import Entry, Event, step

POINTS_FOR_SKILLS = 70
POINTS_FOR_HOURS = 30
_SAID_PERCENT = 75
"""What a skill counts that somebody says they have, to one that a brief of theirs has shown."""
_WEEK_S = 7 * 86_400

_UNDER_WAY = frozenset({State.AWARDED, State.CHANGES_REQUESTED})
"""While the student has something to hand in, a brief takes hours of theirs."""
_COMPLETED = frozenset({State.APPROVED, State.PAID})


class Strengths(Frozen):
    """What a student says they can do and have time for. Theirs alone: it is shown to nobody else."""

    account_id: Id
    skills: list[Skill] = []
    hours_per_week: int | None = None
    version: int = 1
    event: Event | None = None
    done: list[str] = []
    """The latest commands that wrote this, oldest first: key and body fingerprints with a blank between."""

    @property
    def entry(self) -> Entry | None:
        """The step that led here."""
        return step(self.account_id, "strengths", self.version, self.event)


class Work(Frozen):
    """What a brief that a student was awarded is to them now; the highest version of the brief counts."""

    version: int
    skills: list[Skill]
    hours: int
    due_at: Instant
    under_way: bool
    completed: bool


class Experience(Frozen):
    """What a student has done and is doing here, by the briefs' ids."""

    account_id: Id
    work: dict[str, Work] = {}

    @property
    def first_timer(self) -> bool:
        """Whether they have completed no brief yet."""
        return not any(work.completed for work in self.work.values())

    @property
    def shown(self) -> frozenset[str]:
        """The skills that the briefs asked for which they completed."""
        return frozenset(skill for work in self.work.values() if work.completed for skill in work.skills)

    def hours_taken(self, besides: str = "") -> int:
        """The hours that briefs under way take, another one's left out."""
        return sum(work.hours for brief_id, work in self.work.items() if work.under_way and brief_id != besides)


def work_of(brief: Brief, *, given_back: bool = False) -> Work:
    """What the brief is to the student who has it, or to one who gave it back."""
    return Work(
        version=brief.version,
        skills=brief.skills,
        hours=brief.hours,
        due_at=brief.submission_due_at,
        under_way=not given_back and brief.state in _UNDER_WAY,
        completed=not given_back and brief.state in _COMPLETED,
    )


class FitPart(Frozen):
    """One reason of a score: so many points of so many, and why."""

    of: Literal["skill", "hours"]
    skill: Skill | None = None
    points: Annotated[int, Field(ge=0)]
    most: int
    why: str


class Fit(Frozen):
    """How well a student fits a brief, from 0 to 100: the sum of its parts, and nothing that the employer ranks by."""

    score: Annotated[int, Field(ge=0, le=100)]
    parts: list[FitPart]


def fit(brief: Brief, strengths: Strengths | None, experience: Experience, now: datetime) -> Fit:
    """The score and its reasons."""
    said = frozenset(strengths.skills if strengths else [])
    parts = [*_of_skills(brief.skills, said, experience.shown), _of_hours(brief, strengths, experience, now)]
    return Fit(score=sum(part.points for part in parts), parts=parts)


def _of_skills(asked: Sequence[str], said: frozenset[str], shown: frozenset[str]) -> list[FitPart]:
    """Equal shares of the points, which are whole: the first few get one more where they don't divide."""
    share, left = divmod(POINTS_FOR_SKILLS, len(asked))
    mosts: Mapping[str, int] = {skill: share + (place < left) for place, skill in enumerate(asked)}
    return [_of_skill(skill, most, said, shown) for skill, most in mosts.items()]


def _of_skill(skill: str, most: int, said: frozenset[str], shown: frozenset[str]) -> FitPart:
    if skill in shown:
        return FitPart(of="skill", skill=skill, points=most, most=most, why="A brief that you completed shows it.")
    if skill in said:
        points = most * _SAID_PERCENT // 100
        return FitPart(of="skill", skill=skill, points=points, most=most, why="You say that you have it.")
    why = "No brief that you completed shows it, and you do not say that you have it."
    return FitPart(of="skill", skill=skill, points=0, most=most, why=why)


def _of_hours(brief: Brief, strengths: Strengths | None, experience: Experience, now: datetime) -> FitPart:
    if strengths is None or strengths.hours_per_week is None:
        why = "You have not said how many hours a week you have."
        return FitPart(of="hours", points=0, most=POINTS_FOR_HOURS, why=why)
    left_s = max(0, int((brief.submission_due_at - now).total_seconds()))
    taken = experience.hours_taken(besides=brief.brief_id)
    free = max(0, strengths.hours_per_week * left_s // _WEEK_S - taken)
    points = POINTS_FOR_HOURS * min(free, brief.hours) // brief.hours
    why = f"You have about {free} hours until the work is due, and it takes {brief.hours}."
    if taken:
        why += f" Briefs under way, which take {taken}, are taken off."
    return FitPart(of="hours", points=points, most=POINTS_FOR_HOURS, why=why)

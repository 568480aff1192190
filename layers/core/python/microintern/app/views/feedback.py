"""Feedback as each side, and operators, see it."""

from datetime import datetime
from typing import Self

from pydantic import Field

from microintern.domain.base import Frozen, Id, Instant
from microintern.domain.brief import Brief
from microintern.domain.feedback import Feedback, Given, Suggestion, asked
from microintern.domain.posting import local
from microintern.domain.states import Role
from microintern.domain.text import LongText

_SEEN_BY = "Seen by whoever gave it at once, by the other side and operators once it is shown, by nobody else."


class GivenView(Frozen):
    """What one side said of the other. Kept with the brief; the words are gone once either of the two is erased."""

    at: Instant = Field(description="When it was given, or changed last.")
    ratings: dict[str, int] = Field(description=f"From 1 (not at all) to 5 (very). {_SEEN_BY}")
    text: LongText = Field(description=_SEEN_BY)
    suggestions: list[Suggestion] = Field(description=f"By criterion of the rubric. {_SEEN_BY}")

    @classmethod
    def of(cls, given: Given) -> Self:
        return cls.model_validate(given.model_dump(include=set(cls.model_fields)))


class FeedbackView(Frozen):
    """What both sides of a brief said of each other, as far as whoever asks may see it."""

    brief_id: Id
    until: Instant | None = Field(description="Taken until then, and shown from then on; null for a brief without.")
    until_local: str | None = Field(description="The same in the brief's zone.")
    shown: bool = Field(description="Whether each side sees the other's: both are in, or the window is over.")
    given: list[Role] = Field(description="The sides that have given theirs.")
    asked: dict[str, str] = Field(description="What your side is to rate, each with its question.")
    from_employer: GivenView | None
    from_student: GivenView | None

    @classmethod
    def of(
        cls, brief: Brief, feedback: Feedback | None, until: datetime | None, side: Role | None, now: datetime
    ) -> Self:
        """As a side sees it; as an operator does, for no side."""
        shown = until is not None and (feedback.is_shown(until, now) if feedback else now >= until)
        seen = {by: GivenView.of(given) for by in (Role.EMPLOYER, Role.STUDENT) if (given := _of(feedback, by))}
        seen = {by: view for by, view in seen.items() if shown or by is side}
        return cls(
            brief_id=brief.brief_id,
            until=until,
            until_local=local(until, brief.zone) if until else None,
            shown=shown,
            given=feedback.given if feedback else [],
            asked=asked(brief, side) if side and until else {},
            from_employer=seen.get(Role.EMPLOYER),
            from_student=seen.get(Role.STUDENT),
        )


def _of(feedback: Feedback | None, side: Role) -> Given | None:
    return feedback.of(side) if feedback else None

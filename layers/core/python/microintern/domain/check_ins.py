"""How the work is going: asked at fixed points between the award and the day that it is due, answered in a line.

When something is asked follows from the brief: while it is awarded, its latest step is the award or an amendment, and
both fix a deadline. So nothing is written of a check-in that nobody answers.
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from microintern.domain.award_log import AwardLog, Logged
from microintern.domain.base import Instant, whole_second
from microintern.domain.brief import Brief
from microintern.domain.documents import Document
from microintern.domain.problems import Conflict
from microintern.domain.states import State
from microintern.domain.text import Line

PARTS = 3
"""The time is cut into so many parts; at the end of each but the last it is asked."""

MOST_ANSWERS = 50
"""Of one award; they are kept in one item."""


class Going(StrEnum):
    """How the work is going."""

    ON_TRACK = "on_track"
    BLOCKED = "blocked"
    NEED_SOMETHING = "need_something"


class CheckIn(Logged):
    """What a student said of the work."""

    asked_at: Instant
    going: Going
    note: Line | None = None
    answered_at: Instant


class CheckIns(AwardLog[CheckIn], Document):
    """All that was said of the work on a brief."""

    kind: ClassVar[str] = "check_ins"
    key_of: ClassVar[str] = "check_ins#all"


def asked_at(brief: Brief) -> list[datetime]:
    """When it is asked how the work is going, as things stand; never, unless the work is under way."""
    if brief.state is not State.AWARDED or brief.due_at is None:
        return []
    begins_at = brief.event.at
    points = (begins_at + (brief.due_at - begins_at) * part / PARTS for part in range(1, PARTS))
    return [at for point in points if (at := whole_second(point)) < brief.due_at]


def open_question(brief: Brief, said: list[CheckIn], now: datetime) -> datetime:
    """The latest question, if it was not answered; Conflict when there is nothing to answer now."""
    at: dict[str, object] = {"state": brief.state, "version": brief.version}
    points = asked_at(brief)
    if not points:
        raise Conflict("not_under_way", "Check-ins are answered while the work is under way.", **at)
    asked = [point for point in points if point <= now]
    if not asked:
        raise Conflict("not_asked_yet", "You are asked for the first time later; until then, write a message.", **at)
    if any(each.asked_at == asked[-1] for each in said):
        raise Conflict("answered_already", "You have answered this check-in; to add something, write a message.", **at)
    return asked[-1]

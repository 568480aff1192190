"""Check-ins as the two sides see them."""

from datetime import datetime
from typing import Literal, Self

from pydantic import Field

from microintern.domain.base import Frozen, Id, Instant
from microintern.domain.brief import Brief
from microintern.domain.check_ins import CheckIn, Going
from microintern.domain.posting import local
from microintern.domain.text import Line


class CheckInView(Frozen):
    """A point at which it is asked how the work is going, and what was answered."""

    asked_at: Instant
    asked_local: str = Field(description="The same on the employer's clock.", examples=["2026-12-01T17:00:00-05:00"])
    status: Literal["upcoming", "awaited", "answered", "passed"]
    going: Going | None
    note: Line | None
    answered_at: Instant | None

    @classmethod
    def of(cls, asked_at: datetime, answer: CheckIn | None, brief: Brief, latest: datetime | None) -> Self:
        unanswered: Literal["upcoming", "awaited", "passed"] = "upcoming"
        if latest is not None and asked_at <= latest:
            unanswered = "awaited" if asked_at == latest else "passed"
        return cls(
            asked_at=asked_at,
            asked_local=local(asked_at, brief.zone),
            status="answered" if answer else unanswered,
            going=answer.going if answer else None,
            note=answer.note if answer else None,
            answered_at=answer.answered_at if answer else None,
        )


class CheckInList(Frozen):
    """All check-ins of the award, the first one first."""

    items: list[CheckInView]


class CheckInAnswered(Frozen):
    """A check-in was answered."""

    brief_id: Id
    asked_at: Instant
    going: Going
    note: Line | None
    answered_at: Instant

    @classmethod
    def of(cls, brief_id: str, answer: CheckIn) -> Self:
        return cls(brief_id=brief_id, **answer.model_dump(include={"asked_at", "going", "note", "answered_at"}))

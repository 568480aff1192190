"""Amendments as the two sides see them."""

from datetime import datetime
from typing import Self

from pydantic import Field

from microintern.domain.amendments import Amendment, AmendmentStatus
from microintern.domain.base import Frozen, Id, Instant
from microintern.domain.brief import Brief
from microintern.domain.posting import local
from microintern.domain.states import Role
from microintern.domain.text import Paragraph


class AmendmentView(Frozen):
    """A change that a side proposed, and where it stands."""

    brief_id: Id
    number: int
    status: AmendmentStatus
    proposed_by: Role
    reason: Paragraph
    scope: Paragraph | None
    submission_due_at: Instant | None
    proposed_at: Instant
    lapses_at: Instant = Field(description="Nothing changes when nobody has accepted by then.")
    lapses_local: str = Field(description="The same on the employer's clock.", examples=["2026-12-01T17:00:00-05:00"])
    ended_at: Instant | None

    @classmethod
    def of(cls, amendment: Amendment, brief: Brief, now: datetime) -> Self:
        shown = amendment.model_dump(include=set(cls.model_fields))
        return cls(
            **shown,
            brief_id=brief.brief_id,
            status=amendment.status(brief, now),
            lapses_local=local(amendment.lapses_at, brief.zone),
        )


class Proposed(Frozen):
    """An amendment was proposed; until when it can be accepted."""

    brief_id: Id
    number: int
    proposed_at: Instant
    lapses_at: Instant

    @classmethod
    def of(cls, brief_id: str, amendment: Amendment) -> Self:
        return cls(brief_id=brief_id, **amendment.model_dump(include={"number", "proposed_at", "lapses_at"}))


class AmendmentList(Frozen):
    """All that was proposed under the award, the first one first."""

    items: list[AmendmentView]

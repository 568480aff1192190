"""Records as callers see them: each figure says how it is computed, and from how many briefs."""

from typing import Self

from pydantic import Field

from microintern.domain.base import Frozen, Id
from microintern.domain.records import FEWEST_BRIEFS, Record, Unit, figures_of
from microintern.domain.states import Role


class FigureView(Frozen):
    """One figure."""

    name: str
    value: float | int | None = Field(
        description=f"Null for a share or a mean with fewer than {FEWEST_BRIEFS} briefs behind it."
    )
    unit: Unit
    briefs: int = Field(description="How many briefs it is computed from.")
    how: str = Field(description="How it is computed.")


class PartyRecord(Frozen):
    """What is counted of an organisation's or a student's briefs.

    An organisation's is seen by every student and employer, as long as there is the organisation. A student's is seen
    by the student, by operators, and by organisations with an application of theirs that waits or was awarded; it
    goes when the account is erased.
    """

    side: Role
    party_id: Id | None = Field(description="Null for who applied to a blind brief and was not awarded it.")
    figures: list[FigureView]

    @classmethod
    def of(cls, record: Record, *, hidden: bool = False) -> Self:
        figures = [
            FigureView(
                name=figure.name,
                value=figure.value(record.counts),
                unit=figure.unit,
                briefs=record.counts.get(figure.briefs, 0),
                how=figure.how,
            )
            for figure in figures_of(record)
        ]
        return cls(side=record.side, party_id=None if hidden else record.party_id, figures=figures)

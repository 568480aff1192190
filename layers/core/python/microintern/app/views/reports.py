"""Reports as callers see them."""

from collections.abc import Iterator
from typing import Self

from pydantic import Field

from microintern.domain.base import Frozen
from microintern.domain.records import Counts
from microintern.domain.reports import HOW, Figures, Mean, summed


class Month(Frozen):
    """The figures of the briefs that were funded in a month."""

    month: str = Field(description=HOW["month"], examples=["2026-11"])
    figures: Figures


class Report(Frozen):
    """How briefs went, by the month in which they were funded.

    An organisation's is seen by its members, the platform's by operators. It counts briefs, says nothing of any person,
    and stays when an account is erased.
    """

    first: str
    last: str
    total: Figures = Field(description="Of all these months together.")
    months: list[Month] = Field(description="Those in which a brief was funded, the oldest first.")
    how: dict[str, str] = Field(default=HOW, description="How each figure is computed.")

    @classmethod
    def of(cls, first: str, last: str, counted: dict[str, Counts]) -> Self:
        total = summed({"": counts} for counts in counted.values()).get("", {})
        months = [Month(month=month, figures=Figures.of(counts)) for month, counts in counted.items()]
        return cls(first=first, last=last, total=Figures.of(total), months=months)


class MonthRow(Frozen):
    """One figure of a month; `of` says which state, field or currency it is of, `briefs` of how many it is a mean."""

    month: str
    figure: str
    of: str
    value: float | None
    briefs: int | None = None


def rows_of(month: Month) -> Iterator[MonthRow]:
    """Every figure of a month as a row."""
    figures, name = month.figures, month.month
    yield MonthRow(month=name, figure="funded", of="", value=figures.funded)
    for state, count in figures.by_state.items():
        yield MonthRow(month=name, figure="by_state", of=state, value=count)
    for figure in ("time_to_award", "time_to_review", "time_to_payout", "approved_by_silence"):
        mean: Mean = getattr(figures, figure)
        yield MonthRow(month=name, figure=figure, of="", value=mean.value, briefs=mean.of)
    yield MonthRow(month=name, figure="first_timers", of="", value=figures.first_timers)
    for pay in figures.pay_by_field:
        yield MonthRow(
            month=name, figure="pay_by_field", of=f"{pay.field} {pay.currency}", value=pay.mean_minor, briefs=pay.briefs
        )
    for currency, minor in figures.held_minor.items():
        yield MonthRow(month=name, figure="held_minor", of=currency, value=minor)

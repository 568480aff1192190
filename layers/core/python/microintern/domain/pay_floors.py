"""The least that a brief may pay, by place of work and date.

Minimum-wage law covers employees, and students here are contractors: the floor is this platform's policy, built on the
wage law of the place. The rates are data (`data/pay_floors.csv`), each with its source and the day it was checked.
"""

import csv
from datetime import date
from functools import cache
from importlib import resources

from pydantic import Field

from microintern.domain.base import Frozen
from microintern.domain.money import written
from microintern.domain.problems import Invalid

RECHECK_AFTER_DAYS = 365
"""Most wage laws change once a year."""


class PayFloor(Frozen):
    """One rate per hour, in force from one day to another (both included)."""

    jurisdiction: str = Field(examples=["US-NY-NYC"])
    place: str
    rate_minor: int
    currency: str
    effective_from: date
    effective_to: date | None
    applies_to: str
    source: str
    checked_on: date

    def overlaps(self, first: date, last: date) -> bool:
        """Whether the rate is in force on some day from `first` to `last`."""
        return self.effective_from <= last and (self.effective_to is None or first <= self.effective_to)


@cache
def all_floors() -> tuple[PayFloor, ...]:
    """The rates that come with the project."""
    text = resources.files("microintern.domain").joinpath("data/pay_floors.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple(PayFloor.model_validate({k: v or None for k, v in row.items()}) for row in rows)


def places_from_most_specific(place: str) -> list[str]:
    """`US-NY-NYC` lies in `US-NY`, which lies in `US`."""
    parts = place.split("-")
    return ["-".join(parts[:n]) for n in range(len(parts), 0, -1)]


def floor_for(place: str, first: date, last: date) -> PayFloor:
    """The highest rate in force where and while the work is done; the more specific place where two are equal.

    Raises Invalid where no rate is known for the place: without one nobody can say what is fair.
    """
    chain = places_from_most_specific(place)
    candidates = [f for f in all_floors() if f.jurisdiction in chain and f.overlaps(first, last)]
    if not candidates:
        known = sorted({f.jurisdiction for f in all_floors() if f.overlaps(first, last)})
        raise Invalid.field(
            "pay_floor_unknown",
            "/place_of_work",
            f"No pay floor is known for {place}; known places are {', '.join(known)}.",
        )
    return max(candidates, key=lambda f: (f.rate_minor, -chain.index(f.jurisdiction)))


def lowest_pay_minor(floor: PayFloor, hours: int) -> int:
    """The lowest pay that meets the floor for this many hours; the fee is charged on top and does not count."""
    return floor.rate_minor * hours


def check_pay(floor: PayFloor, pay_minor: int, currency: str, hours: int) -> None:
    """Raise Invalid, with the floor, its source, the hours and the lowest pay that passes, unless it is met."""
    facts = {
        "floor_rate_minor": floor.rate_minor,
        "floor_currency": floor.currency,
        "floor_place": floor.place,
        "floor_jurisdiction": floor.jurisdiction,
        "floor_source": floor.source,
        "floor_effective_from": floor.effective_from.isoformat(),
        "hours": hours,
        "lowest_pay_minor": lowest_pay_minor(floor, hours),
    }
    if currency != floor.currency:
        detail = f"Work done in {floor.place} is paid in {floor.currency}, so that its pay floor can be compared."
        raise Invalid.field("currency_not_of_place", "/pay/currency", detail, **facts)
    lowest = lowest_pay_minor(floor, hours)
    if pay_minor < lowest:
        detail = (
            f"{written(pay_minor, currency)} for {hours} hours is under the pay floor of "
            f"{written(floor.rate_minor, floor.currency)} an hour in {floor.place} (source: {floor.source}); "
            f"the lowest pay that would pass is {written(lowest, currency)}."
        )
        raise Invalid.field("pay_under_floor", "/pay/amount_minor", detail, **facts)


def staleness(floor: PayFloor, today: date) -> str | None:
    """A warning when the rate was checked too long ago to be relied on, else None."""
    age_days = (today - floor.checked_on).days
    if age_days <= RECHECK_AFTER_DAYS:
        return None
    return f"The rate for {floor.place} was last checked on {floor.checked_on}; see whether it has changed."

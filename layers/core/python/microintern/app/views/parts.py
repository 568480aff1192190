"""What several answers have in common: money, deadlines, people."""

from datetime import datetime
from typing import Self

from pydantic import Field

from microintern.domain.accounts import Profile
from microintern.domain.base import Frozen, Id, Instant, Minor
from microintern.domain.money import Currency, written
from microintern.domain.posting import Zone, local
from microintern.domain.states import LAPSES, State
from microintern.domain.text import Line


class Amount(Frozen):
    """Money, for programs and for people."""

    amount_minor: Minor
    currency: Currency
    written: str = Field(examples=["412.50 USD"])

    @classmethod
    def of(cls, amount_minor: int, currency: str) -> Self:
        return cls(amount_minor=amount_minor, currency=currency, written=written(amount_minor, currency))


class Deadline(Frozen):
    """An instant, as UTC and as the employer's clock shows it, with what happens when nobody acts by then."""

    due_at: Instant
    lapse_at: Instant
    zone: Zone
    local: str = Field(examples=["2026-12-01T17:00:00-05:00"])
    then: str | None = None

    @classmethod
    def of(cls, state: State, due_at: datetime | None, lapse_at: datetime | None, zone: str) -> Self | None:
        if due_at is None:
            return None
        shown = local(due_at, zone)
        return cls(due_at=due_at, lapse_at=lapse_at or due_at, zone=zone, local=shown, then=LAPSES.get(state))


class Person(Frozen):
    """What the other side may know of a person."""

    account_id: Id
    name: Line | None = None

    @classmethod
    def of(cls, account_id: str, profile: Profile | None) -> Self:
        return cls(account_id=account_id, name=profile.name if profile else None)

"""Reports: how an organisation's briefs, or all of the platform's, went, by the month in which they were funded.

They are sums over the rows that records are counted from: what a row comes to is worked out from the whole of it, so
any order and any repetition of events lead to the same. Nothing in them is about a person.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import NamedTuple

from pydantic import Field

from microintern.domain.base import Frozen
from microintern.domain.events import EventType
from microintern.domain.money import Currency
from microintern.domain.payout_matrix import Outcome
from microintern.domain.posting import FieldOfWork
from microintern.domain.records import Counts, Row, Work

SHARDS = 8
"""Parts of what is counted of the platform, so that no item is written to by every brief."""
MOST_MONTHS = 24
PLATFORM = "platform"

_SETTLED = (EventType.BRIEF_PAID, EventType.BRIEF_SETTLED)
_ACCEPTED = (Outcome.APPROVED, Outcome.APPROVED_BY_SILENCE)

HOW = {
    "month": "The month in UTC in which a brief was funded; all that becomes of it counts there.",
    "funded": "Briefs whose money was held, so that students could apply.",
    "by_state": "Where they stand: open, awarded (until the end, disputes apart), disputed, or how they ended.",
    "time_to_award": "Mean time from opening to the first award, in seconds.",
    "time_to_review": "Mean time from a submission to the review that was written of it, on briefs that have ended.",
    "time_to_payout": "Mean time from the end of a brief to its student's pay, where there was any.",
    "approved_by_silence": "Of the briefs whose work was approved, the share in which nobody said so in time.",
    "first_timers": "Awards to students who had completed no brief before, as far as was counted by then.",
    "pay_by_field": "Mean pay of the funded briefs of a field, in the currency's minor unit.",
    "held_minor": "Pay and fee of funded briefs whose money has not moved yet, by currency.",
}


class Tally(NamedTuple):
    """What is to be added to the counts of a scope's month."""

    scope: str
    month: str
    counts: Counts


def scope_of(organisation_id: str) -> str:
    """What an organisation's report is counted under."""
    return organisation_id


def shards() -> list[str]:
    """What the platform's report is counted under."""
    return [f"{PLATFORM}#{number}" for number in range(SHARDS)]


def shard_of(brief_id: str) -> str:
    """The one that a brief counts in."""
    return shards()[hashlib.sha256(brief_id.encode()).digest()[0] % SHARDS]


def tallies(employer_id: str, before: Row, after: Row) -> list[Tally]:
    """What a change of a row adds to the organisation's report and to the platform's; nothing where nothing changed."""
    moved: dict[str, Counter[str]] = {}
    for row, sign in ((before, -1), (after, 1)):
        if month := _month(row):
            total = moved.setdefault(month, Counter())
            for name, count in _counts(row).items():
                total[name] += sign * count
    changed = {month: {name: count for name, count in total.items() if count} for month, total in moved.items()}
    scopes = (scope_of(employer_id), shard_of(after.brief_id))
    return [Tally(scope, month, counts) for month, counts in changed.items() if counts for scope in scopes]


def _month(row: Row) -> str | None:
    """The month that a brief counts in; None before it is known to have been funded."""
    opened = row.in_order(EventType.BRIEF_OPENED)
    return f"{opened[0].at:%Y-%m}" if opened and opened[0].posted else None


def _counts(row: Row) -> Counts:
    opened, awards = row.in_order(EventType.BRIEF_OPENED)[0], row.in_order(EventType.BRIEF_AWARDED)
    posted, end, settled = opened.posted, row.end, row.in_order(*_SETTLED)
    assert posted
    outcome, work = end.outcome if end else None, (end.work if end else None) or Work()
    paid = next((step for step in settled if step.paid), None)
    field, currency, second = posted.field.value, posted.currency, timedelta(seconds=1)
    found: Counts = {
        "funded": 1,
        f"state/{_state(row)}": 1,
        "awards": bool(awards),
        "award_s": (awards[0].at - opened.at) // second if awards else 0,
        "reviews": len(work.review_s),
        "review_s": sum(work.review_s),
        "payouts": bool(paid and end),
        "payout_s": (paid.at - end.at) // second if paid and end else 0,
        "accepted": outcome in _ACCEPTED,
        "silent": outcome is Outcome.APPROVED_BY_SILENCE,
        "first_timers": sum(bool(step.first_timer) for step in awards),
        f"priced/{field}/{currency}": 1,
        f"pay/{field}/{currency}": posted.pay_minor,
        f"held/{currency}": 0 if settled else posted.pay_minor + posted.fee_minor,
    }
    return {name: int(count) for name, count in found.items() if count}


def _state(row: Row) -> str:
    if row.end and row.end.outcome:
        return row.end.outcome.value
    if row.in_order(EventType.BRIEF_DISPUTED):
        return "disputed"
    turns = row.in_order(EventType.BRIEF_AWARDED, EventType.BRIEF_AWARD_WITHDRAWN)
    return "awarded" if turns and turns[-1].type is EventType.BRIEF_AWARDED else "open"


class Mean(Frozen):
    """A mean, and of how many; null of none."""

    value: float | None
    of: int


class Pay(Frozen):
    """What briefs of one field pay."""

    field: FieldOfWork
    currency: Currency
    briefs: int
    mean_minor: int


class Figures(Frozen):
    """What briefs come to."""

    funded: int = Field(description=HOW["funded"])
    by_state: dict[str, int] = Field(description=HOW["by_state"])
    time_to_award: Mean = Field(description=HOW["time_to_award"])
    time_to_review: Mean = Field(description=HOW["time_to_review"])
    time_to_payout: Mean = Field(description=HOW["time_to_payout"])
    approved_by_silence: Mean = Field(description=HOW["approved_by_silence"])
    first_timers: int = Field(description=HOW["first_timers"])
    pay_by_field: list[Pay] = Field(description=HOW["pay_by_field"])
    held_minor: dict[Currency, int] = Field(description=HOW["held_minor"])

    @classmethod
    def of(cls, counts: Counts) -> "Figures":
        """What these counts say."""
        return cls(
            funded=counts.get("funded", 0),
            by_state=_under(counts, "state"),
            time_to_award=_mean(counts, "award_s", "awards"),
            time_to_review=_mean(counts, "review_s", "reviews"),
            time_to_payout=_mean(counts, "payout_s", "payouts"),
            approved_by_silence=_mean(counts, "silent", "accepted"),
            first_timers=counts.get("first_timers", 0),
            pay_by_field=[_pay(name, briefs, counts) for name, briefs in _under(counts, "priced").items()],
            held_minor=_under(counts, "held"),
        )


def _under(counts: Counts, kind: str) -> dict[str, int]:
    """The counts of one kind by the rest of their names; those that came to nothing are left out."""
    own = {name.removeprefix(f"{kind}/"): count for name, count in counts.items() if name.startswith(f"{kind}/")}
    return {name: own[name] for name in sorted(own) if own[name]}


def _mean(counts: Counts, over: str, of: str) -> Mean:
    number = counts.get(of, 0)
    return Mean(value=round(counts.get(over, 0) / number, 2) if number else None, of=number)


def _pay(name: str, briefs: int, counts: Counts) -> Pay:
    field, currency = name.split("/")
    mean = (2 * counts.get(f"pay/{name}", 0) + briefs) // (2 * briefs)
    return Pay(field=FieldOfWork(field), currency=currency, briefs=briefs, mean_minor=mean)


def summed(parts: Iterable[Mapping[str, Counts]]) -> dict[str, Counts]:
    """Counts by month, over all parts."""
    found: dict[str, Counter[str]] = {}
    for part in parts:
        for month, counts in part.items():
            total = found.setdefault(month, Counter())
            for name, count in counts.items():
                total[name] += count
    return {month: dict(found[month]) for month in sorted(found)}

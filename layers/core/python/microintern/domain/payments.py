"""What a payment provider does with money, and what it says of it, whichever provider it is."""

from enum import StrEnum
from typing import Literal

from microintern.domain.base import Frozen, Instant, Minor
from microintern.domain.money import Currency

ProviderName = Literal["sandbox", "stripe"]


class OperationKind(StrEnum):
    """What a provider was asked to do."""

    COLLECT = "collect"
    PAY_OUT = "pay_out"
    REFUND = "refund"


class OperationStatus(StrEnum):
    """How far it got; the last two are final."""

    ACCEPTED = "accepted"
    SETTLED = "settled"
    FAILED = "failed"


class Operation(Frozen):
    """What the provider says of one operation. The key is the transfer's id; the reference is the provider's own."""

    key: str
    kind: OperationKind
    status: OperationStatus
    amount_minor: Minor
    currency: Currency
    reference: str
    destination: str | None = None
    """Who was paid, of a payout."""
    reason: str | None = None
    """Why it failed, in words for the person who can do something about it."""
    at: Instant


class PayoutStatus(StrEnum):
    """Whether a student can be paid; where there is no payout account at all, it is `missing`."""

    MISSING = "missing"
    PENDING = "pending"
    READY = "ready"
    BLOCKED = "blocked"


class Payee(Frozen):
    """What the provider says of a payout destination."""

    destination: str
    status: PayoutStatus
    reason: str | None = None


class Hint(Frozen):
    """What a verified webhook tells: something about this operation or this destination changed; ask what.

    Never the truth itself: webhooks come late, twice and out of order, so the provider is asked for what is now.
    """

    event_id: str
    key: str | None = None
    reference: str | None = None
    destination: str | None = None

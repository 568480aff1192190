"""The money of a brief as immutable transfers between accounts, double entry, in integer minor units.

Money that a provider moves takes two records: one that it is pending, written before the provider is asked, and one
that it was posted or voided. What the platform moves by itself is posted at once. Only posted money counts.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from microintern.domain.base import Frozen, Id, Instant, Minor
from microintern.domain.brief import Brief
from microintern.domain.money import Currency
from microintern.domain.payments import Operation, OperationKind, OperationStatus
from microintern.domain.payout_matrix import Split


class TransferName(StrEnum):
    """What a transfer is for, in the order of a brief's life."""

    FUND = "fund"
    RELEASE = "release"
    FEE = "fee"
    PAYOUT = "payout"
    REFUND = "refund"


class Phase(StrEnum):
    """How far a transfer has come; of the last two there is only ever one."""

    PENDING = "pending"
    POSTED = "posted"
    VOIDED = "voided"


KIND_OF: dict[TransferName, OperationKind] = {
    TransferName.FUND: OperationKind.COLLECT,
    TransferName.PAYOUT: OperationKind.PAY_OUT,
    TransferName.REFUND: OperationKind.REFUND,
}
"""What the provider is asked for; the other transfers stay on the platform's own books."""

PROVIDER = "provider"
FEES = "platform:fees"


class Transfer(Frozen):
    """Money that moves from `debit` to `credit`; never changed once written."""

    brief_id: Id
    name: TransferName
    attempt: Annotated[int, Field(ge=1)] = 1
    """What the provider could not do is voided, and asked for anew as the next attempt."""
    phase: Phase = Phase.POSTED
    debit: str
    credit: str
    amount_minor: Minor
    currency: Currency
    party_id: Id
    """On whose statement it stands: the student's for release and payout, else the employer's."""
    counterparty: str | None = None
    """What the provider calls the card that is charged or the account that is paid."""
    at: Instant
    provider_reference: str | None = None
    reason: str | None = None
    """Why it was voided."""

    @property
    def transfer_id(self) -> str:
        """Deterministic, and the provider's idempotency key: the same movement can be written and asked for once."""
        return transfer_id(self.brief_id, self.name, self.attempt)

    def ended(self, operation: Operation, at: Instant) -> "Transfer":
        """The record that this pending transfer was posted or voided, as the provider's final word says."""
        phase = Phase.POSTED if operation.status is OperationStatus.SETTLED else Phase.VOIDED
        news = {"phase": phase, "at": at, "provider_reference": operation.reference, "reason": operation.reason}
        return self.model_copy(update=news)

    def dropped(self, reason: str, at: Instant) -> "Transfer":
        """The record that this pending transfer was never asked for, and now will not be."""
        return self.model_copy(update={"phase": Phase.VOIDED, "at": at, "reason": reason})

    def tells_the_same(self, other: "Transfer") -> bool:
        """Whether two records tell of the same money with the same end; how that was noted may differ."""
        noted = {name: getattr(other, name) for name in ("at", "provider_reference", "reason", "counterparty")}
        return self.model_copy(update=noted) == other


class Settlement(Frozen):
    """The one claim on a brief's escrow, written before any of it moves: release and refund share it."""

    brief_id: Id
    split: Split
    currency: Currency
    student_id: Id | None
    employer_id: Id
    claimed_at: Instant

    def agrees_with(self, other: "Settlement") -> bool:
        """Whether both divide the same escrow in the same way."""
        return self.model_copy(update={"claimed_at": other.claimed_at}) == other


class Hold(Frozen):
    """Money that is owed and cannot be sent yet; it is tried again once `until` has passed or the cause is gone."""

    brief_id: Id
    name: TransferName
    party_id: Id
    amount_minor: Minor
    currency: Currency
    reason: str
    since: Instant
    until: Instant | None = None

    def says_the_same(self, other: "Hold") -> bool:
        """Whether the reason is the one that was given already."""
        return (self.reason, self.until) == (other.reason, other.until)


class Book:
    """A brief's transfers, and what can be said from them."""

    def __init__(self, transfers: Iterable[Transfer]) -> None:
        self.transfers = sorted(transfers, key=_in_order)

    def latest(self, name: TransferName) -> Transfer | None:
        """The newest record of this name: the last attempt, ended if it has."""
        return next((t for t in reversed(self.transfers) if t.name is name), None)

    def end_of(self, key: str) -> Transfer | None:
        """The record of how this transfer ended, if it has."""
        return next((t for t in self.transfers if t.transfer_id == key and t.phase is not Phase.PENDING), None)

    def is_posted(self, name: TransferName) -> bool:
        """Whether this money has moved."""
        return any(t.name is name and t.phase is Phase.POSTED for t in self.transfers)

    def next_attempt(self, name: TransferName) -> int:
        """The number of the attempt to make when the last one was voided."""
        return max((t.attempt for t in self.transfers if t.name is name), default=0) + 1

    @property
    def balances(self) -> dict[str, int]:
        """Each account's balance in minor units, rebuilt from what was posted; they add up to zero."""
        totals: Counter[str] = Counter()
        for transfer in self.transfers:
            if transfer.phase is Phase.POSTED:
                totals[transfer.debit] -= transfer.amount_minor
                totals[transfer.credit] += transfer.amount_minor
        return dict(totals)

    @property
    def held(self) -> dict[str, int]:
        """The balances that the platform keeps for others: escrows and payables."""
        return {name: amount for name, amount in self.balances.items() if name not in (PROVIDER, FEES)}

    def is_balanced(self, *, settled: bool) -> bool:
        """Whether nothing was made or lost: no account is overdrawn, nothing moved twice, and the end holds nothing."""
        posted = Counter(t.name for t in self.transfers if t.phase is Phase.POSTED)
        if any(count > 1 for count in posted.values()) or any(amount < 0 for amount in self.held.values()):
            return False
        return not (settled and (any(self.held.values()) or self.pending))

    @property
    def pending(self) -> list[Transfer]:
        """What was begun and has not ended."""
        ended = {t.transfer_id for t in self.transfers if t.phase is not Phase.PENDING}
        return [t for t in self.transfers if t.transfer_id not in ended]


def transfer_id(brief_id: str, name: TransferName, attempt: int = 1) -> str:
    """The id of a brief's transfer, such as `…#payout`, or `…#payout#2` for a second attempt."""
    return f"{brief_id}#{name}" + (f"#{attempt}" if attempt > 1 else "")


def attempt_of(key: str) -> int:
    """Which attempt a transfer's id is of."""
    _, _, attempt = key.partition("#")[2].partition("#")
    return int(attempt) if attempt else 1


def brief_of_transfer(key: str) -> str:
    """The brief that a transfer's id belongs to."""
    return key.partition("#")[0]


def escrow_account(brief_id: str) -> str:
    """What is held for a brief."""
    return f"escrow:{brief_id}"


def payable_account(student_id: str) -> str:
    """What is owed to a student."""
    return f"payable:{student_id}"


def funding(brief: Brief, at: Instant) -> Transfer:
    """The employer's money is to arrive and be held."""
    return Transfer(
        brief_id=brief.brief_id,
        name=TransferName.FUND,
        attempt=max(brief.funding_attempts, 1),
        phase=Phase.PENDING,
        debit=PROVIDER,
        credit=escrow_account(brief.brief_id),
        amount_minor=brief.escrow_minor,
        currency=brief.currency,
        party_id=brief.employer_id,
        counterparty=brief.payment_method,
        at=at,
    )


def dividing(claim: Settlement) -> list[Transfer]:
    """The transfers by which the escrow becomes the student's and the platform's; what is nothing makes no transfer.

    The employer's part stays in escrow until it has been refunded.
    """
    rows = [
        (TransferName.RELEASE, _payable(claim), claim.split.student_minor, claim.student_id),
        (TransferName.FEE, FEES, claim.split.fee_minor, claim.employer_id),
    ]
    return [
        Transfer(
            brief_id=claim.brief_id,
            name=name,
            debit=escrow_account(claim.brief_id),
            credit=credit,
            amount_minor=amount,
            currency=claim.currency,
            party_id=party_id or claim.employer_id,
            at=claim.claimed_at,
        )
        for name, credit, amount, party_id in rows
        if amount > 0
    ]


def paying_out(claim: Settlement, attempt: int, destination: str, at: Instant) -> Transfer:
    """The student's part is to be sent to their account."""
    return Transfer(
        brief_id=claim.brief_id,
        name=TransferName.PAYOUT,
        attempt=attempt,
        phase=Phase.PENDING,
        debit=_payable(claim),
        credit=PROVIDER,
        amount_minor=claim.split.student_minor,
        currency=claim.currency,
        party_id=claim.student_id or claim.employer_id,
        counterparty=destination,
        at=at,
    )


def refunding(claim: Settlement, attempt: int, at: Instant) -> Transfer:
    """The employer's part is to go back to where it was collected."""
    return Transfer(
        brief_id=claim.brief_id,
        name=TransferName.REFUND,
        attempt=attempt,
        phase=Phase.PENDING,
        debit=escrow_account(claim.brief_id),
        credit=PROVIDER,
        amount_minor=claim.split.employer_minor,
        currency=claim.currency,
        party_id=claim.employer_id,
        at=at,
    )


def _payable(claim: Settlement) -> str:
    return payable_account(claim.student_id or "nobody")


_NAMES: Sequence[TransferName] = list(TransferName)
_PHASES: Sequence[Phase] = list(Phase)


def _in_order(transfer: Transfer) -> tuple[int, int, int]:
    return _NAMES.index(transfer.name), transfer.attempt, _PHASES.index(transfer.phase)

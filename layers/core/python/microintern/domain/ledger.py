"""The money of a brief as immutable transfers between accounts, double entry, in integer minor units."""

from collections import Counter
from enum import StrEnum

from microintern.domain.base import Frozen, Id, Instant, Minor
from microintern.domain.brief import Brief
from microintern.domain.money import Currency
from microintern.domain.payout_matrix import Split


class TransferName(StrEnum):
    """What a transfer is for; with the brief's id it is the transfer's id, and the provider's idempotency key."""

    FUND = "fund"
    RELEASE = "release"
    FEE = "fee"
    PAYOUT = "payout"
    REFUND = "refund"


class Transfer(Frozen):
    """Money that moved from `debit` to `credit`; never changed once written."""

    brief_id: Id
    name: TransferName
    debit: str
    credit: str
    amount_minor: Minor
    currency: Currency
    at: Instant
    provider_reference: str | None = None

    @property
    def transfer_id(self) -> str:
        """Deterministic: the same movement can be written once only."""
        return transfer_id(self.brief_id, self.name)


class Settlement(Frozen):
    """The one claim on a brief's escrow, written before any money moves: release and refund share it."""

    brief_id: Id
    split: Split
    currency: Currency
    student_id: Id | None
    employer_id: Id
    claimed_at: Instant


PROVIDER = "provider"
FEES = "platform:fees"


def transfer_id(brief_id: str, name: TransferName) -> str:
    """The id of a brief's transfer."""
    return f"{brief_id}#{name}"


def escrow_account(brief_id: str) -> str:
    """What is held for a brief."""
    return f"escrow:{brief_id}"


def payable_account(student_id: str) -> str:
    """What is owed to a student."""
    return f"payable:{student_id}"


def funding(brief: Brief, at: Instant, reference: str) -> Transfer:
    """The employer's money arrives and is held."""
    return _transfer(
        brief.brief_id,
        TransferName.FUND,
        PROVIDER,
        escrow_account(brief.brief_id),
        brief.escrow_minor,
        brief.currency,
        at,
        reference,
    )


def settling(claim: Settlement, at: Instant, references: dict[TransferName, str]) -> list[Transfer]:
    """The transfers that divide the escrow as claimed; parts of nothing make no transfer."""
    escrow = escrow_account(claim.brief_id)
    payable = payable_account(claim.student_id or "nobody")
    split = claim.split
    rows = [
        (TransferName.RELEASE, escrow, payable, split.student_minor),
        (TransferName.FEE, escrow, FEES, split.fee_minor),
        (TransferName.PAYOUT, payable, PROVIDER, split.student_minor),
        (TransferName.REFUND, escrow, PROVIDER, split.employer_minor),
    ]
    return [
        _transfer(claim.brief_id, name, debit, credit, amount, claim.currency, at, references.get(name))
        for name, debit, credit, amount in rows
        if amount > 0
    ]


def late_funding_returned(brief: Brief, at: Instant, collected: str, refunded: str) -> list[Transfer]:
    """Money that arrived after the brief had ended unfunded: in, and back out."""
    escrow = escrow_account(brief.brief_id)
    amount, currency = brief.escrow_minor, brief.currency
    return [
        funding(brief, at, collected),
        _transfer(brief.brief_id, TransferName.REFUND, escrow, PROVIDER, amount, currency, at, refunded),
    ]


def balances(transfers: list[Transfer]) -> dict[str, int]:
    """Each account's balance in minor units, rebuilt from the transfers; they add up to zero."""
    totals: Counter[str] = Counter()
    for transfer in transfers:
        totals[transfer.debit] -= transfer.amount_minor
        totals[transfer.credit] += transfer.amount_minor
    return dict(totals)


def is_balanced(transfers: list[Transfer], *, settled: bool) -> bool:
    """Whether nothing was made or lost: no held account is overdrawn, and a settled brief holds nothing."""
    accounts = balances(transfers)
    held = {name: amount for name, amount in accounts.items() if name not in (PROVIDER, FEES)}
    if sum(accounts.values()) != 0 or any(amount < 0 for amount in held.values()):
        return False
    return not (settled and any(held.values()))


def _transfer(
    brief_id: str,
    name: TransferName,
    debit: str,
    credit: str,
    amount_minor: int,
    currency: str,
    at: Instant,
    reference: str | None,
) -> Transfer:
    return Transfer(
        brief_id=brief_id,
        name=name,
        debit=debit,
        credit=credit,
        amount_minor=amount_minor,
        currency=currency,
        at=at,
        provider_reference=reference,
    )

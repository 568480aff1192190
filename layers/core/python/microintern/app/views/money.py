"""Transfers, statements and totals as callers see them."""

from typing import Self

from pydantic import Field

from microintern.app.views.parts import Amount
from microintern.domain.base import Frozen, Id, Instant
from microintern.domain.brief import Brief
from microintern.domain.ledger import Book, Phase, Transfer, TransferName


class TransferView(Frozen):
    """Money that moves. What a provider moves stands here twice: as pending, and as posted or voided."""

    transfer_id: str
    name: TransferName
    phase: Phase
    debit: str
    credit: str
    amount: Amount
    at: Instant
    reason: str | None = None


class LedgerView(Frozen):
    """A brief's money: its transfers, the balances rebuilt from what was posted, and whether they add up."""

    brief_id: Id
    transfers: list[TransferView]
    balances_minor: dict[str, int]
    balanced: bool

    @classmethod
    def of(cls, brief: Brief, transfers: list[Transfer]) -> Self:
        rows = [
            TransferView(
                transfer_id=t.transfer_id,
                name=t.name,
                phase=t.phase,
                debit=t.debit,
                credit=t.credit,
                amount=Amount.of(t.amount_minor, t.currency),
                at=t.at,
                reason=t.reason,
            )
            for t in transfers
        ]
        book = Book(transfers)
        balanced = book.is_balanced(settled=brief.settled_at is not None)
        return cls(brief_id=brief.brief_id, transfers=rows, balances_minor=book.balances, balanced=balanced)


class StatementRow(Frozen):
    """One movement on your account: what you were charged or earned, and what was sent to you."""

    at: Instant
    brief_id: Id
    name: TransferName
    transfer_id: str
    amount: Amount

    @classmethod
    def of(cls, transfer: Transfer) -> Self:
        return cls(
            at=transfer.at,
            brief_id=transfer.brief_id,
            name=transfer.name,
            transfer_id=transfer.transfer_id,
            amount=Amount.of(transfer.amount_minor, transfer.currency),
        )


class StatementOfAccount(Frozen):
    """What moved in a year (UTC), the oldest first, and the cursor that leads on."""

    year: int
    items: list[StatementRow]
    next_cursor: str | None = None


class PayeeTotal(Frozen):
    """What one payee was paid in a year and currency, and whether that reaches the threshold for reporting it."""

    account_id: Id
    paid: Amount
    payouts: int
    threshold_minor: int | None = Field(description="From which total on it is reported; null where no rule is known.")
    reportable: bool


class PayeePage(Frozen):
    """Some payees' totals, and the cursor that leads on."""

    year: int
    items: list[PayeeTotal]
    next_cursor: str | None = None

"""What operators see of held money, findings and dead letters."""

from typing import Self

from microintern.app.views.parts import Amount
from microintern.domain.audit import AuditEntry
from microintern.domain.base import Frozen, Id, Instant
from microintern.domain.ledger import Hold, TransferName
from microintern.ports.dead_letters import Redriven


class HoldView(Frozen):
    """Money that is owed and cannot be sent yet."""

    brief_id: Id
    name: TransferName
    party_id: Id
    amount: Amount
    reason: str
    since: Instant
    until: Instant | None

    @classmethod
    def of(cls, hold: Hold) -> Self:
        shown = hold.model_dump(include={"brief_id", "name", "party_id", "reason", "since", "until"})
        return cls.model_validate({**shown, "amount": Amount.of(hold.amount_minor, hold.currency)})


class HoldPage(Frozen):
    """Some held payouts and refunds, the longest held first."""

    items: list[HoldView]
    next_cursor: str | None = None


class RedriveView(Frozen):
    """What became of each queue's dead letters."""

    queues: list[Redriven]


class AuditPage(Frozen):
    """Some entries of the audit trail, the newest first."""

    items: list[AuditEntry]
    next_cursor: str | None = None

"""The audit trail of money: what was refused, ignored or found not to agree, and whether a person must look."""

from enum import StrEnum

from pydantic import Field

from microintern.domain.base import Frozen, Instant, derived_id


class Finding(StrEnum):
    """What was noticed. Those of PERSON_NEEDED cannot be put right by the system."""

    WEBHOOK_REFUSED = "webhook_refused"
    WEBHOOK_APPLIED = "webhook_applied"
    WEBHOOK_REPLAYED = "webhook_replayed"
    WEBHOOK_IGNORED = "webhook_ignored"
    UNKNOWN_TRANSFER = "unknown_transfer"
    AMOUNT_DIFFERS = "amount_differs"
    STATUS_DIFFERS = "status_differs"
    NOT_AT_PROVIDER = "not_at_provider"
    NOT_IN_LEDGER = "not_in_ledger"
    CLAIM_DIFFERS = "claim_differs"
    OUT_OF_BALANCE = "out_of_balance"
    REFUND_FAILED = "refund_failed"
    PAYOUT_FAILED = "payout_failed"
    RECONCILED = "reconciled"
    REDRIVEN = "redriven"
    DECISION_REFUSED = "decision_refused"
    EVIDENCE_READ = "evidence_read"
    TRAIL_BROKEN = "trail_broken"


PERSON_NEEDED = frozenset(
    {
        Finding.UNKNOWN_TRANSFER,
        Finding.AMOUNT_DIFFERS,
        Finding.STATUS_DIFFERS,
        Finding.NOT_AT_PROVIDER,
        Finding.NOT_IN_LEDGER,
        Finding.CLAIM_DIFFERS,
        Finding.OUT_OF_BALANCE,
        Finding.REFUND_FAILED,
        Finding.TRAIL_BROKEN,
    }
)


class AuditEntry(Frozen):
    """One line of the trail; ids, amounts and words of this system, nothing that a person wrote."""

    entry_id: str
    at: Instant
    finding: Finding
    subject: str = Field(description="What it is about: a transfer's id, a brief's, or a provider's event.")
    reason: str
    facts: dict[str, str | int] = {}

    @property
    def needs_person(self) -> bool:
        """Whether somebody must look."""
        return self.finding in PERSON_NEEDED


def entry(finding: Finding, subject: str, reason: str, at: Instant, **facts: int | str) -> AuditEntry:
    """An entry whose id follows from what it says, so that the same thing noticed again is not written again."""
    parts = [f"{name}={value}" for name, value in sorted(facts.items())]
    entry_id = derived_id("audit", finding, subject, reason, *parts)
    return AuditEntry(entry_id=entry_id, at=at, finding=finding, subject=subject, reason=reason, facts=facts)

"""What happened and who did what, in a form that cannot be changed unnoticed."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from microintern.domain.audit import AuditEntry
from microintern.domain.trail import Entry
from microintern.ports.dead_letters import Redrive
from microintern.ports.paging import Page, Position


class Audit(Protocol):
    """The audit trail of money."""

    def redrive(self, key: str) -> Redrive | None:
        """What was answered under this idempotency key."""

    def answered(self, redrive: Redrive) -> Redrive:
        """Keep an answer; the one that is there already stays, and is given back."""

    def note(self, entry: AuditEntry) -> bool:
        """Keep an entry; False when it was there already."""

    def has(self, entry_id: str) -> bool:
        """Whether there is such an entry."""

    def entries(self, *, needs_person: bool, limit: int, after: Position | None = None) -> Page:
        """Entries that a person must look at, or the others; the newest first."""


class Trail(Protocol):
    """The audit trail: entries are added, and nothing here changes or removes one. Reads are consistent."""

    def keep(self, entry: Entry) -> bool:
        """Keep an entry; False when one is there already, which stays."""

    def journal(self, batch_id: str, entries: Sequence[Entry]) -> None:
        """Note which entries a batch brought, under their days; the same batch again changes nothing."""

    def entries(self, scope: str) -> list[Entry]:
        """Everything that is kept of a brief or an account, in the order of subjects and versions."""

    def page(self, scope: str, subject: str, limit: int, after: Position | None = None) -> Page:
        """The entries of one subject, the first version first."""

    def of_day(self, day: date, limit: int, after: Position | None = None) -> Page:
        """What happened on a day (UTC), to everything, the newest batch first. After a failure some may come twice."""

    def changed(self, day: date) -> set[str]:
        """The scopes of everything that changed on a day."""

"""The ledger."""

from datetime import datetime
from typing import Protocol

from microintern.domain.brief import Brief
from microintern.domain.ledger import Hold, Settlement, Transfer, TransferName
from microintern.ports.paging import Page, Position


class OutOfBalance(Exception):
    """The ledger does not hold what this movement rests on; nothing was written, somebody must look."""


class Ledger(Protocol):
    """Immutable transfers, and the balances of what is held. Money and its brief change in one transaction."""

    def transfers(self, brief_id: str) -> list[Transfer]:
        """A brief's transfers, in the order of a brief's life; strongly consistent."""

    def balances(self, brief_id: str) -> dict[str, int]:
        """What is kept of the brief's held accounts, in minor units; the transfers must add up to the same."""

    def begin(self, pending: Transfer, brief: Brief | None = None) -> None:
        """Write that a transfer is pending, while the brief is as it was read, if that matters; Stale when it is not.

        The same again changes nothing; OutOfBalance when other money stands under this id.
        """

    def record(self, ended: Transfer, before: Brief | None = None, after: Brief | None = None) -> None:
        """Write that a pending transfer was posted or voided, and with it the brief's next version if there is one.

        What was recorded already stays; the brief still moves. Stale when the brief has moved on; OutOfBalance when
        the ledger holds too little, or has it the other way.
        """

    def claim(self, settlement: Settlement, brief: Brief) -> Settlement:
        """Claim the brief's escrow and divide it, while the brief is as it was read; the first claim stands.

        Stale when the brief has moved on, OutOfBalance when the escrow does not hold what is divided.
        """

    def hold(self, hold: Hold) -> bool:
        """Note why money cannot be sent yet; False when that was noted already."""

    def drop_hold(self, brief_id: str, name: TransferName) -> None:
        """The cause is gone; one that is not there is fine."""

    def holds(self, limit: int, after: Position | None = None) -> Page:
        """What is held back, the longest first."""

    def posted_of(
        self, party_id: str, since: datetime, until: datetime, limit: int, after: Position | None = None
    ) -> Page:
        """Posted transfers on somebody's statement from `since` to before `until`, the oldest first."""

    def posted_in(self, month: str, limit: int, after: Position | None = None) -> Page:
        """All posted transfers of a month such as `2026-11` (UTC), the oldest first."""

    def paid_in(self, year: int, limit: int, after: Position | None = None, *, beyond: str | None = None) -> Page:
        """All payouts of a year (UTC), payee by payee; of those after the payee `beyond` only."""

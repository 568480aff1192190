"""What is counted of employers and students."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from microintern.domain.base import Frozen
from microintern.domain.states import Role
from microintern.ports.paging import Page, Position

if TYPE_CHECKING:  # most functions start without them
    from microintern.domain.records import Counts, Record, Row
    from microintern.domain.reports import Tally


class Waiting(Frozen):
    """A row with a rating that counts once the window for feedback is over."""

    party_id: str
    side: Role
    brief_id: str


class Records(Protocol):
    """What is counted of employers and students: a record for each, and a row for each of their briefs."""

    def read(self, party_id: str, side: Role) -> "Record":
        """A party's record, strongly consistent; one that counts nothing where there is none."""

    def read_row(self, party_id: str, side: Role, brief_id: str) -> "tuple[Record, Row]":
        """The record and one of its rows, in one call."""

    def hired(self, party_id: str, student_id: str) -> int:
        """How many briefs of this employer a student holds or held."""

    def keep(self, record: "Record", row: "Row", hired: Mapping[str, int], reported: "Sequence[Tally]" = ()) -> None:
        """Write the record over its version before, with the row and who holds how many; StaleDocument, or all.

        With what this adds to reports: counted in the same write, so once.
        """

    def report_of(self, scope: str, first: str, last: str) -> "dict[str, Counts]":
        """What is counted of a scope in these months, by month; strongly consistent."""

    def waiting(self, before: datetime, limit: int) -> list[Waiting]:
        """The rows whose rating counts by this instant and does not yet, the longest due first."""

    def rows(self, party_id: str, limit: int, after: Position | None = None) -> Page:
        """A party's rows, strongly consistent, in the order of the briefs' ids."""

    def forget(self, record: "Record") -> None:
        """Write an erased record over its version before, else StaleDocument, and take all of its rows away."""

    def forget_hired(self, party_id: str, student_id: str) -> None:
        """Take away how many briefs a student holds; none is fine."""

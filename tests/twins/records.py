"""The twin of the table of records."""

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from microintern.domain.records import Counts, Record, Row
from microintern.domain.reports import Tally
from microintern.domain.states import Role
from microintern.ports.conditions import StaleDocument
from microintern.ports.paging import Page, Position
from microintern.ports.records import Waiting
from tests.twins.storing import kept, paged


class MemoryRecords:
    """The Records port."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._records: dict[str, Record] = {}
        self._rows: dict[tuple[str, str], Row] = {}
        self._reports: dict[str, dict[str, Counter[str]]] = {}
        self._hired: dict[tuple[str, str], int] = {}

    def read(self, party_id: str, side: Role) -> Record:
        return self._records.get(party_id) or Record(party_id=party_id, side=side)

    def read_row(self, party_id: str, side: Role, brief_id: str) -> tuple[Record, Row]:
        with self._lock:
            return self.read(party_id, side), self._rows.get((party_id, brief_id)) or Row(brief_id=brief_id)

    def hired(self, party_id: str, student_id: str) -> int:
        return self._hired.get((party_id, student_id), 0)

    def keep(self, record: Record, row: Row, hired: Mapping[str, int], reported: Sequence[Tally] = ()) -> None:
        with self._lock:
            self._over(record)
            self._rows[record.party_id, row.brief_id] = kept(row)
            self._hired |= {(record.party_id, student_id): briefs for student_id, briefs in hired.items()}
            for tally in reported:
                self._reports.setdefault(tally.scope, {}).setdefault(tally.month, Counter()).update(tally.counts)

    def report_of(self, scope: str, first: str, last: str) -> dict[str, Counts]:
        with self._lock:
            months = self._reports.get(scope, {})
            return {month: dict(months[month]) for month in sorted(months) if first <= month <= last}

    def waiting(self, before: datetime, limit: int) -> list[Waiting]:
        due = sorted(
            (row.rated.until, party_id, row.brief_id)
            for (party_id, _), row in self._rows.items()
            if row.rated and not row.rated.shown and row.rated.until <= before
        )
        found = [(self._records[party_id], brief_id) for _, party_id, brief_id in due[:limit]]
        return [Waiting(party_id=of.party_id, side=of.side, brief_id=brief_id) for of, brief_id in found]

    def rows(self, party_id: str, limit: int, after: Position | None = None) -> Page:
        own = [(Position(sort="", item=at[1]), row) for at, row in self._rows.items() if at[0] == party_id]
        return paged(own, limit, after)

    def forget(self, record: Record) -> None:
        with self._lock:
            self._over(record)
            self._rows = {at: row for at, row in self._rows.items() if at[0] != record.party_id}

    def forget_hired(self, party_id: str, student_id: str) -> None:
        self._hired.pop((party_id, student_id), None)

    def _over(self, record: Record) -> None:
        if self.read(record.party_id, record.side).version != record.version - 1:
            raise StaleDocument
        self._records[record.party_id] = kept(record)

"""The twins of both audit trails: of what was noticed, and of what was done."""

from collections.abc import Sequence
from datetime import date

from microintern.adapters.trail import batches, key_of, page_of
from microintern.domain.audit import AuditEntry
from microintern.domain.base import iso
from microintern.domain.trail import Entry
from microintern.ports.dead_letters import Redrive
from microintern.ports.paging import Page, Position
from tests.twins.storing import kept, paged


class MemoryAudit:
    """The Audit port."""

    def __init__(self) -> None:
        self._entries: dict[str, AuditEntry] = {}
        self._redrives: dict[str, Redrive] = {}

    def redrive(self, key: str) -> Redrive | None:
        return self._redrives.get(key)

    def answered(self, redrive: Redrive) -> Redrive:
        return self._redrives.setdefault(redrive.key, kept(redrive))

    def note(self, entry: AuditEntry) -> bool:
        new = kept(entry)
        return self._entries.setdefault(entry.entry_id, new) is new

    def has(self, entry_id: str) -> bool:
        return entry_id in self._entries

    def entries(self, *, needs_person: bool, limit: int, after: Position | None = None) -> Page:
        rows = [
            (Position(sort=iso(entry.at), item=entry.entry_id), entry)
            for entry in self._entries.values()
            if entry.needs_person == needs_person
        ]
        return paged(rows, limit, after, newest_first=True)


class MemoryTrail:
    """The Trail port."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], Entry] = {}
        self._journal: dict[tuple[date, str], list[str]] = {}

    def keep(self, entry: Entry) -> bool:
        new = kept(entry)
        return self._entries.setdefault((entry.scope, key_of(entry)), new) is new

    def journal(self, batch_id: str, entries: Sequence[Entry]) -> None:
        for day, _, came, names in batches(batch_id, entries):
            self._journal.setdefault((day, came), names)

    def entries(self, scope: str) -> list[Entry]:
        return [entry for (owner, _), entry in sorted(self._entries.items(), key=lambda row: row[0]) if owner == scope]

    def page(self, scope: str, subject: str, limit: int, after: Position | None = None) -> Page:
        rows = [
            (Position(sort=key, item=key), entry)
            for (owner, key), entry in self._entries.items()
            if owner == scope and entry.subject == subject
        ]
        return paged(rows, limit, after)

    def of_day(self, day: date, limit: int, after: Position | None = None) -> Page:
        came = sorted(((at, names) for (of, at), names in self._journal.items() if of == day), reverse=True)
        rows = ((at, names) for at, names in came if after is None or at <= after.sort)
        names, position = page_of(rows, limit, after)
        keys = dict.fromkeys((scope, key) for scope, _, key in (name.partition(" ") for name in names))
        return Page(items=[self._entries[key] for key in keys if key in self._entries], next=position)

    def changed(self, day: date) -> set[str]:
        return {name.partition(" ")[0] for (of, _), names in self._journal.items() if of == day for name in names}

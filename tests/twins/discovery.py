"""The twins of what students find briefs by."""

import threading
from collections.abc import Iterator, Sequence
from datetime import datetime

from microintern.domain.base import iso
from microintern.domain.fit import Experience, Strengths, Work
from microintern.domain.searching import Listed, SavedSearch, SavedSearches, Wanted, Watch, fits
from microintern.ports.conditions import StaleDocument
from microintern.ports.paging import Page, Position
from tests.twins.storing import kept, paged


class MemoryIndex:
    """The Index port."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._briefs: dict[str, Listed] = {}

    def keep(self, brief: Listed) -> None:
        with self._lock:
            self._briefs[brief.brief_id] = kept(brief)

    def find(self, wanted: Wanted, now: datetime, limit: int, after: Position | None = None) -> Page:
        rows = [
            (Position(sort=iso(brief.closes_at), item=brief.brief_id), brief.brief_id)
            for brief in self._briefs.values()
            if brief.closes_at >= now and fits(brief, wanted)
        ]
        return paged(rows, limit, after)

    def rarest(self, terms: Sequence[str], now: datetime) -> str:
        found = [brief.terms for brief in self._briefs.values() if brief.closes_at >= now]
        return min(terms, key=lambda term: sum(term in of_brief for of_brief in found))


class MemorySearches:
    """The Searches port."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._saved: dict[str, SavedSearches] = {}
        self._filed: dict[tuple[str, str, str], Watch] = {}

    def of(self, account_id: str) -> SavedSearches:
        return self._saved.get(account_id) or SavedSearches(account_id=account_id)

    def save(self, after: SavedSearches, changed: SavedSearch) -> None:
        with self._lock:
            if self.of(after.account_id).version != after.version - 1:
                raise StaleDocument
            self._saved[after.account_id] = kept(after)
            at = (changed.filed_under, after.account_id, changed.search_id)
            self._filed.pop(at, None)
            if after.find(changed.search_id):
                fields = changed.model_dump(exclude={"filed_under"})
                self._filed[at] = kept(Watch.model_validate({"account_id": after.account_id, **fields}))

    def watching(self, terms: Sequence[str]) -> Iterator[Watch]:
        yield from [watch for (term, _, _), watch in sorted(self._filed.items()) if term in terms]

    def forget(self, account_id: str) -> None:
        self._filed = {at: watch for at, watch in self._filed.items() if at[1] != account_id}

    def drop(self, account_id: str) -> None:
        """What goes with the account itself."""
        self._saved.pop(account_id, None)


class MemoryStudents:
    """The Students port."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._strengths: dict[str, Strengths] = {}
        self._work: dict[str, dict[str, Work]] = {}

    def strengths(self, account_id: str) -> Strengths | None:
        """What a student says."""
        return self._strengths.get(account_id)

    def save_strengths(self, strengths: Strengths) -> None:
        with self._lock:
            there = self._strengths.get(strengths.account_id)
            if (there.version if there else 0) != strengths.version - 1:
                raise StaleDocument
            self._strengths[strengths.account_id] = kept(strengths)

    def known_of(self, account_id: str) -> tuple[Strengths | None, Experience]:
        return self.strengths(account_id), self.experiences([account_id])[account_id]

    def experiences(self, account_ids: Sequence[str]) -> dict[str, Experience]:
        return {id_: Experience(account_id=id_, work=dict(self._work.get(id_, {}))) for id_ in account_ids}

    def record(self, account_id: str, brief_id: str, work: Work) -> bool:
        with self._lock:
            there = self._work.setdefault(account_id, {}).get(brief_id)
            if there and there.version >= work.version:
                return False
            self._work[account_id][brief_id] = kept(work)
            return True

    def drop(self, account_id: str) -> None:
        """What goes with the account itself."""
        self._strengths.pop(account_id, None)
        self._work.pop(account_id, None)

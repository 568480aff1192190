"""What briefs are found by, and what students can do."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from microintern.domain.fit import Experience, Strengths, Work
from microintern.domain.searching import Listed, SavedSearch, SavedSearches, Wanted, Watch
from microintern.ports.paging import Page, Position


class Index(Protocol):
    """What briefs are found by, from when they open until their applications close."""

    def keep(self, brief: Listed) -> None:
        """Have the brief found; again changes nothing, and finishes what broke off half-way."""

    def find(self, wanted: Wanted, now: datetime, limit: int, after: Position | None = None) -> Page:
        """The ids of briefs that fit and have opened, the next to close first; some may not be open any longer.

        A page reads a bounded number of rows, and may hold fewer than were asked for and still lead on.
        """

    def rarest(self, terms: Sequence[str], now: datetime) -> str:
        """That of these terms which the fewest briefs are found by, as far as a glance tells."""


class Searches(Protocol):
    """The searches that students have saved."""

    def of(self, account_id: str) -> SavedSearches:
        """What a student has saved, strongly consistent."""

    def save(self, after: SavedSearches, changed: SavedSearch) -> None:
        """Write over the version before, with one search more or less; StaleDocument when that is no longer there."""

    def watching(self, terms: Sequence[str]) -> Iterator[Watch]:
        """The searches filed under any of these terms, as of a moment ago."""

    def forget(self, account_id: str) -> None:
        """Have nobody's briefs asked for this account any more; what it saved goes with the account."""


class Students(Protocol):
    """What students say they can do, and what they did and do here."""

    def save_strengths(self, strengths: Strengths) -> None:
        """Write over the version before; StaleDocument when that is no longer there."""

    def known_of(self, account_id: str) -> tuple[Strengths | None, Experience]:
        """What a student says, and has done and is doing, in one call; strongly consistent."""

    def experiences(self, account_ids: Sequence[str]) -> dict[str, Experience]:
        """What each of these students (at most 100) has done and is doing; nothing, of whom nothing is known."""

    def record(self, account_id: str, brief_id: str, work: Work) -> bool:
        """Note what a brief is to a student; False when the same or something newer is noted already."""

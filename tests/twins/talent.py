"""The twin of what organisations keep of candidates and offer to them."""

import threading
from collections.abc import Sequence

from microintern.domain.talent import Candidate, Offer, Stage
from microintern.ports.conditions import StaleDocument
from microintern.ports.paging import Page, Position
from tests.twins.storing import kept, paged


class MemoryTalent:
    """The Talent port."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._candidates: dict[tuple[str, str], Candidate] = {}
        self._keepers: set[tuple[str, str]] = set()
        self._offers: dict[tuple[str, str], Offer] = {}

    def candidate(self, organisation_id: str, student_id: str) -> Candidate | None:
        return self._candidates.get((organisation_id, student_id))

    def candidates(self, organisation_id: str, student_ids: Sequence[str]) -> dict[str, Candidate]:
        found = {student_id: self.candidate(organisation_id, student_id) for student_id in student_ids}
        return {student_id: candidate for student_id, candidate in found.items() if candidate}

    def list_candidates(
        self, organisation_id: str, stage: Stage | None, limit: int, after: Position | None = None
    ) -> Page:
        rows = [
            (Position(sort=f"candidate#{student_id}", item=f"candidate#{student_id}"), candidate)
            for (owner, student_id), candidate in self._candidates.items()
            if owner == organisation_id and candidate.removed_at is None and stage in (None, candidate.stage)
        ]
        return paged(rows, limit, after)

    def save(self, candidate: Candidate, offer: Offer | None = None) -> None:
        at = (candidate.organisation_id, candidate.student_id)
        with self._lock:
            _must_follow(self._candidates.get(at), candidate)
            if offer:
                self.save_offer(offer)
            self._candidates[at] = kept(candidate)
            self._keepers.add((candidate.student_id, candidate.organisation_id))

    def keepers(self, student_id: str) -> list[str]:
        return sorted(organisation_id for kept_id, organisation_id in self._keepers if kept_id == student_id)

    def forget_candidate(self, organisation_id: str, student_id: str) -> None:
        self._candidates.pop((organisation_id, student_id), None)
        self._keepers.discard((student_id, organisation_id))

    def offer(self, student_id: str, brief_id: str) -> Offer | None:
        return self._offers.get((student_id, brief_id))

    def offers(self, student_id: str, limit: int, after: Position | None = None) -> Page:
        rows = [
            (Position(sort=f"offer#{brief_id}", item=f"offer#{brief_id}"), offer)
            for (owner, brief_id), offer in self._offers.items()
            if owner == student_id
        ]
        return paged(rows, limit, after)

    def find_offers(self, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Offer]:
        return {at: self._offers[at] for at in wanted if at in self._offers}

    def save_offer(self, offer: Offer) -> None:
        at = (offer.student_id, offer.brief_id)
        with self._lock:
            _must_follow(self._offers.get(at), offer)
            self._offers[at] = kept(offer)

    def tracked(self, scope: str) -> list[Candidate | Offer]:
        """What of an organisation or a student has a trail."""
        candidates = [found for (owner, _), found in sorted(self._candidates.items()) if owner == scope]
        return [*candidates, *(found for (owner, _), found in sorted(self._offers.items()) if owner == scope)]

    def forget(self, account_id: str) -> None:
        """Take away what lies under a student."""
        self._offers = {at: offer for at, offer in self._offers.items() if at[0] != account_id}
        self._keepers = {pair for pair in self._keepers if pair[0] != account_id}


def _must_follow(old: Candidate | Offer | None, new: Candidate | Offer) -> None:
    if (old.version if old else 0) != new.version - 1:
        raise StaleDocument

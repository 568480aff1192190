"""Whom organisations keep in view."""

from collections.abc import Sequence
from typing import Protocol

from microintern.domain.talent import Candidate, Offer, Stage
from microintern.ports.paging import Page, Position


class Talent(Protocol):
    """Whom organisations keep in view, and what they offer to whom."""

    def candidate(self, organisation_id: str, student_id: str) -> Candidate | None:
        """One candidate, also one that was removed; strongly consistent."""

    def candidates(self, organisation_id: str, student_ids: Sequence[str]) -> dict[str, Candidate]:
        """Those of up to 100 students that are candidates of the organisation, by their ids."""

    def list_candidates(
        self, organisation_id: str, stage: Stage | None, limit: int, after: Position | None = None
    ) -> Page:
        """An organisation's candidates who were not removed, in the order of their ids."""

    def save(self, candidate: Candidate, offer: Offer | None = None) -> None:
        """Write over the version before, with an offer over its own if given; StaleDocument if not."""

    def keepers(self, student_id: str) -> list[str]:
        """The organisations that keep, or kept, a student as a candidate (at most 200)."""

    def forget_candidate(self, organisation_id: str, student_id: str) -> None:
        """Take a candidate away for good; one that is gone is fine."""

    def offer(self, student_id: str, brief_id: str) -> Offer | None:
        """What a student was offered, strongly consistent."""

    def offers(self, student_id: str, limit: int, after: Position | None = None) -> Page:
        """What a student was offered, in the order of the briefs' ids; strongly consistent."""

    def find_offers(self, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Offer]:
        """Those of up to 100 offers that there are, by student and brief."""

    def save_offer(self, offer: Offer) -> None:
        """Write over the version before; StaleDocument when that is no longer there."""

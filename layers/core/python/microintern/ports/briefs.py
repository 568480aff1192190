"""Briefs with everything that belongs to them."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

from pydantic import Field

from microintern.domain.base import Frozen, Instant
from microintern.domain.brief import Brief
from microintern.domain.documents import Application, Content, Document, Review, StoredFile
from microintern.domain.mentors import Mentor
from microintern.domain.posting import FieldOfWork, Posting
from microintern.domain.problems import no_such
from microintern.domain.quotas import Desk, UploadQuota
from microintern.domain.states import State
from microintern.domain.talent import Candidate, Offer
from microintern.ports.conditions import NOTHING_ELSE, Needs
from microintern.ports.paging import Page, Position

if TYPE_CHECKING:  # most functions start without them
    from microintern.domain.amendments import Amendments
    from microintern.domain.check_ins import CheckIns
    from microintern.domain.feedback import Feedback


D = TypeVar("D", bound=Document)


SHARDS = 8
"""Parts that unsettled briefs are listed in, so that no one index partition takes every write."""


class Snapshot(Frozen):
    """A brief and some of its documents, read together."""

    brief: Brief
    documents: dict[str, Any] = {}
    desk: Desk | None = None
    """What the student has applied for in whose name it was read."""
    offer: Offer | None = None
    candidate: Candidate | None = None
    """What the student was offered of it, and what the organisation keeps of them, if it was read with them."""

    def find(self, model: type[D], key: str) -> D | None:
        """The document at this key, if it was there and is of this kind."""
        found = self.documents.get(key)
        return found if isinstance(found, model) else None

    def need(self, model: type[D], key: str) -> D:
        """The document at this key; NotFound when it is not there."""
        found = self.find(model, key)
        if found is None:
            raise no_such(model.kind)
        return found

    @property
    def posting(self) -> Posting:
        """What was posted."""
        return self.need(Content, Content.key_of).posting


class BrowseFilter(Frozen):
    """What a student looks for among the open briefs."""

    field: FieldOfWork | None = None
    skill: str | None = None
    currency: str | None = None
    pay_at_least_minor: int | None = Field(default=None, ge=0)
    hours_at_least: int | None = None
    hours_at_most: int | None = None
    closes_after: Instant | None = None
    closes_before: Instant | None = None


Replaced: TypeAlias = "Application | StoredFile | Feedback | Mentor | Amendments | CheckIns"
"""The documents that are written over their version before."""


class Briefs(Protocol):
    """Where briefs and their documents are kept. Reads are strongly consistent unless they list."""

    def create(self, brief: Brief, content: Content) -> Brief | None:
        """Write both, or neither when the id is taken; then the brief that is there."""

    def read(self, brief_id: str, *keys: str, desk_of: str | None = None) -> Snapshot | None:
        """The brief and those of the documents at these keys that exist, in one call; None without the brief.

        With what the student `desk_of` has applied for, if one is named.
        """

    def read_offered(self, brief_id: str, student_id: str, organisation_id: str | None = None) -> Snapshot | None:
        """The brief with Content and what the student was offered of it, in one call; None without the brief.

        With the student as a candidate of the organisation, if one is named.
        """

    def save(self, before: Brief, after: Brief, *documents: Document, needs: Needs = NOTHING_ELSE) -> None:
        """Replace `before` by `after` and write the documents, all or nothing, if what it `needs` holds as well.

        The workflow's wait on the item is left alone. Documents must be new, except an Application or Amendments, which
        replace their version before. Raises Stale when the brief is no longer at `before.version`, what stands beside
        each of the needs when that does not hold, StaleDocument when a document is in the way.
        """

    def await_settlement(self, brief: Brief, token: str) -> None:
        """Leave the workflow's token on an ended brief, to be answered when its money has moved."""

    def nudge(self, brief_id: str) -> None:
        """Have everything that follows from the brief as it is follow once more."""

    def list_unsettled(
        self, shard: int, before: datetime, limit: int, after: Position | None = None, *, since: datetime | None = None
    ) -> Page:
        """Of one of SHARDS parts, the briefs which should have moved on before this instant; the longest due first.

        With `since`, only those which should move on at that instant or after it.
        """

    def add(
        self, brief_id: str, document: D, *, desk: Desk | None = None, quota: UploadQuota | None = None
    ) -> D | None:
        """Write a document at a free key, or leave what is there and give it back.

        With the student's desk over its version before, else StaleDesk; or counting the file, else UploadsExhausted.
        """

    def replace(
        self,
        document: Replaced,
        *,
        desk: Desk | None = None,
        needs: Needs = NOTHING_ELSE,
    ) -> None:
        """Write it over its version before, else StaleDocument; with the student's desk if given, else StaleDesk.

        Raises what stands beside each of the needs when that does not hold.
        """

    def find(self, brief_ids: Sequence[str], *, with_content: bool = True) -> dict[str, Snapshot]:
        """Those of up to 50 briefs that exist, by id, with Content unless it is not asked for."""

    def find_reviews(self, wanted: Sequence[tuple[str, int]]) -> dict[str, Review]:
        """The reviews of these submissions, by brief; of each brief (at most 50) one, by its number."""

    def find_files(self, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], StoredFile]:
        """Those of these files that are known, by the ids of their brief and their own; strongly consistent."""

    def list_awaited_files(self, shard: int, before: datetime, limit: int, after: Position | None = None) -> Page:
        """Of one of SHARDS parts, the files whose receipt or scan should have come before this instant."""

    def overwrite(self, brief_id: str, document: Document) -> None:
        """Write over a document that is there, whatever it is now; StaleDocument when there is none."""

    def list_documents(self, brief_id: str, model: type[D], limit: int, after: Position | None = None) -> Page:
        """The brief's documents of one kind in the order of their keys."""

    def list_in_state(
        self, state: State, limit: int, after: Position | None = None, only: BrowseFilter | None = None
    ) -> Page:
        """Snapshots (with Content) of the open or disputed briefs that pass the filter, the next to close first."""

    def find_open(self, brief_ids: Sequence[str]) -> list[Snapshot]:
        """Those of these briefs (at most 100) that are open, with Content, in this order; strongly consistent."""

    def list_of_employer(self, employer_id: str, limit: int, after: Position | None = None) -> Page:
        """Snapshots (with Content) of an organisation's briefs, the newest first."""

    def list_of_student(self, student_id: str, limit: int, after: Position | None = None) -> Page:
        """Snapshots (with Content and the student's own Application) of the briefs applied for, the newest first."""

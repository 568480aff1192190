"""What the use cases need. Each port has an AWS adapter and an in-memory twin, held to one contract suite."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from pydantic import Field

from microintern.domain.accounts import Mark, Notice, PayoutAccount, Profile
from microintern.domain.base import Frozen, Instant
from microintern.domain.brief import Brief
from microintern.domain.documents import Application, Content, Document, StoredFile
from microintern.domain.ledger import Settlement, Transfer
from microintern.domain.posting import FieldOfWork, Posting
from microintern.domain.problems import no_such
from microintern.domain.states import State

D = TypeVar("D", bound=Document)


class Stale(Exception):
    """The brief was changed since it was read; `current` is what it is now."""

    def __init__(self, current: Brief) -> None:
        super().__init__(f"{current.brief_id} is at version {current.version}")
        self.current = current


class PayeeNotReady(Exception):
    """The student has no payout account that is ready."""


class StaleDocument(Exception):
    """The document was changed since it was read."""


class Snapshot(Frozen):
    """A brief and some of its documents, read together."""

    brief: Brief
    documents: dict[str, Any] = {}

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


class Position(Frozen):
    """Where a list was left: the sort key and the id of the last item seen. Says nothing of whose list it is."""

    sort: str
    item: str


class Page(Frozen):
    """Part of a list, and where to go on."""

    items: list[Any]
    next: Position | None = None


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


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """The present instant, in UTC."""


class Briefs(Protocol):
    """Where briefs and their documents are kept. Reads are strongly consistent unless they list."""

    def create(self, brief: Brief, content: Content) -> Brief | None:
        """Write both, or neither when the id is taken; then the brief that is there."""

    def read(self, brief_id: str, *keys: str) -> Snapshot | None:
        """The brief and those of the documents at these keys that exist, in one call; None without the brief."""

    def save(self, before: Brief, after: Brief, *documents: Document, payee: str | None = None) -> None:
        """Replace `before` by `after` and write the documents, all or nothing.

        The workflow's wait on the item is left alone. Documents must be new, except an Application, which replaces its
        version before. Raises Stale when the brief is no longer at `before.version`, PayeeNotReady when the account
        `payee` has no payout account that is ready, StaleDocument when a document is in the way.
        """

    def add(self, brief_id: str, document: D) -> D | None:
        """Write a document at a free key, or leave what is there and give it back."""

    def replace(self, application: Application) -> None:
        """Write an application over its version before; StaleDocument when that is no longer there."""

    def record_receipt(self, brief_id: str, file_id: str, version_id: str, received_at: datetime) -> bool:
        """Mark an expected file as received; False when it was not expected (any more): the first receipt stays."""

    def list_documents(self, brief_id: str, model: type[D], limit: int, after: Position | None = None) -> Page:
        """The brief's documents of one kind in the order of their keys."""

    def list_in_state(
        self, state: State, limit: int, after: Position | None = None, only: BrowseFilter | None = None
    ) -> Page:
        """Snapshots (with Content) of the open or disputed briefs that pass the filter, the next to close first."""

    def list_of_employer(self, employer_id: str, limit: int, after: Position | None = None) -> Page:
        """Snapshots (with Content) of an employer's briefs, the newest first."""

    def list_of_student(self, student_id: str, limit: int, after: Position | None = None) -> Page:
        """Snapshots (with Content and the student's own Application) of the briefs applied for, the newest first."""


class Accounts(Protocol):
    """Where people's profiles, payout accounts and notices are kept."""

    def profile(self, account_id: str) -> Profile | None:
        """One profile, strongly consistent."""

    def profiles(self, account_ids: Sequence[str]) -> dict[str, Profile]:
        """Up to 100 profiles by account id; those that exist."""

    def save_profile(self, profile: Profile) -> None:
        """Write over the version before; StaleDocument when that is no longer there."""

    def payout_account(self, account_id: str) -> PayoutAccount | None:
        """Where this person is paid, strongly consistent."""

    def save_payout_account(self, account: PayoutAccount) -> None:
        """Write over the version before; StaleDocument when that is no longer there."""

    def tell(self, notices: Sequence[Notice]) -> None:
        """Keep notices; the same notice again changes nothing."""

    def mark(self, mark: Mark) -> None:
        """Put an entry on a student's record; the same again changes nothing."""

    def notices(self, account_id: str, limit: int, after: Position | None = None) -> Page:
        """A person's notices, the newest first."""

    def marks(self, account_id: str) -> list[Mark]:
        """The entries on a student's record (at most 100)."""


class Receipt(Frozen):
    """What the payment provider says of an operation."""

    settled: bool
    reference: str
    reason: str | None = None


class PaymentProvider(Protocol):
    """Moves real money. The key makes each operation happen once: the same key gives the same receipt."""

    def collect(self, key: str, amount_minor: int, currency: str, payment_method: str) -> Receipt:
        """Take money from an employer and hold it."""

    def pay_out(self, key: str, amount_minor: int, currency: str, destination: str) -> Receipt:
        """Send money to a student's payout account."""

    def refund(self, key: str, amount_minor: int, currency: str, collected_key: str) -> Receipt:
        """Send money back to where it was collected."""

    def find(self, key: str) -> Receipt | None:
        """What became of an operation; None when it was never asked for."""


class Ledger(Protocol):
    """Immutable transfers. Money and the brief that it belongs to change in one transaction."""

    def transfers(self, brief_id: str) -> list[Transfer]:
        """A brief's transfers, in the order of a brief's life."""

    def record_funding(self, transfer: Transfer, before: Brief, after: Brief) -> None:
        """Write the funding transfer and the brief's opening together; Stale when the brief has moved on.

        A transfer that is there already is Stale too: the brief that it opened is the current one.
        """

    def record_return(self, transfers: Sequence[Transfer]) -> None:
        """Write a funding that came too late together with its refund; the same again changes nothing."""

    def claim(self, settlement: Settlement) -> Settlement:
        """Claim the brief's escrow; the first claim stands, and is what everybody gets."""

    def record_settlement(self, transfers: Sequence[Transfer], before: Brief, after: Brief) -> None:
        """Write the settling transfers and the brief's end together; Stale when the brief has moved on."""


class UploadForm(Frozen):
    """A presigned POST: send the fields, then the file as the field `file`."""

    url: str
    fields: dict[str, str]


class ReceivedObject(Frozen):
    """What S3 holds at a key and version."""

    version_id: str
    size_bytes: int
    sha256: str | None
    received_at: Instant


class FileStore(Protocol):
    """Where files lie. They never pass through a function."""

    def upload_form(self, file: StoredFile, life_s: int) -> UploadForm:
        """A form that takes exactly this file: key, media type, size and SHA-256 are pinned."""

    def download_url(self, file: StoredFile, life_s: int) -> str:
        """A link to the received version, served as an attachment under its name."""

    def received(self, brief_id: str, file_id: str, version_id: str) -> ReceivedObject | None:
        """What lies at the file's key in this version; None when there is nothing."""


class EventBus(Protocol):
    """Where events are published."""

    def publish(self, events: Sequence[dict[str, Any]]) -> None:
        """Publish CloudEvents; raises when any of them was not taken."""


class Deadlines(Protocol):
    """One-time schedules, one per deadline, named after what they are for."""

    def set(self, brief_id: str, lapse_at: datetime) -> None:
        """Call the lapse at this instant; the same again changes nothing."""

    def drop(self, brief_id: str, lapse_at: datetime) -> None:
        """Take a deadline back; one that is gone is fine."""


class Workflow(Protocol):
    """The execution that carries each brief."""

    def start(self, brief_id: str) -> None:
        """Start the brief's one execution; one that runs or ran already is fine."""

    def move(self, token: str, step: str, *, main: bool) -> None:
        """Answer a waiting task: go on along the main path, or branch to the step; one answered already is fine."""


class Groups(Protocol):
    """Who has which role."""

    def roles_of(self, account_id: str) -> list[str]:
        """The account's roles; NotFound when there is no such account."""

    def assign(self, account_id: str, role: str) -> None:
        """Give the account exactly this role."""

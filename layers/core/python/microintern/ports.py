"""What the use cases need. Each port has an AWS adapter and an in-memory twin, held to one contract suite."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import IO, TYPE_CHECKING, Any, Protocol, TypeVar

from pydantic import Field

from microintern.domain.accounts import Assignment, Mark, Notice, PayoutAccount, Profile
from microintern.domain.audit import AuditEntry
from microintern.domain.base import Frozen, Instant
from microintern.domain.brief import Brief
from microintern.domain.credentials import Credential
from microintern.domain.documents import Application, Content, Document, StoredFile
from microintern.domain.fit import Experience, Strengths, Work
from microintern.domain.ledger import Hold, Settlement, Transfer, TransferName
from microintern.domain.manifest import PublicKey
from microintern.domain.mentors import Mentor
from microintern.domain.messages import Message, Sent, Talk
from microintern.domain.organisations import Invitation, Membership, Organisation, OrganisationState
from microintern.domain.payments import Hint, Operation, OperationKind, Payee, ProviderName
from microintern.domain.posting import FieldOfWork, Posting
from microintern.domain.previews import Part, Preview
from microintern.domain.problems import no_such
from microintern.domain.quotas import Desk, MessageQuota, UploadQuota
from microintern.domain.searching import Listed, SavedSearch, SavedSearches, Wanted, Watch
from microintern.domain.standing import Standing
from microintern.domain.states import Role, State
from microintern.domain.status_lists import Place
from microintern.domain.talent import Candidate, Offer, Stage
from microintern.domain.trail import Entry
from microintern.domain.webhooks import Attempt, Delivery, Endpoint

if TYPE_CHECKING:  # most functions start without them
    from microintern.domain.feedback import Feedback
    from microintern.domain.records import Record, Row

D = TypeVar("D", bound=Document)

SHARDS = 8
"""Parts that unsettled briefs are listed in, so that no one index partition takes every write."""


class Stale(Exception):
    """The brief was changed since it was read; `current` is what it is now."""

    def __init__(self, current: Brief) -> None:
        super().__init__(f"{current.brief_id} is at version {current.version}")
        self.current = current


class PayeeNotReady(Exception):
    """The student has no payout account that is ready."""


class OrganisationNotApproved(Exception):
    """The employer's organisation has not been approved, or is not any more."""


class SelfDealing(Exception):
    """The student belongs, or belonged until lately, to the employer's organisation."""


class StudentNotActive(Exception):
    """The student's account may not act at present."""


class BelongsAlready(Exception):
    """The account belongs to an organisation; it can belong to one at a time."""


class Full(Exception):
    """The organisation has as many members as one may have."""


class TooManyEndpoints(Exception):
    """The organisation has as many webhook endpoints as one may have."""


class NotOwner(Exception):
    """Whoever asked is not an owner of the organisation, or not any more."""


class LastOwner(Exception):
    """An organisation must keep an owner."""


class StudentErased(Exception):
    """The student's account was erased."""


class PlaceTaken(Exception):
    """Another credential has this place in the status list."""


class OfferGone(Exception):
    """The brief was never offered to the student, or the offer was refused or withdrawn."""


class StaleDesk(Exception):
    """What a student has applied for was changed since it was read."""


class UploadsExhausted(Exception):
    """The account has announced as much as it may in a day."""


class StaleDocument(Exception):
    """The document was changed since it was read."""


class NotMember(Exception):
    """The account does not belong to the organisation."""


class StaleTalk(Exception):
    """Somebody else wrote on the brief since it was read."""


class MessagesExhausted(Exception):
    """The account has written as many messages as it may in a day."""


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


class Needs(Frozen):
    """What must hold of other things for a brief, or what belongs to it, to be saved."""

    approved: str | None = None
    """This organisation is approved, else OrganisationNotApproved."""
    payee: str | None = None
    """This account has a payout account that is ready, else PayeeNotReady; and may act, else StudentNotActive."""
    stranger_to: str | None = None
    """The payee does not belong to this organisation, and did not since `stranger_since`, else SelfDealing."""
    stranger_since: Instant | None = None
    offered: bool = False
    """The brief is offered to the payee, and neither side has taken that back, else OfferGone."""
    member: str | None = None
    """This account belongs to the organisation `member_of` now, else NotMember."""
    member_of: str | None = None


NOTHING_ELSE = Needs()


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

        The workflow's wait on the item is left alone. Documents must be new, except an Application, which replaces its
        version before. Raises Stale when the brief is no longer at `before.version`, what stands beside each of the
        needs when that does not hold, StaleDocument when a document is in the way.
        """

    def await_settlement(self, brief: Brief, token: str) -> None:
        """Leave the workflow's token on an ended brief, to be answered when its money has moved."""

    def nudge(self, brief_id: str) -> None:
        """Have everything that follows from the brief as it is follow once more."""

    def list_unsettled(self, shard: int, before: datetime, limit: int, after: Position | None = None) -> Page:
        """Of one of SHARDS parts, the briefs which should have moved on before this instant; the longest due first."""

    def add(
        self, brief_id: str, document: D, *, desk: Desk | None = None, quota: UploadQuota | None = None
    ) -> D | None:
        """Write a document at a free key, or leave what is there and give it back.

        With the student's desk over its version before, else StaleDesk; or counting the file, else UploadsExhausted.
        """

    def replace(
        self,
        document: "Application | StoredFile | Feedback | Mentor",
        *,
        desk: Desk | None = None,
        needs: Needs = NOTHING_ELSE,
    ) -> None:
        """Write it over its version before, else StaleDocument; with the student's desk if given, else StaleDesk.

        Raises what stands beside each of the needs when that does not hold.
        """

    def find(self, brief_ids: Sequence[str]) -> dict[str, Snapshot]:
        """Those of up to 50 briefs that exist, by id, with Content."""

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


class Threads(Protocol):
    """Where what is said on a brief is kept, beside the brief. Messages are read and forgotten by the port Briefs."""

    def post(self, message: Message, talk: Talk, sent: Sent, quota: MessageQuota) -> Sent | None:
        """Write a message with what is remembered of its command, or nothing when that is there; then what is there.

        With the talk over its version before, else StaleTalk; and counted, else MessagesExhausted.
        """

    def page(self, brief_id: str, thread: str, limit: int, after: Position | None = None) -> Page:
        """The messages of a thread in the order of their numbers; strongly consistent."""

    def of_author(self, account_id: str, limit: int, after: Position | None = None) -> Page:
        """What somebody said on any brief, the newest first."""


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

    def desk(self, account_id: str) -> Desk:
        """What a student has applied for, strongly consistent."""

    def release(self, account_id: str, brief_id: str, version: int) -> None:
        """An application of this version, or an earlier one, cannot be picked any more; done already is fine."""

    def assignment(self, account_id: str) -> Assignment | None:
        """The role that an operator gave an account last, strongly consistent."""

    def save_assignment(self, assignment: Assignment) -> None:
        """Write over the version before; StaleDocument when that is no longer there."""

    def steps(self, scope: str) -> list[Entry]:
        """The steps that everything of an account, or of whatever else is kept here, is at; strongly consistent."""

    def forget(self, account_id: str) -> None:
        """Take away everything under this account but its standing; whose profile was there is named as erased."""

    def payees(self, destination: str) -> list[str]:
        """The accounts that said they are paid here, now or before (at most 100)."""

    def tell(self, notices: Sequence[Notice]) -> None:
        """Keep notices; the same notice again changes nothing."""

    def mark(self, mark: Mark) -> None:
        """Put an entry on a student's record; the same again changes nothing."""

    def notices(self, account_id: str, limit: int, after: Position | None = None) -> Page:
        """A person's notices, the newest first."""

    def marks(self, account_id: str) -> list[Mark]:
        """The entries on a student's record (at most 100)."""


class Index(Protocol):
    """What open briefs are found by."""

    def keep(self, brief: Listed) -> None:
        """Have the brief found, or no longer if it is not open; what comes late of an earlier version changes nothing.

        Whoever does this at the same time, or breaks off, nothing of it stays half-done once it was done again.
        """

    def find(self, wanted: Wanted, now: datetime, limit: int, after: Position | None = None) -> Page:
        """The ids of briefs that may fit and take applications, the next to close first.

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


class KeyReused(Exception):
    """The key of an earlier operation came with another kind, amount or currency; take a new key."""


class PaymentUnavailable(Exception):
    """The provider could not be reached, or did not say what became of it: ask again under the same key."""


class WebhookRefused(Exception):
    """Not the provider's message as it was sent, or not of this time, or not for this platform; says why."""


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

    def keep(self, record: "Record", row: "Row", hired: Mapping[str, int]) -> None:
        """Write the record over its version before, with the row and who holds how many; StaleDocument, or all."""

    def waiting(self, before: datetime, limit: int) -> list[Waiting]:
        """The rows whose rating counts by this instant and does not yet, the longest due first."""

    def forget(self, record: "Record") -> None:
        """Write an erased record over its version before, else StaleDocument, and take all of its rows away."""

    def forget_hired(self, party_id: str, student_id: str) -> None:
        """Take away how many briefs a student holds; none is fine."""


class PaymentProvider(Protocol):
    """Moves real money, in its own time. The key makes each operation happen once: the same key asks for the same one.

    What comes back is final when it is settled or failed; what is accepted is told of by webhook, or found by asking.
    Each call may raise PaymentUnavailable, after which nobody knows whether it happened: repeating it is safe.
    """

    @property
    def name(self) -> ProviderName:
        """Which provider it is."""

    def collect(self, key: str, amount_minor: int, currency: str, payment_method: str) -> Operation:
        """Take money from an employer and hold it."""

    def pay_out(self, key: str, amount_minor: int, currency: str, destination: str, collected: str) -> Operation:
        """Send money to a student's destination, out of what was collected under this reference."""

    def refund(self, key: str, amount_minor: int, currency: str, collected: str) -> Operation:
        """Send money back to where it was collected under this reference."""

    def find(self, kind: OperationKind, key: str, reference: str | None = None) -> Operation | None:
        """What became of an operation; None when it was never asked for. The reference, if known, finds it sooner."""

    def of_brief(self, kind: OperationKind, brief_id: str) -> list[Operation]:
        """Everything of this kind that may have moved money for a brief, whichever key it was asked for under."""

    def payee(self, destination: str) -> Payee:
        """Whether a destination can be paid at present."""

    def operations(self, since: datetime) -> Iterator[Operation]:
        """Every operation asked for since then, in no order."""


class Webhooks(Protocol):
    """Tells a provider's own messages from everybody else's."""

    def verify(self, headers: Mapping[str, str], body: str, now: datetime) -> Hint:
        """What the message is about; WebhookRefused when it is unsigned, forged, too old or not for this platform."""


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


class Redriven(Frozen):
    """What became of a queue's dead letters."""

    queue: str
    redriven: int = 0
    failed: int = 0
    left: int = 0
    """How many are still there, as far as the queue can tell; those that failed are tried again later."""


class Redrive(Frozen):
    """What a request to have dead letters handled was answered, to be answered again."""

    key: str
    body: str
    queues: list[Redriven]


class Audit(Protocol):
    """The audit trail of money."""

    def redrive(self, key: str) -> Redrive | None:
        """What was answered under this idempotency key."""

    def answered(self, redrive: Redrive) -> Redrive:
        """Keep an answer; the one that is there already stays, and is given back."""

    def note(self, entry: AuditEntry) -> bool:
        """Keep an entry; False when it was there already."""

    def has(self, entry_id: str) -> bool:
        """Whether there is such an entry."""

    def entries(self, *, needs_person: bool, limit: int, after: Position | None = None) -> Page:
        """Entries that a person must look at, or the others; the newest first."""


class Trail(Protocol):
    """The audit trail: entries are added, and nothing here changes or removes one. Reads are consistent."""

    def keep(self, entry: Entry) -> bool:
        """Keep an entry; False when one is there already, which stays."""

    def journal(self, batch_id: str, entries: Sequence[Entry]) -> None:
        """Note which entries a batch brought, under their days; the same batch again changes nothing."""

    def entries(self, scope: str) -> list[Entry]:
        """Everything that is kept of a brief or an account, in the order of subjects and versions."""

    def page(self, scope: str, subject: str, limit: int, after: Position | None = None) -> Page:
        """The entries of one subject, the first version first."""

    def of_day(self, day: date, limit: int, after: Position | None = None) -> Page:
        """What happened on a day (UTC), to everything, the newest batch first. After a failure some may come twice."""

    def changed(self, day: date) -> set[str]:
        """The scopes of everything that changed on a day."""


class UploadForm(Frozen):
    """A presigned POST: send the fields, then the file as the field `file`."""

    url: str
    fields: dict[str, str]


class PartLink(Frozen):
    """A presigned PUT that takes exactly one part, if these headers are sent with it."""

    url: str
    headers: dict[str, str]


class ReceivedPart(Frozen):
    """A part of a file that S3 has."""

    number: int
    size_bytes: int
    sha256: str | None
    etag: str


class ReceivedObject(Frozen):
    """What S3 holds at a key and version."""

    version_id: str
    size_bytes: int
    sha256: str | None
    received_at: Instant
    in_parts: bool = False
    """Whether it was put together from parts: then S3 dates it from when the upload began."""


class StoredVersion(Frozen):
    """One version of a file, as S3 has it."""

    brief_id: str
    file_id: str
    version_id: str
    at: Instant


class FileStore(Protocol):
    """Where files lie. They never pass through a function."""

    def upload_form(self, file: StoredFile, life_s: int) -> UploadForm:
        """A form that takes exactly this file: key, media type, size and SHA-256 are pinned."""

    def start_upload(self, file: StoredFile) -> str:
        """Begin an upload in parts at the file's key; its id."""

    def part_link(self, file: StoredFile, number: int, sha256: str, life_s: int) -> PartLink:
        """A link that takes exactly this part: number, size and SHA-256 are pinned."""

    def parts(self, file: StoredFile) -> list[ReceivedPart] | None:
        """The parts that have arrived, by their numbers; None when there is no such upload (any more)."""

    def complete_upload(self, file: StoredFile, parts: Sequence[ReceivedPart]) -> bool:
        """Make the file of its parts; False when there is no such upload (any more)."""

    def abort_upload(self, file: StoredFile) -> None:
        """Drop an upload with its parts; one that is gone is fine."""

    def is_stored(self, file: StoredFile) -> bool:
        """Whether a whole object lies at the file's key."""

    def download_url(self, file: StoredFile, life_s: int) -> str:
        """A link to the received version, served as an attachment under its name."""

    def received(self, brief_id: str, file_id: str, version_id: str | None = None) -> ReceivedObject | None:
        """What lies at the file's key in this version, or the newest; None when there is nothing."""

    def open(self, brief_id: str, file_id: str, found: ReceivedObject) -> IO[bytes]:
        """The content of what was received, which can be read anywhere."""

    def quarantine(self, file: StoredFile) -> None:
        """Move the received version to where nobody can have it; one that is there already is fine."""

    def list_versions(self, limit: int, after: Position | None = None) -> Page:
        """Every version of every file, as StoredVersion, by key; after a position, or from its key on without item."""

    def remove(self, version: StoredVersion) -> None:
        """Delete one version for good; one that is gone is fine."""

    def hold(self, version: StoredVersion) -> None:
        """Nobody can delete it until it is let go."""

    def let_go(self, version: StoredVersion, until: datetime) -> None:
        """Nobody but who may bypass it can delete it until then; everybody who may delete can after that."""

    def erase(self, file: StoredFile) -> bool:
        """Take away what was received of it, out of quarantine too; False when the store must keep it for now.

        One that is gone is fine.
        """


class FileChecks(Protocol):
    """What receives and scans files, to be asked once more; it answers in its own time, or not at all."""

    def look_for(self, file: StoredFile) -> None:
        """Have it recorded that the file came, if it did, and that it did not come otherwise."""

    def scan(self, file: StoredFile) -> None:
        """Have the received version scanned."""


class Previews(Protocol):
    """What is shown of files without handing them out."""

    def find(self, file: StoredFile) -> Preview | None:
        """The preview of the version that was received; None while there is none."""

    def url(self, file: StoredFile, part: Part, life_s: int) -> str:
        """A link that shows a part of the preview as what it is."""

    def erase(self, file: StoredFile) -> None:
        """Take the preview away; one that is gone is fine."""


class Signer(Protocol):
    """Signs with a key that nobody can have."""

    def public_key(self) -> PublicKey:
        """What signatures are verified with."""

    def sign(self, message: bytes) -> bytes:
        """The Ed25519 signature of up to 4,096 bytes."""

    def is_signature(self, message: bytes, signature: bytes) -> bool:
        """Whether these 64 bytes are the signature that this key makes of the message."""


class Credentials(Protocol):
    """Where credentials are kept, and which of their places in the status lists are revoked, for good."""

    def issue(self, credential: Credential) -> Credential | None:
        """Write a new one and take its place, or nothing when there is one already; then the one that is there.

        PlaceTaken when another has the place; StudentErased when there is nobody left to issue it to.
        """

    def read(self, credential_id: str) -> Credential | None:
        """One credential, strongly consistent."""

    def read_with_profile(self, credential_id: str, account_id: str) -> tuple[Credential | None, Profile | None]:
        """A credential and somebody's profile, in one call; strongly consistent."""

    def replace(self, credential: Credential) -> None:
        """Write it over its version before; StaleDocument when that is no longer there."""

    def revoke(self, credential: Credential) -> None:
        """As `replace`, and from then on its place is revoked."""

    def of_student(self, student_id: str, limit: int, after: Position | None = None) -> Page:
        """A student's credentials, the newest first."""

    def is_revoked(self, place: Place) -> bool:
        """Whether a place is revoked, strongly consistent."""

    def revoked_in(self, number: int) -> list[int] | None:
        """The places of a status list that are revoked; None while nobody has a place in it."""

    def steps(self, scope: str) -> list[Entry]:
        """The step that a credential is at, by its id; strongly consistent."""


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

    def died(self) -> list[str]:
        """The briefs whose newest executions failed, timed out or were stopped (of at most 100 each)."""

    def revive(self, brief_id: str, version: int) -> bool:
        """Start another execution if none of the brief's runs any more; it catches up with the brief by itself.

        At most one for each version of the brief, and one that was never started as `start` would; True when one was
        started.
        """

    def move(self, token: str, step: str, *, main: bool) -> None:
        """Answer a waiting task: go on along the main path, or branch to the step; one answered already is fine."""


class Settler(Protocol):
    """What moves money, elsewhere and soon."""

    def advance(self, brief_id: str) -> None:
        """Have what is due with a brief's money done."""


class DeadLetters(Protocol):
    """What functions could not handle, kept to be handled again."""

    def queues(self) -> list[str]:
        """The names of the queues, each that of the function whose failures it keeps."""

    def redrive(self, queue: str, limit: int, most_tries: int | None = None) -> Redriven:
        """Hand up to `limit` letters to their function once more, those tried too often left out if a bound is given.

        A letter goes when its function has handled it, and not before.
        """


class Groups(Protocol):
    """Who has which role."""

    def roles_of(self, account_id: str) -> list[str]:
        """The account's roles; NotFound when there is no such account."""

    def assign(self, account_id: str, role: str) -> None:
        """Give the account exactly this role."""


class Standings(Protocol):
    """Which accounts may act, and how much they ask for."""

    def read(self, account_id: str) -> Standing:
        """How an account stands, strongly consistent; of one that nothing is kept of, that it is active."""

    def save(self, standing: Standing) -> None:
        """Write state, reason and what was done over the version before; StaleDocument when that is not there.

        The number of requests is left alone.
        """

    def erase(self, standing: Standing) -> None:
        """As `save`, and note that the erasure is to be finished."""

    def erasing(self, limit: int) -> list[str]:
        """The accounts whose erasure is to be finished, the longest waiting first."""

    def erased(self, account_id: str) -> None:
        """The erasure is finished; done already is fine."""

    def count(self, account_id: str, window: int, requests: int) -> None:
        """Add to the requests of this window, or begin it; of a window that is over nothing is kept."""


class Users(Protocol):
    """Who can sign in."""

    def shut_out(self, account_id: str) -> None:
        """Let the account get no more tokens; NotFound when there is no such account."""

    def let_in(self, account_id: str) -> None:
        """Let the account sign in again; NotFound when there is no such account."""

    def delete(self, account_id: str) -> None:
        """Take the account away, with its e-mail address; one that is gone is fine."""


class Organisations(Protocol):
    """Organisations with their members and invitations. What somebody belongs to stands in their standing, too."""

    def found(self, organisation: Organisation, founder: Membership) -> Organisation | None:
        """Write a new organisation with its first owner, or nothing when its id is taken; then the one that is there.

        BelongsAlready when the founder belongs to another one.
        """

    def read(self, organisation_id: str) -> Organisation | None:
        """One organisation, strongly consistent."""

    def decide(self, organisation: Organisation) -> None:
        """Write its state, with reason and what was done, over the version before; else StaleDocument."""

    def in_state(self, state: OrganisationState, limit: int, after: Position | None = None) -> Page:
        """The organisations in a state, the longest in it first."""

    def members(self, organisation_id: str) -> list[Membership]:
        """Who belongs to it now (at most 100)."""

    def membership(self, organisation_id: str, account_id: str) -> Membership | None:
        """Somebody's membership, also one that is over."""

    def invite(self, invitation: Invitation) -> None:
        """Write it over its version before: StaleDocument when that is not there or used, NotOwner by another."""

    def invitations(self, organisation_id: str) -> list[Invitation]:
        """All of them (at most 100)."""

    def invitation(
        self, organisation_id: str, invitation_id: str, account_id: str
    ) -> tuple[Invitation | None, Membership | None]:
        """An invitation, and what this account is or was to the organisation, in one call."""

    def revoke(self, invitation: Invitation, by: str) -> None:
        """Write that it is revoked: StaleDocument when the version before is not there or used, NotOwner by another."""

    def join(self, accepted: Invitation, member: Membership, most_members: int) -> None:
        """Write that an invitation is accepted, and the member: BelongsAlready, Full, StaleDocument if it is used."""

    def leave(self, before: Membership, after: Membership, by: str) -> None:
        """Write that a membership is over, on behalf of `by`: LastOwner, NotOwner, or StaleDocument when it changed."""

    def close(self, before: Membership, after: Membership) -> None:
        """Write that the only member's membership is over; StaleDocument when there are others or it changed."""

    def appoint(self, before: Membership, after: Membership, by: str) -> None:
        """Write that a member has another role, on behalf of `by`: LastOwner, NotOwner, or StaleDocument."""


class Endpoints(Protocol):
    """Where organisations want their events sent. Reads are strongly consistent."""

    def create(self, endpoint: Endpoint, most: int) -> Endpoint | None:
        """Write a new one on behalf of who created it, or nothing when its id is taken; then the one that is there.

        NotOwner, or TooManyEndpoints when the organisation has `most` that are not deleted.
        """

    def read(self, organisation_id: str, endpoint_id: str) -> Endpoint | None:
        """One endpoint, also one that is deleted."""

    def of(self, organisation_id: str) -> list[Endpoint]:
        """Those of an organisation that are not deleted."""

    def save(self, endpoint: Endpoint, by: str | None) -> None:
        """Write it over its version before, else StaleDocument; on behalf of `by`, else NotOwner, or of the server."""

    def disable(self, endpoint: Endpoint) -> None:
        """Write that the server has disabled it over its version before, else StaleDocument."""

    def failing(self, endpoint: Endpoint, since: datetime | None) -> None:
        """Note since when it takes nothing, or that it does again. No step: of one that has changed, nothing."""


class Deliveries(Protocol):
    """The log of what was sent to endpoints; each entry goes by itself when its time has come."""

    def add(self, delivery: Delivery) -> Delivery | None:
        """Keep a new one, or nothing when it is known already; then what is there."""

    def read(self, endpoint_id: str, delivery_id: str) -> Delivery | None:
        """One delivery, strongly consistent."""

    def save(self, delivery: Delivery) -> None:
        """Write it over its version before, else StaleDocument."""

    def newest(self, endpoint_id: str, limit: int, after: Position | None = None) -> Page:
        """An endpoint's deliveries, those of the newest events first."""

    def between(self, endpoint_id: str, since: datetime, until: datetime, limit: int) -> list[Delivery]:
        """Those of events from `since` to before `until`, the oldest first."""

    def forget(self, endpoint_id: str) -> None:
        """Take away all of an endpoint's."""


class DeliveryQueue(Protocol):
    """What is to be tried, and when."""

    def send(self, delivery: Delivery, now: datetime) -> None:
        """Have a pending delivery tried when it is due, or looked at sooner to be put back."""


class Receivers(Protocol):
    """Other people's systems, out on the internet."""

    def hand_over(self, url: str, headers: Mapping[str, str], body: str, at: datetime) -> Attempt:
        """Send a message to a public address, within bounds of time and of what is read; what came of it, always."""


class Sealer(Protocol):
    """Encrypts what is kept secret; what was sealed for one thing cannot be opened as another's."""

    def seal(self, text: str, what: Mapping[str, str]) -> str:
        """Encrypted, for these names of what it belongs to."""

    def open(self, sealed: str, what: Mapping[str, str]) -> str:
        """The text again."""


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

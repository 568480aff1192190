"""In-memory twins of the ports, for tests of use cases; the contract suite holds them to what AWS does."""

import base64
import hashlib
import io
import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import IO, Any, TypeVar
from uuid import uuid4

from pydantic import BaseModel

from microintern.adapters.accounts import ERASED_ACCOUNT
from microintern.adapters.briefs import LISTED, VERSIONED, moves_by, shard_of
from microintern.adapters.files import object_key, parse_key, quarantine_key
from microintern.adapters.ledger import held_accounts, other_movement
from microintern.adapters.payments.sandbox import Asked, Message
from microintern.adapters.previews import folder_of
from microintern.adapters.trail import batches, key_of, page_of
from microintern.app.following import Wait
from microintern.domain.accounts import Assignment, Mark, Notice, PayoutAccount, Profile
from microintern.domain.audit import AuditEntry
from microintern.domain.base import iso
from microintern.domain.brief import Brief
from microintern.domain.documents import Application, Content, Document, StoredFile
from microintern.domain.ledger import (
    Book,
    Hold,
    Phase,
    Settlement,
    Transfer,
    TransferName,
    brief_of_transfer,
    dividing,
)
from microintern.domain.manifest import PublicKey
from microintern.domain.organisations import Invitation, Membership, Organisation, OrganisationState
from microintern.domain.payments import PayoutStatus
from microintern.domain.previews import Part, Preview
from microintern.domain.problems import no_such
from microintern.domain.quotas import Desk, UploadQuota
from microintern.domain.standing import Standing, StandingState, left_entry
from microintern.domain.states import State
from microintern.domain.trail import Entry
from microintern.ports import (
    NOTHING_ELSE,
    BelongsAlready,
    BrowseFilter,
    Clock,
    Full,
    LastOwner,
    Needs,
    NotOwner,
    OrganisationNotApproved,
    OutOfBalance,
    Page,
    PartLink,
    PayeeNotReady,
    Position,
    ReceivedObject,
    ReceivedPart,
    Redrive,
    SelfDealing,
    Snapshot,
    Stale,
    StaleDesk,
    StaleDocument,
    StoredVersion,
    StudentNotActive,
    UploadForm,
    UploadsExhausted,
)

D = TypeVar("D", bound=Document)
M = TypeVar("M", bound=BaseModel)


def _kept(model: M) -> M:
    """The model as it comes back from being stored: what JSON cannot hold is lost here too."""
    return type(model).model_validate_json(model.model_dump_json())


def _page(
    rows: Iterable[tuple[Position, Any]], limit: int, after: Position | None, *, newest_first: bool = False
) -> Page:
    ordered = sorted(rows, key=lambda row: (row[0].sort, row[0].item), reverse=newest_first)
    if after:
        start = (after.sort, after.item)
        places = [(place.sort, place.item) for place, _ in ordered]
        ordered = [row for row, at in zip(ordered, places, strict=True) if (at < start if newest_first else at > start)]
    shown = ordered[:limit]
    return Page(items=[item for _, item in shown], next=shown[-1][0] if len(ordered) > limit else None)


class MemoryClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> datetime:
        """Move on by so many days, hours, minutes or seconds."""
        self.at += timedelta(**by)
        return self.at


class MemoryAccounts:
    """The Accounts port."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self.standings = MemoryStandings()
        self.organisations = MemoryOrganisations(self.standings)
        self._profiles: dict[str, Profile] = {}
        self._payout_accounts: dict[str, PayoutAccount] = {}
        self._assignments: dict[str, Assignment] = {}
        self._payees: set[tuple[str, str]] = set()
        self._desks: dict[str, Desk] = {}
        self._uploads: dict[tuple[str, str], tuple[int, int]] = {}
        self._notices: dict[tuple[str, str, str], Notice] = {}
        self._marks: dict[tuple[str, str], Mark] = {}

    def profile(self, account_id: str) -> Profile | None:
        return self._profiles.get(account_id)

    def profiles(self, account_ids: Sequence[str]) -> dict[str, Profile]:
        return {account_id: self._profiles[account_id] for account_id in account_ids if account_id in self._profiles}

    def save_profile(self, profile: Profile) -> None:
        with self._lock:
            _follows(self._profiles.get(profile.account_id), profile)
            self._profiles[profile.account_id] = _kept(profile)

    def payout_account(self, account_id: str) -> PayoutAccount | None:
        return self._payout_accounts.get(account_id)

    def save_payout_account(self, account: PayoutAccount) -> None:
        with self._lock:
            _follows(self._payout_accounts.get(account.account_id), account)
            self._payout_accounts[account.account_id] = _kept(account)
            self._payees.add((account.destination, account.account_id))

    def desk(self, account_id: str) -> Desk:
        return self._desks.get(account_id) or Desk(account_id=account_id)

    def forget(self, account_id: str) -> None:
        with self._lock:
            profile = self._profiles.get(account_id)
            if profile:
                named = Profile(account_id=account_id, name=ERASED_ACCOUNT, version=profile.version)
                self._profiles[account_id] = named
            account = self._payout_accounts.pop(account_id, None)
            if account:
                self._payees.discard((account.destination, account_id))
            self._desks.pop(account_id, None)
            self._uploads = {at: count for at, count in self._uploads.items() if at[0] != account_id}
            self._notices = {at: notice for at, notice in self._notices.items() if at[0] != account_id}
            self._marks = {at: mark for at, mark in self._marks.items() if at[0] != account_id}

    def put_desk(self, desk: Desk) -> None:
        """Write a desk over its version before."""
        with self._lock:
            if self.desk(desk.account_id).version != desk.version - 1:
                raise StaleDesk
            self._desks[desk.account_id] = _kept(desk)

    def release(self, account_id: str, brief_id: str, version: int) -> None:
        with self._lock:
            desk = self.desk(account_id)
            slot = desk.open.get(brief_id)
            if slot and slot.version <= version:
                rest = {other: found for other, found in desk.open.items() if other != brief_id}
                self._desks[account_id] = desk.model_copy(update={"open": rest, "version": desk.version + 1})

    def count_upload(self, quota: UploadQuota) -> None:
        """Count one more file of the day."""
        at = (quota.account_id, quota.day)
        uploads, size_bytes = self._uploads.get(at, (0, 0))
        full = uploads >= quota.most_uploads or size_bytes + quota.size_bytes > quota.most_bytes
        if at in self._uploads and full:
            raise UploadsExhausted
        self._uploads[at] = (uploads + 1, size_bytes + quota.size_bytes)

    def assignment(self, account_id: str) -> Assignment | None:
        return self._assignments.get(account_id)

    def save_assignment(self, assignment: Assignment) -> None:
        with self._lock:
            _follows(self._assignments.get(assignment.account_id), assignment)
            self._assignments[assignment.account_id] = _kept(assignment)

    def steps(self, scope: str) -> list[Entry]:
        profile, payout = self._profiles.get(scope), self._payout_accounts.get(scope)
        kept = (payout, profile, self._assignments.get(scope), self.standings.read(scope))
        return [found.entry for found in (*kept, *self.organisations.tracked(scope)) if found and found.entry]

    def payees(self, destination: str) -> list[str]:
        return sorted(account_id for named, account_id in self._payees if named == destination)

    def tell(self, notices: Sequence[Notice]) -> None:
        self._notices |= {(n.account_id, iso(n.at), n.notice_id): _kept(n) for n in notices}

    def mark(self, mark: Mark) -> None:
        self._marks.setdefault((mark.account_id, mark.brief_id), _kept(mark))

    def notices(self, account_id: str, limit: int, after: Position | None = None) -> Page:
        rows = [
            (Position(sort=at, item=id_), n) for (owner, at, id_), n in self._notices.items() if owner == account_id
        ]
        return _page(rows, limit, after, newest_first=True)

    def marks(self, account_id: str) -> list[Mark]:
        return [mark for (owner, _), mark in sorted(self._marks.items()) if owner == account_id]


Versioned = Assignment | Profile | PayoutAccount | Application | StoredFile


def _follows(old: Versioned | None, new: Versioned) -> None:
    """Raise StaleDocument unless `old` is the version before `new`; nothing is before the first."""
    if (old.version if old else 0) != new.version - 1:
        raise StaleDocument


class MemoryBriefs:
    """The Briefs port."""

    def __init__(self, accounts: MemoryAccounts | None = None) -> None:
        self.lock = threading.RLock()
        self._accounts = accounts or MemoryAccounts()
        self._briefs: dict[str, Brief] = {}
        self.waits: dict[str, Wait] = {}
        self.nudged: list[str] = []
        self._documents: dict[tuple[str, str], Document] = {}

    def create(self, brief: Brief, content: Content) -> Brief | None:
        with self.lock:
            if brief.brief_id in self._briefs:
                return self._briefs[brief.brief_id]
            self._briefs[brief.brief_id] = _kept(brief)
            self._documents[brief.brief_id, content.key] = _kept(content)
            return None

    def read(self, brief_id: str, *keys: str, desk_of: str | None = None) -> Snapshot | None:
        with self.lock:
            if brief_id not in self._briefs:
                return None
            desk = self._accounts.desk(desk_of) if desk_of else None
            return self._snapshot(brief_id, *keys).model_copy(update={"desk": desk})

    def save(self, before: Brief, after: Brief, *documents: Document, needs: Needs = NOTHING_ELSE) -> None:
        with self.lock:
            self.check_current(before)
            self._check(needs)
            for document in documents:
                self._check_free(before.brief_id, document)
            self.put(after)
            self._documents |= {(before.brief_id, document.key): _kept(document) for document in documents}

    def _check(self, needs: Needs) -> None:
        """Raise what stands beside each of the needs that does not hold."""
        organisations = self._accounts.organisations
        if needs.approved:
            organisation = organisations.read(needs.approved)
            if organisation is None or organisation.state is not OrganisationState.APPROVED:
                raise OrganisationNotApproved
        if needs.payee:
            account = self._accounts.payout_account(needs.payee)
            if account is None or account.status is not PayoutStatus.READY:
                raise PayeeNotReady
            if self._accounts.standings.read(needs.payee).state is not StandingState.ACTIVE:
                raise StudentNotActive
        if needs.payee and needs.stranger_to and needs.stranger_since:
            member = organisations.membership(needs.stranger_to, needs.payee)
            if member and not (member.left_at and member.left_at < needs.stranger_since):
                raise SelfDealing

    def check_current(self, before: Brief) -> None:
        """Raise Stale unless the brief is at this version."""
        current = self._briefs.get(before.brief_id)
        if current is None:
            raise no_such("brief")
        if current.version != before.version:
            raise Stale(current)

    def put(self, brief: Brief) -> None:
        """Write a brief whose version was checked under the lock."""
        self._briefs[brief.brief_id] = _kept(brief)

    def await_settlement(self, brief: Brief, token: str) -> None:
        self.waits[brief.brief_id] = Wait(state=brief.state, token=token)

    def nudge(self, brief_id: str) -> None:
        self.nudged.append(brief_id)

    def list_unsettled(self, shard: int, before: datetime, limit: int, after: Position | None = None) -> Page:
        rows = [
            (Position(sort=iso(moves_by(brief)), item=brief.brief_id), brief)
            for brief in self._briefs.values()
            if not brief.settled_at and shard_of(brief.brief_id) == str(shard) and moves_by(brief) < before
        ]
        return _page(rows, limit, after)

    def add(
        self, brief_id: str, document: D, *, desk: Desk | None = None, quota: UploadQuota | None = None
    ) -> D | None:
        with self.lock:
            there = self._documents.get((brief_id, document.key))
            if there is not None:
                return there if isinstance(there, type(document)) else None
            if desk:
                self._accounts.put_desk(desk)
            if quota:
                self._accounts.count_upload(quota)
            self._documents[brief_id, document.key] = _kept(document)
            return None

    def replace(self, document: Application | StoredFile, *, desk: Desk | None = None) -> None:
        with self.lock:
            self._check_free(document.brief_id, document)
            if desk:
                self._accounts.put_desk(desk)
            self._documents[document.brief_id, document.key] = _kept(document)

    def find_files(self, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], StoredFile]:
        found = {at: self._documents.get((at[0], StoredFile.key_of(at[1]))) for at in wanted}
        return {at: file for at, file in found.items() if isinstance(file, StoredFile)}

    def list_awaited_files(self, shard: int, before: datetime, limit: int, after: Position | None = None) -> Page:
        rows = [
            (Position(sort=iso(file.settle_by), item=f"{brief_id}/{key}"), file)
            for (brief_id, key), file in self._documents.items()
            if isinstance(file, StoredFile) and file.settle_by and file.settle_by < before
            if shard_of(brief_id) == str(shard)
        ]
        return _page(rows, limit, after)

    def overwrite(self, brief_id: str, document: Document) -> None:
        with self.lock:
            if (brief_id, document.key) not in self._documents:
                raise StaleDocument
            self._documents[brief_id, document.key] = _kept(document)

    def list_documents(self, brief_id: str, model: type[D], limit: int, after: Position | None = None) -> Page:
        rows = [
            (Position(sort=key, item=key), document)
            for (owner, key), document in self._documents.items()
            if owner == brief_id and isinstance(document, model)
        ]
        return _page(rows, limit, after)

    def list_in_state(
        self, state: State, limit: int, after: Position | None = None, only: BrowseFilter | None = None
    ) -> Page:
        rows = [
            (
                Position(sort=iso(brief.due_at), item=brief.brief_id),
                self._snapshot(brief.brief_id, Content.key_of),
            )
            for brief in self._briefs.values()
            if brief.state is state and state in LISTED and brief.due_at and _passes(brief, only or BrowseFilter())
        ]
        return _page(rows, limit, after)

    def list_of_employer(self, employer_id: str, limit: int, after: Position | None = None) -> Page:
        rows = [
            (
                Position(sort=iso(brief.posted_at), item=brief.brief_id),
                self._snapshot(brief.brief_id, Content.key_of),
            )
            for brief in self._briefs.values()
            if brief.employer_id == employer_id
        ]
        return _page(rows, limit, after, newest_first=True)

    def list_of_student(self, student_id: str, limit: int, after: Position | None = None) -> Page:
        rows = [
            (
                Position(sort=iso(document.applied_at), item=f"{brief_id}/{document.application_id}"),
                self._snapshot(brief_id, Content.key_of, key),
            )
            for (brief_id, key), document in self._documents.items()
            if isinstance(document, Application) and document.student_id == student_id
        ]
        return _page(rows, limit, after, newest_first=True)

    def _snapshot(self, brief_id: str, *keys: str) -> Snapshot:
        there = {key: self._documents[brief_id, key] for key in keys if (brief_id, key) in self._documents}
        return Snapshot(brief=self._briefs[brief_id], documents=there)

    def _check_free(self, brief_id: str, document: Document) -> None:
        there = self._documents.get((brief_id, document.key))
        if isinstance(document, VERSIONED):
            _follows(there if isinstance(there, VERSIONED) else None, document)
        elif there is not None:
            raise StaleDocument


def _passes(brief: Brief, only: BrowseFilter) -> bool:
    closes_at = brief.due_at
    return bool(
        closes_at
        and (only.field is None or brief.field == only.field)
        and (only.skill is None or only.skill in brief.skills)
        and (only.currency is None or brief.currency == only.currency)
        and (only.pay_at_least_minor is None or brief.pay_minor >= only.pay_at_least_minor)
        and (only.hours_at_least is None or brief.hours >= only.hours_at_least)
        and (only.hours_at_most is None or brief.hours <= only.hours_at_most)
        and (only.closes_after is None or closes_at >= only.closes_after)
        and (only.closes_before is None or closes_at <= only.closes_before)
    )


class MemorySandboxStore:
    """The sandbox's memory."""

    def __init__(self) -> None:
        self._asked: dict[str, Asked] = {}
        self._seen: dict[str, datetime] = {}

    def remember(self, asked: Asked) -> Asked:
        return self._asked.setdefault(asked.key, asked)

    def recall(self, key: str) -> Asked | None:
        return self._asked.get(key)

    def of_brief(self, brief_id: str) -> list[Asked]:
        return [asked for asked in self._asked.values() if brief_of_transfer(asked.key) == brief_id]

    def since(self, asked_at: datetime, now: datetime) -> Iterator[Asked]:
        return iter([asked for asked in self._asked.values() if asked.asked_at >= asked_at])

    def first_seen(self, destination: str, now: datetime) -> datetime:
        return self._seen.setdefault(destination, now)


class MemoryOutbox:
    """Messages of the sandbox that nobody has delivered yet, and after how many seconds to."""

    def __init__(self) -> None:
        self.messages: list[tuple[Message, int]] = []

    def send(self, message: Message, delay_s: int) -> None:
        self.messages.append((message, delay_s))


class MemoryLedger:
    """The Ledger port; shares the lock of the briefs, as the two change together."""

    def __init__(self, briefs: MemoryBriefs) -> None:
        self._briefs = briefs
        self._transfers: dict[tuple[str, bool], Transfer] = {}
        """By the transfer's id, and whether it is the record of its end."""
        self._settlements: dict[str, Settlement] = {}
        self._balances: dict[tuple[str, str], int] = {}
        self._holds: dict[tuple[str, TransferName], Hold] = {}

    def transfers(self, brief_id: str) -> list[Transfer]:
        return Book(t for t in self._transfers.values() if t.brief_id == brief_id).transfers

    def balances(self, brief_id: str) -> dict[str, int]:
        return {account: minor for (owner, account), minor in self._balances.items() if owner == brief_id}

    def begin(self, pending: Transfer, brief: Brief | None = None) -> None:
        with self._briefs.lock:
            if brief is not None:
                self._briefs.check_current(brief)
            if not self._is_there(pending):
                self._write([pending])

    def record(self, ended: Transfer, before: Brief | None = None, after: Brief | None = None) -> None:
        with self._briefs.lock:
            if before is not None:
                self._briefs.check_current(before)
            if not self._is_there(ended):
                self._write([ended])
            if after is not None:
                self._briefs.put(after)

    def claim(self, settlement: Settlement, brief: Brief) -> Settlement:
        with self._briefs.lock:
            if settlement.brief_id in self._settlements:
                return self._settlements[settlement.brief_id]
            self._briefs.check_current(brief)
            divided = dividing(settlement)
            if any(_record(transfer) in self._transfers for transfer in divided):
                raise OutOfBalance(f"{brief.brief_id} was divided before")
            self._write(divided)
            self._settlements[settlement.brief_id] = _kept(settlement)
            return settlement

    def hold(self, hold: Hold) -> bool:
        there = self._holds.get((hold.brief_id, hold.name))
        if there and there.says_the_same(hold):
            return False
        self._holds[hold.brief_id, hold.name] = _kept(hold)
        return True

    def drop_hold(self, brief_id: str, name: TransferName) -> None:
        self._holds.pop((brief_id, name), None)

    def holds(self, limit: int, after: Position | None = None) -> Page:
        rows = [
            (Position(sort=iso(hold.since), item=f"{brief_id}/hold#{name}"), hold)
            for (brief_id, name), hold in self._holds.items()
        ]
        return _page(rows, limit, after)

    def posted_of(
        self, party_id: str, since: datetime, until: datetime, limit: int, after: Position | None = None
    ) -> Page:
        found = [t for t in self._posted() if t.party_id == party_id and since <= t.at < until]
        return _page([(_place(t, iso(t.at)), t) for t in found], limit, after)

    def posted_in(self, month: str, limit: int, after: Position | None = None) -> Page:
        return _page([(_place(t, iso(t.at)), t) for t in self._posted() if iso(t.at).startswith(month)], limit, after)

    def paid_in(self, year: int, limit: int, after: Position | None = None, *, beyond: str | None = None) -> Page:
        found = [t for t in self._posted() if t.name is TransferName.PAYOUT and t.at.year == year]
        found = [t for t in found if t.party_id > (beyond or "")]
        return _page([(_place(t, f"{t.party_id}#{iso(t.at)}"), t) for t in found], limit, after)

    def _posted(self) -> list[Transfer]:
        return [transfer for transfer in self._transfers.values() if transfer.phase is Phase.POSTED]

    def _is_there(self, transfer: Transfer) -> bool:
        there = self._transfers.get(_record(transfer))
        if there is not None and not transfer.tells_the_same(there):
            raise other_movement(transfer)
        return there is not None

    def _write(self, transfers: Sequence[Transfer]) -> None:
        """Keep the records and the balances that follow, unless an account would fall below zero."""
        balances = dict(self._balances)
        for transfer in transfers:
            for account, change_minor in held_accounts(transfer).items():
                at = (transfer.brief_id, account)
                balances[at] = balances.get(at, 0) + change_minor
        if any(minor < 0 for minor in balances.values()):
            raise OutOfBalance("an account would fall below zero")
        self._balances = balances
        self._transfers |= {_record(transfer): _kept(transfer) for transfer in transfers}


def _record(transfer: Transfer) -> tuple[str, bool]:
    return transfer.transfer_id, transfer.phase is not Phase.PENDING


def _place(transfer: Transfer, sort: str) -> Position:
    return Position(sort=sort, item=transfer.transfer_id)


class MemoryAudit:
    """The Audit port."""

    def __init__(self) -> None:
        self._entries: dict[str, AuditEntry] = {}
        self._redrives: dict[str, Redrive] = {}

    def redrive(self, key: str) -> Redrive | None:
        return self._redrives.get(key)

    def answered(self, redrive: Redrive) -> Redrive:
        return self._redrives.setdefault(redrive.key, _kept(redrive))

    def note(self, entry: AuditEntry) -> bool:
        there = self._entries.setdefault(entry.entry_id, kept := _kept(entry))
        return there is kept

    def has(self, entry_id: str) -> bool:
        return entry_id in self._entries

    def entries(self, *, needs_person: bool, limit: int, after: Position | None = None) -> Page:
        rows = [
            (Position(sort=iso(entry.at), item=entry.entry_id), entry)
            for entry in self._entries.values()
            if entry.needs_person == needs_person
        ]
        return _page(rows, limit, after, newest_first=True)


class MemoryTrail:
    """The Trail port."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], Entry] = {}
        self._journal: dict[tuple[date, str], list[str]] = {}

    def keep(self, entry: Entry) -> bool:
        there = self._entries.setdefault((entry.scope, key_of(entry)), kept := _kept(entry))
        return there is kept

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
        return _page(rows, limit, after)

    def of_day(self, day: date, limit: int, after: Position | None = None) -> Page:
        came = sorted(((at, names) for (of, at), names in self._journal.items() if of == day), reverse=True)
        rows = ((at, names) for at, names in came if after is None or at <= after.sort)
        names, position = page_of(rows, limit, after)
        keys = dict.fromkeys((scope, key) for scope, _, key in (name.partition(" ") for name in names))
        return Page(items=[self._entries[key] for key in keys if key in self._entries], next=position)

    def changed(self, day: date) -> set[str]:
        return {name.partition(" ")[0] for (of, _), names in self._journal.items() if of == day for name in names}


class MemoryFiles:
    """The FileStore port; without a clock, what is completed here is received now."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock
        self._objects: dict[tuple[str, str], ReceivedObject] = {}
        self._uploads: dict[str, dict[int, ReceivedPart]] = {}
        self._contents: dict[tuple[str, str], bytes] = {}
        self.quarantined: dict[str, ReceivedObject] = {}
        self.locked: dict[str, datetime | None] = {}
        """Until when versions are retained, or None for those that are held."""

    def upload_form(self, file: StoredFile, life_s: int) -> UploadForm:
        key = object_key(file.brief_id, file.file_id)
        fields = {"key": key, "Content-Type": file.media_type, "x-amz-checksum-sha256": file.sha256}
        return UploadForm(url="memory://files", fields=fields)

    def upload(self, file: StoredFile, received_at: datetime, content: bytes) -> str:
        """What a browser does with the form; the new object's version."""
        sha256 = base64.b64encode(hashlib.sha256(content).digest()).decode()
        found = ReceivedObject(version_id=uuid4().hex, size_bytes=len(content), sha256=sha256, received_at=received_at)
        at = object_key(file.brief_id, file.file_id), found.version_id
        self._objects[at], self._contents[at] = found, content
        return found.version_id

    def start_upload(self, file: StoredFile) -> str:
        upload_id = uuid4().hex
        self._uploads[upload_id] = {}
        return upload_id

    def part_link(self, file: StoredFile, number: int, sha256: str, life_s: int) -> PartLink:
        key = object_key(file.brief_id, file.file_id)
        url = f"memory://files/{key}?uploadId={file.upload_id}&partNumber={number}"
        return PartLink(url=url, headers={"x-amz-checksum-sha256": sha256})

    def send_part(self, file: StoredFile, number: int, sha256: str) -> None:
        """What a client does with a link to a part."""
        if file.plan and file.upload_id in self._uploads:
            part = ReceivedPart(number=number, size_bytes=file.plan.size_of(number), sha256=sha256, etag=sha256)
            self._uploads[file.upload_id][number] = part

    def parts(self, file: StoredFile) -> list[ReceivedPart] | None:
        there = self._uploads.get(file.upload_id or "")
        return None if there is None else [there[number] for number in sorted(there)]

    def complete_upload(self, file: StoredFile, parts: Sequence[ReceivedPart]) -> bool:
        if self._uploads.pop(file.upload_id or "", None) is None:
            return False
        now = self._clock.now() if self._clock else datetime.now(UTC)
        at = object_key(file.brief_id, file.file_id), self.upload(file, now, b"a" * file.size_bytes)
        self._objects[at] = self._objects[at].model_copy(update={"in_parts": True})
        return True

    def abort_upload(self, file: StoredFile) -> None:
        self._uploads.pop(file.upload_id or "", None)

    def is_stored(self, file: StoredFile) -> bool:
        return any(key == object_key(file.brief_id, file.file_id) for key, _ in self._objects)

    def version_at(self, file: StoredFile) -> str:
        """The newest version at the file's key, which S3's event names."""
        key = object_key(file.brief_id, file.file_id)
        return [version for at, version in self._objects if at == key][-1]

    def open(self, brief_id: str, file_id: str, found: ReceivedObject) -> IO[bytes]:
        return io.BytesIO(self._contents[object_key(brief_id, file_id), found.version_id])

    def download_url(self, file: StoredFile, life_s: int) -> str:
        if file.version_id is None:
            raise ValueError(f"{file.file_id} was not received; there is no version to link to")
        return f"memory://files/{object_key(file.brief_id, file.file_id)}?versionId={file.version_id}"

    def received(self, brief_id: str, file_id: str, version_id: str | None = None) -> ReceivedObject | None:
        key = object_key(brief_id, file_id)
        newest = next((found for (at, _), found in reversed(self._objects.items()) if at == key), None)
        return self._objects.get((key, version_id)) if version_id else newest

    def quarantine(self, file: StoredFile) -> None:
        if file.version_id is None:
            raise ValueError(f"{file.file_id} was not received; there is no version to put away")
        at = (object_key(file.brief_id, file.file_id), file.version_id)
        if at in self._objects:
            self.quarantined[quarantine_key(file)] = self._objects.pop(at)

    def list_versions(self, limit: int, after: Position | None = None) -> Page:
        rows = [
            (Position(sort=key, item=version_id), _version_of(key, version_id, found.received_at))
            for (key, version_id), found in self._objects.items()
        ]
        return _page(rows, limit, after)

    def remove(self, version: StoredVersion) -> None:
        at = (object_key(version.brief_id, version.file_id), version.version_id)
        if version.version_id in self.locked:
            raise PermissionError(version.version_id)
        self._objects.pop(at, None)

    def hold(self, version: StoredVersion) -> None:
        self.locked[version.version_id] = None

    def let_go(self, version: StoredVersion, until: datetime) -> None:
        self.locked[version.version_id] = until

    def erase(self, file: StoredFile) -> bool:
        if file.version_id in self.locked:
            return False
        self._objects.pop((object_key(file.brief_id, file.file_id), file.version_id or ""), None)
        self.quarantined.pop(quarantine_key(file), None)
        return True


class MemoryPreviews:
    """The Previews port."""

    def __init__(self) -> None:
        self._kept: dict[str, Preview] = {}

    def keep(self, brief_id: str, file_id: str, version_id: str, preview: Preview, folder: Path) -> None:
        """What the function does that draws."""
        self._kept[folder_of(brief_id, file_id, version_id)] = _kept(preview)

    def find(self, file: StoredFile) -> Preview | None:
        return self._kept.get(folder_of(file.brief_id, file.file_id, file.version_id or ""))

    def url(self, file: StoredFile, part: Part, life_s: int) -> str:
        return f"memory://files/{folder_of(file.brief_id, file.file_id, file.version_id or '')}/{part.name}"

    def erase(self, file: StoredFile) -> None:
        self._kept.pop(folder_of(file.brief_id, file.file_id, file.version_id or ""), None)


class MemorySigner:
    """The Signer port, with a key that it makes up."""

    def __init__(self) -> None:
        # Imported here because functions do not have it: they sign by KMS.
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

        self._key = Ed25519PrivateKey.generate()

    def public_key(self) -> PublicKey:
        return PublicKey.of(self._key.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


def _version_of(key: str, version_id: str, at: datetime) -> StoredVersion:
    brief_id, file_id = parse_key(key)
    return StoredVersion(brief_id=brief_id, file_id=file_id, version_id=version_id, at=at)


class MemoryBus:
    """The EventBus port."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def publish(self, events: Sequence[dict[str, Any]]) -> None:
        self.events += events


class MemoryDeadlines:
    """The Deadlines port."""

    def __init__(self) -> None:
        self.pending: set[tuple[str, datetime]] = set()

    def set(self, brief_id: str, lapse_at: datetime) -> None:
        self.pending.add((brief_id, lapse_at))

    def drop(self, brief_id: str, lapse_at: datetime) -> None:
        self.pending.discard((brief_id, lapse_at))


class MemoryWorkflow:
    """The Workflow port."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.running: set[str] = set()
        """Briefs of which an execution runs; a test takes one out when it dies."""
        self.revived: set[tuple[str, int]] = set()
        self.answers: dict[str, tuple[str, bool]] = {}
        """Task token to the step it was sent to, and whether that was along the main path."""

    def start(self, brief_id: str) -> None:
        if brief_id not in self.started:
            self.started.append(brief_id)
            self.running.add(brief_id)

    def revive(self, brief_id: str, version: int) -> bool:
        if brief_id in self.running or (brief_id, version) in self.revived:
            return False
        self.revived.add((brief_id, version))
        self.running.add(brief_id)
        return True

    def died(self) -> list[str]:
        known = [*self.started, *(brief_id for brief_id, _ in self.revived)]
        return [brief_id for brief_id in dict.fromkeys(known) if brief_id not in self.running]

    def move(self, token: str, step: str, *, main: bool) -> None:
        self.answers.setdefault(token, (step, main))


class MemoryGroups:
    """The Groups port."""

    def __init__(self, roles: dict[str, list[str]]) -> None:
        self._roles = roles

    def roles_of(self, account_id: str) -> list[str]:
        if account_id not in self._roles:
            raise no_such("account")
        return list(self._roles[account_id])

    def assign(self, account_id: str, role: str) -> None:
        self.roles_of(account_id)
        self._roles[account_id] = [role]


class MemoryStandings:
    """The Standings port."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._standings: dict[str, Standing] = {}
        self._erasing: dict[str, None] = {}

    def read(self, account_id: str) -> Standing:
        return self._standings.get(account_id) or Standing(account_id=account_id)

    def save(self, standing: Standing) -> None:
        with self._lock:
            before = self.read(standing.account_id)
            if before.version != standing.version - 1:
                raise StaleDocument
            names = ("state", "reason", "since", "version", "event", "done")
            decided = {name: getattr(standing, name) for name in names}
            self._standings[standing.account_id] = _kept(before.model_copy(update=decided))

    def erase(self, standing: Standing) -> None:
        self.save(standing)
        self._erasing[standing.account_id] = None

    def erasing(self, limit: int) -> list[str]:
        return list(self._erasing)[:limit]

    def erased(self, account_id: str) -> None:
        self._erasing.pop(account_id, None)

    def change(self, account_id: str, **changes: object) -> None:
        """What somebody belongs to; it is for the organisations to say when."""
        self._standings[account_id] = _kept(self.read(account_id).model_copy(update=changes))

    def count(self, account_id: str, window: int, requests: int) -> None:
        with self._lock:
            before = self.read(account_id)
            if before.window > window:
                return
            had = before.requests if before.window == window else 0
            counted = {"window": window, "requests": had + requests}
            self._standings[account_id] = before.model_copy(update=counted)


class MemoryOrganisations:
    """The Organisations port; what somebody belongs to stands in their standing."""

    def __init__(self, standings: MemoryStandings) -> None:
        self._standings = standings
        self._lock = threading.RLock()
        self._organisations: dict[str, Organisation] = {}
        self._members: dict[tuple[str, str], Membership] = {}
        self._invitations: dict[tuple[str, str], Invitation] = {}

    def found(self, organisation: Organisation, founder: Membership) -> Organisation | None:
        with self._lock:
            if organisation.organisation_id in self._organisations:
                return self._organisations[organisation.organisation_id]
            self._belongs_from_now_on(founder)
            self._organisations[organisation.organisation_id] = _kept(organisation)
            return None

    def tracked(self, organisation_id: str) -> list[Organisation | Membership | Invitation]:
        """What of an organisation has a trail."""
        found = self._organisations.get(organisation_id)
        members = [member for (owner, _), member in sorted(self._members.items()) if owner == organisation_id]
        return [*members, *self.invitations(organisation_id), found] if found else []

    def read(self, organisation_id: str) -> Organisation | None:
        return self._organisations.get(organisation_id)

    def decide(self, organisation: Organisation) -> None:
        with self._lock:
            there = self._organisations.get(organisation.organisation_id)
            if there is None or there.version != organisation.version - 1:
                raise StaleDocument
            counted = {"members": there.members, "owners": there.owners}
            self._organisations[organisation.organisation_id] = _kept(organisation.model_copy(update=counted))

    def in_state(self, state: OrganisationState, limit: int, after: Position | None = None) -> Page:
        found = [organisation for organisation in self._organisations.values() if organisation.state is state]
        return _page([(Position(sort=iso(o.since), item=o.organisation_id), o) for o in found], limit, after)

    def members(self, organisation_id: str) -> list[Membership]:
        found = [member for (owner, _), member in sorted(self._members.items()) if owner == organisation_id]
        return [member for member in found if member.left_at is None]

    def membership(self, organisation_id: str, account_id: str) -> Membership | None:
        return self._members.get((organisation_id, account_id))

    def invite(self, invitation: Invitation) -> None:
        with self._lock:
            self._check_owner(invitation.organisation_id, invitation.invited_by)
            self._check_latest(invitation)
            self._invitations[invitation.organisation_id, invitation.invitation_id] = _kept(invitation)

    def invitations(self, organisation_id: str) -> list[Invitation]:
        return [found for (owner, _), found in sorted(self._invitations.items()) if owner == organisation_id]

    def invitation(
        self, organisation_id: str, invitation_id: str, account_id: str
    ) -> tuple[Invitation | None, Membership | None]:
        found = self._invitations.get((organisation_id, invitation_id))
        return found, self.membership(organisation_id, account_id)

    def revoke(self, invitation: Invitation, by: str) -> None:
        with self._lock:
            self._check_owner(invitation.organisation_id, by)
            self._check_latest(invitation)
            self._invitations[invitation.organisation_id, invitation.invitation_id] = _kept(invitation)

    def join(self, accepted: Invitation, member: Membership, most_members: int) -> None:
        with self._lock:
            if self._standings.read(member.account_id).organisation_id is not None:
                raise BelongsAlready
            if self._organisations[member.organisation_id].members >= most_members:
                raise Full
            there = self._members.get((member.organisation_id, member.account_id))
            if member.version != (there.version + 1 if there else 1):
                raise StaleDocument
            at = (accepted.organisation_id, accepted.invitation_id)
            invitation = self._invitations.get(at)
            if invitation is None or invitation.is_used or invitation.code_hash != accepted.code_hash:
                raise StaleDocument
            news = {"accepted_by": accepted.accepted_by, "accepted_at": accepted.accepted_at}
            self._invitations[at] = _kept(invitation.model_copy(update=news))
            self._belongs_from_now_on(member)
            self._count(member.organisation_id, members=1, owners=int(member.is_owner))

    def leave(self, before: Membership, after: Membership, by: str) -> None:
        with self._lock:
            self._change(before, after, by, members=-1)
            gone = self._standings.read(after.account_id).left
            left = {left_entry(after.organisation_id, after.left_at)} if after.left_at else set()
            self._standings.change(after.account_id, organisation_id=None, member_role=None, left=gone | left)

    def close(self, before: Membership, after: Membership) -> None:
        with self._lock:
            at = (after.organisation_id, after.account_id)
            if self._organisations[after.organisation_id].members != 1 or self._members[at].version != before.version:
                raise StaleDocument
            self._members[at] = _kept(after)
            self._count(after.organisation_id, members=-1, owners=-int(before.is_owner))
            gone = self._standings.read(after.account_id).left
            left = {left_entry(after.organisation_id, after.left_at)} if after.left_at else set()
            self._standings.change(after.account_id, organisation_id=None, member_role=None, left=gone | left)

    def appoint(self, before: Membership, after: Membership, by: str) -> None:
        with self._lock:
            self._change(before, after, by, members=0)
            self._standings.change(after.account_id, member_role=after.role)

    def _change(self, before: Membership, after: Membership, by: str, members: int) -> None:
        at = (after.organisation_id, after.account_id)
        belongs = self._standings.read(after.account_id).organisation_id == after.organisation_id
        if self._members[at].version != after.version - 1 or not belongs:
            raise StaleDocument
        if by != after.account_id:
            self._check_owner(after.organisation_id, by)
        owners = int(after.is_owner) - int(before.is_owner)
        if self._organisations[after.organisation_id].owners + owners < 1:
            raise LastOwner
        self._members[at] = _kept(after)
        self._count(after.organisation_id, members=members, owners=owners)

    def _check_latest(self, invitation: Invitation) -> None:
        there = self._invitations.get((invitation.organisation_id, invitation.invitation_id))
        if (there.version if there else 0) != invitation.version - 1 or (there and there.accepted_at):
            raise StaleDocument

    def _belongs_from_now_on(self, member: Membership) -> None:
        if self._standings.read(member.account_id).organisation_id is not None:
            raise BelongsAlready
        self._members[member.organisation_id, member.account_id] = _kept(member)
        belongs = {"organisation_id": member.organisation_id, "member_role": member.role}
        self._standings.change(member.account_id, **belongs)

    def _count(self, organisation_id: str, *, members: int, owners: int) -> None:
        there = self._organisations[organisation_id]
        counted = {"members": there.members + members, "owners": there.owners + owners}
        self._organisations[organisation_id] = there.model_copy(update=counted)

    def _check_owner(self, organisation_id: str, account_id: str) -> None:
        member = self.membership(organisation_id, account_id)
        if member is None or not member.is_owner:
            raise NotOwner


class MemoryUsers:
    """The Users port."""

    def __init__(self, *account_ids: str) -> None:
        self.can_sign_in = dict.fromkeys(account_ids, True)

    def shut_out(self, account_id: str) -> None:
        self._set(account_id, can=False)

    def let_in(self, account_id: str) -> None:
        self._set(account_id, can=True)

    def delete(self, account_id: str) -> None:
        self.can_sign_in.pop(account_id, None)

    def _set(self, account_id: str, *, can: bool) -> None:
        if account_id not in self.can_sign_in:
            raise no_such("account")
        self.can_sign_in[account_id] = can

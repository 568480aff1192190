"""What a side offers, and the one on the in-memory twins: ports that can fail, and what AWS sees of their calls."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Protocol, cast

from microintern.adapters.payments.sandbox import Asked, Message, SandboxProvider
from microintern.domain.amendments import Amendments
from microintern.domain.brief import Brief
from microintern.domain.change import Change, Wait
from microintern.domain.check_ins import CheckIns
from microintern.domain.cohorts import Enrolment
from microintern.domain.credentials import Credential
from microintern.domain.documents import Application, Content, Document, FileStatus, ScanStatus, StoredFile
from microintern.domain.feedback import Feedback
from microintern.domain.mentors import Mentor
from microintern.domain.messages import Message as Said
from microintern.domain.messages import Sent, Talk
from microintern.domain.quotas import Desk, MessageQuota, UploadQuota
from microintern.domain.trail import Entry
from microintern.ports.accounts import Accounts, Groups, Standings, Users
from microintern.ports.agreements import Papers
from microintern.ports.briefs import Briefs, Replaced
from microintern.ports.cohorts import Cohorts
from microintern.ports.conditions import NOTHING_ELSE, Needs
from microintern.ports.credentials import Credentials
from microintern.ports.discovery import Index, Searches, Students
from microintern.ports.files import FileChecks, FileStore, Previews
from microintern.ports.ledger import Ledger
from microintern.ports.mailing import Agenda, Mailings
from microintern.ports.organisations import Organisations
from microintern.ports.paging import Position
from microintern.ports.payments import PaymentProvider
from microintern.ports.portfolios import Portfolios
from microintern.ports.records import Records
from microintern.ports.talent import Talent
from microintern.ports.threads import Threads
from microintern.ports.trail import Audit, Trail
from microintern.ports.webhooks import Deliveries, Endpoints
from microintern.ports.workflow import Deadlines, EventBus, Settler, Workflow
from tests.faults.calls import Faults, Faulty, duplicate
from tests.faults.machine import AlreadyExists, Machine
from tests.twins.accounts import MemoryAccounts
from tests.twins.briefs import MemoryBriefs
from tests.twins.clock import MemoryClock
from tests.twins.credentials import MemoryCredentials
from tests.twins.discovery import MemoryIndex
from tests.twins.files import MemoryFiles, MemoryPapers, MemoryPreviews
from tests.twins.money import MemoryLedger, MemoryOutbox, MemorySandboxStore
from tests.twins.portfolios import MemoryPortfolios
from tests.twins.records import MemoryRecords
from tests.twins.services import MemoryBus, MemoryDeadlines, MemoryGroups, MemoryUsers
from tests.twins.threads import MemoryThreads
from tests.twins.trail import MemoryAudit, MemoryTrail
from tests.twins.webhooks import MemoryDeliveries

LATE_S = 3_600
"""How long the sandbox takes when it is late: longer than all that is tried again at once."""

ROLES = {"nina-student-001": ["student"]}


@dataclass
class Ports:
    """Every port, as the use cases get them."""

    briefs: Briefs
    accounts: Accounts
    ledger: Ledger
    audit: Audit
    trail: Trail
    files: FileStore
    previews: Previews
    papers: Papers
    groups: Groups
    users: Users
    standings: Standings
    organisations: Organisations
    records: Records
    credentials: Credentials
    endpoints: Endpoints
    deliveries: Deliveries
    cohorts: Cohorts
    talent: Talent
    found_by: Index
    searches: Searches
    students: Students
    threads: Threads
    mailings: Mailings
    agenda: Agenda
    portfolios: Portfolios
    bus: EventBus
    deadlines: Deadlines
    workflow: Workflow
    settler: Settler
    checks: FileChecks
    provider: PaymentProvider
    store: Any
    """The sandbox's memory, which its deliveries read."""


Record = Change | Application | StoredFile | Feedback | Credential | Said | Mentor | Amendments | CheckIns
"""What a table's stream shows."""


_SHOWN = Application | Feedback | Amendments | CheckIns
"""What the stream shows however it was written."""


class Side(Protocol):
    """Twins or adapters, with what is behind them."""

    faulty: Ports
    plain: Ports
    """The same without failures, for those who look at how things stand."""

    def stream(self) -> list[tuple[str, Record]]:
        """Take what was written to briefs and what belongs to them, each with its brief's id."""

    def steps(self) -> list[Entry]:
        """Take the steps that were made of accounts and organisations."""

    def published(self) -> list[dict[str, Any]]:
        """Take the events that were published."""

    def messages(self) -> list[tuple[Message, int]]:
        """Take the sandbox's messages, with their delays."""

    def settlements(self) -> list[str]:
        """Take the briefs that the settlement was called for."""

    def checks_asked_for(self) -> list[tuple[str, str, str, str]]:
        """Take what is to be done with files: to `look` for one or to `scan` it, its brief, its id, its version."""

    def schedules(self) -> set[tuple[str, datetime]]:
        """The deadlines that are set."""

    def fire(self, brief_id: str, lapse_at: datetime) -> None:
        """A schedule has been carried out, and removes itself."""

    def leave_wait(self, parameters: dict[str, Any]) -> None:
        """The workflow writes its token on the brief."""

    def upload(self, file: StoredFile, at: datetime, content: bytes) -> str:
        """A browser sends the file; its version."""

    def send_part(self, file: StoredFile, number: int) -> None:
        """The upload client sends a part."""

    def version_of(self, file: StoredFile) -> str:
        """The version that S3 reports when it has made a file of its parts."""

    def documents(self, brief_id: str) -> dict[str, Document]:
        """Everything that is kept of a brief besides itself."""

    def wait_of(self, brief_id: str) -> Wait | None:
        """The workflow's wait on a brief."""

    def operations(self) -> list[Any]:
        """What the sandbox was asked for, ever."""

    def asked_again(self) -> list[str]:
        """The keys of what it was asked for though it could have told that it had it."""

    def keep_ledger(self) -> Any:
        """A copy of the ledger's table."""

    def restore_ledger(self, kept: Any) -> None:
        """The ledger's table is what it was when it was kept."""


class WatchedStore(MemorySandboxStore):
    """Notes what is asked for once more; other providers forget their keys after a day."""

    def __init__(self) -> None:
        super().__init__()
        self.again: list[str] = []

    def remember(self, asked: Asked) -> Asked:
        there = super().remember(asked)
        if there is not asked:
            self.again.append(asked.key)
        return there


class StreamedBriefs(MemoryBriefs):
    """The twin of a table that has a stream: every write shows what was before and after."""

    def __init__(self, accounts: MemoryAccounts) -> None:
        super().__init__(accounts)
        self.records: list[tuple[str, Record]] = []
        self._shown: dict[str, tuple[Brief, Wait | None, int]] = {}
        self._shown_documents: dict[tuple[str, str], Document] = {}

    def create(self, brief: Brief, content: Content) -> Brief | None:
        there = super().create(brief, content)
        self._show(brief.brief_id)
        return there

    def save(self, before: Brief, after: Brief, *documents: Document, needs: Needs = NOTHING_ELSE) -> None:
        super().save(before, after, *documents, needs=needs)
        self._show_documents(documents)

    def put(self, brief: Brief) -> None:
        super().put(brief)
        self._show(brief.brief_id)

    def await_settlement(self, brief: Brief, token: str) -> None:
        super().await_settlement(brief, token)
        self._show(brief.brief_id)

    def nudge(self, brief_id: str) -> None:
        super().nudge(brief_id)
        self._show(brief_id)

    def wait(self, brief_id: str, wait: Wait) -> None:
        """What the workflow writes by itself."""
        self.waits[brief_id] = wait
        self._show(brief_id)

    def add(self, brief_id: str, document: Any, *, desk: Desk | None = None, quota: UploadQuota | None = None) -> Any:
        there = super().add(brief_id, document, desk=desk, quota=quota)
        self._show_documents([document])
        if there is None and isinstance(document, StoredFile):
            self.records.append((brief_id, document))
        return there

    def replace(
        self,
        document: Replaced,
        *,
        desk: Desk | None = None,
        needs: Needs = NOTHING_ELSE,
    ) -> None:
        super().replace(document, desk=desk, needs=needs)
        if isinstance(document, Mentor):
            self.records.append((document.brief_id, document))
        self._show_documents([document])
        if isinstance(document, StoredFile) and is_followed(document):
            self.records.append((document.brief_id, document))

    def overwrite(self, brief_id: str, document: Document) -> None:
        super().overwrite(brief_id, document)
        self._show_documents([document])

    def documents(self, brief_id: str) -> dict[str, Document]:
        return {key: document for (owner, key), document in self._documents.items() if owner == brief_id}

    def _show(self, brief_id: str) -> None:
        now = (self._briefs[brief_id], self.waits.get(brief_id), self.nudged.count(brief_id))
        was = self._shown.get(brief_id)
        if was is not None and was[0] is now[0] and was[1:] == now[1:]:
            return
        self._shown[brief_id] = now
        nudged = was is not None and was[2] != now[2]
        change = Change(before=was[0] if was else None, after=now[0], wait=now[1], nudged=nudged)
        self.records.append((brief_id, change))

    def _show_documents(self, documents: Sequence[Document]) -> None:
        for document in documents:
            if not isinstance(document, _SHOWN):
                continue
            at = (document.brief_id, document.key)
            kept = self._documents[at]
            if self._shown_documents.get(at) is not kept and isinstance(
                kept, Application | Feedback | Amendments | CheckIns
            ):
                self._shown_documents[at] = kept
                self.records.append((document.brief_id, kept))


class StreamedCredentials(MemoryCredentials):
    """The same of credentials."""

    def __init__(self, accounts: MemoryAccounts) -> None:
        super().__init__(accounts)
        self.records: list[tuple[str, Record]] = []

    def issue(self, credential: Credential, enrolment: Enrolment | None = None) -> Credential | None:
        there = super().issue(credential, enrolment)
        if there is None:
            self.records.append((_about(credential), credential))
        return there

    def replace(self, credential: Credential) -> None:
        super().replace(credential)
        self.records.append((_about(credential), credential))


def _about(credential: Credential) -> str:
    """What a credential is of."""
    return credential.brief_id or credential.cohort_id or ""


def is_followed(file: StoredFile) -> bool:
    """Whether the stream's consumer is called with it; as in infra/stacks/lifecycle.py."""
    unusable = file.scan in (ScanStatus.INFECTED, ScanStatus.ERROR)
    return unusable or file.status in (FileStatus.EXPECTED, FileStatus.REFUSED)


class StreamedThreads(MemoryThreads):
    """What is said lies in the table of briefs, and shows in its stream when it is new."""

    def __init__(self, briefs: StreamedBriefs) -> None:
        super().__init__(briefs)
        self._records = briefs.records

    def post(self, message: Said, talk: Talk, sent: Sent, quota: MessageQuota) -> Sent | None:
        there = super().post(message, talk, sent, quota)
        if there is None:
            self._records.append((message.brief_id, message))
        return there


class MemoryFileChecks:
    """The FileChecks port."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, StoredFile]] = []

    def look_for(self, file: StoredFile) -> None:
        self.asked.append(("look", file))

    def scan(self, file: StoredFile) -> None:
        self.asked.append(("scan", file))


class MachineWorkflow:
    """The Workflow port on the machine, without the adapter."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def start(self, brief_id: str) -> None:
        try:
            self._machine.start(brief_id, {"brief_id": brief_id})
        except AlreadyExists:
            return

    def died(self) -> list[str]:
        dead = [e.name for e in self._machine.executions.values() if e.status in ("FAILED", "ABORTED", "TIMED_OUT")]
        return list(dict.fromkeys(name.partition("-")[0] for name in dead))

    def revive(self, brief_id: str, version: int) -> bool:
        running = [e.name for e in self._machine.executions.values() if e.status == "RUNNING"]
        if any(name.partition("-")[0] == brief_id for name in running):
            return False
        name = f"{brief_id}-{version}" if brief_id in self._machine.executions else brief_id
        try:
            self._machine.start(name, {"brief_id": brief_id})
        except AlreadyExists:
            return False
        return True

    def move(self, token: str, step: str, *, main: bool) -> None:
        if main:
            self._machine.succeed(token)
        else:
            self._machine.fail(token, step)


class MemorySettler:
    """The Settler port."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def advance(self, brief_id: str) -> None:
        self.asked.append(brief_id)


def _tracked(accounts: MemoryAccounts) -> Iterator[tuple[Any, Any]]:
    """Whatever of accounts and organisations has a trail, each with where it is."""
    organisations = accounts.organisations
    for kind, kept in enumerate(
        (
            accounts._profiles,
            accounts._payout_accounts,
            accounts._assignments,
            accounts.standings._standings,
            organisations._organisations,
            organisations._members,
            organisations._invitations,
            accounts.endpoints._endpoints,
            accounts.talent._candidates,
            accounts.talent._offers,
            accounts.cohorts._cohorts,
            accounts.cohorts._enrolments,
            accounts.searches._saved,
            accounts.students._strengths,
            accounts.mailings._mailings,
        )
    ):
        yield from (((kind, at), found) for at, found in cast(dict[Any, Any], kept).items())


class AccountStream:
    """The twin of the streams that the tables of accounts and organisations, and of students' pages, have."""

    def __init__(self, accounts: MemoryAccounts, portfolios: MemoryPortfolios) -> None:
        self._accounts, self._portfolios = accounts, portfolios
        self._versions: dict[Any, int] = {}
        self.entries: list[Entry] = []

    def look(self) -> None:
        """Take up what was written since the last time."""
        versions = {}
        for at, tracked in [*_tracked(self._accounts), *self._portfolios.tracked()]:
            versions[at] = tracked.version
            if self._versions.get(at) != tracked.version and tracked.entry:
                self.entries.append(tracked.entry)
        self._versions = versions


STREAMED = (
    *("accounts", "standings", "organisations", "endpoints", "cohorts"),
    *("talent", "searches", "students", "mailings", "portfolios"),
)


class Streamed:
    """A port whose writes the stream shows one by one."""

    def __init__(self, target: object, stream: AccountStream) -> None:
        self._target, self._stream = target, stream

    def __getattr__(self, method: str) -> Any:
        if method.startswith("_"):
            raise AttributeError(method)
        return partial(self._made, method)

    def _made(self, method: str, *args: Any, **named: Any) -> Any:
        try:
            return getattr(self._target, method)(*args, **named)
        finally:
            self._stream.look()


class Twins:
    """The side in memory."""

    def __init__(self, clock: MemoryClock, machine: Machine, faults: Faults) -> None:
        accounts = MemoryAccounts()
        self.portfolios = MemoryPortfolios(accounts)
        self._steps = AccountStream(accounts, self.portfolios)
        self.briefs = StreamedBriefs(accounts)
        self.credentials = StreamedCredentials(accounts)
        self.store = WatchedStore()
        self.outbox = MemoryOutbox()
        self.bus = MemoryBus()
        self.deadlines = MemoryDeadlines()
        self.settler = MemorySettler()
        self.files = MemoryFiles(clock)
        self.checks = MemoryFileChecks()
        provider = SandboxProvider(self.store, self.outbox, clock, LATE_S)
        self.plain = self._ports(accounts, machine, provider, MemoryPapers(clock))
        streamed = {name: Streamed(vars(self.plain)[name], self._steps) for name in STREAMED}
        ports: dict[str, Any] = vars(self.plain) | streamed
        failing: dict[str, Any] = {name: Faulty(name, port, faults) for name, port in ports.items()}
        store, outbox = failing["store"], cast(Any, Faulty("outbox", self.outbox, faults))
        failing["provider"] = Faulty("provider", SandboxProvider(store, outbox, clock, LATE_S), faults)
        self.faulty = Ports(**failing)

    def _ports(
        self, accounts: MemoryAccounts, machine: Machine, provider: SandboxProvider, papers: MemoryPapers
    ) -> Ports:
        return Ports(
            briefs=self.briefs,
            accounts=accounts,
            ledger=MemoryLedger(self.briefs),
            audit=MemoryAudit(),
            trail=MemoryTrail(),
            files=self.files,
            previews=MemoryPreviews(),
            papers=papers,
            groups=MemoryGroups(dict(ROLES)),
            users=MemoryUsers(*ROLES),
            standings=accounts.standings,
            organisations=accounts.organisations,
            records=MemoryRecords(),
            credentials=self.credentials,
            endpoints=accounts.endpoints,
            deliveries=MemoryDeliveries(),
            cohorts=accounts.cohorts,
            talent=accounts.talent,
            found_by=MemoryIndex(),
            searches=accounts.searches,
            students=accounts.students,
            threads=StreamedThreads(self.briefs),
            mailings=accounts.mailings,
            agenda=accounts.agenda,
            portfolios=self.portfolios,
            bus=self.bus,
            deadlines=self.deadlines,
            workflow=MachineWorkflow(machine),
            settler=self.settler,
            checks=self.checks,
            provider=provider,
            store=self.store,
        )

    def stream(self) -> list[tuple[str, Record]]:
        return [*_taken(self.briefs.records), *_taken(self.credentials.records)]

    def steps(self) -> list[Entry]:
        self._steps.look()
        return _taken(self._steps.entries)

    def published(self) -> list[dict[str, Any]]:
        return _taken(self.bus.events)

    def messages(self) -> list[tuple[Message, int]]:
        return _taken(self.outbox.messages)

    def settlements(self) -> list[str]:
        return _taken(self.settler.asked)

    def checks_asked_for(self) -> list[tuple[str, str, str, str]]:
        return [(what, f.brief_id, f.file_id, f.version_id or "") for what, f in _taken(self.checks.asked)]

    def schedules(self) -> set[tuple[str, datetime]]:
        return set(self.deadlines.pending)

    def fire(self, brief_id: str, lapse_at: datetime) -> None:
        self.deadlines.pending.discard((brief_id, lapse_at))

    def leave_wait(self, parameters: dict[str, Any]) -> None:
        wait = parameters["ExpressionAttributeValues"][":wait"]["M"]
        read = Wait(state=wait["state"]["S"], token=wait["token"]["S"])
        self.briefs.wait(parameters["Key"]["pk"]["S"], read)

    def upload(self, file: StoredFile, at: datetime, content: bytes) -> str:
        return self.files.upload(file, at, content)

    def send_part(self, file: StoredFile, number: int) -> None:
        self.files.send_part(file, number, file.sha256)

    def version_of(self, file: StoredFile) -> str:
        return self.files.version_at(file)

    def documents(self, brief_id: str) -> dict[str, Document]:
        return self.briefs.documents(brief_id)

    def wait_of(self, brief_id: str) -> Wait | None:
        return self.briefs.waits.get(brief_id)

    def operations(self) -> list[Any]:
        return list(self.store._asked.values())

    def asked_again(self) -> list[str]:
        return self.store.again

    def keep_ledger(self) -> Any:
        return {name: duplicate(rows) for name, rows in vars(self.plain.ledger).items() if isinstance(rows, dict)}

    def restore_ledger(self, kept: Any) -> None:
        vars(self.plain.ledger).update(duplicate(kept))


def _taken(things: list[Any]) -> list[Any]:
    taken = list(things)
    things.clear()
    return taken


def every(page: Any) -> list[Any]:
    """All of a list that comes in pages."""
    found: list[Any] = []
    position: Position | None = None
    while True:
        part = page(position)
        found += part.items
        if (position := part.next) is None:
            return found

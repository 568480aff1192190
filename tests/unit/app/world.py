"""The platform with everything around it played by the in-memory twins, driven by what people do."""

import base64
import copy
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from microintern.adapters.files import object_key
from microintern.adapters.payments.sandbox import Message, Outbox, SandboxProvider, SandboxStore
from microintern.adapters.payments.sandbox_delivery import body_of
from microintern.adapters.payments.sandbox_webhooks import SandboxWebhooks
from microintern.adapters.standard_webhooks import signed
from microintern.app import (
    applying,
    disputing,
    feedback,
    files,
    following,
    lapsing,
    messaging,
    payees,
    posting,
    receiving,
    reconciling,
    records,
    requests,
    reviewing,
    settling,
    sweeping,
    webhooks,
)
from microintern.app.telling import tell
from microintern.app.views.messages import MessagePage, QuestionPage
from microintern.domain.accounts import PayoutAccount
from microintern.domain.audit import Finding
from microintern.domain.brief import Answer, Brief, Command
from microintern.domain.change import Change, Wait
from microintern.domain.documents import Application, Document, ScanStatus, StoredFile, Verdict
from microintern.domain.events import CloudEvent, EventType
from microintern.domain.feedback import Feedback, Given
from microintern.domain.ledger import Book, Hold, Transfer
from microintern.domain.payments import Operation, OperationKind, OperationStatus
from microintern.domain.payout_matrix import Split
from microintern.domain.posting import Posting
from microintern.domain.states import Role, State
from microintern.ports.conditions import NOTHING_ELSE, Needs
from microintern.ports.dead_letters import Redriven
from tests.twins.accounts import MemoryAccounts
from tests.twins.briefs import MemoryBriefs
from tests.twins.clock import MemoryClock
from tests.twins.credentials import MemoryCredentials
from tests.twins.discovery import MemoryIndex
from tests.twins.files import MemoryFiles
from tests.twins.money import MemoryLedger, MemoryOutbox, MemorySandboxStore
from tests.twins.portfolios import MemoryPortfolios
from tests.twins.records import MemoryRecords
from tests.twins.services import MemoryBus, MemoryDeadlines, MemoryWorkflow
from tests.twins.threads import MemoryThreads
from tests.twins.trail import MemoryAudit, MemoryTrail
from tests.unit.builders import (
    BODIES,
    EMPLOYER,
    NOW,
    POLICY,
    RIVAL,
    STUDENT,
    a_posting,
    approve_organisation,
    command,
    employer,
    halves,
    operator,
    student,
)
from tests.unit.contents import OF_TYPE, TABLE, facts_of

MEDIA = {"cleaned-table": "text/csv", "chart": "image/png", "report": "application/pdf"}
"""The deliverables of the example brief, each with a media type that it accepts."""


def rival(key: str | None = None) -> Command:
    """Another student."""
    return command(Role.STUDENT, RIVAL, key)


class InterruptedBriefs(MemoryBriefs):
    """Lets something happen between a command's read and its write."""

    meanwhile: Callable[[], object] | None = None

    def save(self, before: Brief, after: Brief, *documents: Document, needs: Needs = NOTHING_ELSE) -> None:
        if self.meanwhile:
            happens, self.meanwhile = self.meanwhile, None
            happens()
        super().save(before, after, *documents, needs=needs)


class Crash(Exception):
    """The function's process went away."""


class CrashingLedger(MemoryLedger):
    """Goes away once, before what the provider did is written down."""

    crashes = False

    def record(self, ended: Transfer, before: Brief | None = None, after: Brief | None = None) -> None:
        if self.crashes:
            self.crashes = False
            raise Crash
        super().record(ended, before, after)


class InterruptedProvider(SandboxProvider):
    """Lets something happen between what was looked up and what is asked for."""

    meanwhile: Callable[[], object] | None = None

    def __init__(self, store: SandboxStore, outbox: Outbox, clock: MemoryClock, late_s: int) -> None:
        super().__init__(store, outbox, clock, late_s)
        self.asked_for: list[str] = []
        """Each time that it was asked for something. Real providers know a key for a day only: twice pays twice."""

    def _do(self, kind: OperationKind, key: str, amount_minor: int, currency: str, party: str) -> Operation:
        if self.meanwhile:
            happens, self.meanwhile = self.meanwhile, None
            happens()
        self.asked_for.append(key)
        return super()._do(kind, key, amount_minor, currency, party)


class TimedOutbox(MemoryOutbox):
    """Knows when each of its messages is due."""

    def __init__(self, clock: MemoryClock) -> None:
        super().__init__()
        self._clock = clock
        self._waiting: list[tuple[datetime, Message]] = []
        self.lost = False
        """Whether messages get lost from now on."""

    def send(self, message: Message, delay_s: int) -> None:
        super().send(message, delay_s)
        if not self.lost:
            self._waiting.append((self._clock.now() + timedelta(seconds=delay_s), message))

    def due(self) -> list[Message]:
        """Take the messages that are to be delivered by now."""
        taken = [message for at, message in self._waiting if at <= self._clock.now()]
        self._waiting = [(at, message) for at, message in self._waiting if at > self._clock.now()]
        return taken


class MemorySettler:
    """Remembers which briefs the settlement was asked to see to."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def advance(self, brief_id: str) -> None:
        self.asked.append(brief_id)


class MemoryChecks:
    """Remembers which files were to be looked for, and which to be scanned."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def look_for(self, file: StoredFile) -> None:
        self.asked.append(("look for", file.file_id))

    def scan(self, file: StoredFile) -> None:
        self.asked.append(("scan", file.file_id))


class MemoryLetters:
    """Dead letters: how many each queue holds, and how many of them cannot be handled."""

    def __init__(self, **held: int) -> None:
        self.held = held
        self.hopeless = 0
        self.asked: list[tuple[str, int, int | None]] = []

    def queues(self) -> list[str]:
        return list(self.held)

    def redrive(self, queue: str, limit: int, most_tries: int | None = None) -> Redriven:
        self.asked.append((queue, limit, most_tries))
        handled = min(self.held[queue], limit) - self.hopeless
        self.held[queue] -= handled
        return Redriven(queue=queue, redriven=handled, failed=self.hopeless, left=self.held[queue])


OF_EMPLOYER: dict[str, Any] = {
    "ratings": {"quality": 4, "communication": 3, "reliability": 5, "initiative": 2},
    "text": "Bela would hire Amara at once.",
    "suggestions": [{"criterion": "writing", "suggestion": "Begin with what a reader should do."}],
}
"""What the employer says of the student."""

SECRET = "whsec_" + base64.b64encode(b"a secret of the sandbox, 32 byte").decode()
PLATFORM = "microintern-test"
LATE_S = 300


class World:
    """One brief, the people around it, and what they do. Each method that takes `by` is a command."""

    def __init__(self, **posting_changes: Any) -> None:
        self.clock = MemoryClock(NOW)
        self.accounts = MemoryAccounts()
        self.standings, self.organisations = self.accounts.standings, self.accounts.organisations
        self.searches, self.students, self.found_by = self.accounts.searches, self.accounts.students, MemoryIndex()
        approve_organisation(self.organisations)
        self.credentials = MemoryCredentials(self.accounts)
        self.briefs = InterruptedBriefs(self.accounts)
        self.threads = MemoryThreads(self.briefs)
        self.portfolios = MemoryPortfolios(self.accounts)
        self.ledger = CrashingLedger(self.briefs)
        self.audit = MemoryAudit()
        self.trail = MemoryTrail()
        self.records = MemoryRecords()
        self.store = MemorySandboxStore()
        self.outbox = TimedOutbox(self.clock)
        self.provider = InterruptedProvider(self.store, self.outbox, self.clock, LATE_S)
        self.files = MemoryFiles(self.clock)
        self.bus = MemoryBus()
        self.deadlines = MemoryDeadlines()
        self.workflow = MemoryWorkflow()
        self.settler = MemorySettler()
        self.checks = MemoryChecks()
        self.letters = MemoryLetters()
        self.posting: Posting = a_posting(**posting_changes)
        self.brief_id = ""
        self.uploads: dict[str, str] = {}
        self._followed: Brief | None = None

    # what is there

    @property
    def brief(self) -> Brief:
        snapshot = self.briefs.read(self.brief_id)
        assert snapshot is not None
        return snapshot.brief

    def kept(self) -> str:
        """All that is stored, as text that can be compared."""
        stores = (self.briefs._briefs, self.briefs._documents, self.ledger._transfers, self.accounts._profiles)
        more = (self.accounts._payout_accounts, self.store._asked, self.files._objects)
        return repr((stores, more))

    def document(self, key: str) -> Any:
        snapshot = self.briefs.read(self.brief_id, key)
        assert snapshot is not None
        return snapshot.documents[key]

    @property
    def moved(self) -> list[tuple[str, int]]:
        """The money that really moved, as the provider knows it: in the order in which it was asked for."""
        operations = [asked.at(self.clock.now()) for asked in self.store._asked.values()]
        return [(str(o.kind), o.amount_minor) for o in operations if o.status is OperationStatus.SETTLED]

    @property
    def book(self) -> Book:
        return Book(self.ledger.transfers(self.brief_id))

    @property
    def holds(self) -> list[Hold]:
        return self.ledger.holds(100).items

    def findings(self, *, needs_person: bool = True) -> list[Finding]:
        """What stands in the audit trail, the oldest first."""
        page = self.audit.entries(needs_person=needs_person, limit=100)
        return [entry.finding for entry in reversed(page.items)]

    def payout_account(self, account_id: str = STUDENT) -> PayoutAccount:
        found = self.accounts.payout_account(account_id)
        assert found is not None
        return found

    @property
    def reading(self) -> dict[str, Any]:
        """The ports by which an employer reads who applied."""
        return {"briefs": self.briefs, "accounts": self.accounts, "students": self.students}

    def application_id(self, student_id: str = STUDENT) -> str:
        return Application.id_of(self.brief_id, student_id)

    # what the employer does

    def post(self, by: Command | None = None) -> Answer:
        shared: dict[str, Any] = {"briefs": self.briefs, "clock": self.clock, "policy": POLICY}
        answer = posting.post(by or employer(), self.posting, **shared)
        self.brief_id = answer.brief_id
        return answer

    def ask_for_funding(self, by: Command | None = None, method: str = "sandbox-card") -> Answer:
        request = requests.FundingRequest(payment_method=method)
        return posting.request_funding(by or employer(), self.brief_id, request, briefs=self.briefs, clock=self.clock)

    def cancel(self, by: Command | None = None) -> Answer:
        return posting.cancel(by or employer(), self.brief_id, **self._deciding())

    def award(self, by: Command | None = None, student_id: str = STUDENT, **changes: Any) -> Answer:
        request = requests.AwardRequest(application_id=self.application_id(student_id), **changes)
        return applying.award(by or employer(), self.brief_id, request, **self._deciding())

    def approve(self, by: Command | None = None, number: int | None = None) -> Answer:
        body = BODIES["post /briefs/{brief_id}/approval"]
        request = requests.ApprovalRequest.model_validate(body | {"submission_number": number or self._newest()})
        return reviewing.approve(by or employer(), self.brief_id, request, **self._deciding())

    def request_changes(self, by: Command | None = None, number: int | None = None, criterion: str = "chart") -> Answer:
        points = [{"criterion": criterion, "request": "Sort the bars."}]
        body = {"submission_number": number or self._newest(), "points": points, "feedback": "Nearly there."}
        request = requests.ChangeRequest.model_validate(body)
        return reviewing.request_changes(by or employer(), self.brief_id, request, **self._deciding())

    # what the student does

    def be_payable(self, by: Command | None = None, destination: str = "sandbox-account") -> None:
        request = requests.PayoutAccountRequest(destination=destination)
        shared: dict[str, Any] = {"accounts": self.accounts, "provider": self.provider, "clock": self.clock}
        payees.save_payout_account(by or student(), request, policy=POLICY, **shared)

    def apply(self, by: Command | None = None, **changes: Any) -> Application:
        body = BODIES["post /briefs/{brief_id}/applications"] | changes
        request = requests.ApplicationRequest.model_validate(body)
        return applying.apply(by or student(), self.brief_id, request, **self._deciding())

    def withdraw_application(self, by: Command | None = None) -> Application:
        return applying.withdraw_application(by or student(), self.brief_id, briefs=self.briefs, clock=self.clock)

    def withdraw_award(self, by: Command | None = None) -> Answer:
        return applying.withdraw_award(by or student(), self.brief_id, **self._deciding())

    def announce(self, by: Command | None = None, deliverable: str = "report", **changes: Any) -> StoredFile:
        body = BODIES["post /briefs/{brief_id}/files"]
        media_type = changes.get("media_type", MEDIA.get(deliverable, "text/csv"))
        content = OF_TYPE.get(media_type, TABLE)
        body = body | {"deliverable": deliverable, "media_type": media_type} | facts_of(content) | changes
        request = requests.UploadRequest.model_validate(body)
        file, _ = files.ask_upload(by or student(), self.brief_id, request, files=self.files, **self._deciding())
        return file

    def upload(self, by: Command | None = None, deliverable: str = "report", **changes: Any) -> str:
        """Announce a file and send it; S3 reports it at once, and it is clean. The file's id."""
        file = self.announce(by, deliverable, **changes)
        self.receive(file)
        self.uploads[deliverable] = file.file_id
        return file.file_id

    def send(self, file: StoredFile, at: datetime | None = None, content: bytes | None = None) -> str:
        """What a browser does with the form; the version that S3 makes of it."""
        return self.files.upload(file, at or self.clock.now(), OF_TYPE[file.media_type] if content is None else content)

    def receive(self, file: StoredFile, at: datetime | None = None) -> bool:
        version_id = self.send(file, at)
        return self.reported(file, version_id) and self.judged(file, version_id)

    def in_parts(self, file: StoredFile, version_id: str, in_parts: bool = True) -> None:
        """Let the version be one that was put together from parts."""
        at = object_key(file.brief_id, file.file_id), version_id
        self.files._objects[at] = self.files._objects[at].model_copy(update={"in_parts": in_parts})

    def reported(self, file: StoredFile, version_id: str, **changes: Any) -> bool:
        """S3's event arrives."""
        fields = {"brief_id": file.brief_id, "file_id": file.file_id, "version_id": version_id, "at": self.clock.now()}
        created = receiving.Created.model_validate(fields | changes)
        return receiving.record_receipt(created, files=self.files, **self._deciding())

    def judged(self, file: StoredFile, version_id: str, scan: ScanStatus = ScanStatus.CLEAN) -> bool:
        """The scanner's result arrives."""
        verdict = Verdict(version_id=version_id, scan=scan, at=self.clock.now())
        return receiving.record_verdict(file.brief_id, file.file_id, verdict, briefs=self.briefs, files=self.files)

    def upload_all(self) -> None:
        for deliverable in MEDIA:
            self.upload(deliverable=deliverable)

    def submit(self, by: Command | None = None, **files_by_deliverable: str) -> Answer:
        """Hand in what was uploaded last, or the files that are named (underscores stand for hyphens)."""
        chosen = {name.replace("_", "-"): file for name, file in files_by_deliverable.items()} or self.uploads
        handed = [{"deliverable": name, "file_id": file_id} for name, file_id in chosen.items()]
        request = requests.SubmissionRequest.model_validate({"files": handed})
        return reviewing.submit(by or student(), self.brief_id, request, **self._deciding())

    # both sides

    @property
    def room(self) -> messaging.Room:
        kept: dict[str, Any] = {"briefs": self.briefs, "threads": self.threads, "accounts": self.accounts}
        return messaging.Room(**kept, audit=self.audit, clock=self.clock, policy=POLICY)

    def ask(self, text: str = "Is the table one file?", by: Command | None = None, answers: int | None = None) -> int:
        """Ask or answer in public; the number."""
        request = requests.QuestionRequest(text=text, answers=answers)
        return messaging.ask(by or student(), self.brief_id, request, room=self.room).number

    def write(self, text: str = "The report comes on Friday.", by: Command | None = None) -> int:
        """Write to the other side; the number."""
        request = requests.MessageRequest(text=text)
        return messaging.write(by or student(), self.brief_id, request, room=self.room).number

    def questions(self, by: Command, limit: int = 50, cursor: str | None = None) -> QuestionPage:
        return messaging.questions(by, self.brief_id, limit, cursor, room=self.room)

    def messages(self, by: Command, limit: int = 50, cursor: str | None = None) -> MessagePage:
        return messaging.messages(by, self.brief_id, limit, cursor, room=self.room)

    # disputes

    def dispute(self, by: Command | None = None, file_ids: tuple[str, ...] = ()) -> Answer:
        request = requests.DisputeRequest(reason="A third is missing.", file_ids=list(file_ids))
        return disputing.dispute(by or employer(), self.brief_id, request, **self._deciding())

    def answer_dispute(self, by: Command | None = None) -> Answer:
        request = requests.DisputeRequest(reason="Nothing is missing.")
        return disputing.answer_dispute(by or student(), self.brief_id, request, **self._deciding())

    def resolve(self, by: Command | None = None, split: Split | None = None) -> Answer:
        request = requests.ResolutionRequest(split=split or halves(self.brief), reason="Half was done.")
        return disputing.resolve(by or operator(), self.brief_id, request, **self._deciding())

    def reopen(self, by: Command | None = None) -> Answer:
        request = requests.ReopeningRequest(reason="A file was overlooked.")
        return disputing.reopen(by or operator(), self.brief_id, request, **self._deciding())

    # what both sides say of each other

    def give_feedback(self, by: Command, **changes: Any) -> Given:
        body = BODIES["put /briefs/{brief_id}/feedback"] if by.role is Role.STUDENT else OF_EMPLOYER
        request = requests.FeedbackRequest.model_validate(body | changes)
        return feedback.give(by, self.brief_id, request, **self._deciding())

    @property
    def feedback(self) -> Feedback:
        found: Feedback = self.document(Feedback.key_of)
        return found

    # what nobody does

    @property
    def treasury(self) -> settling.Treasury:
        return settling.Treasury(
            briefs=self.briefs,
            accounts=self.accounts,
            organisations=self.organisations,
            ledger=self.ledger,
            provider=self.provider,
            audit=self.audit,
            clock=self.clock,
            policy=POLICY,
        )

    def advance(self) -> str:
        """The settlement is called once, whoever calls it."""
        return settling.advance(self.brief_id, self.treasury)

    def provider_tells(self) -> list[str]:
        """Deliver the webhooks that are due, and let follow what they say; how the money stands after each."""
        said = []
        for message in self.outbox.due():
            heard = len(self.bus.events)
            self.receive_webhook(message)
            said += [self._hear(CloudEvent.model_validate(event)) for event in self.bus.events[heard:]]
        return said

    def receive_webhook(self, message: Message, secret: str = SECRET, account: str = PLATFORM) -> Finding:
        body = body_of(message, self.store, account, self.clock.now())
        return self.receive_signed(signed(secret, message.message_id, body, self.clock.now()), body)

    def receive_signed(self, headers: Mapping[str, str], body: str) -> Finding:
        verifier = SandboxWebhooks([SECRET], PLATFORM)
        shared: dict[str, Any] = {"bus": self.bus, "audit": self.audit, "clock": self.clock}
        return webhooks.receive("sandbox", headers, body, webhooks=verifier, **shared)

    def _hear(self, event: CloudEvent) -> str:
        if event.type is EventType.PAYMENT_UPDATED:
            return settling.hear(event.data["brief_id"], event.data["transfer_id"], self.treasury)
        wired: dict[str, Any] = {"accounts": self.accounts, "provider": self.provider, "clock": self.clock}
        payees.refresh(event.data["destination"], **wired)
        return "refreshed"

    def money_moves(self) -> str:
        """What is due is asked for, and the provider tells of it, until there is nothing to tell; how it stands."""
        said = [self.advance()]
        while news := self.provider_tells():
            said += news
        return next((word for word in reversed(said) if word not in ("nothing_to_do", "refreshed")), said[-1])

    def sweep(self) -> sweeping.Swept:
        """The sweeper runs, and the settlement does what it was asked to; what nobody told of is found."""
        self.settler.asked.clear()
        broom = sweeping.Broom(
            briefs=self.briefs,
            ledger=self.ledger,
            workflow=self.workflow,
            settler=self.settler,
            checks=self.checks,
            letters=self.letters,
            clock=self.clock,
            policy=POLICY,
        )
        swept = sweeping.sweep(broom)
        self._settlement_is_called()
        return swept

    def reconcile(self, days: int = 3) -> reconciling.Reconciled:
        """The ledger is compared with the provider, and the settlement does what it was asked to."""
        self.settler.asked.clear()
        shared: dict[str, Any] = {"ledger": self.ledger, "provider": self.provider, "audit": self.audit}
        since = self.clock.now() - timedelta(days=days)
        found = reconciling.reconcile(since, settler=self.settler, clock=self.clock, **shared)
        self._settlement_is_called()
        return found

    def _settlement_is_called(self) -> None:
        for brief_id in self.settler.asked:
            settling.advance(brief_id, self.treasury)

    def deadline_lapses(self) -> Answer | None:
        """Time passes until the brief's deadline, and its schedule fires."""
        lapse_at = self.brief.lapse_at
        assert lapse_at is not None
        self.clock.at = max(self.clock.at, lapse_at)
        return lapsing.lapse(self.brief_id, lapse_at, **self._deciding())

    def stream_delivers(self, wait: Wait | None = None) -> following.Followed:
        """The table's stream shows the newest state of the brief."""
        change = Change(before=self._followed, after=self.brief, wait=wait)
        ports: dict[str, Any] = {"bus": self.bus, "deadlines": self.deadlines, "workflow": self.workflow}
        self._followed = change.after
        return following.follow(change, trail=self.trail, **ports)

    def feedback_is_followed(self) -> None:
        """The table's stream shows the feedback as it is now."""
        following.follow_feedback(self.feedback, trail=self.trail, bus=self.bus)

    def events_are_counted(self) -> int:
        """Every event reaches what keeps records; how many records that changed."""
        counted = [CloudEvent.model_validate(event) for event in self.bus.events]
        stores: dict[str, Any] = {"accounts": self.accounts, "records": self.records}
        return sum(records.hear(event, **stores, **self._deciding()) for event in counted)

    def file_is_followed(self, file: StoredFile) -> None:
        """The table's stream shows how the file is now, and whoever is concerned is told."""
        published = following.follow_file(self.document(file.key), trail=self.trail, bus=self.bus).published
        if published:
            self.tell(published)

    def tell(self, event: CloudEvent) -> None:
        """An event reaches those who tell people."""
        ports: dict[str, Any] = {"accounts": self.accounts, "organisations": self.organisations}
        tell(event, briefs=self.briefs, agenda=self.accounts.agenda, policy=POLICY, **ports)

    def nudge_follows(self) -> None:
        """The table's stream shows that the sweeper has nudged the brief."""
        change = Change(before=self.brief, after=self.brief, wait=None, nudged=True)
        ports: dict[str, Any] = {"bus": self.bus, "deadlines": self.deadlines, "workflow": self.workflow}
        following.follow(change, trail=self.trail, **ports)

    def events_arrive(self, times: int = 1) -> None:
        """Every event of a brief or an application reaches those who tell people, as often as said."""
        told = [e for e in self.bus.events if e["type"].startswith(("brief.", "application.", "feedback."))]
        for event in told * times:
            self.tell(CloudEvent.model_validate(event))

    # what operators do with tables

    def backup(self) -> dict[str, Any]:
        """The tables of briefs and of the ledger, as they are now."""
        tables = {"briefs": self.briefs, "ledger": self.ledger}
        return {name: _contents(table) for name, table in tables.items()}

    def restore(self, backup: dict[str, Any], *names: str) -> None:
        """Some of the tables are again what they were; the provider is not."""
        for name in names:
            table = {"briefs": self.briefs, "ledger": self.ledger}[name]
            vars(table).update(copy.deepcopy(backup[name]))

    # short cuts

    def go_on(self, *steps: "Step") -> None:
        """Let one thing after the other be done."""
        for step in steps:
            step(self)

    def bring_to(self, state: State) -> "World":
        """Lead the brief to this state by what people do."""
        for step in STEPS_TO[state]:
            step(self)
        assert self.brief.state is state
        return self

    def _newest(self) -> int:
        return max(1, self.brief.submissions)

    def _deciding(self) -> dict[str, Any]:
        return {"briefs": self.briefs, "clock": self.clock, "policy": POLICY}


def _contents(table: object) -> dict[str, Any]:
    return copy.deepcopy({name: value for name, value in vars(table).items() if isinstance(value, dict)})


Step = Callable[["World"], object]
_POSTED: list[Step] = [World.post]
_OPEN: list[Step] = [*_POSTED, World.ask_for_funding, World.money_moves]
_AWARDED: list[Step] = [*_OPEN, World.be_payable, World.apply, World.award]
_SUBMITTED: list[Step] = [*_AWARDED, World.upload_all, World.submit]
_APPROVED: list[Step] = [*_SUBMITTED, World.approve]
_DISPUTED: list[Step] = [*_SUBMITTED, World.dispute]
STEPS_TO: dict[State, list[Step]] = {
    State.POSTED: [*_POSTED],
    State.OPEN: [*_OPEN],
    State.AWARDED: [*_AWARDED],
    State.SUBMITTED: [*_SUBMITTED],
    State.CHANGES_REQUESTED: [*_SUBMITTED, World.request_changes],
    State.DISPUTED: [*_DISPUTED],
    State.APPROVED: [*_APPROVED],
    State.PAID: [*_APPROVED, World.money_moves],
    State.RESOLVED: [*_DISPUTED, World.answer_dispute, World.resolve, World.deadline_lapses],
    State.EXPIRED: [*_POSTED, World.deadline_lapses],
    State.CANCELLED: [*_OPEN, World.cancel],
}


def a_world_in(state: State, **posting_changes: Any) -> World:
    """A brief in this state, and the world around it."""
    return World(**posting_changes).bring_to(state)


STRANGER = "somebody-else-1"


def stranger(role: Role, key: str | None = None) -> Command:
    """Somebody who has the role but nothing to do with the brief."""
    return command(role, STRANGER, key)


__all__ = ["EMPLOYER", "RIVAL", "STRANGER", "STUDENT", "World", "a_world_in", "rival", "stranger"]

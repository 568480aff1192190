"""The platform with everything around it played by the in-memory twins, driven by what people do."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from microintern.adapters.memory import (
    MemoryAccounts,
    MemoryBriefs,
    MemoryBus,
    MemoryClock,
    MemoryDeadlines,
    MemoryFiles,
    MemoryLedger,
    MemoryPayments,
    MemoryWorkflow,
)
from microintern.app import accounts as accounts_app
from microintern.app import applying, disputing, files, following, lapsing, posting, requests, reviewing, settling
from microintern.app.telling import tell
from microintern.domain.base import derived_id
from microintern.domain.brief import Answer, Brief, Command
from microintern.domain.documents import Application, Document, StoredFile
from microintern.domain.events import CloudEvent
from microintern.domain.payout_matrix import Split
from microintern.domain.posting import Posting
from microintern.domain.states import Role, State
from tests.unit.builders import (
    BODIES,
    EMPLOYER,
    NOW,
    POLICY,
    RIVAL,
    STUDENT,
    a_posting,
    command,
    employer,
    halves,
    operator,
    student,
)

MEDIA = {"cleaned-table": "text/csv", "chart": "image/png", "report": "application/pdf"}
"""The deliverables of the example brief, each with a media type that it accepts."""


def rival(key: str | None = None) -> Command:
    """Another student."""
    return command(Role.STUDENT, RIVAL, key)


class InterruptedBriefs(MemoryBriefs):
    """Lets something happen between a command's read and its write."""

    meanwhile: Callable[[], object] | None = None

    def save(self, before: Brief, after: Brief, *documents: Document, payee: str | None = None) -> None:
        if self.meanwhile:
            happens, self.meanwhile = self.meanwhile, None
            happens()
        super().save(before, after, *documents, payee=payee)


class Crash(Exception):
    """The function's process went away."""


class CrashingLedger(MemoryLedger):
    """Goes away once, before what the provider did is written down."""

    crashes = False

    def record_funding(self, *args: Any) -> None:
        self._perhaps_crash()
        super().record_funding(*args)

    def record_return(self, *args: Any) -> None:
        self._perhaps_crash()
        super().record_return(*args)

    def record_settlement(self, *args: Any) -> None:
        self._perhaps_crash()
        super().record_settlement(*args)

    def _perhaps_crash(self) -> None:
        if self.crashes:
            self.crashes = False
            raise Crash


class CountingPayments(MemoryPayments):
    """Keeps a list of the money that really moved."""

    def __init__(self) -> None:
        super().__init__()
        self.moved: list[tuple[str, int]] = []

    def _once(self, key: str, kind: str, amount_minor: int, currency: str, party: str) -> Any:
        new = key not in self._operations
        receipt = super()._once(key, kind, amount_minor, currency, party)
        if new and receipt.settled:
            self.moved.append((kind, amount_minor))
        return receipt


class World:
    """One brief, the people around it, and what they do. Each method that takes `by` is a command."""

    def __init__(self, **posting_changes: Any) -> None:
        self.clock = MemoryClock(NOW)
        self.accounts = MemoryAccounts()
        self.briefs = InterruptedBriefs(self.accounts)
        self.ledger = CrashingLedger(self.briefs)
        self.payments = CountingPayments()
        self.files = MemoryFiles()
        self.bus = MemoryBus()
        self.deadlines = MemoryDeadlines()
        self.workflow = MemoryWorkflow()
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
        more = (self.accounts._payout_accounts, self.payments.moved, self.files._objects)
        return repr((stores, more))

    def document(self, key: str) -> Any:
        snapshot = self.briefs.read(self.brief_id, key)
        assert snapshot is not None
        return snapshot.documents[key]

    def application_id(self, student_id: str = STUDENT) -> str:
        return derived_id("application", self.brief_id, student_id)

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

    def award(self, by: Command | None = None, student_id: str = STUDENT) -> Answer:
        request = requests.AwardRequest(application_id=self.application_id(student_id))
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
        accounts_app.save_payout_account(by or student(), request, accounts=self.accounts)

    def apply(self, by: Command | None = None) -> Application:
        body = BODIES["post /briefs/{brief_id}/applications"]
        request = requests.ApplicationRequest.model_validate(body)
        return applying.apply(by or student(), self.brief_id, request, briefs=self.briefs, clock=self.clock)

    def withdraw_application(self, by: Command | None = None) -> Application:
        return applying.withdraw_application(by or student(), self.brief_id, briefs=self.briefs, clock=self.clock)

    def withdraw_award(self, by: Command | None = None) -> Answer:
        return applying.withdraw_award(by or student(), self.brief_id, **self._deciding())

    def announce(self, by: Command | None = None, deliverable: str = "report", **changes: Any) -> StoredFile:
        body = BODIES["post /briefs/{brief_id}/files"]
        body = body | {"deliverable": deliverable, "media_type": MEDIA.get(deliverable, "text/csv")} | changes
        request = requests.UploadRequest.model_validate(body)
        file, _ = files.ask_upload(by or student(), self.brief_id, request, files=self.files, **self._deciding())
        return file

    def upload(self, by: Command | None = None, deliverable: str = "report", **changes: Any) -> str:
        """Announce a file and send it; S3 reports it at once. The file's id."""
        file = self.announce(by, deliverable, **changes)
        self.receive(file)
        self.uploads[deliverable] = file.file_id
        return file.file_id

    def receive(self, file: StoredFile, at: datetime | None = None) -> bool:
        version_id = self.files.upload(file, at or self.clock.now())
        return files.record_receipt(file.brief_id, file.file_id, version_id, briefs=self.briefs, files=self.files)

    def upload_all(self) -> None:
        for deliverable in MEDIA:
            self.upload(deliverable=deliverable)

    def submit(self, by: Command | None = None, **files_by_deliverable: str) -> Answer:
        """Hand in what was uploaded last, or the files that are named (underscores stand for hyphens)."""
        chosen = {name.replace("_", "-"): file for name, file in files_by_deliverable.items()} or self.uploads
        handed = [{"deliverable": name, "file_id": file_id} for name, file_id in chosen.items()]
        request = requests.SubmissionRequest.model_validate({"files": handed})
        return reviewing.submit(by or student(), self.brief_id, request, **self._deciding())

    # disputes

    def dispute(self, by: Command | None = None, file_ids: tuple[str, ...] = ()) -> Answer:
        request = requests.DisputeRequest(reason="A third is missing.", file_ids=list(file_ids))
        return disputing.dispute(by or employer(), self.brief_id, request, **self._deciding())

    def answer_dispute(self, by: Command | None = None) -> Answer:
        request = requests.DisputeRequest(reason="Nothing is missing.")
        return disputing.answer_dispute(by or student(), self.brief_id, request, **self._deciding())

    def resolve(self, by: Command | None = None, split: Split | None = None) -> Answer:
        request = requests.ResolutionRequest(split=split or halves(self.brief), reason="Half was done.")
        return disputing.resolve(by or operator(), self.brief_id, request, briefs=self.briefs, clock=self.clock)

    # what nobody does

    def collect(self) -> str:
        shared: dict[str, Any] = {"ledger": self.ledger, "provider": self.payments, "clock": self.clock}
        return settling.collect(self.brief_id, briefs=self.briefs, **shared)

    def settle(self) -> Answer:
        shared: dict[str, Any] = {"ledger": self.ledger, "provider": self.payments, "clock": self.clock}
        return settling.settle(self.brief_id, briefs=self.briefs, accounts=self.accounts, **shared)

    def deadline_lapses(self) -> Answer | None:
        """Time passes until the brief's deadline, and its schedule fires."""
        lapse_at = self.brief.lapse_at
        assert lapse_at is not None
        self.clock.at = max(self.clock.at, lapse_at)
        return lapsing.lapse(self.brief_id, lapse_at, **self._deciding())

    def stream_delivers(self, wait: following.Wait | None = None) -> CloudEvent | None:
        """The table's stream shows the newest state of the brief."""
        change = following.Change(before=self._followed, after=self.brief, wait=wait)
        ports: dict[str, Any] = {"bus": self.bus, "deadlines": self.deadlines, "workflow": self.workflow}
        self._followed = change.after
        return following.follow(change, briefs=self.briefs, **ports)

    def events_arrive(self, times: int = 1) -> None:
        """Every published event reaches those who tell people, as often as said."""
        for event in self.bus.events * times:
            tell(CloudEvent.model_validate(event), briefs=self.briefs, accounts=self.accounts)

    # short cuts

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


Step = Callable[["World"], object]
_POSTED: list[Step] = [World.post]
_OPEN: list[Step] = [*_POSTED, World.ask_for_funding, World.collect]
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
    State.PAID: [*_APPROVED, World.settle],
    State.RESOLVED: [*_DISPUTED, World.answer_dispute, World.resolve],
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

"""The whole system in one process: the use cases on twins or adapters, and what AWS does between the functions.

Whatever a function writes, publishes, sends or asks for becomes a delivery to the next one, at least once, and to one
brief's stream in order. A function that fails is called again as its trigger does on AWS, and what fails too often
lies with the dead letters. Only the clock's mover decides what happens when; nothing here is random.
"""

import base64
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from infra.workflows.brief import definition
from microintern.adapters.payments.sandbox import Message
from microintern.adapters.payments.sandbox_delivery import body_of
from microintern.adapters.payments.sandbox_webhooks import SandboxWebhooks
from microintern.adapters.signing import KmsSigner
from microintern.adapters.standard_webhooks import signed
from microintern.adapters.stemming import stem
from microintern.app import (
    agreements,
    auditing,
    checking_in,
    crediting,
    experience,
    following,
    indexing,
    keeping,
    lapsing,
    matching,
    payees,
    receiving,
    reconciling,
    records,
    settling,
    sweeping,
    talent,
    telling,
    tidying,
    webhooks,
)
from microintern.domain.amendments import Amendments
from microintern.domain.check_ins import CheckIns
from microintern.domain.credentials import Credential
from microintern.domain.documents import Application, ScanStatus, StoredFile, Verdict
from microintern.domain.events import CloudEvent, EventType
from microintern.domain.feedback import Feedback
from microintern.domain.manifest import canonical
from microintern.domain.mentors import Mentor
from microintern.domain.messages import Message as Said
from microintern.domain.open_badges import Addresses
from microintern.domain.policy import Policy
from microintern.domain.problems import Malformed, Problem, Unavailable
from microintern.domain.records import OF_BRIEFS, OF_FEEDBACK
from microintern.domain.trail import Entry
from microintern.ports.dead_letters import Redriven
from microintern.ports.payments import PaymentUnavailable
from tests.contract.kms_double import KEY_ARN, Kms
from tests.faults.calls import Faults, Faulty, Lost, duplicate
from tests.faults.machine import Machine
from tests.faults.sides import Record, Side, Twins
from tests.twins.clock import MemoryClock
from tests.unit.builders import approve_organisation

T = TypeVar("T")

SECRET = "whsec_" + base64.b64encode(b"a secret of the sandbox, 32 byte").decode()
ACCOUNT = "microintern-test"
SIGNER = KmsSigner(Kms(), KEY_ARN)  # type: ignore[arg-type]
"""Has one key for all plants, so that what is signed is the same in each."""

LISTENERS: dict[str, tuple[str, ...]] = {
    "hear": (EventType.BRIEF_FUNDING_REQUESTED, EventType.PAYMENT_UPDATED, EventType.PAYEE_UPDATED),
    "keep": (EventType.BRIEF_SUBMITTED, EventType.BRIEF_PAID, EventType.BRIEF_SETTLED),
    "tell": (
        *("brief.", "application.", "message.", "mentor.", "amendment.", "check_in."),
        *("file.", "feedback.", "credential.", "offer."),
    ),
    "count": tuple(OF_BRIEFS | OF_FEEDBACK),
    "credit": (EventType.BRIEF_APPROVED,),
    "meet": (EventType.BRIEF_PAID,),
    "index": indexing.FOLLOWED,
    "match": (EventType.BRIEF_OPENED,),
    "note": experience.FOLLOWED,
    "write_down": (EventType.BRIEF_AWARDED, EventType.BRIEF_AMENDED),
}
"""Which events a function is called with, by how their types begin; as in infra/stacks."""

FAILURES: tuple[type[Exception], ...] = (
    Lost,
    settling.NotSettled,
    PaymentUnavailable,
    lapsing.TooEarly,
    Malformed,
    ExceptionGroup,  # the sweeper goes on after a failure, and says so at its end
)
"""How a function may fail; anything else is a fault of the code and ends the run."""

_ASYNCHRONOUS = (60, 120)
RETRIES: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(("follow", "step"), (1,) * 20),
    "webhook": (60,) * 9,
    "workflow": (),  # the state machine tries again by itself
    **dict.fromkeys(("index", "match", "note", "write_down", "ask"), _ASYNCHRONOUS),
    **dict.fromkeys(
        (
            *("hear", "settle", "lapse", "tell", "credit", "meet", "receive", "judge", "look", "keep", "tidy", "sweep"),
            *("reconcile", "check", "count", "count_shown"),
        ),
        _ASYNCHRONOUS,
    ),
}
"""After how many seconds each trigger calls its function once more."""

_FOLLOWED: dict[type, Callable[..., following.Followed]] = {
    Mentor: following.follow_mentor,
    Amendments: following.follow_amendments,
    CheckIns: following.follow_check_ins,
}

MADE_GOOD = frozenset({"hear", "settle", "lapse", "webhook"})
"""What the sweeper makes good when it is lost altogether and is no dead letter either."""

SCHEDULED = frozenset({"sweep", "tidy", "reconcile", "check", "count_shown"})
"""Has no dead letters: the next run finds what a failed one left."""

_MOST_AT_ONCE = 1_000

SOON_S = 121
"""After this the sweeper takes for stuck what takes a moment."""


@dataclass
class Delivery:
    """A function is to be called with something."""

    task: str
    payload: dict[str, Any]
    due_at: datetime
    order: str = ""
    """Deliveries of the same order come one after the other."""
    tries: int = 0


class DeadLetters:
    """The DeadLetters port, on what the plant's functions failed at."""

    def __init__(self, plant: "Plant") -> None:
        self._plant = plant

    def queues(self) -> list[str]:
        return sorted({letter.task for letter in self._plant.dead})

    def redrive(self, queue: str, limit: int, most_tries: int | None = None) -> Redriven:
        letters = [letter for letter in self._plant.dead if letter.task == queue][:limit]
        done = 0
        for letter in letters:
            letter.tries += 1
            if (most_tries is None or letter.tries <= most_tries) and self._plant.handles(letter):
                # Somebody else may have handled it meanwhile.
                self._plant.dead = [other for other in self._plant.dead if other is not letter]
                done += 1
        return Redriven(queue=queue, redriven=done, failed=len(letters) - done, left=len(self._plant.dead))


class Plant:
    """Drives everything. `brief_id` is the brief that people speak of unless they name another."""

    issued: Any = None
    """The newest invitation, with its code."""

    def __init__(self, at: datetime, policy: Policy, side: Callable[..., Side] = Twins) -> None:
        self.clock = MemoryClock(at)
        self.policy = policy
        self.faults = Faults()
        self.machine = Machine(definition(), self.clock)
        self.side = side(self.clock, self.machine, self.faults)
        self._found()
        self.pending: list[Delivery] = []
        self.dead: list[Delivery] = []
        self.events: list[dict[str, Any]] = []
        self.drops = False
        """Whether what fails is not delivered again, where the sweeper makes that good."""
        self.dropped = 0
        self.failure: Exception | None = None
        """Why the last function that failed did."""
        self.patient = False
        """Whether people try again only when everything has come to rest."""
        self.watch: Callable[[str, Record], None] | None = None
        """Who is shown each record of the stream as it is written."""
        self._running: list[Callable[[], Any]] = []
        """What runs; the last was started by the one before it."""
        self.kept: Any = None
        """The ledger's table as somebody kept it."""
        self.brief_id = ""
        self.brief_ids: list[str] = []
        self.keys = 0
        self.uploads: dict[tuple[str, str, str], str] = {}
        """The newest file by brief, person and deliverable."""
        self.scanner_works = True
        self.scanner_says = ScanStatus.CLEAN
        self.letters = Faulty("letters", DeadLetters(self), self.faults)

    def _found(self) -> None:
        """What is there before anybody comes."""
        approve_organisation(self.side.plain.organisations)
        for step in self.side.steps():
            self.side.plain.trail.keep(step)

    def fork(self) -> "Plant":
        """Another plant at the same point."""
        return duplicate(self)  # type: ignore[no-any-return]

    # time

    def run(self) -> None:
        """Deliver everything that is due, and what follows from it, until nothing is."""
        self._gather()
        for _ in range(_MOST_AT_ONCE):
            if (delivery := self._next_due()) is None:
                return
            self.deliver(delivery)
        raise RuntimeError(f"this goes on for ever: {self.pending}")

    def settle_down(self) -> None:
        """Run, and let the clock run on as far as anything is tried again; the sweeper looks after what was dropped."""
        self.run()
        horizon = self.clock.now() + timedelta(minutes=15)
        while (at := self._next_retry_at()) is not None and at <= horizon:
            self._forward(at)
        while self.dropped:
            self.dropped = 0
            self._forward(self.clock.now() + timedelta(seconds=SOON_S))
            self.sweep()
            self.settle_down()

    def pass_time(self, **by: float) -> None:
        """Everything that is due in this span happens in its order; at its end the sweeper runs."""
        until = self.clock.now() + timedelta(**by)
        while (at := self._next_at()) is not None and at <= until:
            self._forward(at)
        self._forward(until)
        self.sweep()
        self.settle_down()

    def _forward(self, at: datetime) -> None:
        self.clock.at = max(self.clock.at, at)
        self.machine.tick()
        self.run()

    def _fire(self) -> None:
        """The deadlines that have passed."""
        for brief_id, lapse_at in sorted(self.side.schedules()):
            if lapse_at <= self.clock.at:
                self.side.fire(brief_id, lapse_at)
                self.send(self._asked_of(brief_id, lapse_at), brief_id=brief_id, lapse_at=lapse_at)

    def _asked_of(self, brief_id: str, at: datetime) -> str:
        """One function is called at deadlines and at check-ins; only what the first do is made good when it is lost."""
        snapshot = self.side.plain.briefs.read(brief_id)
        return "lapse" if snapshot and snapshot.brief.lapse_at == at else "ask"

    def _next_at(self) -> datetime | None:
        deliveries = (delivery.due_at for delivery in self._firsts())
        schedules = (lapse_at for _, lapse_at in self.side.schedules())
        machine = self.machine.next_at()
        return min((*deliveries, *schedules, *([machine] if machine else [])), default=None)

    def _next_retry_at(self) -> datetime | None:
        retried = [delivery.due_at for delivery in self._firsts() if delivery.tries]
        machine = self.machine.next_retry_at()
        return min((*retried, *([machine] if machine else [])), default=None)

    # deliveries

    def send(self, task: str, delay_s: int = 0, order: str = "", **payload: Any) -> None:
        """Have a function called."""
        due_at = self.clock.now() + timedelta(seconds=delay_s)
        self.pending.append(Delivery(task=task, payload=payload, due_at=due_at, order=order))

    def due(self) -> list[Delivery]:
        """What can be delivered now."""
        self._fire()
        now = self.clock.now()
        return [delivery for delivery in self._firsts() if delivery.due_at <= now]

    def _firsts(self) -> list[Delivery]:
        """What waits for nothing but its time: of one order only the first."""
        firsts = {delivery.order: delivery for delivery in reversed(self.pending) if delivery.order}
        return [delivery for delivery in self.pending if not delivery.order or firsts[delivery.order] is delivery]

    def deliver(self, delivery: Delivery, *, again: bool = False) -> None:
        """Call the function; what failed stays or becomes a dead letter. `again`: the trigger delivers it twice."""
        if not again:
            self.pending.remove(delivery)
        if self.handles(delivery) or again:
            return
        delays_s, drops = RETRIES[delivery.task], self.drops and isinstance(self.failure, Lost)
        if drops and is_made_good(delivery):
            self.dropped += 1
        elif delivery.task == "workflow":
            self.machine.fail(delivery.payload["token"], "Lambda.Unknown")
            self.dropped += drops
        elif delivery.tries < len(delays_s):
            delivery.due_at = self.clock.now() + timedelta(seconds=delays_s[delivery.tries])
            delivery.tries += 1
            self._back(delivery)
        elif delivery.task not in SCHEDULED:
            delivery.tries = 0
            self.dead.append(delivery)

    def handles(self, delivery: Delivery) -> bool:
        """Whether the function did its work without failing."""
        outer, self.faults.within = self.faults.within, delivery.task
        function = getattr(self, f"_{delivery.task}")
        self._running.append(partial(function, **delivery.payload))
        try:
            self._running[-1]()
        except FAILURES as failure:
            self.failure = failure
            return False
        finally:
            self.faults.within = outer
            self._running.pop()
            self._gather()
        return True

    def _next_due(self) -> Delivery | None:
        return min(self.due(), key=lambda delivery: delivery.due_at, default=None)

    def _back(self, delivery: Delivery) -> None:
        """In front of what must not overtake it."""
        self.pending.insert(0, delivery)

    def _gather(self) -> None:
        """What AWS noticed of the calls that were made: from here on it cannot get lost by itself."""
        self._show()
        for event in self.side.published():
            self.events.append(event)
            for task, kinds in LISTENERS.items():
                if event["type"].startswith(kinds):
                    self.send(task, event=event)
        for message, delay_s in self.side.messages():
            self.send("webhook", delay_s, message=message)
        for brief_id in self.side.settlements():
            self.send("settle", brief_id=brief_id)
        for what, brief_id, file_id, version_id in self.side.checks_asked_for():
            if what == "look":
                self.send("look", brief_id=brief_id, file_id=file_id)
            else:
                self.judge(brief_id, file_id, version_id)
        self._carry_out()

    def _show(self) -> None:
        """What the stream has."""
        for brief_id, record in self.side.stream():
            if self.watch:
                self.watch(brief_id, record)
            self.send("follow", order=brief_id, record=record)
        for step in self.side.steps():
            self.send("step", order=step.scope, step=step)

    def _carry_out(self) -> None:
        """What the state machine asks for; it writes its own tokens, which shows in the stream."""
        while self.machine.tasks:
            task = self.machine.tasks.pop(0)
            if task.resource.endswith(":dynamodb:updateItem.waitForTaskToken"):
                self.side.leave_wait(task.parameters)
            elif task.resource.endswith(":lambda:invoke.waitForTaskToken"):
                self.send("workflow", **task.parameters["Payload"])
            else:
                raise NotImplementedError(task.resource)
            self._show()

    # the functions, each as its handler does it

    def _follow(self, record: Record) -> None:
        ports = self.side.faulty
        if isinstance(record, Application):
            followed = following.follow_application(record, trail=ports.trail, bus=ports.bus)
        elif isinstance(record, Credential):
            followed = following.follow_credential(record, trail=ports.trail, bus=ports.bus)
        elif isinstance(record, Mentor | Amendments | CheckIns):
            followed = _FOLLOWED[type(record)](record, trail=ports.trail, bus=ports.bus)
        elif isinstance(record, Said):
            followed = following.follow_message(record, trail=ports.trail, bus=ports.bus)
        elif isinstance(record, StoredFile):
            followed = following.follow_file(record, trail=ports.trail, bus=ports.bus)
        elif isinstance(record, Feedback):
            followed = following.follow_feedback(record, trail=ports.trail, bus=ports.bus)
        else:
            wired: dict[str, Any] = {"bus": ports.bus, "deadlines": ports.deadlines, "workflow": ports.workflow}
            followed = following.follow(record, trail=ports.trail, **wired)
        if followed.entry is not None:
            ports.trail.journal(f"{followed.entry.subject}-{followed.entry.version}", [followed.entry])

    def _hear(self, event: dict[str, Any]) -> None:
        published, ports = CloudEvent.model_validate(event), self.side.faulty
        if published.type is EventType.PAYEE_UPDATED:
            wired: dict[str, Any] = {"provider": ports.provider, "clock": self.clock}
            payees.refresh(published.data["destination"], accounts=ports.accounts, **wired)
        else:
            self._settle(published.data["brief_id"], published.data.get("transfer_id"))

    def _settle(self, brief_id: str, transfer_id: str | None = None) -> None:
        if transfer_id:
            settling.hear(brief_id, transfer_id, self.treasury)
        else:
            settling.advance(brief_id, self.treasury)

    def _workflow(self, brief_id: str, token: str) -> None:
        settling.await_settlement(brief_id, token, briefs=self.side.faulty.briefs)
        settling.advance(brief_id, self.treasury)

    def _lapse(self, brief_id: str, lapse_at: datetime) -> None:
        ports = self.side.faulty
        if not lapsing.lapse(brief_id, lapse_at, briefs=ports.briefs, clock=self.clock, policy=self.policy):
            checking_in.remind(brief_id, lapse_at, briefs=ports.briefs, bus=ports.bus)

    def _ask(self, brief_id: str, lapse_at: datetime) -> None:
        self._lapse(brief_id, lapse_at)

    def _tell(self, event: dict[str, Any]) -> None:
        ports = self.side.faulty
        wired: dict[str, Any] = {"accounts": ports.accounts, "organisations": ports.organisations}
        wired["agenda"] = ports.agenda
        telling.tell(CloudEvent.model_validate(event), briefs=ports.briefs, policy=self.policy, **wired)

    def _count(self, event: dict[str, Any]) -> None:
        ports = self.side.faulty
        wired: dict[str, Any] = {"records": ports.records, "clock": self.clock, "policy": self.policy}
        wired["accounts"] = ports.accounts
        records.hear(CloudEvent.model_validate(event), briefs=ports.briefs, **wired)

    def _count_shown(self) -> None:
        records.count_shown(records=self.side.faulty.records, clock=self.clock)

    def _credit(self, event: dict[str, Any]) -> None:
        ports = self.side.faulty
        wired: dict[str, Any] = {"credentials": ports.credentials, "issuer": self.issuer, "clock": self.clock}
        given = CloudEvent.model_validate(event)
        crediting.issue(given, briefs=ports.briefs, organisations=ports.organisations, **wired)

    @property
    def issuer(self) -> crediting.Issuer:
        """Who signs credentials; what makes them canonical is simpler here, and takes no time."""
        signer: Any = Faulty("signer", SIGNER, self.faults)
        return crediting.Issuer(Addresses("https://api.example.com"), signer, _canonical)

    def _meet(self, event: dict[str, Any]) -> None:
        wired: dict[str, Any] = {"talent": self.side.faulty.talent, "clock": self.clock, "policy": self.policy}
        talent.keep_in_view(event["subject"], briefs=self.side.faulty.briefs, **wired)

    def _index(self, event: dict[str, Any]) -> None:
        ports = self.side.faulty
        wired: dict[str, Any] = {"found_by": ports.found_by, "stem": stem}
        indexing.index(CloudEvent.model_validate(event), briefs=ports.briefs, **wired)

    def _match(self, event: dict[str, Any]) -> None:
        ports = self.side.faulty
        wired: dict[str, Any] = {"searches": ports.searches, "accounts": ports.accounts, "stem": stem}
        matching.match(CloudEvent.model_validate(event), briefs=ports.briefs, **wired)

    def _note(self, event: dict[str, Any]) -> None:
        ports = self.side.faulty
        experience.keep(CloudEvent.model_validate(event), briefs=ports.briefs, students=ports.students)

    def _write_down(self, event: dict[str, Any]) -> None:
        ports = self.side.faulty
        wired: dict[str, Any] = {"briefs": ports.briefs, "accounts": ports.accounts, "papers": ports.papers}
        wired |= {"organisations": ports.organisations, "draw": lambda made: made.model_dump_json().encode()}
        agreements.write_down(CloudEvent.model_validate(event), **wired)

    def _receive(self, created: receiving.Created) -> None:
        ports = self.side.faulty
        wired: dict[str, Any] = {"clock": self.clock, "policy": self.policy}
        receiving.record_receipt(created, briefs=ports.briefs, files=ports.files, **wired)

    def _judge(self, brief_id: str, file_id: str, verdict: Verdict) -> None:
        ports = self.side.faulty
        receiving.record_verdict(brief_id, file_id, verdict, briefs=ports.briefs, files=ports.files)

    def _tidy(self) -> None:
        ports = self.side.faulty
        wired: dict[str, Any] = {"clock": self.clock, "policy": self.policy}
        tidying.tidy("", briefs=ports.briefs, files=ports.files, **wired)

    def _keep(self, event: dict[str, Any]) -> None:
        ports = self.side.faulty
        keeping.keep(CloudEvent.model_validate(event), briefs=ports.briefs, files=ports.files, policy=self.policy)

    def _look(self, brief_id: str, file_id: str) -> None:
        ports = self.side.faulty
        wired: dict[str, Any] = {"clock": self.clock, "policy": self.policy}
        receiving.look_for(brief_id, file_id, briefs=ports.briefs, files=ports.files, **wired)

    def _webhook(self, message: Message) -> None:
        ports, now = self.side.faulty, self.clock.now()
        body = body_of(message, ports.store, ACCOUNT, now)
        headers = signed(SECRET, message.message_id, body, now)
        verifier = SandboxWebhooks([SECRET], ACCOUNT)
        wired: dict[str, Any] = {"bus": ports.bus, "audit": ports.audit, "clock": self.clock}
        webhooks.receive("sandbox", headers, body, webhooks=verifier, **wired)

    def _sweep(self) -> None:
        ports = self.side.faulty
        broom = sweeping.Broom(
            briefs=ports.briefs,
            ledger=ports.ledger,
            workflow=ports.workflow,
            settler=ports.settler,
            checks=ports.checks,
            letters=self.letters,
            clock=self.clock,
            policy=self.policy,
        )
        sweeping.sweep(broom)

    def _reconcile(self, since: datetime) -> None:
        ports = self.side.faulty
        wired: dict[str, Any] = {"audit": ports.audit, "settler": ports.settler, "clock": self.clock}
        reconciling.reconcile(since, ledger=ports.ledger, provider=ports.provider, **wired)

    def _step(self, step: Entry) -> None:
        ports = self.side.faulty
        ports.trail.keep(step)
        ports.trail.journal(f"{step.scope}-{step.subject}-{step.version}", [step])

    def _check(self, days: int) -> None:
        ports = self.side.faulty
        wired: dict[str, Any] = {"trail": ports.trail, "audit": ports.audit, "clock": self.clock}
        things = auditing.Things(ports.briefs, ports.accounts, ports.credentials, ports.portfolios)
        auditing.check_trails(days, things=things, **wired)

    # what is called by the clock or by hand

    def sweep(self) -> None:
        """The schedule calls the sweeper."""
        self.send("sweep")
        self.run()

    def judge(self, brief_id: str, file_id: str, version_id: str) -> None:
        """The scanner looks at a version; unless it is out of order, nobody hears of it."""
        if not self.scanner_works:
            return
        verdict = Verdict(version_id=version_id, scan=self.scanner_says, at=self.clock.now())
        self.send("judge", brief_id=brief_id, file_id=file_id, verdict=verdict)

    def tidy(self) -> None:
        """The schedule has files cleared away."""
        self.send("tidy")
        self.settle_down()

    def count_shown(self) -> None:
        """The schedule has feedback counted whose window is over."""
        self.send("count_shown")
        self.settle_down()

    def stop_executions(self) -> None:
        """Somebody stops what runs for the brief."""
        for execution in list(self.machine.executions.values()):
            if execution.status == "RUNNING" and execution.name.partition("-")[0] == self.brief_id:
                self.machine.abort(execution.name)

    def reconcile(self, days: int = 3) -> None:
        """The schedule calls the reconciliation."""
        self.send("reconcile", since=self.clock.now() - timedelta(days=days))
        self.settle_down()

    def check_trails(self, days: int = 3) -> None:
        """The schedule has the audit trail recomputed."""
        self.send("check", days=days)
        self.settle_down()

    @property
    def treasury(self) -> settling.Treasury:
        """What the settlement function is made of."""
        ports = self.side.faulty
        return settling.Treasury(
            briefs=ports.briefs,
            accounts=ports.accounts,
            organisations=ports.organisations,
            ledger=ports.ledger,
            provider=ports.provider,
            audit=ports.audit,
            clock=self.clock,
            policy=self.policy,
        )

    def client(self, call: Callable[[], T], most_tries: int = 4) -> T:
        """Somebody sends a command, and the same again while no answer comes."""
        for _ in range(most_tries - 1):
            try:
                return self._sent(call)
            except (Lost, Unavailable):
                if self.patient:
                    self.settle_down()
        return self._sent(call)

    def _sent(self, call: Callable[[], T]) -> T:
        self._running.append(call)
        try:
            return call()
        finally:
            self._running.pop()
            self._gather()

    def twice_at_once(self) -> None:
        """What runs is asked for once more, elsewhere, and done before it goes on."""
        with suppress(*FAILURES, Problem):
            self._running[-1]()


def _canonical(document: Mapping[str, Any]) -> bytes:
    return canonical(dict(document))


def is_made_good(delivery: Delivery) -> bool:
    """Nobody but the student makes it good when it is never heard that a payout account is ready."""
    message, event = delivery.payload.get("message"), delivery.payload.get("event")
    of_account = (message and message.destination) or (event and event["type"] == EventType.PAYEE_UPDATED)
    return delivery.task in MADE_GOOD and not of_account

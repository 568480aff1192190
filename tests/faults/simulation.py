"""Anything may happen, in any order, to several briefs at once: and no money is lost, made, forgotten or sent twice.

People do what comes to their mind, calls fail, deliveries come twice, late, in any order or not at all, executions die,
the clock jumps, and the provider behaves in every way that it can. A small model follows each brief; after each step
the books must be right, and once nothing fails any more everything must come to its end.
"""

import itertools
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from microintern.domain import pay_floors
from microintern.domain.ledger import Book
from microintern.domain.pay_floors import PayFloor
from microintern.domain.payments import Operation
from microintern.domain.problems import Problem
from microintern.domain.standing import StandingState
from microintern.domain.states import Role
from microintern.domain.trail import BRIEF
from tests.faults.calls import Lost, Moment
from tests.faults.model import Broken, Expected, check, due_of, live
from tests.faults.people import EMPLOYER, MEDIA, RIVAL, STUDENT, People
from tests.faults.picture import broken_trail, wrongs
from tests.faults.plant import Delivery, Plant, is_made_good
from tests.faults.sides import every
from tests.unit.builders import NOW, POLICY, timeline

Say = Callable[[str], None]

STEPS_PER_RUN = 60
_MOST_AT_ONCE = 3_000
_BATCHES_APART = 1_000_003
_MOST_BRIEFS = 4
_LONGEST_END_DAYS = 200

PLACES = {"USD": "US-NY-NYC", "EUR": "DE", "JPY": "JP", "KWD": "KW"}
_LEAST_MINOR = {"USD": 20_400, "EUR": 17_520, "JPY": 14_400, "KWD": 24_000}
_UNKNOWN_PLACES = {"JP": ("JPY", 1_200), "KW": ("KWD", 2_000)}
_NEVER = frozenset({901, 905, 906})
"""Endings of amounts for which the sandbox fails for ever, or lies: those are for a person."""

METHODS = ("card", "declined", "late", "twice", "silent")
ACCOUNTS = ("account", "other", "pending", "blocked", "declined", "late", "twice", "silent")
JUMPS_S = (1, 60, 130, 3_700, 90_000)
STUDENTS = (STUDENT, RIVAL)

Command = Callable[[People], object]


def _submit(student: str) -> Command:
    def do(people: People) -> None:
        for name in MEDIA:
            people.upload(name, student)
        for delivery in [waiting for waiting in people.plant.pending if waiting.task in ("receive", "judge")]:
            people.plant.deliver(delivery)
        people.submit(student)

    return do


COMMANDS: dict[str, Command] = {
    "cancel": lambda people: people.cancel(),
    "apply": lambda people: people.apply(),
    "the rival applies": lambda people: people.apply(RIVAL),
    "withdraw": lambda people: people.withdraw_application(),
    "award": lambda people: people.award(),
    "award the rival": lambda people: people.award(RIVAL),
    "give back": lambda people: people.give_back(),
    "the rival gives back": lambda people: people.give_back(RIVAL),
    "submit": _submit(STUDENT),
    "the rival submits": _submit(RIVAL),
    "approve": lambda people: people.approve(),
    "request changes": lambda people: people.request_changes(),
    "dispute": lambda people: people.dispute(),
    "the student disputes": lambda people: people.dispute(Role.STUDENT, STUDENT),
    "the student answers": lambda people: people.answer_dispute(),
    "the employer answers": lambda people: people.answer_dispute(Role.EMPLOYER, EMPLOYER),
    "reopen": lambda people: people.reopen(),
    "stop the execution": lambda people: people.plant.stop_executions(),
}
"""What people, or an operator at the console, may do to a brief without saying more."""


def _be_picked(people: People) -> None:
    with suppress(Problem):
        people.apply()
    people.award()


_MORE: dict[str, Command] = {
    "be picked": _be_picked,
    "fund": lambda people: people.fund(),
    "resolve": lambda people: people.resolve(0, 1, 0),
}

ONWARD: dict[str, tuple[str, ...]] = {
    "posted": ("fund",),
    "open": ("be picked", "be picked", "apply"),
    "awarded": ("submit",),
    "submitted": ("approve", "request changes", "dispute"),
    "changes_requested": ("submit", "the student disputes"),
    "disputed": ("the student answers", "resolve", "reopen"),
}
"""What takes a brief on, so that many briefs get far."""


def _settle(people: People) -> None:
    payload = {"brief_id": people.plant.brief_id}
    people.plant.handles(Delivery(task="settle", payload=payload, due_at=people.plant.clock.now()))


def _cancel_and_settle(people: People) -> None:
    people.cancel()
    _settle(people)


INTERRUPTIONS: dict[str, Command] = {
    "the settlement runs": _settle,
    "it is cancelled and settled": _cancel_and_settle,
    "the sweeper runs": lambda people: people.plant.handles(
        Delivery(task="sweep", payload={}, due_at=people.plant.clock.now())
    ),
    "the same once more": lambda people: people.plant.twice_at_once(),
    **{name: COMMANDS[name] for name in ("cancel", "withdraw", "award", "give back", "approve", "dispute")},
}
"""What may happen elsewhere between two calls of one function."""

Fault = tuple[int, Moment | str] | None
"""After how many calls one fails, or is preceded by something that happens elsewhere."""

_calls = st.integers(0, 7) | st.integers(0, 40)
faults = (
    st.none()
    | st.tuples(_calls, st.sampled_from(list(Moment)))
    | st.tuples(_calls, st.sampled_from(sorted(INTERRUPTIONS)))
)
whose = st.integers(0, _MOST_BRIEFS - 1)


class Simulation(RuleBasedStateMachine):
    """One run."""

    finished = 0
    """Steps of all runs in this process since somebody counts."""

    def __init__(self, payable: bool = True) -> None:
        super().__init__()
        self.floors = patch.object(pay_floors, "all_floors", _with_more_floors(pay_floors.all_floors()))
        self.floors.start()
        self.plant = Plant(NOW, POLICY)
        self.plant.watch = self._see
        self.people = People(self.plant)
        self.model: dict[str, Expected] = {}
        self.accounts: dict[str, tuple[str, datetime]] = {}
        """Where each student is paid, and from when on."""
        self.sent: set[str] = set()
        for student in STUDENTS if payable else ():
            self.people.be_payable(student)
            self._note_account(student)

    @initialize(currencies=st.lists(st.sampled_from(sorted(PLACES)), min_size=1, max_size=3))
    def begin(self, currencies: list[str]) -> None:
        for currency in currencies:
            self.post(currency, 0, None)
            self.people.fund()

    # what people do

    @precondition(lambda self: len(self.model) < _MOST_BRIEFS)
    @rule(currency=st.sampled_from(sorted(PLACES)), more_minor=st.integers(0, 5_000), fault=faults)
    def post(self, currency: str, more_minor: int, fault: Fault) -> None:
        pay_minor = _payable(_LEAST_MINOR[currency] + more_minor)
        now = self.plant.clock.now()
        dates = timeline(now + timedelta(days=13), now + timedelta(days=34))
        pay = {"amount_minor": pay_minor, "currency": currency}
        with self._failing(fault):
            self.people.post(pay=pay, place_of_work=PLACES[currency], timeline=dates)

    @precondition(lambda self: self.model)
    @rule(number=whose, method=st.sampled_from(METHODS), fault=faults)
    def fund(self, number: int, method: str, fault: Fault) -> None:
        self._act(number, lambda people: people.fund(f"sandbox-{method}"), fault)

    @precondition(lambda self: self.model)
    @rule(number=whose, name=st.sampled_from(sorted(COMMANDS)), fault=faults)
    def act(self, number: int, name: str, fault: Fault) -> None:
        self._act(number, COMMANDS[name], fault)

    @precondition(lambda self: self.model)
    @rule(number=whose, student=st.integers(0, 4), employer=st.integers(0, 4), fee=st.integers(0, 1), fault=faults)
    def resolve(self, number: int, student: int, employer: int, fee: int, fault: Fault) -> None:
        expected = self.model[self._chosen(number)]
        if student + employer + fee and _is_harmless(expected, (student, employer, fee)):
            self._act(number, lambda people: people.resolve(student, employer, fee), fault)

    @precondition(lambda self: self.model)
    @rule(number=whose, choices=st.lists(st.integers(0, 5), min_size=1, max_size=6), fault=faults)
    def go_on(self, number: int, choices: list[int], fault: Fault) -> None:
        """What is natural next, again and again, when everything before has been carried out."""
        for place, choice in enumerate(choices):
            with self._failing(None if place else fault):
                self.plant.settle_down()
            names = ONWARD.get(self.model[self._chosen(number)].state, ("approve",))
            self._act(number, (COMMANDS | _MORE)[names[choice % len(names)]], None)

    @precondition(lambda self: self.model)
    @rule(number=whose, method=st.sampled_from(METHODS), choices=st.lists(st.integers(0, 5), min_size=4, max_size=8))
    def get_far(self, number: int, method: str, choices: list[int]) -> None:
        """The same without a failure, from the money on."""
        self.fund(number, method, None)
        self.plant.pass_time(hours=1, minutes=5)
        self.go_on(number, choices, None)

    @rule(student=st.sampled_from(STUDENTS), account=st.sampled_from(ACCOUNTS), number=st.integers(0, 2), fault=faults)
    def change_account(self, student: str, account: str, number: int, fault: Fault) -> None:
        with self._failing(fault):
            self.people.be_payable(student, f"sandbox-{account}-{number}")
        self._note_account(student)

    @rule()
    def redrive(self) -> None:
        with self._failing(None):
            self.people.redrive()

    # what AWS and the provider do

    @precondition(lambda self: self.plant.due())
    @rule(number=st.integers(0, 30), times=st.integers(1, 2), fault=faults)
    def deliver(self, number: int, times: int, fault: Fault) -> None:
        """Any of what is due comes now, perhaps twice."""
        due = self.plant.due()
        delivery = due[number % len(due)]
        with self._failing(fault):
            if times > 1:
                self.plant.deliver(delivery, again=True)
            self.plant.deliver(delivery)

    @precondition(lambda self: self._losable())
    @rule(number=st.integers(0, 30))
    def lose(self, number: int) -> None:
        """One of what the sweeper makes good does not come at all."""
        losable = self._losable()
        self.plant.pending.remove(losable[number % len(losable)])

    @rule(fault=faults)
    def run(self, fault: Fault) -> None:
        with self._failing(fault):
            self.plant.run()

    @rule(jump_s=st.sampled_from(JUMPS_S))
    def jump(self, jump_s: int) -> None:
        """The time passes, and nothing of what became due has come yet."""
        self.plant.clock.forward(seconds=jump_s)

    @precondition(lambda self: self.plant.side.schedules())
    @rule(late_s=st.sampled_from((-1, 0, 1)), rarely=st.integers(0, 3))
    def jump_to_deadline(self, late_s: int, rarely: int) -> None:
        """To just before or after the next deadline, where people and the clock race."""
        if rarely < 3 or not self.plant.side.schedules():
            return
        at = min(lapse_at for _, lapse_at in self.plant.side.schedules()) + timedelta(seconds=late_s)
        self.plant.clock.at = max(self.plant.clock.at, at)

    @rule(jump_s=st.sampled_from(JUMPS_S), fault=faults)
    def live_on(self, jump_s: int, fault: Fault) -> None:
        """The time passes, and everything happens when it is due."""
        with self._failing(fault):
            self.plant.pass_time(seconds=jump_s)

    @rule(fault=faults)
    def sweep(self, fault: Fault) -> None:
        with self._failing(fault):
            self.plant.sweep()

    @rule(fault=faults)
    def reconcile(self, fault: Fault) -> None:
        with self._failing(fault):
            self.plant.send("reconcile", since=self.plant.clock.now() - timedelta(days=3))

    # what must hold

    @invariant()
    def books_are_right(self) -> None:
        Simulation.finished += 1
        found = wrongs(self.plant)
        check(not found, "; ".join(found))
        balances: Counter[str] = Counter()
        for brief_id, expected in self.model.items():
            ledger = self.plant.side.plain.ledger
            book = Book(ledger.transfers(brief_id))
            balances[expected.currency] += sum(book.balances.values())
            low = [account for account, minor in ledger.balances(brief_id).items() if minor < 0]
            check(not low, f"{brief_id}: {low} below zero")
            foreign = {transfer.currency for transfer in book.transfers} - {expected.currency}
            check(not foreign, f"{brief_id}: {foreign} in a brief of {expected.currency}")
        check(not any(balances.values()), f"debits and credits differ: {balances}")

    @invariant()
    def nobody_is_paid_twice(self) -> None:
        operations = self._operations()
        for brief_id, expected in self.model.items():
            collected = [o for o in live(operations, "collect", brief_id) if o.status == "settled"]
            check(len(live(operations, "collect", brief_id)) <= 1, f"{brief_id} was collected twice")
            student, employer, _ = due_of(expected, bool(collected))
            for kind, amount_minor in (("pay_out", student), ("refund", employer)):
                sent = [o.amount_minor for o in live(operations, kind, brief_id)]
                check(sent in ([], [amount_minor]), f"{brief_id}: {kind} of {sent}, due is {amount_minor}")

    @invariant()
    def pay_goes_where_the_student_said_in_time(self) -> None:
        """A destination that was changed is used only after it has stood for a while."""
        for asked in self.plant.side.operations():
            if asked.kind != "pay_out" or asked.key in self.sent:
                continue
            self.sent.add(asked.key)
            snapshot = self.plant.side.plain.briefs.read(asked.key.partition("#")[0])
            destination, usable_at = self.accounts[snapshot.brief.student_id or "" if snapshot else ""]
            check(asked.party == destination, f"{asked.key}: sent to {asked.party} instead of {destination}")
            check(asked.asked_at >= usable_at, f"{asked.key}: sent before {usable_at}")

    def teardown(self) -> None:
        """Nothing fails any more, and time runs on."""
        try:
            if sys.exc_info()[0] is None:
                self.come_to_the_end()
        finally:
            self.floors.stop()

    def come_to_the_end(self) -> None:
        """Everything that is under way ends, and ended well."""
        plant = self.plant
        plant.faults.planned.clear()
        plant.faults.meanwhile.clear()
        for number, student in enumerate(STUDENTS):
            if plant.side.plain.standings.read(student).state is not StandingState.ERASED:
                self.people.be_payable(student, f"sandbox-last-{number}")
                self._note_account(student)
        end_at = plant.clock.now() + timedelta(days=_LONGEST_END_DAYS)
        while plant.clock.now() < end_at and not self._has_ended():
            plant.pass_time(days=3)
            plant.reconcile()
        self.people.redrive()
        plant.check_trails(days=_LONGEST_END_DAYS)
        plant.settle_down()
        self.books_are_right()
        self.nobody_is_paid_twice()
        for brief_id, expected in self.model.items():
            self._check_ended(brief_id, expected)
        self._check_sums()
        audit = plant.side.plain.audit
        odd = every(lambda after: audit.entries(needs_person=True, limit=100, after=after))
        check(not odd, f"a person is asked to look at {[(e.finding, e.subject, e.reason) for e in odd]}")
        left: dict[str, Any] = {"held": plant.side.plain.ledger.holds(10).items, "dead": plant.dead}
        left |= {"pending": plant.pending, "deadlines": plant.side.schedules()}
        left |= {"executions": [e for e in plant.machine.executions.values() if e.status == "RUNNING"]}
        check(not any(left.values()), f"left over: {left}")

    def _check_ended(self, brief_id: str, expected: Expected) -> None:
        snapshot = self.plant.side.plain.briefs.read(brief_id)
        check(snapshot and snapshot.brief.settled_at, f"{brief_id} never came to its end; it is {expected.state}")
        assert snapshot is not None
        check(expected.version == snapshot.brief.version, f"{brief_id}: the stream left versions out")
        kept = self.plant.side.plain.ledger.balances(brief_id)
        check(not any(kept.values()), f"{brief_id}: {kept} is left")
        entries = self.plant.side.plain.trail.entries(brief_id)
        told = {entry.version for entry in entries if entry.subject == BRIEF}
        check(not (broken := broken_trail(brief_id, self.plant)), str(broken))
        check(told == set(range(1, expected.version + 1)), f"{brief_id}: the timeline has {sorted(told)} only")
        operations, sent = self._operations(), {}
        collected = live(operations, "collect", brief_id)
        for kind in ("pay_out", "refund"):
            sent[kind] = sum(o.amount_minor for o in live(operations, kind, brief_id))
        student, employer, fee = due_of(expected, bool(collected))
        said = snapshot.brief.event.facts
        check(
            said == {"student_minor": student, "employer_minor": employer, "fee_minor": fee},
            f"{brief_id}: told of {said}, due is {(student, employer, fee)}",
        )
        check(sent == {"pay_out": student, "refund": employer}, f"{brief_id}: {sent}, due is {(student, employer)}")

    def _check_sums(self) -> None:
        """What the provider took, it sent on, but for the fees; in each currency."""
        sums: Counter[str] = Counter()
        for operation in self._operations():
            if operation.status == "settled":
                sums[operation.currency] += operation.amount_minor * (1 if operation.kind == "collect" else -1)
        for brief_id, expected in self.model.items():
            collected = live(self._operations(), "collect", brief_id)
            sums[expected.currency] -= due_of(expected, bool(collected))[2]
        check(not any(sums.values()), f"the provider has more or less than the fees: {sums}")

    # means

    def _act(self, number: int, command: Command, fault: Fault) -> None:
        self.plant.brief_id = self._chosen(number)
        with self._failing(fault):
            command(self.people)

    @contextmanager
    def _failing(self, fault: Fault) -> Iterator[None]:
        """A call may fail meanwhile. People give up when they are refused, or when it fails too often."""
        if fault and isinstance(fault[1], Moment):
            self.plant.faults.arm(fault[0], fault[1])
        elif fault:
            self.plant.faults.interrupt(fault[0], partial(self.meanwhile, fault[1]))
        with suppress(Problem, Lost):
            yield

    def meanwhile(self, name: str) -> None:
        """Something happens elsewhere."""
        if self.plant.brief_id in self.model:
            with suppress(Problem, Lost):
                INTERRUPTIONS[name](self.people)

    def _note_account(self, student: str) -> None:
        account = self.plant.side.plain.accounts.payout_account(student)
        assert account is not None
        known, now = self.accounts.get(student), self.plant.clock.now()
        if known is None or known[0] != account.destination:
            cooling_s = POLICY.payout_cooling_off_s if known else 0
            self.accounts[student] = (account.destination, now + timedelta(seconds=cooling_s))

    def _chosen(self, number: int) -> str:
        return list(self.model)[number % len(self.model)]

    def _losable(self) -> list[Delivery]:
        return [delivery for delivery in self.plant.pending if is_made_good(delivery)]

    def _operations(self) -> list[Operation]:
        return [asked.at(self.plant.clock.now()) for asked in self.plant.side.operations()]

    def _has_ended(self) -> bool:
        waits = self.plant.pending or self.plant.side.schedules()
        running = [e for e in self.plant.machine.executions.values() if e.status == "RUNNING"]
        return not (waits or running) and all(expected.settled for expected in self.model.values())

    def _see(self, brief_id: str, record: object) -> None:
        """The stream shows each version of a brief, in order."""
        before, after = getattr(record, "before", None), getattr(record, "after", None)
        if after is None or (before and before.version == after.version):
            return
        if before is None:
            pay = {"pay_minor": after.pay_minor, "fee_minor": after.fee_minor, "currency": after.currency}
            self.model[brief_id] = Expected(**pay)
            return
        collected = live(self._operations(), "collect", brief_id)
        self.model[brief_id].see(before, after, any(o.status == "settled" for o in collected))


def _with_more_floors(known: tuple[PayFloor, ...]) -> Callable[[], tuple[PayFloor, ...]]:
    """Two more places, so that currencies without minor units and with three decimal places are there."""
    more = [
        PayFloor(
            jurisdiction=place,
            place=place,
            rate_minor=rate_minor,
            currency=currency,
            effective_from=date(2020, 1, 1),
            effective_to=None,
            applies_to="everybody",
            source="made up for these tests",
            checked_on=datetime.now(UTC).date(),
        )
        for place, (currency, rate_minor) in _UNKNOWN_PLACES.items()
    ]
    return lambda: (*known, *more)


def _payable(pay_minor: int) -> int:
    """The amount or the next above it, of which no part meets the sandbox's bad endings."""
    while True:
        fee, kill = (pay_minor * 1_000 + 5_000) // 10_000, (pay_minor * 25 + 50) // 100
        if not {part % 1_000 for part in (pay_minor, pay_minor + fee, kill, pay_minor + fee - kill)} & _NEVER:
            return pay_minor
        pay_minor += 1


def _is_harmless(expected: Expected, shares: tuple[int, int, int]) -> bool:
    parts = {expected.escrow_minor * share // sum(shares) + more for share in shares for more in (0, 1)}
    return not {part % 1_000 for part in parts} & _NEVER


def simulate(chosen_seed: int, steps: int, say: Say) -> int:
    """Run so many steps; how many they were. What fails is made small, and raised with the seed that repeats it."""
    Simulation.finished = 0
    for batch in itertools.count():
        batch_seed = chosen_seed + batch * _BATCHES_APART
        left = steps - Simulation.finished
        try:
            _run(batch_seed, max(1, min(left, _MOST_AT_ONCE) // STEPS_PER_RUN))
        except BaseException as error:
            error.add_note(f"simulate({batch_seed}, {min(left, _MOST_AT_ONCE)}) repeats it")
            raise
        say(f"simulation: {Simulation.finished} steps of {steps}, seed {batch_seed}")
        if Simulation.finished >= steps:
            return Simulation.finished
    raise AssertionError


def _run(batch_seed: int, runs: int) -> None:
    how = settings(
        max_examples=runs,
        stateful_step_count=STEPS_PER_RUN,
        deadline=None,
        database=None,
        print_blob=True,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    # A seed stays with a class.
    run_state_machine_as_test(seed(batch_seed)(type("Simulation", (Simulation,), {})), settings=how)


__all__ = ["Broken", "Simulation", "simulate"]

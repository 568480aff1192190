"""Two or more at once, for hundreds of rounds: one wins, the others are told, and the money moves once.

A brief is led through its life, and at each turn somebody races somebody else for it: a round costs a few requests,
and what one race leaves behind is what the next one starts from. How it all ended is looked at when all is over.
"""

import itertools
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from infra.local.caller import Caller, Refused, announcement, posting, send
from microintern.adapters.briefs import CONTROL
from microintern.domain.documents import ScanStatus, StoredFile
from tests.e2e.people import ONE_DELIVERABLE, TEXT, People
from tests.faults.deployed import Deployed
from tests.faults.endings import wrong_endings

ABREAST = 3
"""How many briefs are raced at the same time: enough to keep two cores busy."""
SAME_KEY = 16
APART_S = 0.02
"""Rivals start within this time of each other, by chance, so that all interleavings come up."""

Call = Callable[[], Any]
Say = Callable[[str], None]


@dataclass
class Round:
    """One race: what it was about, and what went wrong."""

    race: str
    wrong: list[str] = field(default_factory=list)
    overtaken: bool = False
    """A deadline was quicker than everybody: right in itself, but it counts for nothing."""
    met: bool = False
    """Somebody lost at the write itself, and not because they read what the winner had written."""


class Life:
    """One brief that is raced from its posting to its end. A step is False when the brief has ended by it."""

    def __init__(self, number: int, seed: int, people: People, deployed: Deployed, students: list[Caller]) -> None:
        self.number = number
        self.dice = random.Random(f"{seed} {number}")
        self.people, self.deployed, self.students = people, deployed, students
        self.student = students[0]
        self.brief_id = ""
        self.submissions = 0
        self.rounds: list[Round] = []

    @property
    def deadline_s(self) -> float:
        """When its present deadline takes effect."""
        return datetime.fromisoformat(self.item["lapse_at"]).timestamp()

    @property
    def item(self) -> dict[str, Any]:
        """The brief's own item, as it is now."""
        return self.deployed.item(self.brief_id)

    def at_once(self, *calls: Call) -> list[Any]:
        """Make the calls together; each one's answer, or what it raised."""
        barrier = threading.Barrier(len(calls))
        pauses_s = [self.dice.uniform(0, APART_S) for _ in calls]

        def run(call: Call, pause_s: float) -> Any:
            barrier.wait(30)
            time.sleep(pause_s)
            try:
                return call()
            except Exception as error:  # whatever it is, the round is judged by it
                return error

        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(run, calls, pauses_s))

    def judged(self, race: str, *calls: Call, later: tuple[str, ...] = (), beaten_by: str = "") -> Any:
        """Race: one wins, and the others are refused with how things are then, or `later`. The winner's answer.

        All of them may be `beaten_by` the server, which took the brief to this state.
        """
        deadline_s = self.deadline_s
        answers = self.at_once(*calls)
        won = [answer for answer in answers if not isinstance(answer, Exception)]
        lost = [answer for answer in answers if isinstance(answer, Exception)]
        outcome = Round(race, met=any(_code(answer) == "changed_meanwhile" for answer in lost))
        self.rounds.append(outcome)
        if not won and time.time() >= deadline_s and all(_code(answer) in _TOO_LATE for answer in lost):
            outcome.overtaken = True
            return None
        if not won and beaten_by and all(_state(answer) == beaten_by for answer in lost):
            outcome.overtaken = True
            return None
        states = {answer["state"] for answer in won} | {*later, beaten_by}
        if len(won) != 1:
            outcome.wrong.append(f"{len(won)} have won: {_told(answers)}")
        if any(_state(answer) not in states for answer in lost):
            outcome.wrong.append(f"not all were told who has won: {_told(answers)}")
        return won[0] if won else None

    def command(self, who: Caller, part: str, body: Any = None) -> Call:
        """A command on the brief, to be sent later, each time under a key of its own."""
        return lambda: who.post(f"/briefs/{self.brief_id}/{part}", body)

    def approval(self, key: str | None = None) -> Call:
        """Approve the newest submission, later."""
        return partial(self.people.approve, self.brief_id, key, self.submissions)

    # What happens between the races

    def post(self) -> bool:
        self.brief_id = self.people.posted()
        return True

    def fund(self) -> bool:
        """Have the money collected, unless the funding window is quicker, which is short here."""
        if not self.in_time(partial(self.people.fund, self.brief_id)):
            return False
        return self.deployed.wait_for(self.brief_id, CONTROL, "state", "open", "expired") == "open"

    def work(self) -> Call:
        """Upload the work; handing it in comes later."""
        announced = self.student.post(f"/briefs/{self.brief_id}/files", announcement(TEXT, "deliverable"))
        send(announced, TEXT)
        file_id = announced["file"]["file_id"]
        self.deployed.wait_for(self.brief_id, StoredFile.key_of(file_id), "scan", ScanStatus.CLEAN)
        return self.command(self.student, "submissions", {"files": [{"deliverable": "answer", "file_id": file_id}]})

    def hand_in(self) -> bool:
        """Upload and hand in, unless the revision window is quicker."""
        submitted = self.in_time(self.work())
        self.submissions += submitted
        return submitted

    def in_time(self, call: Call) -> bool:
        """Make the call; False when a deadline was quicker."""
        try:
            call()
        except Refused as refused:
            if _code(refused) not in _TOO_LATE:
                raise
            return False
        return True

    def after(self, most_s: float, call: Call) -> Call:
        """The call with a handicap, so that it does not win every time."""
        pause_s = self.dice.uniform(0, most_s)

        def later() -> Any:
            time.sleep(pause_s)
            return call()

        return later

    # The races

    def one_posting(self) -> bool:
        """Many clients post under one key: one brief."""
        post = partial(self.people.employer.post, "/briefs", posting(deliverables=ONE_DELIVERABLE), str(uuid.uuid4()))
        answers = self.at_once(*[post] * SAME_KEY)
        self.rounds.append(Round("one key to post", _differences(answers)))
        self.brief_id = next((answer["brief_id"] for answer in answers if isinstance(answer, dict)), "")
        return bool(self.brief_id)

    def one_approval(self) -> bool:
        """Many clients approve under one key: one approval."""
        deadline_s = self.deadline_s
        answers = self.at_once(*[self.approval(str(uuid.uuid4()))] * SAME_KEY)
        late = time.time() >= deadline_s and all(_code(answer) in _TOO_LATE for answer in answers)
        self.rounds.append(Round("one key to approve", [] if late else _differences(answers), overtaken=late))
        return True

    def cancel_twice(self) -> bool:
        """The employer cancels twice, while the money is being collected: it goes back, or is never taken."""
        if not self.in_time(partial(self.people.fund, self.brief_id)):
            return False
        time.sleep(self.dice.uniform(0, 0.15))
        cancel = self.command(self.people.employer, "cancellation")
        # Who was beaten by the money is told that it has opened, also when the other one then cancels that.
        self.judged("cancel x cancel x funding", cancel, cancel, beaten_by="open")
        if self.rounds[-1].overtaken:
            cancel()
        return True

    def award_two(self) -> bool:
        """The employer picks two at the same time; the student is then the one who was picked."""
        ids = [self.people.applied(self.brief_id, student) for student in self.students]
        picks = [self.command(self.people.employer, "award", {"application_id": each}) for each in ids]
        self.judged("award x award", *picks)
        self.student = self.students[ids.index(self.item["application_id"])]
        return True

    def cancel_or_submit(self) -> bool:
        """The employer cancels while the student hands in, which takes a little longer."""
        submit, cancel = self.work(), self.command(self.people.employer, "cancellation")
        won = self.judged("cancel x submit", self.after(0.02, cancel), submit)
        submitted = won is not None and won["state"] == "submitted"
        self.submissions += submitted
        return submitted

    def approve_thrice(self) -> bool:
        """The employer approves under three keys."""
        self.judged("approve x approve", *[self.approval()] * 3, later=("paid",))
        return True

    def approve_or_ask(self) -> bool:
        """The employer approves and asks for changes; True when there are changes to make."""
        points = [{"criterion": "writing", "request": "Why?"}]
        asked = {"submission_number": self.submissions, "points": points, "feedback": "Almost."}
        ask = self.command(self.people.employer, "change-requests", asked)
        won = self.judged("approve x ask for changes", self.after(0.01, self.approval()), ask, later=("paid",))
        return won is not None and won["state"] == "changes_requested"

    def approve_or_lapse(self) -> bool:
        """The employer approves as the review window ends; its schedule is joined by two more calls of the function.

        What is decided just before the deadline is written just after it: so the request must arrive at the deadline.
        """
        event, deadline_s = {"brief_id": self.brief_id, "lapse_at": self.item["lapse_at"]}, self.deadline_s
        time.sleep(max(0.0, deadline_s - 1 - time.time()))
        asked_s = time.time()
        self.people.employer.state(self.brief_id)
        early_s = self.dice.uniform(0.2, 1.2) * (time.time() - asked_s)

        def lapse() -> Any:
            time.sleep(max(0.0, deadline_s - 0.004 - time.time()))
            return self.deployed.call("lapse", event)

        def approve() -> Any:
            time.sleep(max(0.0, deadline_s - early_s - time.time()))
            return self.approval()()

        self.judge_lapse(*self.at_once(approve, lapse, lapse))
        return True

    def judge_lapse(self, approval: Any, *lapses: Any) -> None:
        """Silence has approved or the employer has, never both."""
        outcome = self.deployed.wait_for(self.brief_id, CONTROL, "outcome", "approved", "approved_by_silence")
        told = _told([approval, *lapses])
        done = Round("approve x lapse", met=_code(approval) == "changed_meanwhile")
        self.rounds.append(done)
        if (outcome == "approved") != isinstance(approval, dict) or not (outcome == "approved" or _state(approval)):
            done.wrong.append(f"it is {outcome}, and the employer was told otherwise: {told}")
        strange = [a for a in lapses if "lapsed" not in a and "has not come" not in a.get("failed", "")]
        if strange or sum(answer.get("lapsed", False) for answer in lapses) > (outcome != "approved"):
            done.wrong.append(f"it is {outcome}, and the deadline came to something else: {told}")

    def settle(self) -> None:
        """The workflow has the money moved, as do two callers, the provider's word, and at times the sweeper."""
        settlement = partial(self.deployed.call, "settlement", {"brief_id": self.brief_id})
        others: list[Call] = [partial(self.deployed.hint, f"{self.brief_id}#fund")] * bool(self.submissions)
        others += [partial(self.deployed.call, "sweep", {})] * (self.dice.random() < 0.15)
        answers = self.at_once(*[settlement] * 2, *others)
        outcome = Round("settle x settle")
        self.rounds.append(outcome)
        said = [answer.get("outcome") if isinstance(answer, dict) else None for answer in answers[:2]]
        if said.count("settled") > 1 or not set(said) <= {"settled", "waiting", "nothing_to_do"}:
            outcome.wrong.append(f"settling at once came to {answers[:2]}")
        if any(answer != 202 and not (isinstance(answer, dict) and "overdue" in answer) for answer in answers[2:]):
            outcome.wrong.append(f"the webhook and the sweeper came to {answers[2:]}")


LIVES: list[list[Callable[[Life], bool]]] = [
    [Life.one_posting, Life.fund, Life.award_two, Life.cancel_or_submit, Life.approve_thrice],
    [Life.post, Life.fund, Life.award_two, Life.hand_in, Life.approve_or_ask, Life.hand_in, Life.one_approval],
    [
        Life.post,
        Life.fund,
        Life.award_two,
        Life.cancel_or_submit,
        Life.approve_or_ask,
        Life.hand_in,
        Life.approve_thrice,
    ],
    [Life.post, Life.fund, Life.award_two, Life.hand_in, Life.approve_or_lapse],
    [Life.post, Life.cancel_twice],
]
"""The lives that a brief can have; whenever one ends, it is settled."""


def race(people: People, rounds: int, seed: int, say: Say) -> tuple[int, int]:
    """Race for so many rounds or a few more; how many there were, and how many went wrong."""
    deployed = Deployed(people.stack)
    lives: list[Life] = []
    numbers, lock = itertools.count(), threading.Lock()

    def run(students: list[Caller]) -> None:
        while sum(len(_counted(life)) for life in list(lives)) < rounds:
            with lock:
                life = Life(next(numbers), seed, people, deployed, students)
                lives.append(life)
            _live(life)

    pairs = [[people.payable_student(), people.payable_student()] for _ in range(ABREAST)]
    warm_up(people)
    with ThreadPoolExecutor(ABREAST) as pool:
        list(pool.map(run, pairs))
    endings = wrong_endings(people, deployed, [life.brief_id for life in lives if life.brief_id])
    for life in lives:
        life.rounds[-1].wrong += endings.get(life.brief_id, [])
    return _report(lives, seed, say)


def warm_up(people: People) -> None:
    """Have a function started as often as it will be called at once, by degrees: here that takes a second each."""

    def ask(_: int) -> None:
        with suppress(Refused):
            people.employer.post("/briefs/nothing-of-this-name/cancellation")

    for number in (2, 4, 8, SAME_KEY):
        with ThreadPoolExecutor(number) as pool:
            list(pool.map(ask, range(number)))


def _live(life: Life) -> None:
    try:
        for step in LIVES[life.number % len(LIVES)]:
            if not step(life):
                break
        if life.brief_id and "outcome" in life.item:
            life.settle()
    except Exception as error:  # the other lives go on
        life.rounds.append(Round("between the races", [f"{type(error).__name__}: {error}"]))


def _counted(life: Life) -> list[Round]:
    return [each for each in life.rounds if not each.overtaken]


def _report(lives: list[Life], seed: int, say: Say) -> tuple[int, int]:
    rounds = [(life, each) for life in lives for each in life.rounds if each.wrong or not each.overtaken]
    for name, number in sorted(Counter(each.race for _, each in rounds).items()):
        met = sum(each.met for _, each in rounds if each.race == name)
        say(f"  {name:28} {number:4} rounds" + (f", {met} met at the write" if met else ""))
    for life, each in rounds:
        for wrong in each.wrong:
            say(f"  WRONG: seed {seed}, life {life.number}, brief {life.brief_id}, {each.race}: {wrong}")
    number_wrong = sum(bool(each.wrong) for _, each in rounds)
    say(f"races: {len(rounds)} rounds, {number_wrong} wrong, seed {seed}")
    return len(rounds), number_wrong


_TOO_LATE = ("deadline_passed", "wrong_state")


def _code(answer: Any) -> str | None:
    return answer.problem.get("code") if isinstance(answer, Refused) and answer.status == 409 else None


def _state(answer: Any) -> str | None:
    """The state that a conflict tells of; None for any other failure."""
    return answer.problem.get("state") if isinstance(answer, Refused) and answer.status == 409 else None


def _differences(answers: list[Any]) -> list[str]:
    same = all(isinstance(answer, dict) and answer == answers[0] for answer in answers)
    return [] if same else [f"one key, and different answers: {_told(answers)}"]


def _told(answers: list[Any]) -> list[str]:
    kinds = [f"{type(answer).__name__}: " if isinstance(answer, Exception) else "" for answer in answers]
    return [f"{kind}{answer}" for kind, answer in zip(kinds, answers, strict=True)]

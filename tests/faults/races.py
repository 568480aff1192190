"""Two or more at once, for hundreds of rounds: one wins, the others are told, and the money moves once.

A brief is led through its life, and at each turn somebody races somebody else for it: so that a round costs a few
requests, and what one race leaves behind is what the next one starts from. How the money went is looked at when all
is over, for every brief.
"""

import itertools
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from infra.local.caller import Caller, Refused, posting
from infra.local.inspection import control_item, lapse_at_s
from tests.e2e.people import ONE_DELIVERABLE, TEXT, People
from tests.faults.deployed import Deployed
from tests.faults.endings import wrong_endings

ABREAST = 4
"""How many briefs are raced at the same time: enough to keep two cores busy."""
SAME_KEY = 16
APART_S = 0.02
"""The rivals start within this time of each other, by chance, so that all interleavings come up."""

Call = Callable[[], Any]


@dataclass
class Round:
    """One race: what it was for, and what went wrong."""

    race: str
    wrong: list[str] = field(default_factory=list)
    overtaken: bool = False
    """A deadline was quicker than all of them: right in itself, but no race."""
    met: bool = False
    """Somebody lost at the write itself, and not because they read what the winner had written."""


class Life:
    """One brief that is raced from its posting to its end."""

    def __init__(self, number: int, seed: int, people: People, deployed: Deployed, students: list[Caller]) -> None:
        self.number = number
        self.dice = random.Random(f"{seed} {number}")
        self.people, self.deployed, self.students = people, deployed, students
        self.student = students[0]
        self.brief_id = ""
        self.submissions = 0
        self.rounds: list[Round] = []

    # What happens between the races

    def at_once(self, *calls: Call, apart_s: float = APART_S) -> list[Any]:
        """Make the calls together; each one's answer, or what it raised."""
        barrier = threading.Barrier(len(calls))
        pauses_s = [self.dice.uniform(0, apart_s) for _ in calls]

        def run(call: Call, pause_s: float) -> Any:
            barrier.wait(30)
            time.sleep(pause_s)
            try:
                return call()
            except Exception as error:  # whatever it is, the round must be judged by it
                return error

        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(run, calls, pauses_s))

    def command(self, who: Caller, part: str, body: Any = None, key: str | None = None) -> Call:
        """A command on the brief, to be sent later; each under a key of its own unless one is given."""
        return partial(who.post, f"/briefs/{self.brief_id}/{part}", body, key)

    def fund(self) -> bool:
        """Have the money collected; False when the funding window was quicker, which is short here."""
        self.people.fund(self.brief_id)
        return self.people.employer.wait_for(self.brief_id, "open", "expired") == "open"

    def open_up(self) -> bool:
        """Post and fund."""
        self.brief_id = self.people.posted()
        return self.fund()

    def work(self) -> Call:
        """Upload the work, to be handed in later."""
        file_id = self.student.upload(self.brief_id, TEXT, "deliverable")
        return self.command(self.student, "submissions", {"files": [{"deliverable": "answer", "file_id": file_id}]})

    def approval(self, key: str | None = None) -> Call:
        """Approve the newest submission, later."""
        return partial(self.people.approve, self.brief_id, key, self.submissions)

    # How a race is judged

    def deadline_s(self) -> float:
        """When the brief's present deadline takes effect."""
        return lapse_at_s(self.people.stack, self.brief_id)

    def judge(self, race: str, answers: list[Any], deadline_s: float, *, later: tuple[str, ...] = ()) -> Any:
        """One has won, the others were refused as things then stood; `later` can have followed. The winning answer."""
        won = [answer for answer in answers if not isinstance(answer, Exception)]
        lost = [answer for answer in answers if isinstance(answer, Exception)]
        outcome = Round(race, met=any(_code(answer) == "changed_meanwhile" for answer in lost))
        self.rounds.append(outcome)
        if not won and time.time() >= deadline_s and all(_is_conflict(answer) for answer in lost):
            outcome.overtaken = True
            return None
        states = {answer["state"] for answer in won} | set(later)
        if len(won) != 1:
            outcome.wrong.append(f"{len(won)} have won: {[_told(answer) for answer in answers]}")
        for answer in lost:
            if not (_is_conflict(answer) and answer.problem["state"] in states):
                outcome.wrong.append(f"{won} has won, and another was told {_told(answer)}")
        return won[0] if won else None

    # The races

    def one_posting(self) -> bool:
        """Sixteen clients post under one key: one brief."""
        post = partial(self.people.employer.post, "/briefs", posting(deliverables=ONE_DELIVERABLE), str(uuid.uuid4()))
        answers = self.at_once(*[post] * SAME_KEY)
        self.rounds.append(Round("one key, posting", _differences(answers)))
        self.brief_id = next((answer["brief_id"] for answer in answers if isinstance(answer, dict)), "")
        return bool(self.brief_id) and self.fund()

    def one_approval(self) -> bool:
        """Sixteen clients approve under one key: one approval."""
        deadline_s = self.deadline_s()
        answers = self.at_once(*[self.approval(str(uuid.uuid4()))] * SAME_KEY)
        overtaken = time.time() >= deadline_s and all(_is_conflict(answer) for answer in answers)
        self.rounds.append(Round("one key, approval", [] if overtaken else _differences(answers), overtaken))
        return True

    def cancel_or_open(self) -> bool:
        """The employer cancels while the money is being collected: it is held and goes back, or is never taken."""
        self.people.fund(self.brief_id)
        deadline_s = self.deadline_s()
        time.sleep(self.dice.uniform(0, 0.15))
        answers = self.at_once(*[self.command(self.people.employer, "cancellation")] * 2)
        self.judge("cancel × cancel, while funded", answers, deadline_s)
        return True

    def awards(self) -> bool:
        """The employer picks two at the same time; the student is then the one who was picked."""
        ids = [self.people.applied(self.brief_id, student) for student in self.students]
        picks = [self.command(self.people.employer, "award", {"application_id": each}) for each in ids]
        self.judge("award × award", self.at_once(*picks), self.deadline_s())
        picked = control_item(self.people.stack, self.brief_id)["application_id"]
        self.student = self.students[ids.index(picked)]
        return True

    def cancel_or_submit(self) -> bool:
        """The employer cancels while the student hands in; whether there is work to review then."""
        submit, cancel = self.work(), self.command(self.people.employer, "cancellation")
        won = self.judge("cancel × submit", self.at_once(cancel, submit), self.deadline_s())
        return self.handed_in(won)

    def hand_in(self) -> bool:
        """No race: the student hands in, if the revision window is still open."""
        try:
            return self.handed_in(self.work()())
        except Refused:
            return False

    def handed_in(self, answer: Any) -> bool:
        """Whether the answer says that the work was handed in."""
        submitted = answer is not None and answer["state"] == "submitted"
        self.submissions += submitted
        return submitted

    def approvals(self) -> bool:
        """The employer approves three times, under different keys."""
        deadline_s = self.deadline_s()
        self.judge("approve × approve", self.at_once(*[self.approval()] * 3), deadline_s, later=("paid",))
        return True

    def approve_or_ask(self) -> bool:
        """The employer approves and asks for changes; True when changes are to be made."""
        points = [{"criterion": "writing", "request": "Why?"}]
        asked = {"submission_number": self.submissions, "points": points, "feedback": "Almost."}
        ask, deadline_s = self.command(self.people.employer, "change-requests", asked), self.deadline_s()
        answers = self.at_once(self.approval(), ask)
        won = self.judge("approve × request changes", answers, deadline_s, later=("paid",))
        return won is not None and won["state"] == "changes_requested"

    def approve_or_lapse(self) -> bool:
        """The employer approves as the review window ends; its schedule is joined by two more calls of the function."""
        item = control_item(self.people.stack, self.brief_id)
        lapse = partial(self.deployed.call, "lapse", {"brief_id": self.brief_id, "lapse_at": item["lapse_at"]})
        # A request takes some time to arrive; what is decided just before the deadline is written just after it.
        early_s = self.dice.uniform(0, 0.1)
        time.sleep(max(0.0, self.deadline_s() - early_s - time.time()))
        late = partial(time.sleep, early_s)
        answers = self.at_once(self.approval(), *[lambda: (late(), lapse())[1]] * 2, apart_s=0.03)
        self.judge_lapse(answers)
        return True

    def judge_lapse(self, answers: list[Any]) -> None:
        """Silence has approved or the employer has, never both; a function that is called too early says so."""
        approval, *lapses = answers
        outcome = Round("approve × lapse", met=_code(approval) == "changed_meanwhile")
        self.rounds.append(outcome)
        self.people.employer.wait_until("it is approved", lambda: "outcome" in self.item())
        approved = self.item()["outcome"] == "approved"
        if approved != isinstance(approval, dict) or not (approved or _is_conflict(approval)):
            outcome.wrong.append(f"it is {self.item()['outcome']}, and the employer was told {_told(approval)}")
        took_effect = sum(isinstance(answer, dict) and answer.get("lapsed") is True for answer in lapses)
        strange = [a for a in lapses if not isinstance(a, dict) or "has not come" not in a.get("failed", "has not come")]
        if strange or took_effect > (not approved):
            outcome.wrong.append(f"it is {self.item()['outcome']}, and the deadline says {lapses}")

    def settle(self) -> bool:
        """The workflow has the money moved, and so do three callers, the provider's webhook, and at times the sweeper."""
        settlement = partial(self.deployed.call, "settlement", {"brief_id": self.brief_id})
        others = [partial(self.deployed.hint, f"{self.brief_id}#fund")] if self.submissions else []
        others += [partial(self.deployed.call, "sweep", {})] if self.dice.random() < 0.25 else []
        answers = self.at_once(*[settlement] * 3, *others)
        outcome = Round("settle × settle")
        self.rounds.append(outcome)
        said = [answer.get("outcome", answer) if isinstance(answer, dict) else answer for answer in answers[:3]]
        if said.count("settled") > 1 or any(each not in ("settled", "waiting", "nothing_to_do") for each in said):
            outcome.wrong.append(f"settling at once came to {said}")
        if failed := [answer for answer in answers[3:] if not (answer == 202 or "overdue" in answer)]:
            outcome.wrong.append(f"webhook and sweeper said {failed}")
        return False

    def item(self) -> dict[str, Any]:
        """The brief's own item."""
        return control_item(self.people.stack, self.brief_id)


Step = Callable[[Life], bool]
"""Something that happens in a brief's life; False when the brief has ended by it."""

LIVES: list[list[Step]] = [
    [Life.one_posting, Life.awards, Life.cancel_or_submit, Life.approvals],
    [Life.open_up, Life.awards, Life.cancel_or_submit, Life.approve_or_ask, Life.hand_in, Life.one_approval],
    [Life.open_up, Life.awards, Life.cancel_or_submit, Life.approve_or_lapse],
    [Life.post, Life.cancel_or_open],
]
"""The lives that a brief can have; each is settled in the end, whenever the end comes."""


def live(life: Life) -> None:
    """Lead a brief through its life."""
    try:
        for step in LIVES[life.number % len(LIVES)]:
            if not step(life):
                break
        if life.brief_id and "outcome" in life.item():
            life.settle()
    except Exception as error:  # the other lives go on
        life.rounds.append(Round("life", [f"{type(error).__name__}: {error}"]))


def race(people: People, rounds: int, seed: int, say: Callable[[str], None]) -> tuple[int, int]:
    """Race for at least so many rounds; how many there were, and how many went wrong."""
    deployed = Deployed(people.stack)
    numbers, lives, lock = itertools.count(), list[Life](), threading.Lock()

    def run(_: int) -> None:
        students = [people.payable_student(), people.payable_student()]
        while _counted(lives) < rounds:
            with lock:
                life = Life(next(numbers), seed, people, deployed, students)
                lives.append(life)
            live(life)

    with ThreadPoolExecutor(ABREAST) as pool:
        list(pool.map(run, range(ABREAST)))
    ended = wrong_endings(people, deployed, [life.brief_id for life in lives if life.brief_id])
    for life in lives:
        life.rounds[-1:] = [_with(each, ended.get(life.brief_id, [])) for each in life.rounds[-1:]]
    return report(lives, seed, say)

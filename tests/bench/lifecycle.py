"""One brief with three applicants and one revision, on the local stack, and everything that AWS would charge for."""

import json
import re
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local.caller import BODIES, Caller, SampleFile, body_of
from infra.local.inspection import execution_status, transitions
from microintern.domain.feedback import QUESTIONS
from microintern.domain.states import Role
from tests.e2e.people import SCORES, TEXT, People

QUIET_S = 3.0
"""When nothing was charged for so long, nothing more follows of what was done."""
LIMIT_S = 180.0
"""Longer than anything takes with sixteen briefs at once on a slow machine: only what never comes takes so long."""
_REVISED = SampleFile("answer.txt", "text/plain", b"The answer, with its chart, is in the appendix.\n", "answer")

Line = dict[str, Any]


class Meter:
    """What the local AWS wrote down since it was last asked."""

    def __init__(self, path: Path) -> None:
        self.path, self._at = path, 0
        path.touch()

    def lines(self) -> list[Line]:
        """Everything new, once nothing more comes."""
        until_s, size = time.monotonic() + LIMIT_S, -1
        while time.monotonic() < until_s and size != (size := self.path.stat().st_size):
            time.sleep(QUIET_S)
        with self.path.open(encoding="utf-8") as written:
            written.seek(self._at)
            found = [json.loads(line) for line in written]
            self._at = written.tell()
        return found


@dataclass
class Crew:
    """Who takes part: an employer and three students who can be paid."""

    people: People
    students: list[Caller]

    @classmethod
    def of(cls, people: People) -> "Crew":
        """Two more students beside the one that there is."""
        return cls(people, [people.student, people.payable_student(), people.payable_student()])

    def carry(self, rounds: int = 1, files: int = 1) -> str:
        """Carry a brief to payout, with so many revisions and so many files in each submission."""
        people, student = self.people, self.people.student
        brief_id = people.posted()
        people.fund(brief_id)
        people.employer.wait_for(brief_id, "open", limit_s=LIMIT_S)
        at = f"/briefs/{brief_id}"
        applications = [people.applied(brief_id, each) for each in self.students]
        people.employer.post(f"{at}/award", {"application_id": applications[0]})
        for number in range(rounds + 1):
            self._hand_in(at, student, _REVISED if number else TEXT, files)
            if number < rounds:
                people.employer.post(f"{at}/change-requests", body_of("change-requests"))
        people.employer.post(
            f"{at}/approval", {"submission_number": rounds + 1, "scores": SCORES, "feedback": "As asked, thank you."}
        )
        people.employer.wait_for(brief_id, "paid", limit_s=LIMIT_S)
        self._ended(brief_id)
        return brief_id

    def give_feedback(self, brief_id: str) -> str:
        """Both sides rate and write."""
        body = BODIES["put /briefs/{brief_id}/feedback"]
        for who, asked in ((self.people.student, Role.STUDENT), (self.people.employer, Role.EMPLOYER)):
            who.put(f"/briefs/{brief_id}/feedback", body | {"ratings": dict.fromkeys(QUESTIONS[asked], 4)})
        return brief_id

    def _hand_in(self, at: str, student: Caller, file: SampleFile, files: int) -> None:
        ids = [student.upload(at.rpartition("/")[2], file, "deliverable") for _ in range(files)]
        student.post(f"{at}/submissions", {"files": [{"deliverable": "answer", "file_id": each} for each in ids]})

    def _ended(self, brief_id: str) -> None:
        until_s = time.monotonic() + LIMIT_S
        while execution_status(self.people.stack, brief_id) == "RUNNING":
            if time.monotonic() > until_s:
                raise TimeoutError(f"the workflow of {brief_id} goes on")
            time.sleep(0.2)


def short_name(name: str) -> str:
    """A table, index or function without what the deployment adds: its stack and its random end."""
    own = re.sub(r"^microintern-local-[a-z]+-", "", name)
    return re.sub(r"(Table|Function)[0-9A-F]{8}[^/]*", "", own)


def measured(meter: Meter, act: Callable[[], str]) -> tuple[str, list[Line]]:
    """What an act came to."""
    meter.lines()
    brief_id = act()
    return brief_id, meter.lines()


def write_units(lines: list[Line]) -> dict[str, float]:
    """By table or index."""
    units: dict[str, float] = defaultdict(float)
    for line in lines:
        for table, used in line.get("write", {}).items():
            units[table] += used
    return units


def read_units(lines: list[Line]) -> float:
    """Of all tables together."""
    return sum((line.get("read", 0.0) for line in lines), 0.0)


def count_transitions(crew: Crew, brief_id: str) -> int:
    """The states that its workflow entered."""
    return transitions(crew.people.stack, brief_id)

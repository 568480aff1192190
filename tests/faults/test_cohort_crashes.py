"""Cohorts survive a crash at each of their calls: what is seen and kept in the end is what would have been without.

A brief's journey does not come by here, so this has a sweep of its own: the same story, broken off once at every call
of a port, before or after it was made, with whoever asked asking again under the same key.
"""

from collections.abc import Callable
from typing import Any

import pytest

from microintern.domain.brief import Command
from tests.faults.calls import Faults, Faulty, Lost, Moment
from tests.unit.app.test_cohorts import INSTITUTION, College, educator
from tests.unit.builders import STUDENT, student

PORTS = ("cohorts", "credentials")


class Story:
    """A cohort is made and changed, joined, left and joined again; credit is granted, revoked and granted anew."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.college = College()
        self.plain = self.college.cohorts, self.college.world.credentials
        faulty: dict[str, Any] = dict(zip(PORTS, self.plain, strict=True))
        faulty = {name: Faulty(name, port, self.faults) for name, port in faulty.items()}
        self.college.cohorts, self.college.world.credentials = faulty["cohorts"], faulty["credentials"]

    def tell(self) -> list[Any]:
        """The whole of it; what can be compared at its end."""
        college = self.college
        college.cohort = self.again(college.make, educator("make"))
        self.again(lambda by: college.change(by, hours_wanted=30), educator("change"))
        code = self.again(college.code, educator("code"))
        self.again(lambda by: college.join(by, code, 1), student("join"))
        self.again(college.remove, educator("removal"))
        self.again(lambda by: college.join(by, code, 1), student("join-again"))
        self.again(lambda by: college.change(by, ends_on="2027-07-31"), educator("change-terms"))
        self.again(lambda by: college.renew(2, by), student("renew"))
        first = self.again(lambda by: college.grant(120, by), educator("grant"))
        self.again(lambda by: college.revoke(first.credential_id, by), educator("revoke"))
        self.again(lambda by: college.grant(120, by), educator("grant-anew"))
        self.again(college.withdraw, student("withdraw"))
        cohorts, credentials = self.plain
        found, _ = cohorts.read(INSTITUTION, college.cohort.cohort_id)
        enrolment = cohorts.enrolment(STUDENT, college.cohort.cohort_id)
        assert found
        assert enrolment
        issued = credentials.of_cohort(found.cohort_id, 50).items
        states = sorted((each.credential_id, each.state, each.version) for each in issued)
        # A code that was asked for again is another one: how often that was may differ.
        return [found.students, found.terms, found.hours_wanted, enrolment.version, enrolment.credits, states]

    def again(self, command: Callable[[Command], Any], by: Command) -> Any:
        """A client sends the same under the same key until it has an answer."""
        for _ in range(3):
            try:
                return command(by)
            except Lost:
                continue
        raise AssertionError("one failure, and no answer")


def calls_of_story() -> list[str]:
    story = Story()
    story.tell()
    return [name for name, _ in story.faults.log]


CALLS = calls_of_story()


def test_the_story_comes_by_every_call_that_writes() -> None:
    writes = {f"cohorts.{name}" for name in ("save", "join", "leave", "renew")}
    assert {*writes, "credentials.issue", "credentials.revoke"} <= set(CALLS)


@pytest.mark.parametrize("moment", Moment)
@pytest.mark.parametrize("at", range(len(CALLS)), ids=[f"{n}-{name}" for n, name in enumerate(CALLS)])
def test_broken_off_once_it_ends_as_if_nothing_had_happened(at: int, moment: Moment) -> None:
    undisturbed, story = Story().tell(), Story()
    story.faults.arm(at, moment)
    told = story.tell()
    assert story.faults.struck
    assert told == undisturbed

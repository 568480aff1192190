"""How the work is going: asked, answered in a line, read by both sides, and nothing kept that was not said."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from microintern.app import checking_in, following, requests
from microintern.app.views.check_ins import CheckInAnswered, CheckInView
from microintern.domain.brief import Command
from microintern.domain.change import Change
from microintern.domain.check_ins import CheckIns, Going, asked_at
from microintern.domain.events import EventType
from microintern.domain.problems import Conflict, Forbidden, Invalid, NotFound
from microintern.domain.states import Role, State
from tests.unit.app.world import World, a_world_in, rival, stranger
from tests.unit.builders import STUDENT, employer, operator, student


class Work:
    """Work that is under way, and what is said of it."""

    def __init__(self) -> None:
        self.world: World = a_world_in(State.AWARDED)
        self.first, self.second = asked_at(self.world.brief)

    def at(self, at: datetime) -> "Work":
        self.world.clock.at = at
        return self

    def answer(self, by: Command | None = None, going: Going = Going.BLOCKED) -> CheckInAnswered:
        request = requests.CheckInRequest(going=going, note="The link is dead.")
        return checking_in.answer(by or student(), self.world.brief_id, request, **self._ports)

    def read(self, by: Command | None = None) -> list[CheckInView]:
        return checking_in.read(by or employer(), self.world.brief_id, **self._ports).items

    def remind(self, at: datetime) -> bool:
        return checking_in.remind(self.world.brief_id, at, briefs=self.world.briefs, bus=self.world.bus)

    @property
    def _ports(self) -> dict[str, Any]:
        return {"briefs": self.world.briefs, "clock": self.world.clock}


@pytest.fixture
def work() -> Work:
    return Work()


def test_the_employer_reads_what_the_student_answered_and_what_is_awaited(work: Work) -> None:
    assert [each.status for each in work.read()] == ["upcoming", "upcoming"]
    work.at(work.first)
    assert [each.status for each in work.read()] == ["awaited", "upcoming"]
    answered = work.answer()
    assert (answered.asked_at, answered.going) == (work.first, Going.BLOCKED)
    assert [(each.status, each.note) for each in work.read()] == [("answered", "The link is dead."), ("upcoming", None)]
    work.at(work.second)
    assert [each.status for each in work.read(student())] == ["answered", "awaited"]


def test_what_nobody_answers_has_passed_and_is_kept_nowhere(work: Work) -> None:
    kept = work.world.kept()
    work.at(work.second)
    assert [each.status for each in work.read()] == ["passed", "awaited"]
    assert work.remind(work.second)
    assert work.world.kept() == kept


def test_it_is_asked_once_each_time_and_not_of_who_has_answered(work: Work) -> None:
    work.at(work.first)
    assert work.remind(work.first)
    assert work.remind(work.first)
    asked = [event for event in work.world.bus.events if event["type"] == EventType.CHECK_IN_DUE]
    assert len({event["id"] for event in asked}) == 1
    assert asked[0]["data"]["student_id"] == STUDENT
    assert not work.remind(work.first + timedelta(seconds=1))
    work.answer()
    assert not work.remind(work.first)
    work.world.upload_all()
    work.world.submit()
    assert not work.remind(work.second)


def test_schedules_come_with_the_award_and_go_with_it(work: Work) -> None:
    world, deadlines = work.world, work.world.deadlines
    wired: dict[str, Any] = {"trail": world.trail, "bus": world.bus, "deadlines": deadlines, "workflow": world.workflow}
    awarded = world.brief
    following.follow(Change(before=None, after=awarded, wait=None), **wired)
    lapse_at = awarded.lapse_at
    assert deadlines.pending == {(world.brief_id, at) for at in (work.first, work.second, lapse_at)}
    world.upload_all()
    world.submit()
    following.follow(Change(before=awarded, after=world.brief, wait=None), **wired)
    assert deadlines.pending == {(world.brief_id, world.brief.lapse_at)}


def test_repeated_it_answers_the_same_and_a_second_answer_is_refused(work: Work) -> None:
    work.at(work.first)
    first = work.answer(student("key"))
    work.at(work.second)
    assert work.answer(student("key")) == first
    with pytest.raises(Invalid):
        work.answer(student("key", body="another"))
    work.answer()
    with pytest.raises(Conflict) as refused:
        work.answer()
    assert refused.value.code == "answered_already"
    assert len(work.world.document(CheckIns.key_of).items) == 2


def test_nobody_else_answers_or_reads(work: Work) -> None:
    work.at(work.first)
    for by in (employer(), operator()):
        with pytest.raises(Forbidden):
            work.answer(by)
    for by in (rival(), stranger(Role.STUDENT)):
        with pytest.raises(NotFound):
            work.answer(by)
    for by in (rival(), operator(), stranger(Role.EMPLOYER)):
        with pytest.raises(NotFound):
            work.read(by)


def test_the_next_student_sees_nothing_of_it(work: Work) -> None:
    work.at(work.first)
    work.answer()
    if work.world.clock.now() < work.world.brief.applications_close_at:
        work.world.withdraw_award()
        work.world.be_payable(rival(), "sandbox-rival")
        work.world.apply(rival())
        work.world.award(student_id=rival().actor_id)
        assert {each.status for each in work.read(rival())} <= {"upcoming", "awaited"}
        with pytest.raises(NotFound):
            work.read(student())


def test_the_same_student_awarded_again_is_asked_anew(work: Work) -> None:
    world = work.at(work.first).world
    work.answer()
    closes_at = world.brief.applications_close_at
    assert work.first < closes_at
    world.withdraw_award()
    world.apply()
    world.award()
    assert [each.status for each in work.read()] == ["upcoming", "upcoming"]
    work.at(asked_at(world.brief)[0])
    assert work.remind(asked_at(world.brief)[0])
    assert work.answer().asked_at == asked_at(world.brief)[0]
    assert [each.number for each in world.document(CheckIns.key_of).items] == [1, 2]

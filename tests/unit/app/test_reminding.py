"""Reminders: whoever has to act, once, a day before, if the deadline still stands and they have not acted."""

from datetime import timedelta
from typing import Any

import pytest

from microintern.app.reminding import Reminding, feedback_due, remind
from microintern.domain.accounts import Notice
from microintern.domain.brief import Brief
from microintern.domain.events import of_brief
from microintern.domain.states import Action, State
from tests.unit.app.world import World, a_world_in
from tests.unit.builders import EMPLOYER, NOW, POLICY, RIVAL, STUDENT, brief_in, employer, student, take

DAY = timedelta(days=1)
LEAD = timedelta(seconds=POLICY.remind_before_s)


def reminding(world: World) -> Reminding:
    stores: dict[str, Any] = {"briefs": world.briefs, "accounts": world.accounts, "organisations": world.organisations}
    return Reminding(agenda=world.accounts.agenda, clock=world.clock, policy=POLICY, **stores)


def with_brief(brief: Brief) -> World:
    world = World()
    world.briefs._briefs[brief.brief_id] = brief
    return world


def reminders(world: World, account_id: str) -> list[Notice]:
    return [n for n in world.accounts.notices(account_id, 100).items if n.type == "deadline.near"]


def near(world: World, brief: Brief, before: timedelta = LEAD - timedelta(minutes=5)) -> int:
    """The function runs when the deadline is so near."""
    assert brief.lapse_at
    world.clock.at = brief.lapse_at - before
    return remind(reminding(world))


@pytest.mark.parametrize(
    ("state", "who", "says"),
    [
        (State.POSTED, EMPLOYER, "Fund it by"),
        (State.OPEN, EMPLOYER, "Pick somebody by"),
        (State.AWARDED, STUDENT, "Hand it in by"),
        (State.SUBMITTED, EMPLOYER, "approved by silence"),
        (State.CHANGES_REQUESTED, STUDENT, "Hand them in by"),
    ],
)
def test_whoever_has_to_act_is_reminded_once(state: State, who: str, says: str) -> None:
    brief = brief_in(state)
    world = with_brief(brief)
    assert [near(world, brief, LEAD + timedelta(hours=1)), near(world, brief)] == [0, 1]
    for _ in range(4):
        world.clock.forward(hours=5)
        assert remind(reminding(world)) == 0
    (notice,) = reminders(world, who)
    assert says in notice.text
    assert f"({brief.zone})" in notice.text
    assert (notice.brief_id, brief.lapse_at) == (brief.brief_id, notice.at + LEAD)
    assert reminders(world, STUDENT if who == EMPLOYER else EMPLOYER) == []


def test_a_run_that_broke_off_and_one_beside_it_tell_nobody_twice() -> None:
    brief = brief_in(State.AWARDED)
    world = with_brief(brief)
    near(world, brief)
    world.accounts.agenda._seen_to.clear()
    assert remind(reminding(world)) == 1
    assert len(reminders(world, STUDENT)) == 1


def test_however_long_nobody_looked_only_what_is_still_to_come_is_told() -> None:
    brief = brief_in(State.AWARDED)
    world = with_brief(brief)
    near(world, brief, timedelta(days=3))
    assert near(world, brief, timedelta(hours=2)) == 1
    late = with_brief(brief)
    assert near(late, brief, -timedelta(hours=2)) == 0


def test_nobody_is_reminded_of_what_they_have_done() -> None:
    world = a_world_in(State.AWARDED)
    due = world.brief
    world.briefs._briefs[due.brief_id] = take(Action.SUBMIT, due, world.clock.now())
    assert near(world, due) == 0


def test_nobody_is_reminded_of_a_deadline_that_moved_but_of_where_it_moved_to() -> None:
    brief = brief_in(State.AWARDED)
    world = with_brief(brief)
    assert brief.lapse_at
    assert brief.due_at
    moved = {"due_at": brief.due_at + DAY * 3, "lapse_at": brief.lapse_at + DAY * 3}
    later = brief.model_copy(update=moved)
    world.briefs._briefs[brief.brief_id] = later
    assert [near(world, brief), near(world, later)] == [0, 1]


def test_what_began_later_than_that_is_told_by_its_own_notice() -> None:
    brief = brief_in(State.AWARDED)
    assert brief.lapse_at
    event = brief.event.model_copy(update={"at": brief.lapse_at - LEAD + timedelta(minutes=1)})
    world = with_brief(brief.model_copy(update={"event": event}))
    assert near(world, brief, LEAD - timedelta(hours=1)) == 0


def test_in_a_dispute_only_who_was_not_heard_is_reminded_and_nobody_of_a_decision() -> None:
    opened = brief_in(State.DISPUTED)
    assert opened.dispute
    (heard,) = opened.dispute.heard
    world = with_brief(opened)
    assert near(world, opened) == 1
    waits = STUDENT if heard == "employer" else EMPLOYER
    assert "whoever has answered wins" in reminders(world, waits)[0].text
    answered = take(Action.ANSWER_DISPUTE, opened)
    for brief in (answered, take(Action.RESOLVE, answered)):
        assert near(with_brief(brief), brief) == 0


def test_nobody_is_reminded_of_money_that_is_being_collected() -> None:
    brief = take(Action.REQUEST_FUNDING, brief_in(State.POSTED))
    assert near(with_brief(brief), brief) == 0


def test_thousands_are_reminded_page_by_page() -> None:
    world = World()
    first = brief_in(State.AWARDED)
    for number in range(250):
        brief = first.model_copy(update={"brief_id": f"brief-number-{number:05d}"})
        world.briefs._briefs[brief.brief_id] = brief
    assert near(world, first) == 250


class TestFeedback:
    @pytest.fixture
    def paid(self) -> World:
        """The money has moved, and both sides have been told that feedback is awaited."""
        world = a_world_in(State.PAID)
        for _ in range(2):
            world.tell(of_brief(world.brief))
        return world

    def late(self, world: World) -> int:
        due = feedback_due(world.brief, POLICY)
        assert due
        world.clock.at = due.at
        return remind(reminding(world))

    def test_both_are_reminded_a_day_before_it_ends(self, paid: World) -> None:
        assert self.late(paid) == 2
        assert remind(reminding(paid)) == 0
        for account_id in (STUDENT, EMPLOYER):
            (notice,) = reminders(paid, account_id)
            assert "given no feedback on this brief yet" in notice.text
            assert f"({paid.brief.zone})" in notice.text
        assert reminders(paid, RIVAL) == []

    def test_only_who_has_not_given_it_is(self, paid: World) -> None:
        paid.give_feedback(student())
        assert self.late(paid) == 1
        assert reminders(paid, STUDENT) == []

    def test_nobody_is_once_both_have(self, paid: World) -> None:
        paid.give_feedback(student())
        paid.give_feedback(employer())
        assert self.late(paid) == 0

    def test_nor_on_a_brief_that_takes_none(self) -> None:
        assert feedback_due(brief_in(State.OPEN), POLICY) is None


def test_deadlines_are_told_as_clocks_show_them_there() -> None:
    brief = brief_in(State.AWARDED)
    world = with_brief(brief)
    near(world, brief)
    (notice,) = reminders(world, STUDENT)
    assert brief.zone == "America/New_York"
    assert "-05:00 (America/New_York)" in notice.text or "-04:00 (America/New_York)" in notice.text
    assert notice.at > NOW

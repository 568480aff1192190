"""What follows a write, as the stream shows it: timeline, event, deadline, workflow."""

from typing import Any

import pytest

from microintern.app.following import follow, follow_application
from microintern.domain.brief import Brief
from microintern.domain.change import Change, Wait
from microintern.domain.check_ins import asked_at
from microintern.domain.states import Action, State
from microintern.domain.trail import BRIEF as ITSELF
from microintern.domain.trail import Entry
from tests.twins.services import MemoryBus, MemoryDeadlines, MemoryWorkflow
from tests.twins.trail import MemoryTrail
from tests.unit.builders import BRIEF, NOW, a_brief, an_application, brief_in, led, take


class Followers:
    """All that follows."""

    def __init__(self) -> None:
        self.trail, self.bus = MemoryTrail(), MemoryBus()
        self.deadlines, self.workflow = MemoryDeadlines(), MemoryWorkflow()

    def nudge(self, brief: Brief, wait: Wait | None = None) -> None:
        self.follow(brief, brief, wait, nudged=True)

    def follow(self, before: Brief | None, after: Brief, wait: Wait | None = None, *, nudged: bool = False) -> None:
        change = Change(before=before, after=after, wait=wait, nudged=nudged)
        ports: dict[str, Any] = {"bus": self.bus, "deadlines": self.deadlines, "workflow": self.workflow}
        follow(change, trail=self.trail, **ports)

    @property
    def timeline(self) -> list[Entry]:
        return self.trail.page(BRIEF, ITSELF, 100).items


@pytest.fixture
def followers() -> Followers:
    return Followers()


def test_a_new_brief_starts_its_workflow_its_timeline_and_its_deadline(followers: Followers) -> None:
    brief = a_brief()
    followers.follow(None, brief)
    assert followers.workflow.started == [BRIEF]
    assert followers.deadlines.pending == {(BRIEF, brief.lapse_at)}
    assert [(entry.version, entry.event.type) for entry in followers.timeline] == [(1, "brief.posted")]
    assert [event["type"] for event in followers.bus.events] == ["brief.posted"]


def test_each_state_has_its_own_deadline_and_the_end_has_none(followers: Followers) -> None:
    brief = a_brief()
    followers.follow(None, brief)
    for action in (Action.REQUEST_FUNDING, Action.OPEN, Action.AWARD, Action.SUBMIT, Action.APPROVE):
        after = take(action, brief)
        followers.follow(brief, after)
        expected = {(BRIEF, at) for at in (after.lapse_at, *asked_at(after)) if at}
        assert followers.deadlines.pending == expected
        brief = after


def test_the_new_deadline_is_set_before_the_old_one_is_dropped(followers: Followers) -> None:
    """A crash in between leaves one too many, which is harmless, and not one too few."""
    seen: list[str] = []
    pending = followers.deadlines

    class Watched(MemoryDeadlines):
        def set(self, brief_id: str, lapse_at: object) -> None:
            seen.append("set")

        def drop(self, brief_id: str, lapse_at: object) -> None:
            seen.append("drop")

    followers.deadlines = Watched()
    posted = a_brief()
    followers.follow(posted, led(posted, Action.REQUEST_FUNDING, Action.OPEN))
    assert (seen, pending.pending) == (["set", "drop"], set())


def test_a_step_that_leaves_the_deadline_standing_does_not_touch_it(followers: Followers) -> None:
    posted = a_brief()
    followers.follow(None, posted)
    followers.follow(posted, take(Action.REQUEST_FUNDING, posted))
    assert followers.deadlines.pending == {(BRIEF, posted.lapse_at)}


@pytest.mark.parametrize("times", [2, 3])
def test_a_record_that_is_read_again_changes_nothing_but_repeats_its_event(followers: Followers, times: int) -> None:
    posted, opened = a_brief(), brief_in(State.OPEN)
    wait = Wait(state=State.POSTED, token="token-1")
    for _ in range(times):
        followers.follow(None, posted)
        followers.follow(posted, opened, wait)
    assert [entry.version for entry in followers.timeline] == [1, 3]
    assert followers.workflow.started == [BRIEF]
    assert followers.workflow.answers == {"token-1": ("AwaitAward", True)}
    assert {event["id"] for event in followers.bus.events} == {f"{BRIEF}#1", f"{BRIEF}#3"}
    # The deadline that was dropped may stand again; when it fires, the brief has another one and nothing happens.
    assert (BRIEF, opened.lapse_at) in followers.deadlines.pending


def test_a_wait_that_comes_after_the_brief_moved_is_answered_at_once(followers: Followers) -> None:
    opened = brief_in(State.OPEN)
    followers.follow(opened, opened, Wait(state=State.POSTED, token="late-token"))
    assert followers.workflow.answers == {"late-token": ("AwaitAward", True)}


def test_a_wait_by_itself_is_no_step_of_the_brief(followers: Followers) -> None:
    opened = brief_in(State.OPEN)
    followers.follow(opened, opened, Wait(state=State.OPEN, token="token-2"))
    assert followers.workflow.answers == {}
    assert followers.bus.events == []
    assert followers.timeline == []
    assert followers.deadlines.pending == set()


@pytest.mark.parametrize(
    ("waits_in", "action", "step", "main"),
    [
        (State.OPEN, Action.AWARD, "AwaitSubmission", True),
        (State.OPEN, Action.CANCEL, "Settle", False),
        (State.AWARDED, Action.WITHDRAW, "AwaitAward", False),
        (State.SUBMITTED, Action.APPROVE, "Settle", True),
        (State.SUBMITTED, Action.REQUEST_CHANGES, "AwaitRevision", False),
        (State.SUBMITTED, Action.DISPUTE, "AwaitResolution", False),
        (State.CHANGES_REQUESTED, Action.SUBMIT, "AwaitReview", True),
    ],
)
def test_a_waiting_workflow_is_moved_along_the_main_path_or_to_a_branch(
    followers: Followers, waits_in: State, action: Action, step: str, main: bool
) -> None:
    before = brief_in(waits_in)
    followers.follow(before, take(action, before), Wait(state=waits_in, token="token"))
    assert followers.workflow.answers == {"token": (step, main)}


def test_a_decided_dispute_keeps_waiting_until_the_decision_is_final(followers: Followers) -> None:
    disputed = brief_in(State.DISPUTED)
    decided = take(Action.RESOLVE, disputed)
    wait = Wait(state=State.DISPUTED, token="token")
    followers.follow(disputed, decided, wait)
    assert followers.workflow.answers == {}
    followers.follow(decided, take(Action.LAPSE, decided), wait)
    assert followers.workflow.answers == {"token": ("Settle", True)}


def test_the_step_that_settles_is_answered_when_the_money_has_moved_and_not_before(followers: Followers) -> None:
    approved = brief_in(State.APPROVED)
    wait = Wait(state=State.APPROVED, token="token")
    followers.follow(approved, approved, wait)
    assert followers.workflow.answers == {}
    followers.follow(approved, take(Action.SETTLE, approved), wait)
    assert followers.workflow.answers == {"token": ("End", True)}


def test_a_token_that_is_left_after_the_money_has_moved_is_answered_at_once(followers: Followers) -> None:
    paid = brief_in(State.PAID)
    followers.follow(paid, paid, Wait(state=State.PAID, token="token"))
    assert followers.workflow.answers == {"token": ("End", True)}


def test_a_nudge_lets_everything_follow_once_more(followers: Followers) -> None:
    """Whatever was lost: the entry in the timeline, the event, the deadline, the answer to the workflow."""
    opened = brief_in(State.OPEN)
    followers.nudge(opened, Wait(state=State.POSTED, token="token"))
    assert [entry.version for entry in followers.timeline] == [opened.version]
    assert [event["id"] for event in followers.bus.events] == [f"{BRIEF}#{opened.version}"]
    assert followers.deadlines.pending == {(BRIEF, opened.lapse_at)}
    assert followers.workflow.answers == {"token": ("AwaitAward", True)}


def test_a_nudge_of_an_ended_brief_sets_no_deadline(followers: Followers) -> None:
    followers.nudge(brief_in(State.APPROVED))
    assert followers.deadlines.pending == set()
    assert [event["type"] for event in followers.bus.events] == ["brief.approved"]


def test_an_answered_dispute_keeps_waiting(followers: Followers) -> None:
    before = brief_in(State.DISPUTED)
    followers.follow(before, take(Action.ANSWER_DISPUTE, before), Wait(state=State.DISPUTED, token="token"))
    assert followers.workflow.answers == {}
    assert followers.bus.events[0]["type"] == "brief.dispute_answered"


def test_applications_are_published_too(followers: Followers) -> None:
    follow_application(an_application(), trail=followers.trail, bus=followers.bus)
    awarded = an_application().model_copy(update={"awarded_at": NOW, "version": 2})
    follow_application(awarded, trail=followers.trail, bus=followers.bus)
    follow_application(
        awarded.model_copy(update={"withdrawn_at": NOW, "version": 3}), trail=followers.trail, bus=followers.bus
    )
    assert [event["type"] for event in followers.bus.events] == ["application.received", "application.withdrawn"]

"""What got lost is found: events, deadlines, messages of the provider, executions, dead letters."""

import pytest

from microintern.app.sweeping import MOST_TRIES_OF_A_LETTER, Swept
from microintern.domain.documents import Content
from microintern.domain.ledger import TransferName
from microintern.domain.payout_matrix import Outcome, Split
from microintern.domain.states import State
from microintern.ports.briefs import SHARDS
from tests.unit.app.test_settling import without_account
from tests.unit.app.world import MemoryLetters, World, a_world_in
from tests.unit.builders import POLICY, STUDENT, a_brief, a_posting

LONG_ENOUGH_S = POLICY.overdue_after_s + 1


def test_a_brief_that_waits_for_a_person_is_left_alone_until_its_deadline_is_well_past() -> None:
    for state in (State.POSTED, State.OPEN, State.AWARDED, State.SUBMITTED, State.DISPUTED):
        world = a_world_in(state)
        world.workflow.running.add(world.brief_id)
        assert world.brief.lapse_at is not None
        world.clock.at = world.brief.lapse_at
        assert world.sweep() == Swept()
        world.clock.forward(seconds=POLICY.overdue_after_s)
        assert world.sweep() == Swept()
        world.clock.forward(seconds=1)
        assert world.sweep() == Swept(overdue=1, nudged=1)
        assert world.briefs.nudged == [world.brief_id]


def test_a_deadline_whose_schedule_was_lost_takes_effect_after_all() -> None:
    world = a_world_in(State.SUBMITTED)
    lapse_at = world.brief.lapse_at
    assert lapse_at is not None
    world.clock.at = lapse_at
    world.clock.forward(seconds=LONG_ENOUGH_S)
    assert world.deadlines.pending == set()
    world.sweep()
    world.nudge_follows()
    assert world.deadlines.pending == {(world.brief_id, lapse_at)}
    world.deadline_lapses()
    assert world.brief.outcome is Outcome.APPROVED_BY_SILENCE


def test_a_request_for_funding_whose_event_was_lost_is_seen_to() -> None:
    world = a_world_in(State.POSTED)
    world.ask_for_funding()
    world.workflow.running.add(world.brief_id)
    assert world.sweep() == Swept()
    world.clock.forward(seconds=LONG_ENOUGH_S)
    assert world.sweep() == Swept(overdue=1, nudged=1, advanced=1)
    assert world.provider_tells() == ["opened"]
    world.clock.forward(seconds=LONG_ENOUGH_S)
    assert world.sweep() == Swept()


def test_an_ended_brief_whose_workflow_never_came_is_settled_and_gets_another_execution() -> None:
    world = a_world_in(State.APPROVED)
    world.clock.forward(seconds=LONG_ENOUGH_S)
    swept = world.sweep()
    assert (swept.overdue, swept.nudged, swept.advanced, swept.revived) == (1, 1, 1, 1)
    assert swept.oldest_unsettled_s == LONG_ENOUGH_S
    assert world.provider_tells() == ["settled"]
    world.clock.forward(days=30)
    assert world.sweep() == Swept()


def test_an_execution_that_died_is_replaced_once_for_each_version_of_the_brief() -> None:
    world = a_world_in(State.OPEN)
    world.workflow.start(world.brief_id)
    assert world.sweep().revived == 0

    def revived_when_it_dies() -> int:
        world.workflow.running.clear()
        return world.sweep().revived

    assert [revived_when_it_dies(), world.sweep().revived, revived_when_it_dies()] == [1, 0, 0]
    world.be_payable()
    world.apply()
    world.award()
    assert [world.sweep().revived, world.sweep().revived] == [1, 0]
    assert world.workflow.revived == {(world.brief_id, 3), (world.brief_id, 4)}


def test_an_overdue_brief_whose_execution_was_never_started_gets_one() -> None:
    world = a_world_in(State.SUBMITTED)
    assert world.brief.lapse_at is not None
    world.clock.at = world.brief.lapse_at
    world.clock.forward(seconds=LONG_ENOUGH_S)
    assert [world.sweep().revived, world.sweep().revived] == [1, 0]


def test_one_brief_that_cannot_be_moved_on_does_not_keep_the_others_from_it() -> None:
    world = a_world_in(State.APPROVED)
    good = world.brief_id
    world.briefs.put(world.brief.model_copy(update={"brief_id": "brief-that-fails"}))
    world.clock.forward(seconds=LONG_ENOUGH_S)
    advance = world.settler.advance

    def fails(brief_id: str) -> None:
        if brief_id != good:
            raise RuntimeError(brief_id)
        advance(brief_id)

    world.settler.advance = fails  # type: ignore[method-assign]
    world.letters = MemoryLetters(settlement=1)
    with pytest.raises(ExceptionGroup, match="1 briefs could not be moved on"):
        world.sweep()
    assert (world.settler.asked, world.letters.held) == ([good], {"settlement": 0})


def test_a_died_execution_of_a_settled_brief_or_of_none_is_left_alone() -> None:
    world = a_world_in(State.PAID)
    world.workflow.start(world.brief_id)
    world.workflow.start("no-such-brief-00")
    world.workflow.running.clear()
    assert world.sweep() == Swept()


def test_a_brief_that_is_held_is_asked_about_but_not_nudged_for_ever_nor_called_late() -> None:
    world = a_world_in(State.APPROVED)
    without_account(world)
    world.money_moves()
    world.clock.forward(seconds=LONG_ENOUGH_S)
    world.sweep()
    nudged = len(world.briefs.nudged)
    assert nudged == 1
    for _ in range(20):
        world.clock.forward(hours=1)
        swept = world.sweep()
        assert (swept.advanced, swept.nudged, swept.oldest_unsettled_s) == (1, 0, 0)
    assert len(world.briefs.nudged) == nudged


def test_a_payout_that_nothing_holds_and_that_never_arrives_is_called_late() -> None:
    world = a_world_in(State.AWARDED)
    account = world.payout_account()
    silent = account.model_copy(update={"destination": "sandbox-late", "version": account.version + 1})
    world.accounts.save_payout_account(silent)
    world.upload_all()
    world.submit()
    world.approve()
    world.advance()
    world.clock.forward(seconds=LONG_ENOUGH_S)
    assert world.sweep().oldest_unsettled_s == LONG_ENOUGH_S


def test_a_brief_of_which_one_part_can_be_tried_now_is_not_kept_waiting_by_the_other() -> None:
    world = a_world_in(State.RESOLVED)
    without_account(world)
    assert world.money_moves() == "held"
    (payout,) = world.holds
    later = world.clock.now().replace(year=2028)
    world.ledger.hold(payout.model_copy(update={"name": TransferName.REFUND, "until": later}))
    world.be_payable()
    world.clock.forward(seconds=LONG_ENOUGH_S)
    assert world.sweep().advanced == 1
    assert world.provider_tells()[-1] == "settled"


def test_a_brief_that_was_settled_after_the_list_was_read_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list is of an index, which lags behind by a moment."""
    world = a_world_in(State.PAID)
    settled, page = world.brief, world.briefs.list_unsettled(0, world.clock.now(), 1)
    pages = iter([page.model_copy(update={"items": [settled]})])
    monkeypatch.setattr(world.briefs, "list_unsettled", lambda *_: next(pages, page))
    assert world.sweep() == Swept()
    assert world.workflow.revived == set()


def test_every_part_of_the_list_is_looked_through_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("microintern.app.sweeping._PAGE", 2)
    world = World()
    ids = [f"brief-{number:08d}" for number in range(5 * SHARDS)]
    for brief_id in ids:
        world.briefs.create(a_brief().model_copy(update={"brief_id": brief_id}), Content(posting=a_posting()))
    world.clock.forward(days=30)
    assert world.sweep().nudged == len(ids)
    assert sorted(world.briefs.nudged) == ids


def test_dead_letters_are_handed_back_but_not_those_that_were_tried_too_often() -> None:
    world = World()
    world.letters = MemoryLetters(settlement=3, brief_stream=0)
    assert world.sweep().redriven == 3
    assert world.letters.asked == [
        ("settlement", 50, MOST_TRIES_OF_A_LETTER),
        ("brief_stream", 50, MOST_TRIES_OF_A_LETTER),
    ]


def test_the_sweeper_can_run_at_any_time_and_beside_itself() -> None:
    world = a_world_in(State.APPROVED)
    world.clock.forward(seconds=LONG_ENOUGH_S)
    world.sweep()
    world.sweep()
    world.provider_tells()
    world.sweep()
    assert world.moved == [("collect", 33_000), ("pay_out", 30_000)]
    assert world.brief.split == Split(student_minor=30_000, employer_minor=0, fee_minor=3_000)
    assert world.brief.student_id == STUDENT

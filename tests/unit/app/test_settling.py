"""Money moves once, whatever is repeated, late or interrupted."""

import pytest

from microintern.app.settling import NotSettled
from microintern.domain.ledger import TransferName, is_balanced
from microintern.domain.states import State
from microintern.ports import Receipt
from tests.unit.app.world import Crash, World, a_world_in
from tests.unit.builders import student


def names(world: World) -> list[TransferName]:
    return [transfer.name for transfer in world.ledger.transfers(world.brief_id)]


def test_collecting_opens_the_brief_once_however_often_the_event_arrives() -> None:
    world = a_world_in(State.POSTED)
    world.ask_for_funding()
    assert [world.collect(), world.collect(), world.collect()] == ["opened", "nothing_to_do", "nothing_to_do"]
    assert world.payments.moved == [("collect", 33_000)]
    assert world.brief.state is State.OPEN
    assert names(world) == ["fund"]


def test_nothing_is_collected_that_nobody_asked_for() -> None:
    world = a_world_in(State.POSTED)
    assert world.collect() == "not_wanted"
    world.brief_id = "no-such-brief-00"
    assert world.collect() == "unknown"
    assert world.payments.moved == []


def test_a_declined_card_leaves_the_brief_posted_and_another_one_can_be_tried() -> None:
    world = a_world_in(State.POSTED)
    world.ask_for_funding(method="sandbox-declined")
    assert world.collect() == "declined"
    brief = world.brief
    assert (brief.state, brief.collecting, brief.event.type) == (State.POSTED, False, "brief.funding_failed")
    assert (world.collect(), names(world), world.payments.moved) == ("not_wanted", [], [])
    world.ask_for_funding(method="sandbox-card")
    assert world.collect() == "opened"
    assert world.payments.moved == [("collect", 33_000)]


def test_a_crash_after_the_provider_collected_is_made_good_by_the_repeat() -> None:
    world = a_world_in(State.POSTED)
    world.ask_for_funding()
    world.ledger.crashes = True
    with pytest.raises(Crash):
        world.collect()
    assert world.brief.state is State.POSTED
    assert world.collect() == "opened"
    assert world.payments.moved == [("collect", 33_000)]


def test_money_that_was_collected_while_the_funding_window_lapsed_goes_straight_back() -> None:
    world = a_world_in(State.POSTED)
    world.ask_for_funding()
    world.ledger.crashes = True
    with pytest.raises(Crash):
        world.collect()
    world.deadline_lapses()
    assert [world.collect(), world.collect()] == ["given_back", "nothing_to_do"]
    assert world.payments.moved == [("collect", 33_000), ("refund", 33_000)]
    assert names(world) == ["fund", "refund"]
    assert is_balanced(world.ledger.transfers(world.brief_id), settled=True)


def test_a_crash_while_giving_back_is_made_good_by_the_repeat() -> None:
    world = a_world_in(State.POSTED)
    world.ask_for_funding()
    world.ledger.crashes = True
    with pytest.raises(Crash):
        world.collect()
    world.cancel()
    world.ledger.crashes = True
    with pytest.raises(Crash):
        world.collect()
    assert world.collect() == "given_back"
    assert world.payments.moved == [("collect", 33_000), ("refund", 33_000)]


def test_a_brief_that_lapses_between_the_providers_answer_and_the_ledger_gets_its_money_back() -> None:
    """The window closes at the worst instant: the provider has collected, and the ledger's write finds the lapse."""
    world = a_world_in(State.POSTED)
    world.ask_for_funding()
    really_collect = world.payments.collect

    def collect_slowly(key: str, amount_minor: int, currency: str, payment_method: str) -> Receipt:
        receipt = really_collect(key, amount_minor, currency, payment_method)
        world.deadline_lapses()
        return receipt

    world.payments.collect = collect_slowly  # type: ignore[method-assign]
    assert world.collect() == "given_back"
    assert world.payments.moved == [("collect", 33_000), ("refund", 33_000)]
    assert world.settle().state is State.EXPIRED
    assert len(world.payments.moved) == 2


@pytest.mark.parametrize("state", [State.APPROVED, State.RESOLVED, State.CANCELLED])
def test_a_crash_between_the_provider_and_the_ledger_pays_once(state: State) -> None:
    world = a_world_in(state)
    world.ledger.crashes = True
    with pytest.raises(Crash):
        world.settle()
    assert world.brief.settled_at is None
    world.clock.forward(hours=1)
    first = world.settle()
    moved = list(world.payments.moved)
    assert world.settle() == first
    assert world.payments.moved == moved
    assert len(moved) == len(set(moved))
    assert is_balanced(world.ledger.transfers(world.brief_id), settled=True)


def test_a_brief_that_has_not_ended_is_not_settled() -> None:
    for state in (State.OPEN, State.SUBMITTED, State.DISPUTED):
        world = a_world_in(state)
        with pytest.raises(NotSettled, match="has not ended"):
            world.settle()
        assert world.payments.moved == [("collect", 33_000)]


def test_settling_waits_for_a_payout_that_the_provider_declines_and_then_pays_once() -> None:
    world = a_world_in(State.APPROVED)
    world.be_payable(destination="sandbox-blocked")
    for _ in range(2):
        with pytest.raises(NotSettled, match="declined the payout"):
            world.settle()
    assert world.brief.state is State.APPROVED
    assert names(world) == ["fund"]
    world.be_payable(student(), destination="sandbox-account")
    assert world.settle().state is State.PAID
    assert world.payments.moved == [("collect", 33_000), ("pay_out", 30_000)]


def test_the_first_claim_decides_even_if_another_split_came_later() -> None:
    """Were the brief's split ever changed after the claim, the money would still go where the claim says."""
    world = a_world_in(State.APPROVED)
    world.ledger.crashes = True
    with pytest.raises(Crash):
        world.settle()
    brief = world.brief
    assert brief.split is not None
    refund = brief.split.model_copy(update={"student_minor": 0, "employer_minor": 33_000, "fee_minor": 0})
    world.briefs.put(brief.model_copy(update={"split": refund}))
    world.settle()
    assert world.payments.moved == [("collect", 33_000), ("pay_out", 30_000)]
    assert names(world) == ["fund", "release", "fee", "payout"]


def test_a_brief_that_was_never_funded_settles_without_any_transfer() -> None:
    world = a_world_in(State.EXPIRED)
    assert world.settle().state is State.EXPIRED
    assert (world.brief.settled_at, names(world), world.payments.moved) == (world.clock.now(), [], [])

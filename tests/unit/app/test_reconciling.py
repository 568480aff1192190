"""The ledger against what the provider says it did: every difference is reported, once, and no money is moved."""

import itertools
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from microintern.adapters.payments.sandbox import Asked
from microintern.domain.audit import Finding
from microintern.domain.ledger import Phase
from microintern.domain.payments import Operation
from microintern.domain.states import State
from tests.unit.app.test_collecting import COLLECTED
from tests.unit.app.world import World, a_world_in


def at_provider(world: World, name: str) -> Asked:
    return world.store._asked[f"{world.brief_id}#{name}"]


def changed_at_provider(world: World, name: str, **changes: object) -> None:
    asked = at_provider(world, name)
    world.store._asked[asked.key] = asked.model_copy(update=changes)


def forgotten_by_provider(world: World) -> None:
    del world.store._asked[f"{world.brief_id}#payout"]


def other_amount_there(world: World) -> None:
    changed_at_provider(world, "payout", amount_minor=29_999)


def other_currency_there(world: World) -> None:
    changed_at_provider(world, "payout", currency="EUR")


def failed_there(world: World) -> None:
    changed_at_provider(world, "payout", party="sandbox-declined")


def still_under_way_there(world: World) -> None:
    changed_at_provider(world, "payout", due_at=world.clock.now().replace(year=2030))


def forgotten_here(world: World) -> None:
    gone = [record for record in world.ledger._transfers if record[0].endswith("#payout")]
    for record in gone:
        del world.ledger._transfers[record]
    world.ledger._balances[world.brief_id, f"payable:{world.brief.student_id}"] = 30_000


def voided_here(world: World) -> None:
    key = (f"{world.brief_id}#payout", True)
    voided = world.ledger._transfers[key].model_copy(update={"phase": Phase.VOIDED})
    world.ledger._transfers[key] = voided
    world.ledger._balances[world.brief_id, f"payable:{world.brief.student_id}"] = 30_000


def other_balance_here(world: World) -> None:
    world.ledger._balances[world.brief_id, f"escrow:{world.brief_id}"] = 1


DIFFERENCES: list[tuple[Callable[[World], None], Finding]] = [
    (forgotten_by_provider, Finding.NOT_AT_PROVIDER),
    (other_amount_there, Finding.AMOUNT_DIFFERS),
    (other_currency_there, Finding.AMOUNT_DIFFERS),
    (failed_there, Finding.STATUS_DIFFERS),
    (still_under_way_there, Finding.STATUS_DIFFERS),
    (forgotten_here, Finding.NOT_IN_LEDGER),
    (voided_here, Finding.STATUS_DIFFERS),
    (other_balance_here, Finding.OUT_OF_BALANCE),
]


@pytest.mark.parametrize("state", [State.OPEN, State.PAID, State.APPROVED])
def test_where_both_say_the_same_nothing_is_reported(state: State) -> None:
    world = a_world_in(state)
    found = world.reconcile()
    assert (found.operations, found.differences, found.behind) == (len(world.moved), 0, 0)
    assert found.transfers == len(world.book.transfers)
    assert world.findings() == []
    assert world.settler.asked == []


@pytest.mark.parametrize(("differ", "finding"), DIFFERENCES, ids=lambda value: getattr(value, "__name__", value))
def test_each_difference_is_reported_once_however_often_it_is_looked_for(
    differ: Callable[[World], None], finding: Finding
) -> None:
    world = a_world_in(State.PAID)
    differ(world)
    moved = list(world.moved)
    world.settler.advance = lambda brief_id: None  # type: ignore[method-assign]
    for _ in range(2):
        assert world.reconcile().differences == 1
        world.clock.forward(hours=1)
    assert world.findings() == [finding]
    assert world.moved == moved


def test_where_the_provider_is_done_and_the_ledger_is_not_the_settlement_is_asked_to_follow() -> None:
    world = a_world_in(State.APPROVED)
    world.outbox.lost = True
    world.advance()
    found = world.reconcile()
    assert (found.behind, found.differences) == (1, 0)
    assert world.settler.asked == [world.brief_id]
    assert world.brief.state is State.PAID
    assert world.reconcile().behind == 0


def test_what_the_provider_did_that_the_ledger_lost_is_reported_and_written_again() -> None:
    world = a_world_in(State.PAID)
    forgotten_here(world)
    found = world.reconcile()
    assert (found.behind, found.differences) == (1, 1)
    assert world.book.is_balanced(settled=True)
    assert world.reconcile().differences == 0
    assert world.moved == [COLLECTED, ("pay_out", 30_000)]


def test_what_failed_there_and_is_unknown_here_is_no_difference() -> None:
    world = a_world_in(State.OPEN)
    world.provider.refund(f"{world.brief_id}#refund", 901, "USD", "ref")
    assert world.reconcile().differences == 0


def test_only_what_happened_since_then_is_compared() -> None:
    world = a_world_in(State.PAID)
    forgotten_by_provider(world)
    world.clock.forward(days=3, seconds=1)
    assert (world.reconcile(days=3).operations, world.findings()) == (0, [])
    assert world.reconcile(days=4).differences == 1


def test_a_transfer_that_was_posted_late_is_looked_for_even_if_it_was_asked_for_long_ago() -> None:
    world = a_world_in(State.APPROVED)
    world.outbox.lost = True
    world.advance()
    world.clock.forward(days=40)
    world.advance()
    found = world.reconcile(days=1)
    assert (found.operations, found.differences) == (0, 0)
    forgotten_by_provider(world)
    assert world.reconcile(days=1).differences == 1


def test_the_months_between_are_all_looked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("microintern.app.reconciling._PAGE", 1)
    world = a_world_in(State.PAID)
    world.clock.forward(days=400)
    forgotten_by_provider(world)
    del world.store._asked[f"{world.brief_id}#fund"]
    assert world.reconcile(days=401).differences == 2


def test_the_balances_are_rebuilt_from_the_transfers_while_money_is_held() -> None:
    world = a_world_in(State.OPEN)
    assert world.reconcile().differences == 0
    other_balance_here(world)
    assert world.reconcile().differences == 1


# ── money moves while the ledger is read ──────────────────────────────────────────────────────────


def meanwhile(world: World, port: Any, name: str, happens: Callable[[], object], after: int = 1) -> None:
    """Let something happen after so many answers of this port."""
    really = getattr(port, name)
    calls = itertools.count(1)

    def answer(*args: Any) -> Any:
        if next(calls) < after:
            return really(*args)
        setattr(port, name, really)
        found = really(*args)
        found = iter(list(found)) if isinstance(found, Iterator) else found
        happens()
        return found

    setattr(port, name, answer)


def test_a_payout_that_arrives_after_the_provider_was_read_is_no_difference() -> None:
    world = a_world_in(State.APPROVED)
    world.advance()
    key = f"{world.brief_id}#payout"
    asked = world.store._asked[key]
    world.store._asked[key] = asked.model_copy(update={"due_at": world.clock.now().replace(year=2030)})

    def arrives() -> None:
        world.store._asked[key] = asked
        world.provider_tells()

    meanwhile(world, world.provider, "operations", arrives)
    assert world.reconcile().differences == 0
    assert (world.brief.state, world.findings()) == (State.PAID, [])


@pytest.mark.parametrize(("read", "times"), [("transfers", 1), ("transfers", 2), ("balances", 1)])
def test_a_brief_that_is_settled_while_its_ledger_is_read_is_no_difference(read: str, times: int) -> None:
    world = a_world_in(State.APPROVED)
    world.advance()
    meanwhile(world, world.ledger, read, world.advance, after=times)
    assert world.reconcile().differences == 0
    assert world.findings() == []
    assert world.brief.state is State.PAID


def test_a_refund_that_is_begun_after_the_ledger_was_read_is_no_difference() -> None:
    world = a_world_in(State.CANCELLED)
    seen: list[datetime] = []

    def begun(brief_id: str) -> None:
        seen.append(world.clock.now())
        world.advance()

    really = world.ledger.transfers

    def first_without(brief_id: str) -> Any:
        world.ledger.transfers = really  # type: ignore[method-assign]
        found = really(brief_id)
        begun(brief_id)
        return found

    def operations(since: datetime) -> Iterator[Operation]:
        yield from list(type(world.provider).operations(world.provider, since))
        yield from list(type(world.provider).operations(world.provider, since))

    world.ledger.transfers = first_without  # type: ignore[method-assign]
    world.provider.operations = operations  # type: ignore[method-assign]
    assert world.reconcile().differences == 0
    assert seen

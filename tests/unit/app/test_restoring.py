"""A table is restored to an older point, but what the provider did stays done: nothing is ever paid again for that.

Each life of a brief is lived up to some step, one or both tables are set back to what they were at some earlier one,
and people, the sweeper and the reconciliation go on from there.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from microintern.domain.audit import Finding
from microintern.domain.documents import Application
from microintern.domain.payments import PayoutStatus
from microintern.domain.states import State
from tests.unit.app.test_collecting import COLLECTED, GIVEN_BACK
from tests.unit.app.world import LATE_S, Step, World, a_world_in
from tests.unit.builders import POLICY

pytestmark = pytest.mark.slow

TABLES = [("ledger",), ("briefs",), ("briefs", "ledger")]
PAID = ("pay_out", 30_000)
DIVIDED = [("pay_out", 15_000), ("refund", 15_000)]
MOST_ROUNDS = 25


def applies(world: World) -> None:
    snapshot = world.briefs.read(world.brief_id, Application.key_of(world.application_id()))
    assert snapshot is not None
    if not snapshot.documents:
        world.apply()


def applies_and_is_picked(world: World) -> None:
    applies(world)
    world.award()


def hands_in(world: World) -> None:
    world.upload_all()
    world.submit()


def takes_another_card(world: World) -> None:
    if not world.brief.collecting:
        world.ask_for_funding()


def takes_a_bad_card(world: World) -> None:
    world.ask_for_funding(method="sandbox-declined")


def takes_a_slow_card(world: World) -> None:
    world.ask_for_funding(method="sandbox-late")


def is_paid_at_a_bad_account(world: World) -> None:
    account = world.payout_account()
    bad = {"destination": "sandbox-declined", "status": PayoutStatus.READY, "version": account.version + 1}
    world.accounts.save_payout_account(account.model_copy(update=bad))


def is_paid_elsewhere(world: World) -> None:
    """The cooling-off is over at once: no deadline of another state passes meanwhile."""
    world.be_payable(destination="sandbox-account")
    account = world.payout_account()
    usable = {"usable_at": world.clock.now(), "version": account.version + 1}
    world.accounts.save_payout_account(account.model_copy(update=usable))


def time_passes(world: World) -> None:
    world.clock.forward(seconds=LATE_S)


def decides(world: World) -> None:
    world.resolve()


def decision_is_final(world: World) -> None:
    world.deadline_lapses()


GO_ON: dict[State, Step] = {
    State.POSTED: takes_another_card,
    State.OPEN: applies_and_is_picked,
    State.AWARDED: hands_in,
    State.SUBMITTED: World.approve,
}
DECIDED: dict[State, Step] = {
    **GO_ON,
    State.SUBMITTED: World.dispute,
    State.DISPUTED: lambda w: decision_is_final(w) if w.brief.dispute and w.brief.dispute.decision else decides(w),
}


class Life(NamedTuple):
    """A brief's life step by step, what people do when they find themselves in a state again, and what it comes to."""

    steps: list[Step]
    again: dict[State, Step]
    moved: list[tuple[str, int]]


FUNDED: list[Step] = [World.post, World.ask_for_funding, World.advance, World.provider_tells]
WORKED: list[Step] = [applies, World.award, hands_in]
PAYING: list[Step] = [World.advance, World.provider_tells]
LIVES = {
    "paid": Life([*FUNDED, *WORKED, World.approve, *PAYING], GO_ON, [COLLECTED, PAID]),
    "paid at the second try": Life(
        [
            World.post,
            takes_a_bad_card,
            *PAYING,
            *FUNDED[1:],
            *WORKED,
            is_paid_at_a_bad_account,
            World.approve,
            *PAYING,
            is_paid_elsewhere,
            *PAYING,
        ],
        GO_ON,
        [COLLECTED, PAID],
    ),
    "divided": Life(
        [*FUNDED, *WORKED, World.dispute, decides, decision_is_final, *PAYING, World.money_moves],
        DECIDED,
        [COLLECTED, *DIVIDED],
    ),
    "given back": Life(
        [
            World.post,
            takes_a_bad_card,
            *PAYING,
            takes_a_slow_card,
            World.advance,
            World.cancel,
            time_passes,
            *PAYING,
            World.money_moves,
        ],
        {State.POSTED: World.cancel, State.OPEN: World.cancel},
        [COLLECTED, GIVEN_BACK],
    ),
}


def lived(life: Life, steps: int) -> tuple[World, list[dict[str, Any]]]:
    """The world after so many steps, and the backups that were made after each of them."""
    world, backups = World(), []
    world.be_payable()
    for step in life.steps[:steps]:
        step(world)
        backups.append(world.backup())
    return world, backups


def goes_on(world: World, again: dict[State, Step]) -> Iterator[None]:
    """People do what they have to, and the money follows; the sweeper and the reconciliation look after it."""
    for _ in range(MOST_ROUNDS):
        if world.payout_account().status is PayoutStatus.BLOCKED:
            is_paid_elsewhere(world)
        if (act := again.get(world.brief.state)) and not world.brief.collecting:
            act(world)
        world.money_moves()
        world.clock.forward(seconds=POLICY.overdue_after_s + 1)
        world.sweep()
        world.provider_tells()
        yield


def ends(world: World, again: dict[State, Step]) -> None:
    """Live on until the brief is settled and the reconciliation finds nothing that is still to be written."""
    for _ in goes_on(world, again):
        if world.brief.settled_at and world.reconcile(days=30).behind == 0:
            return
        world.provider_tells()
    raise AssertionError(f"stuck: {world.brief.state}, {world.findings()}, {world.holds}")


CASES = [
    pytest.param(life, tables, at, id=f"{name}-{'+'.join(tables)}-{at}")
    for name, life in LIVES.items()
    for tables in TABLES
    for at in range(1, len(life.steps) + 1)
]


@pytest.mark.parametrize(("life", "tables", "at"), CASES)
def test_restored_to_any_point_the_money_has_moved_once_in_the_end_and_the_ledger_says_so(
    life: Life, tables: tuple[str, ...], at: int
) -> None:
    for until in {at, *range(at + 1, len(life.steps), 3), len(life.steps)}:
        world, backups = lived(life, until)
        already = list(world.moved)
        world.restore(backups[at - 1], *tables)
        ends(world, life.again)
        assert world.moved[: len(already)] == already, until
        # One that was cancelled before its money was asked for once more had none to give back.
        moved = life.moved if already or life is not LIVES["given back"] or world.moved else []
        assert sorted(world.moved) == sorted(moved), until
        assert len(world.provider.asked_for) == len(set(world.provider.asked_for)), until
        assert world.book.is_balanced(settled=True), until
        assert world.ledger.balances(world.brief_id) == world.book.held, until
        assert sum(world.book.balances.values()) == 0
        paid = [t.amount_minor for t in world.book.transfers if t.credit == "provider" and t.phase == "posted"]
        assert sorted(paid) == sorted(minor for _, minor in moved[1:]), until
        assert set(world.findings()) <= {Finding.NOT_IN_LEDGER, Finding.UNKNOWN_TRANSFER}, until


# ── and people then decide otherwise ──────────────────────────────────────────────────────────────


def employer_wins(world: World) -> None:
    world.dispute()
    world.deadline_lapses()
    world.deadline_lapses()


def is_divided(world: World) -> None:
    world.dispute()
    world.resolve()
    world.deadline_lapses()


ENDS: dict[str, Step] = {"approved": World.approve, "employer wins": employer_wins, "divided": is_divided}


@pytest.mark.parametrize("tables", TABLES[1:], ids="+".join)
@pytest.mark.parametrize("then", ENDS)
@pytest.mark.parametrize("first", ENDS)
def test_a_brief_that_ends_otherwise_after_a_restore_moves_no_more_money_until_a_person_has_looked(
    first: str, then: str, tables: tuple[str, ...]
) -> None:
    if first == then:
        return
    world = a_world_in(State.SUBMITTED)
    backup = world.backup()
    ENDS[first](world)
    world.money_moves()
    world.money_moves()
    moved = list(world.moved)
    assert world.brief.settled_at is not None
    world.restore(backup, *tables)
    ENDS[then](world)
    for _ in range(2):
        assert world.money_moves() == "needs_person"
        world.clock.forward(days=2)
    assert world.moved == moved
    assert world.findings() == [Finding.CLAIM_DIFFERS]
    assert world.brief.settled_at is None


def after_a_payout_that_failed(*, then_made: bool) -> World:
    """Both tables are restored to before the work was approved, for which the first payout failed."""
    world = a_world_in(State.SUBMITTED)
    backup = world.backup()
    is_paid_at_a_bad_account(world)
    world.approve()
    assert world.money_moves() == "held"
    if then_made:
        is_paid_elsewhere(world)
        assert world.money_moves() == "settled"
    world.restore(backup, "briefs", "ledger")
    return world


def test_a_payout_that_only_failed_before_a_restore_is_no_reason_not_to_give_the_money_back() -> None:
    world = after_a_payout_that_failed(then_made=False)
    employer_wins(world)
    assert world.money_moves() == "settled"
    assert world.moved == [COLLECTED, GIVEN_BACK]


def test_a_payout_that_was_made_at_the_second_try_before_a_restore_is_found_too() -> None:
    world = after_a_payout_that_failed(then_made=True)
    employer_wins(world)
    assert world.money_moves() == "needs_person"
    assert world.moved == [COLLECTED, PAID]


def test_a_payout_from_before_a_restore_is_written_down_even_if_the_account_is_blocked_now() -> None:
    world = a_world_in(State.APPROVED)
    backup = world.backup()
    world.money_moves()
    world.be_payable(destination="sandbox-blocked")
    world.restore(backup, "briefs", "ledger")
    world.money_moves()
    assert world.brief.state is State.PAID
    assert world.moved == [COLLECTED, PAID]
    assert (world.holds, world.payout_account().status) == ([], PayoutStatus.BLOCKED)
    assert world.accounts.notices("amara-student-1", 10).items == []


def test_a_payout_that_failed_before_a_restore_does_not_block_the_account_that_was_paid_since() -> None:
    life = LIVES["paid at the second try"]
    world, backups = lived(life, len(life.steps))
    world.restore(backups[life.steps.index(World.approve)], "briefs", "ledger")
    ends(world, GO_ON)
    account = world.payout_account()
    assert (account.destination, account.status) == ("sandbox-account", PayoutStatus.READY)


def test_a_collection_that_was_voided_is_not_asked_for_when_the_brief_is_restored_to_before() -> None:
    world = a_world_in(State.POSTED)
    world.ask_for_funding()

    def goes_away() -> None:
        raise RuntimeError

    world.provider.meanwhile = goes_away
    with pytest.raises(RuntimeError):
        world.advance()
    backup = world.backup()
    world.cancel()
    world.clock.forward(seconds=POLICY.overdue_after_s)
    world.money_moves()
    world.restore(backup, "briefs")
    assert world.money_moves() == "declined"
    assert world.moved == []
    world.ask_for_funding()
    assert world.money_moves() == "opened"
    assert world.moved == [COLLECTED]


def test_money_of_a_brief_that_was_restored_to_before_it_was_asked_for_is_given_back_when_it_expires() -> None:
    world = a_world_in(State.POSTED)
    backup = world.backup()
    world.ask_for_funding()
    world.money_moves()
    world.restore(backup, "briefs", "ledger")
    world.deadline_lapses()
    assert world.money_moves() == "settled"
    assert world.moved == [COLLECTED, GIVEN_BACK]
    assert world.book.is_balanced(settled=True)

"""Money is divided once, whatever is repeated, late, refused or interrupted."""

from datetime import timedelta

import pytest

from microintern.app import payees
from microintern.app.accounts import notices
from microintern.app.settling import NotSettled, advance, await_settlement
from microintern.domain.audit import Finding
from microintern.domain.ledger import Phase, TransferName
from microintern.domain.payments import PayoutStatus
from microintern.domain.payout_matrix import Split
from microintern.domain.states import State
from tests.unit.app.test_collecting import COLLECTED, GIVEN_BACK, crash, is_settled_and_balanced, records
from tests.unit.app.world import LATE_S, Crash, World, a_world_in, rival
from tests.unit.builders import ORGANISATION, POLICY, STUDENT, employer, seconds, student

PAID = ("pay_out", 30_000)


def approved(destination: str = "sandbox-account") -> World:
    """Work that was approved, of a student who is paid at this destination, which was there from the beginning."""
    world = a_world_in(State.OPEN)
    if destination != "none":
        world.be_payable(destination="sandbox-account")
        account = world.payout_account()
        payee = world.provider.payee(destination)
        moved = {"destination": destination, "status": payee.status, "version": 2}
        world.apply()
        world.award()
        world.accounts.save_payout_account(account.model_copy(update=moved))
    world.upload_all()
    world.submit()
    world.approve()
    return world


def told(world: World, student_too: bool = True) -> list[str]:
    by = student() if student_too else employer()
    return [notice.text for notice in notices(by, 50, None, accounts=world.accounts).items]


@pytest.mark.parametrize(
    ("state", "moved"),
    [
        (State.APPROVED, [PAID]),
        (State.RESOLVED, [("pay_out", 15_000), ("refund", 15_000)]),
        (State.CANCELLED, [GIVEN_BACK]),
    ],
)
def test_the_escrow_is_divided_as_the_brief_ended_once_however_often_anybody_asks(
    state: State, moved: list[tuple[str, int]]
) -> None:
    world = a_world_in(state)
    assert world.advance() == "waiting"
    assert world.brief.settled_at is None
    assert world.provider_tells()[-1] == ("settled" if len(moved) == 1 else "nothing_to_do")
    kept = world.kept()
    assert world.advance() == "nothing_to_do"
    assert world.kept() == kept
    assert world.moved == [COLLECTED, *moved]
    assert is_settled_and_balanced(world)
    assert world.ledger.balances(world.brief_id) == world.book.held


def test_the_fee_is_kept_and_the_payout_is_made_in_the_order_of_double_entry() -> None:
    world = a_world_in(State.PAID)
    posted = [(t.name, t.debit, t.credit, t.amount_minor) for t in world.book.transfers if t.phase is Phase.POSTED]
    escrow, payable = f"escrow:{world.brief_id}", f"payable:{STUDENT}"
    assert posted == [
        ("fund", "provider", escrow, 33_000),
        ("release", escrow, payable, 30_000),
        ("fee", escrow, "platform:fees", 3_000),
        ("payout", payable, "provider", 30_000),
    ]


@pytest.mark.parametrize("state", [State.APPROVED, State.RESOLVED, State.CANCELLED])
def test_a_crash_before_the_provider_is_asked_or_after_it_answered_pays_once(state: State) -> None:
    world = a_world_in(state)
    world.provider.meanwhile = crash
    with pytest.raises(Crash):
        world.advance()
    world.clock.forward(hours=1)
    assert world.advance() == "waiting"
    world.ledger.crashes = True
    with pytest.raises(Crash):
        world.advance()
    world.clock.forward(hours=1)
    assert world.money_moves() in {"settled", "nothing_to_do"}
    assert len(world.moved) == len(set(world.moved))
    assert is_settled_and_balanced(world)


@pytest.mark.parametrize("state", [State.APPROVED, State.RESOLVED, State.CANCELLED])
def test_two_that_settle_at_once_pay_once(state: State) -> None:
    world = a_world_in(state)
    world.provider.meanwhile = world.advance
    world.advance()
    world.money_moves()
    assert len(world.moved) == len(set(world.moved))
    assert is_settled_and_balanced(world)


def test_an_end_that_two_write_at_once_is_written_once() -> None:
    world = a_world_in(State.APPROVED)
    world.advance()
    said: list[str] = []
    world.briefs.meanwhile = lambda: said.append(world.advance())
    said.append(world.advance())
    assert said == ["settled", "nothing_to_do"]
    assert world.brief.version == 7


def test_a_brief_that_has_not_ended_is_not_settled() -> None:
    for state in (State.OPEN, State.SUBMITTED, State.DISPUTED):
        world = a_world_in(state)
        assert world.advance() == "nothing_to_do"
        assert world.moved == [COLLECTED]
        with pytest.raises(NotSettled, match="has not ended"):
            await_settlement(world.brief_id, "token", briefs=world.briefs)


def test_the_workflows_token_is_left_on_a_brief_that_has_ended_before_and_after_the_money_moved() -> None:
    for state in (State.APPROVED, State.PAID):
        world = a_world_in(state)
        await_settlement(world.brief_id, "token", briefs=world.briefs)
        wait = world.briefs.waits[world.brief_id]
        assert (wait.state, wait.token) == (state, "token")


def test_a_brief_that_keeps_changing_is_left_for_later() -> None:
    world = a_world_in(State.CANCELLED)
    world.advance()

    def another_version() -> None:
        world.briefs.put(world.brief.model_copy(update={"version": world.brief.version + 1}))
        world.briefs.meanwhile = another_version

    world.briefs.meanwhile = another_version
    with pytest.raises(NotSettled, match="kept changing"):
        world.advance()
    world.briefs.meanwhile = None
    assert world.advance() == "settled"
    assert world.moved == [COLLECTED, GIVEN_BACK]


# ── a payout that must wait ───────────────────────────────────────────────────────────────────────


def without_account(world: World) -> None:
    world.accounts._payout_accounts.clear()


def test_without_a_payout_account_the_money_is_held_and_the_student_is_told_once() -> None:
    world = a_world_in(State.APPROVED)
    without_account(world)
    for _ in range(3):
        assert world.money_moves() == "held"
        world.clock.forward(hours=1)
    (hold,) = world.holds
    assert (hold.name, hold.party_id, hold.amount_minor, hold.until) == (TransferName.PAYOUT, STUDENT, 30_000, None)
    assert told(world) == ["Your money is held back: the student has no payout account."]
    assert world.moved == [COLLECTED]
    assert world.ledger.balances(world.brief_id)[f"payable:{STUDENT}"] == 30_000
    world.be_payable()
    assert world.money_moves() == "settled"
    assert (world.moved, world.holds) == ([COLLECTED, PAID], [])


def test_a_blocked_account_is_not_paid_until_another_one_has_stood_for_the_cooling_off() -> None:
    world = approved("sandbox-blocked")
    assert world.money_moves() == "held"
    world.be_payable(destination="sandbox-other")
    assert world.money_moves() == "held"
    usable_at = world.payout_account().usable_at
    assert usable_at == world.clock.now() + seconds(POLICY.payout_cooling_off_s)
    (hold,) = world.holds
    assert (hold.until, hold.reason) == (usable_at, "the payout account was changed a short while ago")
    assert len(told(world)) == 2
    world.clock.at = usable_at - timedelta(milliseconds=1)
    assert world.money_moves() == "held"
    world.clock.at = usable_at
    assert world.money_moves() == "settled"
    assert (world.moved, world.holds) == ([COLLECTED, PAID], [])


def test_an_account_that_the_provider_is_still_checking_is_asked_about_again_each_time() -> None:
    world = approved("sandbox-pending")
    assert world.advance() == "held"
    assert "being checked" in world.holds[0].reason
    world.clock.forward(seconds=LATE_S)
    assert world.advance() == "waiting"
    assert world.payout_account().status is PayoutStatus.READY
    assert world.money_moves() == "settled"
    assert world.holds == []


def test_a_held_payout_is_released_by_the_sweeper_when_the_provider_said_that_the_account_is_ready() -> None:
    world = approved("sandbox-pending")
    world.advance()
    world.clock.forward(seconds=LATE_S)
    assert world.provider_tells() == ["refreshed"]
    assert world.payout_account().status is PayoutStatus.READY
    world.sweep()
    assert world.provider_tells() == ["settled"]
    assert (world.moved, world.holds) == ([COLLECTED, PAID], [])


def test_a_held_payout_is_released_by_the_sweeper_when_its_time_has_come() -> None:
    world = a_world_in(State.APPROVED)
    world.be_payable(destination="sandbox-new")
    assert world.money_moves() == "held"
    world.clock.forward(seconds=POLICY.payout_cooling_off_s - 60)
    assert world.sweep().advanced == 0
    world.clock.forward(seconds=61)
    assert world.sweep().advanced == 1
    assert world.provider_tells() == ["settled"]
    assert world.moved == [COLLECTED, PAID]


# ── what the provider cannot do ───────────────────────────────────────────────────────────────────


def test_a_payout_that_fails_blocks_the_account_and_is_made_once_to_the_next() -> None:
    world = approved("sandbox-declined")
    assert world.money_moves() == "held"
    account = world.payout_account()
    assert (account.status, account.reason) == (PayoutStatus.BLOCKED, "The payout account could not receive the money.")
    assert world.ledger.balances(world.brief_id)[f"payable:{STUDENT}"] == 30_000
    assert Finding.PAYOUT_FAILED in world.findings(needs_person=False)
    for _ in range(3):
        world.clock.forward(days=1)
        assert world.money_moves() == "held"
    assert len(world.store._asked) == 2
    world.be_payable(destination="sandbox-account")
    world.clock.forward(seconds=POLICY.payout_cooling_off_s)
    assert world.money_moves() == "settled"
    assert world.moved == [COLLECTED, PAID]
    assert records(world)[-4:] == [
        ("payout", Phase.PENDING),
        ("payout", Phase.VOIDED),
        ("payout#2", Phase.PENDING),
        ("payout#2", Phase.POSTED),
    ]
    assert is_settled_and_balanced(world)
    assert world.holds == []


def test_an_account_that_was_changed_while_its_payout_failed_is_not_blocked() -> None:
    world = approved("sandbox-declined")
    world.advance()
    world.be_payable(destination="sandbox-other")
    world.money_moves()
    assert world.payout_account().status is PayoutStatus.READY


def test_a_student_who_changes_the_account_at_that_very_moment_has_the_last_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = approved("sandbox-declined")
    world.advance()
    save = world.accounts.save_payout_account

    def student_is_first(account: object) -> None:
        monkeypatch.setattr(world.accounts, "save_payout_account", save)
        world.be_payable(destination="sandbox-other")
        save(account)  # type: ignore[arg-type]

    monkeypatch.setattr(world.accounts, "save_payout_account", student_is_first)
    assert world.provider_tells() == ["held"]
    account = world.payout_account()
    assert (account.destination, account.status) == ("sandbox-other", PayoutStatus.READY)


def a_refund_that_ends_in(ending: int) -> World:
    """A cancelled brief whose escrow, and so its refund, ends in this number, but was collected by a plain card."""
    pay_minor = next(pay for pay in range(30_000, 60_000) if (pay + (pay * 1_000 + 5_000) // 10_000) % 1_000 == ending)
    world = World(pay={"amount_minor": pay_minor, "currency": "USD"}).bring_to(State.POSTED)
    world.ask_for_funding(method="sandbox-twice")
    world.money_moves()
    world.cancel()
    return world


def test_a_refund_that_fails_is_tried_again_after_a_while_and_somebody_is_called() -> None:
    world = a_refund_that_ends_in(901)
    whole = world.brief.escrow_minor
    assert world.money_moves() == "held"
    assert world.findings() == [Finding.REFUND_FAILED]
    assert world.advance() == "held"
    (hold,) = world.holds
    assert (hold.name, hold.party_id, hold.amount_minor) == (TransferName.REFUND, ORGANISATION, whole)
    assert hold.until == world.clock.now() + seconds(POLICY.retry_failed_after_s)
    assert told(world, student_too=False) == [
        "Your money is held back: the refund failed: The refund was returned by the bank."
    ]
    assert [t.attempt for t in world.book.transfers if t.name is TransferName.REFUND] == [1, 1]
    world.clock.forward(seconds=POLICY.retry_failed_after_s)
    assert world.advance() == "waiting"
    latest = world.book.latest(TransferName.REFUND)
    assert latest is not None
    assert (latest.attempt, latest.phase) == (2, Phase.PENDING)
    assert world.moved == [("collect", whole)]
    assert world.ledger.balances(world.brief_id) == {f"escrow:{world.brief_id}": whole}


def test_of_two_legs_one_that_is_held_does_not_hold_the_other() -> None:
    world = a_world_in(State.RESOLVED)
    without_account(world)
    assert world.money_moves() == "held"
    assert world.moved == [COLLECTED, ("refund", 15_000)]
    assert [hold.name for hold in world.holds] == [TransferName.PAYOUT]
    assert world.brief.settled_at is None
    world.be_payable()
    assert world.money_moves() == "settled"
    assert world.moved == [COLLECTED, ("refund", 15_000), ("pay_out", 15_000)]
    assert is_settled_and_balanced(world)


def test_no_hold_is_left_when_the_process_goes_away_between_the_payout_and_its_hold() -> None:
    world = a_world_in(State.APPROVED)
    without_account(world)
    world.money_moves()
    world.be_payable()
    drop = world.ledger.drop_hold

    def goes_away(brief_id: str, name: TransferName) -> None:
        world.ledger.drop_hold = drop  # type: ignore[method-assign]
        raise Crash

    world.ledger.drop_hold = goes_away  # type: ignore[method-assign]
    with pytest.raises(Crash):
        world.advance()
    world.money_moves()
    assert (world.moved, world.holds) == ([COLLECTED, PAID], [])


@pytest.mark.parametrize("destination", ["sandbox-other-amount", "sandbox-other-currency"])
def test_a_payout_of_which_the_provider_says_something_else_waits_for_a_person(destination: str) -> None:
    world = approved(destination)
    assert [world.advance(), world.advance()] == ["needs_person"] * 2
    assert world.findings() == [Finding.AMOUNT_DIFFERS]
    assert world.brief.settled_at is None
    assert not world.book.is_posted(TransferName.PAYOUT)


# ── claims ────────────────────────────────────────────────────────────────────────────────────────


def test_a_brief_that_now_says_another_division_than_was_claimed_moves_nothing() -> None:
    world = a_world_in(State.APPROVED)
    without_account(world)
    world.money_moves()
    refund = Split(student_minor=0, employer_minor=33_000, fee_minor=0)
    world.briefs.put(world.brief.model_copy(update={"split": refund}))
    assert [world.advance(), world.advance()] == ["needs_person"] * 2
    assert world.findings() == [Finding.CLAIM_DIFFERS]
    assert world.moved == [COLLECTED]


def test_another_student_is_not_paid_what_was_claimed_for_the_first() -> None:
    world = a_world_in(State.APPROVED)
    without_account(world)
    world.money_moves()
    world.be_payable(rival())
    world.briefs.put(world.brief.model_copy(update={"student_id": rival().actor_id}))
    assert world.advance() == "needs_person"
    assert world.findings() == [Finding.CLAIM_DIFFERS]


def test_a_brief_that_ended_with_money_to_divide_but_none_collected_is_left_to_a_person() -> None:
    world = a_world_in(State.APPROVED)
    world.restore(World().backup(), "ledger")
    world.store._asked.clear()
    assert [world.advance(), world.advance()] == ["needs_person"] * 2
    assert world.findings() == [Finding.OUT_OF_BALANCE]
    assert world.moved == []


def test_refreshing_a_destination_tells_the_accounts_that_are_paid_there_now() -> None:
    world = approved("sandbox-pending")
    world.clock.forward(seconds=LATE_S)
    shared = {"accounts": world.accounts, "provider": world.provider, "clock": world.clock}
    (account,) = payees.refresh("sandbox-pending", **shared)  # type: ignore[arg-type]
    assert (account.account_id, account.status) == (STUDENT, PayoutStatus.READY)
    assert payees.refresh("sandbox-account", **shared) == []  # type: ignore[arg-type]
    assert advance(world.brief_id, world.treasury) == "waiting"

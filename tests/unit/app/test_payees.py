"""Where a student is paid: what they say, what the provider says, and how long a change must stand."""

from typing import Any

import pytest

from microintern.app import accounts as accounts_app
from microintern.app import payees
from microintern.app.requests import PayoutAccountRequest
from microintern.domain.accounts import PayoutAccount
from microintern.domain.payments import PayoutStatus
from microintern.domain.problems import Conflict, Forbidden, Invalid
from microintern.domain.states import Role, State
from microintern.ports.conditions import StaleDocument
from tests.unit.app.world import LATE_S, World, a_world_in, rival, stranger
from tests.unit.builders import EMPLOYER, POLICY, STUDENT, command, employer, operator, seconds, student


def shared(world: World) -> dict[str, Any]:
    return {"accounts": world.accounts, "provider": world.provider, "clock": world.clock}


def of_account(world: World) -> dict[str, Any]:
    return {"accounts": world.accounts, "standings": world.standings, "mailings": world.accounts.mailings}


@pytest.mark.parametrize(
    ("destination", "status"),
    [
        ("sandbox-account", PayoutStatus.READY),
        ("sandbox-pending", PayoutStatus.PENDING),
        ("sandbox-blocked", PayoutStatus.BLOCKED),
    ],
)
def test_an_account_stands_as_the_provider_says_and_the_first_one_is_usable_at_once(
    destination: str, status: PayoutStatus
) -> None:
    world = World()
    assert accounts_app.me(student(), **of_account(world)).payout_status is PayoutStatus.MISSING
    world.be_payable(destination=destination)
    account = world.payout_account()
    assert (account.status, account.provider, account.version) == (status, "sandbox", 1)
    assert account.usable_at == world.clock.now()
    assert bool(account.reason) == (status is not PayoutStatus.READY)
    me = accounts_app.me(student(), **of_account(world))
    assert (me.payout_status, me.payout_account and me.payout_account.destination) == (status, destination)


@pytest.mark.parametrize("by", [employer(), operator()])
def test_nobody_but_students_has_a_payout_status(by: Any) -> None:
    world = World()
    assert accounts_app.me(by, **of_account(world)).payout_status is None


def test_another_destination_must_stand_for_the_cooling_off_and_each_change_starts_it_anew() -> None:
    world = World()
    world.be_payable()
    for destination in ("sandbox-other", "sandbox-account"):
        world.clock.forward(hours=5)
        world.be_payable(destination=destination)
        assert world.payout_account().usable_at == world.clock.now() + seconds(POLICY.payout_cooling_off_s)


def test_saying_the_same_destination_again_neither_starts_nor_shortens_the_cooling_off() -> None:
    world = World()
    world.be_payable()
    world.be_payable(destination="sandbox-other")
    usable_at = world.payout_account().usable_at
    world.clock.forward(hours=5)
    world.be_payable(destination="sandbox-other")
    assert (world.payout_account().usable_at, world.payout_account().version) == (usable_at, 3)


def test_a_repeated_command_changes_nothing_and_its_key_stands_for_one_body() -> None:
    world = World()
    world.be_payable(student(key="the-key"))
    world.be_payable(student(), destination="sandbox-other")
    kept = world.payout_account()
    world.be_payable(student(key="the-key"))
    assert world.payout_account() == kept
    with pytest.raises(Invalid) as refused:
        world.be_payable(student(key="the-key", body="another"))
    assert refused.value.code == "idempotency_key_reused"


def test_only_students_are_paid() -> None:
    world = World()
    for role in set(Role) - {Role.STUDENT, Role.SERVER}:
        with pytest.raises(Forbidden):
            world.be_payable(stranger(role))


def test_an_account_that_changed_meanwhile_is_a_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()

    def stale(_: PayoutAccount) -> None:
        raise StaleDocument

    monkeypatch.setattr(world.accounts, "save_payout_account", stale)
    with pytest.raises(Conflict) as refused:
        world.be_payable()
    assert refused.value.code == "changed_meanwhile"


def test_what_the_provider_says_later_is_written_to_everybody_who_is_paid_there_now() -> None:
    world = World()
    for by in (student(), rival(), command(Role.STUDENT, "student-who-moved")):
        world.be_payable(by, destination="sandbox-pending")
    world.be_payable(command(Role.STUDENT, "student-who-moved"), destination="sandbox-account")
    world.clock.forward(seconds=LATE_S)
    told = payees.refresh("sandbox-pending", **shared(world))
    assert {account.account_id for account in told} == {STUDENT, rival().actor_id}
    assert {account.status for account in told} == {PayoutStatus.READY}
    assert world.payout_account("student-who-moved").version == 2
    assert [account.version for account in payees.refresh("sandbox-pending", **shared(world))] == [2, 2]


def test_a_refresh_keeps_the_time_from_which_the_account_is_usable() -> None:
    world = World()
    world.be_payable()
    world.be_payable(destination="sandbox-pending")
    usable_at = world.payout_account().usable_at
    world.clock.forward(seconds=LATE_S)
    payees.refresh("sandbox-pending", **shared(world))
    account = world.payout_account()
    assert (account.status, account.usable_at) == (PayoutStatus.READY, usable_at)


def test_a_refresh_that_comes_second_gives_what_the_student_said_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.be_payable(destination="sandbox-pending")
    before = world.payout_account()
    world.clock.forward(seconds=LATE_S)
    save = world.accounts.save_payout_account

    def student_is_first(account: PayoutAccount) -> None:
        monkeypatch.setattr(world.accounts, "save_payout_account", save)
        world.be_payable(destination="sandbox-other")
        save(account)

    monkeypatch.setattr(world.accounts, "save_payout_account", student_is_first)
    assert payees.refreshed(before, **shared(world)).destination == "sandbox-other"
    assert world.payout_account().destination == "sandbox-other"


def test_nobody_is_paid_at_a_destination_that_nobody_named() -> None:
    assert payees.refresh("sandbox-account", **shared(World())) == []


def test_a_student_is_awarded_a_brief_only_while_their_account_is_ready() -> None:
    world = a_world_in(State.OPEN)
    world.apply()
    for destination in (None, "sandbox-pending", "sandbox-blocked"):
        if destination:
            world.be_payable(destination=destination)
        with pytest.raises(Conflict) as refused:
            world.award()
        assert refused.value.code == "payee_not_ready"
    world.be_payable()
    assert world.award().state is State.AWARDED


def test_a_destination_is_what_the_provider_calls_it_and_no_bank_details() -> None:
    with pytest.raises(ValueError, match="destination"):
        PayoutAccountRequest(destination="DE89 3704 0044 0532 0130 00")
    assert EMPLOYER

"""What operators see of the money that needs them, and what they can have done about it."""

from typing import Any

import pytest

from microintern.app import operating
from microintern.domain.audit import Finding, entry
from microintern.domain.problems import Forbidden, Invalid, Malformed
from microintern.domain.states import Role, State
from tests.unit.app.test_settling import without_account
from tests.unit.app.world import MemoryLetters, World, a_world_in, stranger
from tests.unit.builders import OPERATOR, STUDENT, operator


def test_what_is_held_is_shown_with_the_reason_until_it_was_sent() -> None:
    world = a_world_in(State.APPROVED)
    without_account(world)
    world.money_moves()
    (hold,) = operating.holds(operator(), 10, None, ledger=world.ledger).items
    assert (hold.brief_id, hold.party_id, hold.amount.written) == (world.brief_id, STUDENT, "300.00 USD")
    assert (hold.reason, hold.since) == ("the student has no payout account", world.clock.now())
    world.be_payable()
    world.money_moves()
    assert operating.holds(operator(), 10, None, ledger=world.ledger).items == []


def many_entries(number: int) -> World:
    world = World()
    for i in range(number):
        world.audit.note(entry(Finding.OUT_OF_BALANCE, f"brief-{i}", "why", world.clock.now()))
        world.audit.note(entry(Finding.WEBHOOK_APPLIED, f"m-{i}", "why", world.clock.now()))
        world.clock.forward(minutes=1)
    return world


def test_the_trail_shows_what_needs_a_person_apart_and_the_newest_first() -> None:
    world = many_entries(3)
    alarming = operating.audit_trail(operator(), True, 10, None, audit=world.audit)
    assert [e.subject for e in alarming.items] == ["brief-2", "brief-1", "brief-0"]
    routine = operating.audit_trail(operator(), False, 10, None, audit=world.audit)
    assert [e.subject for e in routine.items] == ["m-2", "m-1", "m-0"]


def test_the_trail_pages_and_its_cursor_is_bound_to_the_list() -> None:
    world = many_entries(3)
    first = operating.audit_trail(operator(), True, 2, None, audit=world.audit)
    last = operating.audit_trail(operator(), True, 2, first.next_cursor, audit=world.audit)
    assert [e.subject for e in [*first.items, *last.items]] == ["brief-2", "brief-1", "brief-0"]
    with pytest.raises(Malformed):
        operating.audit_trail(operator(), False, 2, first.next_cursor, audit=world.audit)


def test_what_failed_is_handed_back_and_who_asked_for_it_is_noted() -> None:
    world = World()
    world.letters = MemoryLetters(settlement=3, brief_stream=0)
    done = operating.redrive(operator(), letters=world.letters, audit=world.audit, clock=world.clock)
    assert [(r.queue, r.redriven, r.left) for r in done] == [("settlement", 3, 0), ("brief_stream", 0, 0)]
    assert [tries for _, _, tries in world.letters.asked] == [None, None]
    (noted,) = world.audit.entries(needs_person=False, limit=5).items
    assert (noted.finding, noted.subject, noted.facts) == (Finding.REDRIVEN, "settlement", {"failed": 0, "redriven": 3})
    assert OPERATOR in noted.reason
    operating.redrive(operator(), letters=world.letters, audit=world.audit, clock=world.clock)
    assert len(world.audit.entries(needs_person=False, limit=5).items) == 1


def test_a_redrive_that_is_repeated_is_answered_as_before_and_does_nothing() -> None:
    world = World()
    world.letters = MemoryLetters(settlement=3)
    by = operator()
    shared: dict[str, Any] = {"letters": world.letters, "audit": world.audit, "clock": world.clock}
    first = operating.redrive(by, **shared)
    assert operating.redrive(by, **shared) == first
    assert len(world.letters.asked) == 1
    assert operating.redrive(operator(), **shared)[0].redriven == 0, "another key is another request"
    with pytest.raises(Invalid) as refused:
        operating.redrive(by.model_copy(update={"body": "another"}), **shared)
    assert refused.value.code == "idempotency_key_reused"


def test_letters_that_fail_again_are_noted_too() -> None:
    world = World()
    world.letters = MemoryLetters(settlement=1)
    world.letters.hopeless = 1
    operating.redrive(operator(), letters=world.letters, audit=world.audit, clock=world.clock)
    (noted,) = world.audit.entries(needs_person=False, limit=5).items
    assert noted.facts == {"failed": 1, "redriven": 0}


@pytest.mark.parametrize("role", [Role.STUDENT, Role.EMPLOYER, Role.EDUCATOR])
def test_all_of_it_is_for_operators(role: Role) -> None:
    world = World()
    with pytest.raises(Forbidden):
        operating.holds(stranger(role), 10, None, ledger=world.ledger)
    with pytest.raises(Forbidden):
        operating.audit_trail(stranger(role), True, 10, None, audit=world.audit)
    with pytest.raises(Forbidden):
        operating.redrive(stranger(role), letters=world.letters, audit=world.audit, clock=world.clock)

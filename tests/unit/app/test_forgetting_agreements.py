"""What is kept of a person around an agreement goes with them, but for what both sides agreed on."""

from datetime import timedelta
from typing import Any

import pytest

from microintern.app import amending, organisations
from microintern.app.requests import AddressRequest
from microintern.domain.amendments import Amendments
from microintern.domain.check_ins import CheckIns, Going
from microintern.domain.problems import Conflict
from microintern.domain.states import State
from tests.unit.app.bureau import ADDRESS, AGREED, NOTE, REFUSED, Bureau, propose, said_around_an_agreement
from tests.unit.app.world import World, a_world_in, rival
from tests.unit.builders import ORGANISATION, POLICY, STUDENT, employer, student


@pytest.fixture
def world() -> World:
    return said_around_an_agreement()


def test_erased_nothing_is_left_but_what_both_sides_agreed_on(world: World) -> None:
    world.approve()
    world.money_moves()
    bureau = Bureau(world)
    bureau.erase(student())
    world.clock.forward(seconds=timedelta(minutes=1).total_seconds())
    assert bureau.finish() == 1
    assert bureau.finish() == 0
    for words in (ADDRESS, NOTE, REFUSED):
        assert words not in bureau.everything
    assert AGREED in bureau.everything
    said, proposed = world.document(CheckIns.key_of), world.document(Amendments.key_of)
    assert [(each.going, each.note) for each in said.items] == [(Going.BLOCKED, None)]
    assert [each.reason for each in proposed.items] == ["(erased)", AGREED]
    assert STUDENT in said.model_dump_json()


def accept(world: World, number: int) -> None:
    amending.accept(employer(), world.brief_id, number, briefs=world.briefs, clock=world.clock, policy=POLICY)


def given_back_and_awarded_to_another() -> tuple[World, Bureau]:
    """The one before had proposed something, and is to be forgotten while the next has proposed something too."""
    world = a_world_in(State.AWARDED)
    propose(world, student(), REFUSED)
    world.withdraw_award()
    world.be_payable(rival(), "sandbox-rival")
    world.apply(rival())
    world.award(student_id=rival().actor_id)
    propose(world, rival(), AGREED)
    bureau = Bureau(world)
    bureau.erase(student())
    world.clock.forward(minutes=1)
    return world, bureau


def test_what_the_others_agree_on_while_somebody_is_forgotten_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    world, bureau = given_back_and_awarded_to_another()
    listed = world.briefs.list_documents
    accepts = [lambda: accept(world, 2)]

    def interrupted(brief_id: str, model: Any, limit: int, after: Any = None) -> Any:
        page = listed(brief_id, model, limit, after)
        if model is Amendments and accepts:
            accepts.pop()()
        return page

    monkeypatch.setattr(world.briefs, "list_documents", interrupted)
    assert bureau.finish() == 1
    assert [each.ended_as for each in world.document(Amendments.key_of).items] == [None, "accepted"]
    assert REFUSED not in bureau.everything


def test_what_was_read_before_somebody_was_forgotten_is_not_written_after_it() -> None:
    world, bureau = given_back_and_awarded_to_another()
    world.briefs.meanwhile = bureau.finish
    with pytest.raises(Conflict):
        accept(world, 2)
    assert REFUSED not in bureau.everything
    accept(world, 2)
    assert AGREED in bureau.everything


def test_that_words_go_is_no_step_and_without_words_nothing_is_written(world: World) -> None:
    world.approve()
    world.money_moves()
    bureau = Bureau(world)
    bureau.erase(student())
    before = [world.document(key) for key in (CheckIns.key_of, Amendments.key_of)]
    world.clock.forward(minutes=1)
    bureau.finish()
    after = [world.document(key) for key in (CheckIns.key_of, Amendments.key_of)]
    assert [each.entry for each in after] == [each.entry for each in before]
    assert [each.version for each in after] == [each.version + 1 for each in before]
    world.standings._erasing[STUDENT] = None
    assert bureau.finish() == 1
    assert [world.document(each.key) for each in after] == after


def test_the_address_of_an_organisation_goes_with_its_last_member() -> None:
    world = a_world_in(State.OPEN)
    request = AddressRequest(mailing_address=ADDRESS)
    organisations.save_address(employer(), ORGANISATION, request, organisations=world.organisations, clock=world.clock)
    world.cancel()
    world.money_moves()
    bureau = Bureau(world)
    bureau.erase(employer())
    assert ADDRESS in bureau.everything
    world.clock.forward(minutes=1)
    assert bureau.finish() == 1
    assert ADDRESS not in bureau.everything

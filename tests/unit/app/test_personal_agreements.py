"""What is kept of a person around an agreement: theirs to have; gone with them, but for what both sides agreed on."""

from datetime import timedelta
from typing import Any

import pytest

from microintern.app import amending, checking_in, organisations
from microintern.app.accounts import save_profile
from microintern.app.requests import AddressRequest, AmendmentRequest, CheckInRequest, ProfileRequest
from microintern.domain.amendments import Amendments
from microintern.domain.brief import Command
from microintern.domain.check_ins import CheckIns, Going, asked_at
from microintern.domain.problems import Conflict
from microintern.domain.states import State
from tests.unit.app.test_personal import Bureau
from tests.unit.app.world import World, a_world_in, rival
from tests.unit.builders import ORGANISATION, POLICY, STUDENT, employer, student

ADDRESS, NOTE, REFUSED, AGREED = "7 Elm Street, Albany", "Zqnote", "Zqrefused", "Zqagreed"


@pytest.fixture
def world() -> World:
    """The student said something wherever it can be said, and has handed in."""
    world = a_world_in(State.AWARDED)
    request = ProfileRequest(name="Amara Okafor", mailing_address=ADDRESS)
    save_profile(student(), request, accounts=world.accounts, clock=world.clock)
    ports: dict[str, Any] = {"briefs": world.briefs, "clock": world.clock}
    for number, (words, ends) in enumerate(((REFUSED, amending.refuse), (AGREED, None)), start=1):
        proposal = AmendmentRequest(reason=words, scope=words)
        amending.propose(student(), world.brief_id, proposal, policy=POLICY, **ports)
        if ends:
            ends(employer(), world.brief_id, number, **ports)
        else:
            amending.accept(employer(), world.brief_id, number, policy=POLICY, **ports)
    world.clock.at = asked_at(world.brief)[0]
    checking_in.answer(student(), world.brief_id, CheckInRequest(going=Going.BLOCKED, note=NOTE), **ports)
    world.upload_all()
    world.submit()
    return world


def test_an_export_has_all_of_it_and_another_s_has_none(world: World) -> None:
    exported = Bureau(world).export(student())
    assert exported.account
    assert exported.account.profile
    assert exported.account.profile.mailing_address == ADDRESS
    (brief,) = exported.briefs
    assert brief.agreed
    assert brief.agreed.fits(world.brief_id, world.posting)
    assert [each.reason for each in brief.amendments] == [REFUSED, AGREED]
    assert [each.note for each in brief.check_ins] == [NOTE]
    of_employer = Bureau(world).export(employer()).model_dump_json()
    assert AGREED in of_employer
    assert NOTE not in of_employer
    assert ADDRESS not in of_employer


def test_who_had_the_award_before_is_exported_their_own_and_the_next_nothing_of_it() -> None:
    world = a_world_in(State.AWARDED)
    ports: dict[str, Any] = {"briefs": world.briefs, "clock": world.clock}
    amending.propose(student(), world.brief_id, AmendmentRequest(reason=REFUSED, scope="."), policy=POLICY, **ports)
    world.withdraw_award()
    world.be_payable(rival(), "sandbox-rival")
    world.apply(rival())
    assert REFUSED in Bureau(world).export(student()).model_dump_json()
    world.award(student_id=rival().actor_id)
    propose(world, rival(), AGREED)
    assert REFUSED not in Bureau(world).export(rival()).model_dump_json()
    (brief,) = Bureau(world).export(student()).briefs
    assert [(each.reason, each.status) for each in brief.amendments] == [(REFUSED, "lapsed")]


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


def propose(world: World, by: Command, words: str) -> None:
    request = AmendmentRequest(reason=words, scope=words)
    amending.propose(by, world.brief_id, request, briefs=world.briefs, clock=world.clock, policy=POLICY)


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

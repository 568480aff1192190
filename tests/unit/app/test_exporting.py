"""What is kept of a person is theirs to have."""

from typing import Any

from microintern.app import amending
from microintern.app.requests import AmendmentRequest
from microintern.domain.states import Role, State
from tests.unit.app.bureau import (
    ADDRESS,
    AGREED,
    NOTE,
    REFUSED,
    Bureau,
    a_finished_brief,
    propose,
    said_around_an_agreement,
    said_much,
    spoken_of,
)
from tests.unit.app.world import World, a_world_in, rival
from tests.unit.builders import ORGANISATION, POLICY, RIVAL, STUDENT, employer, operator, student


def test_an_export_holds_what_one_wrote_and_what_one_was_told_and_nothing_of_others() -> None:
    world = a_finished_brief()
    exported = Bureau(world).export(student())
    assert exported.account is not None
    account = exported.account
    assert account.profile is not None
    assert account.payout_account is not None
    assert (account.account_id, account.profile.name) == (STUDENT, "Amara Okafor")
    assert account.payout_account.destination == "sandbox-account"
    assert {row.name for row in account.statement} == {"release", "payout"}
    assert account.notices
    (brief,) = exported.briefs
    assert brief.application is not None
    assert len(brief.files) == 3
    assert (len(brief.submissions), [said.reason for said in brief.statements]) == (1, ["Nothing is missing."])
    assert RIVAL not in exported.model_dump_json()
    other = Bureau(world).export(rival())
    assert STUDENT not in other.model_dump_json(exclude={"briefs": {"__all__": {"brief"}}})
    assert (other.briefs[0].files, other.briefs[0].submissions, other.briefs[0].statements) == ([], [], [])


def test_an_export_pages_over_ones_briefs_and_names_the_account_once() -> None:
    world = World()
    for _ in range(3):
        world.post()
        world.clock.forward(minutes=1)
    bureau = Bureau(world)
    first = bureau.export(employer(), 2)
    second = bureau.export(employer(), 2, first.next_cursor)
    assert (len(first.briefs), len(second.briefs), second.next_cursor) == (2, 1, None)
    assert first.account is not None
    assert (first.account.organisation_id, second.account) == (ORGANISATION, None)
    assert bureau.export(operator()).briefs == []


def test_an_export_has_what_one_said_and_nothing_that_others_said() -> None:
    world = said_much()
    exported = Bureau(world).export(student()).account
    assert exported is not None
    assert [(said.public, said.number, said.text) for said in exported.messages] == [
        (False, 1, "Amara will be late."),
        (True, 1, "Amara asks: is it one file?"),
    ]
    theirs = Bureau(world).export(employer()).account
    assert theirs is not None
    assert sorted(said.text for said in theirs.messages) == ["It is one file.", "That is fine."]


def test_an_export_has_ones_own_feedback_and_record_and_the_other_sides_once_it_is_shown() -> None:
    world = a_finished_brief()
    for by in (student(), employer()):
        (brief,) = Bureau(world).export(by).briefs
        assert brief.feedback is not None
        assert brief.feedback.from_employer is None
        assert (brief.feedback.from_student is not None) is (by.role is Role.STUDENT)
    spoken_of(world)
    exported = Bureau(world).export(student())
    assert exported.briefs[0].feedback is not None
    assert exported.briefs[0].feedback.from_employer is not None
    assert exported.account is not None
    assert exported.account.record is not None
    assert exported.account.record.party_id == STUDENT
    assert Bureau(world).export(operator()).account is not None


def test_an_export_has_all_that_was_said_around_an_agreement_and_another_s_has_none() -> None:
    world = said_around_an_agreement()
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

"""What is kept of a person is gone once they want to be forgotten."""

from pathlib import Path
from typing import Any

import pytest

from microintern.domain.feedback import Feedback
from microintern.domain.messages import Message
from microintern.domain.organisations import MemberRole
from microintern.domain.previews import Preview
from microintern.domain.standing import StandingState
from microintern.domain.states import Role, State
from tests.unit.app.bureau import Bureau, a_finished_brief, said_much, spoken_of
from tests.unit.app.test_organisations import Office, refusal
from tests.unit.app.world import World, a_world_in, rival
from tests.unit.builders import EMPLOYER, ORGANISATION, RIVAL, STUDENT, employer, operator, student

PERSONAL = ("Amara", "Statistics", "weather", "portfolio", "pay_floors_clean", "Nothing is missing", "sandbox-account")


def test_of_who_is_forgotten_nothing_is_left_but_what_the_ledger_and_the_trail_need() -> None:
    world = a_finished_brief()
    bureau = Bureau(world)
    (shown, *_) = bureau.files_of(STUDENT)
    bureau.previews.keep(shown.brief_id, shown.file_id, shown.version_id or "", Preview(reason="None."), Path())
    transfers, entries = world.ledger.transfers(world.brief_id), world.brief.entry
    assert all(text in bureau.everything for text in ("Amara", "pay_floors_clean", "Nothing is missing"))
    erased = bureau.erase(student())
    assert erased.state is StandingState.ERASED
    assert bureau.erase(student()) == erased
    assert bureau.finish() == 1
    assert bureau.previews.find(shown) is None
    left = [text for text in PERSONAL if text in bureau.everything and text not in bureau_of_rival(world)]
    assert left == []
    assert STUDENT not in bureau.users.can_sign_in
    assert (world.ledger.transfers(world.brief_id), world.brief.entry) == (transfers, entries)
    assert world.brief.student_id == STUDENT
    profile = world.accounts.profile(STUDENT)
    assert profile is not None
    assert profile.name == "Erased account"
    assert bureau.finish() == 0


def test_of_a_student_who_is_forgotten_no_word_is_left_in_any_thread_and_the_others_are() -> None:
    world = said_much()
    bureau = Bureau(world)
    before = {found.key: found.entry for found in world.briefs._documents.values() if isinstance(found, Message)}
    bureau.erase(student())
    for _ in range(2):
        bureau.finish()
    texts = [(said.number, said.text) for said in world.questions(operator()).items]
    assert texts == [(1, "(erased)"), (2, "The rival asks, too."), (3, "It is one file.")]
    assert [said.text for said in world.messages(employer()).items] == ["(erased)", "That is fine."]
    after = {found.key: found.entry for found in world.briefs._documents.values() if isinstance(found, Message)}
    assert after == before, "that something was said, when and by which account stays in the trail"


def test_somebody_who_only_asked_is_forgotten_too() -> None:
    world = a_world_in(State.OPEN)
    world.ask("The rival asks.", rival())
    bureau = Bureau(world)
    bureau.erase(rival())
    bureau.finish()
    assert [said.text for said in world.questions(employer()).items] == ["(erased)"]
    assert refusal(world.ask, "It is.", employer(), 1) == "unknown_question"


def test_what_was_said_for_an_organisation_stays_when_who_said_it_is_forgotten() -> None:
    world = said_much()
    bureau = Bureau(world)
    bureau.erase(employer())
    bureau.finish()
    assert [said.text for said in world.messages(student()).items][1] == "That is fine."


def bureau_of_rival(world: World) -> str:
    """What the other applicant wrote, which stays."""
    kept = [found for found in world.briefs._documents.values() if getattr(found, "student_id", "") == RIVAL]
    return repr(kept)


@pytest.mark.parametrize("calls", range(1, 25, 3))
def test_what_broke_off_is_finished_by_the_next_run(monkeypatch: pytest.MonkeyPatch, calls: int) -> None:
    world = a_finished_brief()
    bureau = Bureau(world)
    bureau.erase(student())
    done = 0

    def breaking(call: Any) -> Any:
        def made(*given: Any, **named: Any) -> Any:
            nonlocal done
            done += 1
            if done == calls:
                raise ConnectionError
            return call(*given, **named)

        return made

    with monkeypatch.context() as patch:
        steps = [(world.briefs, "overwrite"), (world.accounts, "forget"), (bureau.users, "delete")]
        for store, method in [*steps, (world.files, "erase"), (bureau.previews, "erase"), (world.standings, "erased")]:
            patch.setattr(store, method, breaking(getattr(store, method)))
        if calls <= 12:
            with pytest.raises(ConnectionError):
                bureau.finish()
    bureau.finish()
    assert bureau.archive.standings.erasing(9) == []
    assert "Amara" not in bureau.everything
    assert "pay_floors_clean" not in bureau.everything


def test_members_leave_and_the_last_owner_of_others_does_not() -> None:
    world = a_world_in(State.SUBMITTED)
    office, bureau = Office(world), Bureau(world)
    colleague = office.join()
    assert refusal(bureau.erase, office.by(EMPLOYER)) == "last_owner"
    bureau.erase(colleague)
    bureau.finish()
    assert [member.account_id for member in world.organisations.members(ORGANISATION)] == [EMPLOYER]
    gone = world.organisations.membership(ORGANISATION, colleague.actor_id)
    assert gone is not None
    assert gone.event is not None
    assert (gone.event.type, gone.event.actor_id, gone.event.previous is None) == ("member.left", None, False)


def test_the_only_member_takes_nobody_with_them() -> None:
    world = a_finished_brief()
    bureau = Bureau(world)
    bureau.erase(employer())
    bureau.finish()
    found = world.organisations.read(ORGANISATION)
    assert found is not None
    assert (found.members, world.organisations.members(ORGANISATION)) == (0, [])
    member = world.organisations.membership(ORGANISATION, EMPLOYER)
    assert member is not None
    assert (member.role, member.left_at is not None) == (MemberRole.OWNER, True)


def test_what_was_said_of_who_is_forgotten_goes_too_and_figures_of_the_organisation_stay() -> None:
    world = a_finished_brief()
    spoken_of(world)
    before = world.records.read(ORGANISATION, Role.EMPLOYER).counts
    assert before["rating/clarity"] == 5
    bureau = Bureau(world)
    bureau.erase(student())
    bureau.finish()
    words = ("two days once", "at which width", "would hire Amara", "Begin with")
    assert [word for word in words if word in bureau.everything] == []
    feedback = world.feedback
    assert feedback.employer is not None
    assert feedback.student is not None
    assert (feedback.employer.ratings, feedback.student.ratings["clarity"]) == ({}, 5)
    assert world.records.read(ORGANISATION, Role.EMPLOYER).counts == before
    assert STUDENT not in repr(vars(world.records)).replace(f"'{STUDENT}': Record(party_id='{STUDENT}'", "")
    own = world.records.read(STUDENT, Role.STUDENT)
    assert (own.counts, own.erased) == ({}, True)


def test_events_that_come_late_count_nothing_of_who_is_forgotten() -> None:
    world = a_finished_brief()
    spoken_of(world)
    bureau = Bureau(world)
    bureau.erase(student())
    bureau.finish()
    kept = repr(vars(world.records))
    assert world.events_are_counted() == 0
    assert repr(vars(world.records)) == kept
    world.records._rows.pop((ORGANISATION, world.brief_id))
    world.events_are_counted()
    assert world.records.read_row(ORGANISATION, Role.EMPLOYER, world.brief_id)[1].holder is None
    assert world.records.hired(ORGANISATION, STUDENT) == 0


def test_nothing_is_written_of_who_is_forgotten_any_more() -> None:
    world = a_world_in(State.PAID)
    bureau = Bureau(world)
    bureau.erase(student())
    bureau.finish()
    bureau.finish()
    assert refusal(world.give_feedback, employer()) == "feedback_closed"
    assert world.feedback.closed


def test_who_wrote_for_an_organisation_and_is_forgotten_takes_the_words_of_both_sides_along() -> None:
    world = a_finished_brief()
    office, bureau = Office(world), Bureau(world)
    colleague = office.join()
    world.give_feedback(colleague)
    bureau.erase(colleague)
    bureau.finish()
    feedback = world.feedback
    assert feedback.employer is not None
    assert feedback.student is not None
    assert {feedback.employer.text, feedback.student.text} == {"(erased)"}
    assert feedback.employer.ratings["quality"] == 4
    assert not feedback.closed


def test_a_colleague_who_wrote_nothing_takes_nothing_along_and_the_last_member_does() -> None:
    world = a_finished_brief()
    office, bureau = Office(world), Bureau(world)
    colleague = office.join()
    bureau.erase(colleague)
    bureau.finish()
    assert world.feedback.student is not None
    assert "two days once" in world.feedback.student.text
    bureau.erase(office.by(EMPLOYER))
    bureau.finish()
    assert world.feedback.student is not None
    assert world.feedback.student.text == "(erased)"


def test_what_is_written_of_who_is_forgotten_at_that_very_moment_is_taken_away_too() -> None:
    for begun in (True, False):
        world = a_finished_brief() if begun else a_world_in(State.PAID)
        bureau = Bureau(world)
        bureau.erase(student())
        list_documents = world.briefs.list_documents
        late: list[Feedback] = []

        def just_then(*given: Any, late: list[Feedback] = late, world: World = world, **named: Any) -> Any:
            found = list_documents(*given, **named)  # noqa: B023
            if given[1] is Feedback and not late:
                world.give_feedback(employer())
                late.append(world.feedback)
            return found

        world.briefs.list_documents = just_then  # type: ignore[method-assign]
        bureau.finish()
        assert late
        assert "would hire Amara" not in bureau.everything
        assert world.feedback.closed
        assert world.feedback.version == late[0].version + 1
        assert world.feedback.entry == late[0].entry, "that words are taken away is no step"


def test_whoever_read_it_before_the_words_were_taken_away_writes_nothing_after() -> None:
    world = a_finished_brief()
    bureau = Bureau(world)
    bureau.erase(student())
    read = world.briefs.read

    def forgotten_meanwhile(*given: Any, **named: Any) -> Any:
        snapshot = read(*given, **named)
        world.briefs.read = read  # type: ignore[method-assign]
        bureau.finish()
        return snapshot

    world.briefs.read = forgotten_meanwhile  # type: ignore[method-assign]
    assert refusal(world.give_feedback, employer()) == "feedback_closed"
    assert "would hire Amara" not in bureau.everything


def test_of_an_award_that_was_given_back_no_id_is_left_with_the_organisation() -> None:
    world = a_world_in(State.AWARDED)
    world.stream_delivers()
    world.withdraw_award()
    world.stream_delivers()
    world.events_are_counted()
    assert STUDENT in repr(world.records.read_row(ORGANISATION, Role.EMPLOYER, world.brief_id))
    bureau = Bureau(world)
    bureau.erase(student())
    bureau.finish()
    assert STUDENT not in repr(world.records.read_row(ORGANISATION, Role.EMPLOYER, world.brief_id))

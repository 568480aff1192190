"""What is kept of a person: theirs to have, and gone once they want to be forgotten."""

from pathlib import Path
from typing import Any

import pytest

from microintern.app import personal
from microintern.app.accounts import save_profile
from microintern.app.requests import ErasureRequest, ProfileRequest
from microintern.app.views.export import Export
from microintern.domain.brief import Command
from microintern.domain.documents import StoredFile
from microintern.domain.feedback import Feedback
from microintern.domain.messages import Message
from microintern.domain.organisations import MemberRole
from microintern.domain.previews import Preview
from microintern.domain.problems import Conflict, Forbidden, Invalid, NotFound
from microintern.domain.standing import Standing, StandingState
from microintern.domain.states import Role, State
from tests.twins.files import MemoryPreviews
from tests.twins.services import MemoryGroups, MemoryUsers
from tests.twins.webhooks import MemoryDeliveries
from tests.unit.app.test_organisations import Office, refusal
from tests.unit.app.world import World, a_world_in, rival
from tests.unit.builders import EMPLOYER, OPERATOR, ORGANISATION, POLICY, RIVAL, STUDENT, employer, operator, student

EVERYBODY = {account_id: ["some role"] for account_id in (STUDENT, RIVAL, EMPLOYER, OPERATOR, "colleague-00001")}


class Bureau:
    """Who gives out and takes away what is kept."""

    def __init__(self, world: World) -> None:
        self.world, self.users, self.groups = world, MemoryUsers(*EVERYBODY), MemoryGroups(dict(EVERYBODY))
        self.previews, self.deliveries = MemoryPreviews(), MemoryDeliveries()
        self.archive = personal.Archive(
            briefs=world.briefs,
            accounts=world.accounts,
            standings=world.standings,
            organisations=world.organisations,
            records=world.records,
            credentials=world.credentials,
            endpoints=world.accounts.endpoints,
            cohorts=world.accounts.cohorts,
            talent=world.accounts.talent,
            searches=world.searches,
            students=world.students,
            threads=world.threads,
            mailings=world.accounts.mailings,
            portfolios=world.portfolios,
        )

    def export(self, by: Command, limit: int = 20, cursor: str | None = None) -> Export:
        ports: dict[str, Any] = {"ledger": self.world.ledger, "clock": self.world.clock, "policy": POLICY}
        return personal.export(by, limit, cursor, archive=self.archive, **ports)

    def erase(self, by: Command, account_id: str | None = None) -> Standing:
        request = ErasureRequest(account_id=account_id or by.actor_id)
        return personal.ask_own_erasure(by, request, archive=self.archive, clock=self.world.clock)

    def erase_for(self, account_id: str, by: Command | None = None) -> Standing:
        ports: dict[str, Any] = {"groups": self.groups, "clock": self.world.clock}
        return personal.ask_erasure(by or operator(), account_id, archive=self.archive, **ports)

    def finish(self) -> int:
        ports: dict[str, Any] = {"files": self.world.files, "previews": self.previews, "deliveries": self.deliveries}
        return personal.finish_erasures(self.archive, users=self.users, **ports)

    def files_of(self, account_id: str) -> list[StoredFile]:
        kept = self.world.briefs._documents.values()
        return [file for file in kept if isinstance(file, StoredFile) and file.uploaded_by == account_id]

    @property
    def everything(self) -> str:
        stores = (self.world.briefs, self.world.accounts, self.world.standings, self.world.organisations)
        return repr([vars(store) for store in (*stores, self.world.records, self.world.files)])


def a_finished_brief() -> World:
    """Paid, after a dispute had been opened about the first submission of somebody who is named."""
    world = a_world_in(State.OPEN)
    save_profile(
        student(), ProfileRequest(name="Amara Okafor", about="Statistics."), accounts=world.accounts, clock=world.clock
    )
    world.apply(rival())
    for step in (world.be_payable, world.apply, world.award, world.upload_all, world.submit):
        step()
    world.dispute()
    world.answer_dispute()
    world.resolve()
    world.deadline_lapses()
    world.money_moves()
    world.stream_delivers()
    world.events_arrive()
    world.give_feedback(student())
    world.feedback_is_followed()
    world.events_are_counted()
    return world


PERSONAL = ("Amara", "Statistics", "weather", "portfolio", "pay_floors_clean", "Nothing is missing", "sandbox-account")


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


def said_much() -> World:
    """Amara asked and was answered, and wrote to the employer once she was awarded; the brief is over."""
    world = a_world_in(State.OPEN)
    world.ask("Amara asks: is it one file?")
    world.ask("The rival asks, too.", rival())
    world.ask("It is one file.", employer(), answers=1)
    world.go_on(World.be_payable, World.apply, World.award)
    world.clock.forward(minutes=5)
    world.write("Amara will be late.")
    world.write("That is fine.", employer())
    world.go_on(World.upload_all, World.submit, World.approve, World.money_moves)
    return world


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


def test_who_had_an_account_erased_stands_in_its_trail() -> None:
    world = World()
    by = operator()
    erased = Bureau(world).erase_for(RIVAL, by)
    (entry,) = world.accounts.steps(RIVAL)
    assert entry == erased.entry
    assert (entry.subject, entry.event.type, entry.event.actor_id) == ("standing", "account.erased", by.actor_id)


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


@pytest.mark.parametrize(
    "state", [State.AWARDED, State.SUBMITTED, State.CHANGES_REQUESTED, State.DISPUTED, State.APPROVED]
)
def test_nobody_is_forgotten_while_a_brief_is_under_way_or_its_money_has_not_moved(state: State) -> None:
    world = a_world_in(state)
    bureau = Bureau(world)
    for by in (student(), employer()):
        with pytest.raises(Conflict) as refused:
            bureau.erase(by)
        assert (refused.value.code, refused.value.members["brief_ids"]) == ("briefs_under_way", [world.brief_id])
    assert world.standings.read(STUDENT).state is StandingState.ACTIVE


def test_whoever_waits_to_be_picked_withdraws_first() -> None:
    world = a_world_in(State.OPEN)
    world.apply()
    bureau = Bureau(world)
    assert refusal(bureau.erase, student()) == "briefs_under_way"
    world.withdraw_application()
    bureau.erase(student())


def test_whoever_was_not_picked_need_not_wait() -> None:
    world = a_world_in(State.AWARDED)
    world.brief_id = world.brief.brief_id
    Bureau(world).erase(rival())


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


def test_one_names_ones_own_account_and_operators_that_of_whoever_asked() -> None:
    bureau = Bureau(World())
    with pytest.raises(Invalid) as refused:
        bureau.erase(student(), RIVAL)
    assert refused.value.code == "not_confirmed"
    with pytest.raises(Forbidden):
        bureau.erase_for(RIVAL, student())
    with pytest.raises(NotFound):
        bureau.erase_for("nobody-at-all")
    assert refusal(bureau.erase_for, OPERATOR) == "own_erasure"
    erased = bureau.erase_for(RIVAL)
    assert bureau.erase_for(RIVAL) == erased


def spoken_of(world: World) -> None:
    """Both sides have given feedback, and it was counted."""
    world.give_feedback(employer())
    world.feedback_is_followed()
    world.events_are_counted()


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

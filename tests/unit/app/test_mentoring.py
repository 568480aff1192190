"""A brief's contact: named by any member, one of them, and shown to both sides alone."""

from collections.abc import Callable

import pytest

from microintern.app import mentoring
from microintern.app.accounts import save_profile
from microintern.app.requests import MentorRequest, ProfileRequest
from microintern.app.views.messages import MentorNamed, MentorView
from microintern.domain.brief import Command
from microintern.domain.events import of_mentor
from microintern.domain.mentors import Mentor
from microintern.domain.problems import Problem
from microintern.domain.states import Role, State
from tests.unit.app.test_organisations import COLLEAGUE, Office
from tests.unit.app.test_telling import texts
from tests.unit.app.world import World, a_world_in, rival, stranger
from tests.unit.builders import EMPLOYER, RIVAL, STUDENT, command, employer, operator, student


class Meeting:
    """An organisation with two members, and a brief of it."""

    def __init__(self, state: State) -> None:
        self.world = a_world_in(state)
        self.office = Office(self.world)
        self.colleague = self.office.join()
        for by, name in ((employer(), "Noor Haddad"), (self.colleague, "Kim Lee")):
            save_profile(by, ProfileRequest(name=name), accounts=self.world.accounts, clock=self.world.clock)

    def name(self, account_id: str = COLLEAGUE, by: Command | None = None) -> MentorNamed:
        ports = {"briefs": self.world.briefs, "clock": self.world.clock}
        request = MentorRequest(account_id=account_id)
        return mentoring.name(by or employer(), self.world.brief_id, request, **ports)  # type: ignore[arg-type]

    def read(self, by: Command) -> MentorView:
        world = self.world
        kept = {"briefs": world.briefs, "organisations": world.organisations, "accounts": world.accounts}
        return mentoring.read(by, world.brief_id, **kept)  # type: ignore[arg-type]

    def named(self, by: Command) -> str | None:
        found = self.read(by).mentor
        return found.name if found else None

    @property
    def mentor(self) -> Mentor:
        found: Mentor = self.world.document(Mentor.key_of)
        return found


def refusal(call: Callable[..., object], *given: object) -> str:
    with pytest.raises(Problem) as refused:
        call(*given)
    return refused.value.code


def test_any_member_names_any_member_and_the_student_sees_who() -> None:
    meeting = Meeting(State.AWARDED)
    assert meeting.named(student()) is None
    assert (meeting.name().version, meeting.named(student())) == (1, "Kim Lee")
    assert (meeting.name(EMPLOYER, meeting.colleague).version, meeting.named(student())) == (2, "Noor Haddad")
    assert meeting.named(meeting.colleague) == "Noor Haddad"


@pytest.mark.parametrize("state", [State.POSTED, State.OPEN, State.AWARDED, State.DISPUTED, State.PAID])
def test_nobody_but_both_sides_is_shown_who_it_is(state: State) -> None:
    meeting = Meeting(State.AWARDED if state in (State.DISPUTED, State.PAID) else state)
    meeting.name()
    if state is State.OPEN:
        meeting.world.apply()
        assert refusal(meeting.read, student()) == "not_found"
    world = meeting.world
    if state is State.DISPUTED:
        world.go_on(World.upload_all, World.submit, World.dispute)
    if state is State.PAID:
        world.go_on(World.upload_all, World.submit, World.approve, World.money_moves)
    for by in (rival(), operator(), stranger(Role.EMPLOYER), command(Role.EDUCATOR, "an-educator-01")):
        assert refusal(meeting.read, by) == "not_found"
    for by in (student(), rival(), operator()):
        assert refusal(meeting.name, EMPLOYER, by) == "wrong_role"
    assert refusal(meeting.name, EMPLOYER, stranger(Role.EMPLOYER)) == "not_found"


def test_only_who_belongs_to_the_organisation_now_can_be_named() -> None:
    meeting = Meeting(State.AWARDED)
    for account_id in (STUDENT, RIVAL, "nobody-at-all"):
        assert refusal(meeting.name, account_id) == "not_a_member"
    meeting.office.leave(meeting.colleague, COLLEAGUE)
    assert refusal(meeting.name, COLLEAGUE) == "not_a_member"
    assert meeting.read(employer()) == MentorView(mentor=None, has_left=False)


def test_whoever_leaves_the_organisation_is_nobodys_contact_any_more() -> None:
    meeting = Meeting(State.AWARDED)
    meeting.name()
    meeting.office.leave(meeting.colleague, COLLEAGUE)
    for by in (student(), employer()):
        assert meeting.read(by) == MentorView(mentor=None, has_left=True)
    meeting.name(EMPLOYER)
    assert meeting.named(student()) == "Noor Haddad"


def test_a_repeated_command_names_once_and_is_answered_the_same() -> None:
    meeting = Meeting(State.AWARDED)
    by = employer("key-of-naming")
    first = meeting.name(COLLEAGUE, by)
    assert meeting.name(COLLEAGUE, by).version == first.version == meeting.mentor.version
    assert refusal(meeting.name, EMPLOYER, employer("key-of-naming", "other body")) == "idempotency_key_reused"


def test_two_who_name_at_once_do_not_both_win() -> None:
    meeting = Meeting(State.AWARDED)
    meeting.name()
    with pytest.raises(Problem) as refused:
        mentoring._write(meeting.mentor, employer(), meeting.world.briefs)
    assert refused.value.code == "changed_meanwhile"


def test_once_the_money_has_moved_the_contact_stays_who_it_was() -> None:
    meeting = Meeting(State.AWARDED)
    meeting.name()
    world: World = meeting.world
    world.go_on(World.upload_all, World.submit, World.approve, World.money_moves)
    assert refusal(meeting.name, EMPLOYER) == "brief_over"
    assert meeting.named(student()) == "Kim Lee"


def test_it_stands_in_the_trail_and_is_told_to_who_was_named_and_to_the_student() -> None:
    meeting = Meeting(State.AWARDED)
    world = meeting.world
    meeting.name()
    entry = meeting.mentor.entry
    assert (entry.event.type, entry.event.actor_id, entry.event.facts) == (
        *("mentor.named", EMPLOYER),
        {"account_id": COLLEAGUE},
    )
    assert entry.event.previous == world.brief.entry.hash
    world.tell(of_mentor(meeting.mentor))
    meeting.name(EMPLOYER)
    assert meeting.mentor.event.previous == entry.hash
    for _ in range(2):
        world.tell(of_mentor(meeting.mentor))
    told = {
        account_id: len(texts(world, by))
        for account_id, by in ((COLLEAGUE, meeting.colleague), (EMPLOYER, employer()), (STUDENT, student()))
    }
    assert told == {COLLEAGUE: 1, EMPLOYER: 0, STUDENT: 2}

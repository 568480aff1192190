"""Who is told of what: one notice each, however often the event arrives."""

from typing import Any

import pytest

from microintern.app.accounts import notices
from microintern.app.telling import tell
from microintern.domain.brief import Brief, Command
from microintern.domain.events import CloudEvent, EventType, of_application, of_brief, of_message
from microintern.domain.messages import Message
from microintern.domain.states import Action, State
from tests.unit.app.world import World, a_world_in, rival
from tests.unit.builders import (
    EMPLOYER,
    POLICY,
    RIVAL,
    STUDENT,
    an_application,
    brief_in,
    command,
    employer,
    student,
    take,
)


def told_once(world: World, event: CloudEvent) -> int:
    """The event arrives; how many are told."""
    ports: dict[str, Any] = {"accounts": world.accounts, "organisations": world.organisations}
    ports["agenda"] = world.accounts.agenda
    return tell(event, briefs=world.briefs, policy=POLICY, **ports)


def told_of(brief: Brief, *applicants: str) -> dict[str, list[str]]:
    """Who is told what of this step, after the event came twice."""
    world = World()
    for student_id in applicants:
        world.briefs.add(brief.brief_id, an_application(student_id))
    for _ in range(2):
        told_once(world, of_brief(brief))
    return {by.actor_id: texts(world, by) for by in (employer(), student(), rival())}


def texts(world: World, by: Command) -> list[str]:
    return [notice.text for notice in notices(by, 50, None, accounts=world.accounts).items]


@pytest.mark.parametrize(
    ("state", "action", "employer_is", "student_is"),
    [
        (State.POSTED, Action.OPEN, True, False),
        (State.OPEN, Action.AWARD, False, True),
        (State.AWARDED, Action.SUBMIT, True, False),
        (State.AWARDED, Action.CANCEL, False, True),
        (State.AWARDED, Action.AMEND, True, True),
        (State.AWARDED, Action.LAPSE, True, True),
        (State.AWARDED, Action.WITHDRAW, True, False),
        (State.SUBMITTED, Action.REQUEST_CHANGES, False, True),
        (State.SUBMITTED, Action.APPROVE, True, True),
        (State.SUBMITTED, Action.DISPUTE, True, True),
        (State.DISPUTED, Action.ANSWER_DISPUTE, True, True),
        (State.DISPUTED, Action.RESOLVE, True, True),
        (State.APPROVED, Action.SETTLE, True, True),
    ],
)
def test_each_step_is_told_once_to_those_it_concerns(
    state: State, action: Action, employer_is: bool, student_is: bool
) -> None:
    told = told_of(take(action, brief_in(state)))
    assert [len(told[employer().actor_id]), len(told[STUDENT])] == [employer_is, student_is]


def test_those_who_were_not_picked_are_told_so_but_not_those_who_had_withdrawn() -> None:
    brief = brief_in(State.AWARDED)
    world = World()
    gone = command(student().role, "student-who-left")
    world.briefs.add(brief.brief_id, an_application(STUDENT))
    world.briefs.add(brief.brief_id, an_application(rival().actor_id))
    left = an_application(gone.actor_id)
    world.briefs.add(brief.brief_id, left.model_copy(update={"withdrawn_at": left.applied_at}))
    for _ in range(3):
        assert told_once(world, of_brief(brief)) == 2
    assert texts(world, rival()) == ["Another applicant was selected for this brief."]
    assert texts(world, student()) == ["You have been awarded this brief. See its deadline."]
    assert texts(world, gone) == []


def test_however_many_applied_everyone_is_told() -> None:
    brief = take(Action.LAPSE, brief_in(State.OPEN))
    world = World()
    for number in range(230):
        world.briefs.add(brief.brief_id, an_application(f"student-{number:04d}"))
    assert told_once(world, of_brief(brief)) == 231


def test_the_end_of_a_dispute_is_told_to_both_when_it_is_final() -> None:
    told = told_of(take(Action.LAPSE, take(Action.RESOLVE, brief_in(State.DISPUTED))))
    assert [len(told[employer().actor_id]), len(told[STUDENT])] == [1, 1]


def test_a_decision_that_is_taken_back_is_told_to_both() -> None:
    told = told_of(take(Action.REOPEN, take(Action.RESOLVE, brief_in(State.DISPUTED))))
    assert [len(told[employer().actor_id]), len(told[STUDENT])] == [1, 1]


def test_the_others_are_told_when_an_award_is_given_back_in_time_for_them() -> None:
    brief = brief_in(State.AWARDED)
    assert told_of(take(Action.WITHDRAW, brief), rival().actor_id)[rival().actor_id] == [
        "This brief is open again, and your application with it."
    ]
    late = take(Action.WITHDRAW, brief, brief.applications_close_at)
    assert told_of(late, rival().actor_id)[rival().actor_id] == []


@pytest.mark.parametrize("action", [Action.CANCEL, Action.LAPSE])
def test_applicants_of_a_brief_that_closed_undecided_are_told(action: Action) -> None:
    told = told_of(take(action, brief_in(State.OPEN)), rival().actor_id)
    assert told[rival().actor_id] == ["This brief closed before anyone was selected."]


def test_work_that_was_never_handed_in_leaves_one_mark_and_nothing_else_leaves_any() -> None:
    world = World()
    expired = take(Action.LAPSE, brief_in(State.AWARDED))
    for _ in range(2):
        told_once(world, of_brief(expired))
    (mark,) = world.accounts.marks(STUDENT)
    assert (mark.brief_id, mark.reason, mark.at) == (expired.brief_id, "not_submitted", expired.event.at)
    for state, action in ((State.OPEN, Action.LAPSE), (State.AWARDED, Action.CANCEL), (State.DISPUTED, Action.LAPSE)):
        other = World()
        told_once(other, of_brief(take(action, brief_in(state))))
        assert other.accounts.marks(STUDENT) == []


def test_the_employer_is_told_of_an_application_but_not_by_whom() -> None:
    world = World()
    told_once(world, of_application(an_application()))
    assert texts(world, employer()) == ["Somebody applied to your brief."]


def test_steps_that_nobody_waits_for_are_told_to_nobody() -> None:
    quiet = {EventType.BRIEF_POSTED, EventType.BRIEF_FUNDING_REQUESTED}
    for brief in (brief_in(State.POSTED), take(Action.REQUEST_FUNDING, brief_in(State.POSTED))):
        assert of_brief(brief).type in quiet
        assert not any(told_of(brief).values())


def told_of_messages(world: World) -> dict[str, list[str]]:
    """Who has been told what, by side, once every message's event has come twice."""
    for said in [found for found in world.briefs._documents.values() if isinstance(found, Message)] * 2:
        told_once(world, of_message(said))
    return {by.actor_id: texts(world, by) for by in (employer(), student(), rival())}


def test_a_question_is_told_to_the_employer_and_its_answer_to_who_asked() -> None:
    world = a_world_in(State.OPEN)
    world.ask(by=rival())
    assert told_of_messages(world) == {EMPLOYER: ["A question was asked on your brief."], STUDENT: [], RIVAL: []}
    world.ask("One file.", employer(), answers=1)
    assert told_of_messages(world)[RIVAL] == ["Your question was answered."]
    assert told_of_messages(world)[STUDENT] == []


def test_what_an_employer_adds_is_told_to_those_who_wait_to_be_picked() -> None:
    world = a_world_in(State.OPEN)
    world.apply()
    world.apply(rival())
    world.withdraw_application(rival())
    world.ask("There is a second file.", employer())
    told = told_of_messages(world)
    assert [len(told[account_id]) for account_id in (EMPLOYER, STUDENT, RIVAL)] == [0, 1, 0]


def test_a_message_is_told_to_the_other_side_only() -> None:
    world = a_world_in(State.AWARDED)
    world.write()
    assert told_of_messages(world) == {EMPLOYER: ["There is a message for you on this brief."], STUDENT: [], RIVAL: []}
    world.write("Thank you.", employer())
    told = told_of_messages(world)
    assert [len(told[account_id]) for account_id in (EMPLOYER, STUDENT, RIVAL)] == [1, 1, 0]

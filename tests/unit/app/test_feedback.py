"""Both sides write of each other: blind, free to change until it is shown, and not a moment longer."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from microintern.app import auditing, feedback
from microintern.app.requests import FeedbackRequest
from microintern.app.views.feedback import FeedbackView
from microintern.domain.brief import Command
from microintern.domain.events import CloudEvent, EventType
from microintern.domain.feedback import QUESTIONS, Feedback, taken_until
from microintern.domain.payout_matrix import Outcome
from microintern.domain.problems import NotFound, Problem
from microintern.domain.states import Role, State
from tests.unit.app.test_organisations import Office
from tests.unit.app.test_telling import texts
from tests.unit.app.world import OF_EMPLOYER, World, a_world_in, rival, stranger
from tests.unit.builders import BODIES, EMPLOYER, POLICY, employer, operator, student

OF_STUDENT: dict[str, Any] = BODIES["put /briefs/{brief_id}/feedback"]


def seen(world: World, by: Command) -> FeedbackView:
    return feedback.read(by, world.brief_id, briefs=world.briefs, clock=world.clock, policy=POLICY)


def code_of(world: World, by: Command, **changes: Any) -> str:
    with pytest.raises(Problem) as refused:
        world.give_feedback(by, **changes)
    return refused.value.code


def settled(world: World) -> World:
    world.money_moves()
    assert world.brief.settled_at is not None
    return world


def test_it_is_blind_until_both_are_in_and_then_each_side_and_operators_see_both() -> None:
    world = a_world_in(State.PAID)
    world.give_feedback(student())
    mine = seen(world, student())
    assert (mine.shown, mine.given, mine.from_employer) == (False, [Role.STUDENT], None)
    assert mine.from_student is not None
    assert mine.from_student.model_dump(exclude={"at"}) == OF_STUDENT
    for by in (employer(), operator()):
        blind = seen(world, by)
        assert (blind.shown, blind.from_student, blind.from_employer) == (False, None, None)
    world.give_feedback(employer())
    views = [seen(world, by) for by in (student(), employer(), operator())]
    assert all(view.shown and view.from_student and view.from_employer for view in views)
    assert views[0].from_employer is not None
    assert views[0].from_employer.text == OF_EMPLOYER["text"]


def test_what_only_one_side_gave_is_shown_when_the_window_is_over_to_the_second() -> None:
    world = a_world_in(State.PAID)
    until = taken_until(world.brief, POLICY)
    settled_at = world.brief.settled_at
    assert until is not None
    assert settled_at is not None
    assert until - settled_at == timedelta(days=7)
    world.give_feedback(employer())
    world.clock.at = until - timedelta(seconds=1)
    assert seen(world, student()).from_employer is None
    world.give_feedback(employer(), text="On second thoughts.")
    world.clock.at = until
    shown = seen(world, student()).from_employer
    assert shown is not None
    assert shown.text == "On second thoughts."
    assert code_of(world, student()) == code_of(world, employer()) == "feedback_closed"


def test_it_can_be_changed_until_it_is_shown_and_not_after() -> None:
    world = a_world_in(State.PAID)
    world.give_feedback(student())
    world.give_feedback(student(), text="Better put.")
    world.give_feedback(employer())
    assert code_of(world, student()) == code_of(world, employer()) == "feedback_shown"
    shown = seen(world, employer()).from_student
    assert shown is not None
    assert shown.text == "Better put."


def test_of_a_change_and_the_other_sides_feedback_at_once_only_one_is_taken() -> None:
    world = a_world_in(State.PAID)
    world.give_feedback(student())
    read = world.briefs.read

    def other_side_first(*given: Any, **named: Any) -> Any:
        snapshot = read(*given, **named)
        world.briefs.read = read  # type: ignore[method-assign]
        world.give_feedback(employer())
        return snapshot

    world.briefs.read = other_side_first  # type: ignore[method-assign]
    assert code_of(world, student(), text="Too late, they have seen it.") == "feedback_shown"
    shown = seen(world, employer()).from_student
    assert shown is not None
    assert shown.text == OF_STUDENT["text"]


def test_both_sides_can_begin_at_once() -> None:
    world = a_world_in(State.PAID)
    read = world.briefs.read

    def other_side_first(*given: Any, **named: Any) -> Any:
        snapshot = read(*given, **named)
        world.briefs.read = read  # type: ignore[method-assign]
        world.give_feedback(employer())
        return snapshot

    world.briefs.read = other_side_first  # type: ignore[method-assign]
    world.give_feedback(student())
    assert (world.feedback.version, world.feedback.given) == (2, [Role.EMPLOYER, Role.STUDENT])
    assert world.feedback.shown_at is not None


def test_a_repeated_command_gives_the_stored_answer_and_another_body_is_refused() -> None:
    world = a_world_in(State.PAID)
    by = student("the-key")
    first = world.give_feedback(by)
    world.give_feedback(employer())
    world.clock.forward(days=30)
    assert world.give_feedback(by) == first
    assert world.feedback.version == 2
    assert code_of(world, student("the-key", body="other")) == "idempotency_key_reused"


ENDINGS: dict[Outcome, tuple[State, list[str]]] = {
    Outcome.APPROVED: (State.PAID, []),
    Outcome.APPROVED_BY_SILENCE: (State.SUBMITTED, ["deadline_lapses"]),
    Outcome.SPLIT: (State.RESOLVED, []),
    Outcome.EMPLOYER_WON: (State.DISPUTED, ["deadline_lapses", "deadline_lapses"]),
    Outcome.STUDENT_WON: (State.DISPUTED, ["answer_dispute", "deadline_lapses", "deadline_lapses"]),
    Outcome.NOT_SUBMITTED: (State.AWARDED, ["deadline_lapses"]),
    Outcome.CANCELLED_AFTER_AWARD: (State.AWARDED, ["cancel"]),
}


@pytest.mark.parametrize("outcome", ENDINGS)
def test_it_is_taken_after_every_end_with_somebody_who_was_awarded_the_brief(outcome: Outcome) -> None:
    state, steps = ENDINGS[outcome]
    world = a_world_in(state)
    for step in steps:
        getattr(world, step)()
    settled(world)
    assert world.brief.outcome is outcome
    without_work = not world.brief.submissions
    for by, asked in ((student(), QUESTIONS[Role.STUDENT]), (employer(), QUESTIONS[Role.EMPLOYER])):
        view = seen(world, by)
        assert view.asked.keys() == asked.keys() - ({"quality", "usefulness"} if without_work else set())
        world.give_feedback(by, ratings=dict.fromkeys(view.asked, 3))
    assert world.feedback.shown_at is not None


def given_back_too_late_for_another(world: World) -> None:
    world.clock.at = world.brief.applications_close_at
    world.withdraw_award()


def test_nobody_is_rated_who_gave_the_award_back_or_where_nobody_was_picked() -> None:
    world = a_world_in(State.AWARDED)
    given_back_too_late_for_another(world)
    settled(world)
    assert world.brief.outcome is Outcome.WITHDRAWN
    assert code_of(world, employer()) == "no_feedback_here"
    assert seen(world, employer()).until is None
    nobody = a_world_in(State.OPEN)
    nobody.cancel()
    settled(nobody)
    assert code_of(nobody, employer()) == "no_feedback_here"


@pytest.mark.parametrize("state", [State.AWARDED, State.SUBMITTED, State.DISPUTED, State.APPROVED])
def test_it_is_not_taken_before_the_end(state: State) -> None:
    world = a_world_in(state)
    assert code_of(world, student()) == code_of(world, employer()) == "not_ended"
    assert (seen(world, student()).until, seen(world, student()).asked) == (None, {})


def test_suggestions_rest_on_the_rubric_and_ratings_on_what_was_asked() -> None:
    world = a_world_in(State.PAID)
    with pytest.raises(Problem) as refused:
        world.give_feedback(student(), suggestions=[{"criterion": "spelling", "suggestion": "More of it."}])
    (error,) = refused.value.members["errors"]
    assert (refused.value.code, error["field"]) == ("unknown_criterion", "/suggestions/0/criterion")
    assert refused.value.detail == "The rubric has correctness, chart, writing; not spelling."
    with pytest.raises(Problem) as refused:
        world.give_feedback(employer(), ratings=OF_STUDENT["ratings"])
    assert refused.value.code == "ratings_do_not_match"
    assert "quality, communication, reliability, initiative" in refused.value.detail
    assert world.briefs.read(world.brief_id, Feedback.key_of) == world.briefs.read(world.brief_id)


@pytest.mark.parametrize("rating", [0, 6, 3.5, "5", True])
def test_ratings_are_whole_numbers_from_1_to_5(rating: Any) -> None:
    with pytest.raises(ValidationError):
        FeedbackRequest.model_validate(OF_STUDENT | {"ratings": {"clarity": rating}})


def test_for_everybody_else_there_is_nothing() -> None:
    world = a_world_in(State.PAID)
    world.give_feedback(student())
    world.give_feedback(employer())
    for by in (rival(), stranger(Role.STUDENT), stranger(Role.EMPLOYER), stranger(Role.EDUCATOR)):
        with pytest.raises(NotFound):
            seen(world, by)
    for by in (rival(), stranger(Role.EMPLOYER)):
        assert code_of(world, by) == "not_found"
    assert code_of(world, operator()) == code_of(world, stranger(Role.EDUCATOR)) == "wrong_role"


def test_any_member_writes_for_the_organisation_and_the_trail_says_who() -> None:
    world = a_world_in(State.PAID)
    colleague = Office(world).join()
    world.give_feedback(employer())
    world.feedback_is_followed()
    world.give_feedback(colleague, text="We thank her.")
    world.feedback_is_followed()
    world.stream_delivers()
    entries = [entry for entry in world.trail.entries(world.brief_id) if entry.subject == Feedback.key_of]
    assert [entry.event.actor_id for entry in entries] == [EMPLOYER, colleague.actor_id]
    assert [entry.event.type for entry in entries] == ["feedback.given"] * 2
    assert entries[0].event.previous == world.brief.entry.hash
    page = auditing.trail_of(
        operator(), world.brief_id, 100, None, briefs=world.briefs, trail=world.trail, clock=world.clock
    )
    assert page.chain.broken is None or page.chain.broken.subject != Feedback.key_of
    assert world.feedback.of(Role.EMPLOYER) is not None
    gone = colleague.model_copy(update={"organisation_id": None})
    assert code_of(world, gone) == "not_found"


def test_its_events_name_ids_only_and_the_second_one_says_that_both_are_in() -> None:
    world = a_world_in(State.PAID)
    world.give_feedback(student())
    world.feedback_is_followed()
    world.give_feedback(employer())
    for _ in range(2):
        world.feedback_is_followed()
    events = [CloudEvent.model_validate(event) for event in world.bus.events]
    mine = [event for event in events if event.type.startswith("feedback.")]
    assert [(event.type, event.data["by"]) for event in mine] == [
        (EventType.FEEDBACK_GIVEN, "student"),
        *[(EventType.FEEDBACK_GIVEN, "employer"), (EventType.FEEDBACK_SHOWN, "employer")] * 2,
    ]
    assert len({event.id for event in mine}) == 3, "a repeat is the same event"
    told = "".join(event.model_dump_json() for event in mine)
    assert [word for word in ("two days", "Amara", "ratings", "clarity") if word in told] == []


def test_both_are_told_when_it_is_awaited_until_when_and_when_both_are_in() -> None:
    world = a_world_in(State.PAID)
    world.stream_delivers()
    world.events_arrive(2)
    until = taken_until(world.brief, POLICY)
    assert until is not None
    awaited = f"Your feedback on this brief is awaited until {until:%Y-%m-%dT%H:%M:%S.000Z}."
    for by in (employer(), student()):
        assert [text.startswith(awaited) for text in texts(world, by)].count(True) == 1
    world.give_feedback(student())
    world.feedback_is_followed()
    world.give_feedback(employer())
    world.feedback_is_followed()
    world.events_arrive(2)
    for by in (employer(), student()):
        assert texts(world, by)[0].startswith("Both sides have given feedback")
        assert len(texts(world, by)) == 3


def test_nobody_is_asked_for_feedback_on_a_brief_that_takes_none() -> None:
    world = a_world_in(State.OPEN)
    world.cancel()
    settled(world)
    world.stream_delivers()
    world.events_arrive()
    assert [text for text in texts(world, employer()) if "feedback" in text] == []

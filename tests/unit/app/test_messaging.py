"""Who can say what to whom, when; who reads it, and until when."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from microintern.app import messaging, requests
from microintern.app.accounts import save_profile
from microintern.app.requests import ProfileRequest
from microintern.domain.audit import Finding
from microintern.domain.brief import Command
from microintern.domain.problems import Conflict, Forbidden, Invalid, Malformed, NotFound, Problem, TooMany
from microintern.domain.states import Role, State
from tests.unit.app.world import Step, World, a_world_in, rival, stranger
from tests.unit.builders import EMPLOYER, RIVAL, STUDENT, command, employer, operator, student


def refusal(call: Callable[..., object], *given: Any, **named: Any) -> str:
    with pytest.raises(Problem) as refused:
        call(*given, **named)
    return refused.value.code


def introduce(world: World, by: Command, name: str) -> None:
    save_profile(by, ProfileRequest(name=name), accounts=world.accounts, clock=world.clock)


def open_and_asked(**posting: Any) -> World:
    """Amara and Béla asked on an open brief, and Amara was answered."""
    world = a_world_in(State.OPEN, **posting)
    introduce(world, student(), "Amara Okafor")
    introduce(world, rival(), "Béla Kovács")
    world.ask("Is the table one file?")
    world.ask("May I use R?", rival())
    world.ask("It is one file.", employer(), answers=1)
    return world


EDUCATOR = command(Role.EDUCATOR, "an-educator-01")
STRANGERS = (stranger(Role.STUDENT), stranger(Role.EMPLOYER), EDUCATOR)


def test_while_the_brief_is_open_everybody_reads_questions_and_answers_in_their_order() -> None:
    world = open_and_asked()
    for by in (*STRANGERS, employer(), student(), rival(), operator()):
        shown = world.questions(by).items
        assert [(q.number, q.by, q.alias, q.answers, q.text) for q in shown] == [
            (1, Role.STUDENT, "Student 1", None, "Is the table one file?"),
            (2, Role.STUDENT, "Student 2", None, "May I use R?"),
            (3, Role.EMPLOYER, None, 1, "It is one file."),
        ]
        assert [q.mine for q in shown] == [q.text in MINE.get(by.actor_id, "") for q in shown]


MINE = {STUDENT: "Is the table one file?", RIVAL: "May I use R?", EMPLOYER: "It is one file."}


@pytest.mark.parametrize("blind", [True, False])
def test_who_asked_is_known_to_nobody_but_the_employer_and_on_a_blind_brief_not_even_to_them(blind: bool) -> None:
    world = open_and_asked(blind=blind)
    for by in (*STRANGERS, student(), rival(), operator()):
        page = world.questions(by).model_dump_json()
        assert not any(told in page for told in ("Amara", "Béla", STUDENT, RIVAL, EMPLOYER))
    asked = {q.number: q.asker.name for q in world.questions(employer()).items if q.asker}
    assert asked == ({} if blind else {1: "Amara Okafor", 2: "Béla Kovács"})


def test_on_a_blind_brief_the_award_shows_who_asked_of_whoever_was_awarded_it_only() -> None:
    world = open_and_asked(blind=True)
    world.go_on(World.be_payable, World.apply, World.award)
    assert {q.number: q.asker.name for q in world.questions(employer()).items if q.asker} == {1: "Amara Okafor"}
    for by in (student(), operator()):
        assert all(q.asker is None for q in world.questions(by).items)


def test_once_the_brief_is_not_open_questions_are_for_those_who_can_read_the_brief() -> None:
    world = open_and_asked()
    world.apply(rival())
    world.go_on(World.be_payable, World.apply, World.award)
    for by in (student(), employer(), rival(), operator()):
        assert len(world.questions(by).items) == 3
    for by in STRANGERS:
        assert refusal(world.questions, by) == refusal(world.ask, "Why?", by) or by is EDUCATOR
        assert refusal(world.questions, by) == "not_found"
    for by in (student(), employer(), rival()):
        assert refusal(world.ask, "Why?", by) == "no_questions_now"


def test_before_it_is_funded_a_brief_is_not_there_to_ask_about() -> None:
    world = a_world_in(State.POSTED)
    for by in STRANGERS:
        assert refusal(world.questions, by) == "not_found"
    assert refusal(world.ask) == "not_found"
    assert world.questions(employer()).items == []
    assert refusal(world.ask, "I add something.", employer()) == "no_questions_now"


def test_when_applications_have_closed_nothing_is_asked_any_more() -> None:
    world = open_and_asked()
    world.clock.at = world.brief.applications_close_at - timedelta(seconds=1)
    world.ask("In time?")
    world.clock.at = world.brief.applications_close_at
    assert refusal(world.ask, "Too late?") == "no_questions_now"


def test_students_ask_and_the_briefs_own_employer_answers() -> None:
    world = open_and_asked()
    for by in (EDUCATOR, operator()):
        with pytest.raises(Forbidden):
            world.ask("Why?", by)
    with pytest.raises(NotFound):
        world.ask("It is.", stranger(Role.EMPLOYER), answers=1)
    assert refusal(world.ask, "It is, I think.", rival(), 1) == "employers_answer"
    for number in (3, 9):
        with pytest.raises(Invalid) as refused:
            world.ask("It is.", employer(), answers=number)
        assert refused.value.members["errors"][0]["field"] == "/answers"
    assert world.ask("All of you: the deadline stands.", employer()) == 4
    assert world.ask("Thanks.", employer(), answers=2) == 5


CONTACTS = ["Mail amara@example.com", "Call +1 212 555 0199", "See https://example.com/me", "amara at mail dot com"]


@pytest.mark.parametrize("text", CONTACTS)
def test_what_leads_past_the_platform_is_refused_in_public_with_the_reason(text: str) -> None:
    world = a_world_in(State.OPEN)
    kept = world.kept()
    with pytest.raises(Invalid) as refused:
        world.ask(text)
    assert (refused.value.code, refused.value.members["errors"][0]["field"]) == ("contact_data", "/text")
    assert "everybody can read this" in refused.value.detail
    assert world.kept() == kept


def test_an_employer_may_link_to_what_is_public_but_gives_no_address_either() -> None:
    world = a_world_in(State.OPEN)
    assert world.ask("The guide is at https://example.com/guide.", employer()) == 1
    for text in (CONTACTS[0], CONTACTS[1]):
        assert refusal(world.ask, text, employer()) == "contact_data"


@pytest.mark.parametrize("text", CONTACTS)
def test_after_the_award_both_sides_may_exchange_what_they_like(text: str) -> None:
    assert a_world_in(State.AWARDED).write(text) == 1


TALKING = (State.AWARDED, State.SUBMITTED, State.CHANGES_REQUESTED, State.DISPUTED, State.APPROVED)
SUBMITTED: list[Step] = [World.upload_all, World.submit]
RESOLVED: list[Step] = [World.dispute, World.answer_dispute, World.resolve, World.deadline_lapses]
AFTER_AWARD: dict[State, list[Step]] = {
    State.AWARDED: [],
    State.SUBMITTED: SUBMITTED,
    State.CHANGES_REQUESTED: [*SUBMITTED, World.request_changes],
    State.DISPUTED: [*SUBMITTED, World.dispute],
    State.APPROVED: [*SUBMITTED, World.approve],
    State.PAID: [*SUBMITTED, World.approve, World.money_moves],
    State.RESOLVED: [*SUBMITTED, *RESOLVED],
}


@pytest.mark.parametrize("state", TALKING)
def test_from_the_award_until_the_money_has_moved_both_sides_write_and_read(state: State) -> None:
    world = a_world_in(state)
    introduce(world, student(), "Amara Okafor")
    assert (world.write(), world.write("Thank you.", employer())) == (1, 2)
    for by in (student(), employer()):
        shown = world.messages(by).items
        assert [(m.number, m.by, m.text) for m in shown] == [
            (1, Role.STUDENT, "The report comes on Friday."),
            (2, Role.EMPLOYER, "Thank you."),
        ]
        assert [m.author.account_id for m in shown] == [STUDENT, EMPLOYER]
        assert shown[0].author.name == "Amara Okafor"
        assert [m.mine for m in shown] == [by.actor_id == STUDENT, by.actor_id == EMPLOYER]


@pytest.mark.parametrize("state", TALKING)
def test_nobody_else_reads_or_writes_there(state: State) -> None:
    world = a_world_in(State.OPEN)
    world.apply(rival())
    world.go_on(World.be_payable, World.apply, World.award)
    world.write("Nobody else reads this.")
    world.go_on(*AFTER_AWARD[state])
    assert world.brief.state is state
    for by in (*STRANGERS, rival()):
        assert refusal(world.messages, by) == "not_found"
        assert refusal(world.write, "Let me in.", by) in ("not_found", "wrong_role")
    assert refusal(world.write, "Let me in.", operator()) == "wrong_role"


@pytest.mark.parametrize("state", [*TALKING, State.PAID, State.RESOLVED])
def test_operators_read_it_only_while_it_is_disputed_and_that_they_did_is_written_down(state: State) -> None:
    world = a_world_in(State.AWARDED)
    world.write()
    world.go_on(*AFTER_AWARD[state])
    assert world.brief.state is state
    noted = world.findings(needs_person=False).count(Finding.EVIDENCE_READ)
    if state is not State.DISPUTED:
        assert refusal(world.messages, operator()) == "not_found"
        assert world.findings(needs_person=False).count(Finding.EVIDENCE_READ) == noted == 0
        return
    assert len(world.messages(operator()).items) == 1
    (entry,) = [e for e in world.audit.entries(needs_person=False, limit=9).items if e.finding is Finding.EVIDENCE_READ]
    assert entry.facts["operator_id"] == operator().actor_id
    assert (entry.subject, entry.facts["brief_id"]) == (world.brief_id, world.brief_id)


def test_before_the_award_there_is_no_private_thread_and_after_the_money_none_is_added_to() -> None:
    world = a_world_in(State.OPEN)
    assert world.messages(employer()).items == []
    assert refusal(world.write, "Hello.", employer()) == "not_awarded"
    assert refusal(world.write) == "not_found"
    over = a_world_in(State.AWARDED)
    over.write()
    over.go_on(World.upload_all, World.submit, World.approve, World.money_moves)
    assert refusal(over.write) == refusal(over.write, "One more thing.", employer()) == "thread_closed"
    assert len(over.messages(student()).items) == len(over.messages(employer()).items) == 1


def test_whoever_gets_the_brief_next_reads_nothing_of_what_was_written_to_who_had_it() -> None:
    world = a_world_in(State.OPEN)
    world.apply(rival())
    world.go_on(World.be_payable, World.apply, World.award)
    world.write("Between us.")
    world.withdraw_award()
    assert refusal(world.messages, student()) == "not_found"
    assert world.messages(employer()).items == []
    world.be_payable(rival())
    world.award(student_id=RIVAL)
    assert world.messages(rival()).items == []
    assert world.write("Hello.", rival()) == 1
    for by in (rival(), employer()):
        assert "Between us." not in world.messages(by).model_dump_json()
    assert refusal(world.messages, student()) == "not_found"


def test_a_cursor_of_one_thread_opens_no_other() -> None:
    world = a_world_in(State.AWARDED)
    for _ in range(3):
        world.write()
    cursor = world.messages(student(), 2).next_cursor
    assert cursor
    assert [m.number for m in world.messages(student(), 2, cursor).items] == [3]
    with pytest.raises(Malformed):
        world.messages(employer(), 2, cursor)
    with pytest.raises(Malformed):
        world.questions(student(), 2, cursor)


def test_questions_page_without_a_gap_or_a_repeat() -> None:
    world = a_world_in(State.OPEN)
    for number in range(7):
        world.ask(f"Question {number}?", (student, rival)[number % 2]())
    seen: list[int] = []
    cursor: str | None = None
    while True:
        page = world.questions(rival(), 3, cursor)
        seen += [q.number for q in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert seen == [1, 2, 3, 4, 5, 6, 7]


def test_a_repeated_command_says_nothing_twice_and_is_answered_the_same_whatever_happened_since() -> None:
    world = a_world_in(State.OPEN)
    by = student("key-of-question")
    request = requests.QuestionRequest(text="Is the table one file?")
    first = messaging.ask(by, world.brief_id, request, room=world.room)
    world.cancel()
    world.clock.forward(days=30)
    assert messaging.ask(by, world.brief_id, request, room=world.room) == first
    assert len(world.questions(employer()).items) == 1
    with pytest.raises(Invalid) as refused:
        messaging.ask(student("key-of-question", "other body"), world.brief_id, request, room=world.room)
    assert refused.value.code == "idempotency_key_reused"


def test_many_who_write_at_once_get_numbers_of_their_own() -> None:
    world = a_world_in(State.AWARDED)
    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(lambda n: world.write(f"Message {n}."), range(12)))
    assert sorted(numbers) == list(range(1, 13))
    assert len({m.text for m in world.messages(student()).items}) == 12


def test_ten_questions_of_one_student_on_one_brief_and_others_may_still_ask() -> None:
    world = a_world_in(State.OPEN)
    for number in range(10):
        world.ask(f"Question {number}?")
    assert refusal(world.ask, "One more?") == "too_many_questions"
    assert world.ask("Mine?", rival()) == 11
    assert [world.ask("An answer.", employer(), answers=1) for _ in range(11)][-1] == 22
    assert {q.alias for q in world.questions(operator()).items} == {"Student 1", "Student 2", None}


def test_a_hundred_messages_a_day_and_the_next_day_more() -> None:
    world = a_world_in(State.AWARDED)
    for _ in range(100):
        world.write()
    with pytest.raises(TooMany) as refused:
        world.write()
    assert refused.value.code == "too_many_messages"
    assert 0 < refused.value.members["retry_after_s"] <= 86_400
    assert world.write("I may.", employer()) == 101
    world.clock.forward(days=1)
    assert world.write() == 102


def test_a_thread_has_an_end() -> None:
    world = a_world_in(State.AWARDED)
    full = world.room.policy.model_copy(update={"most_messages_per_thread": 2})
    room = messaging.Room(**{**vars(world.room), "policy": full})
    request = requests.MessageRequest(text="On Friday.")
    for _ in range(2):
        messaging.write(student(), world.brief_id, request, room=room)
    with pytest.raises(Conflict) as refused:
        messaging.write(student(), world.brief_id, request, room=room)
    assert refused.value.code == "thread_full"


def test_a_year_after_the_work_was_due_nobody_is_shown_any_of_it() -> None:
    world = open_and_asked()
    world.go_on(World.be_payable, World.apply, World.award)
    world.write()
    world.go_on(World.upload_all, World.submit, World.approve, World.money_moves)
    end = world.brief.submission_due_at + timedelta(days=365)
    world.clock.at = end - timedelta(seconds=1)
    assert (len(world.questions(student()).items), len(world.messages(employer()).items)) == (3, 1)
    world.clock.at = end
    assert (world.questions(student()).items, world.messages(employer()).items) == ([], [])


@pytest.mark.parametrize("text", ["", "   ", "x" * 2_001, "<b>bold</b>", "turn \u202e round"])
def test_a_message_is_plain_text_of_some_length(text: str) -> None:
    for model in (requests.MessageRequest, requests.QuestionRequest):
        with pytest.raises(ValueError, match="text"):
            model(text=text)

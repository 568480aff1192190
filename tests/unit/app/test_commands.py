"""What holds for every command: who may give it, repeats, races, and that a refusal changes nothing."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from microintern.domain.brief import Command
from microintern.domain.payout_matrix import Split
from microintern.domain.problems import Conflict, Forbidden, Invalid, NotFound
from microintern.domain.states import Role, State
from tests.unit.app.world import World, a_world_in, rival, stranger
from tests.unit.builders import EMPLOYER, OPERATOR, STUDENT, command, employer


class Case(NamedTuple):
    """A command, a state in which it can be given, and who may."""

    name: str
    state: State
    role: Role
    give: Callable[[World, Command], Any]
    prepare: Callable[[World], object] = lambda world: None

    def world(self) -> World:
        """Everything ready for the command."""
        world = a_world_in(self.state)
        self.prepare(world)
        return world


def a_ready_student_applies(world: World) -> None:
    world.be_payable()
    world.apply()


COMMANDS = [
    Case("fund", State.POSTED, Role.EMPLOYER, World.ask_for_funding),
    Case("cancel", State.OPEN, Role.EMPLOYER, World.cancel),
    Case("award", State.OPEN, Role.EMPLOYER, World.award, a_ready_student_applies),
    Case("give the award back", State.AWARDED, Role.STUDENT, World.withdraw_award),
    Case("submit", State.AWARDED, Role.STUDENT, World.submit, World.upload_all),
    Case("request changes", State.SUBMITTED, Role.EMPLOYER, World.request_changes),
    Case("approve", State.SUBMITTED, Role.EMPLOYER, World.approve),
    Case("dispute", State.SUBMITTED, Role.EMPLOYER, World.dispute),
    Case("answer a dispute", State.DISPUTED, Role.STUDENT, World.answer_dispute),
    Case("resolve", State.DISPUTED, Role.OPERATOR, World.resolve),
    Case("reopen", State.DISPUTED, Role.OPERATOR, World.reopen, World.resolve),
]
OWN = {Role.EMPLOYER: EMPLOYER, Role.STUDENT: STUDENT, Role.OPERATOR: OPERATOR}
A_SPLIT = Split(student_minor=1, employer_minor=1, fee_minor=1)
MAY = {case.name: {Role.EMPLOYER, Role.STUDENT} if "dispute" in case.name else {case.role} for case in COMMANDS}
MAY_NOT = [(case, role) for case in COMMANDS for role in Role if role not in {*MAY[case.name], Role.SERVER}]


def named(value: object) -> str:
    return value.name if isinstance(value, Case) else str(value)


def each(cases: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=named)


every_command = each(COMMANDS)


def by_owner(case: Case, key: str = "the-key", body: str = "body") -> Command:
    return command(case.role, OWN[case.role], key, body)


@pytest.mark.parametrize(("case", "role"), MAY_NOT, ids=named)
def test_another_role_is_forbidden_to_give_it_even_to_the_owner(case: Case, role: Role) -> None:
    world = case.world()
    kept = world.kept()
    with pytest.raises(Forbidden) as refused:
        case.give(world, command(role, OWN[case.role]))
    assert refused.value.code == "wrong_role"
    assert world.kept() == kept


@each([case for case in COMMANDS if case.role is not Role.OPERATOR])
def test_somebody_elses_brief_is_not_there(case: Case) -> None:
    world = case.world()
    kept = world.kept()
    with pytest.raises(NotFound) as refused:
        case.give(world, stranger(case.role))
    assert refused.value.code == "not_found"
    assert world.kept() == kept


@pytest.mark.parametrize(("give", "state"), [(World.dispute, State.SUBMITTED), (World.answer_dispute, State.DISPUTED)])
def test_a_party_whose_role_was_changed_acts_for_neither_side(
    give: Callable[[World, Command], Any], state: State
) -> None:
    """Both roles may give these commands, so that the account's role must also fit its side."""
    world = a_world_in(state)
    for changed in (command(Role.STUDENT, EMPLOYER), command(Role.EMPLOYER, STUDENT)):
        with pytest.raises(NotFound):
            give(world, changed)


@every_command
def test_a_brief_that_does_not_exist_looks_the_same_as_somebody_elses(case: Case) -> None:
    world = case.world()
    world.uploads = {"report": "file-that-is-not-there"}
    world.brief_id, there = "no-such-brief-00", world.brief_id
    with pytest.raises(NotFound) as missing:
        give_without_reading(case, world)
    if case.role is Role.OPERATOR:
        return
    world.brief_id = there
    with pytest.raises(NotFound) as elses:
        case.give(world, stranger(case.role))
    assert (missing.value.code, missing.value.detail) == (elses.value.code, elses.value.detail)


def give_without_reading(case: Case, world: World) -> None:
    """Give the command without first looking at the brief, which is not there."""
    plain: dict[str, Callable[[], object]] = {
        "award": lambda: world.award(by_owner(case)),
        "submit": lambda: world.submit(by_owner(case)),
        "approve": lambda: world.approve(by_owner(case), number=1),
        "request changes": lambda: world.request_changes(by_owner(case), number=1),
        "resolve": lambda: world.resolve(by_owner(case), split=A_SPLIT),
    }
    give = plain.get(case.name)
    give() if give else case.give(world, by_owner(case))


@every_command
def test_repeated_with_the_same_key_it_gives_the_same_answer_and_writes_nothing(case: Case) -> None:
    world = case.world()
    answer = case.give(world, by_owner(case))
    kept = world.kept()
    world.clock.forward(days=400)
    assert case.give(world, by_owner(case)) == answer
    assert world.kept() == kept


@every_command
def test_a_key_that_comes_with_another_body_is_refused(case: Case) -> None:
    world = case.world()
    case.give(world, by_owner(case))
    kept = world.kept()
    with pytest.raises(Invalid) as refused:
        case.give(world, by_owner(case, body="another"))
    assert refused.value.code == "idempotency_key_reused"
    assert world.kept() == kept


@every_command
def test_of_two_copies_that_race_both_get_the_one_answer(case: Case) -> None:
    world = case.world()
    answers: list[Any] = []
    world.briefs.meanwhile = lambda: answers.append(case.give(world, by_owner(case)))
    answers.append(case.give(world, by_owner(case)))
    assert answers[0] == answers[1]
    assert list(world.brief.done).count("the-key") == 1


@every_command
def test_whoever_loses_a_race_against_a_deadline_is_told_the_current_state(case: Case) -> None:
    world = case.world()
    lapse_at = world.brief.lapse_at
    assert lapse_at is not None

    def the_deadline_is_first() -> None:
        present = world.clock.at
        world.deadline_lapses()
        world.clock.at = present

    world.briefs.meanwhile = the_deadline_is_first
    with pytest.raises(Conflict) as refused:
        case.give(world, by_owner(case))
    assert refused.value.code == "changed_meanwhile"
    assert refused.value.members == {"state": world.brief.state, "version": world.brief.version}
    assert "the-key" not in world.brief.done


# Asking for funding leaves the deadline standing: it has a test of its own.
@each([case for case in COMMANDS if case.name != "fund"])
def test_a_deadline_that_loses_the_race_changes_nothing(case: Case) -> None:
    world = case.world()
    present, lapse_at = world.clock.at, world.brief.lapse_at
    assert lapse_at is not None

    def the_person_is_first() -> None:
        late, world.clock.at = world.clock.at, present
        case.give(world, by_owner(case))
        world.clock.at = late

    world.briefs.meanwhile = the_person_is_first
    assert world.deadline_lapses() is None
    assert "the-key" in world.brief.done


def test_a_funding_window_lapses_although_funding_was_asked_for_meanwhile() -> None:
    world = a_world_in(State.POSTED)
    present = world.clock.at

    def the_employer_is_first() -> None:
        late, world.clock.at = world.clock.at, present
        world.ask_for_funding()
        world.clock.at = late

    world.briefs.meanwhile = the_employer_is_first
    assert world.deadline_lapses() is not None
    assert world.brief.state is State.EXPIRED


@every_command
def test_given_in_any_state_in_which_it_cannot_be_it_is_a_conflict_with_that_state(case: Case) -> None:
    world = a_world_in(State.PAID)
    kept = world.kept()
    give: dict[str, Callable[[], object]] = {
        "award": lambda: world.award(by_owner(case)),
        "resolve": lambda: world.resolve(by_owner(case), split=A_SPLIT),
    }
    given = give.get(case.name)
    with pytest.raises(Conflict) as refused:
        given() if given else case.give(world, by_owner(case))
    assert refused.value.code == "wrong_state"
    assert refused.value.members["state"] is State.PAID
    assert world.kept() == kept


def test_a_posting_that_is_repeated_finds_the_brief_it_made_even_when_its_dates_have_passed() -> None:
    world = World()
    answer = world.post(employer(key="the-key"))
    kept = world.kept()
    for days in (0, 400):
        world.clock.forward(days=days)
        assert world.post(employer(key="the-key")) == answer
    assert world.kept() == kept
    with pytest.raises(Invalid) as refused:
        world.post(employer(key="the-key", body="another"))
    assert refused.value.code == "idempotency_key_reused"


def test_only_employers_post_and_a_brief_under_the_floor_is_not_kept() -> None:
    world = World()
    with pytest.raises(Forbidden):
        world.post(rival())
    world = World(pay={"amount_minor": 12 * 1700 - 1, "currency": "USD"})
    kept = world.kept()
    with pytest.raises(Invalid) as refused:
        world.post()
    assert refused.value.code == "pay_under_floor"
    assert refused.value.members["lowest_pay_minor"] == 12 * 1700
    assert world.kept() == kept


def test_the_floor_counts_for_all_the_time_that_the_brief_runs() -> None:
    """Paid at Germany's rate of 2026, but due in 2027."""
    timeline = {
        "zone": "Europe/Berlin",
        "applications_close_at": "2026-12-20T12:00:00+01:00",
        "submission_due_at": "2027-01-02T12:00:00+01:00",
    }
    pay = {"amount_minor": 10 * 1390, "currency": "EUR"}
    world = World(place_of_work="DE-BE", hours=10, pay=pay, timeline=timeline)
    world.clock.forward(days=-80)
    with pytest.raises(Invalid) as refused:
        world.post()
    assert refused.value.members["floor_rate_minor"] == 1460

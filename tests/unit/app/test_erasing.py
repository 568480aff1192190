"""Who may ask for a person to be forgotten, and when that is refused."""

import pytest

from microintern.domain.problems import Conflict, Forbidden, Invalid, NotFound
from microintern.domain.standing import StandingState
from microintern.domain.states import State
from tests.unit.app.bureau import Bureau
from tests.unit.app.test_organisations import refusal
from tests.unit.app.world import World, a_world_in, rival
from tests.unit.builders import OPERATOR, RIVAL, STUDENT, employer, operator, student


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


def test_who_had_an_account_erased_stands_in_its_trail() -> None:
    world = World()
    by = operator()
    erased = Bureau(world).erase_for(RIVAL, by)
    (entry,) = world.accounts.steps(RIVAL)
    assert entry == erased.entry
    assert (entry.subject, entry.event.type, entry.event.actor_id) == ("standing", "account.erased", by.actor_id)


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

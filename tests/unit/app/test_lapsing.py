"""A deadline takes effect when it has passed, once, and only if it is still the brief's deadline."""

import pytest

from microintern.app.lapsing import TooEarly, lapse
from microintern.domain.states import State
from microintern.domain.workflow import STEPS
from tests.unit.app.world import a_world_in
from tests.unit.builders import POLICY, seconds


@pytest.mark.parametrize("state", STEPS)
def test_a_schedule_that_fires_early_is_told_to_come_again(state: State) -> None:
    world = a_world_in(state)
    lapse_at = world.brief.lapse_at
    assert lapse_at is not None
    world.clock.at = lapse_at - seconds(0.001)
    kept = world.kept()
    with pytest.raises(TooEarly):
        lapse(world.brief_id, lapse_at, briefs=world.briefs, clock=world.clock, policy=POLICY)
    assert world.kept() == kept


@pytest.mark.parametrize("state", STEPS)
def test_a_schedule_that_fires_twice_takes_effect_once(state: State) -> None:
    world = a_world_in(state)
    lapse_at = world.brief.lapse_at
    assert lapse_at is not None
    answer = world.deadline_lapses()
    assert answer is not None
    kept = world.kept()
    assert lapse(world.brief_id, lapse_at, briefs=world.briefs, clock=world.clock, policy=POLICY) is None
    assert world.kept() == kept


def test_a_deadline_of_an_earlier_state_does_nothing() -> None:
    world = a_world_in(State.OPEN)
    old = world.brief.lapse_at
    assert old is not None
    world.be_payable()
    world.apply()
    world.award()
    world.clock.at = old
    assert lapse(world.brief_id, old, briefs=world.briefs, clock=world.clock, policy=POLICY) is None
    assert world.brief.state is State.AWARDED


def test_a_deadline_of_a_brief_that_is_not_there_does_nothing() -> None:
    world = a_world_in(State.OPEN)
    now = world.clock.now()
    assert lapse("no-such-brief-00", now, briefs=world.briefs, clock=world.clock, policy=POLICY) is None

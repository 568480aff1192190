"""The steps of the workflow: whatever it lags behind by, the answers to its waits bring it to where the brief is."""

from itertools import pairwise

import pytest

from microintern.domain.states import State, next_states
from microintern.domain.workflow import END, SETTLE, STEPS, answer_to_wait, caught, main_next, step_of

STATE_OF = {step: state for state, step in STEPS.items()}
ENDS = [state for state in State if state not in STEPS]
MOST_ANSWERS = 5
"""No lag is longer: the states of the main path, and a branch off it."""


def reachable(start: State) -> set[State]:
    """The states that a brief can be in when the workflow still waits for it to leave `start`."""
    found, new = {start}, {start}
    while new:
        new = {to for state in new for to in next_states(state)} - found
        found |= new
    return found


def steps_taken(waits_in: State, state: State) -> list[str]:
    """The steps of a workflow that waits in one state while the brief is in another, until it needs no answer."""
    taken: list[str] = []
    while (answer := answer_to_wait(waits_in, state, settled=False)) is not None:
        taken.append(answer)
        assert len(taken) <= MOST_ANSWERS, f"from {waits_in} to {state}: {taken}"
        if answer == SETTLE:
            break
        waits_in = STATE_OF[answer]
    return taken


LAGS = [(waits_in, state) for waits_in in STEPS for state in State if state in reachable(waits_in)]


@pytest.mark.parametrize(("waits_in", "state"), LAGS, ids=str)
def test_a_workflow_that_lags_behind_arrives_where_the_brief_is(waits_in: State, state: State) -> None:
    taken = steps_taken(waits_in, state)
    assert (taken[-1] if taken else step_of(waits_in)) == step_of(state)


@pytest.mark.parametrize(("waits_in", "state"), LAGS, ids=str)
def test_every_answer_is_one_that_the_waiting_step_can_take(waits_in: State, state: State) -> None:
    answer = answer_to_wait(waits_in, state, settled=False)
    assert answer is None or answer in {main_next(waits_in), *caught(waits_in)}


@pytest.mark.parametrize("state", STEPS)
def test_a_workflow_keeps_waiting_while_the_brief_stays(state: State) -> None:
    assert answer_to_wait(state, state, settled=False) is None


def test_a_brief_with_one_revision_takes_one_answer_per_step() -> None:
    path = [
        State.POSTED,
        State.OPEN,
        State.AWARDED,
        State.SUBMITTED,
        State.CHANGES_REQUESTED,
        State.SUBMITTED,
        State.APPROVED,
    ]
    answers = [answer_to_wait(waits_in, state, settled=False) for waits_in, state in pairwise(path)]
    assert answers == [
        "AwaitAward",
        "AwaitSubmission",
        "AwaitReview",
        "AwaitRevision",
        "AwaitReview",
        "Settle",
    ]


def test_a_branch_is_never_also_the_main_path() -> None:
    for state in STEPS:
        assert main_next(state) not in caught(state)
        assert step_of(state) not in caught(state)


@pytest.mark.parametrize("state", ENDS)
def test_every_end_is_settled(state: State) -> None:
    assert step_of(state) == SETTLE


@pytest.mark.parametrize("state", ENDS)
def test_settling_waits_until_the_money_has_moved_and_is_then_the_end(state: State) -> None:
    assert answer_to_wait(state, state, settled=False) is None
    assert answer_to_wait(state, state, settled=True) == END == main_next(state)


def test_a_token_that_was_left_before_the_payment_ends_the_workflow_after_it() -> None:
    assert answer_to_wait(State.APPROVED, State.PAID, settled=True) == END


@pytest.mark.parametrize("waits_in", STEPS)
def test_a_workflow_that_lags_behind_a_settled_brief_still_goes_step_by_step(waits_in: State) -> None:
    answer = answer_to_wait(waits_in, State.CANCELLED, settled=True)
    assert answer in {main_next(waits_in), *caught(waits_in)}
    assert answer != END

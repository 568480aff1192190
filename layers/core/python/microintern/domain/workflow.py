"""The steps that carry a brief: which step waits in which state, and how a step that waits is left.

The state machine is generated from this table, and the stream uses the same table to answer a waiting step, so the
two cannot differ.
"""

from microintern.domain.states import State, next_states

SETTLE = "Settle"
END = "End"

STEPS: dict[State, str] = {
    State.POSTED: "AwaitFunding",
    State.OPEN: "AwaitAward",
    State.AWARDED: "AwaitSubmission",
    State.SUBMITTED: "AwaitReview",
    State.CHANGES_REQUESTED: "AwaitRevision",
    State.DISPUTED: "AwaitResolution",
}
"""The step that waits while a brief is in this state; every other state is settled."""

_MAIN_PATH: dict[State, State] = {
    State.POSTED: State.OPEN,
    State.OPEN: State.AWARDED,
    State.AWARDED: State.SUBMITTED,
    State.SUBMITTED: State.APPROVED,
    State.CHANGES_REQUESTED: State.SUBMITTED,
    State.DISPUTED: State.RESOLVED,
}


def step_of(state: State) -> str:
    """The step in which a brief of this state belongs."""
    return STEPS.get(state, SETTLE)


def main_next(state: State) -> str:
    """Where a waiting step goes when its task succeeds; settling is the last."""
    return step_of(_MAIN_PATH[state]) if state in _MAIN_PATH else END


def caught(state: State) -> list[str]:
    """The steps that a waiting step reaches by a task failure of the same name: branches cost no choice state."""
    steps = {step_of(to) for to in next_states(state)} - {main_next(state)}
    return [step for step in (*STEPS.values(), SETTLE) if step in steps]


def answer_to_wait(waits_in: State, state: State, *, settled: bool) -> str | None:
    """The step that a task waiting in `waits_in` must be sent to, given where the brief stands; None to keep waiting.

    A workflow that lags behind by several states is sent along the main path, which catches up with the brief: every
    state is reached from there.
    """
    if waits_in not in STEPS:
        return END if settled else None
    if state is waits_in:
        return None
    target = step_of(state)
    return target if target in caught(waits_in) else main_next(waits_in)

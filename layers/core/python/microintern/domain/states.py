"""The life of a brief as one table: which action leads from which state to which."""

from enum import StrEnum


class Role(StrEnum):
    """Who acts. The server acts for deadlines and money."""

    EMPLOYER = "employer"
    STUDENT = "student"
    EDUCATOR = "educator"
    OPERATOR = "operator"
    SERVER = "server"


class State(StrEnum):
    """Where a brief is in its life."""

    POSTED = "posted"
    OPEN = "open"
    AWARDED = "awarded"
    SUBMITTED = "submitted"
    CHANGES_REQUESTED = "changes_requested"
    DISPUTED = "disputed"
    APPROVED = "approved"
    PAID = "paid"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    RESOLVED = "resolved"


class Action(StrEnum):
    """What somebody does to a brief."""

    REQUEST_FUNDING = "request_funding"
    FUNDING_FAILED = "funding_failed"
    OPEN = "open"
    CANCEL = "cancel"
    AWARD = "award"
    WITHDRAW = "withdraw"
    AMEND = "amend"
    SUBMIT = "submit"
    REQUEST_CHANGES = "request_changes"
    APPROVE = "approve"
    DISPUTE = "dispute"
    ANSWER_DISPUTE = "answer_dispute"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    LAPSE = "lapse"
    SETTLE = "settle"


_S, _A = State, Action

TRANSITIONS: dict[tuple[State, Action], frozenset[State]] = {
    (_S.POSTED, _A.REQUEST_FUNDING): frozenset({_S.POSTED}),
    (_S.POSTED, _A.FUNDING_FAILED): frozenset({_S.POSTED}),
    (_S.POSTED, _A.OPEN): frozenset({_S.OPEN}),
    (_S.POSTED, _A.CANCEL): frozenset({_S.CANCELLED}),
    (_S.POSTED, _A.LAPSE): frozenset({_S.EXPIRED}),
    (_S.OPEN, _A.AWARD): frozenset({_S.AWARDED}),
    (_S.OPEN, _A.CANCEL): frozenset({_S.CANCELLED}),
    (_S.OPEN, _A.LAPSE): frozenset({_S.EXPIRED}),
    (_S.AWARDED, _A.SUBMIT): frozenset({_S.SUBMITTED}),
    (_S.AWARDED, _A.WITHDRAW): frozenset({_S.OPEN, _S.CANCELLED}),
    (_S.AWARDED, _A.AMEND): frozenset({_S.AWARDED}),
    (_S.AWARDED, _A.CANCEL): frozenset({_S.CANCELLED}),
    (_S.AWARDED, _A.LAPSE): frozenset({_S.EXPIRED}),
    (_S.SUBMITTED, _A.APPROVE): frozenset({_S.APPROVED}),
    (_S.SUBMITTED, _A.REQUEST_CHANGES): frozenset({_S.CHANGES_REQUESTED}),
    (_S.SUBMITTED, _A.DISPUTE): frozenset({_S.DISPUTED}),
    (_S.SUBMITTED, _A.LAPSE): frozenset({_S.APPROVED}),
    (_S.CHANGES_REQUESTED, _A.SUBMIT): frozenset({_S.SUBMITTED}),
    (_S.CHANGES_REQUESTED, _A.DISPUTE): frozenset({_S.DISPUTED}),
    (_S.CHANGES_REQUESTED, _A.LAPSE): frozenset({_S.DISPUTED}),
    (_S.DISPUTED, _A.ANSWER_DISPUTE): frozenset({_S.DISPUTED}),
    (_S.DISPUTED, _A.RESOLVE): frozenset({_S.DISPUTED}),
    (_S.DISPUTED, _A.REOPEN): frozenset({_S.DISPUTED}),
    (_S.DISPUTED, _A.LAPSE): frozenset({_S.DISPUTED, _S.RESOLVED}),
    (_S.APPROVED, _A.SETTLE): frozenset({_S.PAID}),
    (_S.EXPIRED, _A.SETTLE): frozenset({_S.EXPIRED}),
    (_S.CANCELLED, _A.SETTLE): frozenset({_S.CANCELLED}),
    (_S.RESOLVED, _A.SETTLE): frozenset({_S.RESOLVED}),
}

LAPSES: dict[State, str] = {
    _S.POSTED: "the brief expires unfunded; nothing is owed",
    _S.OPEN: "the brief expires and the employer is refunded in full",
    _S.AWARDED: "the brief expires, the employer is refunded in full and the student's record is marked",
    _S.SUBMITTED: "the work is approved by silence and the student is paid",
    _S.CHANGES_REQUESTED: "the brief becomes disputed and the student has a window to answer",
    _S.DISPUTED: "the decision becomes final; without one, the side that answered wins, and if both did, the student",
}
"""What the passing of a state's deadline does, in words that everyone sees beside the deadline."""


def allows(state: State, action: Action) -> bool:
    """Whether the action can be taken in this state."""
    return (state, action) in TRANSITIONS


def states_allowing(action: Action) -> list[State]:
    """The states in which the action can be taken, in the order of a brief's life."""
    return [state for state in State if allows(state, action)]


def next_states(state: State) -> list[State]:
    """The states that one action can lead to from here, this one left out."""
    reached = {to for (start, _), ends in TRANSITIONS.items() if start is state for to in ends}
    return [to for to in State if to in reached and to is not state]

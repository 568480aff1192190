"""Each row of the life of a brief: who moves it, by when, and what happens when nobody does."""

from datetime import timedelta

import pytest

from microintern.domain import lifecycle
from microintern.domain.brief import Brief, Decision
from microintern.domain.payout_matrix import Outcome, Split, split_for
from microintern.domain.policy import Policy
from microintern.domain.problems import Conflict, Invalid
from microintern.domain.states import LAPSES, TRANSITIONS, Action, Role, State, next_states
from microintern.domain.workflow import STEPS
from tests.unit.builders import (
    BRIEF,
    NOW,
    ORGANISATION,
    PERSONAL,
    POLICY,
    a_brief,
    a_posting,
    an_application,
    brief_in,
    command,
    employer,
    halves,
    led,
    operator,
    seconds,
    student,
    take,
    timeline,
)

EVERY_PAIR = [(state, action) for state in State for action in Action]
NOT_IN_TABLE = [pair for pair in EVERY_PAIR if pair not in TRANSITIONS]
IN_TABLE = [pair for pair in EVERY_PAIR if pair in TRANSITIONS]


def ready_for(action: Action, state: State) -> Brief:
    """A brief in this state on which the action is possible: what is taken back must have been decided."""
    brief = brief_in(state)
    return take(Action.RESOLVE, brief) if (state, action) == (State.DISPUTED, Action.REOPEN) else brief


@pytest.mark.parametrize(("state", "action"), NOT_IN_TABLE, ids=str)
def test_an_action_that_is_not_in_the_table_is_a_conflict_and_changes_nothing(state: State, action: Action) -> None:
    brief = brief_in(state)
    kept = brief.model_dump_json()
    with pytest.raises(Conflict) as refused:
        take(action, brief)
    assert refused.value.members == {"state": state, "version": brief.version}
    assert brief.model_dump_json() == kept


def test_a_refusal_says_where_the_brief_is_and_when_it_could_be_done() -> None:
    with pytest.raises(Conflict, match="The brief is open; this can be done while it is awarded or changes_requested"):
        take(Action.SUBMIT, brief_in(State.OPEN))


@pytest.mark.parametrize(("state", "action"), IN_TABLE, ids=str)
def test_an_action_in_the_table_leads_where_it_says(state: State, action: Action) -> None:
    brief = ready_for(action, state)
    after = take(action, brief)
    assert after.state in TRANSITIONS[state, action]
    assert after.version == brief.version + 1


def test_the_table_knows_no_way_out_of_an_end_but_settlement() -> None:
    for state in (State.PAID, State.EXPIRED, State.CANCELLED, State.RESOLVED):
        assert next_states(state) == []
    assert {state for state, action in TRANSITIONS if action is Action.LAPSE} == set(STEPS) == set(LAPSES)


# ── deadlines ─────────────────────────────────────────────────────────────────────────────────────


def test_funding_may_take_its_window_but_never_longer_than_applications_are_open() -> None:
    assert a_brief().due_at == NOW + seconds(POLICY.funding_window_s)
    soon = NOW + timedelta(hours=5)
    posting = a_posting(timeline=timeline(soon, soon + timedelta(days=5)))
    assert a_brief(posting).due_at == soon


def test_asking_for_funding_or_failing_to_collect_does_not_move_the_funding_deadline() -> None:
    brief = a_brief()
    asked = take(Action.REQUEST_FUNDING, brief, NOW + timedelta(days=1))
    failed = take(Action.FUNDING_FAILED, asked, NOW + timedelta(days=2))
    assert asked.lapse_at == failed.lapse_at == brief.lapse_at
    assert asked.collecting
    assert not failed.collecting
    assert take(Action.REQUEST_FUNDING, failed, NOW + timedelta(days=2)).collecting


@pytest.mark.parametrize(
    ("state", "due_in_s", "grace_s"),
    [
        (State.SUBMITTED, POLICY.review_window_s, 0),
        (State.CHANGES_REQUESTED, POLICY.revision_window_s, POLICY.handover_grace_s),
        (State.DISPUTED, POLICY.dispute_window_s, 0),
    ],
)
def test_a_window_starts_when_the_state_does(state: State, due_in_s: int, grace_s: int) -> None:
    brief = brief_in(state)
    assert brief.due_at == NOW + seconds(due_in_s)
    assert brief.lapse_at == NOW + seconds(due_in_s + grace_s)


def test_an_open_brief_and_an_awarded_one_go_by_the_employers_own_dates() -> None:
    posted = a_posting().timeline
    assert brief_in(State.OPEN).due_at == posted.applications_close_at
    awarded = brief_in(State.AWARDED)
    assert awarded.due_at == posted.submission_due_at
    assert awarded.lapse_at == posted.submission_due_at + seconds(POLICY.handover_grace_s)


def test_a_resubmission_restarts_the_review_window() -> None:
    later = NOW + timedelta(days=3)
    resubmitted = take(Action.SUBMIT, brief_in(State.CHANGES_REQUESTED), later)
    assert resubmitted.due_at == later + seconds(POLICY.review_window_s)
    assert resubmitted.submissions == 2


def test_a_deadline_is_a_whole_second_rounded_up() -> None:
    at = NOW + timedelta(microseconds=1)
    brief = take(Action.SUBMIT, brief_in(State.AWARDED), at)
    assert brief.due_at == NOW + seconds(POLICY.review_window_s + 1)


@pytest.mark.parametrize(("state", "action"), [pair for pair in IN_TABLE if pair[1] in PERSONAL], ids=str)
def test_an_action_is_possible_until_the_deadline_and_refused_from_then_on(state: State, action: Action) -> None:
    brief = ready_for(action, state)
    # Who gives an award back when the work is due already would escape the mark for not having handed it in.
    last = brief.due_at if action in (Action.WITHDRAW, Action.AMEND) else brief.lapse_at
    assert last is not None
    assert take(action, brief, last - timedelta(milliseconds=1)).version == brief.version + 1
    with pytest.raises(Conflict) as refused:
        take(action, brief, last)
    assert refused.value.code == "deadline_passed"
    assert refused.value.members == {"state": state, "version": brief.version}


# ── nobody acts ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("state", "becomes", "outcome", "event_type"),
    [
        (State.POSTED, State.EXPIRED, Outcome.NOT_FUNDED, "brief.expired"),
        (State.OPEN, State.EXPIRED, Outcome.NOT_AWARDED, "brief.expired"),
        (State.AWARDED, State.EXPIRED, Outcome.NOT_SUBMITTED, "brief.expired"),
        (State.SUBMITTED, State.APPROVED, Outcome.APPROVED_BY_SILENCE, "brief.approved"),
        (State.CHANGES_REQUESTED, State.DISPUTED, None, "brief.disputed"),
        (State.DISPUTED, State.DISPUTED, None, "brief.decided"),
    ],
)
def test_each_state_lapses_as_everyone_was_told(
    state: State, becomes: State, outcome: Outcome | None, event_type: str
) -> None:
    lapsed = take(Action.LAPSE, brief_in(state))
    assert (lapsed.state, lapsed.outcome, lapsed.event.type) == (becomes, outcome, event_type)
    assert (lapsed.event.role, lapsed.event.actor_id) == (Role.SERVER, None)


# ── who gets what ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("state", "outcome", "to_student"),
    [
        (State.POSTED, Outcome.NOT_FUNDED, 0),
        (State.OPEN, Outcome.NOT_AWARDED, 0),
        (State.AWARDED, Outcome.CANCELLED_AFTER_AWARD, 7_500),
    ],
)
def test_cancelling_is_free_until_the_award_and_costs_a_kill_fee_after_it(
    state: State, outcome: Outcome, to_student: int
) -> None:
    cancelled = take(Action.CANCEL, brief_in(state))
    assert cancelled.outcome is outcome
    assert cancelled.split is not None
    assert cancelled.split.student_minor == to_student


def test_a_student_who_withdraws_in_time_opens_the_brief_again() -> None:
    reopened = take(Action.WITHDRAW, brief_in(State.AWARDED))
    assert reopened.state is State.OPEN
    assert (reopened.student_id, reopened.application_id, reopened.split) == (None, None, None)
    assert reopened.due_at == reopened.applications_close_at
    again = lifecycle.award(reopened, an_application("another-student"), employer(), NOW, POLICY)
    assert again.student_id == "another-student"


@pytest.mark.parametrize("after_closing", [timedelta(0), timedelta(days=1)])
def test_a_student_who_withdraws_after_applications_closed_ends_the_brief_with_a_refund(
    after_closing: timedelta,
) -> None:
    awarded = brief_in(State.AWARDED)
    ended = take(Action.WITHDRAW, awarded, awarded.applications_close_at + after_closing)
    assert (ended.state, ended.outcome) == (State.CANCELLED, Outcome.WITHDRAWN)
    assert ended.split == Split(student_minor=0, employer_minor=33_000, fee_minor=0)


def test_changes_can_be_asked_for_as_often_as_was_posted_and_no_more() -> None:
    brief = brief_in(State.SUBMITTED)
    for round_ in (1, 2):
        brief = take(Action.REQUEST_CHANGES, brief)
        assert (brief.rounds_used, brief.event.facts) == (round_, {"round": round_, "criteria": ["chart"]})
        brief = take(Action.SUBMIT, brief)
    with pytest.raises(Conflict) as refused:
        take(Action.REQUEST_CHANGES, brief)
    assert refused.value.code == "no_rounds_left"
    assert take(Action.APPROVE, brief).outcome is Outcome.APPROVED


def test_a_brief_without_rounds_can_only_be_approved_or_disputed() -> None:
    submitted = brief_in(State.SUBMITTED, posting=a_posting(revision_rounds=0))
    with pytest.raises(Conflict, match="All 0 rounds"):
        take(Action.REQUEST_CHANGES, submitted)


def test_the_stage_caps_the_rounds_that_can_be_posted() -> None:
    with pytest.raises(Invalid) as refused:
        a_brief(a_posting(revision_rounds=4), policy=Policy(most_revision_rounds=3))
    assert refused.value.members["errors"][0]["field"] == "/revision_rounds"


def test_settling_moves_an_approved_brief_to_paid_and_leaves_every_other_end_where_it_is() -> None:
    for state in (State.APPROVED, State.EXPIRED, State.CANCELLED, State.RESOLVED):
        brief = brief_in(state)
        settled = take(Action.SETTLE, brief)
        assert settled.state is (State.PAID if state is State.APPROVED else state)
        assert settled.settled_at == NOW
        assert brief.split is not None
        assert settled.event.facts == brief.split.model_dump()
        with pytest.raises(Conflict):
            take(Action.SETTLE, settled)


# ── disputes ──────────────────────────────────────────────────────────────────────────────────────


def decision_of(brief: Brief) -> Decision:
    """What was decided and is not final yet."""
    assert brief.dispute is not None
    assert brief.dispute.decision is not None
    return brief.dispute.decision


def opened_by_student() -> Brief:
    return take(Action.DISPUTE, brief_in(State.CHANGES_REQUESTED))


def test_only_the_side_whose_turn_it_is_opens_a_dispute() -> None:
    for state, wrong_side in ((State.SUBMITTED, student()), (State.CHANGES_REQUESTED, employer())):
        with pytest.raises(Conflict) as refused:
            lifecycle.dispute(brief_in(state), wrong_side, NOW, POLICY)
        assert refused.value.code == "not_your_turn"


def test_opening_a_dispute_is_being_heard_and_the_other_side_answers_once() -> None:
    for opened, opener, other in (
        (brief_in(State.DISPUTED), employer, student),
        (opened_by_student(), student, employer),
    ):
        with pytest.raises(Conflict) as refused:
            lifecycle.answer_dispute(opened, opener(), NOW, POLICY)
        assert refused.value.code == "already_heard"
        answered = lifecycle.answer_dispute(opened, other(), NOW, POLICY)
        assert answered.state is State.DISPUTED
        assert answered.dispute is not None
        assert set(answered.dispute.heard) == {Role.EMPLOYER, Role.STUDENT}
        assert answered.due_at == NOW + seconds(POLICY.resolution_window_s)
        with pytest.raises(Conflict):
            lifecycle.answer_dispute(answered, other(), NOW, POLICY)


@pytest.mark.parametrize(
    ("heard", "outcome"),
    [("employer", Outcome.EMPLOYER_WON), ("student", Outcome.STUDENT_WON), ("both", Outcome.STUDENT_WON)],
)
def test_the_side_that_was_heard_wins_when_the_window_closes(heard: str, outcome: Outcome) -> None:
    brief = opened_by_student() if heard == "student" else brief_in(State.DISPUTED)
    if heard == "both":
        brief = take(Action.ANSWER_DISPUTE, brief)
    decided = take(Action.LAPSE, brief)
    assert (decided.state, decided.outcome, decided.split) == (State.DISPUTED, None, None)
    assert decision_of(decided).outcome is outcome
    final = take(Action.LAPSE, decided)
    assert (final.state, final.outcome) == (State.RESOLVED, outcome)
    assert final.split == split_for(outcome, final.pay_minor, final.fee_minor, 0)


def test_a_revision_that_never_came_is_disputed_with_the_employer_heard() -> None:
    disputed = take(Action.LAPSE, brief_in(State.CHANGES_REQUESTED))
    assert disputed.dispute is not None
    assert (disputed.dispute.opened_by, disputed.dispute.heard) == (Role.EMPLOYER, [Role.EMPLOYER])
    assert decision_of(take(Action.LAPSE, disputed)).outcome is Outcome.EMPLOYER_WON
    assert lifecycle.answer_dispute(disputed, student(), NOW, POLICY).state is State.DISPUTED


@pytest.mark.parametrize("off_by", [-1, 1])
def test_a_decision_must_divide_the_escrow_to_the_minor_unit(off_by: int) -> None:
    disputed = brief_in(State.DISPUTED)
    right = halves(disputed)
    wrong = right.model_copy(update={"student_minor": right.student_minor + off_by})
    with pytest.raises(Invalid) as refused:
        lifecycle.resolve(disputed, wrong, operator(), NOW, POLICY)
    assert refused.value.code == "split_does_not_add_up"
    assert refused.value.members["escrow_minor"] == disputed.escrow_minor
    assert "330.00 USD" in refused.value.detail
    decided = lifecycle.resolve(disputed, right, operator(), NOW, POLICY)
    assert decision_of(decided) == Decision(outcome=Outcome.SPLIT, split=right)


def test_a_decision_stands_for_a_while_before_it_is_final_and_money_can_move() -> None:
    later = NOW + timedelta(days=2)
    decided = take(Action.RESOLVE, brief_in(State.DISPUTED), later)
    assert (decided.state, decided.outcome, decided.split) == (State.DISPUTED, None, None)
    assert decided.event.type == "brief.decided"
    assert decided.event.facts == {"outcome": "split"}
    assert decided.due_at == decided.lapse_at == later + seconds(POLICY.reopening_window_s)
    final = take(Action.LAPSE, decided)
    assert (final.state, final.outcome, final.split) == (State.RESOLVED, Outcome.SPLIT, decision_of(decided).split)
    assert (final.event.type, final.event.role, final.due_at) == ("brief.resolved", Role.SERVER, None)


@pytest.mark.parametrize("action", [Action.RESOLVE, Action.ANSWER_DISPUTE])
@pytest.mark.parametrize("decided_by", [Action.RESOLVE, Action.LAPSE])
def test_nothing_is_said_or_decided_any_more_once_there_is_a_decision(action: Action, decided_by: Action) -> None:
    decided = take(decided_by, brief_in(State.DISPUTED))
    with pytest.raises(Conflict) as refused:
        take(action, decided)
    assert refused.value.code == "already_decided"


def test_a_decision_can_be_taken_back_once_and_the_next_one_stands() -> None:
    decided = take(Action.RESOLVE, brief_in(State.DISPUTED))
    again = take(Action.REOPEN, decided)
    assert again.dispute is not None
    assert (again.state, again.dispute.decision, again.dispute.reopened) == (State.DISPUTED, None, True)
    assert again.event.type == "brief.reopened"
    second = take(Action.RESOLVE, again)
    with pytest.raises(Conflict) as refused:
        take(Action.REOPEN, second)
    assert refused.value.code == "reopened_already"
    assert take(Action.LAPSE, second).state is State.RESOLVED


def test_what_is_not_decided_cannot_be_taken_back() -> None:
    with pytest.raises(Conflict) as refused:
        take(Action.REOPEN, brief_in(State.DISPUTED))
    assert refused.value.code == "not_decided"


@pytest.mark.parametrize(
    ("answered", "window_s"), [(False, POLICY.dispute_window_s), (True, POLICY.resolution_window_s)]
)
def test_a_dispute_that_is_open_again_waits_for_whom_it_waited_before(answered: bool, window_s: int) -> None:
    disputed = brief_in(State.DISPUTED)
    disputed = take(Action.ANSWER_DISPUTE, disputed) if answered else disputed
    later = NOW + timedelta(days=3)
    again = take(Action.REOPEN, take(Action.LAPSE, disputed, later), later)
    assert again.due_at == later + seconds(window_s)
    assert again.dispute is not None
    assert disputed.dispute is not None
    assert again.dispute.heard == disputed.dispute.heard
    if not answered:
        assert take(Action.ANSWER_DISPUTE, again).version == again.version + 1


def test_a_reopened_dispute_that_nobody_decides_is_decided_by_silence_again_and_for_good() -> None:
    again = led(brief_in(State.DISPUTED), Action.RESOLVE, Action.REOPEN)
    final = led(again, Action.LAPSE, Action.LAPSE)
    assert (final.state, final.outcome) == (State.RESOLVED, Outcome.EMPLOYER_WON)


def test_each_time_the_money_is_asked_for_counts_as_an_attempt() -> None:
    asked = take(Action.REQUEST_FUNDING, a_brief())
    again = led(asked, Action.FUNDING_FAILED, Action.REQUEST_FUNDING)
    assert [b.funding_attempts for b in (a_brief(), asked, again)] == [0, 1, 2]
    assert take(Action.OPEN, again).funding_attempts == 2


def test_money_that_went_another_way_than_the_split_says_is_told_as_it_went() -> None:
    """A brief that ended unfunded owes nothing; money that came all the same went back."""
    went = Split(student_minor=0, employer_minor=33_000, fee_minor=0)
    settled = lifecycle.settle(brief_in(State.EXPIRED), went, NOW)
    assert settled.event.facts == went.model_dump()


# ── repeats ───────────────────────────────────────────────────────────────────────────────────────


def test_a_brief_answers_a_repeated_command_as_it_did_at_first() -> None:
    funding = employer(key="funding-key", body="as sent")
    asked = lifecycle.request_funding(a_brief(), "sandbox-card", funding, NOW)
    later = led(asked, Action.OPEN, Action.AWARD, Action.SUBMIT)
    assert later.answer_to(funding) == asked.answer()
    assert later.answer_to(employer(key="another-key")) is None
    with pytest.raises(Invalid) as refused:
        later.answer_to(employer(key="funding-key", body="another"))
    assert refused.value.code == "idempotency_key_reused"


def test_a_brief_knows_which_side_somebody_is_on() -> None:
    brief = brief_in(State.AWARDED)
    colleague = command(Role.EMPLOYER, "another-member").model_copy(update={"organisation_id": brief.employer_id})
    assert brief.side_of(employer()) is brief.side_of(colleague) is Role.EMPLOYER
    assert brief.side_of(student()) is Role.STUDENT
    nobody = employer().model_copy(update={"organisation_id": None})
    strangers = (command(Role.STUDENT, "somebody-else"), command(Role.EMPLOYER, "somebody-else"), operator(), nobody)
    turned = student().model_copy(update={"role": Role.EDUCATOR})
    as_student = employer().model_copy(update={"role": Role.STUDENT})
    assert [brief.side_of(by) for by in (*strangers, turned, as_student)] == [None] * 6


def test_a_brief_is_posted_for_an_organisation() -> None:
    nobody = employer().model_copy(update={"organisation_id": None})
    with pytest.raises(Conflict) as refused:
        lifecycle.post(BRIEF, a_posting(), nobody, NOW, POLICY)
    assert refused.value.code == "no_organisation"
    assert a_brief().employer_id == ORGANISATION

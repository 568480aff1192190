"""The whole life of a brief as a machine: any action at any time, against the table of transitions."""

from datetime import timedelta
from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from pytest import raises  # noqa: PT013 - `raises` reads as a sentence

from microintern.domain import lifecycle
from microintern.domain.base import whole_second
from microintern.domain.brief import Answer, Brief, Command
from microintern.domain.ledger import Book, Phase, Settlement, dividing, funding, paying_out, refunding
from microintern.domain.payout_matrix import Outcome, split_for
from microintern.domain.policy import Policy
from microintern.domain.problems import Conflict
from microintern.domain.states import TRANSITIONS, Action, Role, State
from microintern.domain.workflow import STEPS
from tests.unit.builders import (
    BRIEF,
    NOW,
    ORGANISATION,
    PATH_TO,
    PERSONAL,
    a_posting,
    command,
    employer,
    take,
    timeline,
)

WAITING = frozenset(STEPS)
ONWARD = (
    Action.REQUEST_FUNDING,
    Action.OPEN,
    Action.AWARD,
    Action.SUBMIT,
    Action.REQUEST_CHANGES,
    Action.DISPUTE,
    Action.ANSWER_DISPUTE,
    Action.RESOLVE,
    Action.REOPEN,
    Action.SETTLE,
)
PARTING = {
    State.OPEN: [Action.CANCEL],
    State.AWARDED: [Action.WITHDRAW, Action.AMEND, Action.CANCEL],
    State.SUBMITTED: [Action.APPROVE],
    State.DISPUTED: [Action.RESOLVE],
}
windows = st.integers(3_600, 20 * 86_400)


TOOK: set[tuple[State, Action]] = set()
"""The actions that were taken and not refused, with the state that each was taken in."""


class BriefLife(RuleBasedStateMachine):
    """Acts on one brief and keeps count of what must have come of it."""

    head_start: ClassVar[list[Action]] = []
    """What every run begins with, or most would end before anybody was awarded anything."""

    @initialize(
        pay_minor=st.integers(20_400, 10**9),
        rounds=st.sampled_from([2, 1, 3, 0]),
        closes_in_s=st.floats(86_400, 40 * 86_400),
        works_for_s=st.floats(86_400, 60 * 86_400),
        policy=st.builds(
            Policy,
            funding_window_s=windows,
            review_window_s=windows,
            revision_window_s=windows,
            dispute_window_s=windows,
            resolution_window_s=windows,
            reopening_window_s=windows,
            handover_grace_s=st.integers(1, 3_600),
            fee_bp=st.integers(0, 10_000),
            kill_fee_bp=st.integers(0, 10_000),
        ),
    )
    def employer_posts(
        self,
        pay_minor: int,
        rounds: int,
        closes_in_s: float,
        works_for_s: float,
        policy: Policy,
    ) -> None:
        closes_at = NOW + timedelta(seconds=closes_in_s)
        posting = a_posting(
            pay={"amount_minor": pay_minor, "currency": "USD"},
            revision_rounds=rounds,
            timeline=timeline(closes_at, closes_at + timedelta(seconds=works_for_s)),
        )
        self.now, self.policy = NOW, policy
        self.brief: Brief = lifecycle.post(BRIEF, posting, by := employer(), NOW, policy)
        self.funded = False
        self.answers: list[tuple[Command, Answer]] = [(by, self.brief.answer())]
        for action in self.head_start:
            self._act(action)

    @rule(seconds=st.floats(0, 40_000))
    def time_passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(seconds=st.sampled_from([-1, 0]))
    @precondition(lambda self: self.brief.lapse_at is not None)
    def time_passes_until_just_before_or_at_the_deadline(self, seconds: int) -> None:
        assert self.brief.lapse_at is not None
        self.now = max(self.now, self.brief.lapse_at + timedelta(seconds=seconds))

    @rule(action=st.sampled_from(sorted(set(Action) - {Action.LAPSE})))
    def somebody_acts(self, action: Action) -> None:
        self._act(action)

    @rule()
    @precondition(lambda self: self.brief.lapse_at is not None)
    def the_deadline_lapses(self) -> None:
        self._act(Action.LAPSE)

    @rule(data=st.data())
    def the_brief_moves_on(self, data: st.DataObject) -> None:
        """Keeps the runs long: most of what is tried blindly is refused, and much of the rest is an end."""
        leading_on = [a for a in ONWARD if (self.brief.state, a) in TRANSITIONS and self._refusal(a) is None]
        if leading_on:
            self._act(data.draw(st.sampled_from(leading_on)))

    @rule(data=st.data())
    @precondition(lambda self: self.brief.state in PARTING)
    def people_part(self, data: st.DataObject) -> None:
        self._act(data.draw(st.sampled_from(PARTING[self.brief.state])))

    @rule()
    @precondition(lambda self: self.brief.state is State.POSTED)
    def a_card_is_declined(self) -> None:
        self._act(Action.REQUEST_FUNDING)
        self._act(Action.FUNDING_FAILED)

    @rule(action=st.sampled_from([Action.RESOLVE, Action.LAPSE]))
    @precondition(lambda self: self.brief.state is State.DISPUTED)
    def a_decision_is_taken_back(self, action: Action) -> None:
        self._act(action)
        self._act(Action.REOPEN)

    def _act(self, action: Action) -> None:
        before = self.brief
        if action is Action.LAPSE and before.lapse_at is not None:
            self.now = max(self.now, before.lapse_at)
        code = self._refusal(action)
        if code is not None:
            kept = before.model_dump_json()
            with raises(Conflict) as refused:
                take(action, before, self.now, self.policy)
            assert refused.value.code == code
            assert refused.value.members["state"] is before.state
            assert refused.value.members["version"] == before.version
            assert before.model_dump_json() == kept
            return
        self.brief = take(action, before, self.now, self.policy)
        TOOK.add((before.state, action))
        self.funded |= action is Action.OPEN
        self._check_step(action, before, self.brief)
        newest = [key for key in self.brief.done if key not in before.done]
        assert len(newest) == (1 if action in PERSONAL else 0)
        for key in newest:
            body = self.brief.done[key].body
            by = command(self.brief.event.role, self.brief.event.actor_id or "", key, body)
            self.answers.append((by, self.brief.answer()))

    def _refusal(self, action: Action) -> str | None:
        """The code that the action must be refused with now, from the rules as people are told them."""
        brief = self.brief
        late = brief.lapse_at is not None and self.now >= brief.lapse_at
        overdue = brief.due_at is not None and self.now >= brief.due_at
        decided = brief.dispute is not None and brief.dispute.decision is not None
        rules = {
            "already_settled": action is Action.SETTLE and brief.settled_at is not None,
            "wrong_state": (brief.state, action) not in TRANSITIONS,
            "deadline_passed": action in PERSONAL and (late or (action in (Action.WITHDRAW, Action.AMEND) and overdue)),
            "funding_in_progress": action is Action.REQUEST_FUNDING and brief.collecting,
            "no_rounds_left": action is Action.REQUEST_CHANGES and brief.rounds_used == brief.rounds_allowed,
            "already_decided": decided and action in (Action.RESOLVE, Action.ANSWER_DISPUTE),
            "not_decided": action is Action.REOPEN and not decided,
            "reopened_already": action is Action.REOPEN and brief.dispute is not None and brief.dispute.reopened,
            "already_heard": action is Action.ANSWER_DISPUTE
            and brief.dispute is not None
            and len(brief.dispute.heard) == 2,
        }
        return next((code for code, broken in rules.items() if broken), None)

    def _check_step(self, action: Action, before: Brief, after: Brief) -> None:
        assert after.state in TRANSITIONS[before.state, action]
        assert after.version == before.version + 1
        assert after.event.at == self.now
        assert (after.event.role is Role.SERVER) == (action not in PERSONAL)
        fixed = (
            "brief_id",
            "employer_id",
            "pay_minor",
            "fee_minor",
            "currency",
            "rounds_allowed",
            "posted_at",
        )
        for name in (*fixed, "applications_close_at"):
            assert getattr(after, name) == getattr(before, name)
        self._check_due(action, before, after)
        assert after.lapse_at == self._lapse_at(action, before)

    def _check_due(self, action: Action, before: Brief, after: Brief) -> None:
        """Amendments alone move when the work is due, and for as long as the award stands."""
        posted = before.posted_due_at or before.submission_due_at
        if action is Action.AMEND:
            assert after.submission_due_at > before.submission_due_at
            assert after.posted_due_at == posted
        elif (action, after.state) == (Action.WITHDRAW, State.OPEN):
            assert (after.submission_due_at, after.posted_due_at) == (posted, None)
        else:
            assert after.submission_due_at == before.submission_due_at

    def _lapse_at(self, action: Action, before: Brief) -> object:
        """When nobody having acted has its consequence, by the table of deadlines."""
        policy, after = self.policy, self.brief
        grace = timedelta(seconds=policy.handover_grace_s)
        if after.state not in WAITING:
            return None
        kept = dict.fromkeys((Action.REQUEST_FUNDING, Action.FUNDING_FAILED), before.lapse_at)
        reopened = dict.fromkeys((Action.OPEN, Action.WITHDRAW), after.applications_close_at)
        started = {
            Action.AWARD: after.submission_due_at + grace,
            Action.AMEND: after.submission_due_at + grace,
            Action.SUBMIT: whole_second(self.now, policy.review_window_s),
            Action.REQUEST_CHANGES: whole_second(self.now, policy.revision_window_s) + grace,
            Action.DISPUTE: whole_second(self.now, policy.dispute_window_s),
            Action.ANSWER_DISPUTE: whole_second(self.now, policy.resolution_window_s),
            # Two still wait after a lapse: the revision that never came, and the dispute that silence decided.
            Action.LAPSE: whole_second(self.now, self._window_after_lapse_s(before)),
            Action.RESOLVE: whole_second(self.now, policy.reopening_window_s),
            Action.REOPEN: whole_second(self.now, self._window_of_dispute_s()),
        }
        return (kept | reopened | started)[action]

    def _window_after_lapse_s(self, before: Brief) -> int:
        disputed = before.state is State.DISPUTED
        return self.policy.reopening_window_s if disputed else self.policy.dispute_window_s

    def _window_of_dispute_s(self) -> int:
        both = self.brief.dispute is not None and len(self.brief.dispute.heard) == 2
        return self.policy.resolution_window_s if both else self.policy.dispute_window_s

    @invariant()
    def a_dispute_is_decided_at_most_twice_and_what_is_decided_becomes_final(self) -> None:
        brief = self.brief
        if brief.dispute is None:
            assert brief.state not in (State.DISPUTED, State.RESOLVED)
            return
        decision = brief.dispute.decision
        if decision is not None:
            assert decision.split.total_minor == brief.escrow_minor
        if brief.state is State.RESOLVED:
            assert decision is not None
            assert (brief.outcome, brief.split) == (decision.outcome, decision.split)

    @invariant()
    def a_deadline_runs_exactly_while_somebody_is_waited_for(self) -> None:
        waits = self.brief.state in WAITING
        assert (self.brief.due_at is not None) == waits
        assert (self.brief.lapse_at is not None) == waits
        if self.brief.lapse_at and self.brief.due_at:
            assert self.brief.lapse_at >= self.brief.due_at
            assert self.brief.lapse_at.microsecond == 0

    @invariant()
    def rounds_are_capped_and_money_is_decided_at_the_end_only(self) -> None:
        brief = self.brief
        assert brief.rounds_used <= brief.rounds_allowed
        ended = brief.state not in WAITING
        assert (brief.outcome is not None) == (brief.split is not None) == ended
        if brief.split is not None:
            assert brief.split.total_minor == (brief.escrow_minor if self.funded else 0)
            by_rule = brief.outcome is not None and brief.outcome is not Outcome.SPLIT
            rule = (brief.pay_minor, brief.fee_minor, self.policy.kill_fee_bp)
            assert not by_rule or brief.split == split_for(brief.outcome or Outcome.SPLIT, *rule)
            assert (brief.outcome is Outcome.NOT_FUNDED) == (not self.funded)
        assert (brief.state is State.PAID) <= (brief.settled_at is not None)

    @invariant()
    def the_ledger_of_an_ended_brief_balances(self) -> None:
        brief = self.brief
        if brief.split is None or not self.funded:
            return
        claim = Settlement(
            brief_id=BRIEF,
            split=brief.split,
            currency=brief.currency,
            student_id=brief.student_id,
            employer_id=ORGANISATION,
            claimed_at=self.now,
        )
        legs = [paying_out(claim, 1, "sandbox-account", self.now), refunding(claim, 1, self.now)]
        asked = [leg for leg in [funding(brief, self.now), *legs] if leg.amount_minor]
        posted = [leg.model_copy(update={"phase": Phase.POSTED}) for leg in asked]
        book = Book([*asked, *posted, *dividing(claim)])
        assert sum(book.balances.values()) == 0
        assert book.is_balanced(settled=True)

    @invariant()
    def a_repeated_command_gets_its_first_answer_for_the_whole_life(self) -> None:
        for by, answer in self.answers:
            assert self.brief.answer_to(by) == answer


BriefLife.TestCase.settings = RUNS = settings(max_examples=20, stateful_step_count=15)


@pytest.mark.slow
@pytest.mark.parametrize(("state", "action"), TRANSITIONS)
def test_a_brief_keeps_to_the_table_whatever_anybody_does_and_when(state: State, action: Action) -> None:
    """Runs begin with each transition in turn: that everything is reached must not depend on luck."""
    TOOK.clear()
    decided = [Action.RESOLVE] if action is Action.REOPEN else []
    life = type("BriefLife", (BriefLife,), {"head_start": [*PATH_TO[state], *decided, action]})
    run_state_machine_as_test(life, settings=RUNS)
    assert (state, action) in TOOK

"""What is seen never exceeds what was consented to; credit follows from the rules, and each risk has a reason."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microintern.domain.cohorts import (
    BriefProgress,
    Cohort,
    NotCounted,
    Risk,
    Terms,
    Totals,
    brief_progress,
    progress_of,
    seen_until,
)
from microintern.domain.credits import CreditRules, Credits, number
from microintern.domain.payout_matrix import Outcome
from microintern.domain.states import Action, State
from tests.unit.builders import NOW, ORGANISATION, POLICY, STUDENT, brief_in, led

DAYS = st.dates(date(2027, 1, 1), date(2027, 12, 31))


@st.composite
def terms_of(draw: st.DrawFn) -> Terms:
    starts_on, ends_on = sorted((draw(DAYS), draw(DAYS)))
    until = seen_until(ends_on, POLICY)
    return Terms(starts_on=starts_on, ends_on=ends_on, scores=draw(st.booleans()), seen_until=until)


RULES = st.builds(
    CreditRules,
    hours_per_credit=st.integers(1, 100),
    least_score_percent=st.none() | st.integers(0, 100),
    most_credits=st.none() | st.integers(1, 60),
)


def a_cohort(**changes: Any) -> Cohort:
    terms = Terms(starts_on=date(2027, 2, 1), ends_on=date(2027, 6, 30), seen_until=NOW + timedelta(days=300))
    made: dict[str, Any] = {"made_at": NOW, "made_by": "educator-0001", "body": "body"}
    named: dict[str, Any] = {"cohort_id": "cohort-0001", "organisation_id": "institution-1", "name": "Field work"}
    return Cohort(terms=terms, **made, **named).model_copy(update=changes)


def seen(state: State, *further: Action, score: int | None = None, **changes: Any) -> BriefProgress:
    cohort = a_cohort(**changes)
    return brief_progress(led(brief_in(state), *further), score, cohort.terms, cohort)


@given(terms_of(), terms_of(), st.integers(-30, 400).map(lambda days: NOW + timedelta(days=days)))
def test_under_two_terms_nothing_is_seen_that_is_not_seen_under_each(one: Terms, other: Terms, due: datetime) -> None:
    both = one.narrowed(other)
    assert both.has(due) == (one.has(due) and other.has(due))
    assert both.scores == (one.scores and other.scores)
    assert both.seen_until == min(one.seen_until, other.seen_until)


@given(terms_of(), terms_of())
def test_terms_have_a_new_version_exactly_when_they_differ(before: Terms, after: Terms) -> None:
    same = before.model_dump(exclude={"version"}) == after.model_dump(exclude={"version"})
    assert after.follows(before).version == before.version + (not same)
    assert before.follows(before) == before


@given(RULES, st.integers(0, 2_000), st.integers(0, 2_000))
def test_more_hours_are_never_less_credit_and_never_above_the_cap(rules: CreditRules, hours: int, more: int) -> None:
    earned = rules.hundredths(hours)
    assert 0 <= earned <= rules.hundredths(hours + more)
    assert earned <= 100 * hours / rules.hours_per_credit
    if rules.most_credits is not None:
        assert earned <= 100 * rules.most_credits


@given(RULES, RULES)
def test_rules_have_a_new_version_exactly_when_they_differ(before: CreditRules, after: CreditRules) -> None:
    assert after.follows(before).version == before.version + (after != before)
    assert after.follows(None).version == 1


@given(st.integers(0, 10**9))
def test_credits_are_numbers_as_they_are_written(hundredths: int) -> None:
    assert float(Credits.of(hundredths).written) == number(hundredths)
    assert isinstance(number(hundredths), int) == (hundredths % 100 == 0)


def test_a_brief_counts_once_it_is_approved() -> None:
    assert seen(State.SUBMITTED).not_counted is NotCounted.NOT_APPROVED
    assert seen(State.APPROVED).not_counted is None
    assert seen(State.SUBMITTED, Action.LAPSE).not_counted is None, "silence approves"
    assert seen(State.RESOLVED).not_counted is NotCounted.NOT_APPROVED


def test_a_brief_counts_for_employers_on_the_list_only() -> None:
    assert seen(State.APPROVED, employers=["other-employer"]).not_counted is NotCounted.EMPLOYER_NOT_LISTED
    assert seen(State.APPROVED, employers=["other-employer", ORGANISATION]).not_counted is None


@pytest.mark.parametrize(
    ("score", "why"),
    [(None, NotCounted.NOT_SCORED), (59, NotCounted.SCORE_TOO_LOW), (60, None), (100, None)],
)
def test_a_least_score_is_needed_where_the_rules_have_one(score: int | None, why: NotCounted | None) -> None:
    rules = CreditRules(hours_per_credit=10, least_score_percent=60)
    assert seen(State.APPROVED, score=score, rules=rules).not_counted is why


def test_a_score_is_not_shown_without_consent_and_no_credit_rests_on_it() -> None:
    rules = CreditRules(hours_per_credit=10, least_score_percent=60)
    cohort = a_cohort(rules=rules)
    assert seen(State.APPROVED, score=92, rules=rules).score_percent is None
    progress = progress_of(STUDENT, [seen(State.APPROVED, score=92, rules=rules)], cohort.terms, cohort, NOW, POLICY)
    assert progress.hundredths is None
    with_scores = cohort.terms.model_copy(update={"scores": True})
    known = brief_progress(brief_in(State.APPROVED), 92, with_scores, cohort)
    assert known.score_percent == 92
    assert progress_of(STUDENT, [known], with_scores, cohort, NOW, POLICY).hundredths == 120


@pytest.mark.parametrize(
    ("state", "further", "days_left", "risk"),
    [
        (State.AWARDED, (), 3, None),
        (State.AWARDED, (), 1, Risk.DUE_SOON),
        (State.SUBMITTED, (), 1, None),
        (State.CHANGES_REQUESTED, (), 3, None),
        (State.CHANGES_REQUESTED, (), 1, Risk.REVISION_DUE_SOON),
        (State.DISPUTED, (), 5, Risk.DISPUTED),
        (State.AWARDED, (Action.LAPSE,), 0, Risk.NOT_SUBMITTED),
        (State.APPROVED, (), 0, None),
    ],
)
def test_what_puts_a_student_at_risk(
    state: State, further: tuple[Action, ...], days_left: int, risk: Risk | None
) -> None:
    brief = seen(state, *further)
    now = (brief.due_at or NOW) - timedelta(days=days_left)
    cohort = a_cohort()
    found = progress_of(STUDENT, [brief], cohort.terms, cohort, now, POLICY).at_risk
    assert [reason.risk for reason in found if reason.brief_id] == ([risk] if risk else [])
    assert all(reason.why for reason in found)


def test_who_has_no_brief_is_at_risk_when_half_of_the_time_is_over() -> None:
    cohort = a_cohort()
    for day, risks in ((date(2027, 4, 16), []), (date(2027, 4, 18), [Risk.NO_BRIEF])):
        now = datetime(day.year, day.month, day.day, tzinfo=UTC)
        found = progress_of(STUDENT, [], cohort.terms, cohort, now, POLICY).at_risk
        assert [reason.risk for reason in found] == risks


def test_who_has_fewer_hours_than_wanted_by_now_is_behind() -> None:
    cohort = a_cohort(hours_wanted=24)
    now = datetime(2027, 4, 18, tzinfo=UTC)
    behind = progress_of(STUDENT, [], cohort.terms, cohort, now, POLICY)
    assert [reason.risk for reason in behind.at_risk] == [Risk.BEHIND]
    assert progress_of(STUDENT, [seen(State.APPROVED)], cohort.terms, cohort, now, POLICY).at_risk == []


def test_totals_are_the_sum_over_students() -> None:
    cohort = a_cohort(rules=CreditRules(hours_per_credit=10))
    sums = Totals()
    for briefs in ([seen(State.APPROVED), seen(State.AWARDED)], [seen(State.AWARDED, Action.LAPSE)], []):
        sums = sums.plus(progress_of(STUDENT, briefs, cohort.terms, cohort, NOW, POLICY))
    assert (sums.students, sums.students_at_risk, sums.hundredths) == (3, 1, 120)
    assert (sums.briefs_approved, sums.briefs_under_way, sums.briefs_not_submitted) == (1, 1, 1)
    assert (sums.hours_approved, sums.hours_under_way, sums.briefs_ended_otherwise) == (12, 12, 0)


def test_nothing_is_seen_when_its_time_is_over() -> None:
    assert seen_until(date(2027, 6, 30), POLICY) == datetime(2027, 9, 29, tzinfo=UTC)
    assert seen(State.AWARDED, Action.LAPSE).outcome is Outcome.NOT_SUBMITTED

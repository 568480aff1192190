"""When it is asked how the work is going, and what can be answered."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microintern.domain.check_ins import PARTS, CheckIn, Going, asked_at, open_question
from microintern.domain.problems import Conflict
from microintern.domain.states import Action, State
from tests.unit.builders import NOW, brief_in, take

AWARDED = brief_in(State.AWARDED)
DUE_AT = AWARDED.submission_due_at


def said(at: datetime) -> CheckIn:
    return CheckIn(
        number=1,
        application_id="application-1",
        award=3,
        command="key",
        asked_at=at,
        going=Going.ON_TRACK,
        answered_at=at,
    )


@given(st.integers(1, 10_000_000))
def test_the_time_is_cut_into_equal_parts_at_whole_seconds_before_the_work_is_due(span_ms: int) -> None:
    due_at = NOW + timedelta(milliseconds=span_ms)
    points = asked_at(AWARDED.model_copy(update={"due_at": due_at}))
    assert len(points) <= PARTS - 1
    for part, at in enumerate(points, start=1):
        exact = NOW + (due_at - NOW) * part / PARTS
        assert exact <= at < exact + timedelta(seconds=1)
        assert at.microsecond == 0
        assert at < due_at
    assert points == sorted(set(points)) or span_ms < PARTS * 1_000


def test_it_is_asked_at_a_third_and_two_thirds() -> None:
    third = (DUE_AT - NOW) / 3
    assert asked_at(AWARDED) == [NOW + third, NOW + 2 * third]


@pytest.mark.parametrize("state", [state for state in State if state is not State.AWARDED])
def test_nothing_is_asked_unless_the_work_is_under_way(state: State) -> None:
    assert asked_at(brief_in(state)) == []
    with pytest.raises(Conflict) as refused:
        open_question(brief_in(state), [], DUE_AT)
    assert refused.value.code == "not_under_way"


def test_an_amendment_has_it_asked_anew_until_the_new_deadline() -> None:
    later = NOW + timedelta(days=10)
    amended = take(Action.AMEND, AWARDED, later)
    assert amended.due_at
    third = (amended.due_at - later) / 3
    assert asked_at(amended)[0] - (later + third) < timedelta(seconds=1)


def test_the_latest_question_is_answered_and_once() -> None:
    first, second = asked_at(AWARDED)
    assert open_question(AWARDED, [], first) == first
    assert open_question(AWARDED, [said(first)], second) == second
    assert open_question(AWARDED, [], DUE_AT) == second
    for answers, at, code in (
        ([], first - timedelta(seconds=1), "not_asked_yet"),
        ([first], first, "answered_already"),
    ):
        with pytest.raises(Conflict) as refused:
            open_question(AWARDED, [said(each) for each in answers], at)
        assert refused.value.code == code

"""Rows and records: what was heard late or twice changes nothing, and small numbers are not shown as shares."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microintern.domain.events import EventType
from microintern.domain.records import FEWEST_BRIEFS, Heard, Rated, Record, Row, counts_of, figures_of, rehires
from microintern.domain.states import Role
from tests.unit.builders import BRIEF, NOW, ORGANISATION, RIVAL, STUDENT

ROW = Row(brief_id=BRIEF)


def rated(version: int, rating: int = 1, *, shown: bool = False) -> Rated:
    return Rated(version=version, ratings={"clarity": rating}, until=NOW, shown=shown)


RATINGS = [rated(1, 2), rated(2, 4), rated(3, 5), rated(3, 5, shown=True)]


@given(st.permutations(RATINGS), st.lists(st.sampled_from(RATINGS)))
def test_of_what_was_rated_the_latest_version_stays_however_late_the_others_come(
    order: list[Rated], again: list[Rated]
) -> None:
    row = ROW
    for news in (*order, *again):
        row = row.rating(news)
    assert row.rated == RATINGS[-1]
    assert counts_of(row, Role.EMPLOYER) == {"rating/clarity": 5, "rated/clarity": 1}


def test_what_is_not_shown_yet_counts_for_nothing() -> None:
    assert counts_of(ROW.rating(rated(1)), Role.EMPLOYER) == {}


def awarded(student_id: str, type_: EventType = EventType.BRIEF_AWARDED) -> Heard:
    return Heard(type=type_, at=NOW, by=Role.EMPLOYER, student_id=student_id)


def test_who_holds_a_brief_is_who_was_awarded_it_last_and_has_not_given_it_back() -> None:
    steps = {3: awarded(STUDENT), 4: awarded(STUDENT, EventType.BRIEF_AWARD_WITHDRAWN), 10: awarded(RIVAL)}
    late = ROW.hearing(10, steps[10]).hearing(3, steps[3])
    assert late.holder == RIVAL, "10 comes after 3, whatever the alphabet says"
    assert ROW.hearing(3, steps[3]).hearing(4, steps[4]).holder is None
    assert late.hearing(4, steps[4]).holder == RIVAL


def test_a_row_without_its_student_counts_as_before_and_hears_nothing_twice() -> None:
    row = ROW.hearing(3, awarded(STUDENT))
    forgotten = row.forgetting(STUDENT)
    assert STUDENT not in forgotten.model_dump_json()
    assert counts_of(forgotten, Role.EMPLOYER) == counts_of(row, Role.EMPLOYER)
    assert forgotten.hearing(3, awarded(STUDENT)) == forgotten


@given(
    st.dictionaries(st.sampled_from("abc"), st.integers(0, 9)),
    st.dictionaries(st.sampled_from("bcd"), st.integers(0, 9)),
)
def test_a_record_moves_by_the_difference_and_keeps_no_zeros(before: dict[str, int], after: dict[str, int]) -> None:
    record = Record(party_id=ORGANISATION, side=Role.EMPLOYER).moved({}, before).moved(before, after)
    assert record.counts == {name: count for name, count in after.items() if count}
    assert record.version == 2


@pytest.mark.parametrize(("briefs", "again"), [(0, 0), (1, 0), (2, 1), (5, 4)])
def test_who_is_awarded_again_is_rehired(briefs: int, again: int) -> None:
    assert rehires(briefs) == again


@pytest.mark.parametrize("briefs", range(FEWEST_BRIEFS + 2))
def test_shares_and_means_are_shown_from_three_briefs_on(briefs: int) -> None:
    counts = {"accepted": briefs, "silent": 1, "timed": briefs, "award_s": 600} if briefs else {}
    record = Record(party_id=ORGANISATION, side=Role.EMPLOYER, counts=counts)
    shown = {figure.name: figure.value(record.counts) for figure in figures_of(record)}
    enough = briefs >= FEWEST_BRIEFS
    assert shown["approved_by_silence"] == (round(1 / briefs, 2) if enough else None)
    assert shown["time_to_award"] == (round(600 / briefs, 2) if enough else None)
    assert shown["awarded"] == 0


def test_the_time_to_an_award_is_from_opening_to_the_first_one() -> None:
    opened = Heard(type=EventType.BRIEF_OPENED, at=NOW, by=Role.SERVER)
    first = awarded(STUDENT).model_copy(update={"at": NOW + timedelta(hours=2)})
    second = awarded(RIVAL).model_copy(update={"at": NOW + timedelta(hours=9)})
    row = ROW.hearing(7, second).hearing(3, opened)
    assert counts_of(row.hearing(4, first), Role.EMPLOYER)["award_s"] == 7_200

"""Reports: each brief counts once, in one month, for what it has come to; whatever order its events come in."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microintern.domain.events import EventType
from microintern.domain.payout_matrix import Outcome
from microintern.domain.posting import FieldOfWork
from microintern.domain.records import Heard, Posted, Row, Work
from microintern.domain.reports import HOW, SHARDS, Figures, Tally, shard_of, shards, summed, tallies
from microintern.domain.states import Role
from tests.unit.builders import BRIEF, NOW, ORGANISATION, STUDENT

POSTED = Posted(field=FieldOfWork.DATA, pay_minor=30_000, fee_minor=3_000, currency="USD")


def heard(type_: EventType, hours: float, **changes: Any) -> Heard:
    return Heard(type=type_, at=NOW + timedelta(hours=hours), by=Role.EMPLOYER, **changes)


OPENED = heard(EventType.BRIEF_OPENED, 0, posted=POSTED)
AWARDED = heard(EventType.BRIEF_AWARDED, 2, student_id=STUDENT, first_timer=True)
DISPUTED = heard(EventType.BRIEF_DISPUTED, 5)
WORK = Work(submissions=1, review_s=[60, 120])
APPROVED = heard(EventType.BRIEF_APPROVED, 10, outcome=Outcome.APPROVED, work=WORK)
PAID = heard(EventType.BRIEF_PAID, 11, outcome=Outcome.APPROVED, paid=True)
LIFE = {1: OPENED, 2: AWARDED, 3: DISPUTED, 4: APPROVED, 5: PAID}
MONTH = f"{NOW:%Y-%m}"


def added(steps: list[int]) -> dict[tuple[str, str], Counter[str]]:
    """What is counted once these versions were heard, in this order."""
    found: dict[tuple[str, str], Counter[str]] = {}
    row = Row(brief_id=BRIEF)
    for version in steps:
        after = row.hearing(version, LIFE[version])
        for tally in tallies(ORGANISATION, row, after):
            found.setdefault((tally.scope, tally.month), Counter()).update(tally.counts)
        row = after
    return {at: Counter({name: count for name, count in counts.items() if count}) for at, counts in found.items()}


def figures(*versions: int) -> Figures:
    return Figures.of(added(list(versions))[ORGANISATION, MONTH])


@given(st.permutations(list(LIFE)), st.lists(st.sampled_from(list(LIFE))))
def test_any_order_and_any_repetition_come_to_the_same(order: list[int], again: list[int]) -> None:
    assert added([*order, *again]) == added(list(LIFE))


@given(st.permutations(list(LIFE)))
def test_the_platform_counts_what_the_organisation_counts(order: list[int]) -> None:
    found = added(order)
    assert found.keys() == {(ORGANISATION, MONTH), (shard_of(BRIEF), MONTH)}
    assert found[ORGANISATION, MONTH] == found[shard_of(BRIEF), MONTH]


@pytest.mark.parametrize(
    ("versions", "state"),
    [
        ((1,), "open"),
        ((1, 2), "awarded"),
        ((1, 2, 3), "disputed"),
        ((1, 2, 3, 4), "approved"),
        ((1, 2, 4, 5), "approved"),
    ],
)
def test_a_brief_stands_in_one_state(versions: tuple[int, ...], state: str) -> None:
    assert figures(*versions).by_state == {state: 1}


def test_an_award_that_was_given_back_leaves_a_brief_open() -> None:
    row = Row(brief_id=BRIEF).hearing(1, OPENED).hearing(2, AWARDED)
    back = row.hearing(3, heard(EventType.BRIEF_AWARD_WITHDRAWN, 3))
    moved = {tally.scope: tally.counts for tally in tallies(ORGANISATION, row, back)}
    assert moved == {scope: {"state/awarded": -1, "state/open": 1} for scope in (ORGANISATION, shard_of(BRIEF))}


def test_money_is_held_from_funding_until_it_moves() -> None:
    assert [figures(*range(1, last + 1)).held_minor for last in LIFE] == [{"USD": 33_000}] * 4 + [{}]


def test_the_figures_of_a_whole_life() -> None:
    found = figures(*LIFE)
    assert (found.funded, found.first_timers) == (1, 1)
    assert (found.time_to_award.value, found.time_to_award.of) == (7_200, 1)
    assert (found.time_to_review.value, found.time_to_review.of) == (90, 2)
    assert (found.time_to_payout.value, found.time_to_payout.of) == (3_600, 1)
    assert (found.approved_by_silence.value, found.approved_by_silence.of) == (0, 1)
    assert [(pay.field, pay.currency, pay.briefs, pay.mean_minor) for pay in found.pay_by_field] == [
        ("data", "USD", 1, 30_000)
    ]


def test_nothing_counts_before_it_is_known_to_be_funded() -> None:
    assert added([2, 3, 4, 5]) == {}
    assert Figures.of({}).time_to_award.value is None


def test_what_changes_nothing_adds_nothing() -> None:
    row = Row(brief_id=BRIEF).hearing(1, OPENED)
    assert tallies(ORGANISATION, row, row) == []


def test_briefs_spread_over_all_shards() -> None:
    assert {shard_of(f"brief-{number}") for number in range(500)} == set(shards())
    assert len(shards()) == SHARDS


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["2026-01", "2026-02"]), st.dictionaries(st.sampled_from("ab"), st.integers(0, 9))
        )
    )
)
def test_parts_add_up(parts: list[dict[str, dict[str, int]]]) -> None:
    total = summed(parts)
    for month, counts in total.items():
        for name, count in counts.items():
            assert count == sum(part.get(month, {}).get(name, 0) for part in parts)


def test_every_figure_says_how_it_is_computed() -> None:
    assert HOW.keys() == {"month", *Figures.model_fields}
    assert all(field.description == HOW[name] for name, field in Figures.model_fields.items())


def test_a_tally_is_for_one_scope_and_month() -> None:
    (own, whole) = tallies(ORGANISATION, Row(brief_id=BRIEF), Row(brief_id=BRIEF).hearing(1, OPENED))
    assert own == Tally(ORGANISATION, MONTH, whole.counts)

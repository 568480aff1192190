"""Reports as they are read: by the organisation itself and by operators, over months, also as a table."""

from datetime import timedelta

import pytest

from microintern.app import reporting
from microintern.app.views.reports import Report
from microintern.domain.brief import Command
from microintern.domain.problems import Invalid
from microintern.domain.reports import MOST_MONTHS
from microintern.domain.states import Role
from tests.unit.app.test_organisations import refusal
from tests.unit.app.test_records import Published
from tests.unit.app.world import World, stranger
from tests.unit.builders import NOW, ORGANISATION, employer, operator, student


def read(world: World, by: Command | None = None, first: str | None = None, last: str | None = None) -> Report:
    wired = {"records": world.records, "clock": world.clock}
    return reporting.of_organisation(by or employer(), ORGANISATION, first, last, **wired)  # type: ignore[arg-type]


def of_platform(world: World, by: Command | None = None) -> Report:
    return reporting.of_platform(by or operator(), None, None, records=world.records, clock=world.clock)


def two_briefs() -> Published:
    """One approved and paid, to somebody's first; then one more to the same student."""
    world = Published()
    world.be_payable()
    for _ in range(2):
        world.begin()
        world.awarded(student)
        world.handed_in(student)
        world.clock.forward(hours=3)
        world.approve()
        world.over()
        world.clock.forward(days=1)
    return world


def test_an_organisation_reads_how_its_briefs_went() -> None:
    total = read(two_briefs()).total
    assert (total.funded, total.by_state, total.first_timers, total.held_minor) == (2, {"approved": 2}, 1, {})
    assert (total.time_to_award.value, total.time_to_award.of) == (timedelta(hours=6).total_seconds(), 2)
    assert (total.time_to_review.value, total.time_to_review.of) == (timedelta(hours=3).total_seconds(), 2)
    assert total.time_to_payout.of == 2
    assert [(pay.field, pay.briefs) for pay in total.pay_by_field] == [("data", 2)]


def test_events_that_come_again_count_nothing_more() -> None:
    world = two_briefs()
    before = read(world)
    world.events_are_counted()
    assert read(world) == before


def test_operators_read_the_same_of_the_whole_platform() -> None:
    world = two_briefs()
    assert of_platform(world) == read(world)


def test_nobody_else_reads_any() -> None:
    world = two_briefs()
    assert refusal(read, world, stranger(Role.EMPLOYER)) == "not_found"
    assert refusal(read, world, student()) == refusal(read, world, operator()) == "wrong_role"
    assert refusal(of_platform, world, employer()) == refusal(of_platform, world, student()) == "wrong_role"


def test_a_report_covers_the_months_that_were_asked_for() -> None:
    world = two_briefs()
    assert read(world).last == f"{world.clock.now():%Y-%m}"
    assert read(world, first="2030-01", last="2030-02").months == []
    begins = f"{NOW.year - 1}-{NOW.month:02d}"
    assert read(world, first=begins, last=f"{NOW:%Y-%m}").months[0].month == f"{NOW:%Y-%m}"
    assert read(world, last="2030-02").first == "2029-03"


@pytest.mark.parametrize(
    ("first", "last", "code"), [("2026-03", "2026-02", "months_reversed"), ("2024-02", "2026-02", "too_many_months")]
)
def test_months_that_make_no_report_are_refused(first: str, last: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(World(), first=first, last=last)
    assert refused.value.code == code
    assert MOST_MONTHS == 24
    assert read(World(), first="2024-03", last="2026-02").months == []


def test_as_a_table_it_has_a_row_for_each_figure_of_each_month() -> None:
    rows = reporting.as_rows(read(two_briefs()))
    assert [(row.figure, row.of, row.value, row.briefs) for row in rows if row.figure in ("funded", "by_state")] == [
        ("funded", "", 2, None),
        ("by_state", "approved", 2, None),
    ]
    assert ("time_to_award", "", 21_600, 2) in [(row.figure, row.of, row.value, row.briefs) for row in rows]
    assert {row.figure for row in rows} >= {"pay_by_field", "first_timers", "approved_by_silence", "time_to_payout"}

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microintern.domain.money import CURRENCY_EXPONENTS, written
from microintern.domain.pay_floors import (
    PayFloor,
    all_floors,
    check_pay,
    floor_for,
    lowest_pay_minor,
    places_from_most_specific,
    staleness,
)
from microintern.domain.problems import Invalid

SPRING = (date(2027, 3, 1), date(2027, 3, 26))
hours = st.integers(5, 40)
known_places = st.sampled_from(sorted({floor.jurisdiction for floor in all_floors()}))


def test_a_place_lies_in_wider_places() -> None:
    assert places_from_most_specific("US-NY-NYC") == ["US-NY-NYC", "US-NY", "US"]
    assert places_from_most_specific("DE") == ["DE"]


@pytest.mark.parametrize(
    ("place", "jurisdiction", "rate_minor"),
    [
        ("US-NY-NYC", "US-NY-NYC", 1700),
        ("US-NY", "US-NY", 1600),
        ("US-NY-BUF", "US-NY", 1600),
        ("US-TX", "US", 725),
        ("US-WA-SEA", "US-WA-SEA", 2130),
        ("GB-LND", "GB", 1271),
        ("IE", "IE", 1415),
    ],
)
def test_the_most_specific_known_place_decides(place: str, jurisdiction: str, rate_minor: int) -> None:
    floor = floor_for(place, *SPRING)
    assert (floor.jurisdiction, floor.rate_minor) == (jurisdiction, rate_minor)


def test_where_several_rates_apply_the_highest_does() -> None:
    """Britain has a lower rate for the young; nobody is asked for their age, so all get the higher one."""
    rates = {f.rate_minor for f in all_floors() if f.jurisdiction == "GB"}
    assert floor_for("GB", *SPRING).rate_minor == max(rates) > min(rates)


def test_a_wider_place_with_a_higher_rate_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    low_city = PayFloor.model_validate(
        all_floors()[0].model_dump() | {"jurisdiction": "US-NY-ALB", "rate_minor": 1500, "place": "Albany"}
    )
    monkeypatch.setattr("microintern.domain.pay_floors.all_floors", lambda: (*all_floors(), low_city))
    assert floor_for("US-NY-ALB", *SPRING).jurisdiction == "US-NY"


@pytest.mark.parametrize(
    ("first", "last", "rate_minor"),
    [
        (date(2026, 12, 1), date(2026, 12, 31), 1390),
        (date(2026, 12, 1), date(2027, 1, 1), 1460),
        (date(2026, 12, 31), date(2027, 1, 1), 1460),
        (date(2027, 1, 1), date(2027, 1, 31), 1460),
    ],
)
def test_germanys_rise_at_new_year_counts_for_work_that_reaches_into_it(
    first: date, last: date, rate_minor: int
) -> None:
    assert floor_for("DE", first, last).rate_minor == rate_minor


def test_a_rate_is_in_force_on_its_first_and_its_last_day_and_not_a_day_more() -> None:
    old = next(f for f in all_floors() if f.jurisdiction == "DE" and f.effective_to)
    assert old.effective_to is not None
    before, after = old.effective_from - timedelta(days=1), old.effective_to + timedelta(days=1)
    assert old.overlaps(old.effective_from, old.effective_from)
    assert old.overlaps(old.effective_to, after)
    assert not old.overlaps(before, before)
    assert not old.overlaps(after, after)


def test_a_place_without_a_rate_is_refused_with_the_places_that_have_one() -> None:
    with pytest.raises(Invalid) as refused:
        floor_for("JP-13", *SPRING)
    assert refused.value.code == "pay_floor_unknown"
    assert refused.value.members["errors"][0]["field"] == "/place_of_work"
    assert "DE" in refused.value.detail
    assert "US-NY-NYC" in refused.value.detail


def test_a_place_whose_rate_is_not_in_force_yet_is_refused() -> None:
    with pytest.raises(Invalid, match="No pay floor is known for FR"):
        floor_for("FR", date(2025, 1, 1), date(2025, 12, 31))


@given(place=known_places, hours=hours)
def test_pay_at_the_floor_passes_and_one_minor_unit_under_it_is_refused_with_all_the_facts(
    place: str, hours: int
) -> None:
    floor = floor_for(place, *SPRING)
    lowest = lowest_pay_minor(floor, hours)
    assert lowest == floor.rate_minor * hours
    check_pay(floor, lowest, floor.currency, hours)
    with pytest.raises(Invalid) as refused:
        check_pay(floor, lowest - 1, floor.currency, hours)
    problem = refused.value
    assert problem.code == "pay_under_floor"
    assert problem.members["errors"][0]["field"] == "/pay/amount_minor"
    assert problem.members["floor_rate_minor"] == floor.rate_minor
    assert problem.members["floor_source"] == floor.source
    assert problem.members["floor_jurisdiction"] == floor.jurisdiction
    assert problem.members["hours"] == hours
    assert problem.members["lowest_pay_minor"] == lowest
    for fact in (written(lowest, floor.currency), floor.source, f"{hours} hours"):
        assert fact in problem.detail


def test_pay_in_the_currency_of_another_place_is_refused_however_high() -> None:
    floor = floor_for("GB", *SPRING)
    with pytest.raises(Invalid) as refused:
        check_pay(floor, 10**9, "USD", 10)
    assert refused.value.code == "currency_not_of_place"
    assert refused.value.members["errors"][0]["field"] == "/pay/currency"
    assert refused.value.members["floor_currency"] == "GBP"


def test_the_table_is_fit_for_use() -> None:
    for floor in all_floors():
        assert floor.currency in CURRENCY_EXPONENTS
        assert floor.rate_minor > 0
        assert floor.source
        assert floor.effective_to is None or floor.effective_from <= floor.effective_to
    keys = [(f.jurisdiction, f.applies_to, f.effective_from) for f in all_floors()]
    assert len(keys) == len(set(keys))


def test_a_rate_that_was_checked_long_ago_warns() -> None:
    floor = floor_for("US-CA", *SPRING)
    assert staleness(floor, floor.checked_on + timedelta(days=365)) is None
    assert "last checked on" in (staleness(floor, floor.checked_on + timedelta(days=366)) or "")

"""Instants and ids."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from microintern.domain.base import Day, Id, Instant, derived_id, fingerprint, iso, whole_second

instant = TypeAdapter(Instant)
moments = st.datetimes(datetime(1, 1, 2), datetime(9999, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001
texts = st.text(min_size=1, max_size=20)


@given(moments, moments)
def test_written_instants_sort_as_the_instants_do(one: datetime, other: datetime) -> None:
    assert (iso(one) < iso(other)) <= (one < other)
    assert len(iso(one)) == len("2026-12-01T22:00:00.000Z")


@given(moments)
def test_an_instant_is_the_same_whatever_clock_it_was_read_from(at: datetime) -> None:
    elsewhere = at.astimezone(timezone(timedelta(hours=-5)))
    assert iso(elsewhere) == iso(at)
    assert instant.validate_python(elsewhere.isoformat()) == at


NUMBERS = [1796144400, 1796144400.5, "1796144400", "0.5"]
BEYOND = ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"]


@pytest.mark.parametrize("bad", ["2026-12-01T17:00:00", "2026-12-01", None, "soon", *NUMBERS, *BEYOND])
def test_an_instant_is_written_with_its_offset(bad: object) -> None:
    with pytest.raises(ValidationError):
        instant.validate_python(bad)


@pytest.mark.parametrize("bad", ["0", 0, "86400", 86_400.0, "2026-12-1", "2026-12-01T00:00:00Z", "2026-02-30", None])
def test_a_day_is_written_as_one(bad: object) -> None:
    assert TypeAdapter(Day).validate_python("2026-12-01") == date(2026, 12, 1)
    with pytest.raises(ValidationError):
        TypeAdapter(Day).validate_python(bad)


@given(moments, st.integers(0, 10**7))
def test_a_schedule_can_hit_a_whole_second_and_never_fires_early(at: datetime, after_s: int) -> None:
    hit = whole_second(at, after_s)
    assert hit.microsecond == 0
    assert timedelta(0) <= hit - (at + timedelta(seconds=after_s)) < timedelta(seconds=1)


@given(st.lists(texts, min_size=1, max_size=3), st.lists(texts, min_size=1, max_size=3))
def test_different_parts_give_different_ids(one: list[str], other: list[str]) -> None:
    separator = "\x1f"
    if separator in "".join(one + other):
        return
    assert (derived_id("brief", *one) == derived_id("brief", *other)) == (one == other)
    assert (fingerprint(*one) == fingerprint(*other)) == (one == other)


def test_a_derived_id_fits_where_ids_go_and_says_nothing_of_what_it_came_from() -> None:
    made = derived_id("file", "brief-0000000001", "somebody@example.com")
    assert len(made) == 26
    assert TypeAdapter(Id).validate_python(made) == made
    assert made.isalnum()
    assert "somebody" not in made

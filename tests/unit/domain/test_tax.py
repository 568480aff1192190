"""From which total on a year's payments are reported."""

import pytest

from microintern.domain.tax import threshold_minor


@pytest.mark.parametrize(
    ("year", "minor"), [(2020, 60_000), (2025, 60_000), (2026, 200_000), (2027, 200_000), (2040, 200_000)]
)
def test_us_dollars_have_the_threshold_of_their_year(year: int, minor: int) -> None:
    assert threshold_minor("USD", year) == minor


@pytest.mark.parametrize("currency", ["EUR", "JPY", "CAD"])
def test_no_rule_is_known_for_any_other_currency(currency: str) -> None:
    assert threshold_minor(currency, 2026) is None

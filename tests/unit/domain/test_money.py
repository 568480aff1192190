from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from microintern.domain.money import BASIS_POINTS, CURRENCY_EXPONENTS, Money, share, split, written

amounts = st.integers(0, 10**12)


@pytest.mark.parametrize(
    ("currency", "exponent"), [("USD", 2), ("EUR", 2), ("JPY", 0), ("KRW", 0), ("KWD", 3), ("CLF", 4)]
)
def test_an_amount_with_the_right_exponent_is_taken_and_with_any_other_refused(currency: str, exponent: int) -> None:
    assert Money(amount_minor=5000, currency=currency, exponent=exponent).amount_minor == 5000
    for wrong in {0, 1, 2, 3, 4} - {exponent}:
        with pytest.raises(ValidationError, match=f"{currency} has {exponent} decimal places, not {wrong}"):
            Money(amount_minor=5000, currency=currency, exponent=wrong)


def test_every_exponent_is_one_that_iso_4217_knows() -> None:
    assert set(CURRENCY_EXPONENTS.values()) == {0, 2, 3, 4}
    assert all(len(code) == 3 and code.isupper() for code in CURRENCY_EXPONENTS)


@pytest.mark.parametrize("currency", ["XYZ", "usd", "US", "", "XAU", "BTC"])
def test_a_currency_that_is_not_in_use_is_refused(currency: str) -> None:
    with pytest.raises(ValidationError):
        Money(amount_minor=100, currency=currency)


@pytest.mark.parametrize("amount", [0, -1, 1.5, 100.0, "100", True, None, 10**11 + 1])
def test_an_amount_is_a_positive_integer(amount: object) -> None:
    with pytest.raises(ValidationError):
        Money.model_validate({"amount_minor": amount, "currency": "USD"})


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (41250, "USD", "412.50 USD"),
        (5000, "JPY", "5000 JPY"),
        (5, "EUR", "0.05 EUR"),
        (1234, "KWD", "1.234 KWD"),
        (1, "CLF", "0.0001 CLF"),
    ],
)
def test_amounts_are_written_with_their_currencys_decimals(minor: int, currency: str, text: str) -> None:
    assert written(minor, currency) == text


@given(minor=amounts, currency=st.sampled_from(sorted(CURRENCY_EXPONENTS)))
def test_a_written_amount_reads_back_as_the_same_minor_units(minor: int, currency: str) -> None:
    number, code = written(minor, currency).split(" ")
    assert code == currency
    assert int(Decimal(number).scaleb(CURRENCY_EXPONENTS[code])) == minor


@given(amount=amounts, bp=st.integers(0, BASIS_POINTS))
def test_a_share_is_rounded_half_up_and_never_more_than_the_whole(amount: int, bp: int) -> None:
    part = share(amount, bp)
    assert 0 <= part <= amount
    # A tie goes up: less than half a minor unit is lost, half of one at most is added.
    assert -BASIS_POINTS <= 2 * (amount * bp - part * BASIS_POINTS) < BASIS_POINTS


@pytest.mark.parametrize(("amount", "bp", "part"), [(5, 1_000, 1), (4, 1_000, 0), (15, 1_000, 2), (30000, 1_000, 3000)])
def test_a_tie_goes_up(amount: int, bp: int, part: int) -> None:
    assert share(amount, bp) == part


weights = st.lists(st.integers(0, 1_000), min_size=1, max_size=8).filter(any)


@given(amount=amounts, weights=weights)
def test_the_parts_of_a_split_add_up_and_are_off_by_less_than_one_minor_unit(amount: int, weights: list[int]) -> None:
    parts = split(amount, weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - amount * weight) < sum(weights)


@given(amount=amounts, weights=weights)
def test_what_is_left_over_goes_to_the_largest_remainders(amount: int, weights: list[int]) -> None:
    total = sum(weights)
    extra = {
        (amount * weight % total, -i): part - amount * weight // total
        for i, (part, weight) in enumerate(zip(split(amount, weights), weights, strict=True))
    }
    given_out = [extra[place] for place in sorted(extra, reverse=True)]
    assert given_out == sorted(given_out, reverse=True)
    assert set(given_out) <= {0, 1}


def test_on_a_tie_the_earlier_part_gets_the_minor_unit() -> None:
    assert split(100, [1, 1, 1]) == [34, 33, 33]
    assert split(1, [1, 1]) == [1, 0]


@pytest.mark.parametrize("bad", [[0, 0], [-1, 2], []])
def test_weights_that_say_nothing_are_refused(bad: list[int]) -> None:
    with pytest.raises(ValueError, match=r"weights|empty"):
        split(100, bad)

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from microintern.domain.money import BASIS_POINTS, share
from microintern.domain.payout_matrix import PAYOUT_MATRIX, Outcome, Part, Split, split_by_shares, split_for
from microintern.domain.posting import Posting
from tests.unit.builders import posting_body

pays = st.integers(1, 10**11)
shares = st.integers(0, BASIS_POINTS)


BY_RULE = sorted(set(Outcome) - {Outcome.SPLIT})


def test_every_outcome_has_its_row() -> None:
    assert set(PAYOUT_MATRIX) == set(Outcome)


def test_every_row_gives_the_whole_escrow_away_or_nothing() -> None:
    """The pay and the fee, or a rest; a row of a pay without its fee would lose the fee."""
    for outcome, row in PAYOUT_MATRIX.items():
        parts = set(row) - {Part.NOTHING}
        whole = {Part.PAY, Part.FEE} <= parts or list(row).count(Part.REST) == 1
        assert whole or parts in (set(), {Part.DECIDED}), outcome


def test_what_an_operator_decides_follows_no_rule() -> None:
    with pytest.raises(ValueError, match="divided by a decision"):
        split_for(Outcome.SPLIT, 30_000, 3_000, 2_500)


@given(outcome=st.sampled_from(BY_RULE), pay=pays, fee_bp=shares, kill_fee_bp=shares)
def test_whoever_gets_what_it_adds_up_to_the_escrow(outcome: Outcome, pay: int, fee_bp: int, kill_fee_bp: int) -> None:
    fee = share(pay, fee_bp)
    split = split_for(outcome, pay, fee, kill_fee_bp)
    assert split.total_minor == (0 if outcome is Outcome.NOT_FUNDED else pay + fee)


@given(escrow=pays, student=shares, employer=shares, platform=shares)
def test_a_split_by_shares_gives_each_side_its_own_share_and_all_of_the_escrow(
    escrow: int, student: int, employer: int, platform: int
) -> None:
    total = student + employer + platform
    if total == 0:
        with pytest.raises(ValueError, match="weights"):
            split_by_shares(escrow, [student, employer, platform])
        return
    split = split_by_shares(escrow, [student, employer, platform])
    assert split.total_minor == escrow
    for part, weight in zip(
        (split.student_minor, split.employer_minor, split.fee_minor), (student, employer, platform), strict=True
    ):
        assert abs(part * total - escrow * weight) < total


def test_an_odd_minor_unit_goes_to_the_student() -> None:
    assert split_by_shares(33_001, [1, 1, 0]) == Split(student_minor=16_501, employer_minor=16_500, fee_minor=0)


@pytest.mark.parametrize(
    ("outcome", "to_student", "to_employer", "to_platform"),
    [
        (Outcome.NOT_FUNDED, 0, 0, 0),
        (Outcome.NOT_AWARDED, 0, 33_000, 0),
        (Outcome.CANCELLED_AFTER_AWARD, 7_500, 25_500, 0),
        (Outcome.WITHDRAWN, 0, 33_000, 0),
        (Outcome.NOT_SUBMITTED, 0, 33_000, 0),
        (Outcome.APPROVED, 30_000, 0, 3_000),
        (Outcome.APPROVED_BY_SILENCE, 30_000, 0, 3_000),
        (Outcome.STUDENT_WON, 30_000, 0, 3_000),
        (Outcome.EMPLOYER_WON, 0, 33_000, 0),
    ],
)
def test_300_dollars_with_a_tenth_on_top_and_a_quarter_as_kill_fee(
    outcome: Outcome, to_student: int, to_employer: int, to_platform: int
) -> None:
    split = split_for(outcome, 30_000, 3_000, 2_500)
    assert (split.student_minor, split.employer_minor, split.fee_minor) == (
        to_student,
        to_employer,
        to_platform,
    )


def test_the_largest_pay_that_can_be_posted_can_be_refunded_with_the_largest_fee() -> None:
    most = 10**11
    pay = Posting.model_validate(posting_body(pay={"amount_minor": most, "currency": "USD"})).pay.amount_minor
    assert split_for(Outcome.NOT_AWARDED, pay, share(pay, BASIS_POINTS), 0).total_minor == 2 * most
    with pytest.raises(ValidationError, match="less than or equal to 100000000000"):
        Posting.model_validate(posting_body(pay={"amount_minor": most + 1, "currency": "USD"}))


def test_no_part_of_a_split_is_negative() -> None:
    with pytest.raises(ValidationError):
        Split(student_minor=-1, employer_minor=1, fee_minor=0)

"""Every way a brief can end, and who gets what: one row each."""

from collections.abc import Callable
from enum import StrEnum

from microintern.domain.base import Frozen, Minor
from microintern.domain.money import share


class Outcome(StrEnum):
    """How a brief ended."""

    NOT_FUNDED = "not_funded"
    NOT_AWARDED = "not_awarded"
    CANCELLED_AFTER_AWARD = "cancelled_after_award"
    WITHDRAWN = "withdrawn"
    NOT_SUBMITTED = "not_submitted"
    APPROVED = "approved"
    APPROVED_BY_SILENCE = "approved_by_silence"
    STUDENT_WON = "student_won"
    EMPLOYER_WON = "employer_won"
    SPLIT = "split"


class Split(Frozen):
    """How the escrow is divided, in minor units; the three parts add up to what is held."""

    student_minor: Minor
    employer_minor: Minor
    fee_minor: Minor

    @property
    def total_minor(self) -> int:
        """What was held."""
        return self.student_minor + self.employer_minor + self.fee_minor


def _nothing(pay: int, fee: int, kill_fee_bp: int) -> Split:
    return Split(student_minor=0, employer_minor=0, fee_minor=0)


def _refund(pay: int, fee: int, kill_fee_bp: int) -> Split:
    return Split(student_minor=0, employer_minor=pay + fee, fee_minor=0)


def _pay(pay: int, fee: int, kill_fee_bp: int) -> Split:
    return Split(student_minor=pay, employer_minor=0, fee_minor=fee)


def _kill_fee(pay: int, fee: int, kill_fee_bp: int) -> Split:
    kill_fee = share(pay, kill_fee_bp)
    return Split(student_minor=kill_fee, employer_minor=pay + fee - kill_fee, fee_minor=0)


PAYOUT_MATRIX: dict[Outcome, Callable[[int, int, int], Split]] = {
    Outcome.NOT_FUNDED: _nothing,
    Outcome.NOT_AWARDED: _refund,
    Outcome.CANCELLED_AFTER_AWARD: _kill_fee,
    Outcome.WITHDRAWN: _refund,
    Outcome.NOT_SUBMITTED: _refund,
    Outcome.APPROVED: _pay,
    Outcome.APPROVED_BY_SILENCE: _pay,
    Outcome.STUDENT_WON: _pay,
    Outcome.EMPLOYER_WON: _refund,
}
"""Each outcome's rule, given the pay, the fee (both minor units) and the kill fee in basis points of the pay. The one
outcome that has no row, `split`, is divided by an operator's written decision."""


def split_for(outcome: Outcome, pay_minor: int, fee_minor: int, kill_fee_bp: int) -> Split:
    """Who gets what when a brief ends this way."""
    return PAYOUT_MATRIX[outcome](pay_minor, fee_minor, kill_fee_bp)

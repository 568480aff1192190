"""Every way a brief can end, and who gets what: one row each."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from microintern.domain.base import Frozen, Minor
from microintern.domain.money import share, split


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


class Part(StrEnum):
    """What somebody gets of the escrow."""

    NOTHING = "nothing"
    PAY = "the pay"
    KILL_FEE = "the kill fee"
    FEE = "the fee"
    REST = "the rest"
    DECIDED = "as an operator decided"


class Row(NamedTuple):
    """Who gets what."""

    student: Part
    employer: Part
    platform: Part


_NOBODY = Row(student=Part.NOTHING, employer=Part.NOTHING, platform=Part.NOTHING)
_REFUNDED = Row(student=Part.NOTHING, employer=Part.REST, platform=Part.NOTHING)
_KILLED = Row(student=Part.KILL_FEE, employer=Part.REST, platform=Part.NOTHING)
_PAID = Row(student=Part.PAY, employer=Part.NOTHING, platform=Part.FEE)
_DECIDED = Row(student=Part.DECIDED, employer=Part.DECIDED, platform=Part.DECIDED)

PAYOUT_MATRIX: dict[Outcome, Row] = {
    Outcome.NOT_FUNDED: _NOBODY,
    Outcome.NOT_AWARDED: _REFUNDED,
    Outcome.CANCELLED_AFTER_AWARD: _KILLED,
    Outcome.WITHDRAWN: _REFUNDED,
    Outcome.NOT_SUBMITTED: _REFUNDED,
    Outcome.APPROVED: _PAID,
    Outcome.APPROVED_BY_SILENCE: _PAID,
    Outcome.STUDENT_WON: _PAID,
    Outcome.EMPLOYER_WON: _REFUNDED,
    Outcome.SPLIT: _DECIDED,
}
"""Each outcome's row. The fee is charged on top of the pay and kept only when the work is paid for in full; the kill
fee is a share of the pay, rounded half up; whoever gets the rest gets what makes the parts add up."""


def split_for(outcome: Outcome, pay_minor: int, fee_minor: int, kill_fee_bp: int) -> Split:
    """Who gets what when a brief ends this way; a ValueError for the one way that has to be decided."""
    row = PAYOUT_MATRIX[outcome]
    if row is _DECIDED:
        raise ValueError(f"{outcome} is divided by a decision, not by rule")
    fixed = {
        Part.NOTHING: 0,
        Part.PAY: pay_minor,
        Part.KILL_FEE: share(pay_minor, kill_fee_bp),
        Part.FEE: fee_minor,
    }
    rest = pay_minor + fee_minor - sum(fixed.get(part, 0) for part in row)
    student, employer, platform = (fixed.get(part, rest) for part in row)
    return Split(student_minor=student, employer_minor=employer, fee_minor=platform)


def split_by_shares(escrow_minor: int, shares: Sequence[int]) -> Split:
    """The escrow divided by the shares of student, employer and platform, to the minor unit (largest remainder)."""
    student, employer, platform = split(escrow_minor, shares)
    return Split(student_minor=student, employer_minor=employer, fee_minor=platform)

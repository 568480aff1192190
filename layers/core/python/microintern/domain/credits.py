"""Credit that an institution grants for approved briefs: its rules, and what was granted under them."""

from typing import Annotated, Self

from pydantic import Field

from microintern.domain.base import Day, Frozen, Id
from microintern.domain.text import Line

Hundredths = Annotated[int, Field(strict=True, ge=0)]
"""Credits are counted in hundredths, so that they are whole numbers; what a cohort comes to has no bound."""


class CreditRules(Frozen):
    """What an hour of approved work is worth; each change makes a new version, and what was granted keeps its own.

    How many hours make a credit is the institution's to say: in ECTS it is 25 to 30 (ECTS Users' Guide 2015).
    """

    version: Annotated[int, Field(ge=1)] = 1
    hours_per_credit: Annotated[int, Field(strict=True, ge=1, le=100)]
    least_score_percent: Annotated[int, Field(strict=True, ge=0, le=100)] | None = None
    most_credits: Annotated[int, Field(strict=True, ge=1, le=60)] | None = None

    def hundredths(self, hours: int) -> int:
        """The credit for so many hours, rounded down, and never above the cap."""
        earned = 100 * hours // self.hours_per_credit
        return earned if self.most_credits is None else min(earned, 100 * self.most_credits)

    def follows(self, before: "CreditRules | None") -> "CreditRules":
        """The same rules, with the version that they have after these."""
        if before is None:
            return self
        version = before.version + (self.same_as(before) is False)
        return self.model_copy(update={"version": version})

    def same_as(self, other: "CreditRules") -> bool:
        """Whether they differ in nothing but the version."""
        return self.model_dump(exclude={"version"}) == other.model_dump(exclude={"version"})

    @property
    def said(self) -> str:
        """In words."""
        text = f"One credit for every {self.hours_per_credit} hours of approved briefs"
        if self.least_score_percent is not None:
            text += f" that were scored {self.least_score_percent} % or better"
        if self.most_credits is not None:
            text += f", {self.most_credits} at most"
        return f"{text}."


class Credit(Frozen):
    """What was granted: enough to be checked against the rules, and nothing else of the student."""

    organisation_id: Id
    institution_name: Line
    cohort_id: Id
    cohort_name: Line
    starts_on: Day
    ends_on: Day
    hundredths: Annotated[Hundredths, Field(le=100_000)]
    hours: int
    """Of the briefs that counted."""
    briefs: int
    rules: CreditRules


def number(hundredths: int) -> int | float:
    """Credits as a number, without a fraction where there is none: some JSON-LD processors tell 2 and 2.0 apart."""
    whole, rest = divmod(hundredths, 100)
    return hundredths / 100 if rest else whole


class Credits(Frozen):
    """Credits, for programs and for people."""

    hundredths: Hundredths
    written: str = Field(examples=["1.50"])

    @classmethod
    def of(cls, hundredths: int) -> Self:
        return cls(hundredths=hundredths, written=f"{hundredths // 100}.{hundredths % 100:02d}")

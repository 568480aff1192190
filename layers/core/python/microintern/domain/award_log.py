"""What the two sides do while the work is under way: numbered, each under its award, and kept in one item of the brief.

Whoever adds to it replaces the version before, so of two at the same moment only one counts.
"""

from typing import Annotated, ClassVar, Generic, TypeVar

from pydantic import Field

from microintern.domain.base import Frozen, Id
from microintern.domain.brief import Command
from microintern.domain.trail import Entry, Event


class Logged(Frozen):
    """One thing that somebody did."""

    number: Annotated[int, Field(ge=1)]
    application_id: Id
    award: int
    """The award that it is of: under another it does not hold, nor is it that one's student's business."""
    command: str
    """Fingerprint of the idempotency key that it was done with."""


L = TypeVar("L", bound=Logged)


class AwardLog(Frozen, Generic[L]):
    """All of one kind that was done on a brief; `student_id` is of the award of the last step."""

    key_of: ClassVar[str]
    brief_id: Id
    employer_id: Id
    student_id: Id
    items: list[L] = []
    version: Annotated[int, Field(ge=1)] = 1
    """Of this item; each change of it replaces the version before."""
    steps: int = 1
    """How often somebody did something; that words are taken away is no step."""
    event: Event
    done: list[str] = []

    @property
    def key(self) -> str:
        return self.key_of

    @property
    def entry(self) -> Entry:
        """The step that led here."""
        return Entry(scope=self.brief_id, subject=self.key, version=self.steps, event=self.event).sealed()

    def under(self, award: int | None) -> list[L]:
        """What was done under one award, in that order."""
        return [each for each in self.items if each.award == award]

    def made_by(self, by: Command) -> L:
        """What a command added."""
        return next(each for each in self.items if each.command == by.key)

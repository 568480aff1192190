"""Whom a student can turn to: a member of the employer's organisation who is named on a brief."""

from typing import ClassVar

from microintern.domain.base import Id, Instant
from microintern.domain.brief import Brief
from microintern.domain.documents import Document
from microintern.domain.problems import Conflict
from microintern.domain.trail import Entry, Event


class Mentor(Document):
    """The contact of a brief: an id only, so that the name is what its owner calls themselves now."""

    kind: ClassVar[str] = "mentor"
    key_of: ClassVar[str] = "mentor#contact"
    brief_id: Id
    employer_id: Id
    student_id: Id | None = None
    """Who had been awarded the brief when the contact was named."""
    account_id: Id
    named_at: Instant
    version: int = 1
    event: Event
    done: dict[str, str] = {}
    """Key fingerprint to body fingerprint of the commands that named somebody."""

    @property
    def key(self) -> str:
        return self.key_of

    @property
    def entry(self) -> Entry:
        """The step that led here."""
        return Entry(scope=self.brief_id, subject=self.key, version=self.version, event=self.event).sealed()


def check_not_over(brief: Brief) -> None:
    """Raise Conflict once there is nothing left to turn to anybody about."""
    if brief.settled_at is not None:
        detail = "The brief is over and its money has moved; its contact stays who it was."
        raise Conflict("brief_over", detail, state=brief.state, version=brief.version)

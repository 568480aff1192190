"""People: their profile, where a student is paid, their notices, and marks on their record."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import StringConstraints

from microintern.domain.base import Frozen, Id, Instant, iso
from microintern.domain.payments import Payee, PayoutStatus, ProviderName
from microintern.domain.states import Role
from microintern.domain.text import Line, MailingAddress, Paragraph
from microintern.domain.trail import Entry, Event, step


class Profile(Frozen):
    """What the other side of a brief may know of a person."""

    account_id: Id
    name: Line
    about: Paragraph | None = None
    mailing_address: MailingAddress | None = None
    """For agreements only: whoever has one with this person reads it there, and nobody anywhere else."""
    version: int = 1
    event: Event | None = None
    done: list[str] = []
    """The latest commands that wrote this, oldest first: key and body fingerprints with a blank between."""

    @property
    def entry(self) -> Entry | None:
        """The step that led here."""
        return step(self.account_id, "profile", self.version, self.event)


class Assignment(Frozen):
    """The role that an operator gave an account."""

    account_id: Id
    role: Role
    version: int = 1
    event: Event | None = None
    done: list[str] = []

    @property
    def entry(self) -> Entry | None:
        """The step that led here."""
        return step(self.account_id, "role", self.version, self.event)


ProviderToken = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{3,63}$")]
"""What the payment provider calls a card or an account; it holds the details, this platform never sees them."""


class PayoutAccount(Frozen):
    """Where the provider sends a student's money; it knows the bank details, this platform does not."""

    account_id: Id
    provider: ProviderName
    destination: ProviderToken
    status: PayoutStatus
    reason: str | None = None
    """Why it is not ready, in the provider's words for the student."""
    usable_at: Instant
    """A change of destination must stand for a while before money goes there."""
    version: int = 1
    event: Event | None = None
    done: list[str] = []

    @property
    def entry(self) -> Entry | None:
        """The step that led here."""
        return step(self.account_id, "payout_account", self.version, self.event)

    def told(self, payee: Payee, at: datetime) -> "PayoutAccount":
        """The next version, with what the provider says of the destination now."""
        event = Event(
            type="payout_account.updated",
            at=at,
            role=Role.SERVER,
            trigger="payee",
            facts={"status": payee.status.value},
            previous=self.entry.hash if self.entry else None,
        )
        news = {"status": payee.status, "reason": payee.reason, "version": self.version + 1, "event": event}
        return self.model_copy(update=news)


class Notice(Frozen):
    """Something a person is told: ids and words, no personal data of others."""

    account_id: Id
    notice_id: str
    brief_id: Id | None = None
    """None where it is about no brief."""
    type: str
    text: str
    at: Instant

    @property
    def key(self) -> str:
        """What it is found by among the account's: the same notice again has the same."""
        return f"{iso(self.at)}#{self.notice_id}"


class Mark(Frozen):
    """An entry on a student's record, with its reason."""

    account_id: Id
    brief_id: Id
    reason: Literal["not_submitted"]
    at: Instant

"""People: their profile, where a student is paid, their notices, and marks on their record."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from microintern.domain.base import Frozen, Id, Instant
from microintern.domain.text import Line, Paragraph


class Profile(Frozen):
    """What the other side of a brief may know of a person."""

    account_id: Id
    name: Line
    organisation: Line | None = Field(default=None, description="The organisation an employer acts for.")
    about: Paragraph | None = None
    version: int = 1
    done: list[str] = []
    """The latest commands that wrote this, oldest first: key and body fingerprints with a blank between."""


class PayoutStatus(StrEnum):
    """Whether a student can be paid."""

    READY = "ready"


class PayoutAccount(Frozen):
    """Where the provider sends a student's money; it knows the bank details, this platform does not."""

    account_id: Id
    provider: Literal["sandbox"]
    destination: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{3,63}$")]
    status: PayoutStatus
    version: int = 1
    done: list[str] = []


class Notice(Frozen):
    """Something a person is told: ids and words, no personal data of others."""

    account_id: Id
    notice_id: str
    brief_id: Id
    type: str
    text: str
    at: Instant


class Mark(Frozen):
    """An entry on a student's record, with its reason."""

    account_id: Id
    brief_id: Id
    reason: Literal["not_submitted"]
    at: Instant

"""What a person wants by e-mail and when, and whether anything can be sent to them at all."""

from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from microintern.domain.base import Frozen, Id, Instant
from microintern.domain.posting import Zone
from microintern.domain.trail import Entry, Event, step


class NoticeKind(StrEnum):
    """What a notice is about."""

    MONEY = "money"
    SECURITY = "security"
    DEADLINES = "deadlines"
    WORK = "work"
    MESSAGES = "messages"
    APPLICATIONS = "applications"
    FEEDBACK = "feedback"
    SEARCHES = "searches"


class Cadence(StrEnum):
    """When something goes out by e-mail."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    NEVER = "never"


DEFAULTS: dict[NoticeKind, Cadence] = {
    NoticeKind.MONEY: Cadence.AT_ONCE,
    NoticeKind.SECURITY: Cadence.AT_ONCE,
    NoticeKind.DEADLINES: Cadence.AT_ONCE,
    NoticeKind.WORK: Cadence.AT_ONCE,
    NoticeKind.MESSAGES: Cadence.AT_ONCE,
    NoticeKind.APPLICATIONS: Cadence.DAILY,
    NoticeKind.FEEDBACK: Cadence.DAILY,
    NoticeKind.SEARCHES: Cadence.DAILY,
}
"""At once what somebody waits for; once a day what many of come, or what can wait."""

ALWAYS = frozenset({NoticeKind.MONEY, NoticeKind.SECURITY})
"""Cannot be switched off: whoever takes over an account would begin with that."""

ABOUT: dict[NoticeKind, str] = {
    NoticeKind.MONEY: "your money",
    NoticeKind.SECURITY: "security",
    NoticeKind.DEADLINES: "deadlines that are near",
    NoticeKind.WORK: "what happens to your briefs",
    NoticeKind.MESSAGES: "questions, messages and check-ins",
    NoticeKind.APPLICATIONS: "applications to your briefs",
    NoticeKind.FEEDBACK: "feedback, credentials and credit",
    NoticeKind.SEARCHES: "briefs that fit your searches",
}
"""Each kind as people read it."""

DIGEST: Literal["daily"] = "daily"
"""What the link of a digest unsubscribes from: every kind that comes once a day."""

Subscription = NoticeKind | Literal["daily"]
Hour = Annotated[int, Field(strict=True, ge=0, le=23)]
HoldReason = Literal["bounced", "complained"]

ON_ITS_WAY = timedelta(minutes=5)
"""A notice that comes so shortly before a digest is in the next one, as this one may be being written."""
DAY = timedelta(days=1)


class Hold(Frozen):
    """Nothing more is sent to an address: it does not exist, or its owner said that this is spam."""

    reason: HoldReason
    since: Instant
    address: str
    """The keyed hash of the address; what it is, only the user pool knows. Another address is not held."""


class Mailing(Frozen):
    """What a person said of e-mails, and what became of them. Theirs alone: nobody else sees it."""

    account_id: Id
    email: dict[NoticeKind, Cadence] = {}
    """Of the kinds for which they chose; the others go by the defaults."""
    zone: Zone = "UTC"
    digest_hour: Hour = 8
    """On the clocks of the zone."""
    hold: Hold | None = None
    version: int = 0
    """0 while nothing was said."""
    event: Event | None = None
    done: list[str] = []
    """The latest commands that wrote this, oldest first: key and body fingerprints with a blank between."""

    @property
    def entry(self) -> Entry | None:
        """The step that led here."""
        return step(self.account_id, "mailing", self.version, self.event) if self.version else None

    def cadence_of(self, kind: NoticeKind) -> Cadence:
        """How soon notices of this kind are sent."""
        return self.email.get(kind, DEFAULTS[kind])

    def holds(self, address: str) -> bool:
        """Whether nothing may be sent to the address with this hash."""
        return self.hold is not None and self.hold.address == address

    def next_digest(self, now: datetime) -> datetime:
        """When the digest goes out that has what comes now: at the hour, on the clocks of the zone."""
        zone, earliest = ZoneInfo(self.zone), now + ON_ITS_WAY
        day = earliest.astimezone(zone).date()
        at = earliest
        while at <= earliest:
            # In a zone's own time first: a day there may have 23 hours, or 25.
            at = datetime.combine(day, time(self.digest_hour), zone).astimezone(now.tzinfo)
            day += DAY
        return at

    def without(self, subscription: Subscription) -> "dict[NoticeKind, Cadence]":
        """The choices with this kind, or everything that comes once a day, switched off as far as it can be.

        What cannot be comes at once when there is no digest any more.
        """
        daily = {kind for kind in NoticeKind if self.cadence_of(kind) is Cadence.DAILY}
        gone = daily if subscription == DIGEST else {NoticeKind(subscription)}
        at_once = dict.fromkeys(daily & ALWAYS, Cadence.AT_ONCE) if subscription == DIGEST else {}
        return self.email | dict.fromkeys(gone - ALWAYS, Cadence.NEVER) | at_once


class Due(Frozen):
    """Something to be seen to at an instant: a notice for a digest, or a brief whose feedback is awaited."""

    agenda: Literal["digest", "feedback"]
    at: Instant
    subject: Id
    """The account, or the brief."""
    item: str = ""
    """The key of the notice."""

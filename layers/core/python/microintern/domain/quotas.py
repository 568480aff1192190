"""How much one account may do: applications that wait, applications and uploads of a day, one text for many briefs."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import Field

from microintern.domain.base import Frozen, Id, Instant, fingerprint
from microintern.domain.policy import Policy
from microintern.domain.problems import Conflict, Invalid, TooMany

_TEXTS_KEPT = 40
"""So many of the latest applications' texts are compared."""


class Slot(Frozen):
    """An application that may still be picked: until applications close, unless it is released before."""

    until: Instant
    version: int
    """Of the application, so that what was told late of an earlier one releases nothing."""


class Desk(Frozen):
    """What a student has applied for."""

    account_id: Id
    open: dict[str, Slot] = {}
    """By the brief's id. A slot counts until its time, whether or not anything came to take it away."""
    day: str = ""
    today: int = 0
    texts: list[str] = []
    """Fingerprints of what the latest applications said, oldest first."""
    version: Annotated[int, Field(ge=0)] = 0

    def waiting(self, now: datetime) -> dict[str, Slot]:
        """The applications that may still be picked."""
        return {brief_id: slot for brief_id, slot in self.open.items() if slot.until > now}

    def applied(self, brief_id: str, slot: Slot, statement: str, now: datetime, policy: Policy) -> "Desk":
        """The desk with one more application; a Problem when that is one too many."""
        waiting = {other: found for other, found in self.waiting(now).items() if other != brief_id}
        if len(waiting) >= policy.most_open_applications:
            detail = (
                f"You have {len(waiting)} applications that may still be picked, which is the most one can have; "
                "withdraw one, or wait until one is decided."
            )
            raise Conflict("too_many_open_applications", detail, most=policy.most_open_applications)
        today = self.today if self.day == day_of(now) else 0
        if today >= policy.most_applications_per_day:
            detail = f"At most {policy.most_applications_per_day} applications a day; go on tomorrow (UTC)."
            raise TooMany("too_many_applications", detail, retry_after_s=left_of_day_s(now))
        text = fingerprint("statement", " ".join(statement.casefold().split()))
        if self.texts.count(text) >= policy.most_same_statements:
            detail = "You have sent this text to several briefs; say what makes you fit for this one."
            raise Invalid.field("same_statement", "/statement", detail)
        news = {"open": {**waiting, brief_id: slot}, "day": day_of(now), "today": today + 1}
        texts = [*self.texts, text][-_TEXTS_KEPT:]
        return self.model_copy(update={**news, "texts": texts, "version": self.version + 1})


class UploadQuota(Frozen):
    """What one more file counts of an account's uploads of a day, and how many there may be."""

    account_id: Id
    day: str
    size_bytes: int
    most_uploads: int
    most_bytes: int

    @property
    def forget_at(self) -> int:
        """When the day's count is of no use any more, in seconds since 1970."""
        return _forget_at(self.day)


class MessageQuota(Frozen):
    """How many messages of an account there may be in a day, one more included."""

    account_id: Id
    day: str
    most: int

    @property
    def forget_at(self) -> int:
        """When the day's count is of no use any more, in seconds since 1970."""
        return _forget_at(self.day)


def message_quota(account_id: str, now: datetime, policy: Policy) -> MessageQuota:
    """The quota that a message written now comes under."""
    return MessageQuota(account_id=account_id, day=day_of(now), most=policy.most_messages_per_day)


def messages_exhausted(now: datetime, policy: Policy) -> TooMany:
    """No more today."""
    detail = (
        f"At most {policy.most_messages_per_day} messages a day can be written by one account; go on tomorrow (UTC)."
    )
    return TooMany("too_many_messages", detail, retry_after_s=left_of_day_s(now))


def _forget_at(day: str) -> int:
    return int((datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(days=3)).timestamp())


def upload_quota(account_id: str, size_bytes: int, now: datetime, policy: Policy) -> UploadQuota:
    """The quota that a file announced now comes under."""
    return UploadQuota(
        account_id=account_id,
        day=day_of(now),
        size_bytes=size_bytes,
        most_uploads=policy.most_uploads_per_day,
        most_bytes=policy.most_bytes_per_day,
    )


def uploads_exhausted(now: datetime, policy: Policy) -> TooMany:
    """No more today."""
    detail = (
        f"At most {policy.most_uploads_per_day} files and {policy.most_bytes_per_day} bytes a day can be announced "
        "by one account; go on tomorrow (UTC)."
    )
    return TooMany("too_many_uploads", detail, retry_after_s=left_of_day_s(now))


def day_of(now: datetime) -> str:
    """The day (UTC) that something is counted in."""
    return now.astimezone(UTC).date().isoformat()


def left_of_day_s(now: datetime) -> int:
    """The seconds until the next day (UTC) begins, rounded up."""
    tomorrow = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return -((now - tomorrow) // timedelta(seconds=1))

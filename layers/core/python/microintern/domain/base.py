"""What every model of the domain shares: immutability, instants and derived ids."""

import base64
import hashlib
import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints


class Frozen(BaseModel):
    """An immutable model that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


def iso(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds: one fixed width, so that strings sort as instants do."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_DATED = re.compile(r"\d{4}-\d\d-\d\dT", re.IGNORECASE)


def _written(value: object) -> object:
    # pydantic would also take a number of seconds, as text too; a deadline written so is far likelier a mistake.
    if not (isinstance(value, datetime) or (isinstance(value, str) and _DATED.match(value))):
        raise ValueError("write an instant as an RFC 3339 string with an offset, such as 2026-12-01T17:00:00-05:00")
    return value


def _utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("an instant needs an offset, such as 2026-12-01T17:00:00-05:00 or ...Z")
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("this instant is beyond all calendars") from error


Instant = Annotated[
    datetime,
    BeforeValidator(_written),
    AfterValidator(_utc),
    PlainSerializer(iso, return_type=str),
    Field(json_schema_extra={"format": "date-time"}, examples=["2026-12-01T22:00:00.000Z"]),
]


def _written_day(value: object) -> object:
    # pydantic would also take a number of seconds that makes up whole days.
    if not (isinstance(value, date) or (isinstance(value, str) and _DAY.fullmatch(value))):
        raise ValueError("write a day as 2026-12-01")
    return value


Day = Annotated[date, BeforeValidator(_written_day)]
"""A day of the calendar, as RFC 3339 writes it."""

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
"""An id that the server made; opaque to everyone else."""

Minor = Annotated[int, Field(strict=True, ge=0, le=10**12)]
"""An amount in the currency's minor unit (cents for USD, yen for JPY)."""


def whole_second(at: datetime, after_s: int = 0) -> datetime:
    """The instant `after_s` seconds later, rounded up to a whole second, which is what a schedule can hit."""
    later = at + timedelta(seconds=after_s)
    return later if later.microsecond == 0 else later.replace(microsecond=0) + timedelta(seconds=1)


def derived_id(kind: str, *parts: str) -> str:
    """An id of 26 characters that the same parts always give: a repeated command finds what the first one made."""
    digest = hashlib.sha256("\x1f".join((kind, *parts)).encode()).digest()
    return base64.b32encode(digest)[:26].decode().lower()


def fingerprint(*parts: str) -> str:
    """72 bits of a hash in 12 characters: tells one brief's commands apart, and is small enough to keep."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()
    return base64.urlsafe_b64encode(digest[:9]).decode()

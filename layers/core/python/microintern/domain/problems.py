"""What can be wrong with a command. Each problem has a stable code, says what was wrong and what would be right."""

from typing import Any, ClassVar


class Problem(Exception):
    """A refusal that reaches the caller as RFC 9457 problem details; `members` are its extension members."""

    status: ClassVar[int] = 400

    def __init__(self, code: str, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.members = members


class Malformed(Problem):
    """The request cannot be read at all."""

    status = 400


class Forbidden(Problem):
    """A thing that this kind of caller never may do."""

    status = 403


class NotFound(Problem):
    """It does not exist, or not for this caller: the two look the same from outside."""

    status = 404


class Conflict(Problem):
    """The brief is not in a state that allows this; `members` carry its current state."""

    status = 409


class TooLarge(Problem):
    """More was sent than is accepted."""

    status = 413


class Unsupported(Problem):
    """Sent in a form that is not read here."""

    status = 415


class TooMany(Problem):
    """More often than is accepted; `retry_after_s` says when it can be tried again."""

    status = 429


class Unavailable(Problem):
    """Somebody whom this needs does not answer; nothing was done, and it can be tried again."""

    status = 503


class Invalid(Problem):
    """Readable, but a rule says no; `errors` names each field and its rule."""

    status = 422

    @classmethod
    def field(cls, code: str, field: str, detail: str, **members: Any) -> "Invalid":
        """A rule broken by one field, named by its JSON pointer."""
        return cls(code, detail, errors=[{"field": field, "rule": code, "detail": detail}], **members)


def no_such(what: str) -> NotFound:
    """The one way to say that something is not there, whether it is missing or somebody else's."""
    return NotFound("not_found", f"There is no such {what}, or it is not yours to see.")

"""Opaque cursors: where a list was left, bound to the caller and the filters that it was made for."""

import base64
import binascii
import json

from microintern.domain.base import fingerprint
from microintern.domain.problems import Malformed
from microintern.ports.paging import Position


def encode(position: Position | None, *scope: str) -> str | None:
    """A cursor for going on at this position of the list that `scope` names."""
    if position is None:
        return None
    text = json.dumps([fingerprint(*scope), position.sort, position.item], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str | None, *scope: str) -> Position | None:
    """The position in the list that `scope` names; Malformed when the cursor is of another list, caller or filter.

    A cursor holds no more than a position: whose list is read never depends on it, so a forged one opens nothing.
    """
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        made_for, sort, item = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        position = Position(sort=sort, item=item)
    except (ValueError, TypeError, RecursionError, binascii.Error) as error:
        raise Malformed("invalid_cursor", "The cursor is not one that this API gave; start without one.") from error
    if made_for != fingerprint(*scope):
        detail = "The cursor was made for another list, caller or filter; start without one."
        raise Malformed("invalid_cursor", detail)
    return position

"""Bitstring Status Lists (W3C): which credentials were revoked, as bits among so many that none tells of anybody.

A place follows from the credential's own id, so that nothing has to be counted and no two issuers stand in each other's
way: where it is taken already, the next try gives another place, and after a few tries one in the next list. A list
that is half full sends one in sixteen on, so lists begin by themselves when they are needed.
"""

import base64
import hashlib
import zlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field

from microintern.domain.base import Frozen, iso

BITS = 131_072
"""The fewest that a list may have: fewer would tell who is meant."""
TRIES_PER_LIST = 4
_GZIP = 31
"""What zlib calls its largest window in the form of GZIP, with no time in it."""
MOST_TRIES = 400

ListNumber = Annotated[int, Field(ge=0, le=9_999)]


class Place(Frozen):
    """One bit of one list."""

    number: ListNumber
    index: Annotated[int, Field(ge=0, lt=BITS)]


def place_of(credential_id: str, attempt: int) -> Place:
    """Where a credential's bit is, unless it is taken: then the next attempt says where else."""
    digest = hashlib.sha256(f"{credential_id}\x1f{attempt}".encode()).digest()
    return Place(number=attempt // TRIES_PER_LIST, index=int.from_bytes(digest[:8]) % BITS)


def encoded(revoked: Iterable[int]) -> str:
    """The list's bits, the first at the left, compressed; the same bits give the same text each time."""
    bits = bytearray(BITS // 8)
    for index in revoked:
        bits[index // 8] |= 0x80 >> index % 8
    packed = zlib.compress(bytes(bits), wbits=_GZIP)
    return f"u{base64.urlsafe_b64encode(packed).decode().rstrip('=')}"


def since(now: datetime, kept_s: int) -> datetime:
    """From when a list counts that is asked for now: the same for a while, so that it is signed once for all."""
    seconds = int(now.timestamp())
    return now.replace(microsecond=0) - timedelta(seconds=seconds % kept_s)


def status_list(url: str, issuer: str, revoked: Iterable[int], begins: datetime) -> dict[str, Any]:
    """The credential that says which entries of a list are revoked, not signed yet."""
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": iso(begins),
        "validUntil": iso(begins + timedelta(days=1)),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encoded(revoked),
        },
    }

"""Messages as Standard Webhooks 1.0.0 says: HMAC-SHA256 over id, timestamp and body.

Both halves, with secrets as the standard writes them or as AWS makes them up; tests hold what is sent against the
published library, which would be one more package in functions that need none.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from microintern.ports.payments import WebhookRefused

TOLERANCE_S = 300
PREFIX = "whsec_"


def signed(secret: str, message_id: str, body: str, now: datetime, *former: str) -> dict[str, str]:
    """The headers that go with a body; with a signature for each of the former secrets that are still in force."""
    timestamp = str(int(now.timestamp()))
    signatures = [f"v1,{_signature(each, message_id, timestamp, body)}" for each in (secret, *former)]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signatures),
    }


def headers(secrets: Sequence[str], message_id: str, body: str, now: datetime) -> dict[str, str]:
    """The same, for secrets of which the newest comes first."""
    newest, *former = secrets
    return signed(newest, message_id, body, now, *former)


def verified(secrets: Sequence[str], headers: Mapping[str, str], body: str, now: datetime) -> str:
    """The message's id, if one of the secrets signed it a moment ago; else WebhookRefused."""
    given = {name.lower(): value for name, value in headers.items()}
    try:
        message_id, timestamp = given["webhook-id"], given["webhook-timestamp"]
        sent_at = datetime.fromtimestamp(int(timestamp), UTC)
        signatures = given["webhook-signature"].split()
    except (KeyError, ValueError, OverflowError, OSError) as error:
        raise WebhookRefused("it is not signed") from error
    right = [f"v1,{_signature(secret, message_id, timestamp, body)}" for secret in secrets]
    if not any(_equal(one, other) for one in signatures for other in right):
        raise WebhookRefused("its signature is not the provider's")
    if abs((now - sent_at).total_seconds()) > TOLERANCE_S:
        raise WebhookRefused(f"it was signed more than {TOLERANCE_S} s from now")
    return message_id


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _signature(secret: str, message_id: str, timestamp: str, body: str) -> str:
    digest = hmac.new(_key(secret), f"{message_id}.{timestamp}.{body}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def _key(secret: str) -> bytes:
    """With the standard's prefix, the rest is base64; what AWS makes up as a password is taken as it is."""
    if not secret.startswith(PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError(f"a webhook secret is {PREFIX} and base64") from error

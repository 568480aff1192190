"""Signing and verifying webhooks as Standard Webhooks 1.0.0 says: HMAC-SHA256 over id, timestamp and body.

The published library for it brings six more packages into every function that imports it; this is all of it that
one sender and one receiver need.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from microintern.domain.payments import Hint
from microintern.ports import WebhookRefused

TOLERANCE_S = 300
PREFIX = "whsec_"


def signed(secret: str, message_id: str, body: str, now: datetime) -> dict[str, str]:
    """The headers that go with a body."""
    timestamp = str(int(now.timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{_signature(secret, message_id, timestamp, body)}",
    }


class SandboxWebhooks:
    """The Webhooks port for the sandbox. Several secrets while one is replaced by another."""

    def __init__(self, secrets: Sequence[str], account: str) -> None:
        self._secrets = secrets
        self._account = account

    def verify(self, headers: Mapping[str, str], body: str, now: datetime) -> Hint:
        given = {name.lower(): value for name, value in headers.items()}
        try:
            message_id, timestamp = given["webhook-id"], given["webhook-timestamp"]
            sent_at = datetime.fromtimestamp(int(timestamp), UTC)
            signatures = given["webhook-signature"].split()
        except (KeyError, ValueError, OverflowError, OSError) as error:
            raise WebhookRefused("it is not signed") from error
        right = [f"v1,{_signature(secret, message_id, timestamp, body)}" for secret in self._secrets]
        if not any(_equal(one, other) for one in signatures for other in right):
            raise WebhookRefused("its signature is not the provider's")
        if abs((now - sent_at).total_seconds()) > TOLERANCE_S:
            raise WebhookRefused(f"it was signed more than {TOLERANCE_S} s from now")
        return self._hint(message_id, body)

    def _hint(self, message_id: str, body: str) -> Hint:
        try:
            content = json.loads(body)
            data, account = dict(content["data"]), content["account"]
        except (ValueError, KeyError, TypeError) as error:
            raise WebhookRefused("its body cannot be read") from error
        if account != self._account:
            raise WebhookRefused("it is for another account")
        known = {name: data[name] for name in ("key", "reference", "destination") if isinstance(data.get(name), str)}
        return Hint(event_id=message_id, **known)


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

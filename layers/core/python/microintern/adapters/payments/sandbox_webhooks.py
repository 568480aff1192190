"""The sandbox's webhooks, as the platform takes them in: signed by the standard, ids and a status."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from microintern.adapters.standard_webhooks import verified
from microintern.domain.payments import Hint
from microintern.ports.payments import WebhookRefused


class SandboxWebhooks:
    """The Webhooks port for the sandbox. Several secrets while one is replaced by another."""

    def __init__(self, secrets: Sequence[str], account: str) -> None:
        self._secrets = secrets
        self._account = account

    def verify(self, headers: Mapping[str, str], body: str, now: datetime) -> Hint:
        return self._hint(verified(self._secrets, headers, body, now), body)

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

"""How the sandbox tells of what became of an operation: a signed POST, as any provider would send it."""

import json
import urllib.request
from datetime import datetime

from microintern.adapters.payments.sandbox import Message, SandboxStore
from microintern.adapters.standard_webhooks import signed

TIMEOUT_S = 10


def body_of(message: Message, store: SandboxStore, account: str, now: datetime) -> str:
    """The webhook's body: ids and a status, as they are at the time of delivery."""
    asked = store.recall(message.key) if message.key else None
    operation = asked.at(now) if asked else None
    data = {
        "key": message.key,
        "destination": message.destination,
        "reference": operation.reference if operation else None,
        "status": operation.status if operation else None,
    }
    kind = "operation.updated" if message.key else "payee.updated"
    return json.dumps({"type": kind, "account": account, "data": {k: v for k, v in data.items() if v is not None}})


def deliver(message: Message, store: SandboxStore, url: str, secret: str, account: str, now: datetime) -> int:
    """Send it; raises unless it was taken (2xx), and is then to be sent again. Answers the HTTP status."""
    body = body_of(message, store, account, now)
    headers = {"content-type": "application/json", **signed(secret, message.message_id, body, now)}
    request = urllib.request.Request(url, data=body.encode(), headers=headers, method="POST")
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
        status: int = answer.status
    return status

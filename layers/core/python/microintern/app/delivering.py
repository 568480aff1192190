"""Events go out to the systems that organisations named: first into the log, then over the wire, as often as it takes.

The log decides. A message in the queue names a version of a delivery; what it finds at another version is not its
business any more. So a message that comes twice, late or never again does no harm but to send the same event twice,
under the same id.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from microintern.app.endpoints import belonging
from microintern.domain.events import CloudEvent, EventType
from microintern.domain.policy import Policy
from microintern.domain.webhooks import (
    GONE,
    Attempt,
    Delivery,
    DeliveryState,
    Endpoint,
    Message,
    a_delivery,
    payload,
)
from microintern.ports.briefs import Briefs
from microintern.ports.clock import Clock
from microintern.ports.conditions import StaleDocument
from microintern.ports.webhooks import Deliveries, DeliveryQueue, Endpoints, Receivers, Sealer

Headers = Callable[[Sequence[str], str, str, datetime], dict[str, str]]
"""Signs with these secrets: the message's id, its body, and when."""
_MOST_TRIES = 3


@dataclass(frozen=True)
class Dispatch:
    """What is needed to say who gets an event."""

    endpoints: Endpoints
    deliveries: Deliveries
    queue: DeliveryQueue
    briefs: Briefs
    clock: Clock
    policy: Policy


def dispatch(event: CloudEvent, *, on: Dispatch) -> int:
    """Have an event delivered to whoever wants it, however often it arrives; to how many endpoints."""
    if event.type is EventType.WEBHOOK_REPLAY:
        return _replay(event, on)
    if event.type is EventType.WEBHOOK_TEST:
        endpoint = on.endpoints.read(event.data["organisation_id"], event.data["endpoint_id"])
        wanting = [endpoint] if endpoint and endpoint.is_enabled else []
    else:
        organisation_id, event = _for_employer(event, on.briefs)
        wanting = [e for e in on.endpoints.of(organisation_id) if e.wants(event)] if organisation_id else []
    now = on.clock.now()
    if now - event.time > timedelta(seconds=on.policy.keep_deliveries_s):
        return 0  # told of once more, long after: whether it was sent then, nobody knows any more
    for endpoint in wanting:
        delivery = a_delivery(endpoint, event, now, on.policy.keep_deliveries_s)
        _queue(on.deliveries.add(delivery) or delivery, now, on)
    return len(wanting)


def _for_employer(event: CloudEvent, briefs: Briefs) -> tuple[str | None, CloudEvent]:
    """Whose event it is, and the event as they may see it: who applied to a blind brief stays hidden from them."""
    if event.type.startswith("brief."):
        return event.data["employer_id"], event
    snapshot = briefs.read(event.subject)
    if snapshot is None:
        return None, event
    brief = snapshot.brief
    if event.type.startswith("application.") and brief.blind:
        shown = {name: value for name, value in event.data.items() if name != "student_id"}
        event = event.model_copy(update={"data": shown})
    return brief.employer_id, event


def _queue(delivery: Delivery, now: datetime, on: Dispatch) -> None:
    """Have it tried, unless that has begun: what is tried again, its attempts see to."""
    if delivery.state is DeliveryState.PENDING and delivery.tries == 0:
        on.queue.send(delivery, now)


def _replay(event: CloudEvent, on: Dispatch) -> int:
    """Send again what an owner asked for, each delivery once for one wish."""
    endpoint_id, now = event.data["endpoint_id"], on.clock.now()
    endpoint = on.endpoints.read(event.data["organisation_id"], endpoint_id)
    if endpoint is None or not endpoint.is_enabled:
        return 0
    if one := event.data.get("delivery_id"):
        found = [d for d in (on.deliveries.read(endpoint_id, one),) if d is not None]
    else:
        since = datetime.fromisoformat(event.data["since"])
        found = on.deliveries.between(endpoint_id, since, event.time, on.policy.most_replayed)
    for delivery in found:
        _again(delivery, event.id, now, on)
    return len(found)


def _again(delivery: Delivery, wish: str, now: datetime, on: Dispatch) -> None:
    for _ in range(_MOST_TRIES):
        if delivery.replayed_by == wish:
            return _queue(delivery, now, on)
        try:
            after = delivery.replayed(wish, now)
            on.deliveries.save(after)
        except StaleDocument:  # an attempt ended at this moment
            delivery = on.deliveries.read(delivery.endpoint_id, delivery.delivery_id) or delivery
        else:
            return on.queue.send(after, now)
    raise StaleDocument


class Outcome(StrEnum):
    """What became of a message from the queue."""

    WAITS = "waits"
    SUPERSEDED = "superseded"
    HELD = "held"
    DELIVERED = "delivered"
    FAILED = "failed"
    PENDING = "pending"


@dataclass(frozen=True)
class Courier:
    """What is needed to deliver."""

    endpoints: Endpoints
    deliveries: Deliveries
    queue: DeliveryQueue
    receivers: Receivers
    sealer: Sealer
    headers: Headers
    clock: Clock
    policy: Policy
    jitter: Callable[[], float]
    """A factor of one or a little more: so that what failed together is not tried again together."""


def deliver(message: Message, *, by: Courier) -> Outcome:
    """Try a delivery, if the message is still about what it is at; what became of it."""
    now = by.clock.now()
    delivery = by.deliveries.read(message.endpoint_id, message.delivery_id)
    if delivery is None or delivery.state is not DeliveryState.PENDING:
        return Outcome.SUPERSEDED
    if delivery.version != message.version:
        if delivery.version == message.version + 1:
            by.queue.send(delivery, now)  # the attempt may have been written down, and the next one not asked for
        return Outcome.SUPERSEDED
    if message.due_at > now:
        by.queue.send(delivery, now)
        return Outcome.WAITS
    endpoint = by.endpoints.read(message.organisation_id, message.endpoint_id)
    if endpoint is None or not endpoint.is_enabled:
        return _written(delivery.held(), now, by)
    attempt = _attempt(endpoint, delivery, now, by)
    after = delivery.attempted(attempt, by.policy.webhook_pauses_s, by.jitter())
    # The endpoint before the delivery: what breaks off in between is tried again, and finds the endpoint disabled.
    _note_health(endpoint, after, attempt, by)
    return _written(after, by.clock.now(), by)


def _attempt(endpoint: Endpoint, delivery: Delivery, now: datetime, by: Courier) -> Attempt:
    sealed_for = belonging(endpoint)
    secrets = [by.sealer.open(secret.sealed, sealed_for) for secret in endpoint.in_force(now)]
    body = json.dumps(payload(delivery.event), separators=(",", ":"))
    return by.receivers.hand_over(endpoint.url, by.headers(secrets, delivery.delivery_id, body, now), body, now)


def _note_health(endpoint: Endpoint, after: Delivery, attempt: Attempt, by: Courier) -> None:
    """Disable an endpoint that says it is gone, or that has taken nothing for days; note since when it fails."""
    if attempt.taken:
        if endpoint.failing_since is not None:
            by.endpoints.failing(endpoint, None)
        return
    since = endpoint.failing_since or attempt.at
    patience = timedelta(seconds=by.policy.webhook_give_up_s)
    if attempt.status == GONE:
        by.endpoints.disable(endpoint.disabled("gone", attempt.at))
    elif after.state is DeliveryState.FAILED and attempt.at - since >= patience:
        by.endpoints.disable(endpoint.disabled("failing", attempt.at))
    elif endpoint.failing_since is None:
        by.endpoints.failing(endpoint, since)


def _written(after: Delivery, now: datetime, by: Courier) -> Outcome:
    try:
        by.deliveries.save(after)
    except StaleDocument:
        return Outcome.SUPERSEDED  # another copy of the message was faster, or an owner had it sent anew
    if after.state is DeliveryState.PENDING:
        by.queue.send(after, now)
    return Outcome(after.state.value)


def shut(organisation_id: str, *, endpoints: Endpoints, deliveries: Deliveries, at: datetime) -> None:
    """Nobody belongs to an organisation any more who could shut its endpoints: nothing of them is left."""
    for endpoint in endpoints.of(organisation_id):
        deliveries.forget(endpoint.endpoint_id)
        endpoints.save(endpoint.deleted(endpoint.by_server("webhook.deleted", at), done=[]), None)

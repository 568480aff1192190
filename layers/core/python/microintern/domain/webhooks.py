"""Webhooks of an organisation's own systems: where its events are sent, and what became of each sending."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from microintern.domain.base import Frozen, Id, Instant, derived_id, iso
from microintern.domain.events import DATA_OF, CloudEvent, EventType, enveloped
from microintern.domain.states import Role
from microintern.domain.trail import Entry, Event, Fact, step

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
GONE = 410
"""By this status a receiver says that it wants nothing more, ever (Standard Webhooks 1.0.0)."""
MOST_ATTEMPTS_SHOWN = 20
MOST_SECRETS = 4
"""In force at once, each with its signature in the header; the oldest goes first when they are replaced that often."""


def _of_briefs(kind: EventType) -> EventType:
    if kind not in SUBSCRIBABLE:
        raise ValueError(f"events of this type are not sent; choose among {', '.join(SUBSCRIBABLE)}")
    return kind


SUBSCRIBABLE = tuple(kind for kind in EventType if kind.startswith(("brief.", "application.", "file.")))
"""What can be asked for: everything that happens to an organisation's briefs."""

Subscribed = Annotated[EventType, AfterValidator(_of_briefs)]
WebhookUrl = Annotated[str, StringConstraints(min_length=8, max_length=500, pattern=r"^[\x21-\x7e]+$")]
Why = Literal["gone", "failing"]
"""Why the server disabled an endpoint: it answered 410, or took nothing for days."""


class EndpointState(StrEnum):
    """Whether events are sent to an endpoint; those that are not are kept for a while, to be sent on demand."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    DELETED = "deleted"


class Secret(Frozen):
    """What messages are signed with, encrypted."""

    sealed: str
    until: Instant | None = None
    """Until when it signs beside the newest one; None for the newest itself."""


class Endpoint(Frozen):
    """Where an organisation wants its events sent."""

    organisation_id: Id
    endpoint_id: Id
    url: str
    """Of no endpoint that is deleted: nothing is left of that but its steps."""
    event_types: list[EventType]
    state: EndpointState = EndpointState.ENABLED
    reason: Why | None = None
    secrets: list[Secret]
    """The newest first."""
    issued_by: str
    """The command, by its key, that the newest secret was made for: its repetition may show it once more."""
    created_at: Instant
    created_by: Id
    body: str
    """Fingerprint of the request that created it, so that a reused idempotency key is noticed."""
    failing_since: Instant | None = None
    """Since when every attempt failed; no step, and so no version of its own."""
    version: Annotated[int, Field(ge=1)] = 1
    event: Event | None = None
    done: list[str] = []

    @property
    def key(self) -> str:
        """What it is called in the organisation's trail."""
        return key_of(self.endpoint_id)

    @property
    def entry(self) -> Entry | None:
        """The step that led here."""
        return step(self.organisation_id, self.key, self.version, self.event)

    @property
    def is_enabled(self) -> bool:
        """Whether it is sent anything."""
        return self.state is EndpointState.ENABLED

    def in_force(self, now: datetime) -> list[Secret]:
        """The secrets that sign now, the newest first."""
        return [secret for secret in self.secrets if secret.until is None or secret.until > now]

    def wants(self, event: CloudEvent) -> bool:
        """Whether an event is for it: of a type that it asked for, and not from before it was there."""
        return event.type in self.event_types and event.time >= self.created_at

    def stepped(self, event: Event, **changes: Any) -> "Endpoint":
        """The next version."""
        return self.model_copy(update={**changes, "version": self.version + 1, "event": event})

    def disabled(self, why: Why, at: datetime) -> "Endpoint":
        """The next version, in which the server has disabled it."""
        event = self.by_server("webhook.disabled", at, {"reason": why})
        return self.stepped(event, state=EndpointState.DISABLED, reason=why)

    def deleted(self, event: Event, **changes: Any) -> "Endpoint":
        """The next version, in which nothing is left but the steps."""
        gone: dict[str, Any] = {
            "state": EndpointState.DELETED,
            "url": "",
            "secrets": [],
            "reason": None,
            "failing_since": None,
        }
        return self.stepped(event, **gone, **changes)

    def by_server(self, what: str, at: datetime, facts: dict[str, Fact] | None = None) -> Event:
        """A step that the server takes by itself."""
        previous = self.entry.hash if self.entry else None
        return Event(type=what, at=at, role=Role.SERVER, trigger="delivery", facts=facts or {}, previous=previous)


def key_of(endpoint_id: str) -> str:
    """What an endpoint is called in its organisation's trail."""
    return f"webhook#{endpoint_id}"


def of_endpoint(organisation_id: str, endpoint_id: str, version: int, event: Event) -> CloudEvent | None:
    """The event that a step of an endpoint is published as; None for steps that nothing follows from."""
    try:
        kind = EventType(event.type)
    except ValueError:
        return None
    ids = {"organisation_id": organisation_id, "endpoint_id": endpoint_id, "version": version}
    data = DATA_OF[kind].model_validate({**ids, **event.facts})
    return enveloped(kind, f"{endpoint_id}#{version}", endpoint_id, event.at, data)


class DeliveryState(StrEnum):
    """How a delivery stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    HELD = "held"
    """The endpoint was disabled; it can be sent once it is not."""


class Attempt(Frozen):
    """One try to deliver."""

    at: Instant
    ms: int
    status: int | None = Field(default=None, description="What the receiver answered; null when it did not.")
    error: str | None = Field(default=None, description="Why there was no answer, by a stable code.")
    answer: str | None = Field(default=None, description="The beginning of the answer, 200 characters at most.")

    @property
    def taken(self) -> bool:
        """Whether the receiver has it now."""
        return self.status is not None and 200 <= self.status < 300


class Delivery(Frozen):
    """One event on its way to one endpoint."""

    endpoint_id: Id
    organisation_id: Id
    delivery_id: Id
    event: CloudEvent
    state: DeliveryState
    due_at: Instant | None = None
    """When it is tried next, while it is pending."""
    tries: int = 0
    """Since it was made, or replayed last."""
    attempts: list[Attempt] = []
    """The latest, oldest first."""
    replayed_by: str | None = None
    """The event that had it sent anew last."""
    kept_until: Instant
    version: Annotated[int, Field(ge=1)] = 1

    def held(self) -> "Delivery":
        """The next version, which waits for its endpoint to be enabled."""
        return self._next(state=DeliveryState.HELD, due_at=None)

    def replayed(self, by: str, now: datetime) -> "Delivery":
        """The next version, which is sent from the beginning."""
        return self._next(state=DeliveryState.PENDING, due_at=now, tries=0, replayed_by=by)

    def attempted(self, attempt: Attempt, pauses_s: Sequence[int], jitter: float) -> "Delivery":
        """The next version: it was taken, is tried again after a pause, or is given up when there is none left."""
        attempts = [*self.attempts, attempt][-MOST_ATTEMPTS_SHOWN:]
        state, due_at = DeliveryState.DELIVERED, None
        if not attempt.taken:
            state = DeliveryState.FAILED
            if attempt.status != GONE and self.tries < len(pauses_s):
                state, pause_s = DeliveryState.PENDING, pauses_s[self.tries] * jitter
                due_at = attempt.at + timedelta(seconds=pause_s)
        return self._next(state=state, due_at=due_at, tries=self.tries + 1, attempts=attempts)

    def _next(self, **changes: Any) -> "Delivery":
        return self.model_copy(update={**changes, "version": self.version + 1})


def a_delivery(endpoint: Endpoint, event: CloudEvent, now: datetime, kept_for_s: int) -> Delivery:
    """An event's delivery to an endpoint; the same event once more gives the same id."""
    enabled = endpoint.is_enabled
    return Delivery(
        endpoint_id=endpoint.endpoint_id,
        organisation_id=endpoint.organisation_id,
        delivery_id=place_of(event.time) + derived_id("delivery", endpoint.endpoint_id, event.id),
        event=event,
        state=DeliveryState.PENDING if enabled else DeliveryState.HELD,
        due_at=now if enabled else None,
        kept_until=now + timedelta(seconds=kept_for_s),
    )


def place_of(at: datetime) -> str:
    """What the ids of deliveries begin with, so that they sort as their events do."""
    # Whole numbers all the way: as a float, an instant is a millisecond off now and then.
    return f"{(at - _EPOCH) // timedelta(milliseconds=1):013d}-"


class Message(Frozen):
    """What is in the queue: which version of which delivery is to be tried, and when."""

    organisation_id: Id
    endpoint_id: Id
    delivery_id: Id
    version: int
    due_at: Instant

    @classmethod
    def of(cls, delivery: Delivery) -> "Message":
        """For a delivery that is pending."""
        assert delivery.due_at is not None
        ids = {"organisation_id": delivery.organisation_id, "endpoint_id": delivery.endpoint_id}
        return cls(**ids, delivery_id=delivery.delivery_id, version=delivery.version, due_at=delivery.due_at)


def payload(event: CloudEvent) -> dict[str, Any]:
    """The body of a message as the specification has it, with the published event as its data."""
    return {"type": event.type.value, "timestamp": iso(event.time), "data": event.model_dump(mode="json")}

"""Webhook endpoints and their deliveries as owners see them."""

from typing import Self

from pydantic import Field

from microintern.domain.base import Frozen, Id, Instant
from microintern.domain.events import EventType
from microintern.domain.webhooks import Attempt, Delivery, DeliveryState, Endpoint, EndpointState, Why


class EndpointView(Frozen):
    """Where an organisation's events are sent, for its owners. What is signed with is shown nowhere again."""

    endpoint_id: Id
    url: str = Field(description="Empty once the endpoint is deleted.")
    event_types: list[EventType]
    state: EndpointState
    reason: Why | None = Field(description="Why the server disabled it: it answered 410, or took nothing for days.")
    failing_since: Instant | None = Field(description="Since when it has taken nothing.")
    signs_until: list[Instant] = Field(description="Until when former secrets sign beside the newest one.")
    created_at: Instant
    created_by: Id
    version: int

    @classmethod
    def of(cls, endpoint: Endpoint) -> Self:
        shown = endpoint.model_dump(include=set(cls.model_fields))
        former = [secret.until for secret in endpoint.secrets if secret.until is not None]
        return cls.model_validate({**shown, "signs_until": former})


class EndpointList(Frozen):
    """All endpoints of an organisation."""

    items: list[EndpointView]


class IssuedEndpoint(Frozen):
    """An endpoint with a new secret. It is shown this once: give it to what verifies the messages."""

    endpoint: EndpointView
    secret: str | None = Field(
        description="`whsec_` and base64. Null where the command is repeated and another secret was made since.",
        examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )

    @classmethod
    def of(cls, issued: tuple[Endpoint, str | None]) -> Self:
        endpoint, secret = issued
        return cls(endpoint=EndpointView.of(endpoint), secret=secret)


class DeliveryView(Frozen):
    """An event on its way to an endpoint, and each try; for the organisation's owners, for 30 days."""

    delivery_id: Id = Field(description="The message's `webhook-id`, the same each time that it is sent.")
    event_id: str
    type: EventType
    subject: str = Field(description="What the event is about: a brief's id mostly.")
    time: Instant = Field(description="When it happened.")
    state: DeliveryState
    due_at: Instant | None = Field(description="When it is tried next.")
    attempts: list[Attempt] = Field(description="The latest twenty, oldest first.")

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        event = delivery.event
        return cls(
            delivery_id=delivery.delivery_id,
            event_id=event.id,
            type=event.type,
            subject=event.subject,
            time=event.time,
            state=delivery.state,
            due_at=delivery.due_at,
            attempts=delivery.attempts,
        )


class DeliveryPage(Frozen):
    """Some deliveries, and the cursor that leads on."""

    items: list[DeliveryView]
    next_cursor: str | None = None

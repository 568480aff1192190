"""What webhooks hold to: retries over a day, secrets that overlap, ids that sort, and a payload of ids."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from microintern.app.requests import WebhookRequest
from microintern.domain.events import CloudEvent, EventType
from microintern.domain.policy import DAY_S, Policy
from microintern.domain.states import Role
from microintern.domain.trail import Event
from microintern.domain.webhooks import (
    SUBSCRIBABLE,
    Attempt,
    Delivery,
    DeliveryState,
    Endpoint,
    a_delivery,
    of_endpoint,
    payload,
    place_of,
)
from tests.unit.builders import NOW, ORGANISATION

PAUSES_S = Policy().webhook_pauses_s


def an_endpoint(**changes: Any) -> Endpoint:
    ids = {"organisation_id": ORGANISATION, "endpoint_id": "endpoint-0001", "created_by": "owner-00001"}
    said = {"url": "https://hooks.example.com/", "event_types": ["brief.paid"], "secrets": [{"sealed": "new"}]}
    rest = {"issued_by": "key", "created_at": NOW, "body": "body"}
    return Endpoint.model_validate({**ids, **said, **rest, **changes})


def an_event(at: Any = NOW, kind: EventType = EventType.BRIEF_PAID, number: int = 1) -> CloudEvent:
    return CloudEvent(id=f"brief-000001#{number}", type=kind, subject="brief-000001", time=at, data={})


def a_sending(**changes: Any) -> Delivery:
    return a_delivery(an_endpoint(**changes), an_event(), NOW, 60)


def test_attempts_go_on_for_about_a_day_with_pauses_that_grow() -> None:
    assert list(PAUSES_S) == sorted(PAUSES_S)
    assert 0.9 * DAY_S <= sum(PAUSES_S) * 1.05 <= 1.2 * DAY_S
    delivery, at, instants = a_sending(), NOW, []
    while delivery.state is DeliveryState.PENDING:
        instants.append(at)
        delivery = delivery.attempted(Attempt(at=at, ms=1, status=500), PAUSES_S, 1)
        at = delivery.due_at or at
    assert delivery.state is DeliveryState.FAILED
    assert delivery.due_at is None
    assert [b - a for a, b in pairwise(instants)] == [timedelta(seconds=p) for p in PAUSES_S]


@given(st.lists(st.sampled_from([200, 204, 301, 400, 410, 429, 500, None]), max_size=30), st.floats(1, 1.1))
def test_a_delivery_ends_and_each_attempt_is_a_version(answers: list[int | None], jitter: float) -> None:
    delivery, tried = a_sending(), 0
    for status in answers:
        if delivery.state is not DeliveryState.PENDING:
            break
        tried += 1
        error = None if status else "timed_out"
        delivery = delivery.attempted(Attempt(at=NOW, ms=1, status=status, error=error), PAUSES_S, jitter)
        assert (delivery.tries, delivery.version) == (tried, tried + 1)
        assert (delivery.due_at is not None) == (delivery.state is DeliveryState.PENDING)
        if status in (200, 204):
            assert delivery.state is DeliveryState.DELIVERED
        if status == 410:
            assert delivery.state is DeliveryState.FAILED
    assert tried <= len(PAUSES_S) + 1
    assert len(delivery.attempts) <= 20


def test_a_replay_begins_anew_under_the_same_id_and_keeps_what_was_tried() -> None:
    failed = a_sending().attempted(Attempt(at=NOW, ms=1, status=410), PAUSES_S, 1)
    again = failed.replayed("wish", NOW + timedelta(days=1))
    assert (again.state, again.tries, again.replayed_by, again.version) == ("pending", 0, "wish", 3)
    assert (again.delivery_id, again.attempts) == (failed.delivery_id, failed.attempts)


def test_of_many_attempts_the_latest_are_kept() -> None:
    delivery = a_sending()
    for number in range(30):
        attempt = Attempt(at=NOW + timedelta(hours=number), ms=1, status=500)
        delivery = delivery.attempted(attempt, PAUSES_S, 1).replayed(f"wish-{number}", NOW)
    assert [attempt.at for attempt in delivery.attempts] == [NOW + timedelta(hours=number) for number in range(10, 30)]


def test_to_a_disabled_endpoint_a_delivery_is_held() -> None:
    assert a_sending(state="disabled").state is DeliveryState.HELD
    assert a_sending(state="disabled").due_at is None
    assert a_sending().due_at == NOW


@given(st.datetimes(NOW.replace(tzinfo=None), NOW.replace(tzinfo=None) + timedelta(days=9_000)), st.integers(1, 10**9))
def test_ids_of_deliveries_sort_as_their_events_do(naive: Any, later_ms: int) -> None:
    first = naive.replace(tzinfo=NOW.tzinfo, microsecond=naive.microsecond // 1_000 * 1_000)
    later = first + timedelta(milliseconds=later_ms)
    one, other = (a_delivery(an_endpoint(), an_event(at), NOW, 60).delivery_id for at in (first, later))
    assert one < other
    assert place_of(first) <= one < place_of(first + timedelta(milliseconds=1))


def test_the_same_event_to_the_same_endpoint_has_one_id() -> None:
    assert a_sending().delivery_id == a_sending().delivery_id
    others = {
        a_sending(endpoint_id="endpoint-0002").delivery_id,
        a_delivery(an_endpoint(), an_event(number=2), NOW, 60).delivery_id,
    }
    assert len(others | {a_sending().delivery_id}) == 3


def test_former_secrets_sign_until_their_time_is_over() -> None:
    until = NOW + timedelta(hours=24)
    endpoint = an_endpoint(secrets=[{"sealed": "new"}, {"sealed": "old", "until": until}])
    assert [secret.sealed for secret in endpoint.in_force(until - timedelta(seconds=1))] == ["new", "old"]
    assert [secret.sealed for secret in endpoint.in_force(until)] == ["new"]


def test_it_wants_what_it_asked_for_and_nothing_from_before_it_was_there() -> None:
    endpoint = an_endpoint()
    assert endpoint.wants(an_event())
    assert not endpoint.wants(an_event(NOW - timedelta(seconds=1)))
    assert not endpoint.wants(an_event(kind=EventType.BRIEF_POSTED))


def test_a_payload_is_as_the_specification_says_with_the_event_as_its_data() -> None:
    event = an_event()
    assert payload(event) == {
        "type": "brief.paid",
        "timestamp": event.model_dump(mode="json")["time"],
        "data": event.model_dump(mode="json"),
    }


def test_nothing_is_left_of_a_deleted_endpoint_but_its_steps() -> None:
    gone = an_endpoint(failing_since=NOW).deleted(Event(type="webhook.deleted", at=NOW, role=Role.EMPLOYER))
    assert (gone.url, gone.secrets, gone.failing_since, gone.state) == ("", [], None, "deleted")


def test_each_step_follows_the_one_before() -> None:
    first = an_endpoint(event={"type": "webhook.created", "at": NOW, "role": "employer"})
    disabled = first.disabled("failing", NOW)
    assert disabled.entry
    assert first.entry
    assert disabled.entry.event.previous == first.entry.hash
    assert (disabled.entry.event.role, disabled.entry.event.trigger) == ("server", "delivery")


@pytest.mark.parametrize(
    ("what", "published"),
    [("webhook.created", False), ("webhook.rotated", False), ("webhook.deleted", False), ("webhook.test", True)],
)
def test_only_what_something_follows_from_is_published(what: str, published: bool) -> None:
    event = Event(type=what, at=NOW, role=Role.EMPLOYER)
    found = of_endpoint(ORGANISATION, "endpoint-0001", 2, event)
    assert (found is not None) == published


def test_events_of_payments_and_of_webhooks_cannot_be_asked_for() -> None:
    assert len(SUBSCRIBABLE) == 24
    for kind in ("payment.updated", "payee.updated", "webhook.test", "brief.unknown"):
        with pytest.raises(ValidationError):
            WebhookRequest.model_validate({"url": "https://hooks.example.com", "event_types": [kind]})
    with pytest.raises(ValidationError, match="stands twice"):
        WebhookRequest.model_validate({"url": "https://hooks.example.com", "event_types": ["brief.paid"] * 2})

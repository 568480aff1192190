"""Owners have their organisation's events sent to systems of their own, and see what became of that."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from microintern.app.accounts import changed, remember, repeated
from microintern.app.commands import require_role
from microintern.app.cursors import decode, encode
from microintern.app.requests import ReplayRequest, WebhookChangeRequest, WebhookRequest
from microintern.app.views.webhooks import DeliveryPage, DeliveryView, EndpointList, EndpointView
from microintern.domain.addresses import target_of
from microintern.domain.base import derived_id, iso
from microintern.domain.brief import Command, key_reused
from microintern.domain.policy import Policy
from microintern.domain.problems import Conflict, Forbidden, Invalid, no_such
from microintern.domain.states import Role
from microintern.domain.trail import Fact
from microintern.domain.webhooks import MOST_SECRETS, Endpoint, EndpointState, Secret
from microintern.ports.clock import Clock
from microintern.ports.conditions import StaleDocument
from microintern.ports.organisations import NotOwner, Organisations
from microintern.ports.webhooks import Deliveries, Endpoints, Sealer, TooManyEndpoints

SECRET_BYTES = 32
SECRET_PREFIX = "whsec_"
Bytes = Callable[[int], bytes]
"""Makes up bytes that nobody can guess."""


@dataclass(frozen=True)
class Switchboard:
    """What the commands on endpoints need."""

    endpoints: Endpoints
    deliveries: Deliveries
    organisations: Organisations
    sealer: Sealer
    clock: Clock
    policy: Policy
    random: Bytes
    loopback: bool = False
    """Whether this machine itself may be sent to, by plain HTTP: on a laptop only."""


def belonging(endpoint: Endpoint) -> dict[str, str]:
    """What an endpoint's secrets are sealed for."""
    return {"organisation_id": endpoint.organisation_id, "endpoint_id": endpoint.endpoint_id}


def create(
    by: Command, organisation_id: str, request: WebhookRequest, *, on: Switchboard
) -> tuple[Endpoint, str | None]:
    """Have events sent to an address, signed with a new secret. Repeated, the same endpoint and secret."""
    _require_member(by, organisation_id)
    target_of(request.url, loopback=on.loopback)
    now, endpoint_id = on.clock.now(), derived_id("webhook", organisation_id, by.key)
    secret = _new_secret(on)
    endpoint = Endpoint(
        organisation_id=organisation_id,
        endpoint_id=endpoint_id,
        secrets=[],
        issued_by=by.key,
        created_at=now,
        created_by=by.actor_id,
        body=by.body,
        event=by.did("webhook.created", now),
        **request.model_dump(),
    )
    sealed = Secret(sealed=on.sealer.seal(secret, belonging(endpoint)))
    endpoint = endpoint.model_copy(update={"secrets": [sealed]})
    try:
        there = on.endpoints.create(endpoint, on.policy.most_webhooks)
    except NotOwner as not_owner:
        raise _not_owner() from not_owner
    except TooManyEndpoints as full:
        detail = f"An organisation has at most {on.policy.most_webhooks} endpoints; delete one first."
        raise Conflict("too_many_webhooks", detail) from full
    if there is None:
        return endpoint, secret
    if there.body != by.body:
        raise key_reused()
    return there, _shown_again(there, by, on)


def rotate(by: Command, organisation_id: str, endpoint_id: str, *, on: Switchboard) -> tuple[Endpoint, str | None]:
    """Sign with a new secret from now on, and for a day with the former one as well. Repeated, the same secret."""
    before = _endpoint(by, organisation_id, endpoint_id, on)
    if repeated(before.done, by):
        return before, _shown_again(before, by, on)
    now, secret = on.clock.now(), _new_secret(on)
    until = now + timedelta(seconds=on.policy.webhook_overlap_s)
    former = [old if old.until else old.model_copy(update={"until": until}) for old in before.in_force(now)]
    newest = Secret(sealed=on.sealer.seal(secret, belonging(before)))
    secrets = [newest, *former][:MOST_SECRETS]
    after = _stepped(by, before, "webhook.rotated", now, secrets=secrets, issued_by=by.key)
    after = _saved(by, after, on)
    return after, secret if after.issued_by == by.key and after.secrets[0] == newest else _shown_again(after, by, on)


def change(
    by: Command, organisation_id: str, endpoint_id: str, request: WebhookChangeRequest, *, on: Switchboard
) -> Endpoint:
    """Say anew where events are sent and which; enabled again, an endpoint begins with a clean record."""
    before = _endpoint(by, organisation_id, endpoint_id, on)
    if repeated(before.done, by):
        return before
    target_of(request.url, loopback=on.loopback)
    wanted: dict[str, Any] = {"url": request.url, "event_types": request.event_types}
    wanted |= {"state": EndpointState(request.state), "reason": None, "failing_since": None}
    after = _stepped(by, before, "webhook.changed", on.clock.now(), **wanted)
    return _saved(by, after, on)


def remove(by: Command, organisation_id: str, endpoint_id: str, *, on: Switchboard) -> Endpoint:
    """Send nothing more; address and secrets are taken away."""
    _require_member(by, organisation_id)
    before = on.endpoints.read(organisation_id, endpoint_id)
    if before is not None and repeated(before.done, by):
        return before
    if before is None or before.state is EndpointState.DELETED:
        raise no_such("webhook")
    event = by.did("webhook.deleted", on.clock.now(), before.entry)
    return _saved(by, before.deleted(event, done=remember(before.done, by)), on)


def test(by: Command, organisation_id: str, endpoint_id: str, *, on: Switchboard) -> Endpoint:
    """Have an event sent that says nothing but that this was asked for."""
    before = _endpoint(by, organisation_id, endpoint_id, on)
    if repeated(before.done, by):
        return before
    return _asked(by, before, "webhook.test", {}, on)


def replay(by: Command, organisation_id: str, endpoint_id: str, request: ReplayRequest, *, on: Switchboard) -> Endpoint:
    """Have everything in the log sent again that happened since an instant, as far as one command goes."""
    before = _endpoint(by, organisation_id, endpoint_id, on)
    if repeated(before.done, by):
        return before
    now = on.clock.now()
    if not now - timedelta(seconds=on.policy.keep_deliveries_s) <= request.since < now:
        raise Invalid.field("since_out_of_range", "/since", "Name an instant within the last 30 days.")
    return _asked(by, before, "webhook.replay", {"since": iso(request.since)}, on)


def replay_one(by: Command, organisation_id: str, endpoint_id: str, delivery_id: str, *, on: Switchboard) -> Endpoint:
    """Have one delivery sent again."""
    before = _endpoint(by, organisation_id, endpoint_id, on)
    if repeated(before.done, by):
        return before
    if on.deliveries.read(endpoint_id, delivery_id) is None:
        raise no_such("delivery")
    return _asked(by, before, "webhook.replay", {"delivery_id": delivery_id}, on)


def all_of(by: Command, organisation_id: str, *, on: Switchboard) -> EndpointList:
    """An organisation's endpoints, for its owners."""
    _require_owner(by, organisation_id, on)
    return EndpointList(items=[EndpointView.of(endpoint) for endpoint in on.endpoints.of(organisation_id)])


def deliveries(
    by: Command, organisation_id: str, endpoint_id: str, limit: int, cursor: str | None, *, on: Switchboard
) -> DeliveryPage:
    """What was sent to an endpoint and what became of it, the newest first; for the organisation's owners."""
    _require_owner(by, organisation_id, on)
    _endpoint(by, organisation_id, endpoint_id, on)
    scope = ("deliveries", by.actor_id, endpoint_id)
    page = on.deliveries.newest(endpoint_id, limit, decode(cursor, *scope))
    return DeliveryPage(items=[DeliveryView.of(d) for d in page.items], next_cursor=encode(page.next, *scope))


def _asked(by: Command, before: Endpoint, what: str, facts: dict[str, Fact], on: Switchboard) -> Endpoint:
    """Only the wish is written; the table's stream publishes it, and it is done from there."""
    if not before.is_enabled:
        raise Conflict("webhook_disabled", "The endpoint is disabled; enable it first.")
    return _saved(by, _stepped(by, before, what, on.clock.now(), facts), on)


def _endpoint(by: Command, organisation_id: str, endpoint_id: str, on: Switchboard) -> Endpoint:
    _require_member(by, organisation_id)
    endpoint = on.endpoints.read(organisation_id, endpoint_id)
    if endpoint is None or endpoint.state is EndpointState.DELETED:
        raise no_such("webhook")
    return endpoint


def _stepped(
    by: Command, before: Endpoint, what: str, now: datetime, facts: dict[str, Fact] | None = None, **changes: Any
) -> Endpoint:
    event = by.did(what, now, before.entry, facts)
    return before.stepped(event, **changes, done=remember(before.done, by))


def _saved(by: Command, after: Endpoint, on: Switchboard) -> Endpoint:
    try:
        on.endpoints.save(after, by.actor_id)
    except NotOwner as not_owner:
        raise _not_owner() from not_owner
    except StaleDocument as stale:
        meanwhile = on.endpoints.read(after.organisation_id, after.endpoint_id)
        if meanwhile and repeated(meanwhile.done, by):
            return meanwhile
        raise changed() from stale
    return after


def _shown_again(endpoint: Endpoint, by: Command, on: Switchboard) -> str | None:
    """The newest secret, to whom it was made for under the same key: their answer may have been lost."""
    if endpoint.issued_by != by.key or not endpoint.secrets:
        return None
    return on.sealer.open(endpoint.secrets[0].sealed, belonging(endpoint))


def _new_secret(on: Switchboard) -> str:
    return SECRET_PREFIX + base64.b64encode(on.random(SECRET_BYTES)).decode()


def _require_member(by: Command, organisation_id: str) -> None:
    require_role(by, Role.EMPLOYER)
    if by.organisation_id != organisation_id:
        raise no_such("organisation")


def _require_owner(by: Command, organisation_id: str, on: Switchboard) -> None:
    _require_member(by, organisation_id)
    member = on.organisations.membership(organisation_id, by.actor_id)
    if member is None or not member.is_owner:
        raise _not_owner()


def _not_owner() -> Forbidden:
    return Forbidden("not_an_owner", "Only an owner of the organisation may do this.")

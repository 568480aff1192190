"""Webhooks from the event to the receiver: who gets what, once in the log, as often over the wire as it takes."""

import itertools
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microintern.adapters.standard_webhooks import headers, verified
from microintern.app import endpoints as app
from microintern.app import telling
from microintern.app.delivering import Courier, Dispatch, Outcome, deliver, dispatch, shut
from microintern.app.endpoints import Switchboard
from microintern.app.requests import ReplayRequest, WebhookChangeRequest, WebhookRequest
from microintern.domain.brief import Command
from microintern.domain.events import CloudEvent, EventType, of_application, of_brief
from microintern.domain.organisations import MemberRole, Membership
from microintern.domain.problems import Conflict, Forbidden, Invalid, NotFound, Problem
from microintern.domain.states import Role, State
from microintern.domain.trail import verify
from microintern.domain.webhooks import SUBSCRIBABLE, Attempt, Delivery, DeliveryState, Endpoint, Message, of_endpoint
from microintern.ports.conditions import StaleDocument
from tests.twins.webhooks import MemoryDeliveries, MemoryDeliveryQueue, MemoryReceivers, MemorySealer
from tests.unit.app.world import World, a_world_in
from tests.unit.builders import EMPLOYER, NOW, ORGANISATION, POLICY, command, employer, operator, student

COLLEAGUE = "colleague-00001"
URL = "https://hooks.example.com/in"


class Exchange:
    """One organisation with its briefs, its endpoints, and the receivers out there."""

    def __init__(self, *answers: int | str, world: World | None = None) -> None:
        self.world = world or World()
        self.clock, self.endpoints = self.world.clock, self.world.accounts.endpoints
        self.deliveries, self.queue = MemoryDeliveries(), MemoryDeliveryQueue()
        self.receivers, self.sealer = MemoryReceivers(*answers), MemorySealer()
        self.numbers = itertools.count()
        self.on = Switchboard(
            endpoints=self.endpoints,
            deliveries=self.deliveries,
            organisations=self.world.organisations,
            sealer=self.sealer,
            clock=self.clock,
            policy=POLICY,
            random=lambda count: next(self.numbers).to_bytes(count, "big"),
        )

    # what owners do

    def create(self, by: Command | None = None, **changes: Any) -> Endpoint:
        return self.issue(by, **changes)[0]

    def issue(self, by: Command | None = None, **changes: Any) -> tuple[Endpoint, str | None]:
        request = WebhookRequest.model_validate({"url": URL, "event_types": list(SUBSCRIBABLE), **changes})
        return app.create(by or employer(), ORGANISATION, request, on=self.on)

    def change(self, endpoint: Endpoint, by: Command | None = None, **changes: Any) -> Endpoint:
        said = {"url": URL, "event_types": list(SUBSCRIBABLE), "state": "enabled", **changes}
        request = WebhookChangeRequest.model_validate(said)
        return self.followed(app.change(by or employer(), ORGANISATION, endpoint.endpoint_id, request, on=self.on))

    def rotate(self, endpoint: Endpoint, by: Command | None = None) -> tuple[Endpoint, str | None]:
        return app.rotate(by or employer(), ORGANISATION, endpoint.endpoint_id, on=self.on)

    def remove(self, endpoint: Endpoint, by: Command | None = None) -> Endpoint:
        return app.remove(by or employer(), ORGANISATION, endpoint.endpoint_id, on=self.on)

    def test(self, endpoint: Endpoint, by: Command | None = None) -> Endpoint:
        return self.followed(app.test(by or employer(), ORGANISATION, endpoint.endpoint_id, on=self.on))

    def replay(self, endpoint: Endpoint, since: datetime, by: Command | None = None) -> Endpoint:
        request = ReplayRequest(since=since)
        return self.followed(app.replay(by or employer(), ORGANISATION, endpoint.endpoint_id, request, on=self.on))

    def replay_one(self, endpoint: Endpoint, delivery_id: str, by: Command | None = None) -> Endpoint:
        ids = (ORGANISATION, endpoint.endpoint_id, delivery_id)
        return self.followed(app.replay_one(by or employer(), *ids, on=self.on))

    def on_test(self, endpoint: Endpoint, by: Command) -> CloudEvent:
        """As `test`; what is published of it."""
        return self.published(app.test(by, ORGANISATION, endpoint.endpoint_id, on=self.on))

    def on_replay(self, endpoint: Endpoint, since: datetime, by: Command) -> CloudEvent:
        """As `replay`; what is published of it."""
        request = ReplayRequest(since=since)
        return self.published(app.replay(by, ORGANISATION, endpoint.endpoint_id, request, on=self.on))

    # what follows

    def published(self, endpoint: Endpoint) -> CloudEvent:
        assert endpoint.event
        event = of_endpoint(endpoint.organisation_id, endpoint.endpoint_id, endpoint.version, endpoint.event)
        assert event
        return event

    def followed(self, endpoint: Endpoint) -> Endpoint:
        """What the table's stream makes of the step."""
        assert endpoint.event
        event = of_endpoint(endpoint.organisation_id, endpoint.endpoint_id, endpoint.version, endpoint.event)
        if event is not None:
            self.hear(event)
        return endpoint

    def hear(self, event: CloudEvent) -> int:
        """As it comes from the bus."""
        sent = CloudEvent.model_validate_json(event.model_dump_json())
        if sent.type is EventType.WEBHOOK_DISABLED:
            return 0
        on = Dispatch(self.endpoints, self.deliveries, self.queue, self.world.briefs, self.clock, POLICY)
        return dispatch(sent, on=on)

    def happens(self) -> CloudEvent:
        """The employer posts a brief."""
        self.world.post()
        event = of_brief(self.world.brief)
        self.hear(event)
        return event

    @property
    def courier(self) -> Courier:
        out: dict[str, Any] = {"receivers": self.receivers, "sealer": self.sealer, "headers": headers}
        kept: dict[str, Any] = {"endpoints": self.endpoints, "deliveries": self.deliveries, "queue": self.queue}
        return Courier(**kept, **out, clock=self.clock, policy=POLICY, jitter=lambda: 1.0)

    def deliver(self) -> list[Outcome]:
        """Take what is in the queue, once."""
        return [deliver(message, by=self.courier) for message in self.queue.take()]

    def run(self, days: float = 2) -> list[Outcome]:
        """Let time pass until nothing is due within so many days."""
        until, outcomes = self.clock.now() + timedelta(days=days), []
        while self.queue.messages:
            due_at = min(Message.model_validate_json(text).due_at for text in self.queue.messages)
            if due_at > until:
                break
            self.clock.at = max(self.clock.at, due_at)
            outcomes += self.deliver()
        return outcomes

    def log(self, endpoint: Endpoint) -> list[Delivery]:
        return list(self.deliveries.newest(endpoint.endpoint_id, 100).items)

    def now(self, endpoint: Endpoint) -> Endpoint:
        found = self.endpoints.read(endpoint.organisation_id, endpoint.endpoint_id)
        assert found
        return found

    def join(self, role: MemberRole = MemberRole.MEMBER) -> Command:
        """Somebody else belongs to the organisation."""
        organisations = self.world.organisations
        member: Any = {"organisation_id": ORGANISATION, "account_id": COLLEAGUE, "role": role, "since": NOW}
        organisations._belongs_from_now_on(Membership.model_validate(member))
        organisations._count(ORGANISATION, members=1, owners=int(role is MemberRole.OWNER))
        return command(Role.EMPLOYER, COLLEAGUE).model_copy(update={"organisation_id": ORGANISATION})


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


def test_what_happens_to_a_brief_is_sent_signed_to_who_asked_for_it(exchange: Exchange) -> None:
    endpoint, secret = exchange.issue()
    assert secret
    event = exchange.happens()
    assert exchange.deliver() == [Outcome.DELIVERED]
    ((url, sent, body),) = exchange.receivers.heard
    assert url == URL
    assert json.loads(body) == {
        "type": "brief.posted",
        "timestamp": event.model_dump(mode="json")["time"],
        "data": event.model_dump(mode="json"),
    }
    (delivery,) = exchange.log(endpoint)
    assert sent["webhook-id"] == delivery.delivery_id
    assert verified([secret], sent, body, exchange.clock.now()) == delivery.delivery_id
    assert [attempt.status for attempt in delivery.attempts] == [204]


def test_only_who_asked_for_the_type_and_only_the_organisation_of_the_brief_is_told(exchange: Exchange) -> None:
    exchange.create(event_types=["brief.paid"])
    foreign = exchange.create().model_copy(update={"organisation_id": "another-00001"})
    exchange.endpoints._endpoints["another-00001", foreign.endpoint_id] = foreign
    wanted = exchange.create(event_types=["brief.posted"])
    exchange.happens()
    assert [len(exchange.log(wanted)), len(exchange.queue.messages)] == [1, 2], "and the one that wants everything"
    assert all(d.organisation_id == ORGANISATION for d in exchange.log(foreign))


@pytest.mark.parametrize("blind", [True, False])
def test_who_applied_to_a_blind_brief_is_not_told_and_of_others_is(blind: bool) -> None:
    exchange = Exchange(world=a_world_in(State.OPEN, blind=blind))
    endpoint = exchange.create(event_types=["application.received"])
    application = exchange.world.apply()
    exchange.hear(of_application(application))
    (delivery,) = exchange.log(endpoint)
    assert ("student_id" in delivery.event.data) is not blind
    assert delivery.event.data["application_id"] == application.application_id


def test_a_repeated_event_is_one_delivery_and_its_message_is_sent_until_it_was_tried(exchange: Exchange) -> None:
    endpoint = exchange.create()
    event = exchange.happens()
    exchange.queue.messages.clear()  # it got lost
    assert exchange.hear(event) == 1
    assert exchange.deliver() == [Outcome.DELIVERED]
    assert exchange.hear(event) == 1
    assert exchange.queue.messages == []
    assert len(exchange.log(endpoint)) == len(exchange.receivers.heard) == 1


def test_an_event_from_before_the_endpoint_or_from_long_ago_is_not_sent(exchange: Exchange) -> None:
    event = exchange.happens()
    exchange.clock.forward(minutes=1)
    endpoint = exchange.create()
    exchange.hear(event)
    assert exchange.log(endpoint) == []
    fresh = exchange.happens()
    exchange.deliver()
    exchange.deliveries.forget(endpoint.endpoint_id)  # its time had come
    exchange.clock.forward(days=31)
    assert exchange.hear(fresh) == 0
    assert exchange.log(endpoint) == []


def test_what_fails_is_tried_again_over_a_day_and_given_up_then() -> None:
    exchange = Exchange(500)
    endpoint = exchange.create()
    exchange.happens()
    outcomes = exchange.run()
    attempts = len(POLICY.webhook_pauses_s) + 1
    assert outcomes.count(Outcome.PENDING) == attempts - 1
    assert outcomes[-1] is Outcome.FAILED
    (delivery,) = exchange.log(endpoint)
    assert delivery.state is DeliveryState.FAILED
    assert len(exchange.receivers.heard) == len(delivery.attempts) == attempts
    assert len({sent["webhook-id"] for _, sent, _ in exchange.receivers.heard}) == 1
    assert len({sent["webhook-timestamp"] for _, sent, _ in exchange.receivers.heard}) == attempts, "signed anew"
    now = exchange.now(endpoint)
    assert (now.state, now.failing_since) == ("enabled", delivery.attempts[0].at), "a day is not yet several"


@pytest.mark.parametrize("failure", [301, 400, 401, 404, 429, 500, "timed_out", "address_refused"])
def test_whatever_is_no_success_is_tried_again_and_a_success_clears_the_record(failure: int | str) -> None:
    exchange = Exchange(failure, failure, 200)
    endpoint = exchange.create()
    exchange.happens()
    exchange.deliver()
    assert exchange.now(endpoint).failing_since is not None
    assert exchange.run()[-1] is Outcome.DELIVERED
    assert exchange.now(endpoint).failing_since is None
    assert exchange.now(endpoint).version == 1, "that is no step"


def test_who_is_gone_is_disabled_at_once_and_owners_are_told() -> None:
    exchange = Exchange(410)
    endpoint = exchange.create()
    exchange.join()
    exchange.happens()
    assert exchange.deliver() == [Outcome.FAILED]
    now = exchange.now(endpoint)
    assert (now.state, now.reason, now.version) == ("disabled", "gone", 2)
    assert now.event
    event = of_endpoint(ORGANISATION, now.endpoint_id, now.version, now.event)
    assert event
    ports: Any = {"accounts": exchange.world.accounts, "organisations": exchange.world.organisations}
    ports |= {"agenda": exchange.world.accounts.agenda}
    for _ in range(2):
        assert telling.tell(event, briefs=exchange.world.briefs, policy=POLICY, **ports) == 1
    (notice,) = exchange.world.accounts.notices(EMPLOYER, 9).items
    assert (notice.type, notice.brief_id) == ("webhook.disabled", None)
    assert exchange.world.accounts.notices(COLLEAGUE, 9).items == [], "who is no owner could do nothing about it"


def test_who_takes_nothing_for_days_is_disabled_when_one_more_is_given_up() -> None:
    exchange = Exchange(500)
    endpoint = exchange.create()
    for day in range(5):
        assert exchange.now(endpoint).is_enabled, day
        exchange.happens()
        exchange.run(days=0.99)
        exchange.clock.forward(hours=1)
    exchange.happens()
    exchange.run()
    now = exchange.now(endpoint)
    assert (now.state, now.reason) == ("disabled", "failing")
    assert now.failing_since
    assert now.event
    assert now.event.at - now.failing_since >= timedelta(days=5)


def test_to_a_disabled_endpoint_nothing_is_sent_and_what_happened_can_be_had_later() -> None:
    exchange = Exchange(500, 200)
    endpoint = exchange.create()
    exchange.happens()
    exchange.deliver()
    exchange.change(endpoint, state="disabled")
    exchange.happens()
    assert exchange.run() == [Outcome.HELD]
    assert [d.state for d in exchange.log(endpoint)] == ["held", "held"]
    assert len(exchange.receivers.heard) == 1
    with pytest.raises(Conflict) as refused:
        exchange.replay(endpoint, NOW - timedelta(seconds=1))
    assert refused.value.code == "webhook_disabled"
    exchange.clock.forward(minutes=1)
    exchange.change(endpoint)
    exchange.replay(endpoint, NOW - timedelta(seconds=1))
    assert exchange.run() == [Outcome.DELIVERED] * 2


def test_a_replay_sends_each_once_for_one_wish_whatever_is_repeated(exchange: Exchange) -> None:
    endpoint = exchange.create()
    exchange.happens()
    exchange.run()
    exchange.clock.forward(minutes=1)
    wish = exchange.replay(endpoint, NOW - timedelta(seconds=1), by=employer("replay-key"))
    assert exchange.replay(endpoint, NOW - timedelta(seconds=1), by=employer("replay-key")) == wish
    assert exchange.run() == [Outcome.DELIVERED, Outcome.SUPERSEDED], "the message came twice, the wish was one"
    exchange.followed(wish)
    assert exchange.run() == []
    assert len(exchange.receivers.heard) == 2
    (delivery,) = exchange.log(endpoint)
    exchange.replay_one(endpoint, delivery.delivery_id)
    assert exchange.run() == [Outcome.DELIVERED]
    assert {sent["webhook-id"] for _, sent, _ in exchange.receivers.heard} == {delivery.delivery_id}


def test_a_replay_is_bounded_and_begins_with_the_oldest() -> None:
    exchange = Exchange()
    endpoint = exchange.create()
    for _ in range(4):
        exchange.happens()
        exchange.clock.forward(seconds=1)
    exchange.run()
    small = POLICY.model_copy(update={"most_replayed": 3})
    wish = app.replay(employer(), ORGANISATION, endpoint.endpoint_id, ReplayRequest(since=NOW), on=exchange.on)
    assert wish.event
    event = of_endpoint(ORGANISATION, endpoint.endpoint_id, wish.version, wish.event)
    assert event
    on = Dispatch(exchange.endpoints, exchange.deliveries, exchange.queue, exchange.world.briefs, exchange.clock, small)
    assert dispatch(event, on=on) == 3
    assert [d.version for d in reversed(exchange.log(endpoint))] == [3, 3, 3, 2]


@pytest.mark.parametrize("since", [NOW - timedelta(days=31), NOW, NOW + timedelta(seconds=1)])
def test_a_replay_is_of_the_last_thirty_days(exchange: Exchange, since: datetime) -> None:
    with pytest.raises(Invalid) as refused:
        exchange.replay(exchange.create(), since)
    assert refused.value.code == "since_out_of_range"


def test_a_test_event_comes_whatever_was_asked_for(exchange: Exchange) -> None:
    endpoint = exchange.create(event_types=["brief.paid"])
    exchange.test(endpoint)
    assert exchange.run() == [Outcome.DELIVERED]
    content = json.loads(exchange.receivers.heard[0][2])
    assert content["type"] == "webhook.test"
    assert content["data"]["data"] == {
        "organisation_id": ORGANISATION,
        "endpoint_id": endpoint.endpoint_id,
        "version": 2,
    }


def test_both_secrets_sign_for_a_day(exchange: Exchange) -> None:
    endpoint, first = exchange.issue()
    _, second = exchange.rotate(endpoint)
    assert first
    assert second
    exchange.test(endpoint)
    exchange.run()
    exchange.clock.forward(days=1)
    exchange.test(endpoint)
    exchange.run()
    (_, early, early_body), (_, late, late_body) = exchange.receivers.heard
    for secret in (first, second):
        assert verified([secret], early, early_body, NOW)
    assert verified([second], late, late_body, exchange.clock.now())
    assert late["webhook-signature"].count("v1,") == 1


def test_secrets_that_are_replaced_often_are_bounded(exchange: Exchange) -> None:
    endpoint, _ = exchange.issue()
    for _ in range(9):
        exchange.rotate(endpoint)
    assert len(exchange.now(endpoint).secrets) == 4


def test_a_secret_is_shown_to_its_own_command_only_and_kept_encrypted(exchange: Exchange) -> None:
    by = employer("create-key")
    endpoint, secret = exchange.issue(by)
    assert exchange.issue(by) == (endpoint, secret)
    assert secret
    assert secret not in repr(exchange.endpoints._endpoints)
    again = employer("rotate-key")
    rotated, second = exchange.rotate(endpoint, again)
    assert exchange.rotate(endpoint, again) == (rotated, second)
    assert exchange.issue(by) == (rotated, None), "it signs for a day only, and is not shown any more"
    exchange.rotate(endpoint)
    assert exchange.rotate(endpoint, again)[1] is None
    exchange.remove(endpoint)
    assert exchange.issue(by)[1] is None
    moved = rotated.secrets[0].sealed
    with pytest.raises(ValueError, match="something else"):
        exchange.sealer.open(moved, {"organisation_id": ORGANISATION, "endpoint_id": "another-0001"})


def test_a_key_that_comes_with_another_body_is_refused(exchange: Exchange) -> None:
    by = employer("some-key")
    exchange.issue(by)
    with pytest.raises(Invalid) as refused:
        exchange.issue(by.model_copy(update={"body": "another"}))
    assert refused.value.code == "idempotency_key_reused"


COMMANDS: dict[str, Callable[[Exchange, Endpoint, Command], object]] = {
    "create": lambda exchange, endpoint, by: exchange.create(by),
    "change": lambda exchange, endpoint, by: exchange.change(endpoint, by),
    "rotate": lambda exchange, endpoint, by: exchange.rotate(endpoint, by),
    "remove": lambda exchange, endpoint, by: exchange.remove(endpoint, by),
    "test": lambda exchange, endpoint, by: exchange.test(endpoint, by),
    "replay": lambda exchange, endpoint, by: exchange.replay(endpoint, NOW - timedelta(days=1), by),
    "replay one": lambda exchange, endpoint, by: exchange.replay_one(
        endpoint, exchange.log(endpoint)[0].delivery_id, by
    ),
}
READS: dict[str, Callable[[Exchange, Endpoint, Command], object]] = {
    "list": lambda exchange, endpoint, by: app.all_of(by, ORGANISATION, on=exchange.on),
    "log": lambda exchange, endpoint, by: app.deliveries(
        by, ORGANISATION, endpoint.endpoint_id, 9, None, on=exchange.on
    ),
}


@pytest.mark.parametrize("what", [*COMMANDS, *READS])
def test_only_owners_of_the_organisation_may(what: str) -> None:
    exchange = Exchange()
    endpoint = exchange.create()
    exchange.happens()
    do = (COMMANDS | READS)[what]
    member = exchange.join()
    outsider = command(Role.EMPLOYER, "stranger-00001").model_copy(update={"organisation_id": "another-00001"})
    before = repr((exchange.endpoints._endpoints, exchange.deliveries._deliveries))
    for by, refusal in ((member, Forbidden), (outsider, NotFound), (student(), Forbidden), (operator(), Forbidden)):
        with pytest.raises(Problem) as refused:
            do(exchange, endpoint, by)
        assert isinstance(refused.value, refusal)
        assert refused.value.code == ("not_an_owner" if by is member else refused.value.code)
    assert repr((exchange.endpoints._endpoints, exchange.deliveries._deliveries)) == before
    do(exchange, endpoint, employer())


@pytest.mark.parametrize("what", [name for name in COMMANDS if name not in ("create",)])
def test_a_command_is_carried_out_once_and_a_deleted_endpoint_takes_none(what: str) -> None:
    exchange = Exchange()
    endpoint, by = exchange.create(), employer("a-key-of-mine")
    exchange.happens()
    first = COMMANDS[what](exchange, endpoint, by)
    assert COMMANDS[what](exchange, endpoint, by) == first
    assert exchange.now(endpoint).version == 2
    with pytest.raises(Invalid):
        COMMANDS[what](exchange, endpoint, by.model_copy(update={"body": "another"}))
    if what != "remove":
        exchange.remove(endpoint)
    with pytest.raises(NotFound):
        COMMANDS[what](exchange, endpoint, employer())


def test_who_was_overtaken_is_told_so_and_the_same_command_elsewhere_is_not(exchange: Exchange) -> None:
    endpoint, by = exchange.create(), employer("same-key")
    save = exchange.endpoints.save

    def overtaken(by_whom: Command) -> None:
        def first(after: Endpoint, by: str | None) -> None:
            exchange.endpoints.save = save  # type: ignore[method-assign]
            exchange.rotate(endpoint, by_whom)
            save(after, by)

        exchange.endpoints.save = first  # type: ignore[method-assign, assignment]

    overtaken(by)
    _, secret = exchange.rotate(endpoint, by)
    assert exchange.rotate(endpoint, by)[1] == secret, "both copies of the command say the same secret"
    overtaken(employer("another-key"))
    with pytest.raises(Conflict) as refused:
        exchange.rotate(endpoint, employer("third-key"))
    assert refused.value.code == "changed_meanwhile"


def test_an_organisation_has_at_most_a_handful(exchange: Exchange) -> None:
    for _ in range(POLICY.most_webhooks):
        endpoint = exchange.create()
    with pytest.raises(Conflict) as refused:
        exchange.create()
    assert refused.value.code == "too_many_webhooks"
    exchange.remove(endpoint)
    exchange.create()


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "https://10.0.0.1/", "https://localhost/"])
def test_an_inner_address_cannot_be_named(exchange: Exchange, url: str) -> None:
    endpoint = exchange.create()
    for attempt in (exchange.create, partial(exchange.change, endpoint)):
        with pytest.raises(Invalid) as refused:
            attempt(url=url)
        assert refused.value.code == "webhook_url"


def test_the_log_pages_for_its_caller_only(exchange: Exchange) -> None:
    endpoint = exchange.create()
    for _ in range(3):
        exchange.happens()
        exchange.clock.forward(seconds=1)
    at = (ORGANISATION, endpoint.endpoint_id)
    first = app.deliveries(employer(), *at, 2, None, on=exchange.on)
    last = app.deliveries(employer(), *at, 2, first.next_cursor, on=exchange.on)
    assert [len(first.items), len(last.items), last.next_cursor] == [2, 1, None]
    other = exchange.create()
    with pytest.raises(Problem, match="another list"):
        app.deliveries(employer(), ORGANISATION, other.endpoint_id, 2, first.next_cursor, on=exchange.on)


def test_every_step_is_in_a_chain_that_holds(exchange: Exchange) -> None:
    endpoint = exchange.create()
    steps = [endpoint, exchange.rotate(endpoint)[0], exchange.test(endpoint), exchange.change(endpoint)]
    exchange.endpoints.disable(exchange.now(endpoint).disabled("gone", NOW))
    steps += [exchange.now(endpoint), exchange.remove(endpoint)]
    entries = [step.entry for step in steps if step.entry]
    assert len(entries) == 6
    assert verify(ORGANISATION, entries, entries[-1:], NOW).broken is None


def test_of_an_organisation_that_nobody_is_left_of_nothing_stays(exchange: Exchange) -> None:
    endpoint = exchange.create()
    exchange.happens()
    for _ in range(2):
        shut(ORGANISATION, endpoints=exchange.endpoints, deliveries=exchange.deliveries, at=NOW)
    now = exchange.now(endpoint)
    assert (now.state, now.url, now.secrets) == ("deleted", "", [])
    assert exchange.log(endpoint) == []
    assert exchange.run() == [Outcome.SUPERSEDED]
    assert exchange.receivers.heard == []


def test_what_broke_off_after_an_attempt_was_written_down_is_taken_up_again() -> None:
    exchange = Exchange(500, 200)
    exchange.create()
    exchange.happens()
    (message,) = exchange.queue.take()
    assert deliver(message, by=exchange.courier) is Outcome.PENDING
    exchange.queue.messages.clear()  # the process went away before it had asked for the next attempt
    assert deliver(message, by=exchange.courier) is Outcome.SUPERSEDED
    assert exchange.run()[-1] is Outcome.DELIVERED


def test_of_two_copies_of_a_message_one_writes_the_attempt_down() -> None:
    exchange = Exchange(500)
    endpoint = exchange.create()
    exchange.happens()
    (message,) = exchange.queue.take()
    post, courier = exchange.receivers.hand_over, exchange.courier

    def meanwhile(*args: Any) -> Attempt:
        exchange.receivers.hand_over = post  # type: ignore[method-assign]
        assert deliver(message, by=courier) is Outcome.PENDING
        return post(*args)

    exchange.receivers.hand_over = meanwhile  # type: ignore[method-assign, assignment]
    assert deliver(message, by=courier) is Outcome.SUPERSEDED
    (delivery,) = exchange.log(endpoint)
    assert len(delivery.attempts) == 1


def test_a_message_that_shows_up_early_is_put_back(exchange: Exchange) -> None:
    exchange.create()
    exchange.happens()
    (message,) = exchange.queue.take()
    exchange.clock.at = message.due_at - timedelta(seconds=1)
    assert deliver(message, by=exchange.courier) is Outcome.WAITS
    assert exchange.queue.take() == [message]
    assert exchange.receivers.heard == []


def test_a_replay_that_always_meets_somebody_gives_up_and_is_tried_again(exchange: Exchange) -> None:
    endpoint = exchange.create()
    exchange.happens()
    exchange.run()

    def stale(delivery: Delivery) -> None:
        raise StaleDocument

    exchange.deliveries.save = stale  # type: ignore[method-assign]
    exchange.clock.forward(minutes=1)
    with pytest.raises(StaleDocument):
        exchange.replay_one(endpoint, exchange.log(endpoint)[0].delivery_id)


STEPS: dict[str, Callable[[Exchange, Endpoint], object]] = {
    "happens": lambda exchange, endpoint: exchange.happens(),
    "lost": lambda exchange, endpoint: exchange.queue.messages.clear(),
    "twice": lambda exchange, endpoint: exchange.queue.messages.extend(exchange.queue.messages),
    "replayed": lambda exchange, endpoint: exchange.replay(endpoint, NOW - timedelta(seconds=1)),
    "rotated": lambda exchange, endpoint: exchange.rotate(endpoint),
    "delivered": lambda exchange, endpoint: exchange.run(),
}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(list(STEPS)), max_size=14))
def test_whatever_comes_in_whatever_order_each_event_is_heard_and_its_log_agrees(steps: list[str]) -> None:
    exchange, events = Exchange(204), list[CloudEvent]()
    endpoint = exchange.create()
    for step in steps:
        exchange.clock.forward(seconds=1)
        made = STEPS[step](exchange, endpoint)
        events += [made] if isinstance(made, CloudEvent) else []
    exchange.clock.forward(seconds=1)
    exchange.replay(endpoint, NOW - timedelta(seconds=1))
    exchange.run()
    heard = {json.loads(body)["data"]["id"] for _, _, body in exchange.receivers.heard}
    assert heard == {event.id for event in events}
    assert {delivery.state for delivery in exchange.log(endpoint)} <= {DeliveryState.DELIVERED}

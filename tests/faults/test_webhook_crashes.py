"""Webhooks survive a crash at each of their calls: what is heard in the end is what would have been heard without.

A brief's journey does not come by here, so this has a sweep of its own: the same story, broken off once at every call
of a port, before or after it was made, with whatever triggered it coming again as it does on AWS.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from microintern.app.delivering import Courier, Dispatch, deliver, dispatch
from microintern.domain.brief import Command
from microintern.domain.events import CloudEvent, of_brief
from microintern.domain.webhooks import DeliveryState, Message
from microintern.ports.conditions import StaleDocument
from tests.faults.calls import Faults, Faulty, Lost, Moment
from tests.unit.app.test_delivering import Exchange
from tests.unit.builders import NOW, POLICY, employer

PORTS = ("endpoints", "deliveries", "queue", "receivers", "sealer", "organisations", "briefs")


class Story:
    """An event that a receiver takes the second time, a test, a rotation, a replay, and an end by 410."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.exchange = Exchange(500, 204)
        world = self.exchange.world
        plain: dict[str, Any] = {"organisations": world.organisations, "briefs": world.briefs}
        plain |= {name: getattr(self.exchange, name) for name in PORTS if name not in plain}
        self.ports: Any = {name: Faulty(name, port, self.faults) for name, port in plain.items()}
        given = {name: self.ports[name] for name in ("endpoints", "deliveries", "organisations", "sealer")}
        self.exchange.on = type(self.exchange.on)(**{**vars(self.exchange.on), **given})
        self.heard: list[CloudEvent] = []

    def tell(self) -> list[Any]:
        """The whole of it; what can be compared at its end."""
        exchange = self.exchange
        endpoint = self.again(lambda by: exchange.issue(by)[0], "create")
        exchange.world.post(employer("post"))
        self.hear(of_brief(exchange.world.brief))
        self.run()
        exchange.clock.at = NOW + timedelta(minutes=30)
        self.wish("test", lambda by: exchange.on_test(endpoint, by))
        self.again(lambda by: exchange.rotate(endpoint, by), "rotate")
        exchange.clock.at = NOW + timedelta(hours=1)
        self.wish("replay", lambda by: exchange.on_replay(endpoint, NOW - timedelta(seconds=1), by))
        exchange.receivers.answers = [410]
        self.wish("last-test", lambda by: exchange.on_test(endpoint, by))
        now = exchange.now(endpoint)
        signed = sorted({(json.loads(body)["type"], sent["webhook-id"]) for _, sent, body in exchange.receivers.heard})
        # An answer that was lost is asked for again: how often that was, and whether the last message was still sent
        # when the endpoint was disabled already, may differ.
        log = [(d.delivery_id, d.state is DeliveryState.DELIVERED, d.due_at) for d in exchange.log(endpoint)]
        return [now.state, now.reason, now.version, len(now.secrets), signed, log]

    def again(self, command: Callable[[Command], Any], key: str) -> Any:
        """A client sends the same under the same key until it has an answer."""
        for _ in range(3):
            try:
                return command(employer(key))
            except Lost:
                continue
        raise AssertionError("one failure, and no answer")

    def wish(self, key: str, command: Callable[[Command], CloudEvent]) -> None:
        """What is written is published by the stream, however the client fared."""
        self.hear(self.again(command, key))
        self.run()

    def hear(self, event: CloudEvent) -> None:
        """Lambda calls the function again when it has failed."""
        named = ("endpoints", "deliveries", "queue", "briefs")
        on = Dispatch(**{name: self.ports[name] for name in named}, clock=self.exchange.clock, policy=POLICY)
        for _ in range(3):
            try:
                dispatch(event, on=on)
            except Lost:
                continue
            return
        raise AssertionError("one failure, and it failed three times")

    def run(self) -> None:
        """SQS hands a message out again when the function has failed; until nothing is left."""
        while self.exchange.queue.messages:
            for message in self.exchange.queue.take():
                self.exchange.clock.at = max(self.exchange.clock.at, message.due_at)
                self.deliver(message)

    def deliver(self, message: Message) -> None:
        kept = ("endpoints", "deliveries", "queue", "receivers", "sealer")
        courier = self.exchange.courier
        faulty = Courier(**{**vars(courier), **{name: self.ports[name] for name in kept}})
        for _ in range(4):
            try:
                deliver(message, by=faulty)
            except (Lost, StaleDocument):
                continue
            return
        raise AssertionError("one failure, and it failed four times")


def calls_of_story() -> list[str]:
    story = Story()
    story.tell()
    return [name for name, _ in story.faults.log]


CALLS = calls_of_story()


def test_the_story_comes_by_every_call_that_writes_or_goes_out() -> None:
    assert {
        *("endpoints.create", "endpoints.save", "endpoints.failing", "endpoints.disable", "endpoints.of"),
        *("deliveries.add", "deliveries.save", "deliveries.between", "queue.send", "receivers.hand_over"),
        *("sealer.seal", "sealer.open"),
    } <= set(CALLS)


@pytest.mark.parametrize("moment", Moment)
@pytest.mark.parametrize("at", range(len(CALLS)), ids=[f"{n}-{name}" for n, name in enumerate(CALLS)])
def test_broken_off_once_it_ends_as_if_nothing_had_happened(at: int, moment: Moment) -> None:
    undisturbed, story = Story().tell(), Story()
    story.faults.arm(at, moment)
    told = story.tell()
    assert story.faults.struck
    assert told == undisturbed

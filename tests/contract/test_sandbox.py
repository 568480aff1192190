"""The sandbox provider on both of its memories: each way that money can go, and each operation once."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from microintern.adapters.payments.sandbox import (
    BY_AMOUNT,
    Asked,
    Behaviour,
    Message,
    QueueOutbox,
    SandboxProvider,
    SandboxStore,
)
from microintern.domain.payments import Operation, OperationKind, OperationStatus, PayoutStatus
from microintern.ports.payments import KeyReused, PaymentProvider
from tests.contract.conftest import service
from tests.contract.examples import NOW
from tests.twins.clock import MemoryClock
from tests.twins.money import MemoryOutbox

LATE_S = 60
KEY = "brief-000001#fund"


class Sandbox:
    """The provider with a clock that can be moved and an outbox that can be looked into."""

    def __init__(self, store: SandboxStore) -> None:
        self.clock, self.outbox = MemoryClock(NOW), MemoryOutbox()
        self.provider: PaymentProvider = SandboxProvider(store, self.outbox, self.clock, LATE_S)

    def collect(self, method: str = "sandbox-card", minor: int = 45_375, key: str = KEY) -> Operation:
        return self.provider.collect(key, minor, "USD", method)

    def found(self, key: str = KEY, kind: OperationKind = OperationKind.COLLECT) -> Operation:
        operation = self.provider.find(kind, key)
        assert operation is not None
        return operation

    @property
    def told(self) -> list[tuple[str | None, int]]:
        return [(message.key or message.destination, delay_s) for message, delay_s in self.outbox.messages]


@pytest.fixture
def box(sandbox: SandboxStore) -> Sandbox:
    return Sandbox(sandbox)


def test_what_is_asked_for_is_accepted_at_first_and_settled_when_asked_about(box: Sandbox) -> None:
    assert box.provider.find(OperationKind.COLLECT, KEY) is None
    accepted = box.collect()
    assert (accepted.status, accepted.key, accepted.kind) == (OperationStatus.ACCEPTED, KEY, OperationKind.COLLECT)
    assert (accepted.amount_minor, accepted.currency) == (45_375, "USD")
    settled = box.found()
    assert settled == accepted.model_copy(update={"status": OperationStatus.SETTLED})
    assert box.told == [(KEY, 0)]


@pytest.mark.parametrize("method", ["sandbox-card", "sandbox-declined", "sandbox-late", "sandbox-twice"])
def test_the_same_key_asks_for_the_same_once(box: Sandbox, method: str) -> None:
    first = box.collect(method)
    told = box.told
    box.clock.forward(seconds=LATE_S)
    again = [box.collect(method), box.collect(method), box.found()]
    assert {operation.reference for operation in [first, *again]} == {first.reference}
    assert {operation.status for operation in again} <= {OperationStatus.SETTLED, OperationStatus.FAILED}
    assert len({operation.status for operation in again}) == 1
    assert box.told == told


def test_each_key_is_an_operation_of_its_own(box: Sandbox) -> None:
    operations = [
        box.collect(),
        box.provider.pay_out("brief-000001#payout", 5, "USD", "sandbox-account", "ref"),
        box.provider.refund("brief-000001#refund", 5, "USD", "ref"),
    ]
    assert len({operation.reference for operation in operations}) == 3
    assert [operation.kind for operation in operations] == list(OperationKind)
    assert box.found("brief-000001#refund", OperationKind.REFUND).status is OperationStatus.SETTLED


def test_a_key_stands_for_one_kind_amount_and_currency(box: Sandbox) -> None:
    box.collect()
    with pytest.raises(KeyReused):
        box.collect(minor=45_376)
    with pytest.raises(KeyReused):
        box.provider.collect(KEY, 45_375, "EUR", "sandbox-card")
    with pytest.raises(KeyReused):
        box.provider.pay_out(KEY, 45_375, "USD", "sandbox-card", "ref")
    assert len(box.told) == 1
    assert box.found().amount_minor == 45_375


def test_an_operation_is_found_by_its_kind_only(box: Sandbox) -> None:
    box.collect()
    assert box.provider.find(OperationKind.PAY_OUT, KEY) is None
    assert box.provider.find(OperationKind.REFUND, KEY) is None


def test_what_was_done_stays_done_whatever_card_comes_later(box: Sandbox) -> None:
    box.collect()
    assert box.collect("sandbox-declined").status is OperationStatus.SETTLED
    box.collect("sandbox-declined", key="other")
    assert box.collect("sandbox-card", key="other").status is OperationStatus.FAILED


class TestBehaviours:
    """The same by the name of the card and by the amount."""

    WAYS = [(way.value, 45_375) for way in Behaviour] + [("sandbox-card", 45_000 + ending) for ending in BY_AMOUNT]

    def started(self, box: Sandbox, way: Behaviour, by_amount: bool) -> None:
        ending = next(number for number, named in BY_AMOUNT.items() if named is way)
        first = box.collect(*(("sandbox-card", 45_000 + ending) if by_amount else (f"{way}-and-more", 45_375)))
        assert first.status is OperationStatus.ACCEPTED
        assert first.reason is None

    @pytest.mark.parametrize("by_amount", [False, True])
    def test_declined(self, box: Sandbox, by_amount: bool) -> None:
        self.started(box, Behaviour.DECLINED, by_amount)
        failed = box.found()
        assert (failed.status, failed.reason) == (OperationStatus.FAILED, "The payment method was declined.")
        assert box.told == [(KEY, 0)]

    @pytest.mark.parametrize("by_amount", [False, True])
    def test_late(self, box: Sandbox, by_amount: bool) -> None:
        self.started(box, Behaviour.LATE, by_amount)
        assert box.told == [(KEY, LATE_S)]
        box.clock.forward(seconds=LATE_S - 0.001)
        assert box.found().status is OperationStatus.ACCEPTED
        box.clock.forward(seconds=0.001)
        assert box.found().status is OperationStatus.SETTLED

    @pytest.mark.parametrize("by_amount", [False, True])
    def test_twice_with_the_same_id(self, box: Sandbox, by_amount: bool) -> None:
        self.started(box, Behaviour.TWICE, by_amount)
        assert box.told == [(KEY, 0), (KEY, 0)]
        assert len({message.message_id for message, _ in box.outbox.messages}) == 1

    @pytest.mark.parametrize("by_amount", [False, True])
    def test_silent(self, box: Sandbox, by_amount: bool) -> None:
        self.started(box, Behaviour.SILENT, by_amount)
        assert box.told == []
        assert box.found().status is OperationStatus.SETTLED

    @pytest.mark.parametrize("by_amount", [False, True])
    def test_another_amount(self, box: Sandbox, by_amount: bool) -> None:
        self.started(box, Behaviour.OTHER_AMOUNT, by_amount)
        assert box.found().amount_minor % 1_000 == (906 if by_amount else 376)

    @pytest.mark.parametrize("by_amount", [False, True])
    def test_another_currency(self, box: Sandbox, by_amount: bool) -> None:
        self.started(box, Behaviour.OTHER_CURRENCY, by_amount)
        assert box.found().currency == "EUR"

    def test_the_name_goes_before_the_amount(self, box: Sandbox) -> None:
        box.collect("sandbox-silent", 45_901)
        assert box.found().status is OperationStatus.SETTLED

    @pytest.mark.parametrize(("minor", "status"), [(901, OperationStatus.FAILED), (900, OperationStatus.SETTLED)])
    def test_a_refund_can_be_made_to_fail_by_its_amount(
        self, box: Sandbox, minor: int, status: OperationStatus
    ) -> None:
        box.provider.refund("brief-000001#refund", minor, "USD", "ref")
        assert box.found("brief-000001#refund", OperationKind.REFUND).status is status


class TestPayees:
    def test_most_destinations_are_ready_and_some_are_blocked(self, box: Sandbox) -> None:
        assert box.provider.payee("sandbox-account").status is PayoutStatus.READY
        blocked = box.provider.payee("sandbox-blocked-for-good")
        assert (blocked.status, bool(blocked.reason)) == (PayoutStatus.BLOCKED, True)
        assert box.told == []

    def test_one_that_is_checked_is_ready_after_a_while_and_told_of_once(self, box: Sandbox) -> None:
        destination = "sandbox-pending-1"
        assert box.provider.payee(destination).status is PayoutStatus.PENDING
        box.clock.forward(seconds=LATE_S - 1)
        assert box.provider.payee(destination).status is PayoutStatus.PENDING
        box.clock.forward(seconds=1)
        assert box.provider.payee(destination).status is PayoutStatus.READY
        assert box.told == [(destination, LATE_S)]


class TestOperations:
    def test_everything_asked_for_since_then_is_listed_with_how_it_stands(self, box: Sandbox) -> None:
        starts = datetime(2026, 11, 28, 23, 59, 59, 999_000, tzinfo=UTC)
        for number in range(5):
            box.clock.at = starts + timedelta(days=number)
            box.collect(key=f"brief-{number:06d}#fund")
        box.clock.forward(hours=1)
        for since in range(6):
            found = list(box.provider.operations(starts + timedelta(days=since)))
            assert sorted(o.key for o in found) == [f"brief-{number:06d}#fund" for number in range(since, 5)]
            assert {o.status for o in found} <= {OperationStatus.SETTLED}

    def test_of_one_day_there_can_be_more_than_a_page_holds(self, sandbox: SandboxStore) -> None:
        asked = TestStore.ASKED.model_copy(update={"party": "c" * 300_000})
        keys = {f"brief-{number:06d}#fund" for number in range(5)}
        for key in keys:
            sandbox.remember(asked.model_copy(update={"key": key}))
        assert {found.key for found in sandbox.since(NOW, NOW)} == keys


class TestStore:
    ASKED = Asked(
        key=KEY, kind=OperationKind.COLLECT, amount_minor=5, currency="USD", party="card", asked_at=NOW, due_at=NOW
    )

    def test_what_was_remembered_first_stays(self, sandbox: SandboxStore) -> None:
        assert sandbox.recall(KEY) is None
        assert sandbox.remember(self.ASKED) is self.ASKED
        other = self.ASKED.model_copy(update={"amount_minor": 6})
        assert sandbox.remember(other) == self.ASKED
        assert sandbox.recall(KEY) == self.ASKED

    def test_a_destination_was_first_seen_once(self, sandbox: SandboxStore) -> None:
        assert sandbox.first_seen("sandbox-pending", NOW) == NOW
        assert sandbox.first_seen("sandbox-pending", NOW + timedelta(days=1)) == NOW
        assert sandbox.first_seen("sandbox-other", NOW + timedelta(days=1)) == NOW + timedelta(days=1)


def test_messages_go_by_a_queue_when_they_are_due(aws: None) -> None:
    client = service("sqs")
    url = client.create_queue(QueueName="sandbox")["QueueUrl"]
    sent = {}

    def note(params: dict[str, object], **_: object) -> None:
        sent.update(params)

    client.meta.events.register("provide-client-params.sqs.SendMessage", note)
    QueueOutbox(client, url).send(Message(message_id="m-1", key=KEY), LATE_S)
    client.meta.events.unregister("provide-client-params.sqs.SendMessage", note)
    assert (sent["QueueUrl"], sent["DelaySeconds"]) == (url, LATE_S)
    assert json.loads(str(sent["MessageBody"])) == {"message_id": "m-1", "key": KEY}

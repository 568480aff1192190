"""The payment provider that comes with the platform: it moves no money, and behaves as a real one does.

What it is asked for is accepted first, settled or failed a moment later, and told of by signed webhooks. Every way
that this can go can be tried, by the name of the card or account or by the amount:

| card or account begins with | amount ends in | what happens |
| --- | --- | --- |
| anything else | anything else | settled at once, told of once |
| `sandbox-declined` | 901 | fails |
| `sandbox-late` | 902 | settles only after a while |
| `sandbox-twice` | 903 | settles, and is told of twice |
| `sandbox-silent` | 904 | settles, and is never told of |
| `sandbox-other-amount` | 905 | reports one minor unit more than it was asked for |
| `sandbox-other-currency` | 906 | reports another currency |
| `sandbox-pending` | | the account is checked for a while, then ready |
| `sandbox-blocked` | | the account cannot be paid |
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal, Protocol

from microintern.adapters import dynamo
from microintern.adapters.dynamo import Refused
from microintern.domain.base import Frozen, Instant, derived_id, iso
from microintern.domain.ledger import brief_of_transfer
from microintern.domain.payments import Operation, OperationKind, OperationStatus, Payee, PayoutStatus
from microintern.ports.clock import Clock
from microintern.ports.payments import KeyReused

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PENDING_DESTINATION = "sandbox-pending"
BLOCKED_DESTINATION = "sandbox-blocked"
_ENDING = 1_000
_MOST_PER_BRIEF = 1_000


class Behaviour(StrEnum):
    """What an operation does that names it, or whose amount ends in its number."""

    DECLINED = "sandbox-declined"
    LATE = "sandbox-late"
    TWICE = "sandbox-twice"
    SILENT = "sandbox-silent"
    OTHER_AMOUNT = "sandbox-other-amount"
    OTHER_CURRENCY = "sandbox-other-currency"


BY_AMOUNT = {
    901: Behaviour.DECLINED,
    902: Behaviour.LATE,
    903: Behaviour.TWICE,
    904: Behaviour.SILENT,
    905: Behaviour.OTHER_AMOUNT,
    906: Behaviour.OTHER_CURRENCY,
}

_REASONS = {
    OperationKind.COLLECT: "The payment method was declined.",
    OperationKind.PAY_OUT: "The payout account could not receive the money.",
    OperationKind.REFUND: "The refund was returned by the bank.",
}


class Asked(Frozen):
    """What the sandbox was asked for; how far it has come follows from the time. `party` is a card or an account."""

    key: str
    kind: OperationKind
    amount_minor: int
    currency: str
    party: str
    asked_at: Instant
    due_at: Instant

    @property
    def behaviour(self) -> Behaviour | None:
        """How it goes, when it does not go as usual."""
        named = next((behaviour for behaviour in Behaviour if self.party.startswith(behaviour)), None)
        return named or BY_AMOUNT.get(self.amount_minor % _ENDING)

    @property
    def same(self) -> tuple[str, int, str]:
        """What a key stands for; the party may differ, the money may not."""
        return self.kind, self.amount_minor, self.currency

    def at(self, now: datetime, *, fresh: bool = False) -> Operation:
        """What the sandbox says of it; the first answer is that it was accepted."""
        status = OperationStatus.FAILED if self.behaviour is Behaviour.DECLINED else OperationStatus.SETTLED
        if fresh or now < self.due_at:
            status = OperationStatus.ACCEPTED
        other = "EUR" if self.currency != "EUR" else "USD"
        return Operation(
            key=self.key,
            kind=self.kind,
            status=status,
            amount_minor=self.amount_minor + (self.behaviour is Behaviour.OTHER_AMOUNT),
            currency=other if self.behaviour is Behaviour.OTHER_CURRENCY else self.currency,
            reference=f"sbx_{derived_id('sandbox', self.key)}",
            destination=self.party if self.kind is OperationKind.PAY_OUT else None,
            reason=_REASONS[self.kind] if status is OperationStatus.FAILED else None,
            at=now,
        )


class Message(Frozen):
    """A webhook that is to be delivered: about an operation, or about a destination."""

    message_id: str
    key: str | None = None
    destination: str | None = None


class SandboxStore(Protocol):
    """Where the sandbox remembers what it was asked for."""

    def remember(self, asked: Asked) -> Asked:
        """Keep it, unless there is one under this key; what is there then."""

    def recall(self, key: str) -> Asked | None:
        """What was asked for under this key."""

    def of_brief(self, brief_id: str) -> list[Asked]:
        """What was asked for under the keys of a brief."""

    def since(self, asked_at: datetime, now: datetime) -> Iterator[Asked]:
        """What was asked for between then and now."""

    def first_seen(self, destination: str, now: datetime) -> datetime:
        """When this destination was first asked about."""


class Outbox(Protocol):
    """What takes the sandbox's messages to their delivery."""

    def send(self, message: Message, delay_s: int) -> None:
        """Deliver it after so many seconds, at least once."""


class SandboxProvider:
    """The PaymentProvider port."""

    name: Literal["sandbox"] = "sandbox"

    def __init__(self, store: SandboxStore, outbox: Outbox, clock: Clock, late_s: int) -> None:
        self._store = store
        self._outbox = outbox
        self._clock = clock
        self._late_s = late_s

    def collect(self, key: str, amount_minor: int, currency: str, payment_method: str) -> Operation:
        return self._do(OperationKind.COLLECT, key, amount_minor, currency, payment_method)

    def pay_out(self, key: str, amount_minor: int, currency: str, destination: str, collected: str) -> Operation:
        return self._do(OperationKind.PAY_OUT, key, amount_minor, currency, destination)

    def refund(self, key: str, amount_minor: int, currency: str, collected: str) -> Operation:
        return self._do(OperationKind.REFUND, key, amount_minor, currency, collected)

    def find(self, kind: OperationKind, key: str, reference: str | None = None) -> Operation | None:
        asked = self._store.recall(key)
        return asked.at(self._clock.now()) if asked and asked.kind is kind else None

    def of_brief(self, kind: OperationKind, brief_id: str) -> list[Operation]:
        now = self._clock.now()
        return [asked.at(now) for asked in self._store.of_brief(brief_id) if asked.kind is kind]

    def payee(self, destination: str) -> Payee:
        if destination.startswith(BLOCKED_DESTINATION):
            reason = "The account holder could not be identified."
            return Payee(destination=destination, status=PayoutStatus.BLOCKED, reason=reason)
        if not destination.startswith(PENDING_DESTINATION):
            return Payee(destination=destination, status=PayoutStatus.READY)
        now = self._clock.now()
        seen_at = self._store.first_seen(destination, now)
        if now >= seen_at + timedelta(seconds=self._late_s):
            return Payee(destination=destination, status=PayoutStatus.READY)
        if seen_at == now:
            message_id = derived_id("payee", destination, iso(now))
            self._outbox.send(Message(message_id=message_id, destination=destination), self._late_s)
        return Payee(destination=destination, status=PayoutStatus.PENDING, reason="The account is being checked.")

    def operations(self, since: datetime) -> Iterator[Operation]:
        now = self._clock.now()
        return (asked.at(now) for asked in self._store.since(since, now))

    def _do(self, kind: OperationKind, key: str, amount_minor: int, currency: str, party: str) -> Operation:
        now = self._clock.now()
        wanted = Asked(
            key=key, kind=kind, amount_minor=amount_minor, currency=currency, party=party, asked_at=now, due_at=now
        )
        delay_s = self._late_s if wanted.behaviour is Behaviour.LATE else 0
        wanted = wanted.model_copy(update={"due_at": now + timedelta(seconds=delay_s)})
        there = self._store.remember(wanted)
        if there.same != wanted.same:
            raise KeyReused(f"{key} stands for another {there.kind}; take a new key")
        if there is not wanted:
            return there.at(now)
        times = {Behaviour.SILENT: 0, Behaviour.TWICE: 2}.get(wanted.behaviour or Behaviour.LATE, 1)
        for _ in range(times):
            self._outbox.send(Message(message_id=derived_id("operation", key), key=key), delay_s)
        return wanted.at(now, fresh=True)


class DynamoSandboxStore:
    """The sandbox's memory in a table of its own."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def remember(self, asked: Asked) -> Asked:
        key = {"pk": brief_of_transfer(asked.key), "sk": asked.key}
        item = {**key, "asked_on": iso(asked.asked_at)[:10], **dynamo.fields(asked)}
        try:
            dynamo.commit(self._client, dynamo.put_new(self._table, item))
        except Refused as refused:
            return dynamo.model_of(Asked, refused.found[0] or {})
        return asked

    def recall(self, key: str) -> Asked | None:
        item = dynamo.get(self._client, self._table, brief_of_transfer(key), key)
        return dynamo.model_of(Asked, item) if item else None

    def of_brief(self, brief_id: str) -> list[Asked]:
        request = {"TableName": self._table, "ConsistentRead": True, **dynamo.under(brief_id, f"{brief_id}#")}
        items, _ = dynamo.query(self._client, request, _MOST_PER_BRIEF)
        return [dynamo.model_of(Asked, item) for item in items]

    def since(self, asked_at: datetime, now: datetime) -> Iterator[Asked]:
        day, last_day = asked_at.astimezone(UTC).date(), now.astimezone(UTC).date()
        while day <= last_day:
            yield from self._on(day.isoformat(), asked_at)
            day += timedelta(days=1)

    def _on(self, day: str, since: datetime) -> Iterator[Asked]:
        condition = "#asked_on = :day AND #asked_at >= :since"
        request: dict[str, Any] = {
            "TableName": self._table,
            "IndexName": "by_day",
            **dynamo.expressions({"day": day, "since": iso(since)}, KeyCondition=condition),
        }
        while True:
            answer = self._client.query(**request)
            yield from (dynamo.model_of(Asked, dynamo.unpacked(item)) for item in answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def first_seen(self, destination: str, now: datetime) -> datetime:
        item = {"pk": f"payee#{destination}", "sk": "seen", "seen_at": iso(now)}
        try:
            dynamo.commit(self._client, dynamo.put_new(self._table, item))
        except Refused as refused:
            return datetime.fromisoformat((refused.found[0] or {})["seen_at"])
        return now


class QueueOutbox:
    """Messages by way of an SQS queue, whose consumer delivers them over HTTP."""

    def __init__(self, client: Any, queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send(self, message: Message, delay_s: int) -> None:
        self._client.send_message(
            QueueUrl=self._queue_url, MessageBody=message.model_dump_json(exclude_none=True), DelaySeconds=delay_s
        )

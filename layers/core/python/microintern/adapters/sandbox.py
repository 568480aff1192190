"""The payment provider that comes with the platform: it moves no money, and keeps each operation that it did.

A payment method that starts with `sandbox-declined` is declined, and so is a payout to a destination that
starts with `sandbox-blocked`: every outcome can be tried. What is declined leaves no trace and can be asked
for again.
"""

from typing import TYPE_CHECKING

from microintern.adapters import dynamo
from microintern.adapters.dynamo import Item, Refused
from microintern.domain.base import Frozen, derived_id
from microintern.ports import Receipt

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DECLINED_METHOD = "sandbox-declined"
BLOCKED_DESTINATION = "sandbox-blocked"
OPERATION = "operation"


class KeyReused(Exception):
    """The key of an earlier operation came with another kind, amount or currency."""


class Operation(Frozen):
    """What the provider was asked for; `party` is a payment method, a destination or a collection's key."""

    key: str
    kind: str
    amount_minor: int
    currency: str
    party: str

    @property
    def receipt(self) -> Receipt:
        """What an operation that was done answers, each time."""
        return Receipt(settled=True, reference=self._reference)

    @property
    def refusal(self) -> Receipt | None:
        """The answer when this cannot be done."""
        if self.kind == "collect" and self.party.startswith(DECLINED_METHOD):
            reason = "The payment method was declined."
        elif self.kind == "pay_out" and self.party.startswith(BLOCKED_DESTINATION):
            reason = "The payout account cannot receive money."
        else:
            return None
        return Receipt(settled=False, reference=self._reference, reason=reason)

    @property
    def _reference(self) -> str:
        return f"sbx_{derived_id('sandbox', self.key)}"

    def repeats(self, first: "Operation") -> Receipt:
        """The receipt of what was done under this key; the party may differ, the money may not."""
        if (self.kind, self.amount_minor, self.currency) != (first.kind, first.amount_minor, first.currency):
            raise KeyReused(f"{self.key} stands for another {first.kind}; take a new key")
        return first.receipt


class SandboxProvider:
    """The PaymentProvider port, durable in a table of its own."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def collect(self, key: str, amount_minor: int, currency: str, payment_method: str) -> Receipt:
        return self._once(_operation(key, "collect", amount_minor, currency, payment_method))

    def pay_out(self, key: str, amount_minor: int, currency: str, destination: str) -> Receipt:
        return self._once(_operation(key, "pay_out", amount_minor, currency, destination))

    def refund(self, key: str, amount_minor: int, currency: str, collected_key: str) -> Receipt:
        return self._once(_operation(key, "refund", amount_minor, currency, collected_key))

    def find(self, key: str) -> Receipt | None:
        done = self._done(key)
        return done.receipt if done else None

    def _done(self, key: str) -> Operation | None:
        item = dynamo.get(self._client, self._table, key, OPERATION)
        return dynamo.model_of(Operation, item) if item else None

    def _once(self, operation: Operation) -> Receipt:
        if operation.refusal:
            done = self._done(operation.key)
            return operation.repeats(done) if done else operation.refusal
        item: Item = {"pk": operation.key, "sk": OPERATION, **dynamo.fields(operation)}
        try:
            dynamo.commit(self._client, dynamo.put_new(self._table, item))
        except Refused as refused:
            return operation.repeats(dynamo.model_of(Operation, refused.found[0] or {}))
        return operation.receipt


def _operation(key: str, kind: str, amount_minor: int, currency: str, party: str) -> Operation:
    return Operation(key=key, kind=kind, amount_minor=amount_minor, currency=currency, party=party)

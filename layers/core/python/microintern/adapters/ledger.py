"""The ledger: transfers that are written once, the one claim on an escrow, and what an escrow holds."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from microintern.adapters import dynamo
from microintern.adapters.briefs import CONTROL, brief_of, step
from microintern.adapters.dynamo import Item, Refused, Write
from microintern.domain.brief import Brief
from microintern.domain.ledger import Settlement, Transfer, TransferName, escrow_account
from microintern.ports import Stale

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SETTLEMENT = "settlement"
ESCROW = "escrow"
_ORDER = list(TransferName)


class OutOfBalance(Exception):
    """The ledger does not hold what this movement rests on; nothing was written, somebody must look."""


def released_minor(transfers: Sequence[Transfer]) -> int:
    """What these transfers take out of the escrow, in minor units."""
    return sum(t.amount_minor for t in transfers if t.debit == escrow_account(t.brief_id))


def same_movement(one: Transfer, other: Transfer) -> bool:
    """Whether two records tell of the same money; when and under which reference it was noted may differ."""
    return one.model_copy(update={"at": other.at, "provider_reference": other.provider_reference}) == other


class DynamoLedger:
    """The Ledger port on DynamoDB."""

    def __init__(self, client: "DynamoDBClient", ledger_table: str, brief_table: str) -> None:
        self._client = client
        self._table = ledger_table
        self._brief_table = brief_table

    def transfers(self, brief_id: str) -> list[Transfer]:
        request = {"TableName": self._table, "ConsistentRead": True, **dynamo.under(brief_id, "transfer#")}
        items, _ = dynamo.query(self._client, request, len(_ORDER))
        return sorted((dynamo.model_of(Transfer, i) for i in items), key=lambda transfer: _ORDER.index(transfer.name))

    def record_funding(self, transfer: Transfer, before: Brief, after: Brief) -> None:
        held = {"pk": transfer.brief_id, "sk": ESCROW, "held_minor": transfer.amount_minor}
        moves = [self._written_once(transfer), dynamo.put_new(self._table, held)]
        try:
            dynamo.commit(self._client, step(self._brief_table, before, after), *moves)
        except Refused as refused:
            there = refused.found.get(0) or dynamo.get(self._client, self._brief_table, before.brief_id, CONTROL)
            raise Stale(brief_of(there)) from refused

    def record_return(self, transfers: Sequence[Transfer]) -> None:
        try:
            dynamo.commit(self._client, *map(self._written_once, transfers))
        except Refused as refused:
            there = [refused.found.get(i) for i in range(len(transfers))]
            if not all(
                i and same_movement(t, dynamo.model_of(Transfer, i)) for t, i in zip(transfers, there, strict=True)
            ):
                raise OutOfBalance(f"{transfers[0].brief_id} has other transfers of these names") from refused

    def claim(self, settlement: Settlement) -> Settlement:
        item = {"pk": settlement.brief_id, "sk": SETTLEMENT, **dynamo.fields(settlement)}
        try:
            dynamo.commit(self._client, dynamo.put_new(self._table, item))
        except Refused as refused:
            return dynamo.model_of(Settlement, refused.found[0] or {})
        return settlement

    def record_settlement(self, transfers: Sequence[Transfer], before: Brief, after: Brief) -> None:
        writes = [step(self._brief_table, before, after)]
        if transfers:
            at = dynamo.key(before.brief_id, ESCROW)
            held = released_minor(transfers)
            writes += [
                dynamo.update(self._table, at, {"held_minor": 0}, "#held_minor = :held", held=held),
                *map(self._written_once, transfers),
            ]
        try:
            dynamo.commit(self._client, *writes)
        except Refused as refused:
            if 0 in refused.found:
                raise Stale(brief_of(refused.found[0])) from refused
            raise OutOfBalance(f"{before.brief_id} does not hold what its settlement moves") from refused

    def _written_once(self, transfer: Transfer) -> Write:
        item: Item = {"pk": transfer.brief_id, "sk": f"transfer#{transfer.name}", **dynamo.fields(transfer)}
        return dynamo.put_new(self._table, item)

"""The ledger: transfers that are written once, the one claim on an escrow, and the balances of what is held."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from microintern.adapters import dynamo
from microintern.adapters.briefs import CONTROL, brief_of, step
from microintern.adapters.dynamo import Item, Refused, Write
from microintern.domain.base import Frozen, iso
from microintern.domain.brief import Brief
from microintern.domain.ledger import FEES, PROVIDER, Book, Hold, Phase, Settlement, Transfer, TransferName, dividing
from microintern.ports.conditions import Stale
from microintern.ports.ledger import OutOfBalance
from microintern.ports.paging import Page, Position

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SETTLEMENT = "settlement"
HELD = "held"
MOST_PER_BRIEF = 1_000
"""A brief has a dozen; a refund that fails every day for a year has this many."""

M = TypeVar("M", bound=Frozen)


def held_accounts(transfer: Transfer) -> dict[str, int]:
    """What a posted transfer adds to and takes from the accounts that the platform keeps for others."""
    changes = {transfer.debit: -transfer.amount_minor, transfer.credit: transfer.amount_minor}
    kept = transfer.phase is Phase.POSTED
    return {account: change for account, change in changes.items() if kept and account not in (PROVIDER, FEES)}


def other_movement(transfer: Transfer) -> OutOfBalance:
    """Another record stands where this one belongs."""
    return OutOfBalance(f"{transfer.transfer_id} is in the ledger as other money, or with another end")


class DynamoLedger:
    """The Ledger port on DynamoDB."""

    def __init__(self, client: "DynamoDBClient", ledger_table: str, brief_table: str) -> None:
        self._client = client
        self._table = ledger_table
        self._brief_table = brief_table

    def transfers(self, brief_id: str) -> list[Transfer]:
        return Book(dynamo.model_of(Transfer, item) for item in self._under(brief_id, "transfer#")).transfers

    def balances(self, brief_id: str) -> dict[str, int]:
        rows = self._under(brief_id, "balance#")
        return {row["sk"].partition("#")[2]: row["balance_minor"] for row in rows}

    def begin(self, pending: Transfer, brief: Brief | None = None) -> None:
        writes = [dynamo.put_new(self._table, _item(pending))]
        if brief is not None:
            writes.append(self._unchanged(brief))
        try:
            dynamo.commit(self._client, *writes)
        except Refused as refused:
            if brief is not None and 1 in refused.found:
                raise Stale(brief_of(refused.found[1])) from refused
            if not _is_there(pending, refused.found[0]):
                raise other_movement(pending) from refused

    def record(self, ended: Transfer, before: Brief | None = None, after: Brief | None = None) -> None:
        writes = [dynamo.put_new(self._table, _item(ended)), *self._balanced([ended])]
        steps = [step(self._brief_table, before, after)] if before and after else []
        try:
            dynamo.commit(self._client, *writes, *steps)
        except Refused as refused:
            self._check_moved_on(refused, len(writes))
            if not _is_there(ended, refused.found.get(0)):
                raise other_movement(ended) from refused
            if before and after:
                self._step_alone(before, after)

    def claim(self, settlement: Settlement, brief: Brief) -> Settlement:
        item = {"pk": settlement.brief_id, "sk": SETTLEMENT, **dynamo.fields(settlement)}
        divided = dividing(settlement)
        writes = [
            dynamo.put_new(self._table, item),
            self._unchanged(brief),
            *(dynamo.put_new(self._table, _item(transfer)) for transfer in divided),
            *self._balanced(divided),
        ]
        try:
            dynamo.commit(self._client, *writes)
        except Refused as refused:
            if 0 in refused.found:
                return dynamo.model_of(Settlement, refused.found[0] or {})
            if 1 in refused.found:
                raise Stale(brief_of(refused.found[1])) from refused
            raise OutOfBalance(f"{brief.brief_id} does not hold what its settlement divides") from refused
        return settlement

    def hold(self, hold: Hold) -> bool:
        says = f"{hold.reason} {hold.until or ''}"
        item = {"pk": hold.brief_id, "sk": f"hold#{hold.name}", "work": HELD, "says": says, **dynamo.fields(hold)}
        news = "attribute_not_exists(#pk) OR #says <> :says"
        try:
            dynamo.commit(self._client, dynamo.put(self._table, item, news, says=says))
        except Refused:
            return False
        return True

    def drop_hold(self, brief_id: str, name: TransferName) -> None:
        self._client.delete_item(TableName=self._table, Key=dynamo.key(brief_id, f"hold#{name}"))

    def holds(self, limit: int, after: Position | None = None) -> Page:
        return self._page(Hold, "by_work", ("work", HELD), ("since", None, None), limit, after)

    def posted_of(
        self, party_id: str, since: datetime, until: datetime, limit: int, after: Position | None = None
    ) -> Page:
        span = ("posted_at", iso(since), iso(until))
        return self._page(Transfer, "by_party", ("statement_of", party_id), span, limit, after)

    def posted_in(self, month: str, limit: int, after: Position | None = None) -> Page:
        return self._page(Transfer, "by_month", ("posted_in", month), ("posted_at", None, None), limit, after)

    def paid_in(self, year: int, limit: int, after: Position | None = None, *, beyond: str | None = None) -> Page:
        # A tilde sorts after every instant, so this is after all payouts of that payee.
        span = ("payee_at", f"{beyond}#~" if beyond else None, "~")
        return self._page(Transfer, "by_payee", ("paid_in", str(year)), span, limit, after)

    def _under(self, brief_id: str, prefix: str) -> list[Item]:
        request = {"TableName": self._table, "ConsistentRead": True, **dynamo.under(brief_id, prefix)}
        items, _ = dynamo.query(self._client, request, MOST_PER_BRIEF)
        return items

    def _unchanged(self, brief: Brief) -> Write:
        at = dynamo.key(brief.brief_id, CONTROL)
        return dynamo.check(self._brief_table, at, "#version = :version", version=brief.version)

    def _balanced(self, transfers: Sequence[Transfer]) -> list[Write]:
        """What posted transfers do to the balances that are kept; no account can be taken below zero."""
        changes: dict[tuple[str, str], int] = {}
        for transfer in transfers:
            for account, change_minor in held_accounts(transfer).items():
                at = (transfer.brief_id, f"balance#{account}")
                changes[at] = changes.get(at, 0) + change_minor
        return [dynamo.add(self._table, at, "balance_minor", change_minor) for at, change_minor in changes.items()]

    def _check_moved_on(self, refused: Refused, place: int) -> None:
        if place in refused.found:
            raise Stale(brief_of(refused.found[place])) from refused
        if any(0 < i < place for i in refused.found) and 0 not in refused.found:
            raise OutOfBalance("an account would fall below zero") from refused

    def _step_alone(self, before: Brief, after: Brief) -> None:
        """The money was recorded before and the brief has yet to follow: one of the tables was restored."""
        try:
            dynamo.commit(self._client, step(self._brief_table, before, after))
        except Refused as refused:
            raise Stale(brief_of(refused.found[0])) from refused

    def _page(
        self,
        model: type[M],
        index: str,
        owner: tuple[str, str],
        span: tuple[str, str | None, str | None],
        limit: int,
        after: Position | None,
    ) -> Page:
        (name, value), (sort, since, until) = owner, span
        condition = f"#{name} = :owner"
        values: Item = {"owner": value}
        if since and until:
            # BETWEEN takes in its end, which belongs to the next span: instants are whole milliseconds.
            condition += f" AND #{sort} BETWEEN :since AND :until"
            values |= {"since": since, "until": until}
        request: dict[str, Any] = {
            "TableName": self._table,
            "IndexName": index,
            **dynamo.expressions(values, KeyCondition=condition),
        }
        if after:
            pk, _, sk = after.item.partition("/")
            request["ExclusiveStartKey"] = dynamo.packed({name: value, sort: after.sort, "pk": pk, "sk": sk})
        rows, last = dynamo.query(self._client, request, limit)
        found = [dynamo.model_of(model, row) for row in rows if not until or row[sort] < until]
        return Page(items=found, next=Position(sort=last[sort], item=f"{last['pk']}/{last['sk']}") if last else None)


def _is_there(transfer: Transfer, item: Item | None) -> bool:
    return item is not None and transfer.tells_the_same(dynamo.model_of(Transfer, item))


def _item(transfer: Transfer) -> Item:
    """A transfer's item: pending and ended stand at different keys, and there is one end only."""
    end = "pending" if transfer.phase is Phase.PENDING else "ended"
    key = {"pk": transfer.brief_id, "sk": f"transfer#{transfer.name}#{transfer.attempt:03d}#{end}"}
    return {**key, **dynamo.fields(transfer), **dict(_listings(transfer))}


def _listings(transfer: Transfer) -> Iterable[tuple[str, str]]:
    """Where a posted transfer is listed: on a statement, in its month, and payouts by year and payee."""
    if transfer.phase is not Phase.POSTED:
        return
    at = iso(transfer.at)
    yield from {"statement_of": transfer.party_id, "posted_at": at, "posted_in": at[:7]}.items()
    if transfer.name is TransferName.PAYOUT:
        yield from {"paid_in": at[:4], "payee_at": f"{transfer.party_id}#{at}"}.items()

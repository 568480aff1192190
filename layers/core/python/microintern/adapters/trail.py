"""The audit trail in a table of its own: entries are put where nothing is, and no function may do anything else there.

A journal says, for each day, which entries each batch of a stream brought: one item per batch, spread over shards, so
that what happened across all briefs can be read without an index, which would cost a second write for every entry.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from heapq import merge
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from microintern.adapters import dynamo
from microintern.adapters.dynamo import Item, Refused
from microintern.domain.base import iso
from microintern.domain.trail import Entry, unreadable
from microintern.ports.paging import Page, Position

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

JOURNAL_SHARDS = 4
_ROWS_PER_CALL = 500


def key_of(entry: Entry) -> str:
    """An entry's key within its scope; padded, so that entries sort by version."""
    return f"{entry.subject}#{entry.version:06d}"


def batches(batch_id: str, entries: Sequence[Entry]) -> Iterator[tuple[date, int, str, list[str]]]:
    """What a journal holds of a batch: for each day, in which shard, when it came and which entries it brought."""
    of_day: dict[date, list[Entry]] = defaultdict(list)
    for entry in entries:
        of_day[entry.event.at.date()].append(entry)
    for day, found in of_day.items():
        names = dict.fromkeys(f"{entry.scope} {key_of(entry)}" for entry in found)
        came = f"{iso(found[0].event.at)}#{batch_id}"
        yield day, sum(batch_id.encode()) % JOURNAL_SHARDS, came, list(names)


def page_of(
    rows: Iterable[tuple[str, list[str]]], limit: int, after: Position | None
) -> tuple[list[str], Position | None]:
    """The names of up to `limit` entries out of batches that come newest first, and where to go on."""
    names: list[str] = []
    for came, brought in rows:
        begin = int(after.item) if after and after.sort == came else 0
        for place, name in enumerate(reversed(brought)):
            if place < begin:
                continue
            if len(names) == limit:
                return names, Position(sort=came, item=str(place))
            names.append(name)
    return names, None


class DynamoTrail:
    """The Trail port on DynamoDB."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def keep(self, entry: Entry) -> bool:
        item = {"pk": entry.scope, "sk": key_of(entry), **dynamo.fields(entry)}
        try:
            dynamo.commit(self._client, dynamo.put_new(self._table, item))
        except Refused:
            return False
        return True

    def journal(self, batch_id: str, entries: Sequence[Entry]) -> None:
        for day, shard, came, names in batches(batch_id, entries):
            item = {"pk": _journal_of(day, shard), "sk": came, "entries": names}
            try:
                dynamo.commit(self._client, dynamo.put_new(self._table, item))
            except Refused:
                continue  # the batch is read again, and then begins with the same entry

    def entries(self, scope: str) -> list[Entry]:
        return [_entry(row) for row in self._rows(scope, "")]

    def page(self, scope: str, subject: str, limit: int, after: Position | None = None) -> Page:
        request: dict[str, Any] = {
            "TableName": self._table,
            "ConsistentRead": True,
            **dynamo.under(scope, f"{subject}#"),
        }
        if after:
            request["ExclusiveStartKey"] = dynamo.key(scope, after.sort)
        rows, last = dynamo.query(self._client, request, limit)
        position = Position(sort=last["sk"], item=last["sk"]) if last else None
        return Page(items=[_entry(row) for row in rows], next=position)

    def of_day(self, day: date, limit: int, after: Position | None = None) -> Page:
        shards = [self._journal(day, shard, limit, after) for shard in range(JOURNAL_SHARDS)]
        rows = merge(*shards, key=lambda row: row[0], reverse=True)
        names, position = page_of(rows, limit, after)
        keys = [(scope, key) for scope, _, key in (name.partition(" ") for name in names)]
        found = dynamo.get_many(self._client, self._table, keys, consistent=True) if keys else {}
        return Page(items=[_entry(found[key]) for key in dict.fromkeys(keys) if key in found], next=position)

    def changed(self, day: date) -> set[str]:
        rows = (row for shard in range(JOURNAL_SHARDS) for row in self._rows(_journal_of(day, shard), ""))
        return {name.partition(" ")[0] for row in rows for name in row["entries"]}

    def _journal(self, day: date, shard: int, limit: int, after: Position | None) -> list[tuple[str, list[str]]]:
        """The newest batches of a shard; one more than entries are wanted is enough, as each brought one at least."""
        pk = _journal_of(day, shard)
        until = {"until": after.sort} if after else {}
        condition = "#pk = :pk" + (" AND #sk <= :until" if after else "")
        request = {
            "TableName": self._table,
            "ConsistentRead": True,
            "ScanIndexForward": False,
            **dynamo.expressions({"pk": pk, **until}, KeyCondition=condition),
        }
        rows, _ = dynamo.query(self._client, request, limit + 1)
        return [(row["sk"], row["entries"]) for row in rows]

    def _rows(self, pk: str, prefix: str) -> Iterator[Item]:
        """All rows of a partition, however many calls that takes."""
        request = {"TableName": self._table, "ConsistentRead": True, **dynamo.under(pk, prefix)}
        yield from dynamo.every(self._client, {**request, "Limit": _ROWS_PER_CALL})


def _journal_of(day: date, shard: int) -> str:
    return f"journal#{day.isoformat()}#{shard}"


def _entry(row: Item) -> Entry:
    """An entry as it lies there. One that no code of this platform wrote is not readable, which is found out later."""
    try:
        return dynamo.model_of(Entry, row)
    except (ValidationError, ValueError, TypeError):
        subject, _, version = row["sk"].rpartition("#")
        return unreadable(row["pk"], subject, int(version) if version.isdigit() else 1)

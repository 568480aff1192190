"""Records and their rows: under the id of the party that they are of."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from microintern.adapters import dynamo
from microintern.adapters.dynamo import Item, Refused
from microintern.domain.base import iso
from microintern.domain.records import Counts, Record, Row
from microintern.domain.reports import Tally
from microintern.domain.states import Role
from microintern.ports.conditions import StaleDocument
from microintern.ports.paging import Page, Position
from microintern.ports.records import Waiting

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

RECORD = "record"
_WAITS = "feedback"
_REPORT = "report"
_ROWS_AT_ONCE = 200


def _row_key(brief_id: str) -> str:
    return f"brief#{brief_id}"


def _hired_key(student_id: str) -> str:
    return f"hired#{student_id}"


class DynamoRecords:
    """The Records port on DynamoDB."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def read(self, party_id: str, side: Role) -> Record:
        return _record(party_id, side, dynamo.get(self._client, self._table, party_id, RECORD))

    def read_row(self, party_id: str, side: Role, brief_id: str) -> tuple[Record, Row]:
        keys = [(party_id, RECORD), (party_id, _row_key(brief_id))]
        found = dynamo.get_many(self._client, self._table, keys, consistent=True)
        row = dynamo.model_of(Row, {"brief_id": brief_id, **found.get(keys[1], {})})
        return _record(party_id, side, found.get(keys[0])), row

    def hired(self, party_id: str, student_id: str) -> int:
        found = dynamo.get(self._client, self._table, party_id, _hired_key(student_id))
        return int(found["briefs"]) if found else 0

    def keep(self, record: Record, row: Row, hired: Mapping[str, int], reported: Sequence[Tally] = ()) -> None:
        party_id = record.party_id
        writes = [self._over(record), dynamo.put_over(self._table, _row_item(record, row))]
        for student_id, briefs in hired.items():
            item = {"pk": party_id, "sk": _hired_key(student_id), "briefs": briefs}
            writes.append(dynamo.put_over(self._table, item))
        writes += [_adding(self._table, tally) for tally in reported]
        try:
            dynamo.commit(self._client, *writes)
        except Refused as refused:
            raise StaleDocument from refused

    def report_of(self, scope: str, first: str, last: str) -> dict[str, Counts]:
        within = "#pk = :pk AND #sk BETWEEN :first AND :last"
        values = {"pk": f"{_REPORT}#{scope}", "first": first, "last": last}
        request = {"ConsistentRead": True, **dynamo.expressions(values, KeyCondition=within)}
        items = dynamo.every(self._client, {"TableName": self._table, **request})
        return {item["sk"]: {name: item[name] for name in item if name not in ("pk", "sk")} for item in items}

    def waiting(self, before: datetime, limit: int) -> list[Waiting]:
        due = "#waits = :waits AND #until <= :before"
        request: dict[str, Any] = {
            "TableName": self._table,
            "IndexName": "waiting",
            **dynamo.expressions({"waits": _WAITS, "before": iso(before)}, KeyCondition=due),
        }
        rows, _ = dynamo.query(self._client, request, limit)
        return [dynamo.model_of(Waiting, {**row, "party_id": row["pk"]}) for row in rows]

    def rows(self, party_id: str, limit: int, after: Position | None = None) -> Page:
        request = {"TableName": self._table, "ConsistentRead": True, **dynamo.under(party_id, _row_key(""))}
        if after:
            request["ExclusiveStartKey"] = dynamo.key(party_id, _row_key(after.item))
        items, last = dynamo.query(self._client, request, limit)
        following = Position(sort="", item=last["sk"].removeprefix(_row_key(""))) if last else None
        return Page(items=[dynamo.model_of(Row, item) for item in items], next=following)

    def forget(self, record: Record) -> None:
        try:
            dynamo.commit(self._client, self._over(record))
        except Refused as refused:
            raise StaleDocument from refused
        while found := self._rows(record.party_id):
            dynamo.delete_many(self._client, self._table, found)

    def forget_hired(self, party_id: str, student_id: str) -> None:
        dynamo.delete_many(self._client, self._table, [(party_id, _hired_key(student_id))])

    def _over(self, record: Record) -> dynamo.Write:
        item = {"pk": record.party_id, "sk": RECORD, **dynamo.fields(record)}
        return dynamo.put_version(self._table, item)

    def _rows(self, party_id: str) -> list[tuple[str, str]]:
        request = {"TableName": self._table, "ConsistentRead": True, **dynamo.under(party_id, "brief#")}
        rows, _ = dynamo.query(self._client, request, _ROWS_AT_ONCE)
        return [(row["pk"], row["sk"]) for row in rows]


def _adding(table: str, tally: Tally) -> dynamo.Write:
    """Add to each of the counts; where there is none yet, it begins here."""
    names = {f"#c{place}": name for place, name in enumerate(tally.counts)}
    values = {f":c{place}": count for place, count in enumerate(tally.counts.values())}
    return {
        "Update": {
            "TableName": table,
            "Key": dynamo.key(f"{_REPORT}#{tally.scope}", tally.month),
            "UpdateExpression": "ADD " + ", ".join(f"#c{place} :c{place}" for place in range(len(names))),
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": dynamo.packed(values),
        }
    }


def _record(party_id: str, side: Role, item: Item | None) -> Record:
    return dynamo.model_of(Record, {"party_id": party_id, "side": side, **(item or {})})


def _row_item(record: Record, row: Row) -> Item:
    """A row; listed while its rating waits to count."""
    item = {"pk": record.party_id, "sk": _row_key(row.brief_id), "side": record.side.value, **dynamo.fields(row)}
    if row.rated and not row.rated.shown:
        item |= {"waits": _WAITS, "until": iso(row.rated.until)}
    return item

"""The audit trail of money in a table of its own, so that nobody who notes things there can write to the ledger."""

from typing import TYPE_CHECKING, Any

from microintern.adapters import dynamo
from microintern.adapters.dynamo import Refused
from microintern.domain.audit import AuditEntry
from microintern.ports.dead_letters import Redrive
from microintern.ports.paging import Page, Position

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ENTRY = "entry"
REDRIVE = "redrive"


def list_of(*, needs_person: bool) -> str:
    """Which list an entry stands in."""
    return "needs_person" if needs_person else "noted"


class DynamoAudit:
    """The Audit port on DynamoDB."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def note(self, entry: AuditEntry) -> bool:
        listed = {"listed": list_of(needs_person=entry.needs_person)}
        item = {"pk": entry.entry_id, "sk": ENTRY, **listed, **dynamo.fields(entry)}
        try:
            dynamo.commit(self._client, dynamo.put_new(self._table, item))
        except Refused:
            return False
        return True

    def redrive(self, key: str) -> Redrive | None:
        item = dynamo.get(self._client, self._table, f"{REDRIVE}#{key}", REDRIVE)
        return dynamo.model_of(Redrive, item) if item else None

    def answered(self, redrive: Redrive) -> Redrive:
        item = {"pk": f"{REDRIVE}#{redrive.key}", "sk": REDRIVE, **dynamo.fields(redrive)}
        try:
            dynamo.commit(self._client, dynamo.put_new(self._table, item))
        except Refused as refused:
            return dynamo.model_of(Redrive, refused.found[0] or {})
        return redrive

    def has(self, entry_id: str) -> bool:
        return dynamo.get(self._client, self._table, entry_id, ENTRY) is not None

    def entries(self, *, needs_person: bool, limit: int, after: Position | None = None) -> Page:
        listed = list_of(needs_person=needs_person)
        request: dict[str, Any] = {
            "TableName": self._table,
            "IndexName": "newest",
            "ScanIndexForward": False,
            **dynamo.expressions({"listed": listed}, KeyCondition="#listed = :listed"),
        }
        if after:
            start = {"listed": listed, "at": after.sort, "pk": after.item, "sk": ENTRY}
            request["ExclusiveStartKey"] = dynamo.packed(start)
        rows, last = dynamo.query(self._client, request, limit)
        position = Position(sort=last["at"], item=last["pk"]) if last else None
        return Page(items=[dynamo.model_of(AuditEntry, row) for row in rows], next=position)

"""The tables with their keys and indexes, as the infrastructure makes them."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BRIEFS, ACCOUNTS, LEDGER, SANDBOX = "briefs", "accounts", "ledger", "sandbox"
_LISTED = ["field", "skills", "pay_minor", "currency", "hours", "brief_id"]
_INDEXES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "listing": ("listing", "due_at", {"ProjectionType": "INCLUDE", "NonKeyAttributes": _LISTED}),
    "by_employer": ("employer_id", "posted_at", {"ProjectionType": "KEYS_ONLY"}),
    "by_student": ("student_id", "applied_at", {"ProjectionType": "KEYS_ONLY"}),
}


def make(client: "DynamoDBClient") -> None:
    """Make all four."""
    for table in (ACCOUNTS, LEDGER, SANDBOX):
        client.create_table(**_table(table, {}))
    client.create_table(**_table(BRIEFS, _INDEXES))


def _table(name: str, indexes: dict[str, tuple[str, str, dict[str, Any]]]) -> dict[str, Any]:
    attributes = {"pk", "sk"} | {key for pair in indexes.values() for key in pair[:2]}
    made: dict[str, Any] = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": a, "AttributeType": "S"} for a in sorted(attributes)],
        "KeySchema": _keys("pk", "sk"),
    }
    if indexes:
        made["GlobalSecondaryIndexes"] = [
            {"IndexName": index, "KeySchema": _keys(pk, sk), "Projection": projection}
            for index, (pk, sk, projection) in indexes.items()
        ]
    return made


def _keys(pk: str, sk: str) -> list[dict[str, str]]:
    return [{"AttributeName": pk, "KeyType": "HASH"}, {"AttributeName": sk, "KeyType": "RANGE"}]

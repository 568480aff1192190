"""The tables with their keys and indexes, as the infrastructure makes them."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BRIEFS, ACCOUNTS, LEDGER, SANDBOX, AUDIT = "briefs", "accounts", "ledger", "sandbox", "audit"
TRAIL, RECORDS, CREDENTIALS, WEBHOOKS, SEARCH = "trail", "records", "credentials", "webhooks", "search"
PORTFOLIOS = "portfolios"
_LISTED = ["field", "skills", "pay_minor", "currency", "hours", "brief_id"]
_KEYS_ONLY = {"ProjectionType": "KEYS_ONLY"}
_ALL = {"ProjectionType": "ALL"}

Indexes = dict[str, tuple[str, str, dict[str, Any]]]

_INDEXES: dict[str, Indexes] = {
    BRIEFS: {
        "listing": ("listing", "due_at", {"ProjectionType": "INCLUDE", "NonKeyAttributes": _LISTED}),
        "by_employer": ("employer_id", "posted_at", _KEYS_ONLY),
        "by_student": ("student_id", "applied_at", _KEYS_ONLY),
        "unsettled": ("unsettled", "moves_by", _KEYS_ONLY),
        "by_author": ("author_id", "at", _KEYS_ONLY),
    },
    ACCOUNTS: {"organisations": ("listed", "since", _ALL)},
    LEDGER: {
        "by_work": ("work", "since", _ALL),
        "by_party": ("statement_of", "posted_at", _ALL),
        "by_month": ("posted_in", "posted_at", _ALL),
        "by_payee": ("paid_in", "payee_at", _ALL),
    },
    SANDBOX: {"by_day": ("asked_on", "asked_at", _ALL)},
    AUDIT: {"newest": ("listed", "at", _ALL)},
    TRAIL: {},
    RECORDS: {
        "waiting": ("waits", "until", {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["side", "brief_id"]}),
    },
    CREDENTIALS: {"by_student": ("student_id", "issued_at", _KEYS_ONLY)},
    WEBHOOKS: {},
    SEARCH: {},
    PORTFOLIOS: {},
}


def make(client: "DynamoDBClient") -> None:
    """Make all of them."""
    for table, indexes in _INDEXES.items():
        client.create_table(**_table(table, indexes))


def _table(name: str, indexes: Indexes) -> dict[str, Any]:
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

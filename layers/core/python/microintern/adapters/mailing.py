"""What people want by e-mail, what is due and what was sent: in the table of accounts."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from microintern.adapters import dynamo
from microintern.adapters.accounts import TRACKED, not_erased
from microintern.adapters.dynamo import Refused
from microintern.domain.base import iso
from microintern.domain.mailing import Due, Mailing
from microintern.ports.conditions import AccountErased, StaleDocument

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MAILING, SENT, DUE, SEEN_TO = "mailing", "mailed", "due", "seen_to"
_ACCOUNT = 1
"""Which of the writes of a wish looks at the account."""
KEPT = timedelta(days=30)
"""After what was due or sent: longer than dead letters are kept, from which a notice may come once more."""


class DynamoMailings:
    """The Mailings port on DynamoDB."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def of(self, account_id: str) -> Mailing:
        item = dynamo.get(self._client, self._table, account_id, MAILING)
        return dynamo.model_of(Mailing, {"account_id": account_id, **(item or {})})

    def save(self, mailing: Mailing) -> None:
        item = {"pk": mailing.account_id, "sk": MAILING, "kind": TRACKED, **dynamo.fields(mailing)}
        try:
            dynamo.commit(
                self._client, dynamo.put_version(self._table, item), not_erased(self._table, mailing.account_id)
            )
        except Refused as refused:
            raise (AccountErased if _ACCOUNT in refused.found else StaleDocument) from refused


class DynamoAgenda:
    """The Agenda port on DynamoDB: a partition for every hour, so that nobody looks for what is not due."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def add(self, due: Sequence[Due]) -> None:
        rows = [
            {
                "pk": _hour(each.agenda, each.at),
                "sk": f"{iso(each.at)}#{each.subject}#{each.item}",
                "forget_at": int((each.at + KEPT).timestamp()),
                **dynamo.fields(each),
            }
            for each in due
        ]
        dynamo.put_many(self._client, self._table, rows)

    def between(self, agenda: Literal["digest", "feedback"], after: datetime, until: datetime) -> Iterator[Due]:
        hour = after.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        # `~` comes after everything that a key has.
        bounds = {"after": f"{iso(after)}~", "until": f"{iso(until)}~"}
        while hour <= until:
            keys = dynamo.expressions(
                {"pk": _hour(agenda, hour), **bounds}, KeyCondition="#pk = :pk AND #sk BETWEEN :after AND :until"
            )
            request = {"TableName": self._table, "ConsistentRead": True, **keys}
            yield from (dynamo.model_of(Due, item) for item in dynamo.every(self._client, request))
            hour += timedelta(hours=1)

    def seen_to(self, name: str) -> datetime | None:
        item = dynamo.get(self._client, self._table, f"{DUE}#{name}", SEEN_TO)
        return datetime.fromisoformat(item["until"]) if item else None

    def advance(self, name: str, until: datetime) -> None:
        item = {"pk": f"{DUE}#{name}", "sk": SEEN_TO, "until": iso(until)}
        dynamo.commit(self._client, dynamo.put_over(self._table, item))


class DynamoSentMail:
    """The SentMail port on DynamoDB."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def has(self, account_id: str, mail_id: str) -> bool:
        return dynamo.get(self._client, self._table, account_id, f"{SENT}#{mail_id}") is not None

    def claim(self, account_id: str, mail_id: str, at: datetime) -> bool:
        item = {"pk": account_id, "sk": f"{SENT}#{mail_id}", "forget_at": int((at + KEPT).timestamp())}
        try:
            dynamo.commit(self._client, dynamo.put_new(self._table, item))
        except Refused:
            return False
        return True

    def drop(self, account_id: str, mail_id: str) -> None:
        dynamo.delete_many(self._client, self._table, [(account_id, f"{SENT}#{mail_id}")])


def _hour(agenda: str, at: datetime) -> str:
    return f"{DUE}#{agenda}#{iso(at)[:13]}"

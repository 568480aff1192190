"""What is said on a brief: items under the brief, numbered in their thread, and listed by who wrote them."""

from typing import TYPE_CHECKING, Any

from microintern.adapters import dynamo
from microintern.adapters.briefs import document_item
from microintern.adapters.dynamo import Item, Refused, Write
from microintern.domain.messages import Message, Sent, Talk
from microintern.domain.quotas import MessageQuota
from microintern.ports.paging import Page, Position
from microintern.ports.threads import MessagesExhausted, StaleTalk

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoThreads:
    """The Threads port on DynamoDB; who only reads needs no account table."""

    def __init__(self, client: "DynamoDBClient", table: str, account_table: str = "") -> None:
        self._client = client
        self._table = table
        self._account_table = account_table

    def post(self, message: Message, talk: Talk, sent: Sent, quota: MessageQuota) -> Sent | None:
        brief_id = message.brief_id
        writes = [
            dynamo.put_new(self._table, document_item(brief_id, sent)),
            dynamo.put_version(self._table, document_item(brief_id, talk)),
            dynamo.put_new(self._table, document_item(brief_id, message)),
            self._counted(quota),
        ]
        try:
            dynamo.commit(self._client, *writes)
        except Refused as refused:
            if there := refused.found.get(0):
                return dynamo.model_of(Sent, there)
            raise (StaleTalk if refused.found.keys() & {1, 2} else MessagesExhausted) from refused
        return None

    def page(self, brief_id: str, thread: str, limit: int, after: Position | None = None) -> Page:
        request: dict[str, Any] = {
            "TableName": self._table,
            "ConsistentRead": True,
            **dynamo.under(brief_id, f"{Message.kind}#{thread}#"),
        }
        if after:
            request["ExclusiveStartKey"] = dynamo.key(brief_id, f"{Message.kind}#{thread}#{after.sort}")
        items, last = dynamo.query(self._client, request, limit)
        position = Position(sort=last["sk"].rpartition("#")[2], item=thread) if last else None
        return Page(items=[dynamo.model_of(Message, item) for item in items], next=position)

    def of_author(self, account_id: str, limit: int, after: Position | None = None) -> Page:
        request: dict[str, Any] = {
            "TableName": self._table,
            "IndexName": "by_author",
            "ScanIndexForward": False,
            **dynamo.expressions({"author": account_id}, KeyCondition="#author_id = :author"),
        }
        if after:
            brief_id, _, sk = after.item.partition("/")
            start = {"author_id": account_id, "at": after.sort, "pk": brief_id, "sk": sk}
            request["ExclusiveStartKey"] = dynamo.packed(start)
        rows, last = dynamo.query(self._client, request, limit)
        position = Position(sort=last["at"], item=f"{last['pk']}/{last['sk']}") if last else None
        return Page(items=self._messages(rows), next=position)

    def _messages(self, rows: list[Item]) -> list[Message]:
        keys = [(row["pk"], row["sk"]) for row in rows]
        items = dynamo.get_many(self._client, self._table, keys, consistent=True) if keys else {}
        return [dynamo.model_of(Message, items[key]) for key in keys if key in items]

    def _counted(self, quota: MessageQuota) -> Write:
        """One more of the day; two at once do not stand in each other's way."""
        request = dynamo.expressions(
            {"one": 1, "forget_at": quota.forget_at, "most": quota.most},
            Update="ADD #messages :one SET #forget_at = :forget_at",
            Condition="attribute_not_exists(#messages) OR #messages < :most",
        )
        at = dynamo.key(quota.account_id, f"messages#{quota.day}")
        return {"Update": {"TableName": self._account_table, "Key": at, **request}}

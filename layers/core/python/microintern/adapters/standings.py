"""How accounts stand: one item each, beside their profile."""

from typing import TYPE_CHECKING, Any

from microintern.adapters import dynamo
from microintern.adapters.accounts import STANDING, TRACKED
from microintern.adapters.dynamo import Refused
from microintern.domain.standing import Standing
from microintern.ports.conditions import StaleDocument

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ERASING = "erasing"
"""Listed as such, in the index of what operators and the clean-up look for, until it is finished."""

_DECIDED = {"state", "reason", "since", "version", "done", "event"}


class DynamoStandings:
    """The Standings port on DynamoDB."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def read(self, account_id: str) -> Standing:
        item = dynamo.get(self._client, self._table, account_id, STANDING) or {}
        return dynamo.model_of(Standing, {"account_id": account_id, **item})

    def save(self, standing: Standing) -> None:
        self._decide(standing)

    def _decide(self, standing: Standing, **more: str) -> None:
        at = dynamo.key(standing.account_id, STANDING)
        decided = standing.model_copy(update={"event": None}).model_dump(mode="json", include=_DECIDED)
        event = dynamo.fields(standing.event) if standing.event else None
        changes = {**decided, "event": event, "kind": TRACKED, **more}
        if standing.version == 1:
            write = dynamo.update(self._table, at, changes, "attribute_not_exists(#version)")
        else:
            write = dynamo.update(self._table, at, changes, "#version = :before", before=standing.version - 1)
        try:
            dynamo.commit(self._client, write)
        except Refused as refused:
            raise StaleDocument from refused

    def erase(self, standing: Standing) -> None:
        self._decide(standing, listed=ERASING)

    def erasing(self, limit: int) -> list[str]:
        listed = dynamo.expressions({"listed": ERASING}, KeyCondition="#listed = :listed")
        request = {"TableName": self._table, "IndexName": "organisations", **listed}
        rows, _ = dynamo.query(self._client, request, limit)
        return [row["pk"] for row in rows]

    def erased(self, account_id: str) -> None:
        at = dynamo.key(account_id, STANDING)
        request = dynamo.expressions({}, Update="REMOVE #listed")
        dynamo.commit(self._client, {"Update": {"TableName": self._table, "Key": at, **request}})

    def count(self, account_id: str, window: int, requests: int) -> None:
        values = {"window": window, "requests": requests}
        more = dynamo.expressions(values, Update="ADD #requests :requests", Condition="#window = :window")
        begin = dynamo.expressions(
            values,
            Update="SET #window = :window, #requests = :requests",
            Condition="attribute_not_exists(#window) OR #window < :window",
        )
        # The third is for whoever was overtaken by another who began the window.
        for expressions in (more, begin, more):
            if self._counted(account_id, expressions):
                return

    def _counted(self, account_id: str, expressions: dict[str, Any]) -> bool:
        write = {"Update": {"TableName": self._table, "Key": dynamo.key(account_id, STANDING), **expressions}}
        try:
            dynamo.commit(self._client, write)
        except Refused:
            return False
        return True

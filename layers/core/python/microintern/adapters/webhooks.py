"""Webhook endpoints, kept with their organisation; the log of deliveries in a table of its own; and their queue."""

from datetime import datetime
from math import ceil
from typing import TYPE_CHECKING, Any

from microintern.adapters import dynamo
from microintern.adapters.accounts import TRACKED
from microintern.adapters.dynamo import Item, Refused, Write
from microintern.adapters.organisations import ORGANISATION, is_owner
from microintern.domain.trail import Event
from microintern.domain.webhooks import (
    Delivery,
    Endpoint,
    EndpointState,
    Message,
    key_of,
    of_endpoint,
    place_of,
)
from microintern.ports.conditions import StaleDocument
from microintern.ports.organisations import NotOwner
from microintern.ports.paging import Page, Position
from microintern.ports.webhooks import TooManyEndpoints

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

MOST_DELAY_S = 900
"""No message is hidden for longer; one that is due later is put back when it shows up."""
MOST_FORGOTTEN_AT_ONCE = 200
_DISABLED = {"state", "reason", "version", "event"}
_IS_AT = "#version = :before"


class DynamoEndpoints:
    """The Endpoints port on DynamoDB: in the organisation's partition of the table of accounts."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def create(self, endpoint: Endpoint, most: int) -> Endpoint | None:
        count = dynamo.expressions(
            {"one": 1, "most": most},
            Update="ADD #webhooks :one",
            Condition="attribute_exists(#pk) AND (attribute_not_exists(#webhooks) OR #webhooks < :most)",
        )
        writes = [
            dynamo.put_new(self._table, _item(endpoint)),
            is_owner(self._table, endpoint.organisation_id, endpoint.created_by),
            self._counted(endpoint.organisation_id, count),
        ]
        try:
            dynamo.commit(self._client, *writes)
        except Refused as refused:
            if 0 in refused.found:
                return dynamo.model_of(Endpoint, refused.found[0] or {})
            raise (NotOwner if 1 in refused.found else TooManyEndpoints) from refused
        return None

    def read(self, organisation_id: str, endpoint_id: str) -> Endpoint | None:
        item = dynamo.get(self._client, self._table, organisation_id, key_of(endpoint_id))
        return dynamo.model_of(Endpoint, item) if item else None

    def of(self, organisation_id: str) -> list[Endpoint]:
        request = {"TableName": self._table, "ConsistentRead": True, **dynamo.under(organisation_id, key_of(""))}
        found = [dynamo.model_of(Endpoint, item) for item in dynamo.every(self._client, request)]
        return [endpoint for endpoint in found if endpoint.state is not EndpointState.DELETED]

    def save(self, endpoint: Endpoint, by: str | None) -> None:
        writes = [dynamo.put(self._table, _item(endpoint), _IS_AT, before=endpoint.version - 1)]
        if endpoint.state is EndpointState.DELETED:
            fewer = dynamo.expressions({"one": -1}, Update="ADD #webhooks :one")
            writes.append(self._counted(endpoint.organisation_id, fewer))
        if by is not None:
            writes.append(is_owner(self._table, endpoint.organisation_id, by))
        try:
            dynamo.commit(self._client, *writes)
        except Refused as refused:
            raise (StaleDocument if 0 in refused.found else NotOwner) from refused

    def disable(self, endpoint: Endpoint) -> None:
        changes = {name: value for name, value in dynamo.fields(endpoint).items() if name in _DISABLED}
        self._update(endpoint, changes, endpoint.version - 1)

    def failing(self, endpoint: Endpoint, since: datetime | None) -> None:
        noted = endpoint.model_copy(update={"failing_since": since}).model_dump(mode="json", include={"failing_since"})
        try:
            self._update(endpoint, noted, endpoint.version)
        except StaleDocument:
            return

    def _counted(self, organisation_id: str, expressions: dict[str, Any]) -> Write:
        at = dynamo.key(organisation_id, ORGANISATION)
        return {"Update": {"TableName": self._table, "Key": at, **expressions}}

    def _update(self, endpoint: Endpoint, changes: Item, before: int) -> None:
        at = dynamo.key(endpoint.organisation_id, key_of(endpoint.endpoint_id))
        try:
            dynamo.commit(self._client, dynamo.update(self._table, at, changes, _IS_AT, before=before))
        except Refused as refused:
            raise StaleDocument from refused


class DynamoDeliveries:
    """The Deliveries port on DynamoDB: a partition for each endpoint, sorted as the events came."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def add(self, delivery: Delivery) -> Delivery | None:
        try:
            dynamo.commit(self._client, dynamo.put_new(self._table, _row(delivery)))
        except Refused as refused:
            return dynamo.model_of(Delivery, refused.found[0] or {})
        return None

    def read(self, endpoint_id: str, delivery_id: str) -> Delivery | None:
        item = dynamo.get(self._client, self._table, endpoint_id, delivery_id)
        return dynamo.model_of(Delivery, item) if item else None

    def save(self, delivery: Delivery) -> None:
        try:
            dynamo.commit(self._client, dynamo.put(self._table, _row(delivery), _IS_AT, before=delivery.version - 1))
        except Refused as refused:
            raise StaleDocument from refused

    def newest(self, endpoint_id: str, limit: int, after: Position | None = None) -> Page:
        request: dict[str, Any] = {"TableName": self._table, "ScanIndexForward": False, **dynamo.under(endpoint_id, "")}
        if after:
            request["ExclusiveStartKey"] = dynamo.key(endpoint_id, after.item)
        rows, last = dynamo.query(self._client, request, limit)
        position = Position(sort=last["sk"], item=last["sk"]) if last else None
        return Page(items=[dynamo.model_of(Delivery, row) for row in rows], next=position)

    def between(self, endpoint_id: str, since: datetime, until: datetime, limit: int) -> list[Delivery]:
        values = {"pk": endpoint_id, "since": place_of(since), "until": place_of(until)}
        condition = "#pk = :pk AND #sk BETWEEN :since AND :until"
        request: dict[str, Any] = {
            "TableName": self._table,
            "ConsistentRead": True,
            **dynamo.expressions(values, KeyCondition=condition),
        }
        rows, _ = dynamo.query(self._client, request, limit, most_calls=limit)
        return [dynamo.model_of(Delivery, row) for row in rows]

    def forget(self, endpoint_id: str) -> None:
        request = {"TableName": self._table, "ConsistentRead": True, **dynamo.under(endpoint_id, "")}
        while rows := dynamo.query(self._client, request, MOST_FORGOTTEN_AT_ONCE)[0]:
            dynamo.delete_many(self._client, self._table, [(row["pk"], row["sk"]) for row in rows])


class SqsDeliveryQueue:
    """The DeliveryQueue port on SQS."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def send(self, delivery: Delivery, now: datetime) -> None:
        message = Message.of(delivery)
        wait_s = max(0, ceil((message.due_at - now).total_seconds()))
        self._client.send_message(
            QueueUrl=self._url, MessageBody=message.model_dump_json(), DelaySeconds=min(wait_s, MOST_DELAY_S)
        )


def event_of(old_image: dict[str, Any] | None, new_image: dict[str, Any] | None) -> dict[str, Any] | None:
    """What the step of an endpoint is published as, by the table's stream; None where nothing follows from a write."""
    before, after = (dynamo.unpacked(image) if image else {} for image in (old_image, new_image))
    if not after.get("sk", "").startswith(key_of("")) or before.get("event") == after.get("event"):
        return None
    event = Event.model_validate(after["event"])
    published = of_endpoint(after["pk"], after["endpoint_id"], after["version"], event)
    return published.model_dump(mode="json") if published else None


def _item(endpoint: Endpoint) -> Item:
    at = {"pk": endpoint.organisation_id, "sk": endpoint.key, "kind": TRACKED}
    return {**at, **dynamo.fields(endpoint)}


def _row(delivery: Delivery) -> Item:
    at = {"pk": delivery.endpoint_id, "sk": delivery.delivery_id}
    return {**at, "forget_at": ceil(delivery.kept_until.timestamp()), **dynamo.fields(delivery)}

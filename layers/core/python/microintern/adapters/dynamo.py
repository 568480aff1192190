"""What the tables' adapters share: models as items, conditional writes, and reads that come in parts."""

import base64
import random
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError
from pydantic import BaseModel

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]
"""An item with plain Python values."""

Write = dict[str, dict[str, Any]]
"""One entry of TransactWriteItems: {"Put": ...}, {"Update": ...} or {"ConditionCheck": ...}."""

M = TypeVar("M", bound=BaseModel)

MOST_KEYS_PER_READ = 100
MOST_ITEMS_PER_BATCH = 25
MOST_TRIES = 5
_FIRST_PAUSE_S = 0.05

# A transaction that met another one was not carried out; botocore leaves these to the caller.
_PASSING = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})


class Refused(Exception):
    """Some conditions did not hold; `found` has what lay there, by the position of the write."""

    def __init__(self, found: dict[int, Item | None]) -> None:
        super().__init__(f"the condition of write {', '.join(map(str, found))} did not hold")
        self.found = found


def packed(item: Item) -> dict[str, Any]:
    """Plain values as DynamoDB takes them: JSON's, of numbers integers only, sets of strings, and bytes.

    Of our own, because boto3's serializer makes decimals of numbers, and brings the whole of boto3 into a cold start.
    """
    return {name: _attribute(value) for name, value in item.items()}


def unpacked(item: dict[str, Any]) -> Item:
    """DynamoDB's values as plain ones."""
    return {name: _plain(attribute) for name, attribute in item.items()}


def _attribute(value: Any) -> dict[str, Any]:
    for types, kind, write in _WRITTEN:
        if isinstance(value, types):
            return {kind: write(value)}
    raise TypeError(f"no attribute holds a {type(value).__name__}")


def _plain(attribute: dict[str, Any]) -> Any:
    ((kind, value),) = attribute.items()
    if kind not in _READ:
        raise ValueError(f"nothing here is kept as {kind}")
    return _READ[kind](value)


def _bytes(value: bytes | str) -> bytes:
    """What a call answers with is bytes; a stream's function is handed JSON, where they are in base64."""
    return base64.b64decode(value) if isinstance(value, str) else value


_WRITTEN: list[tuple[type | tuple[type, ...], str, Callable[[Any], Any]]] = [
    (bool, "BOOL", bool),  # before int, which it is too
    (int, "N", str),
    (str, "S", str),
    (bytes, "B", bytes),
    (type(None), "NULL", lambda _: True),
    ((list, tuple), "L", lambda values: [_attribute(each) for each in values]),
    (dict, "M", packed),
    ((set, frozenset), "SS", sorted),
]
_READ: dict[str, Callable[[Any], Any]] = {
    "BOOL": bool,
    "N": int,
    "S": str,
    "B": _bytes,
    "NULL": lambda _: None,
    "L": lambda values: [_plain(each) for each in values],
    "M": unpacked,
    "SS": set,
}


def key(pk: str, sk: str) -> dict[str, Any]:
    """The primary key, as every table here has it."""
    return packed({"pk": pk, "sk": sk})


def fields(model: BaseModel) -> Item:
    """A model's fields; instants are strings, what is None is left out."""
    return model.model_dump(mode="json", exclude_none=True)


def model_of(model: type[M], item: Item) -> M:
    """The model kept in an item, whatever else the item carries."""
    names = [name for name, field in model.model_fields.items() if name in item or field.is_required()]
    return model.model_validate({name: item.get(name) for name in names})


def expressions(values: Item, **texts: str) -> dict[str, Any]:
    """Expressions with what they name: `#name` is an attribute (reserved word or not), `:name` a value."""
    names = {f"#{name}": name for text in texts.values() for name in re.findall(r"#(\w+)", text)}
    request: dict[str, Any] = {f"{kind}Expression": text for kind, text in texts.items()}
    if names:
        request["ExpressionAttributeNames"] = names
    if values:
        request["ExpressionAttributeValues"] = packed({f":{name}": value for name, value in values.items()})
    return request


SHOW_WHAT_REFUSED = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


def put(table: str, item: Item, condition: str, **values: Any) -> Write:
    """Put an item on a condition."""
    return {
        "Put": {
            "TableName": table,
            "Item": packed(item),
            **expressions(values, Condition=condition),
            **SHOW_WHAT_REFUSED,
        }
    }


def put_new(table: str, item: Item) -> Write:
    """Put an item at a free key."""
    return put(table, item, "attribute_not_exists(#pk)")


def put_over(table: str, item: Item) -> Write:
    """Put an item whatever is there."""
    return {"Put": {"TableName": table, "Item": packed(item)}}


def put_version(table: str, item: Item) -> Write:
    """Put an item over its version before; the first version needs a free key."""
    if item["version"] == 1:
        return put_new(table, item)
    return put(table, item, "#version = :before", before=item["version"] - 1)


def update(table: str, at: dict[str, Any], changes: Item, condition: str, **values: Any) -> Write:
    """Set attributes on a condition; one that becomes None is removed."""
    given = {name: value for name, value in changes.items() if value is not None}
    set_ = ", ".join(f"#{name} = :new_{name}" for name in given)
    removed = ", ".join(f"#{name}" for name in changes if name not in given)
    verbs = [f"SET {set_}"] * bool(set_) + [f"REMOVE {removed}"] * bool(removed)
    all_values = values | {f"new_{name}": value for name, value in given.items()}
    request = expressions(all_values, Update=" ".join(verbs), Condition=condition)
    return {"Update": {"TableName": table, "Key": at, **request, **SHOW_WHAT_REFUSED}}


def add(table: str, at: tuple[str, str], name: str, change: int) -> Write:
    """Add to a number, which is zero while it is not there; on condition that it does not fall below zero."""
    condition = {"Condition": f"#{name} >= :least"} if change < 0 else {}
    values = {"change": change} | ({"least": -change} if change < 0 else {})
    request = expressions(values, Update=f"ADD #{name} :change", **condition)
    return {"Update": {"TableName": table, "Key": key(*at), **request, **SHOW_WHAT_REFUSED}}


def remove(table: str, at: dict[str, Any]) -> Write:
    """Take an item away, whether or not it is there."""
    return {"Delete": {"TableName": table, "Key": at}}


def remove_there(table: str, at: dict[str, Any]) -> Write:
    """Take away an item that is there."""
    request = expressions({}, Condition="attribute_exists(#pk)")
    return {"Delete": {"TableName": table, "Key": at, **request, **SHOW_WHAT_REFUSED}}


def check(table: str, at: dict[str, Any], condition: str, **values: Any) -> Write:
    """A condition on an item that is not written."""
    request = expressions(values, Condition=condition)
    return {"ConditionCheck": {"TableName": table, "Key": at, **request, **SHOW_WHAT_REFUSED}}


def commit(client: "DynamoDBClient", *writes: Write) -> None:
    """Make the writes, all or nothing, in one call; raises Refused when a condition does not hold."""
    for attempt in range(1, MOST_TRIES + 1):
        try:
            _send(client, writes)
        except ClientError as error:
            found = _refusals(error)
            if found:
                raise Refused(found) from error
            if attempt == MOST_TRIES or not _passing(error):
                raise
            _pause(attempt)
        else:
            return


def _send(client: "DynamoDBClient", writes: Sequence[Write]) -> None:
    match writes:
        case [{"Put": request}]:
            client.put_item(**request)
        case [{"Update": request}]:
            client.update_item(**request)
        case _:
            client.transact_write_items(TransactItems=writes)  # type: ignore[arg-type]


def _refusals(error: ClientError) -> dict[int, Item | None]:
    """What lay where a condition did not hold; empty when it was another error."""
    answer: dict[str, Any] = dict(error.response)
    reasons = answer.get("CancellationReasons", [])
    if answer["Error"]["Code"] == "ConditionalCheckFailedException":
        reasons = [{"Code": "ConditionalCheckFailed", "Item": answer.get("Item")}]
    refused = {i: r.get("Item") for i, r in enumerate(reasons) if r.get("Code") == "ConditionalCheckFailed"}
    return {i: unpacked(item) if item else None for i, item in refused.items()}


def _passing(error: ClientError) -> bool:
    answer: dict[str, Any] = dict(error.response)
    codes = {reason.get("Code", "None") for reason in answer.get("CancellationReasons", [])} - {"None"}
    return answer["Error"]["Code"] == "TransactionConflictException" or (bool(codes) and codes <= _PASSING)


def _pause(attempt: int) -> None:
    """Wait for a random time that doubles with each attempt, so that rivals part."""
    time.sleep(random.uniform(0, _FIRST_PAUSE_S * 2**attempt))


def get(client: "DynamoDBClient", table: str, pk: str, sk: str) -> Item | None:
    """One item, strongly consistent."""
    found = client.get_item(TableName=table, Key=key(pk, sk), ConsistentRead=True).get("Item")
    return unpacked(found) if found else None


def get_many(
    client: "DynamoDBClient", table: str, keys: Iterable[tuple[str, str]], *, consistent: bool
) -> dict[tuple[str, str], Item]:
    """The items that exist, by key: one call for each hundred keys, more only for what DynamoDB left over."""
    wanted = list(dict.fromkeys(keys))
    found: dict[tuple[str, str], Item] = {}
    for start in range(0, len(wanted), MOST_KEYS_PER_READ):
        chunk = {table: wanted[start : start + MOST_KEYS_PER_READ]}
        found |= get_together(client, chunk, consistent=consistent)[table]
    return found


def get_together(
    client: "DynamoDBClient", keys: Mapping[str, Sequence[tuple[str, str]]], *, consistent: bool
) -> dict[str, dict[tuple[str, str], Item]]:
    """Items of several tables, a hundred at most: those that exist, by table and key."""
    found: dict[str, dict[tuple[str, str], Item]] = {table: {} for table in keys}
    left: dict[str, Any] = {
        table: {"Keys": [key(pk, sk) for pk, sk in dict.fromkeys(wanted)], "ConsistentRead": consistent}
        for table, wanted in keys.items()
    }
    for attempt in range(1, MOST_TRIES + 1):
        answer = client.batch_get_item(RequestItems=left)
        for table, items in answer["Responses"].items():
            found[table] |= {(item["pk"], item["sk"]): item for item in map(unpacked, items)}
        left = dict(answer.get("UnprocessedKeys") or {})
        if not left:
            break
        _pause(attempt)
    _all_done(left)
    return found


def put_many(client: "DynamoDBClient", table: str, items: Iterable[Item]) -> None:
    """Put items over whatever is there; of two at one key the last stays."""
    rows = list({(item["pk"], item["sk"]): item for item in items}.values())
    for start in range(0, len(rows), MOST_ITEMS_PER_BATCH):
        chunk = rows[start : start + MOST_ITEMS_PER_BATCH]
        _write_batch(client, table, [{"PutRequest": {"Item": packed(item)}} for item in chunk])


def delete_many(client: "DynamoDBClient", table: str, keys: Iterable[tuple[str, str]]) -> None:
    """Delete items, whether or not they are there."""
    rows = list(dict.fromkeys(keys))
    for start in range(0, len(rows), MOST_ITEMS_PER_BATCH):
        chunk = rows[start : start + MOST_ITEMS_PER_BATCH]
        _write_batch(client, table, [{"DeleteRequest": {"Key": key(pk, sk)}} for pk, sk in chunk])


def _write_batch(client: "DynamoDBClient", table: str, requests: list[Any]) -> None:
    left: dict[str, Any] = {table: requests}
    for attempt in range(1, MOST_TRIES + 1):
        left = dict(client.batch_write_item(RequestItems=left).get("UnprocessedItems") or {})
        if not left:
            break
        _pause(attempt)
    _all_done(left)


def _all_done(left: dict[str, Any]) -> None:
    if left:
        raise RuntimeError(f"DynamoDB left part of a batch undone {MOST_TRIES} times; it is throttling")


def under(pk: str, prefix: str) -> dict[str, Any]:
    """The key condition for the items of one partition whose sort keys begin so; with no prefix, for all of them."""
    if not prefix:
        return expressions({"pk": pk}, KeyCondition="#pk = :pk")
    return expressions({"pk": pk, "prefix": prefix}, KeyCondition="#pk = :pk AND begins_with(#sk, :prefix)")


def every(client: "DynamoDBClient", request: dict[str, Any]) -> Iterator[Item]:
    """All items of a query, however many calls that takes."""
    while True:
        answer = client.query(**request)
        yield from map(unpacked, answer["Items"])
        if not answer.get("LastEvaluatedKey"):
            return
        request = {**request, "ExclusiveStartKey": answer["LastEvaluatedKey"]}


def query(
    client: "DynamoDBClient", request: dict[str, Any], limit: int, most_calls: int = 1
) -> tuple[list[Item], Item | None]:
    """Up to `limit` items, and the item or key to go on after; None when the list has ended.

    With a filter, a call can pass over everything that it reads: after `most_calls` the next page goes on.
    """
    found: list[Item] = []
    last: Item | None = None
    for _ in range(most_calls):
        # One more than wanted tells whether the list goes on.
        answer = client.query(**{"Limit": limit + 1, **request})
        found += [unpacked(item) for item in answer["Items"]]
        last = unpacked(answer["LastEvaluatedKey"]) if answer.get("LastEvaluatedKey") else None
        if len(found) > limit or (last and len(found) == limit):
            return found[:limit], found[limit - 1]
        if last is None:
            break
        request = {**request, "ExclusiveStartKey": answer["LastEvaluatedKey"]}
    return found, last

"""Writes down what AWS would charge for: capacity of the tables, invocations, events, schedules, requests.

Reads are counted from what a call returned, for the emulator counts each query as one item; writes as the emulator
does, indexes included, which is as DynamoDB does.
"""

import importlib
import json
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from http import HTTPStatus
from pathlib import Path
from typing import Any

Data = dict[str, Any]
Note = Callable[..., None]

_READS = ("get_item", "query", "scan", "batch_get_item")
_WRITES = ("put_item", "update_item", "delete_item", "batch_write_item", "transact_write_items")
_READ_UNIT_BYTES = 4_096
_ROW_BYTES = 256

_caller: ContextVar[str] = ContextVar("caller", default="")
"""The role that a call is made with; empty for what the emulator does by itself, such as a workflow's calls."""


def meter(path: Path) -> None:
    """From now on, add a line for everything that is charged for."""
    lock = threading.Lock()

    def note(service: str, action: str, **more: Any) -> None:
        line = json.dumps({"service": service, "action": action, "caller": _caller.get(), **more})
        with lock, path.open("a", encoding="utf-8") as lines:
            lines.write(line + "\n")

    _tell_callers(importlib.import_module("ministack.core.iam_evaluator"))
    _meter_tables(importlib.import_module("ministack.services.dynamodb"), note)
    _meter_functions(importlib.import_module("ministack.services.lambda_svc"), note)
    _meter_calls(note)


def _tell_callers(evaluator: Any) -> None:
    evaluate = evaluator.evaluate

    def evaluate_and_tell(context: Any, *policies: Any) -> Any:
        _caller.set(context.principal_arn)
        return evaluate(context, *policies)

    evaluator.evaluate = evaluate_and_tell


def _meter_tables(dynamodb: Any, note: Note) -> None:
    def metered(name: str) -> Callable[[Data], Any]:
        call = getattr(dynamodb, f"_{name}")

        def called(data: Data) -> Any:
            answer = call({**data, "ReturnConsumedCapacity": "INDEXES"})
            body = json.loads(answer[2] or b"{}")
            what = {"failed": answer[0] != HTTPStatus.OK, "items": _kinds(data), "asked": data}
            note("dynamodb", name, **what, **_units(name, data, body, dynamodb))
            return answer

        return called

    for name in (*_READS, *_WRITES):
        setattr(dynamodb, f"_{name}", metered(name))


def _units(name: str, data: Data, body: Data, dynamodb: Any) -> Data:
    """The units of a call, those of indexes apart."""
    if name in _WRITES:
        return {"write": _written(body)}
    if name == "batch_get_item":
        read = 0.0
        for table, asked in data["RequestItems"].items():
            found = body.get("Responses", {}).get(table, [])
            missing = len(asked["Keys"]) - len(found)
            sizes = [*map(dynamodb._item_size_bytes, found), *[1] * missing]
            read += sum(_read(size, asked.get("ConsistentRead", False)) for size in sizes)
        return {"read": read}
    found = [body["Item"]] if "Item" in body else body.get("Items", [])
    size = sum(map(dynamodb._item_size_bytes, found))
    # What a filter passes over is read as well; it is taken to be as large as what is left, or as the index's rows are.
    passed_over = body.get("ScannedCount", len(found)) - len(found)
    size += passed_over * (size // len(found) if found else _ROW_BYTES)
    index = {"index": data["IndexName"]} if "IndexName" in data else {}
    return {"read": _read(size, data.get("ConsistentRead", False)), **index}


def _read(size_bytes: int, consistent: bool) -> float:
    return max(1, math.ceil(size_bytes / _READ_UNIT_BYTES)) * (1.0 if consistent else 0.5)


def _written(body: Data) -> Data:
    """Write units by table, and by table and index."""
    found = body.get("ConsumedCapacity", [])
    units: Data = {}
    for table in found if isinstance(found, list) else [found]:
        indexes = table.get("GlobalSecondaryIndexes", {})
        of_indexes = {f"{table['TableName']}/{index}": used["CapacityUnits"] for index, used in indexes.items()}
        units |= {table["TableName"]: table["CapacityUnits"] - sum(of_indexes.values()), **of_indexes}
    return units


def _kinds(data: Data) -> list[str]:
    """Which items a call names: what their sort keys begin with."""
    return sorted({str(key["sk"].get("S")).partition("#")[0] for key in _keys(data) if "sk" in key})


def _keys(data: Data) -> Iterator[Data]:
    if "TransactItems" in data:
        for write in data["TransactItems"]:
            yield from map(_key_of, write.values())
    elif "RequestItems" in data:
        for asked in data["RequestItems"].values():
            if isinstance(asked, dict):
                yield from asked["Keys"]
            else:
                yield from (_key_of(request) for write in asked for request in write.values())
    else:
        yield _key_of(data)


def _key_of(request: Data) -> Data:
    key: Data = request.get("Key") or request.get("Item") or {}
    return key


def _meter_functions(functions: Any, note: Note) -> None:
    execute = functions._execute_function

    def executed(function: Data, event: Any) -> Any:
        config, start_s = function["config"], time.monotonic()
        try:
            return execute(function, event)
        finally:
            memory = {"memory_mb": config["MemorySize"], "ms": round((time.monotonic() - start_s) * 1_000)}
            note("lambda", "invoke", function=config["FunctionName"], **memory)

    functions._execute_function = executed


def _meter_calls(note: Note) -> None:
    """Those of services where a call is what is charged for."""
    events: Any = importlib.import_module("ministack.services.eventbridge")
    put_events = events._put_events

    def put_and_note(data: Data, *more: Any, **further: Any) -> Any:
        note("events", "put", entries=len(data.get("Entries", [])))
        return put_events(data, *more, **further)

    events._put_events = put_and_note
    for name in ("scheduler", "s3", "sqs", "kms", "stepfunctions"):
        module: Any = importlib.import_module(f"ministack.services.{name}")
        module.handle_request = _noted(name, module.handle_request, note)


def _noted(service: str, handle: Any, note: Note) -> Any:
    async def handled(method: str, path: str, headers: Data, *more: Any, **further: Any) -> Any:
        note(service, headers.get("x-amz-target", "").rpartition(".")[2] or method, path=path[:80])
        return await handle(method, path, headers, *more, **further)

    return handled

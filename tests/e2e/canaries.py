"""Strings that nobody else writes, in every field that is about a person, and where in the stack they turn up."""

import copy
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from infra.local.caller import BODIES
from infra.local.stack import LocalStack
from infra.local.steps import ROOT

MARK = "zqcanary"
"""In every canary."""

DOCUMENT: dict[str, Any] = json.loads((ROOT / "functions/openapi/openapi.json").read_text(encoding="utf-8"))

HANDLES = {
    "^[A-Za-z0-9_-]{8,64}$": "an id that the server made",
    "^[a-z0-9][a-z0-9-]{0,39}$": "the name of a deliverable or a criterion, which requests and events cite",
    "^[a-z0-9][a-z0-9+#.-]{0,29}$": "a skill",
    "^[a-z]+/[a-z0-9][a-z0-9.+-]{0,80}$": "a media type",
    "^[A-Z]{3}$": "a currency",
    "^[A-Z]{2}(-[A-Z0-9]{1,3}){0,2}$": "a place",
    "^[A-Za-z0-9+/]{43}=$": "a SHA-256",
    "^[0-9a-f]{64}$": "a SHA-256, too",
}
"""Patterns that leave no room for words about a person. Whoever adds one says here what it is."""

Place = tuple[str, ...]


def personal_fields() -> dict[str, list[Place]]:
    """By operation, such as `post /briefs`, the places in its body that hold what people write about themselves."""
    found: dict[str, list[Place]] = {}
    for path, operations in DOCUMENT["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if content:
                strings = dict(_strings(content["schema"]))
                found[f"{method} {path}"] = [at for at, schema in strings.items() if _is_personal(schema, at)]
    return {operation: places for operation, places in found.items() if places}


def _is_personal(schema: dict[str, Any], at: Place) -> bool:
    """Everything is, but for what is one of a choice, an instant, a zone, a handle or a hash."""
    chosen = "enum" in schema or "const" in schema
    return not (chosen or schema.get("format") == "date-time" or at[-1] == "zone" or schema.get("pattern") in HANDLES)


def _strings(schema: dict[str, Any], at: Place = ()) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Every string in a schema, with its place; `*` stands for each item of a list."""
    if "$ref" in schema:
        yield from _strings(DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]], at)
    for part in (*schema.get("anyOf", []), *schema.get("oneOf", []), *schema.get("allOf", [])):
        yield from _strings(part, at)
    for name, inner in schema.get("properties", {}).items():
        yield from _strings(inner, (*at, name))
    if "items" in schema:
        yield from _strings(schema["items"], (*at, "*"))
    if schema.get("type") == "string":
        yield at, schema


class Canaries:
    """Puts them into bodies, and remembers where."""

    def __init__(self) -> None:
        self.fields = personal_fields()
        self.flown: dict[str, set[tuple[str, Place]]] = {}
        """By canary, the fields that it was sent in."""

    def body(self, operation: str, **changes: Any) -> Any:
        """The example body of an operation with some of its fields changed, and a canary in every personal one."""
        body = copy.deepcopy(BODIES.get(operation, {}) | changes)
        for place in self.fields[operation]:
            self._fly(operation, body, place, place)
        return body

    def email(self, who: str) -> str:
        """An address to sign up with."""
        return f"{self._canary(who, 'sign-up', ('email',))}@example.com"

    def missing(self) -> list[str]:
        """The personal fields that no canary was sent in."""
        flown = set().union(*self.flown.values())
        every = {(operation, place) for operation, places in self.fields.items() for place in places}
        return sorted(f"{operation}: {'/'.join(place)}" for operation, place in every - flown)

    def _fly(self, operation: str, inner: Any, rest: Place, place: Place) -> None:
        step, *further = rest
        keys = range(len(inner)) if step == "*" else [step]
        for key in keys:
            if further:
                inner.setdefault(key, {}) if isinstance(inner, dict) else None
                self._fly(operation, inner[key], tuple(further), place)
            else:
                text = inner[key] if isinstance(inner, list) or inner.get(key) else "words"
                inner[key] = self._in(text, operation, place)

    def _in(self, text: str, operation: str, place: Place) -> str:
        canary = self._canary(text, operation, place)
        if MARK in text:
            return text
        if text.startswith("https://"):
            return f"{text}/{canary}"
        if text.startswith("sandbox-"):
            return f"sandbox-{canary}"
        stem, dot, suffix = text.rpartition(".")
        is_file = dot and stem and re.fullmatch(r"[a-z]{3,4}", suffix)
        return f"{stem} {canary}.{suffix}" if is_file else f"{text[:80]} {canary}"

    def _canary(self, text: str, operation: str, place: Place) -> str:
        """The same for the same text: what cites something else of the journey still does."""
        canary = f"{MARK}{hashlib.sha256(text.encode()).hexdigest()[:12]}"
        self.flown.setdefault(canary, set()).add((operation, place))
        return canary


Found = list[tuple[str, str]]
"""Where a canary was found, with what stands around it."""


def sightings(where: str, texts: Iterator[str]) -> Found:
    """Every text with a canary in it; at least one text must be there, or nothing was looked at."""
    looked, found = 0, []
    for text in texts:
        looked += 1
        if (at := text.find(MARK)) >= 0:
            found.append((where, text[max(0, at - 120) : at + 60]))
    if not looked:
        raise LookupError(f"there is nothing to look at in {where}")
    return found


def logs(stack: LocalStack) -> Iterator[str]:
    """Every line that anything logged, metrics among them."""
    client = stack.client("logs")
    for page in client.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            pages = client.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
            yield from (event["message"] for events in pages for event in events["events"])


def histories(stack: LocalStack) -> Iterator[str]:
    """Every event of every execution, with what went in and out."""
    client = stack.client("stepfunctions")
    for page in client.get_paginator("list_executions").paginate(stateMachineArn=stack.outputs.state_machine_arn):
        for execution in page["executions"]:
            history = client.get_paginator("get_execution_history").paginate(executionArn=execution["executionArn"])
            yield from (json.dumps(event, default=str) for events in history for event in events["events"])


def schedules(stack: LocalStack) -> Iterator[str]:
    """Every schedule, with what it would call and with what."""
    client = stack.client("scheduler")
    for page in client.get_paginator("list_schedules").paginate():
        for schedule in page["Schedules"]:
            found = client.get_schedule(Name=schedule["Name"], GroupName=schedule["GroupName"])
            yield json.dumps(found, default=str)


def metrics(stack: LocalStack) -> Iterator[str]:
    """Every metric by name and dimensions; most are in the logs only, as text."""
    yield "none are kept by themselves here"
    for page in stack.client("cloudwatch").get_paginator("list_metrics").paginate():
        yield from (json.dumps(metric) for metric in page["Metrics"])


def letters(stack: LocalStack, is_meant: Callable[[str], bool]) -> Iterator[str]:
    """Every message in the queues whose names pass."""
    client = stack.client("sqs")
    for url in client.list_queues().get("QueueUrls", []):
        while is_meant(url.lower()):
            answer = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=600)
            messages = answer.get("Messages", [])
            if not messages:
                break
            yield from (f"{url} {message['Body']}" for message in messages)


def rows(stack: LocalStack, table: str) -> Iterator[str]:
    """Every item of a table."""
    for page in stack.client("dynamodb").get_paginator("scan").paginate(TableName=table):
        yield from (json.dumps(item) for item in page["Items"])

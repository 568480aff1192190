"""A plugin of pytest that writes down which permissions the handlers use on moto: rare ways that no journey takes.

`-p tests.functions.recording`, with the file's name in RECORD_PERMISSIONS; see tests/infra/used_permissions.py.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from botocore import signers
from botocore.client import BaseClient

from tests.contract import tables
from tests.functions.world import (
    DELIVERIES,
    ENVIRONMENT,
    UNDELIVERED,
    WEBHOOK_QUEUE,
    WEBHOOKS_UNDELIVERED,
    World,
)

Params = dict[str, Any]
Permission = tuple[str, str]
"""An action, and what it is done to."""

_TABLES = {
    tables.BRIEFS: "Briefs",
    tables.ACCOUNTS: "Accounts",
    tables.LEDGER: "Ledger",
    tables.AUDIT: "Audit",
    tables.SANDBOX: "Sandbox",
    tables.TRAIL: "Trail",
    tables.RECORDS: "Records",
    tables.CREDENTIALS: "Credentials",
    tables.WEBHOOKS: "Webhooks",
    tables.SEARCH: "Search",
}
_SECRETS = {ENVIRONMENT["PAYMENT_SECRET_ARN"]: "PaymentsSecret", ENVIRONMENT["MAIL_SECRET_ARN"]: "MailSecret"}
_QUEUES = {
    UNDELIVERED: "queue Undelivered",
    DELIVERIES: "queue Queue",
    WEBHOOKS_UNDELIVERED: "queue WebhooksUndelivered",
    WEBHOOK_QUEUE: "queue WebhooksQueue",
}
_LABELS: dict[str, Callable[[Params], str]] = {
    "events": lambda params: "Events" if "EventBusName" in params["Entries"][0] else "the account's bus",
    "secretsmanager": lambda params: _SECRETS.get(params["SecretId"], "OriginKey"),
    "stepfunctions": lambda params: "WorkflowStateMachine",
    "cognito-idp": lambda params: "AccountsPool",
    "dynamodbstreams": lambda params: f"table {_streaming(params)} stream",
    "kms": lambda params: "SecretsKey",
    "scheduler": lambda params: "DeadlinesGroup",
    "sqs": lambda params: _queue(params["QueueUrl"].rsplit("/", 1)[1]),
}
"""What a call is about, by its service."""
_S3 = {
    "HeadObject": "GetObject",
    "GetObject": "GetObject",
    "CreateMultipartUpload": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "ListParts": "ListMultipartUploadParts",
    "CopyObject": "PutObject",
    "ListObjectVersions": "ListBucketVersions",
    "get_object": "GetObject",
    "upload_part": "PutObject",
}
"""The permission that a call or a link needs, where that is not called as the call is."""
_caller: ContextVar[str | None] = ContextVar("caller", default=None)


def pytest_configure() -> None:
    """From now on, whatever a handler asks AWS for is written down."""
    path = Path(os.environ["RECORD_PERMISSIONS"])
    seen: set[tuple[str, str, str]] = set()

    def note(permissions: Iterator[Permission]) -> None:
        folder = _caller.get()
        if folder is None:  # the test itself asks
            return
        fresh = {(folder, action, label) for action, label in permissions} - seen
        seen.update(fresh)
        with path.open("a", encoding="utf-8") as lines:
            lines.writelines(json.dumps(entry) + "\n" for entry in sorted(fresh))

    _hear_clients(note)
    _hear_links(note)
    _hear_functions(note)


def _hear_clients(note: Callable[[Iterator[Permission]], None]) -> None:
    make: Any = BaseClient._make_api_call  # type: ignore[attr-defined]

    def make_api_call(client: BaseClient, operation: str, params: Params) -> Any:
        note(_permissions(client.meta.service_model.service_name, operation, params))
        return make(client, operation, params)

    BaseClient._make_api_call = make_api_call  # type: ignore[attr-defined]


def _hear_links(note: Callable[[Iterator[Permission]], None]) -> None:
    """A link or a form does what it does with the permissions of the function that made it."""
    module: Any = signers
    url, post = module.generate_presigned_url, module.generate_presigned_post

    def made_url(client: BaseClient, operation: str, Params: Params, **more: Any) -> Any:  # noqa: N803
        note(_of_files(operation, Params))
        return url(client, operation, Params, **more)

    def made_post(client: BaseClient, *args: Any, **more: Any) -> Any:
        note(_of_files("PutObject", {}))
        return post(client, *args, **more)

    module.generate_presigned_url, module.generate_presigned_post = made_url, made_post


def _hear_functions(note: Callable[[Iterator[Permission]], None]) -> None:
    """A handler that has another one called is heard as itself, and then the other one."""
    call, invoke = World.call, World.invoke

    def as_caller(folder: str, run: Callable[[], Any]) -> Any:
        token = _caller.set(folder)
        try:
            return run()
        finally:
            _caller.reset(token)

    def called(world: World, name: str, event: Any = None) -> Any:
        return as_caller(name.partition("/")[0], lambda: call(world, name, event))

    def invoked(world: World, FunctionName: str, **asked: Any) -> Any:  # noqa: N803
        note(iter([("InvokeFunction", f"function {_camel(FunctionName)}")]))
        return as_caller(FunctionName, lambda: invoke(world, FunctionName, **asked))

    World.call = called  # type: ignore[method-assign, assignment]
    World.invoke = invoked  # type: ignore[method-assign, assignment]


def _permissions(service: str, operation: str, params: Params) -> Iterator[Permission]:
    if service == "dynamodb":
        yield from _of_tables(operation, params)
    elif service == "s3":
        yield from _of_files(operation, params)
    elif service == "sesv2":
        yield from ((operation, f"mail's {what}") for what in ("identity", "configuration-set"))
    elif service in _LABELS:
        yield operation, _LABELS[service](params)
        if service == "scheduler" and "Target" in params:
            yield "PassRole", "DeadlinesRole"


def _of_files(operation: str, params: Params) -> Iterator[Permission]:
    action = _S3.get(operation, operation)
    yield (f"{action}Version" if "VersionId" in params else action), "Files"
    if "CopySource" in params:
        yield ("GetObjectVersion" if "VersionId" in params["CopySource"] else "GetObject"), "Files"


def _queue(name: str) -> str:
    return _QUEUES.get(name, f"dead letters {_camel(name)}")


def _streaming(params: Params) -> str:
    """Its iterators name the stream that they are of."""
    (label,) = [label for table, label in _TABLES.items() if f":table/{table}/stream/" in str(params)]
    return label


def _of_tables(operation: str, params: Params) -> Iterator[Permission]:
    if operation == "TransactWriteItems":
        names = {
            "ConditionCheck": "ConditionCheckItem",
            "Put": "PutItem",
            "Update": "UpdateItem",
            "Delete": "DeleteItem",
        }
        for write in params["TransactItems"]:
            ((kind, item),) = write.items()
            yield names[kind], f"table {_TABLES[item['TableName']]}"
    elif operation in ("BatchGetItem", "BatchWriteItem"):
        for table in params["RequestItems"]:
            yield operation, f"table {_TABLES[table]}"
    else:
        index = f" by {params['IndexName']}" if "IndexName" in params else ""
        yield operation, f"table {_TABLES[params['TableName']]}{index}"


def _camel(folder: str) -> str:
    return folder.title().replace("_", "")

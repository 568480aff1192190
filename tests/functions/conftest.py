"""The functions, imported once as Lambda does, each test on an AWS that is empty."""

import io
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from logging import StreamHandler
from types import ModuleType
from typing import Any
from unittest import mock

import pytest
from aws_lambda_powertools import Logger
from moto import mock_aws

from microintern.adapters import aws as clients
from microintern.adapters.clock import SystemClock
from microintern.adapters.groups import CognitoGroups
from microintern.adapters.signing import KmsSigner
from microintern.adapters.users import CognitoUsers
from microintern.domain.events import SOURCE
from microintern.scanning.result import LOCAL_SOURCE
from microintern.web.gate import gate
from tests.contract.kms_double import KEY_ARN, Kms
from tests.functions.world import BUS, ENVIRONMENT, SAMPLES, World, sources
from tools.generate import import_handler

SERVICES = (
    *("dynamodb", "dynamodbstreams", "s3", "sqs", "lambda", "secretsmanager", "kms"),
    *("events", "scheduler", "stepfunctions", "cognito-idp", "sesv2"),
)
LOGS = io.StringIO()


@pytest.fixture(scope="session")
def functions() -> Iterator[dict[str, ModuleType]]:
    """Every handler's module; the process's environment and clients are as before afterwards."""
    with mock.patch.dict(os.environ, ENVIRONMENT):
        os.environ.pop("AWS_ENDPOINT_URL", None)
        clients.connect.cache_clear()
        modules = {path.parent.name: import_handler(path.parent.name) for path in sources()}
        handler = Logger().registered_handler
        assert isinstance(handler, StreamHandler)
        handler.setStream(LOGS)
        gate.cache_clear()
        yield modules
        clients.connect.cache_clear()
        gate.cache_clear()


@pytest.fixture(scope="module")
def aws(functions: dict[str, ModuleType]) -> Iterator[World]:
    """One AWS for a module: to make one takes longer than most tests, to empty it does not."""
    with mock_aws():
        made = World({name: clients.client(name) for name in SERVICES}, functions, LOGS)
        made.build()
        yield made


@pytest.fixture
def world(aws: World, functions: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Everything the functions meet; afterwards no line that they logged may hold what a person wrote."""
    LOGS.seek(0)
    LOGS.truncate()
    aws.empty()
    monkeypatch.setattr(SystemClock, "now", lambda _: aws.clock.now())
    # moto runs functions in containers; here they run in this process.
    monkeypatch.setattr(aws.clients["lambda"], "invoke", aws.invoke)
    credits_people = ("credentials_api", "credits_api", "public_credentials", "status_lists", "issue_credential")
    for folder in ("manifest_api", "signing_keys", *credits_people):
        monkeypatch.setattr(functions[folder], "signer", KmsSigner(Kms(), KEY_ARN))  # type: ignore[arg-type]
    cognito = aws.clients["cognito-idp"]
    monkeypatch.setattr(functions["roles_api"], "groups", CognitoGroups(cognito, aws.pool_id))
    monkeypatch.setattr(functions["roles_api"], "users", CognitoUsers(cognito, aws.pool_id))
    monkeypatch.setattr(functions["personal_data_api"], "groups", CognitoGroups(cognito, aws.pool_id))
    office = replace(functions["send_mail"].office, users=CognitoUsers(cognito, aws.pool_id))
    monkeypatch.setattr(functions["send_mail"], "office", office)
    events = aws.clients["events"].meta.events

    def note(params: dict[str, Any], **_: Any) -> None:
        for entry in params["Entries"]:
            assert entry.get("EventBusName") == (None if entry["Source"] == LOCAL_SOURCE else BUS)
            heard = aws.published if entry["Source"] == SOURCE else aws.scanned
            heard.append(json.loads(entry["Detail"]))

    def keep_mail(params: dict[str, Any], **_: Any) -> None:
        aws.mails.append(params)

    mails = aws.clients["sesv2"].meta.events
    events.register("provide-client-params.events.PutEvents", note)
    mails.register("provide-client-params.sesv2.SendEmail", keep_mail)
    yield aws
    events.unregister("provide-client-params.events.PutEvents", note)
    mails.unregister("provide-client-params.sesv2.SendEmail", keep_mail)
    found = [text for text in PERSONAL if text in LOGS.getvalue()]
    assert found == []


def _written_by_people(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _written_by_people(inner)
    elif isinstance(value, str) and " " in value:
        yield value


PERSONAL = [
    *_written_by_people(json.loads((SAMPLES / "http_bodies.json").read_text(encoding="utf-8"))),
    "Amara",
    "Chidi",
    "amara-okafor",
    "example.com",
    "pay_floors_clean.csv",
    "sandbox-card",
    "sandbox-account",
]
"""Names, titles, statements, feedback, reasons, links: everything with a blank in it, and what else tells of people."""

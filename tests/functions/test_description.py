"""The API's description and the events' schemas are generated, complete and valid."""

import json
import os
from typing import Any
from unittest import mock

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from microintern.domain.events import EventType
from tests.functions.test_samples import DOCUMENT, operations
from tests.unit.builders import BODIES, ROOT
from tools import generate

OPERATIONS = operations()


def test_what_is_generated_is_up_to_date(functions: object) -> None:
    with mock.patch.dict(os.environ):
        assert generate.out_of_date() == []


def test_the_description_is_valid_openapi() -> None:
    validate(DOCUMENT)
    assert DOCUMENT["openapi"].startswith("3.1")


def test_operation_ids_are_unique_and_tags_declared() -> None:
    ids = [operation["operationId"] for operation in OPERATIONS.values()]
    assert sorted(set(ids)) == sorted(ids)
    assert len(ids) == sum(len(path) for path in DOCUMENT["paths"].values())
    used = {tag for operation in OPERATIONS.values() for tag in operation["tags"]}
    assert used == {tag["name"] for tag in DOCUMENT["tags"]}


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_is_described_in_full(name: str) -> None:
    operation: dict[str, Any] = OPERATIONS[name]
    assert operation["summary"]
    assert operation["description"]
    assert len(operation["tags"]) == 1
    if name in ("openapi/read_description", "signing_keys/read_signing_keys"):
        return
    for status, response in operation["responses"].items():
        if status[0] in "45" and status not in ("401", "429"):
            content = response["content"]["application/problem+json"]
            assert content["example"]["status"] == int(status)
            assert content["example"]["code"]
    if name == "payments_webhook/payments_webhook":
        assert operation["responses"].keys() == {"202", "400", "403", "413", "415", "429", "500"}
        refused = operation["responses"]["400"]["content"]["application/problem+json"]["example"]
        assert refused["code"] == "webhook_refused"
        return
    if operation.get("security") == []:
        success = "303" if name == "portfolio_files/public_file" else "200"
        assert {success, "400", "403", "429", "500"} <= operation["responses"].keys()
        assert operation["responses"].keys() & {"401", "409"} == set()
        return
    assert {"400", "401", "403", "422", "429", "500"} <= operation["responses"].keys()


@pytest.mark.parametrize("name", ["portfolio_api/own_resume", "resume_api/printed_resume"])
def test_a_resume_may_be_refused_for_want_of_a_name(name: str) -> None:
    refused = OPERATIONS[name]["responses"]["409"]["content"]["application/problem+json"]["example"]
    assert (refused["status"], refused["code"]) == (409, "profile_missing")


def test_what_is_sent_as_csv_is_described_as_csv() -> None:
    tables = {name for name, operation in OPERATIONS.items() if "'text/csv'" in str(operation["responses"])}
    assert tables == {
        *(f"money_api/{name}_csv" for name in ("ledger", "statement", "payees")),
        "talent_api/candidates_csv",
        "cohorts_api/students_csv",
        "credits_api/granted_credits_csv",
        *(f"records_api/{name}_csv" for name in ("organisation_report", "platform_report")),
    }


@pytest.mark.parametrize("name", [n for n, operation in OPERATIONS.items() if "requestBody" in operation])
def test_a_body_has_an_example_that_its_own_schema_takes(name: str) -> None:
    content = OPERATIONS[name]["requestBody"]["content"]["application/json"]
    schema = {**content["schema"], "components": DOCUMENT["components"]}
    Draft202012Validator(schema).validate(content["example"])


def test_each_example_body_belongs_to_an_operation() -> None:
    routes = {
        f"{method} {path}"
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
        if "requestBody" in operation
    }
    assert set(BODIES) == routes


def test_each_event_has_a_schema_and_no_schema_is_left_over() -> None:
    found = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "events/schemas").iterdir()}
    assert set(found) == {kind.value for kind in EventType}
    for schema in found.values():
        Draft202012Validator.check_schema(schema)

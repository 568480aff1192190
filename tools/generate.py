"""Generates what is checked in: the OpenAPI document, the JSON Schemas of the events, the page on a brief's life.

`python -m tools.generate` writes them; `python -m tools.generate --check` exits 1 when one is out of date.
"""

import importlib.util
import json
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from microintern.domain.events import DATA_OF, CloudEvent, EventType
from microintern.domain.manifest import KeySet
from tools import lifecycle_page

ROOT = Path(__file__).parent.parent
OPENAPI = ROOT / "functions/openapi/openapi.json"
SCHEMAS = ROOT / "events/schemas"
LIFECYCLE = ROOT / "docs/lifecycle.md"
API_FUNCTIONS = (
    "briefs_api",
    "browse_api",
    "search_api",
    "files_api",
    "drafting_api",
    "messages_api",
    "manifest_api",
    "agreements_api",
    "amendments_api",
    "feedback_api",
    "records_api",
    "accounts_api",
    "unsubscribe",
    "organisations_api",
    "webhooks_api",
    "talent_api",
    "cohorts_api",
    "credits_api",
    "personal_data_api",
    "payout_account_api",
    "money_api",
    "operations_api",
    "payments_webhook",
    "roles_api",
    "credentials_api",
    "public_credentials",
    "status_lists",
    "portfolio_api",
    "resume_api",
    "public_portfolios",
    "portfolio_files",
)
PUBLIC = frozenset(
    {
        *("payments_webhook", "public_credentials", "status_lists", "unsubscribe"),
        *("public_portfolios", "portfolio_files"),
    }
)
"""Need no token: what is sent there is signed, or what is asked for is for everybody."""
COMMANDS = ("post", "put")
ONLY_ASKS = frozenset({"/briefs/check", "/me/cohorts/preview"})
"""Sent by POST because of its body, and writes nothing: it needs no key and meets no state."""

# Only to import the handlers: no call is made with any of these.
_ENVIRONMENT = {
    **dict.fromkeys(
        ("BRIEF_TABLE", "ACCOUNT_TABLE", "LEDGER_TABLE", "AUDIT_TABLE", "SANDBOX_TABLE", "FILES_BUCKET"), "generated"
    ),
    "TRAIL_TABLE": "generated",
    "RECORD_TABLE": "generated",
    "PORTFOLIO_TABLE": "generated",
    **dict.fromkeys(("WEBHOOK_TABLE", "SECRETS_KEY"), "generated"),
    "WEBHOOKS_TO_LOOPBACK": "false",
    "SEARCH_TABLE": "generated",
    "SIGNING_KEY": "generated",
    **dict.fromkeys(("CREDENTIAL_TABLE", "CREDENTIAL_KEY", "PUBLIC_URL"), "generated"),
    "ORIGIN_SECRET_ARN": "",
    "MAIL_SECRET_ARN": "",
    **dict.fromkeys(("USER_POOL_ID", "SANDBOX_QUEUE_URL", "PAYMENT_ACCOUNT", "PAYMENT_SECRET_ARN"), "generated"),
    "EVENT_BUS": "generated",
    "PAYMENTS": "sandbox",
    "SANDBOX_LATE_S": "1",
    "DEAD_LETTERS": "{}",
    "POLICY": "{}",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "POWERTOOLS_SERVICE_NAME": "generated",
}

_IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": (
        "A key of your own for this command, such as a UUID. The same key with the same body gives the stored answer, "
        "however much later; with another body, 422."
    ),
    "schema": {"type": "string", "minLength": 8, "maxLength": 255},
    "example": "1f0c2c1e-7f0a-4a52-9a8e-3d0f4a4f3b57",
}

_PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457 problem details. Programs go by `code`; `detail` is for people.",
    "required": ["type", "title", "status", "code", "detail", "instance", "request_id"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:microintern:problem:wrong_state"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "examples": ["wrong_state"]},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "request_id": {"type": "string"},
        "state": {"type": "string", "description": "The brief's current state, with a conflict."},
        "version": {"type": "integer", "description": "The brief's current version, with a conflict."},
        "errors": {
            "type": "array",
            "description": "Each field that broke a rule.",
            "items": {
                "type": "object",
                "required": ["field", "rule", "detail"],
                "properties": {
                    "field": {"type": "string", "description": "A JSON pointer into the body."},
                    "rule": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}

_PROBLEMS = {
    "400": ("Unreadable, or without an Idempotency-Key", "idempotency_key_missing", "Send an Idempotency-Key header."),
    "403": (
        "This role never may do this, or the request went around the public address",
        "wrong_role",
        "This is for the role employer; you are signed in as student.",
    ),
    "404": ("Not there, or not yours", "not_found", "There is no such brief, or it is not yours to see."),
    "409": (
        "The current state does not allow it",
        "wrong_state",
        "The brief is open; this can be done while it is posted.",
    ),
    "413": ("More than is accepted", "body_too_large", "The body has more than 65536 bytes; files are uploaded apart."),
    "415": ("Not sent as JSON", "not_sent_as_json", "Send the body as application/json, in UTF-8."),
    "422": ("A rule says no; each field is named", "invalid", "/pay/amount_minor: Input should be a valid integer"),
    "429": (
        "Too many requests of this account; `Retry-After` says when it may go on",
        "too_many_requests",
        "More than 3000 requests in 600 seconds; wait, and repeat with the same Idempotency-Key.",
    ),
    "500": ("Our fault; nothing was half-done", "internal", "Something went wrong on our side."),
}

_NEEDS_NAME = ("/me/portfolio/resume", "/me/portfolio/resume.pdf")
"""Only read, and refused while the profile has no name to print."""
_NAMELESS = (
    "There is no profile yet, which has the name",
    "profile_missing",
    "Write your name with PUT /me/profile before you have it shown.",
)

_REFUSED_WEBHOOK = (
    "Unreadable, or not the provider's message as it was sent, now, for this platform",
    "webhook_refused",
    "The message was not accepted: it is not signed.",
)

_UNREADABLE = ("Unreadable", "not_json", "The body is not JSON: Expecting value at line 1, column 1.")

_AROUND = (
    "Not sent to the public address",
    "not_through_the_edge",
    "Send requests to the public address of this API.",
)
_OF_PUBLIC = {"400": _UNREADABLE, "403": _AROUND}

_VC = {"schema": {"type": "object", "description": "Signed (Data Integrity, `eddsa-rdfc-2022`)."}}
_PNG = {"schema": {"type": "string", "format": "binary"}}
_OTHER_THAN_JSON: dict[str, dict[str, Any]] = {
    "/credentials/{credential_id}": {"application/vc": _VC, "text/html": {"schema": {"type": "string"}}},
    "/credentials/{credential_id}/badge": {"image/png": _PNG},
    "/me/credentials/{credential_id}/badge": {"image/png": _PNG},
    "/status-lists/{number}": {"application/vc": _VC},
    "/unsubscribe/{token}": {"text/html": {"schema": {"type": "string"}}},
    "/issuer": {"application/ld+json": {"schema": {"type": "object"}}},
    "/me/portfolio/resume.pdf": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
}
"""What is answered in another form than JSON, by path."""

_ALSO_ANSWERED = {"/portfolios/{handle}": {"text/html": {"schema": {"type": "string"}}}}
"""What is answered in another form besides JSON, by path."""

_ALSO_TAKEN = {"/credentials/verification": {"image/png": _PNG}}
"""In which forms bodies are taken besides JSON."""

_GATEWAY = {
    "401": "No access token, an expired one or a forged one. API Gateway answers this itself, with a `message`.",
    "429": "Too many requests of everybody together. API Gateway answers this itself, with a `message`.",
}


def import_handler(function: str) -> ModuleType:
    """A function's handler module, imported under a name of its own."""
    path = ROOT / "functions" / function / "handler.py"
    spec = importlib.util.spec_from_file_location(f"{function}_handler", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def openapi() -> dict[str, Any]:
    """The description of the whole API, from the routes of all functions."""
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "Microintern",
            "version": "1.0.0",
            "summary": "Paid micro-internships, from posting to payout.",
            "description": (
                "Employers post paid briefs, students do them, and the money is held before anyone works. "
                "Commands need an `Idempotency-Key`; keys never expire. Errors are problem details (RFC 9457)."
            ),
        },
        "servers": [{"url": "/"}],
        "security": [{"cognito": []}],
        "tags": [],
        "paths": _fixed_operations(),
        "components": {"schemas": {"Problem": _PROBLEM_SCHEMA, **_keys_schemas()}, "securitySchemes": _security()},
    }
    for function in API_FUNCTIONS:
        app = import_handler(function).app
        part = json.loads(app.get_openapi_json_schema())
        _add_schemas(document["components"]["schemas"], part["components"]["schemas"])
        for route in (*app._static_routes, *app._dynamic_routes):  # Powertools offers no other way to its routes
            path, method = route.openapi_path, route.method.lower()
            operation = part["paths"][path][method]
            operation |= {"operationId": route.func.__name__, "description": route.func.__doc__, "x-function": function}
            if function in PUBLIC:
                operation["security"] = []
            document["paths"].setdefault(path, {})[method] = _completed(path, method, operation)
    for name in ("HTTPValidationError", "ValidationError", "ResponseValidationError"):
        document["components"]["schemas"].pop(name, None)
    tags = {tag for path in document["paths"].values() for operation in path.values() for tag in operation["tags"]}
    document["tags"] = [{"name": tag} for tag in sorted(tags)]
    document["paths"] = dict(sorted(document["paths"].items()))
    document["components"]["schemas"] = dict(sorted(document["components"]["schemas"].items()))
    return document


def _security() -> dict[str, Any]:
    return {
        "cognito": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "A Cognito access token of an account with one of the roles.",
        }
    }


def _completed(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    """The operation with its refusals and an example body."""
    public = operation.get("security") == []
    operation["responses"].pop("422", None)  # Powertools says it of every operation
    told_here = _OF_PUBLIC if public else {"409": _NAMELESS} if path in _NEEDS_NAME else {}
    told_here = {**told_here, **({"400": _REFUSED_WEBHOOK} if path.startswith("/webhooks/") else {})}
    for status in sorted(_refusals(path, method, public=public)):
        told = told_here.get(status) or _PROBLEMS[status]
        operation["responses"][status] = _problem_response(path, status, *told)
    _add_gateways(operation["responses"], public=public)
    if path.endswith(".csv"):
        operation["responses"]["200"]["content"] = {"text/csv": {"schema": {"type": "string"}}}
    if other := _OTHER_THAN_JSON.get(path):
        operation["responses"]["200"]["content"] = other
    if also := _ALSO_ANSWERED.get(path):
        operation["responses"]["200"]["content"] |= also
    operation["responses"] = dict(sorted(operation["responses"].items()))
    if method in COMMANDS and not public and path not in ONLY_ASKS:
        operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
    if body := operation.get("requestBody"):
        body["content"]["application/json"]["example"] = _examples()[f"{method} {path}"]
        body["content"] |= _ALSO_TAKEN.get(path, {})
    return operation


def _add_schemas(schemas: dict[str, Any], more: dict[str, Any]) -> None:
    """Schemas go by the names of their models, of which no two may be called the same."""
    for name, schema in more.items():
        if schemas.setdefault(name, schema) != schema:
            raise ValueError(f"two models are called {name}; give one of them another name")


def _refusals(path: str, method: str, *, public: bool) -> list[str]:
    """The statuses with which an operation may be refused, besides those of the gateway."""
    wanted = ["400", "403", "500"]
    # Of what the provider sends nothing is validated but its signature.
    wanted += ["422"] if not public or "{" in path or path == "/credentials/verification" else []
    wanted += ["404"] if "{" in path else []
    wanted += ["413", "415"] if method in COMMANDS else []
    # Whether a file can be had depends on what became of it.
    commands = method in COMMANDS and not public and path not in ONLY_ASKS
    wanted += ["409"] if commands or ("{file_id}" in path and not public) or path in _NEEDS_NAME else []
    return wanted if public else [*wanted, "429"]


def _problem_response(path: str, status: str, description: str, code: str, detail: str) -> dict[str, Any]:
    example = {
        "type": f"urn:microintern:problem:{code}",
        "title": description,
        "status": int(status),
        "code": code,
        "detail": detail,
        "instance": path,
        "request_id": "JKJaXmPLvHcESHA=",
    }
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "content": {"application/problem+json": {"schema": schema, "example": example}}}


def _gateway_response(description: str) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"message": {"type": "string"}}}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _add_response(responses: dict[str, Any], status: str, response: dict[str, Any]) -> None:
    """One more way in which a status is answered; what it looks like tells which it is."""
    if there := responses.get(status):
        both = f"{there['description']}. {response['description']}"
        response = {**response, "description": both, "content": {**there["content"], **response["content"]}}
    responses[status] = response


def _add_gateways(responses: dict[str, Any], *, public: bool) -> None:
    """What API Gateway answers by itself."""
    for status, description in _GATEWAY.items():
        if not (public and status == "401"):
            _add_response(responses, status, _gateway_response(description))


def _own_operation() -> dict[str, Any]:
    content = {"application/vnd.oai.openapi+json;version=3.1": {"schema": {"type": "object"}}}
    return {
        "tags": ["Description"],
        "summary": "This document",
        "description": "Needs no token.",
        "operationId": "read_description",
        "security": [],
        "x-function": "openapi",
        "responses": {
            "200": {"description": "The OpenAPI 3.1 document.", "content": content},
            "403": _problem_response("/openapi.json", "403", *_AROUND),
            "429": _gateway_response(_GATEWAY["429"]),
        },
    }


def _keys_operation() -> dict[str, Any]:
    content = {"application/jwk-set+json": {"schema": {"$ref": "#/components/schemas/KeySet"}}}
    return {
        "tags": ["Files"],
        "summary": "The keys that manifests are verified with",
        "description": "Needs no token, and may be kept: a key that was used stays in it.",
        "operationId": "read_signing_keys",
        "security": [],
        "x-function": "signing_keys",
        "responses": {
            "200": {"description": "Public keys (RFC 7517, 8037).", "content": content},
            "403": _problem_response("/.well-known/jwks.json", "403", *_AROUND),
            "429": _gateway_response(_GATEWAY["429"]),
        },
    }


def _fixed_operations() -> dict[str, Any]:
    return {"/openapi.json": {"get": _own_operation()}, "/.well-known/jwks.json": {"get": _keys_operation()}}


def _keys_schemas() -> dict[str, Any]:
    schema = KeySet.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "KeySet": schema}


def _examples() -> dict[str, Any]:
    """The example body of each command, kept as files so that people can send them by hand."""
    return json.loads((ROOT / "events/samples/http_bodies.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def event_schema(kind: EventType) -> dict[str, Any]:
    """The JSON Schema of one type of published event, envelope and data."""
    envelope = CloudEvent.model_json_schema()
    data = DATA_OF[kind].model_json_schema()
    definitions = {**envelope.pop("$defs", {}), **data.pop("$defs", {})}
    definitions.pop("EventType", None)
    envelope["properties"]["type"] = {"const": kind.value}
    envelope["properties"]["data"] = data
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **envelope,
        "title": kind.value,
        **({"$defs": definitions} if definitions else {}),
    }


def generated() -> dict[Path, str]:
    """Each generated file with the content it must have."""
    files = {OPENAPI: openapi()}
    files |= {SCHEMAS / f"{kind.value}.json": event_schema(kind) for kind in EventType}
    texts = {path: json.dumps(value, indent=2, ensure_ascii=False) + "\n" for path, value in files.items()}
    return {**texts, LIFECYCLE: lifecycle_page.page()}


def out_of_date() -> list[Path]:
    """The generated files that do not have the content they must have, and those that should not be there."""
    wanted = generated()
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    return stale + [path for path in SCHEMAS.glob("*.json") if path not in wanted]


def main() -> None:
    """Write what is out of date, or only say so."""
    stale, wanted = out_of_date(), generated()
    for path in stale:
        print(path.relative_to(ROOT))
        if "--check" not in sys.argv:
            if path in wanted:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(wanted[path], encoding="utf-8")
            else:
                path.unlink()
    if stale and "--check" in sys.argv:
        sys.exit("out of date: run `make generate`")


if __name__ == "__main__":
    main()

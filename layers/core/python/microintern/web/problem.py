"""A refusal as RFC 9457 problem details."""

import json
from http import HTTPStatus
from typing import Any

PROBLEM_JSON = "application/problem+json"


def problem_body(event: dict[str, Any], status: int, code: str, detail: str, members: dict[str, Any]) -> str:
    """The body of the answer to this event."""
    body = {
        "type": f"urn:microintern:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "code": code,
        "detail": detail,
        "instance": event["rawPath"],
        "request_id": event["requestContext"]["requestId"],
    }
    return json.dumps({**body, **members}, ensure_ascii=False)

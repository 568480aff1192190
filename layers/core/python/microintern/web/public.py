"""Answers for anybody: documents that are the same for all, and may be kept for a while."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools import Logger

from microintern.domain.problems import Forbidden
from microintern.settings import EdgeSettings
from microintern.web.headers import NOT_KEPT, SECURITY
from microintern.web.origin import check_origin
from microintern.web.problem import PROBLEM_JSON, problem_body


def answer_anybody(
    event: dict[str, Any], settings: EdgeSettings, document: Callable[[], str], *, media_type: str, kept_for_s: int
) -> dict[str, Any]:
    """The document, unless the request went around the edge."""
    try:
        check_origin(settings.origin_secret_arn, event["headers"])
    except Forbidden as refused:
        status, body = refused.status, problem_body(event, refused.status, refused.code, refused.detail, {})
        own = {**NOT_KEPT, "Content-Type": PROBLEM_JSON}
    else:
        status, body = int(HTTPStatus.OK), document()
        own = {"Cache-Control": f"public, max-age={kept_for_s}", "Content-Type": media_type}
    Logger().info("request", route=event["routeKey"], status=status)
    return {"statusCode": status, "headers": {**SECURITY, **own}, "body": body}

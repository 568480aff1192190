"""Serves the API's description, which is generated from the code and bundled beside this file."""

from http.client import OK
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.domain.problems import Forbidden
from microintern.settings import OpenapiSettings, load
from microintern.web.headers import SECURITY
from microintern.web.origin import check_origin
from microintern.web.problem import PROBLEM_JSON, problem_body

settings = load(OpenapiSettings)
DOCUMENT = Path(__file__).with_name("openapi.json").read_text(encoding="utf-8")
logger = Logger()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer `GET /openapi.json`."""
    status, kind, body = _answer(event)
    logger.info("request", route=event["routeKey"], status=status)
    headers = {**SECURITY, "Content-Type": kind, "Cache-Control": "max-age=300" if status == OK else "no-store"}
    return {"statusCode": status, "headers": headers, "body": body}


def _answer(event: dict[str, Any]) -> tuple[int, str, str]:
    try:
        check_origin(settings.origin_secret_arn, event["headers"])
    except Forbidden as refused:
        return refused.status, PROBLEM_JSON, problem_body(event, refused.status, refused.code, refused.detail, {})
    return OK, "application/vnd.oai.openapi+json;version=3.1", DOCUMENT

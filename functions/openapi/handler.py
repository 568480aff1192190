"""Serves the API's description, which is generated from the code and bundled beside this file."""

from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

DOCUMENT = Path(__file__).with_name("openapi.json").read_text(encoding="utf-8")
logger = Logger()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer `GET /openapi.json`."""
    logger.info("request", route=event["routeKey"], status=200)
    headers = {"Content-Type": "application/vnd.oai.openapi+json;version=3.1", "Cache-Control": "max-age=300"}
    return {"statusCode": 200, "headers": headers, "body": DOCUMENT}

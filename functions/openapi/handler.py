"""Serves the API's description, which is generated from the code and bundled beside this file."""

from pathlib import Path
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.settings import OpenapiSettings, load
from microintern.web.public import answer_anybody

settings = load(OpenapiSettings)
DOCUMENT = Path(__file__).with_name("openapi.json").read_text(encoding="utf-8")
MEDIA_TYPE = "application/vnd.oai.openapi+json;version=3.1"


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer `GET /openapi.json`."""
    return answer_anybody(event, settings, lambda: DOCUMENT, media_type=MEDIA_TYPE, kept_for_s=300)

"""The portfolio table's stream: what students did to their page, and what employers consented to, is in the trail."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.accounts import step_of
from microintern.adapters.aws import client
from microintern.adapters.trail import DynamoTrail
from microintern.domain.trail import Entry
from microintern.settings import PortfolioStreamSettings, load
from microintern.streams import follow_all

settings = load(PortfolioStreamSettings)
trail = DynamoTrail(client("dynamodb"), settings.trail_table)
logger = Logger()


def keep_step(images: dict[str, Any]) -> Entry | None:
    """Keep the step that led to an item."""
    entry = step_of(images.get("OldImage"), images.get("NewImage"))
    if entry is not None:
        trail.keep(entry)
        logger.info("kept", scope=entry.scope, action=entry.event.type, version=entry.version)
    return entry


def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Lambda's entry point."""
    return follow_all(event, context, keep_step, trail)

"""The account table's stream: what was done to accounts and organisations stands in the audit trail.

What follows from a step of a webhook endpoint, and of an offer, is published from here, too: the stream's image is the
outbox.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.accounts import step_of
from microintern.adapters.aws import client
from microintern.adapters.events import EventBridgeBus
from microintern.adapters.talent import offer_of
from microintern.adapters.trail import DynamoTrail
from microintern.adapters.webhooks import event_of
from microintern.domain.events import of_offer
from microintern.domain.trail import Entry
from microintern.settings import AccountStreamSettings, load
from microintern.streams import follow_all

settings = load(AccountStreamSettings)
trail = DynamoTrail(client("dynamodb"), settings.trail_table)
bus = EventBridgeBus(client("events"), settings.event_bus)
logger = Logger()


def keep_step(images: dict[str, Any]) -> Entry | None:
    """Keep the step that led to an item, if it was a step at all; an offer's is published too."""
    entry = step_of(images.get("OldImage"), images.get("NewImage"))
    if entry is not None:
        trail.keep(entry)
        published = event_of(images.get("OldImage"), images.get("NewImage"))
        bus.publish([published] if published else [])
        if (offer := offer_of(images["NewImage"])) is not None:
            bus.publish([of_offer(offer).model_dump(mode="json")])
        logger.info("kept", scope=entry.scope, action=entry.event.type, version=entry.version)
    return entry


def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Lambda's entry point."""
    return follow_all(event, context, keep_step, trail)

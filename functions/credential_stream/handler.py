"""The credential table's stream: what was done to credentials stands in the audit trail, and is published."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.accounts import TRACKED
from microintern.adapters.aws import client
from microintern.adapters.credentials import credential_of
from microintern.adapters.events import EventBridgeBus
from microintern.adapters.trail import DynamoTrail
from microintern.app.following import follow_credential
from microintern.domain.trail import Entry
from microintern.settings import CredentialStreamSettings, load
from microintern.streams import follow_all

settings = load(CredentialStreamSettings)
trail = DynamoTrail(client("dynamodb"), settings.trail_table)
bus = EventBridgeBus(client("events"), settings.event_bus)
logger = Logger()


def follow_step(images: dict[str, Any]) -> Entry | None:
    """Let everything follow what was done to a credential."""
    if images.get("NewImage", {}).get("kind", {}).get("S") != TRACKED:
        return None  # a batch that is handed over again has what the mapping's filter left out
    followed = follow_credential(credential_of(images["NewImage"]), trail=trail, bus=bus)
    if published := followed.published:
        logger.info("published", event_id=published.id, event_type=published.type)
    return followed.entry


def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Lambda's entry point."""
    return follow_all(event, context, follow_step, trail)

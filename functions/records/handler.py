"""Counts published events into records; every hour also the feedback of one side whose window is over."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.accounts import DynamoAccounts
from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.clock import SystemClock
from microintern.adapters.records import DynamoRecords
from microintern.app.records import count_shown, hear
from microintern.domain.events import SOURCE, CloudEvent
from microintern.settings import RecordsSettings, load

settings = load(RecordsSettings)
briefs = DynamoBriefs(client("dynamodb"), settings.brief_table)
accounts = DynamoAccounts(client("dynamodb"), settings.account_table)
records = DynamoRecords(client("dynamodb"), settings.record_table)
clock = SystemClock()
logger = Logger()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Count one event, or what is due if it is none of ours; how many records that changed."""
    if event.get("source") != SOURCE:
        changed = count_shown(records=records, clock=clock)
        logger.info("counted what is shown", records=changed)
        return {"records": changed}
    published = CloudEvent.model_validate(event["detail"])
    changed = hear(published, briefs=briefs, accounts=accounts, records=records, clock=clock, policy=settings.policy)
    logger.info("counted", event_id=published.id, event_type=published.type, records=changed)
    return {"records": changed}

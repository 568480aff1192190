"""Published events are queued for the systems that organisations want them sent to."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.clock import SystemClock
from microintern.adapters.webhooks import DynamoDeliveries, DynamoEndpoints, SqsDeliveryQueue
from microintern.app.delivering import Dispatch, dispatch
from microintern.domain.events import CloudEvent
from microintern.settings import WebhookDispatchSettings, load

settings = load(WebhookDispatchSettings)
on = Dispatch(
    endpoints=DynamoEndpoints(client("dynamodb"), settings.account_table),
    deliveries=DynamoDeliveries(client("dynamodb"), settings.webhook_table),
    queue=SqsDeliveryQueue(client("sqs"), settings.webhook_queue_url),
    briefs=DynamoBriefs(client("dynamodb"), settings.brief_table),
    clock=SystemClock(),
    policy=settings.policy,
)
logger = Logger()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Queue one event."""
    published = CloudEvent.model_validate(event["detail"])
    queued = dispatch(published, on=on)
    logger.info("queued", event_id=published.id, event_type=published.type, deliveries=queued)
    return {"deliveries": queued}

"""Messages go out to other people's systems, one by one: a slow receiver holds up nobody else's."""

import random
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.clock import SystemClock
from microintern.adapters.receivers import PublicReceivers
from microintern.adapters.sealing import KmsSealer
from microintern.adapters.standard_webhooks import headers
from microintern.adapters.webhooks import DynamoDeliveries, DynamoEndpoints, SqsDeliveryQueue
from microintern.app.delivering import Courier, deliver
from microintern.domain.webhooks import Message
from microintern.settings import WebhookDeliverySettings, load

MOST_JITTER = 1.1
settings = load(WebhookDeliverySettings)
courier = Courier(
    endpoints=DynamoEndpoints(client("dynamodb"), settings.account_table),
    deliveries=DynamoDeliveries(client("dynamodb"), settings.webhook_table),
    queue=SqsDeliveryQueue(client("sqs"), settings.webhook_queue_url),
    receivers=PublicReceivers(loopback=settings.webhooks_to_loopback),
    sealer=KmsSealer(client("kms"), settings.secrets_key),
    headers=headers,
    clock=SystemClock(),
    policy=settings.policy,
    jitter=lambda: random.uniform(1, MOST_JITTER),
)
processor = BatchProcessor(event_type=EventType.SQS)
logger = Logger()


def deliver_one(record: SQSRecord) -> None:
    """Try one delivery; only what fails on our side comes again by itself."""
    message = Message.model_validate_json(record.body)
    outcome = deliver(message, by=courier)
    logger.info("delivery", delivery_id=message.delivery_id, endpoint_id=message.endpoint_id, outcome=outcome)


def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Lambda's entry point."""
    return process_partial_response(event=event, record_handler=deliver_one, processor=processor, context=context)

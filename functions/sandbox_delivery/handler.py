"""The sandbox provider's other half: delivers its webhooks, signed, over HTTP, as often as it takes."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.clock import SystemClock
from microintern.adapters.payments.sandbox import DynamoSandboxStore, Message
from microintern.adapters.payments.sandbox_delivery import deliver
from microintern.adapters.secrets import read_secret
from microintern.settings import SandboxDeliverySettings, load

settings = load(SandboxDeliverySettings)
store = DynamoSandboxStore(client("dynamodb"), settings.sandbox_table)
clock = SystemClock()
processor = BatchProcessor(event_type=EventType.SQS)
logger = Logger()


def deliver_message(record: SQSRecord) -> None:
    """Deliver one; it comes again after a while unless it was taken."""
    message = Message.model_validate_json(record.body)
    secret = read_secret(settings.payment_secret_arn)["webhook_secret"]
    status = deliver(message, store, settings.webhook_url, secret, settings.payment_account, clock.now())
    logger.info("delivered", message_id=message.message_id, status=status)


def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Lambda's entry point."""
    return process_partial_response(event=event, record_handler=deliver_message, processor=processor, context=context)

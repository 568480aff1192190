"""The payment provider says that something changed. Anyone can call this: nothing is believed unless it is signed."""

import base64
from typing import Any

from aws_lambda_powertools import single_metric
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.audit import DynamoAudit
from microintern.adapters.aws import client
from microintern.adapters.clock import SystemClock
from microintern.adapters.events import EventBridgeBus
from microintern.adapters.payments.choose import payment_webhooks
from microintern.app.webhooks import receive
from microintern.domain.problems import Malformed
from microintern.settings import PaymentsWebhookSettings, load
from microintern.web.api import Api

settings = load(PaymentsWebhookSettings)
bus = EventBridgeBus(client("events"), settings.event_bus)
audit = DynamoAudit(client("dynamodb"), settings.audit_table)
clock = SystemClock()
app = Api(signed=True)


@app.post("/webhooks/payments", tags=["Payments"], summary="For the payment provider", status_code=202)
def payments_webhook() -> Response[str]:
    """Signed by the provider (Standard Webhooks, or Stripe's way). What it says is looked up before it is acted on."""
    event = app.current_event
    try:
        finding = receive(
            settings.payments,
            event.headers,
            event.body or "",
            webhooks=payment_webhooks(settings),
            bus=bus,
            audit=audit,
            clock=clock,
        )
    except Malformed:
        with single_metric(name="WebhookRefused", unit=MetricUnit.Count, value=1):
            pass
        raise
    app.logger.info("webhook", finding=finding)
    return Response(202, "application/json", "{}")


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point; API Gateway may hand a body on in base64, but its text is what was signed."""
    if event.get("isBase64Encoded"):
        body = base64.b64decode(event.get("body") or "").decode("utf-8", errors="replace")
        event = {**event, "body": body, "isBase64Encoded": False}
    return app.answer(event, context)

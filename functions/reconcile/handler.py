"""Runs every day, and whenever somebody calls it: compares the ledger with what the provider says it did."""

from datetime import timedelta
from typing import Any

from aws_lambda_powertools import Logger, single_metric
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.audit import DynamoAudit
from microintern.adapters.aws import client
from microintern.adapters.clock import SystemClock
from microintern.adapters.ledger import DynamoLedger
from microintern.adapters.payments.choose import payment_provider
from microintern.adapters.settler import LambdaSettler
from microintern.app.reconciling import reconcile
from microintern.settings import ReconcileSettings, load

settings = load(ReconcileSettings)
ledger = DynamoLedger(client("dynamodb"), settings.ledger_table, settings.brief_table)
provider = payment_provider(settings)
audit = DynamoAudit(client("dynamodb"), settings.audit_table)
settler = LambdaSettler(client("lambda"), settings.settlement_function)
clock = SystemClock()
logger = Logger()

LOOKS_BACK_DAYS = 3
"""A run that fails is made good by the next."""


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """`{days}` to look back, three unless said otherwise; the answer is what was compared and found."""
    since = clock.now() - timedelta(days=event.get("days", LOOKS_BACK_DAYS))
    found = reconcile(since, ledger=ledger, provider=provider, audit=audit, settler=settler, clock=clock)
    with single_metric(name="MoneyDiffers", unit=MetricUnit.Count, value=found.differences):
        pass
    logger.info("reconciled", **found.model_dump())
    return found.model_dump()

"""The only function that moves money: it collects a brief's escrow and divides it when the brief has ended."""

from typing import Any

from aws_lambda_powertools import Logger, single_metric
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.accounts import DynamoAccounts
from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.clock import SystemClock
from microintern.adapters.ledger import DynamoLedger
from microintern.adapters.sandbox import SandboxProvider
from microintern.app.settling import NotSettled, collect, settle
from microintern.settings import SettlementSettings, load

settings = load(SettlementSettings)
briefs = DynamoBriefs(client("dynamodb"), settings.brief_table)
accounts = DynamoAccounts(client("dynamodb"), settings.account_table)
ledger = DynamoLedger(client("dynamodb"), settings.ledger_table, settings.brief_table)
provider = SandboxProvider(client("dynamodb"), settings.sandbox_table)
clock = SystemClock()
logger = Logger()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """`action` is `collect` (from the event that funding was asked for) or `settle` (from the workflow)."""
    brief_id, action = event["brief_id"], event["action"]
    if action == "collect":
        outcome = collect(brief_id, briefs=briefs, ledger=ledger, provider=provider, clock=clock)
        logger.info("collect", brief_id=brief_id, outcome=outcome)
        return {"outcome": outcome}
    try:
        answer = settle(brief_id, briefs=briefs, accounts=accounts, ledger=ledger, provider=provider, clock=clock)
    except NotSettled as waiting:
        with single_metric(name="PayoutLate", unit=MetricUnit.Count, value=1):
            pass
        logger.warning("not settled yet", brief_id=brief_id, reason=str(waiting))
        raise
    logger.info("settle", brief_id=brief_id, state=answer.state)
    return {"state": answer.state.value}

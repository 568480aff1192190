"""Runs every day, and whenever somebody calls it: recomputes the audit trail of everything that changed lately."""

from typing import Any

from aws_lambda_powertools import Logger, single_metric
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.accounts import DynamoAccounts
from microintern.adapters.audit import DynamoAudit
from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.clock import SystemClock
from microintern.adapters.credentials import DynamoCredentials
from microintern.adapters.portfolios import DynamoPortfolios
from microintern.adapters.trail import DynamoTrail
from microintern.app.auditing import Things, check_trails
from microintern.settings import CheckTrailsSettings, load

settings = load(CheckTrailsSettings)
things = Things(
    briefs=DynamoBriefs(client("dynamodb"), settings.brief_table),
    accounts=DynamoAccounts(client("dynamodb"), settings.account_table),
    credentials=DynamoCredentials(client("dynamodb"), settings.credential_table),
    portfolios=DynamoPortfolios(client("dynamodb"), settings.portfolio_table),
)
trail = DynamoTrail(client("dynamodb"), settings.trail_table)
audit = DynamoAudit(client("dynamodb"), settings.audit_table)
clock = SystemClock()
logger = Logger()

LOOKS_BACK_DAYS = 3
"""A run that fails is made good by the next."""


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """`{days}` to look back, three unless said otherwise; the answer is how many were checked and do not fit."""
    days = event.get("days", LOOKS_BACK_DAYS)
    checked = check_trails(days, things=things, trail=trail, audit=audit, clock=clock)
    with single_metric(name="TrailBroken", unit=MetricUnit.Count, value=checked.broken):
        pass
    logger.info("checked", **checked.model_dump())
    return checked.model_dump()

"""Runs every few minutes: whoever has to act before a deadline that came near is reminded of it."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.accounts import DynamoAccounts
from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.clock import SystemClock
from microintern.adapters.mailing import DynamoAgenda
from microintern.adapters.organisations import DynamoOrganisations
from microintern.app.reminding import Reminding, remind
from microintern.settings import RemindSettings, load

settings = load(RemindSettings)
clock = SystemClock()
reminding = Reminding(
    briefs=DynamoBriefs(client("dynamodb"), settings.brief_table),
    accounts=DynamoAccounts(client("dynamodb"), settings.account_table),
    organisations=DynamoOrganisations(client("dynamodb"), settings.account_table),
    agenda=DynamoAgenda(client("dynamodb"), settings.account_table),
    clock=clock,
    policy=settings.policy,
)
logger = Logger()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """The event says nothing; the answer is how many notices were given."""
    told = remind(reminding)
    logger.info("reminded", notices=told)
    return {"notices": told}

"""A mail bounced, or its reader called it spam: nothing more is sent to that address."""

from typing import Any, Literal

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.clock import SystemClock
from microintern.adapters.mailing import DynamoMailings
from microintern.app.mailing import put_on_hold
from microintern.domain.base import Frozen, Id
from microintern.domain.mailing import HoldReason
from microintern.settings import MailReturnsSettings, load

settings = load(MailReturnsSettings)
mailings = DynamoMailings(client("dynamodb"), settings.account_table)
clock = SystemClock()
logger = Logger()

REASONS: dict[str, HoldReason] = {"Email Bounced": "bounced", "Email Complaint Received": "complained"}


class Returned(Frozen):
    """What the rule hands on of SES's event: no address, only what this system tagged the mail with."""

    what: Literal["Email Bounced", "Email Complaint Received"]
    account: list[Id]
    address: list[str]


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Put the address on hold."""
    returned = Returned.model_validate(event)
    (account_id,), (address,) = returned.account, returned.address
    shared = {"mailings": mailings, "clock": clock}
    held = put_on_hold(account_id, address, REASONS[returned.what], **shared)  # type: ignore[arg-type]
    logger.info("returned", what=returned.what, held=held)
    return {"held": held}

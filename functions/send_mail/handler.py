"""Notices, as the account table's stream shows them, go out by e-mail; every few minutes, the digests that are due."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.accounts import DynamoAccounts, notice_of
from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.clock import SystemClock
from microintern.adapters.mailer import SecretMailKeys, SesMailer
from microintern.adapters.mailing import DynamoAgenda, DynamoMailings, DynamoSentMail
from microintern.adapters.users import CognitoUsers
from microintern.app.emailing import PostOffice, mail, send_digests
from microintern.settings import SendMailSettings, load
from microintern.streams import handle_all

settings = load(SendMailSettings)
clock = SystemClock()
office = PostOffice(
    accounts=DynamoAccounts(client("dynamodb"), settings.account_table),
    mailings=DynamoMailings(client("dynamodb"), settings.account_table),
    briefs=DynamoBriefs(client("dynamodb"), settings.brief_table),
    agenda=DynamoAgenda(client("dynamodb"), settings.account_table),
    sent=DynamoSentMail(client("dynamodb"), settings.account_table),
    users=CognitoUsers(client("cognito-idp"), settings.user_pool_id),
    mailer=SesMailer(client("sesv2"), settings.email_from, settings.configuration_set),
    keys=SecretMailKeys(settings.mail_secret_arn),
    clock=clock,
    public_url=settings.public_url,
    web_origin=settings.web_origin,
)
logger = Logger()


def send(images: dict[str, Any]) -> None:
    """Send one notice that has just been given."""
    if (notice := notice_of(images.get("OldImage"), images.get("NewImage"))) is not None:
        outcome = mail(notice, by=office)
        logger.info("mailed", notice_type=notice.type, brief_id=notice.brief_id, outcome=outcome)


def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Lambda's entry point; a call without records asks for the digests."""
    if "Records" in event:
        return handle_all(event, context, send)
    sent = send_digests(by=office)
    logger.info("digests", sent=sent)
    return {"sent": sent}

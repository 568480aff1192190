"""Links in e-mails that unsubscribe: a page that asks, and the answer, which mail programs send by themselves.

Opening the link changes nothing, as programs that look for malware open every link. The POST is that of RFC 8058: with
no cookie, no token but the link's, and `List-Unsubscribe=One-Click` as its form.
"""

import json
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.clock import SystemClock
from microintern.adapters.mailer import SecretMailKeys
from microintern.adapters.mailing import DynamoMailings
from microintern.app import mailing
from microintern.domain.problems import no_such
from microintern.settings import UnsubscribeSettings, load
from microintern.web.api import Api
from microintern.web.unsubscribe_page import POLICY, asking, done

settings = load(UnsubscribeSettings)
mailings = DynamoMailings(client("dynamodb"), settings.account_table)
clock = SystemClock()


def _form(_: bytes) -> str:
    """The form says nothing that the link does not."""
    return json.dumps({})


app = Api(reads={"application/x-www-form-urlencoded": _form, "multipart/form-data": _form})

Token = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.-]{20,200}$", description="As the link in the e-mail has it.")]


@app.get("/unsubscribe/<token>", tags=["Account"], summary="Unsubscribe from e-mails: ask")
def ask_to_unsubscribe(token: Token) -> Response[str]:
    """A page that asks once more; nothing changes by opening it."""
    _, subscription = mailing.subscription_of(token, keys=_keys())
    return _page(asking(mailing.named(subscription)))


@app.post("/unsubscribe/<token>", tags=["Account"], summary="Unsubscribe from e-mails")
def unsubscribe(token: Token) -> Response[str]:
    """One click (RFC 8058), from that page or by a mail program. Done already is fine."""
    shared: dict[str, Any] = {"mailings": mailings, "clock": clock}
    return _page(done(mailing.named(mailing.unsubscribe(token, keys=_keys(), **shared))))


def _keys() -> SecretMailKeys:
    if not settings.mail_secret_arn:  # no e-mails, so no links
        raise no_such("subscription")
    return SecretMailKeys(settings.mail_secret_arn)


def _page(html: str) -> Response[str]:
    return Response(200, "text/html; charset=utf-8", html, headers={"Content-Security-Policy": POLICY})


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)

"""A student's page, printed on one sheet."""

import base64
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.accounts import DynamoAccounts
from microintern.adapters.aws import client
from microintern.adapters.clock import SystemClock
from microintern.adapters.portfolios import DynamoPortfolios
from microintern.app import portfolios
from microintern.printing.resume import printed
from microintern.settings import ResumeApiSettings, load
from microintern.web.api import Api
from microintern.web.parameters import Reader

settings = load(ResumeApiSettings)
pages = DynamoPortfolios(client("dynamodb"), settings.portfolio_table)
accounts = DynamoAccounts(client("dynamodb"), settings.account_table)
clock = SystemClock()
app = Api()


@app.get("/me/portfolio/resume.pdf", tags=["Portfolio"], summary="My page on one sheet")
def printed_resume(by: Reader) -> Response[str]:
    """What you chose to show, under your own name, as a PDF of one page; the newest first, as far as there is room."""
    wired: dict[str, Any] = {"portfolios": pages, "accounts": accounts, "clock": clock}
    pdf = printed(portfolios.own_resume(by, public_url=settings.public_url, **wired).as_json())
    headers: dict[str, str | list[str]] = {"Content-Disposition": 'attachment; filename="resume.pdf"'}
    # Encoded here: Powertools would take bytes for text on their way through the validation.
    response = Response(200, "application/pdf", base64.b64encode(pdf).decode(), headers=headers)
    response.base64_encoded = True
    return response


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)

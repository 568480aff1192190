"""Where a student is paid; apart from other routes, as only this one asks the payment provider."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.accounts import DynamoAccounts
from microintern.adapters.aws import client
from microintern.adapters.clock import SystemClock
from microintern.adapters.payments.choose import payment_provider
from microintern.app import payees, requests
from microintern.app.views.accounts import PayoutView
from microintern.settings import PayoutAccountApiSettings, load
from microintern.web.api import Api
from microintern.web.parameters import Commander

settings = load(PayoutAccountApiSettings)
accounts = DynamoAccounts(client("dynamodb"), settings.account_table)
provider = payment_provider(settings)
clock = SystemClock()
app = Api()


@app.put("/me/payout-account", tags=["Account"], summary="Say where to be paid")
def save_payout_account(body: Annotated[requests.PayoutAccountRequest, Body()], by: Commander) -> PayoutView:
    """A student is awarded a brief only when the provider can pay them. A changed destination is paid after a while."""
    saved = payees.save_payout_account(
        by, body, accounts=accounts, provider=provider, clock=clock, policy=settings.policy
    )
    return PayoutView.of(saved)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)

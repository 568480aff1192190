"""Operators say who has which role, and who may act at all; educators and operators come by no other way."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.accounts import DynamoAccounts
from microintern.adapters.aws import client
from microintern.adapters.clock import SystemClock
from microintern.adapters.groups import CognitoGroups
from microintern.adapters.standings import DynamoStandings
from microintern.adapters.users import CognitoUsers
from microintern.app import accounts, requests, standing
from microintern.app.views.accounts import RoleView, StandingView
from microintern.settings import RolesApiSettings, load
from microintern.web.api import Api
from microintern.web.parameters import AccountId, Commander, Reader

settings = load(RolesApiSettings)
groups = CognitoGroups(client("cognito-idp"), settings.user_pool_id)
users = CognitoUsers(client("cognito-idp"), settings.user_pool_id)
store = DynamoAccounts(client("dynamodb"), settings.account_table)
standings = DynamoStandings(client("dynamodb"), settings.account_table)
clock = SystemClock()
app = Api()


@app.put("/accounts/<account_id>/role", tags=["Operators"], summary="Assign a role")
def assign_role(account_id: AccountId, body: Annotated[requests.RoleRequest, Body()], by: Commander) -> RoleView:
    """Takes effect when the account next signs in or refreshes its token."""
    role = accounts.assign_role(by, account_id, body.role, accounts=store, groups=groups, clock=clock)
    return RoleView(account_id=account_id, role=role)


@app.get("/accounts/<account_id>/standing", tags=["Operators"], summary="How an account stands")
def account_standing(account_id: AccountId, by: Reader) -> StandingView:
    """Whether it may act, and why not."""
    return StandingView.of(standing.standing(by, account_id, standings=standings, groups=groups))


@app.put("/accounts/<account_id>/standing", tags=["Operators"], summary="Suspend or reinstate an account")
def set_standing(
    account_id: AccountId, body: Annotated[requests.StandingRequest, Body()], by: Commander
) -> StandingView:
    """Takes effect within seconds, whatever tokens are about. Deadlines go on, and what is owed is still paid."""
    after = standing.set_standing(by, account_id, body, standings=standings, groups=groups, users=users, clock=clock)
    return StandingView.of(after)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)

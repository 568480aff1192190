"""Operators say who has which role; educators and operators come by no other way."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.groups import CognitoGroups
from microintern.app import accounts, requests, views
from microintern.settings import RolesApiSettings, load
from microintern.web.api import Api
from microintern.web.parameters import AccountId, Commander

settings = load(RolesApiSettings)
groups = CognitoGroups(client("cognito-idp"), settings.user_pool_id)
app = Api()


@app.put("/accounts/<account_id>/role", tags=["Operators"], summary="Assign a role")
def assign_role(account_id: AccountId, body: Annotated[requests.RoleRequest, Body()], by: Commander) -> views.RoleView:
    """Takes effect when the account next signs in or refreshes its token."""
    role = accounts.assign_role(by, account_id, body.role, groups=groups)
    return views.RoleView(account_id=account_id, role=role)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)

"""Accounts on the local stack, made the way that people get theirs: by signing up, or from an operator."""

import base64
import json
from dataclasses import dataclass
from typing import Any, Protocol

ROLES = ("employer", "student", "educator", "operator")
PASSWORD = "Local-stack-only-1!"
"""Of every sample account; the pool's password rules apply here too."""

SELF_ASSIGNED = ("employer", "student")


class HasOutputs(Protocol):
    """The two ids of a pool that signing in needs."""

    @property
    def user_pool_id(self) -> str:
        """The pool."""

    @property
    def user_pool_client_id(self) -> str:
        """Its public client."""


class Stack(Protocol):
    """A deployed stack: a running one, or one that another process runs."""

    @property
    def outputs(self) -> HasOutputs:
        """What the deployed stacks say about themselves."""

    def client(self, service: str, **options: Any) -> Any:
        """A boto3 client of its local AWS."""


@dataclass(frozen=True)
class Account:
    """A confirmed account that is signed in."""

    email: str
    account_id: str
    access_token: str
    id_token: str


def create_account(stack: Stack, role: str, email: str) -> Account:
    """Make a confirmed account in its role's group, and sign it in."""
    if role in SELF_ASSIGNED:
        sign_up(stack, role, email)
    else:
        invite(stack, role, email)
    return sign_in(stack, email)


def sign_up(stack: Stack, role: str, email: str) -> None:
    """Register with a role and confirm, as if the code in the mail had been typed in."""
    idp, outputs = stack.client("cognito-idp"), stack.outputs
    attributes = {"email": email, "custom:role": role}
    idp.sign_up(
        ClientId=outputs.user_pool_client_id,
        Username=email,
        Password=PASSWORD,
        UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
    )
    account = {"UserPoolId": outputs.user_pool_id, "Username": email}
    idp.admin_confirm_sign_up(**account)
    idp.admin_update_user_attributes(**account, UserAttributes=[{"Name": "email_verified", "Value": "true"}])


def invite(stack: Stack, role: str, email: str) -> None:
    """Make an account as an administrator does, with a role that nobody can sign up for."""
    idp = stack.client("cognito-idp")
    account = {"UserPoolId": stack.outputs.user_pool_id, "Username": email}
    attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
    idp.admin_create_user(**account, UserAttributes=attributes, MessageAction="SUPPRESS")
    idp.admin_set_user_password(**account, Password=PASSWORD, Permanent=True)
    idp.admin_add_user_to_group(**account, GroupName=role)


def sign_in(stack: Stack, email: str) -> Account:
    """Get tokens by password, which only the local stage's client allows."""
    answer = stack.client("cognito-idp").initiate_auth(
        ClientId=stack.outputs.user_pool_client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": email, "PASSWORD": PASSWORD},
    )
    tokens = answer["AuthenticationResult"]
    account_id = claims(tokens["AccessToken"])["sub"]
    return Account(email, account_id, tokens["AccessToken"], tokens["IdToken"])


def exists(stack: Stack, email: str) -> bool:
    """Whether somebody has this account already."""
    idp = stack.client("cognito-idp")
    try:
        idp.admin_get_user(UserPoolId=stack.outputs.user_pool_id, Username=email)
    except idp.exceptions.UserNotFoundException:
        return False
    return True


def claims(token: str) -> dict[str, Any]:
    """What a token says; its signature is for the API to check."""
    payload = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return found

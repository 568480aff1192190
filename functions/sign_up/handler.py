"""Cognito's triggers at sign-up: the role asked for is checked before, and given after confirmation."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.groups import CognitoGroups
from microintern.domain.states import Role

SELF_ASSIGNED = (Role.STUDENT, Role.EMPLOYER)
logger = Logger()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Refuse a sign-up for any other role; put a confirmed account into its role's group."""
    role = event["request"]["userAttributes"].get("custom:role", "")
    source = event["triggerSource"]
    if source == "PreSignUp_SignUp" and role not in SELF_ASSIGNED:
        raise ValueError(f"custom:role must be {' or '.join(SELF_ASSIGNED)}; an operator assigns the other roles")
    if source == "PostConfirmation_ConfirmSignUp" and role in SELF_ASSIGNED:
        CognitoGroups(client("cognito-idp"), event["userPoolId"]).join(event["userName"], role)
    logger.info("sign-up", trigger=source, role=role)
    return event

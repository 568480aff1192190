"""Who can sign in, as the Cognito user pool has it."""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from microintern.domain.problems import NotFound, no_such

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient


class CognitoUsers:
    """The Users port on Cognito."""

    def __init__(self, client: "CognitoIdentityProviderClient", user_pool_id: str) -> None:
        self._client = client
        self._pool_id = user_pool_id

    def shut_out(self, account_id: str) -> None:
        # Disabled first: whoever was only signed out could sign in again in between.
        self._of(account_id, self._client.admin_disable_user)
        self._of(account_id, self._client.admin_user_global_sign_out)

    def let_in(self, account_id: str) -> None:
        self._of(account_id, self._client.admin_enable_user)

    def address(self, account_id: str) -> str | None:
        try:
            found = self._client.admin_get_user(UserPoolId=self._pool_id, Username=account_id)
        except self._client.exceptions.UserNotFoundException:
            return None
        attributes = {attribute["Name"]: attribute.get("Value") for attribute in found["UserAttributes"]}
        return attributes.get("email") if attributes.get("email_verified") == "true" else None

    def delete(self, account_id: str) -> None:
        with suppress(NotFound):
            self._of(account_id, self._client.admin_delete_user)

    def _of(self, account_id: str, call: Callable[..., Any]) -> None:
        try:
            call(UserPoolId=self._pool_id, Username=account_id)
        except self._client.exceptions.UserNotFoundException as error:
            raise no_such("account") from error

"""Roles as groups of the Cognito user pool. It signs in by e-mail, so a username is the account's sub."""

from typing import TYPE_CHECKING

from microintern.domain.problems import no_such

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient


class CognitoGroups:
    """The Groups port on Cognito."""

    def __init__(self, client: "CognitoIdentityProviderClient", user_pool_id: str) -> None:
        self._client = client
        self._pool_id = user_pool_id

    def roles_of(self, account_id: str) -> list[str]:
        try:
            answer = self._client.admin_list_groups_for_user(UserPoolId=self._pool_id, Username=account_id)
        except self._client.exceptions.UserNotFoundException as error:
            raise no_such("account") from error
        return [group["GroupName"] for group in answer["Groups"]]

    def join(self, account_id: str, role: str) -> None:
        """Give the account one more role; the same again changes nothing."""
        self._client.admin_add_user_to_group(UserPoolId=self._pool_id, Username=account_id, GroupName=role)

    def assign(self, account_id: str, role: str) -> None:
        had = self.roles_of(account_id)
        # The new role first: a change that breaks off leaves a role too many, which repeating it takes away,
        # and never a person without any.
        if role not in had:
            self.join(account_id, role)
        for name in had:
            if name != role:
                self._client.admin_remove_user_from_group(UserPoolId=self._pool_id, Username=account_id, GroupName=name)

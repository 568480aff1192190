"""Who may come in: accounts, roles and the function that checks a sign-up."""

from aws_cdk import Aws, CfnOutput
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.config import Stage
from infra.constructs.function import ServiceFunctions
from infra.constructs.user_pool import AccountPool
from infra.stacks.base import StageStack
from microintern.domain.states import Role


class IdentityStack(StageStack):
    """A Cognito pool with a group per role, and one public client; for a console it signs in on Cognito's pages."""

    def __init__(self, scope: Construct, stage: Stage) -> None:
        """Name the parts."""
        super().__init__(scope, "Identity", stage)
        functions = ServiceFunctions(self, stage, {})
        sign_up = functions.add("sign_up", timeout_s=5)
        roles = [role.value for role in Role if role is not Role.SERVER]
        self.accounts = AccountPool(self, "Accounts", stage, sign_up, groups=roles)
        # Apart from the function's own policy: the pool needs the function, so that can't need the pool.
        joins_group = iam.Policy(self, "SignUpJoinsGroup", roles=[sign_up.role])
        joins_group.add_statements(
            iam.PolicyStatement(
                actions=["cognito-idp:AdminAddUserToGroup"], resources=[self.accounts.pool.user_pool_arn]
            )
        )
        self.functions = functions.all
        self.issuer = f"https://cognito-idp.{Aws.REGION}.{Aws.URL_SUFFIX}/{self.accounts.pool.user_pool_id}"
        self.auth_url = self.accounts.auth_url
        CfnOutput(self, "AuthUrl", value=self.auth_url)
        CfnOutput(self, "UserPoolId", value=self.accounts.pool.user_pool_id)
        CfnOutput(self, "UserPoolClientId", value=self.accounts.client.user_pool_client_id)

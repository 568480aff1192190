"""The accounts of the people who use this system."""

from collections.abc import Sequence

from aws_cdk import Aws, Duration
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from infra.config import Stage
from infra.constructs.exceptions import accept
from infra.constructs.function import ServiceFunction


class AccountPool(Construct):
    """People sign up with an e-mail address and a role, which they can't change afterwards."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        stage: Stage,
        sign_up: ServiceFunction,
        groups: Sequence[str],
    ) -> None:
        """Create the pool, its groups and its client."""
        super().__init__(scope, construct_id)
        self.pool = self._pool(stage, sign_up)
        for group in groups:
            cognito.CfnUserPoolGroup(
                self, f"{group.title()}Group", group_name=group, user_pool_id=self.pool.user_pool_id
            )
        self.client = self._client(stage)
        self.auth_url = self._pages(stage)

    def _pool(self, stage: Stage, sign_up: ServiceFunction) -> cognito.UserPool:
        plan, threats = cognito.FeaturePlan, cognito.StandardThreatProtectionMode
        pool = cognito.UserPool(
            self,
            "Pool",
            self_sign_up_enabled=True,
            sign_in_aliases=cognito.SignInAliases(email=True),
            auto_verify=cognito.AutoVerifiedAttrs(email=True),
            standard_attributes=cognito.StandardAttributes(
                email=cognito.StandardAttribute(required=True, mutable=True),
                fullname=cognito.StandardAttribute(required=False, mutable=True),
            ),
            custom_attributes={"role": cognito.StringAttribute(min_len=1, max_len=20, mutable=False)},
            lambda_triggers=cognito.UserPoolTriggers(pre_sign_up=sign_up.function, post_confirmation=sign_up.function),
            password_policy=cognito.PasswordPolicy(
                min_length=12,
                require_digits=True,
                require_lowercase=True,
                require_uppercase=True,
                require_symbols=True,
            ),
            mfa=cognito.Mfa.OPTIONAL,
            mfa_second_factor=cognito.MfaSecondFactor(otp=True, sms=False),
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            feature_plan=plan.PLUS if stage.threat_protection else plan.ESSENTIALS,
            standard_threat_protection_mode=threats.FULL_FUNCTION if stage.threat_protection else None,
            deletion_protection=stage.keeps_data,
            removal_policy=stage.removal_policy,
        )
        accept(pool, "A second factor is each person's choice: some own one device.", "AwsSolutions-COG2")
        if not stage.threat_protection:
            paid = "Threat protection is paid per user: only where real users are."
            accept(pool, paid, "AwsSolutions-COG3", "AwsSolutions-COG8")
        return pool

    def _pages(self, stage: Stage) -> str:
        """Where Cognito's own pages for signing in are."""
        name = f"microintern-{stage.name}-{Aws.ACCOUNT_ID}"
        domain = cognito.CognitoDomainOptions(domain_prefix=name)
        self.pool.add_domain(
            "Pages", cognito_domain=domain, managed_login_version=cognito.ManagedLoginVersion.CLASSIC_HOSTED_UI
        )
        return stage.endpoint or f"https://{name}.auth.{Aws.REGION}.amazoncognito.com"

    def _client(self, stage: Stage) -> cognito.UserPoolClient:
        writable = cognito.ClientAttributes().with_standard_attributes(email=True, fullname=True)
        return self.pool.add_client(
            "Client",
            generate_secret=False,
            auth_flows=cognito.AuthFlow(user_srp=True, user_password=stage.password_sign_in),
            disable_o_auth=stage.web_origin is None,
            o_auth=_code_flow(stage.web_origin) if stage.web_origin else None,
            supported_identity_providers=[cognito.UserPoolClientIdentityProvider.COGNITO],
            prevent_user_existence_errors=True,
            access_token_validity=Duration.hours(1),
            id_token_validity=Duration.hours(1),
            refresh_token_validity=Duration.days(30),
            write_attributes=writable.with_custom_attributes("role"),
        )


def _code_flow(web_origin: str) -> cognito.OAuthSettings:
    """People sign in on Cognito's pages and come back to the console with a code, which PKCE makes good there only."""
    return cognito.OAuthSettings(
        flows=cognito.OAuthFlows(authorization_code_grant=True),
        scopes=[cognito.OAuthScope.OPENID, cognito.OAuthScope.EMAIL, cognito.OAuthScope.PROFILE],
        callback_urls=[f"{web_origin}/signed-in"],
        logout_urls=[f"{web_origin}/"],
    )

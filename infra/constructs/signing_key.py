"""The keys in KMS: what manifests and credentials are signed with, and what keeps other people's secrets."""

from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.config import Stage
from infra.constructs.function import ServiceFunction


class SigningKey(kms.Key):
    """Ed25519, made in KMS and never out of it. Deleting it takes a month, in which somebody may notice."""

    def __init__(self, scope: Construct, construct_id: str, stage: Stage, signs: str) -> None:
        """Create the key."""
        super().__init__(
            scope,
            construct_id,
            description=f"microintern {stage.name}: signs {signs}",
            key_spec=kms.KeySpec.ECC_NIST_EDWARDS25519,
            key_usage=kms.KeyUsage.SIGN_VERIFY,
            pending_window=Duration.days(30),
            removal_policy=stage.removal_policy,
        )

    def allow(self, function: ServiceFunction, *operations: str) -> None:
        """Let a function use these operations of the key."""
        function.allow([f"kms:{operation}" for operation in operations], self.key_arn)


class SecretsKey(kms.Key):
    """Encrypts what webhooks are signed with. AWS changes its material each year, and keeps what opens the old."""

    def __init__(self, scope: Construct, construct_id: str, stage: Stage) -> None:
        """Create the key."""
        super().__init__(
            scope,
            construct_id,
            description=f"microintern {stage.name}: encrypts the secrets of webhooks",
            enable_key_rotation=True,
            pending_window=Duration.days(30),
            removal_policy=stage.removal_policy,
        )

    def allow(self, function: ServiceFunction, *operations: str) -> None:
        """Let a function use these operations, for what is named as an organisation's endpoint only."""
        named = {"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["organisation_id", "endpoint_id"]}}
        function.allow([f"kms:{operation}" for operation in operations], self.key_arn, **named)

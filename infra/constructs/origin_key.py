"""The key by which the API's functions know that a request came through the edge."""

import json
from collections.abc import Iterable

from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.config import Stage
from infra.constructs.exceptions import accept
from infra.constructs.function import ServiceFunction


class OriginKey(Construct):
    """A secret of two fields: `key`, which the edge sends, and `other_key`, taken as well while keys change."""

    def __init__(self, scope: Construct, stage: Stage) -> None:
        """Have AWS make a key up."""
        super().__init__(scope, "OriginKey")
        self.secret = secretsmanager.Secret(
            self,
            "Secret",
            description=f"microintern {stage.name}: shown by CloudFront to the API",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template=json.dumps({"other_key": ""}),
                generate_string_key="key",
                exclude_punctuation=True,
                password_length=48,
            ),
            removal_policy=stage.removal_policy,
        )
        accept(self.secret, "Changed in three steps, as CloudFront takes minutes: see the README.", "AwsSolutions-SMG4")
        self.arn = self.secret.secret_arn

    @property
    def current(self) -> str:
        """The key as CloudFormation reads it when it deploys the edge: a reference, in no template."""
        return self.secret.secret_value_from_json("key").unsafe_unwrap()

    def allow(self, functions: Iterable[ServiceFunction]) -> None:
        """Let functions read the keys that are in force."""
        for function in functions:
            function.allow(["secretsmanager:GetSecretValue"], self.arn)

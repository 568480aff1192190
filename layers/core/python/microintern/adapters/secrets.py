"""Secrets, read when first needed and kept for a few minutes: long enough to be cheap, short enough to be replaced."""

import json
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.parameters import SecretsProvider

from microintern.adapters.aws import client

KEPT_FOR_S = 300


@cache
def _provider() -> SecretsProvider:
    return SecretsProvider(boto3_client=client("secretsmanager"))


def read_secret(arn: str) -> dict[str, Any]:
    """The fields of a secret that is kept as a JSON object; a ValueError says which secret is not."""
    text = str(_provider().get(arn, max_age=KEPT_FOR_S))
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ValueError(f"the secret {arn} is not a JSON object") from error
    return dict(value)

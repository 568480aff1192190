"""Secrets, read when first needed and kept for a few minutes: long enough to be cheap, short enough to be replaced."""

import json
import time
from typing import Any

from microintern.adapters.aws import client

KEPT_FOR_S = 300

_kept: dict[str, tuple[str, float]] = {}
"""By ARN: what was read, and until when it is good on the monotonic clock."""


def read_secret(arn: str) -> dict[str, Any]:
    """The fields of a secret that is kept as a JSON object; a ValueError says which secret is not."""
    text, good_until_s = _kept.get(arn, ("", 0.0))
    if time.monotonic() >= good_until_s:
        # Not by Powertools' provider, which imports boto3: every request goes by this module.
        text = client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
        _kept[arn] = (text, time.monotonic() + KEPT_FOR_S)
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ValueError(f"the secret {arn} is not a JSON object") from error
    return dict(value)

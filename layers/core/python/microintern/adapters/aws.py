"""One client per service and process, made when first asked for: importing boto3 is most of a cold start."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

CONNECT_TIMEOUT_S = 2
READ_TIMEOUT_S = 5
OF_COPIES_S = 240
"""S3 answers a copy of a large object when it is done; nothing else of S3's is worth so long a wait."""
MOST_ATTEMPTS = 4


@cache
def client(service: str) -> Any:
    """The process's client for a service."""
    return boto3.client(service, config=_config(service))  # type: ignore[call-overload]


@cache
def copying() -> Any:
    """The process's client for copies within S3."""
    return boto3.client("s3", config=_config("s3").merge(Config(read_timeout=OF_COPIES_S)))


def _config(service: str) -> Config:
    config = Config(
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        retries={"mode": "standard", "total_max_attempts": MOST_ATTEMPTS},
    )
    if service != "s3":
        return config
    # Virtual addressing puts the region into presigned addresses: an upload that gets redirected is lost.
    # A presigned form names its own checksum; the SDK must not add another one.
    return config.merge(
        Config(
            signature_version="s3v4",
            s3={"addressing_style": "virtual"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
    )

"""One client per service and process, made when something is first asked of it.

By botocore alone: boto3 adds resources and managed transfers, which nothing here uses, and a fifth to each cold start.
"""

from functools import cache
from typing import Any

from botocore.config import Config
from botocore.session import Session, get_session

CONNECT_TIMEOUT_S = 2
READ_TIMEOUT_S = 5
OF_COPIES_S = 240
"""S3 answers a copy of a large object when it is done; nothing else of S3's is worth so long a wait."""
MOST_ATTEMPTS = 4


class _Client:
    """Stands for a client. A function has clients for services that most of its requests never ask."""

    def __init__(self, service: str) -> None:
        self._service = service

    def __getattr__(self, name: str) -> Any:
        return getattr(connect(self._service), name)


@cache
def client(service: str) -> Any:
    """The process's client for a service."""
    return _Client(service)


@cache
def connect(service: str) -> Any:
    """What stands behind it."""
    return _session().create_client(service, config=_config(service))


@cache
def copying() -> Any:
    """The process's client for copies within S3."""
    return _session().create_client("s3", config=_config("s3").merge(Config(read_timeout=OF_COPIES_S)))


@cache
def _session() -> Session:
    return get_session()


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

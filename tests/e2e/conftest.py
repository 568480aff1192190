"""One deployed stack for the whole session, with windows so short that deadlines pass while a test waits."""

from collections.abc import Iterator

import pytest

from infra.local.stack import LocalStack


@pytest.fixture(scope="session")
def stack() -> Iterator[LocalStack]:
    """The whole system, deployed as a user deploys it."""
    with LocalStack() as deployed:
        deployed.deploy(windows="short")
        yield deployed

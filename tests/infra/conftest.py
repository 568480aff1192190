import os
from pathlib import Path

import pytest

# The templates' own validation costs seconds per synthesis, and test_app.py runs it once, as a user would.
os.environ["CDK_VALIDATION"] = "false"

from tests.infra.deployment import VARIANTS, Deployment, synthesized

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            # One worker for all: a synthesis per worker would cost more than they save.
            item.add_marker(pytest.mark.xdist_group("infra"))


@pytest.fixture(scope="session", params=VARIANTS)
def deployment(request: pytest.FixtureRequest) -> Deployment:
    return synthesized(request.param)


@pytest.fixture(scope="session")
def prod() -> Deployment:
    return synthesized("prod")

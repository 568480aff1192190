"""One deployed stack for the whole session, with windows so short that deadlines pass while a test waits."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from infra.local.stack import LocalStack
    from tests.e2e.people import People


def pytest_make_parametrize_id(val: object) -> str | None:
    """Number files, whatever is in them: archives and documents hold the hour, and workers must name cases alike."""
    return "file" if isinstance(val, bytes) else None


# What these need is imported only when a test asks for them: most tests run without.


@pytest.fixture(scope="session")
def stack() -> Iterator["LocalStack"]:
    """The whole system, deployed as a user deploys it."""
    from infra.local.stack import LocalStack  # noqa: PLC0415

    with LocalStack() as deployed:
        deployed.deploy(windows="short")
        yield deployed


@pytest.fixture(scope="session")
def people(stack: "LocalStack") -> "People":
    """An employer, a student and an operator; emulated functions start slowly the first time, so they warm them up."""
    from tests.e2e.people import People  # noqa: PLC0415

    somebody = People(stack)
    somebody.warm_up()
    brief_id = somebody.submitted()
    somebody.approve(brief_id)
    somebody.settled(brief_id)
    return somebody

"""A bare local AWS for the whole session: nothing is deployed to it."""

from collections.abc import Iterator

import pytest

from infra.local.process import Emulator
from tests.conformance.aws import Aws


@pytest.fixture(scope="session")
def aws() -> Iterator[Aws]:
    """A local AWS with nothing in it."""
    emulator = Emulator()
    emulator.start()
    try:
        yield Aws(emulator)
    finally:
        emulator.stop()

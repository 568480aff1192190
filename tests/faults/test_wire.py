"""Calls of AWS fail in every way that they can, and a brief is paid once all the same."""

import pytest

from tests.e2e.people import People
from tests.faults.wire import sweep_wire

pytestmark = pytest.mark.local_stack

SEED = 20_261_125
FEWEST = 40
"""Fewer faults than this, and the functions' calls do not go through the proxy any more."""


def test_a_brief_is_paid_once_whatever_call_fails(people: People, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print()
        faults, wrong = sweep_wire(people, SEED, full=False, say=print)
    assert faults >= FEWEST
    assert wrong == 0, "what went wrong is printed above"

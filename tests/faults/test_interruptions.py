"""Whatever happens elsewhere between two calls: a journey may end in another way, and the money is right in the end."""

import random

import pytest

from tests.faults.crash_sweep import SEED
from tests.faults.interruptions import WITHOUT_END, interrupt
from tests.faults.journeys import JOURNEYS

_SAMPLE = 40


@pytest.mark.slow
@pytest.mark.parametrize("journey", [journey for journey in JOURNEYS if journey not in WITHOUT_END])
def test_what_happens_between_two_calls_does_no_harm(journey: str) -> None:
    tried, wrong = interrupt(journey, random.Random(f"{SEED} {journey}"), _SAMPLE)
    assert tried == _SAMPLE
    assert wrong == []

"""Anything may happen, and the money stays right; a failure prints the seed that repeats it."""

import pytest

from tests.faults.model import Broken
from tests.faults.simulation import Simulation, simulate

STEPS = 3_000
SEEDS = (1, 2, 3, 4)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_no_money_is_lost_made_or_forgotten(seed: int) -> None:
    said: list[str] = []
    assert simulate(seed, STEPS, said.append) >= STEPS
    assert said


@pytest.mark.slow
def test_a_failure_names_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_fault(self: Simulation) -> None:
        raise Broken("found")

    monkeypatch.setattr(Simulation, "_check_sums", find_fault)
    with pytest.raises(Broken) as failure:
        simulate(7, 100, lambda line: None)
    assert any("simulate(7, " in note for note in failure.value.__notes__)

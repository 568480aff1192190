"""Wherever a call fails, and however: who asked asks again, and everything ends as if nothing had happened."""

import random
from collections import Counter
from functools import partial

import pytest

from tests.faults import coverage
from tests.faults.crash_sweep import (
    ADAPTERS,
    FLOOR,
    SEED,
    TWINS,
    first_of_their_kind,
    points_of,
    sampled,
    sweep,
    walk,
)
from tests.faults.journeys import ENDS, JOURNEYS, Ends

ON_ADAPTERS = random.Random(SEED).sample(list(JOURNEYS), 3)
"""What time allows; `make faults` samples every journey there, and with `FULL=1` tries every call.

On the twins it tries besides what is left out here: calls that fail as they do in another journey, all to the end.
"""

_SAMPLE = 12


@pytest.mark.slow
@pytest.mark.parametrize("journey", JOURNEYS)
def test_every_failing_call_is_made_good(journey: str) -> None:
    points, wrong = sweep(journey, TWINS, first_of_their_kind)
    assert points
    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("journey", ON_ADAPTERS)
def test_failing_calls_are_made_good_on_the_adapters(journey: str) -> None:
    points, wrong = sweep(journey, ADAPTERS, partial(sampled, f"{SEED}", _SAMPLE))
    assert points == _SAMPLE
    assert wrong == []


@pytest.mark.parametrize("journey", JOURNEYS)
def test_without_failures_every_journey_ends_as_it_should(journey: str) -> None:
    end = walk(journey, TWINS).pictures[-1]
    *_, brief = (found["itself"] for found in end["briefs"].values())
    assert not any(found["trail breaks"] for found in end["briefs"].values())
    done = Counter[str]()
    for _, kind, status, amount_minor, _ in end["provider"]:
        done[kind if status == "settled" else "failed"] += int(amount_minor) if status == "settled" else 1
    sums = (done["collect"], done["pay_out"], done["refund"], done["failed"])
    assert Ends(brief["outcome"], *sums, brief["settled_at"] is not None) == ENDS[journey]
    assert end["dead letters"] == end["pending"] == []
    running = [name for name, status in end["executions"].items() if status.startswith("RUNNING")]
    assert len(running) == (not ENDS[journey].settled)


def test_no_call_has_gone_missing() -> None:
    walks = {journey: walk(journey, TWINS) for journey in JOURNEYS}
    points = sum(len(list(points_of(journey, walked))) for journey, walked in walks.items())
    print(f"{points} points")
    assert points >= FLOOR
    made = {name.partition(".")[2] for walked in walks.values() for name, _ in walked.log}
    assert coverage.port_calls() - made == set()


def test_the_journeys_take_every_function_that_writes() -> None:
    called = coverage.functions_called(lambda: [walk(journey, TWINS) for journey in JOURNEYS])
    assert coverage.use_cases() - called == set()

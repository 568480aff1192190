"""Has something happen elsewhere between any two calls of every journey: it ends in another way, and ends well.

The journeys go on as far as people are still let, and the simulation's model says what must then be.
"""

import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import partial
from multiprocessing import get_context
from typing import NamedTuple

from pydantic import ValidationError

from microintern.domain.problems import Problem
from tests.faults.crash_sweep import TWINS, Say, on_stderr, points_of, take, walk
from tests.faults.journeys import END, JOURNEYS, steps_of
from tests.faults.people import NothingThere
from tests.faults.simulation import Simulation

HAPPENS = (
    "the settlement runs",
    "it is cancelled and settled",
    "the sweeper runs",
    "approve",
    "cancel",
    "give back",
)

WITHOUT_END = frozenset({"a refund that fails", "the ledger is restored to before it all was paid"})
"""These end with something for a person to do."""


class Interruption(NamedTuple):
    """What happens before which call of a journey."""

    journey: str
    call: int
    name: str
    happens: str

    def __str__(self) -> str:
        return f"{self.journey}: {self.happens} before call {self.call}, {self.name}"


def interruptions_of(journey: str) -> Iterator[Interruption]:
    """Everything between all the calls that no journey before it has begun with."""
    if journey in WITHOUT_END:
        return
    last = len(steps_of(journey)) - 1
    found = {(p.call, p.name) for p in points_of(journey, walk(journey, TWINS)) if p.step < last}
    for call, name in sorted(found):
        for happens in HAPPENS:
            yield Interruption(journey, call, name, happens)


def outcome_of(interruption: Interruption) -> list[str]:
    """What is wrong in the end."""
    run = Simulation(payable=False)
    run.plant.faults.interrupt(interruption.call - 1, partial(run.meanwhile, interruption.happens))
    try:
        for step in steps_of(interruption.journey):
            if step is not END:
                # People may find that they are too late, or have nothing to hand in.
                with suppress(Problem, ValidationError, NothingThere):
                    take(step, run.plant)
                run.books_are_right()
        run.come_to_the_end()
    except Exception as error:  # it belongs to this interruption, and the others are still to be tried
        return [f"{interruption}: {type(error).__name__}: {error}"]
    finally:
        run.floors.stop()
    return []


def interrupt(journey: str, sample: random.Random | None = None, most: int = 0) -> tuple[int, list[str]]:
    """Try a journey's interruptions, or a sample of them; how many that were, and what went wrong."""
    found = list(interruptions_of(journey))
    if sample and len(found) > most:
        found = sample.sample(found, most)
    return len(found), [wrong for interruption in found for wrong in outcome_of(interruption)]


def interruptions(say: Say = on_stderr) -> tuple[int, list[str]]:
    """All of them, on every core."""
    tried, wrong = 0, list[str]()
    with ProcessPoolExecutor(mp_context=get_context("fork")) as pool:
        for journey, (count, found) in zip(JOURNEYS, pool.map(interrupt, JOURNEYS), strict=True):
            tried, wrong = tried + count, wrong + found
            say(f"interruptions: {tried} tried, {len(wrong)} wrong; {count} of “{journey}”")
    return tried, wrong

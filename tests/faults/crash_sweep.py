"""Has every call of every journey fail, one at a time, and looks whether everything ends as it does without failures.

A point is one call of one journey and one way of failing there. Journeys that begin alike share the points of their
common beginning. What a point is started from is a copy of the plant as it stood before the step.
"""

import random
import sys
import time
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any, NamedTuple

from tests.faults.calls import Moment
from tests.faults.journeys import JOURNEYS, Step, steps_of
from tests.faults.people import People
from tests.faults.picture import differences, picture_of, wrongs
from tests.faults.plant import DROPPED_WITHOUT_HARM, Plant
from tests.unit.builders import NOW, POLICY

FLOOR = 6_000
"""Fewer points than this on the twins, and somebody has taken journeys or calls out of the sweep."""

Start = Callable[[], Plant]


class How(StrEnum):
    """A way of failing at a call."""

    BEFORE = "before"
    """It is not made; whoever called the function calls it again."""
    AFTER = "after"
    """It is made, and the caller does not know; whoever called the function calls it again."""
    DROPPED = "dropped"
    """It is not made, and nobody calls again but people and the sweeper."""


class Point(NamedTuple):
    """A failure to try. Calls are counted from the beginning of the journey, from 1."""

    journey: str
    step: int
    call: int
    how: How
    name: str

    def __str__(self) -> str:
        return f"{self.journey}: {self.how} call {self.call}, {self.name}, in step {self.step}"


class Walk(NamedTuple):
    """A journey without failures: where each step began, every call, and how everything ended."""

    starts: list[Plant]
    begins: list[int]
    log: list[tuple[str, str]]
    picture: dict[str, Any]


def on_twins() -> Plant:
    """A plant in memory, where nothing has happened yet."""
    return Plant(NOW, POLICY)


def walk(journey: str, start: Start, *, keep: bool) -> Walk:
    """Take all the steps; `keep` the plant before each, to begin there again."""
    plant = start()
    starts, begins = [], []
    for step in steps_of(journey):
        begins.append(len(plant.faults.log))
        if keep:
            starts.append(plant.fork())
        _take(step, plant)
    found = wrongs(plant)
    assert not found, f"{journey}, without failures: {found}"
    return Walk(starts, begins, plant.faults.log, picture_of(plant))


def _take(step: Step, plant: Plant) -> None:
    step.do(People(plant))
    plant.settle_down()


def points_of(journey: str, walked: Walk) -> Iterator[Point]:
    """The journey's points, those left out that a journey before it has in the same beginning."""
    earlier = list(JOURNEYS)[: list(JOURNEYS).index(journey)]
    names = [step.name for step in steps_of(journey)]
    ends = [*walked.begins[1:], len(walked.log)]
    for number, (begin, end) in enumerate(zip(walked.begins, ends, strict=True)):
        beginning = names[: number + 1]
        if any([step.name for step in steps_of(other)][: number + 1] == beginning for other in earlier):
            continue
        for call in range(begin, end):
            name, within = walked.log[call]
            for how in How:
                if how is How.DROPPED and within not in DROPPED_WITHOUT_HARM | {"", "workflow"}:
                    continue
                yield Point(journey, number, call + 1, how, f"{name} of {within or 'a command'}")


def outcome_of(point: Point, plant: Plant, steps: list[Step], expected: dict[str, Any]) -> list[str]:
    """Take the steps with this one failure; in what everything then differs from how it should be."""
    plant.faults.planned = {point.call: Moment.AFTER if point.how is How.AFTER else Moment.BEFORE}
    plant.drops = plant.patient = point.how is How.DROPPED
    try:
        for step in steps:
            _take(step, plant)
    except Exception as error:  # whatever it is, it belongs to this point, and the others are still to be tried
        return [f"{point}: {type(error).__name__}: {error}"]
    if not plant.faults.struck:
        return [f"{point}: the call was never made"]
    return [f"{point}: {found}" for found in [*wrongs(plant), *differences(expected, picture_of(plant))]]


def sweep_twins(journey: str) -> tuple[int, list[str]]:
    """Try all points of a journey in memory; how many there were, and what went wrong."""
    walked = walk(journey, on_twins, keep=True)
    points, wrong = 0, list[str]()
    for point in points_of(journey, walked):
        points += 1
        steps = steps_of(journey)[point.step :]
        wrong += outcome_of(point, walked.starts[point.step].fork(), steps, walked.picture)
    return points, wrong

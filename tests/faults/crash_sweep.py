"""Has every call of every journey fail, one at a time, and looks whether everything ends as it does without failures.

A point is one call of one journey and one way of failing there. Journeys that begin alike share the points of their
common beginning. On the twins a call is one to a port, the sandbox's memory and queue included; on the adapters it is
one to AWS, and to the provider. Each point begins with the step that it lies in: on the twins with a copy of the plant
as it was then, on the adapters in a child of the process that has walked there.
"""

import gc
import os
import pickle
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from enum import StrEnum
from functools import cache, partial
from multiprocessing import get_context
from typing import Any, NamedTuple

from tests.faults.calls import Moment
from tests.faults.journeys import JOURNEYS, Step, steps_of
from tests.faults.on_moto import Adapters, an_aws
from tests.faults.people import People
from tests.faults.picture import asked_again, differences, picture_of, wrongs
from tests.faults.plant import MADE_GOOD, Plant
from tests.faults.sides import Side, Twins
from tests.unit.builders import NOW, POLICY

FLOOR = 12_000
"""Fewer points than this on the twins, and somebody has taken journeys or calls out of the sweep."""

SEED = 20_261_125
"""Of the sample that is tried with every run of the tests."""

SAMPLE = 60
"""So many points of a journey are tried on the adapters when not all of them are; each seed has its own."""

Picture = dict[str, Any]
Say = Callable[[str], None]


class How(StrEnum):
    """A way of failing at a call."""

    BEFORE = "before"
    """It is not made; whoever called the function calls it again."""
    AFTER = "after"
    """It is made, and the caller does not know; whoever called the function calls it again."""
    DROPPED = "dropped"
    """It is not made, and nobody calls again but people and the sweeper."""
    TWICE = "twice"
    """Nothing fails: just before it, what makes it is begun once more elsewhere, and carried out."""


class Point(NamedTuple):
    """A failure to try. Calls are counted from the beginning of the journey, from 1."""

    journey: str
    step: int
    call: int
    how: How
    name: str

    def __str__(self) -> str:
        return f"{self.journey}: {self.how} call {self.call}, {self.name}, in step {self.step}"


class Where(NamedTuple):
    """What a journey is walked on."""

    name: str
    side: Callable[..., Side]
    around: Callable[[], AbstractContextManager[None]]


TWINS = Where("twins", Twins, nullcontext)
ADAPTERS = Where("adapters", Adapters, an_aws)


class Walk(NamedTuple):
    """A journey without failures: where in its calls each step began, every call, and how each step ended."""

    begins: list[int]
    log: list[tuple[str, str]]
    pictures: list[Picture]


def a_plant(where: Where) -> Plant:
    """A plant where nothing has happened yet."""
    return Plant(NOW, POLICY, where.side)


def walk(journey: str, where: Where) -> Walk:
    """Take all the steps."""
    plant = a_plant(where)
    begins, pictures = [], []
    for step in steps_of(journey):
        begins.append(len(plant.faults.log))
        take(step, plant)
        pictures.append(picture_of(plant))
    found = wrongs(plant)
    if found:
        raise AssertionError(f"{journey}, without failures: {found}")
    return Walk(begins, plant.faults.log, pictures)


def take(step: Step, plant: Plant) -> None:
    """Take one step, and let follow what follows."""
    step.do(People(plant))
    plant.settle_down()


def points_of(journey: str, walked: Walk) -> Iterator[Point]:
    """The journey's points, those left out that a journey before it has in the same beginning."""
    names = [step.name for step in steps_of(journey)]
    earlier = list(JOURNEYS)[: list(JOURNEYS).index(journey)]
    others = [[step.name for step in steps_of(other)] for other in earlier]
    ends = [*walked.begins[1:], len(walked.log)]
    for number, (begin, end) in enumerate(zip(walked.begins, ends, strict=True)):
        if any(other[: number + 1] == names[: number + 1] for other in others):
            continue
        for call in range(begin, end):
            name, within = walked.log[call]
            for how in How:
                # Only what is called by people, by the workflow or by events that the sweeper replaces can be dropped.
                if how is not How.DROPPED or within in MADE_GOOD | {"", "workflow"}:
                    yield Point(journey, number, call + 1, how, f"{name} of {within or 'a command'}")


Choose = Callable[[list[Point]], list[Point]]
"""Which points to try."""


def every(points: list[Point]) -> list[Point]:
    """All of them."""
    return points


def sampled(seed: str, most: int, points: list[Point]) -> list[Point]:
    """A sample of so many, another with each seed."""
    if len(points) <= most:
        return points
    return sorted(random.Random(seed).sample(points, most), key=lambda point: (point.step, point.call, point.how))


def first_of_their_kind(points: list[Point]) -> list[Point]:
    """Of each call in a step that comes after another, each way of failing once: in the first journey that has it."""
    return [point for point in points if _first_points()[_kind(point)] == point]


@cache
def _first_points() -> dict[tuple[object, ...], Point]:
    found: dict[tuple[object, ...], Point] = {}
    for journey in JOURNEYS:
        for point in points_of(journey, walk(journey, TWINS)):
            found.setdefault(_kind(point), point)
    return found


def _kind(point: Point) -> tuple[object, ...]:
    names = [step.name for step in steps_of(point.journey)]
    return (*names[max(point.step - 1, 0) : point.step + 1], point.name, point.how)


def outcome_of(point: Point, plant: Plant, walked: Walk, *, to_the_end: bool) -> list[str]:
    """Go on from the point's step with this one failure; in what everything then differs from how it should be.

    Unless it is to be gone `to_the_end`, a step after which everything is as it should be is as good as the end.
    """
    if point.how is How.TWICE:
        plant.faults.meanwhile = {point.call: plant.twice_at_once}
    else:
        plant.faults.planned = {point.call: Moment.AFTER if point.how is How.AFTER else Moment.BEFORE}
    plant.drops = plant.patient = point.how is How.DROPPED
    found: list[str] = []
    try:
        for step, expected in list(zip(steps_of(point.journey), walked.pictures, strict=True))[point.step :]:
            take(step, plant)
            if to_the_end and expected is not walked.pictures[-1]:
                continue
            found = differences(expected, picture_of(plant))
            if not found and not to_the_end:
                break
    except Exception as error:  # whatever it is, it belongs to this point, and the others are still to be tried
        return [f"{point}: {type(error).__name__}: {error}"]
    if not plant.faults.struck:
        return [f"{point}: the call was never made"]
    # Of two at once, both may find that the provider has nothing; then its own memory of keys must do.
    again = [] if point.how is How.TWICE else asked_again(plant)
    return [f"{point}: {what}" for what in [*wrongs(plant), *again, *found]]


def sweep(journey: str, where: Where, choose: Choose = every, *, to_the_end: bool = False) -> tuple[int, list[str]]:
    """Try the points of a journey that are chosen; how many that were, and what went wrong."""
    with where.around():
        walked = walk(journey, where)
    alike = differences(walk(journey, TWINS).pictures[-1], walked.pictures[-1])
    wrong = [f"{journey} on the {where.name}, without failures: {found}" for found in alike]
    points = choose(list(points_of(journey, walked)))
    with where.around():
        return len(points), wrong + _tried(
            journey, points, where, partial(outcome_of, walked=walked, to_the_end=to_the_end)
        )


def _tried(
    journey: str, points: Sequence[Point], where: Where, outcome: Callable[[Point, Plant], list[str]]
) -> list[str]:
    """Walk once more, and from each step on try the points that lie in it."""
    plant, wrong = a_plant(where), list[str]()
    for number, step in enumerate(steps_of(journey)):
        for point in (point for point in points if point.step == number):
            wrong += outcome(point, plant.fork()) if where is TWINS else _in_child(partial(outcome, point, plant))
        take(step, plant)
    return wrong


def _in_child(call: Callable[[], list[str]]) -> list[str]:
    """What a call finds that changes everything here, made in a process that ends with it."""
    reader, writer = os.pipe()
    # What is there already is never looked at by the child's collector, and so stays shared.
    gc.freeze()
    child = os.fork()
    if child == 0:
        try:
            found = call()
        except BaseException as error:
            found = [f"{type(error).__name__}: {error}"]
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(pickle.dumps(found))
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    told: list[str] = pickle.loads(answer) if answer else [f"{call}: the process ended without an answer"]
    return told


def on_stderr(line: str) -> None:
    """Where progress goes."""
    print(line, file=sys.stderr, flush=True)


def crash_sweep(seed: int, full: bool, say: Say = on_stderr) -> tuple[int, list[str]]:
    """All points on the twins, and all (`full`) or a sample of each journey on the adapters, on every core."""
    works = [(journey, where) for where in (TWINS, ADAPTERS) for journey in JOURNEYS]
    points, wrong = 0, list[str]()
    with ProcessPoolExecutor(mp_context=get_context("fork")) as pool:
        jobs = [pool.submit(_work, journey, where.name, seed, full) for journey, where in works]
        for (journey, where), job in zip(works, jobs, strict=True):
            tried, found = job.result()
            points, wrong = points + tried, wrong + found
            say(f"crash sweep: {points} points, {len(wrong)} wrong; {tried} of “{journey}” on the {where.name}")
    return points, wrong


def _work(journey: str, where: str, seed: int, full: bool) -> tuple[int, list[str]]:
    choose = every if full else partial(sampled, f"{seed} {journey}", SAMPLE)
    try:
        return sweep(journey, TWINS, to_the_end=True) if where == TWINS.name else sweep(journey, ADAPTERS, choose)
    except Exception as error:  # not every exception gets from this process to the other
        raise RuntimeError(f"{journey} on the {where}: {type(error).__name__}: {error}") from None

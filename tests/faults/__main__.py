"""`make faults`: everything that could go wrong with money, tried longer than the tests do, with a seed.

Progress goes to standard error; the last line of standard output is JSON with what was tried and how much went wrong.
"""

import argparse
import json
import secrets
import sys
import time
from collections.abc import Callable
from typing import TypeVar

from infra.local.stack import LocalStack
from tests.e2e.people import People
from tests.faults.conditions import check_conditions
from tests.faults.crash_sweep import crash_sweep
from tests.faults.crash_sweep import on_stderr as say
from tests.faults.interruptions import interruptions
from tests.faults.races import race
from tests.faults.simulation import simulate
from tests.faults.wire import sweep_wire

T = TypeVar("T")

RACE_ROUNDS = 600
STEPS = 20_000


def tried(seed: int, *, full: bool) -> dict[str, int]:
    """Try everything once; the counts."""
    conditions, unguarded = _part("conditions removed", check_conditions)
    points, points_wrong = _part("crashes", lambda: _named(crash_sweep(seed, full=full, say=say)))
    interrupted, interrupted_wrong = _part("interruptions", lambda: _named(interruptions(say)))
    steps = _part("simulation", lambda: simulate(seed, STEPS, say))
    with LocalStack() as stack:
        stack.deploy(windows="short")
        people = People(stack)
        people.warm_up()
        rounds, rounds_wrong = _part("races", lambda: race(people, RACE_ROUNDS, seed, say))
        wire, wire_wrong = _part("faults at the wire", lambda: sweep_wire(people, seed, full=True, say=say))
    return {
        "seed": seed,
        "crash_points": points + interrupted,
        "crash_points_wrong": points_wrong + interrupted_wrong,
        "steps": steps,
        "race_rounds": rounds,
        "race_rounds_wrong": rounds_wrong,
        "wire_faults": wire,
        "wire_faults_wrong": wire_wrong,
        "conditions": len(conditions),
        "conditions_unguarded": len(unguarded),
    }


def _named(tried: tuple[int, list[str]]) -> tuple[int, int]:
    """How many were tried, and how many went wrong; which, is said."""
    count, wrong = tried
    for what in wrong:
        say(f"  WRONG: {what}")
    return count, len(wrong)


def main() -> None:
    """Exit with 1 unless nothing went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--seed", default="", help="repeat a run by the seed that it printed")
    parser.add_argument("--full", action="store_true", help="every crash on the adapters too: about an hour more")
    given = parser.parse_args()
    asked = given.seed
    if asked and not asked.isdigit():
        parser.error(f"a seed is a whole number, such as 7; not {asked!r}")
    counts = tried(int(asked) if asked else secrets.randbelow(10**6), full=given.full)
    print(json.dumps(counts))
    sys.exit(any(count for name, count in counts.items() if name.endswith(("_wrong", "_unguarded"))))


def _part(name: str, run: Callable[[], T]) -> T:
    say(f"\n{name}")
    start_s = time.monotonic()
    found = run()
    say(f"{name}: {time.monotonic() - start_s:.0f} s")
    return found


if __name__ == "__main__":
    main()

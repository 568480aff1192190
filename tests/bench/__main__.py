"""`make bench`: what the system costs and how fast it is, side by side with peers, in one run.

Progress goes to standard error; standard output is a table, and as its last line the path of a file of JSON.
"""

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from infra.bundling import ROOT
from infra.local.process import Emulator
from infra.local.stack import LocalStack
from tests.bench.cost import PRICES, usage, usd_per_1000
from tests.bench.growth import slopes
from tests.bench.lifecycle import Crew, Line, Meter, count_transitions, measured, read_units, short_name, write_units
from tests.bench.packages import package_bytes
from tests.bench.peer import Peer
from tests.bench.plots import draw
from tests.bench.seconds import seconds
from tests.bench.startup import startup_ratios
from tests.bench.throughput import throughput_ratios
from tests.bench.warm import warm_ratios
from tests.e2e.people import People
from tests.functions.test_commands import CALLS

RESULTS = ROOT / ".build" / "bench.json"
METERED = ROOT / ".build" / "metered.jsonl"


def main() -> None:
    """Measure everything, draw the pictures, write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--whole", action="store_true", help="time `make test` too")
    whole = parser.parse_args().whole
    METERED.parent.mkdir(exist_ok=True)
    results: dict[str, Any] = {}
    for part in _parts(whole=whole):
        results |= part
        # A part that fails does not take the ones before with it.
        RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    draw(results, ROOT / "docs")
    _show(results)
    print(RESULTS.relative_to(ROOT))


def say(line: str) -> None:
    """Show progress."""
    print(line, file=sys.stderr, flush=True)


def _parts(*, whole: bool) -> Iterator[dict[str, Any]]:
    yield {"startup_ratio": startup_ratios(say)}
    yield {"calls": {route: first for route, (first, _) in CALLS.items()}, "package_bytes": package_bytes()}
    METERED.write_bytes(b"")
    os.environ["METER"] = str(METERED)
    try:
        yield _grown()
        yield from _deployed()
    finally:
        del os.environ["METER"]
    yield {"seconds": seconds(say, whole=whole)}


def _grown() -> dict[str, Any]:
    emulator = Emulator()
    emulator.start()
    try:
        command = [sys.executable, "-m", "tests.bench.growth", emulator.endpoint, str(METERED)]
        printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT).stdout
    finally:
        emulator.stop()
    table = json.loads(printed.splitlines()[-1])
    sized = {route: {int(size): row for size, row in rows.items()} for route, rows in table.items()}
    return {"growth": table, "growth_slope": slopes(sized)}


def _deployed() -> Iterator[dict[str, Any]]:
    with LocalStack() as stack:
        stack.deploy()
        people, meter = People(stack), Meter(METERED)
        crew = Crew.of(people)
        crew.carry()
        brief_id, lines = measured(meter, crew.carry)
        shorter, _ = measured(meter, lambda: crew.carry(rounds=0))
        transitions = count_transitions(crew, brief_id)
        yield _of_one_brief(lines, transitions)
        yield {"transitions_per_revision": transitions - count_transitions(crew, shorter)}
        peer = Peer(stack, str(people.employer.token))
        yield {"warm_ratio": warm_ratios(people, peer, meter, say)}
        yield {"throughput_ratio": throughput_ratios(people, peer, lines, say)}


def _of_one_brief(lines: list[Line], transitions: int) -> dict[str, Any]:
    written = {short_name(table): units for table, units in write_units(lines).items()}
    invoked = Counter(short_name(line["function"]) for line in lines if line["service"] == "lambda")
    return {
        "write_units": {"together": sum(written.values()), **written},
        "read_units": read_units(lines),
        "transitions": transitions,
        "invocations": {"together": invoked.total(), **invoked},
        "usd_per_1000_briefs": {**usd_per_1000(usage(lines, transitions)), "scan": PRICES["scan"] * 2 * 1_000},
    }


def _show(results: dict[str, Any]) -> None:
    for name, found in results.items():
        if not isinstance(found, dict):
            print(f"{name:26} {found}")
            continue
        print(name)
        for part, value in found.items():
            print(f"  {part:44} {value}")


if __name__ == "__main__":
    main()

"""How long each function takes to start, as a ratio to a bare handler with one client, both net of Python itself.

Each run is a fresh process on compiled bytecode; all take turns, and the medians are compared. What a function puts off
until it is first called is not hidden: `with_client` also makes the client that every function needs first.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping

from infra.bundling import ROOT
from tests.functions.world import ENVIRONMENT, sources

RUNS = 11
_PYTHON = "pass"
_BARE = "import sys; sys.path.insert(0, 'tests/bench'); import bare"
_CONNECT = "; from microintern.adapters.aws import connect; connect('dynamodb')"


def startup_ratios(say: Callable[[str], None]) -> dict[str, dict[str, float]]:
    """By function: `imported`, and `with_client`."""
    functions = [path.parent.name for path in sources()]
    codes = {"": _PYTHON, "bare": _BARE}
    for name in functions:
        codes[name] = f"import sys; sys.path.insert(0, 'functions/{name}'); import handler"
        codes[f"{name}+"] = codes[name] + _CONNECT
    taken = _interleaved(codes, say)
    floor = taken["bare"] - taken[""]
    ratios = {name: round((taken[name] - taken[""]) / floor, 2) for name in codes}
    return {name: {"imported": ratios[name], "with_client": ratios[f"{name}+"]} for name in functions}


def _interleaved(codes: Mapping[str, str], say: Callable[[str], None]) -> dict[str, float]:
    """The median seconds of each, one after the other in every round."""
    unset = ("AWS_ENDPOINT_URL", "AWS_PROFILE")
    own = {name: value for name, value in os.environ.items() if name not in unset}
    env = {**own, **ENVIRONMENT, "PYTHONPATH": "layers/core/python"}
    seconds: dict[str, list[float]] = {name: [] for name in codes}
    for number in range(-1, RUNS):  # the first compiles what is not compiled yet
        for name, code in codes.items():
            start_s = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], env=env, cwd=ROOT, check=True)
            if number >= 0:
                seconds[name].append(time.perf_counter() - start_s)
        say(f"  start-up: round {number + 1} of {RUNS}")
    return {name: statistics.median(found) for name, found in seconds.items()}

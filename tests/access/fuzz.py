"""Requests made up from the OpenAPI document, right ones and wrong ones, as one role after another.

No answer may be a failure of ours, nor one that the document does not tell of. `make fuzz SEED=7` does it for longer.
"""

import argparse
import json
import re
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from infra.local.stack import LocalStack
from infra.local.steps import ROOT, VENV_BIN, exit_with_reason
from tests.access.scene import Scene

DOCUMENT = ROOT / "functions/openapi/openapi.json"
ROLES = ("employer_a", "student_a", "operator")
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "ignored_auth",
)
"""The others ask for what this API does not do: 405 where API Gateway says 404, success whatever the brief's state."""

REFUSALS = ("400", "401", "403", "404", "409", "413", "415", "422", "429")
"""Any of them will do for a request that breaks the document: what is looked at first is not its business."""

STATES = ("posted", "open", "submitted", "paid")
"""There is a brief in each of these states to be found by the requests."""

LONGEST_LINE = 500
_CASES = re.compile(r"^\s*(\d+) generated", re.MULTILINE)


@dataclass(frozen=True)
class Fuzzed:
    """What came of a run as one role."""

    role: str
    cases: int
    report: str
    """What schemathesis printed, with a command that repeats each failure."""
    wrong: bool


def fuzz(scene: Scene, seed: int, seconds: int, say: Callable[[str], None] = lambda text: None) -> list[Fuzzed]:
    """Send requests for so many seconds as each of the roles."""
    things = [scene.thing(state) for state in STATES]
    ids = {
        "briefs": [thing.brief_id for thing in things],
        "files": [thing.file_id for thing in things if thing.file_id],
        "accounts": [scene.spare.account_id],
        "places": ["US-NY-NYC", "US", "DE"],
    }
    found = []
    for role in ROLES:
        found.append(_as_role(scene, role, seed, seconds, ids))
        say(f"  as {role}: {found[-1].cases} requests, {'something is wrong' if found[-1].wrong else 'all is well'}")
    return found


def _as_role(scene: Scene, role: str, seed: int, seconds: int, ids: dict[str, list[str]]) -> Fuzzed:
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "schemathesis.toml")
        config.write_text(_config(ids), encoding="utf-8")
        token = scene.accounts[role].access_token
        command = [str(VENV_BIN / "st"), "--config-file", str(config), "run", str(DOCUMENT)]
        command += ["--url", scene.stack.outputs.api_url, "--header", f"Authorization: Bearer {token}"]
        command += ["--seed", str(seed), "--max-time", str(seconds), "--checks", ",".join(CHECKS), *OPTIONS]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    report = "\n".join(line[:LONGEST_LINE] for line in (done.stdout + done.stderr).splitlines())
    cases = _CASES.search(report)
    return Fuzzed(role, int(cases[1]) if cases else 0, report, done.returncode != 0)


OPTIONS: Sequence[str] = (
    "--no-color",
    "--workers=1",  # Python 3.11 fails at parsing in several threads
    "--request-timeout=60",
    "--generation-database=none",
    "--suppress-health-check=all",
    "--warnings=off",
    "--continue-on-failure",
)


def _config(ids: dict[str, list[str]]) -> str:
    """Half of all ids are those of real things; anything else is made up from the document."""
    lines = [f"[dictionaries.{name}]\nvalues = {json.dumps(values)}" for name, values in ids.items()]
    bound = {"brief_id": "briefs", "file_id": "files", "account_id": "accounts", "place": "places"}
    lines += ["[checks.negative_data_rejection]", f"expected-statuses = {json.dumps(REFUSALS)}", "[parameters]"]
    lines += [f'"path.{name}" = {{ dictionary = "{of}", probability = 0.5 }}' for name, of in bound.items()]
    return "\n".join(lines) + "\n"


def main() -> int:
    """`make fuzz`; the seed repeats a run."""
    parser = argparse.ArgumentParser(prog="python -m tests.access.fuzz")
    parser.add_argument("--seed", default="", help="repeat a run by the seed that it printed")
    parser.add_argument("--seconds", type=int, default=120, help="for each role")
    asked = parser.parse_args()
    seed = int(asked.seed) if asked.seed else secrets.randbelow(10**6)
    with redirect_stdout(sys.stderr), LocalStack() as stack:
        print(f"seed {seed}")
        stack.deploy()
        found = fuzz(Scene(stack), seed, asked.seconds, say=print)
    for run in found:
        if run.wrong:
            print(run.report)
    wrong = sum(run.wrong for run in found)
    print(json.dumps({"seed": seed, "requests": sum(run.cases for run in found), "roles_wrong": wrong}))
    return 1 if wrong else 0


if __name__ == "__main__":
    exit_with_reason(main)

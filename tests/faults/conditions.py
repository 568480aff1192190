"""Each condition of the code is taken away in turn, and some test has to fail: python -m tests.faults.conditions."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.faults.condition_plugin import EVERY_TEST
from tests.faults.condition_sites import EXPRESSION, HELPERS, ROOT, Condition, conditions_in

LONGEST_RUN_S = 900
PASSED, FAILED = 0, 1
FAST = "not slow and not local_stack"

Say = Callable[[str], None]
Tests = list[str]
"""What pytest is told to run."""


class CouldNotRun(Exception):
    """Nothing is known of the conditions: the tests, or what was left of the code, did not run."""


@dataclass(frozen=True)
class Group:
    """Folders of code, and the tests that could notice what they lose, stage by stage, the likeliest first."""

    folders: tuple[str, ...]
    stages: tuple[Tests, ...]


@dataclass(frozen=True)
class Project:
    """Where the code is, and its folders."""

    root: Path
    groups: tuple[Group, ...]


@dataclass
class Seen:
    """What a run of tests showed: by condition the tests that came to it, and the one that missed it."""

    passed: list[str] = field(default_factory=list)
    reached: dict[str, list[str]] = field(default_factory=dict)
    noticed: dict[str, str] = field(default_factory=dict)
    malformed: dict[str, str] = field(default_factory=dict)
    unlisted: list[str] = field(default_factory=list)

    def tests_of(self, condition: Condition) -> Tests:
        """The tests that pass and come to the condition."""
        reached = set(self.reached.get(condition.condition_id, []))
        return [test for test in self.passed if test in reached or EVERY_TEST in reached]


@dataclass
class Checked:
    """The conditions there are, those that no test misses, and conditions that were sent from other places."""

    conditions: list[Condition]
    unguarded: list[Condition]
    unlisted: list[str]


def this_project() -> Project:
    """What the adapters are held to on tables comes first, and one stage's templates; then whatever could notice."""
    on_tables = ["tests/contract", "-k", "aws or on_dynamodb or cohorts"]
    code = (on_tables, ["tests/contract", "tests/functions"], _naming("Dynamo", "tests/unit"))
    templates = ([*_naming(EXPRESSION, "tests/infra"), "-k", "local"], ["tests/infra"])
    return Project(ROOT, (Group(("functions", "layers"), code), Group(("infra",), templates)))


def _naming(word: str, folder: str) -> Tests:
    """The tests that speak of something; most of the others never come near it."""
    paths = sorted((ROOT / folder).rglob("test_*.py"))
    return [str(path) for path in paths if word in path.read_text(encoding="utf-8")]


def conditions_of(project: Project) -> list[Condition]:
    """Every condition in the project's code."""
    return [it for group in project.groups for it in conditions_in(project.root, group.folders)]


def run(project: Project, tests: Tests, *options: str, without: Condition | None = None) -> tuple[int, Seen]:
    """Run tests in a process of their own; raises CouldNotRun when they neither passed nor failed."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "seen.json")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", FAST, *options]
        command += ["-p", "tests.faults.condition_plugin", f"--rootdir={project.root}"]
        command += [f"--conditions-root={project.root}", f"--conditions-report={report}"]
        command += [f"--conditions-source={folder}" for group in project.groups for folder in group.folders]
        command += [f"--conditions-without={without.condition_id}"] if without else []
        command += tests
        ended = subprocess.run(
            command,
            check=False,
            cwd=project.root,
            env=_environment(),
            capture_output=True,
            text=True,
            timeout=LONGEST_RUN_S,
        )
        if ended.returncode not in (PASSED, FAILED) or not report.exists():
            raise CouldNotRun(f"{' '.join(command)}\n{ended.stdout}\n{ended.stderr}")
        seen = Seen(**json.loads(report.read_text(encoding="utf-8")))
    if seen.malformed:
        raise CouldNotRun(f"without its condition, the code is wrong in itself: {seen.malformed}")
    return ended.returncode, seen


def _environment() -> dict[str, str]:
    """As it is, but for what belongs to the pytest that may be running."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    path = os.pathsep.join([str(HELPERS.parents[2]), str(ROOT)])
    # The environment's own node goes first, as in the Makefile.
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return kept | {"PYTHONPATH": path, "PATH": programs}


def misses(project: Project, condition: Condition, tests: Tests) -> str | None:
    """The first of these tests that fails in a process that never had the condition."""
    if not tests:
        return None
    code, seen = run(project, tests, "-x", without=condition)
    if code == PASSED:
        return None
    test = seen.noticed.get(condition.condition_id)
    if test is None or run(project, [test])[0] != PASSED:
        raise CouldNotRun(f"{test or 'something'} fails by itself, and not for the lack of {condition}")
    return test


def check(project: Project, say: Say) -> Checked:
    """Take each condition away in turn. The groups have nothing to do with each other."""
    with ThreadPoolExecutor() as groups:
        parts = list(groups.map(partial(_check_group, project, say), project.groups))
    return Checked(
        conditions=[condition for part in parts for condition in part.conditions],
        unguarded=[condition for part in parts for condition in part.unguarded],
        unlisted=sorted({place for part in parts for place in part.unlisted}),
    )


def _check_group(project: Project, say: Say, group: Group) -> Checked:
    left = conditions = conditions_in(project.root, group.folders)
    unlisted: set[str] = set()
    for tests in group.stages:
        if left and tests:
            code, seen = run(project, tests)
            if code != PASSED:
                say(f"(some of {' '.join(tests)} fail by themselves, and guard nothing)")
            unlisted |= set(seen.unlisted)
            left = _unnoticed(project, say, left, seen)
    for condition in left:
        say(f"UNGUARDED  {condition}")
    return Checked(conditions, left, sorted(unlisted))


def _unnoticed(project: Project, say: Say, conditions: Iterable[Condition], seen: Seen) -> list[Condition]:
    def test_that_misses(condition: Condition) -> str | None:
        return seen.noticed.get(condition.condition_id) or misses(project, condition, seen.tests_of(condition))

    with ThreadPoolExecutor(os.cpu_count()) as processes:
        tried = list(zip(conditions, processes.map(test_that_misses, conditions), strict=True))
    for condition, test in tried:
        if test:
            say(f"guarded    {condition}\n           by {test}")
    return [condition for condition, test in tried if not test]


def check_conditions() -> tuple[list[Condition], list[Condition]]:
    """The conditions of this project, and those of them that no test misses."""
    checked = check(this_project(), lambda line: print(line, file=sys.stderr, flush=True))
    return checked.conditions, checked.unguarded


def main() -> None:
    """Print the counts as one line of JSON."""
    conditions, unguarded = check_conditions()
    print(json.dumps({"conditions": len(conditions), "conditions_unguarded": len(unguarded)}))


if __name__ == "__main__":
    main()

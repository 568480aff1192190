"""The rules of CONTRIBUTING.md that a reader should not have to check."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_LINES = 40
CODE = sorted(
    path
    for folder in ("functions", "layers", "infra", "tools", "tests")
    for path in (ROOT / folder).rglob("*.py")
    if "__pycache__" not in path.parts
)


def functions_of(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_functions_fit_on_a_screen(path: Path) -> None:
    assert [(name, lines) for name, lines in functions_of(path) if lines > MOST_LINES] == []


def test_the_environment_is_read_in_one_place() -> None:
    deployed = [
        path for path in CODE if path.is_relative_to(ROOT / "layers") or path.is_relative_to(ROOT / "functions")
    ]
    readers = [path.name for path in deployed if "os.environ" in path.read_text(encoding="utf-8")]
    assert readers == ["settings.py"]


def test_nobody_leaves_work_for_later_in_the_code() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "XX" + "X")
    assert [path.name for path in CODE if any(mark in path.read_text(encoding="utf-8") for mark in marks)] == []

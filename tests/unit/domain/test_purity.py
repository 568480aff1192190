"""The rules stay pure: they import nothing of AWS, and read no clock and no environment."""

import ast
import sys
from pathlib import Path

import pytest

import microintern.domain

FOLDER = Path(microintern.domain.__file__).parent
MODULES = sorted(FOLDER.glob("*.py"))
# What would make the same input give another answer, or touch the world outside.
FORBIDDEN = {"os", "random", "secrets", "socket", "subprocess", "time", "urllib", "uuid", "threading"}
CLOCKS = {"now", "utcnow", "today"}


def imported(tree: ast.Module) -> set[str]:
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return names | {f"{'.' * node.level}{node.module or ''}" for node in froms}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_domain_module_imports_only_the_standard_library_pydantic_and_the_domain(path: Path) -> None:
    for name in imported(ast.parse(path.read_text(encoding="utf-8"))):
        top = name.partition(".")[0]
        own = name == "microintern.domain" or name.startswith("microintern.domain.")
        assert own or top == "pydantic" or (top in sys.stdlib_module_names and top not in FORBIDDEN), name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_domain_module_reads_no_clock(path: Path) -> None:
    calls = [
        node.func
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    assert [call.attr for call in calls if call.attr in CLOCKS] == []

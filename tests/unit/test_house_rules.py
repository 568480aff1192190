"""The rules of CONTRIBUTING.md that a reader should not have to check."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_LINES = 40
CODE = sorted(
    path
    for folder in ("client", "functions", "layers", "infra", "tools", "tests")
    for path in (ROOT / folder).rglob("*.py")
    if "__pycache__" not in path.parts
)

DEPLOYED = [path for path in CODE if path.is_relative_to(ROOT / "layers") or path.is_relative_to(ROOT / "functions")]


def functions_of(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_functions_fit_on_a_screen(path: Path) -> None:
    assert [(name, lines) for name, lines in functions_of(path) if lines > MOST_LINES] == []


def test_the_environment_is_read_in_one_place() -> None:
    readers = [path.name for path in DEPLOYED if "os.environ" in path.read_text(encoding="utf-8")]
    assert readers == ["settings.py"]


MOVES_MONEY = {"collect", "pay_out", "refund"}
WRITES_LEDGER = {"begin", "record", "claim", "hold", "drop_hold"}


def called_on(path: Path, *owners: str) -> set[str]:
    """The methods that a file calls on anything of these names, such as `provider` or `treasury.provider`."""
    calls = [node.func for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    methods = [call for call in calls if isinstance(call, ast.Attribute)]
    return {call.attr for call in methods if ast.unparse(call.value).rpartition(".")[2] in owners}


@pytest.mark.parametrize(("owner", "methods"), [("provider", MOVES_MONEY), ("ledger", WRITES_LEDGER)])
def test_money_is_moved_and_written_down_in_one_place(owner: str, methods: set[str]) -> None:
    used: dict[str, set[str]] = {}
    for path in DEPLOYED:
        if called := called_on(path, owner, f"_{owner}") & methods:
            used[path.parent.name] = used.get(path.parent.name, set()) | called
    assert used == {"settling": methods}


def test_stripes_package_is_imported_by_its_adapter_only() -> None:
    """Where another provider is chosen it is not installed."""
    importers = set()
    for path in DEPLOYED:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.partition(".")[0] == "stripe" for name in names):
                importers.add(str(path.relative_to(ROOT / "layers/core/python/microintern")))
    assert importers == {"adapters/payments/stripe.py"}


def test_the_adapter_of_stripe_is_imported_where_it_is_chosen_only() -> None:
    importers = [p.name for p in DEPLOYED if "adapters.payments.stripe" in p.read_text(encoding="utf-8")]
    assert set(importers) <= {"choose.py", "stripe.py"}


def test_nobody_leaves_work_for_later_in_the_code() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "XX" + "X")
    assert [path.name for path in CODE if any(mark in path.read_text(encoding="utf-8") for mark in marks)] == []


HTTP_CLIENTS = {"aiohttp", "http", "httpx", "requests", "socket", "urllib", "urllib3"}
CALLS_OUT = {
    "sandbox_delivery.py": "delivers the sandbox's webhooks, to an address from its settings",
    "receivers.py": "delivers organisations' webhooks, to public addresses that it looked at itself",
}
"""Who may open a connection of its own, and why. What people write is kept and shown, never fetched."""


def imports_of(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names |= {alias.name for alias in node.names} if isinstance(node, ast.Import) else set()
        names |= {node.module or ""} if isinstance(node, ast.ImportFrom) else set()
    # What only builds or reads addresses, or names statuses, connects to nothing.
    return {name.partition(".")[0] for name in names - {"urllib.parse", "http"}}


def test_nothing_that_is_deployed_fetches_what_people_link_to() -> None:
    callers = {path.name for path in DEPLOYED if imports_of(path) & HTTP_CLIENTS}
    assert callers == CALLS_OUT.keys()


@pytest.mark.parametrize("folder", ["console", "e2e"])
def test_what_needs_a_deployed_stack_is_not_among_the_fast_tests(folder: str) -> None:
    modules = (ROOT / "tests" / folder).glob("test_*.py")
    assert [path.name for path in modules if "mark.local_stack" not in path.read_text(encoding="utf-8")] == []

"""For pytest's option -p: runs tests while the code's conditions are watched, or while one of them is away.

Watched, every test also runs again without each condition that refused it something, since those are the tests that
can notice. What a process keeps (what is made when a module is imported, fixtures of a session) shows only in a process
that starts without the condition: that is the other way to run.
"""

import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import wraps
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from botocore.client import BaseClient
from botocore.exceptions import ClientError, ParamValidationError

from tests.faults.condition_sites import CALLED, EXPRESSION, HELPERS, Unclear, watched

ALWAYS = "attribute_exists(pk) OR attribute_not_exists(pk)"
EVERY_TEST = "*"
API_CALL = "_make_api_call"
_ATTRIBUTES = ("ExpressionAttributeNames", "ExpressionAttributeValues")


class Known(str):
    """A condition's text that says which condition it is."""

    condition_id = ""


class Watch:
    """What becomes of the conditions while tests run. All that is kept of a test is its name."""

    def __init__(self, root: Path, sources: list[str], without: str | None) -> None:
        self.without = without
        self.test = EVERY_TEST
        self.reached: defaultdict[str, set[str]] = defaultdict(set)
        self.refused: defaultdict[str, set[str]] = defaultdict(set)
        self.unlisted: set[str] = set()
        self._root = root
        self._folders = tuple(str(root / source) + "/" for source in sources)

    def holds(self, file: str) -> bool:
        """Whether a file is the project's, and not the helpers' module."""
        return file.startswith(self._folders) and file != str(HELPERS)

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """From now on, every module of the project is loaded with its conditions watched, and so is every call."""
        load, call = SourceFileLoader.exec_module, getattr(BaseClient, API_CALL)

        def exec_module(loader: SourceFileLoader, module: ModuleType) -> None:
            tree, found = watched(Path(loader.path), self._root) if self.holds(loader.path) else (None, [])
            if tree is None or not found:
                load(loader, module)
                return
            setattr(module, CALLED, self.pass_through)
            exec(compile(tree, loader.path, "exec", dont_inherit=True), module.__dict__)

        def make_api_call(client: BaseClient, operation: str, params: dict[str, Any]) -> Any:
            texts = _conditions_of(params)
            if any(text and not isinstance(text, Known) for text in texts):
                self.unlisted |= set(_project_frames(self)[:1])
            try:
                return call(client, operation, params)
            except ClientError as error:
                self._note_refusals(texts, error)
                raise

        monkeypatch.setattr(SourceFileLoader, "exec_module", exec_module)
        monkeypatch.setattr(BaseClient, API_CALL, make_api_call)

    def pass_through(self, which: tuple[tuple[str, str], ...], made: Any) -> Any:
        """A function that makes a condition, or what it made: a write, or a request."""
        if callable(made):
            function: Callable[..., Any] = made

            @wraps(function)
            def making(*args: Any, **kwargs: Any) -> Any:
                return self.pass_through(which, function(*args, **kwargs))

            return making
        request = made if EXPRESSION in made else next(iter(made.values()))
        if EXPRESSION in request:
            condition_id = _condition_id(which, request[EXPRESSION])
            self.reached[condition_id].add(self.test)
            known = request[EXPRESSION] = Known(request[EXPRESSION])
            known.condition_id = condition_id
            if condition_id == self.without:
                _take_away(request)
        return made

    def _note_refusals(self, texts: list[str | None], error: ClientError) -> None:
        answer: dict[str, Any] = dict(error.response)
        reasons = answer.get("CancellationReasons", [])
        if answer["Error"]["Code"] == "ConditionalCheckFailedException":
            reasons = [{"Code": "ConditionalCheckFailed"}]
        for text, reason in zip(texts, reasons, strict=False):
            if isinstance(text, Known) and reason.get("Code") == "ConditionalCheckFailed":
                self.refused[text.condition_id].add(self.test)


def _condition_id(which: tuple[tuple[str, str], ...], text: str) -> str:
    if len(which) == 1:
        return which[0][0]
    for condition_id, known in which:
        if known == text:
            return condition_id
    raise Unclear(f"{text!r} is none of {which}")


def _take_away(request: dict[str, Any]) -> None:
    """A condition that always holds: a check cannot be without one. DynamoDB refuses names that nothing uses."""
    request[EXPRESSION] = Known(ALWAYS)
    used = set(re.findall(r"[#:]\w+", " ".join(v for name, v in request.items() if name.endswith("Expression"))))
    for attributes in _ATTRIBUTES:
        left = {name: value for name, value in request.pop(attributes, {}).items() if name in used}
        if left:
            request[attributes] = left


def _conditions_of(params: dict[str, Any]) -> list[str | None]:
    """The conditions of a call, by the position of the write."""
    writes = [next(iter(write.values())) for write in params.get("TransactItems", [])] or [params]
    return [write.get(EXPRESSION) for write in writes]


def _project_frames(watch: Watch) -> list[str]:
    """Where the project makes the call that runs, innermost first; none when a test makes it by itself."""
    frame: FrameType | None = sys._getframe(1)
    found = []
    while frame:
        code = frame.f_code
        if watch.holds(code.co_filename):
            found.append(f"{code.co_filename}:{frame.f_lineno} ({code.co_qualname})")
        frame = frame.f_back
    return found


def _malformed(error: BaseException | None) -> bool:
    """Whether a test failed because what was left is no request, or no program: it noticed nothing then."""
    if isinstance(error, ClientError):
        return error.response["Error"]["Code"] == "ValidationException"
    return isinstance(error, ImportError | SyntaxError | Unclear | ParamValidationError)


class Runner:
    """Runs the tests, and tells in the end what was seen."""

    def __init__(self, watch: Watch, report: Path) -> None:
        self._watch = watch
        self._without = watch.without
        self._report = report
        self._error: BaseException | None = None
        self._passed: list[str] = []
        self._noticed: dict[str, str] = {}
        self._malformed: dict[str, str] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Iterator[None]:
        """What is made for several tests is made for every one of them."""
        test = self._watch.test
        if fixturedef.scope != "function":
            self._watch.test = EVERY_TEST
        try:
            return (yield)
        finally:
            self._watch.test = test

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        """Run a test; and again without each condition that refused it something, until a test misses that one."""
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        outcome = self._run(item, nextitem, self._without, log=True)
        if outcome == "passed":
            self._passed.append(item.nodeid)
        if self._without:
            self._judge(item, self._without, outcome)
        elif outcome == "passed":
            refused = {condition for condition, tests in self._watch.refused.items() if item.nodeid in tests}
            for condition in sorted(refused - self._noticed.keys()):
                self._judge(item, condition, self._run(item, nextitem, condition))
                # One that fails from now on was disturbed by being run again, and says nothing of the condition.
                if self._noticed.get(condition) == item.nodeid and self._run(item, nextitem, None) != "passed":
                    del self._noticed[condition]
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def pytest_exception_interact(self, call: pytest.CallInfo[Any]) -> None:
        """What a test failed with."""
        self._error = call.excinfo.value if call.excinfo else None

    def pytest_sessionfinish(self) -> None:
        """Write down what was seen."""
        told = {
            "passed": self._passed,
            "reached": {condition: sorted(tests) for condition, tests in self._watch.reached.items()},
            "noticed": self._noticed,
            "malformed": self._malformed,
            "unlisted": sorted(self._watch.unlisted),
        }
        self._report.write_text(json.dumps(told), encoding="utf-8")

    def _judge(self, item: pytest.Item, without: str, outcome: str) -> None:
        if outcome == "failed" and _malformed(self._error):
            self._malformed[without] = f"{item.nodeid}: {self._error!r}"
        elif outcome == "failed":
            self._noticed[without] = item.nodeid

    def _run(self, item: pytest.Item, nextitem: pytest.Item | None, without: str | None, *, log: bool = False) -> str:
        self._watch.test, self._watch.without, self._error = item.nodeid, without, None
        outcomes = {report.outcome for report in runtestprotocol(item, log=log, nextitem=nextitem)}
        self._watch.test, self._watch.without = EVERY_TEST, self._without
        return next((outcome for outcome in ("failed", "skipped") if outcome in outcomes), "passed")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the project is, which condition to take away, and where to tell what was seen."""
    group = parser.getgroup("conditions")
    group.addoption("--conditions-root", type=Path)
    group.addoption("--conditions-source", action="append")
    group.addoption("--conditions-report", type=Path)
    group.addoption("--conditions-without")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Before anything of the project is imported."""
    given = early_config.known_args_namespace
    watch = Watch(given.conditions_root, given.conditions_source, given.conditions_without)
    monkeypatch = pytest.MonkeyPatch()
    watch.install(monkeypatch)
    early_config.add_cleanup(monkeypatch.undo)
    early_config.pluginmanager.register(Runner(watch, given.conditions_report), "conditions-runner")

"""What of the use cases a run came by: their functions, and the calls they make of the ports."""

import ast
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType, FunctionType, ModuleType
from typing import Any, Protocol

import microintern.app
from microintern import ports
from microintern.app.archive import Archive
from microintern.app.auditing import Things
from microintern.app.messaging import Room
from microintern.app.settling import Treasury
from microintern.app.sweeping import Broom
from microintern.ports.clock import Clock
from microintern.ports.payments import Webhooks

APP = Path(microintern.app.__path__[0])

READS = frozenset(
    {
        "microintern.app.agreements.agreement",
        "microintern.app.agreements.contract",
        "microintern.app.amending.proposed",
        "microintern.app.browsing",
        "microintern.app.checking_in.read",
        "microintern.app.statements",
        "microintern.app.accounts.me",
        "microintern.app.accounts.notices",
        "microintern.app.accounts.record",
        "microintern.app.discovering.fit_of",
        "microintern.app.discovering.my_searches",
        "microintern.app.discovering.read_strengths",
        "microintern.app.discovering.search",
        "microintern.app.mailing.settings_of",
        "microintern.app.mailing.subscription_of",
        "microintern.app.manifests",
        "microintern.app.exhibiting",
        "microintern.app.exporting",
        "microintern.app.portfolios._done",
        "microintern.app.portfolios._is_completed",
        "microintern.app.portfolios.completed",
        "microintern.app.portfolios.consent_of",
        "microintern.app.portfolios.own",
        "microintern.app.portfolios.own_growth",
        "microintern.app.portfolios.own_resume",
        "microintern.app.previews",
        "microintern.app.uploading.parts_of",
        "microintern.app.operating.audit_trail",
        "microintern.app.operating.holds",
        "microintern.app.mentoring.read",
        "microintern.app.messaging.questions",
        "microintern.app.organisations.in_state",
        "microintern.app.organisations.invitations",
        "microintern.app.organisations.members",
        "microintern.app.organisations.read",
        "microintern.app.talent.candidate",
        "microintern.app.talent.candidates",
        "microintern.app.talent.compare",
        "microintern.app.talent.compare_applicants",
        "microintern.app.talent._profiles",
        "microintern.app.offering.offers_to",
        "microintern.app.offering.own_offers",
        "microintern.app.offering._views",
        "microintern.app.standing.standing",
        "microintern.app.auditing.commands_of_day",
        "microintern.app.auditing.trail_of",
        "microintern.app.feedback.read",
        "microintern.app.records.of_applicant",
        "microintern.app.reporting",
        "microintern.app.records.of_organisation",
        "microintern.app.records.of_student",
        "microintern.app.crediting.own",
        "microintern.app.crediting.own_credential",
        "microintern.app.crediting.own_credentials",
        "microintern.app.crediting.public_credential",
        "microintern.app.crediting.revocations",
        "microintern.app.crediting.verify",
    }
)
"""Modules and functions that write nothing: when one of their calls fails there is nothing to make good."""


SWEPT_APART = frozenset(
    {
        *("microintern.app.delivering", "microintern.app.endpoints"),
        *("microintern.app.emailing", "microintern.app.mailing", "microintern.app.reminding"),
        *("microintern.app.cohorts", "microintern.app.enrolling", "microintern.app.granting"),
    }
)
"""They go by no brief's journey: tests/faults/test_*_crashes.py crash at each of their calls."""


def use_cases() -> set[str]:
    """Every public function of the application that works with a port and is not one of the READS."""
    given = {*_ports().values(), Treasury, Broom, Archive, Things, Room}
    return {
        f"{module.__name__}.{name}"
        for module in _modules(microintern.app)
        for name, function in vars(module).items()
        if isinstance(function, FunctionType) and function.__module__ == module.__name__ and not name.startswith("_")
        if any(parameter.annotation in given for parameter in inspect.signature(function).parameters.values())
        if not {module.__name__, f"{module.__name__}.{name}"} & (READS | SWEPT_APART)
    }


def port_calls() -> set[str]:
    """The names of the ports' methods that occur as calls in the use cases, the READS left out."""
    methods = {name for port in _ports().values() for name, found in vars(port).items() if inspect.isfunction(found)}
    called: set[str] = set()
    for module in _modules(microintern.app):
        if module.__name__ in READS | SWEPT_APART:
            continue
        tree = ast.parse(inspect.getsource(module))
        parts = [part for part in tree.body if f"{module.__name__}.{getattr(part, 'name', '')}" not in READS]
        called |= {name for part in parts for node in ast.walk(part) if (name := _method_called(node))}
    return methods & called


def functions_called(run: Callable[[], object]) -> set[str]:
    """The application's functions that a run calls."""
    seen: set[Any] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            seen.add(frame.f_code)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(before)
    ours = [code for code in seen if Path(code.co_filename).is_relative_to(APP)]
    return {f"{_module_of(Path(code.co_filename))}.{code.co_name}" for code in ours}


def _ports() -> dict[str, type]:
    """The protocols, but for the two that ask nobody."""
    found = {kind for module in _modules(ports) for kind in vars(module).values() if isinstance(kind, type)}
    made = {port.__name__: port for port in found if getattr(port, "_is_protocol", False)}
    return {name: port for name, port in made.items() if port not in (Clock, Webhooks, Protocol)}


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(info.name)


def _module_of(path: Path) -> str:
    parts = path.relative_to(APP).with_suffix("").parts
    return ".".join(("microintern.app", *(part for part in parts if part != "__init__")))


def _method_called(node: ast.AST) -> str | None:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr
    return None

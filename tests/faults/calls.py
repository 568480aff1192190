"""Calls that can fail, counted one by one: before they are made, or after, when the caller cannot tell."""

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar

from microintern.ports.payments import PaymentUnavailable

T = TypeVar("T")


class Moment(StrEnum):
    """When a call fails."""

    BEFORE = "before"
    AFTER = "after"


class Lost(Exception):
    """The connection broke, or the function went away: what became of the call, the caller does not know."""


class ProviderLost(Lost, PaymentUnavailable):
    """The same, as the payment provider's adapter says it."""


class Faults:
    """Counts the calls that cross the system's border, and has those fail that were planned to."""

    def __init__(self) -> None:
        self.planned: dict[int, Moment] = {}
        self.meanwhile: dict[int, Callable[[], object]] = {}
        """What somebody else does just before a call is made."""
        self.struck: list[str] = []
        self.within = ""
        """The function that runs."""
        self.log: list[tuple[str, str]] = []
        """Every call, and the function that made it."""

    def arm(self, in_calls: int, moment: Moment) -> None:
        """Have the call fail that comes after so many others."""
        self.planned[len(self.log) + 1 + in_calls] = moment

    def interrupt(self, in_calls: int, happens: Callable[[], object]) -> None:
        """Have something happen just before the call that comes after so many others."""
        self.meanwhile[len(self.log) + 1 + in_calls] = happens

    def around(self, name: str, call: Callable[[], T]) -> T:
        """Make one call, unless it is to fail."""
        self.log.append((name, self.within))
        number = len(self.log)
        if happens := self.meanwhile.pop(number, None):
            self.struck.append(f"meanwhile {name}")
            happens()
        moment = self.planned.get(number)
        if moment is Moment.BEFORE:
            raise self._lost(number, name)
        try:
            return call()
        finally:
            # Also when the answer was a refusal: the caller did not hear that either.
            if moment is Moment.AFTER:
                raise self._lost(number, name)

    def _lost(self, number: int, name: str) -> Lost:
        self.struck.append(f"{self.planned.pop(number)} {name}")
        return (ProviderLost if name.startswith("provider.") else Lost)(f"call {number}, {name}")


class Faulty:
    """A port whose every call can fail; its fields cannot."""

    def __init__(self, name: str, target: object, faults: Faults) -> None:
        self._name, self._target, self._faults = name, target, faults

    def __getattr__(self, method: str) -> Any:
        if method.startswith("_"):
            raise AttributeError(method)
        attribute = getattr(self._target, method)
        return partial(self._made, method) if callable(attribute) else attribute

    def _made(self, method: str, *args: Any, **named: Any) -> Any:
        call = partial(getattr(self._target, method), *args, **named)
        return self._faults.around(f"{self._name}.{method}", call)


def duplicate(thing: Any, made: dict[int, Any] | None = None) -> Any:
    """A copy that shares nothing that changes: containers and what holds them; values never change and are shared."""
    made = {} if made is None else made
    if id(thing) in made:
        return made[id(thing)]
    if isinstance(thing, dict):
        copied = made[id(thing)] = type(thing)()
        copied.update({duplicate(key, made): duplicate(value, made) for key, value in thing.items()})
        return copied
    if isinstance(thing, list):
        listed: list[Any] = []
        made[id(thing)] = listed
        listed += [duplicate(item, made) for item in thing]
        return listed
    if isinstance(thing, set):
        return made.setdefault(id(thing), set(thing))
    if not _changes(thing):
        return thing
    twin = made[id(thing)] = object.__new__(type(thing))
    vars(twin).update({name: duplicate(value, made) for name, value in vars(thing).items()})
    return twin


def _changes(thing: Any) -> bool:
    """Whether this is one of the twins or of the parts of the plant, and not a model or a value."""
    kind = type(thing)
    ours = kind.__module__.startswith(("tests.faults.", "tests.twins.", "microintern.adapters."))
    return ours and hasattr(thing, "__dict__") and not hasattr(kind, "model_fields") and not isinstance(thing, StrEnum)

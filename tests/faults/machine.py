"""What Step Functions does with the state machine's own definition, as far as the definition goes."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from microintern.domain.base import iso
from microintern.ports.clock import Clock


class AlreadyExists(Exception):
    """There was an execution of this name before."""


@dataclass
class Execution:
    """One execution, and where it is."""

    name: str
    input: dict[str, Any]
    status: str = "RUNNING"
    state: str = ""
    token: str = ""
    entered_at: datetime | None = None
    retry_at: datetime | None = None
    tries: dict[int, int] = field(default_factory=dict)
    """How often each entry of the state's Retry was used since the state was reached."""


@dataclass
class Task:
    """What a state asks of another service, with a token to answer by."""

    token: str
    resource: str
    parameters: dict[str, Any]


class Machine:
    """The executions of one state machine. What they ask for lies in `tasks` until somebody does it."""

    def __init__(self, definition: dict[str, Any], clock: Clock) -> None:
        self.definition = MappingProxyType(definition)
        self.clock = clock
        self.executions: dict[str, Execution] = {}
        self.tasks: list[Task] = []
        self._tokens = 0

    def start(self, name: str, given: dict[str, Any]) -> None:
        """Start an execution; a name can be had once."""
        if name in self.executions:
            raise AlreadyExists(name)
        self.executions[name] = Execution(name=name, input=given)
        self._reach(self.executions[name], self.definition["StartAt"])

    def succeed(self, token: str) -> bool:
        """A task is done; False when nobody waits for it any more."""
        execution = self._waiting(token)
        if execution is None:
            return False
        state = self._state(execution)
        if state.get("End"):
            execution.status, execution.token = "SUCCEEDED", ""
        else:
            self._reach(execution, state["Next"])
        return True

    def fail(self, token: str, error: str) -> bool:
        """A task has failed: it is tried again, caught, or the end of the execution."""
        execution = self._waiting(token)
        if execution is None:
            return False
        execution.token = ""
        state = self._state(execution)
        if self._tries_again(execution, state.get("Retry", []), error):
            return True
        for catcher in state.get("Catch", []):
            if _matches(error, catcher["ErrorEquals"]):
                self._reach(execution, catcher["Next"])
                return True
        execution.status = "FAILED"
        return True

    def abort(self, name: str) -> None:
        """Somebody stops an execution."""
        execution = self.executions[name]
        execution.status, execution.token, execution.retry_at = "ABORTED", "", None

    def next_at(self) -> datetime | None:
        """When something happens here by itself."""
        due = [at for execution in self.executions.values() for at in self._due(execution)]
        return min(due, default=None)

    def next_retry_at(self) -> datetime | None:
        """When a state is tried again next."""
        running = self.executions.values()
        return min((e.retry_at for e in running if e.retry_at), default=None)

    def tick(self) -> None:
        """Do what is due by now: states that are tried again, and waits that took too long."""
        now = self.clock.now()
        for execution in list(self.executions.values()):
            if execution.retry_at is not None and execution.retry_at <= now:
                self._enter(execution)
            elif execution.token and all(at <= now for at in self._due(execution)):
                self.fail(execution.token, "States.Timeout")

    def _due(self, execution: Execution) -> list[datetime]:
        if execution.status != "RUNNING":
            return []
        if execution.retry_at is not None:
            return [execution.retry_at]
        assert execution.entered_at is not None
        return [execution.entered_at + timedelta(seconds=self._state(execution)["TimeoutSeconds"])]

    def _tries_again(self, execution: Execution, retriers: list[dict[str, Any]], error: str) -> bool:
        for number, retrier in enumerate(retriers):
            if not _matches(error, retrier["ErrorEquals"]):
                continue
            used = execution.tries.get(number, 0)
            if used >= retrier["MaxAttempts"]:
                return False
            execution.tries[number] = used + 1
            longest = retrier.get("MaxDelaySeconds", float("inf"))
            delay_s = min(retrier["IntervalSeconds"] * retrier["BackoffRate"] ** used, longest)
            execution.retry_at = self.clock.now() + timedelta(seconds=delay_s)
            return True
        return False

    def _reach(self, execution: Execution, state: str) -> None:
        execution.state, execution.tries = state, {}
        self._enter(execution)

    def _enter(self, execution: Execution) -> None:
        self._tokens += 1
        token = f"token-{self._tokens}"
        execution.token, execution.entered_at, execution.retry_at = token, self.clock.now(), None
        state = self._state(execution)
        parameters = _resolved(state["Parameters"], execution.input, {"$$.Task.Token": token})
        self.tasks.append(Task(token=token, resource=state["Resource"], parameters=parameters))

    def _state(self, execution: Execution) -> dict[str, Any]:
        found: dict[str, Any] = self.definition["States"][execution.state]
        return found

    def _waiting(self, token: str) -> Execution | None:
        return next((e for e in self.executions.values() if e.token == token and e.status == "RUNNING"), None)

    def picture(self) -> dict[str, str]:
        """Where each execution is, times left out."""
        return {name: f"{e.status} {e.state}" for name, e in sorted(self.executions.items())}

    def __repr__(self) -> str:
        return f"Machine({self.picture()} at {iso(self.clock.now())})"


def _matches(error: str, names: list[str]) -> bool:
    # States.ALL stands for everything but what ends an execution; a timeout counts as a failed task, too.
    return error in names or "States.ALL" in names or ("States.TaskFailed" in names and error != "States.Timeout")


def _resolved(value: Any, given: dict[str, Any], context: dict[str, str]) -> Any:
    """Parameters with what their paths point at."""
    if isinstance(value, list):
        return [_resolved(item, given, context) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name.removesuffix(".$"): _looked_up(found, given, context)
        if name.endswith(".$")
        else _resolved(found, given, context)
        for name, found in value.items()
    }


def _looked_up(path: str, given: dict[str, Any], context: dict[str, str]) -> Any:
    return context[path] if path.startswith("$$.") else given[path.removeprefix("$.")]

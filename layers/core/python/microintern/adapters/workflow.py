"""The workflow that carries each brief: one Standard execution, named after the brief."""

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_RUNS = "RUNNING"


class StepFunctionsWorkflow:
    """The Workflow port on Step Functions."""

    def __init__(self, client: "SFNClient", state_machine_arn: str) -> None:
        self._client = client
        self._state_machine_arn = state_machine_arn

    def start(self, brief_id: str) -> None:
        self._started(brief_id, brief_id)

    def _started(self, name: str, brief_id: str) -> bool:
        """Whether there was none of this name."""
        try:
            self._client.start_execution(
                stateMachineArn=self._state_machine_arn, name=name, input=json.dumps({"brief_id": brief_id})
            )
        except self._client.exceptions.ExecutionAlreadyExists:
            return False
        return True

    def died(self) -> list[str]:
        found: dict[str, None] = {}
        for status in ("FAILED", "TIMED_OUT", "ABORTED"):
            answer = self._client.list_executions(
                stateMachineArn=self._state_machine_arn, statusFilter=status, maxResults=100
            )
            found |= {execution["name"].partition("-")[0]: None for execution in answer["executions"]}
        return list(found)

    def revive(self, brief_id: str, version: int) -> bool:
        first = self._status(brief_id)
        if first is None:
            # Under the name that its start has, which may only be late: two that run would take each other's tokens.
            return self._started(brief_id, brief_id)
        # One that was started for an earlier version of the brief may still be the one that runs.
        others = (f"{brief_id}-{earlier}" for earlier in range(version, 0, -1))
        if first == _RUNS or any(self._status(name) == _RUNS for name in others):
            return False
        return self._started(f"{brief_id}-{version}", brief_id)

    def _status(self, name: str) -> str | None:
        arn = self._state_machine_arn.replace(":stateMachine:", ":execution:")
        try:
            return self._client.describe_execution(executionArn=f"{arn}:{name}")["status"]
        except self._client.exceptions.ExecutionDoesNotExist:
            return None

    def move(self, token: str, step: str, *, main: bool) -> None:
        gone = self._client.exceptions
        try:
            if main:
                self._client.send_task_success(taskToken=token, output="{}")
            else:
                # A branch is a failure named after the step; the waiting step catches it by that name.
                self._client.send_task_failure(taskToken=token, error=step)
        except (gone.TaskTimedOut, gone.TaskDoesNotExist, gone.InvalidToken):
            return

"""The workflow that carries each brief: one Standard execution, named after the brief."""

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


class StepFunctionsWorkflow:
    """The Workflow port on Step Functions."""

    def __init__(self, client: "SFNClient", state_machine_arn: str) -> None:
        self._client = client
        self._state_machine_arn = state_machine_arn

    def start(self, brief_id: str) -> None:
        try:
            self._client.start_execution(
                stateMachineArn=self._state_machine_arn,
                name=brief_id,
                input=json.dumps({"brief_id": brief_id}),
            )
        except self._client.exceptions.ExecutionAlreadyExists:
            return

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

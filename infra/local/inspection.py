"""Looks inside a deployed local stack: the workflow, the brief's item, its schedules. For the demo and the tests."""

from datetime import datetime
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from infra.local.caller import http
from infra.local.stack import LocalStack


def _execution_arn(stack: LocalStack, brief_id: str) -> str:
    return stack.outputs.state_machine_arn.replace(":stateMachine:", ":execution:") + f":{brief_id}"


def execution_status(stack: LocalStack, brief_id: str) -> str:
    """The status of the brief's one execution, such as RUNNING or SUCCEEDED."""
    arn = _execution_arn(stack, brief_id)
    status: str = stack.client("stepfunctions").describe_execution(executionArn=arn)["status"]
    return status


def transitions(stack: LocalStack, brief_id: str) -> int:
    """How many states the brief's execution has entered, which is what Step Functions charges for."""
    arn = _execution_arn(stack, brief_id)
    pages = stack.client("stepfunctions").get_paginator("get_execution_history").paginate(executionArn=arn)
    return sum(event["type"].endswith("StateEntered") for page in pages for event in page["events"])


def execution_names(stack: LocalStack) -> list[str]:
    """The names of all executions of the workflow."""
    pages = stack.client("stepfunctions").get_paginator("list_executions")
    found = pages.paginate(stateMachineArn=stack.outputs.state_machine_arn)
    return [execution["name"] for page in found for execution in page["executions"]]


SENT_MAIL = "/_ministack/ses/messages"
"""Where the local AWS shows what it was asked to send."""


def sent_mail(stack: LocalStack) -> list[dict[str, Any]]:
    """What was sent by e-mail, the oldest first."""
    shown = http().get(f"{stack.endpoint}{SENT_MAIL}").raise_for_status().json()["messages"]
    return [mail for mails in shown.values() for mail in mails if "Microintern" in mail["Source"]]


def control_item(stack: LocalStack, brief_id: str) -> dict[str, Any]:
    """The brief's control item as it is in the table."""
    key = {"pk": {"S": brief_id}, "sk": {"S": "control"}}
    found = stack.client("dynamodb").get_item(TableName=stack.outputs.brief_table, Key=key, ConsistentRead=True)
    return {name: TypeDeserializer().deserialize(value) for name, value in found["Item"].items()}


def lapse_at_s(stack: LocalStack, brief_id: str) -> float:
    """When the brief's present deadline takes effect, in seconds since the epoch."""
    return datetime.fromisoformat(control_item(stack, brief_id)["lapse_at"]).timestamp()


def schedule_names(stack: LocalStack) -> list[str]:
    """The names of all schedules that are still to fire."""
    pages = stack.client("scheduler").get_paginator("list_schedules").paginate(MaxResults=100)
    return [schedule["Name"] for page in pages for schedule in page["Schedules"]]

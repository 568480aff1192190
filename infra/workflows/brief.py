"""The workflow that carries a brief from posting to its end, generated from the table in the domain."""

import json
from typing import Any

from aws_cdk import Aws, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.config import Stage
from infra.constructs.exceptions import accept
from infra.constructs.function import ServiceFunction, log_group
from infra.constructs.table import KeyedTable
from microintern.domain.states import State
from microintern.domain.workflow import SETTLE, STEPS, caught, main_next

LONGEST_WAIT_S = 200 * 86_400
"""A backstop behind the deadlines' own schedules: a wait this long asks again, with a fresh token."""

TRANSIENT_ERRORS = [
    "DynamoDb.InternalServerErrorException",
    "DynamoDb.ProvisionedThroughputExceededException",
    "DynamoDb.RequestLimitExceededException",
    "DynamoDb.ThrottlingException",
    "DynamoDb.SdkClientException",
]
"""DynamoDB's own. A wildcard here would retry the failures by which a waiting step is sent to another one."""


class BriefWorkflow(Construct):
    """A Standard state machine that writes nothing but a waiting step's token, and calls only settlement."""

    def __init__(self, scope: Construct, stage: Stage, briefs: KeyedTable, settlement: ServiceFunction) -> None:
        """Create the state machine, its role and its log group."""
        super().__init__(scope, "Workflow")
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("states.amazonaws.com"))
        for statement in (_may_wait(briefs), _may_settle(settlement), _may_log()):
            role.add_to_policy(statement)
        log_groups = sfn.CfnStateMachine.CloudWatchLogsLogGroupProperty(
            log_group_arn=log_group(self, stage).log_group_arn
        )
        self.machine = sfn.CfnStateMachine(
            self,
            "StateMachine",
            state_machine_type="STANDARD",
            role_arn=role.role_arn,
            definition_string=json.dumps(definition()),
            definition_substitutions={
                "BriefTable": briefs.name,
                "SettlementFunction": settlement.arn,
            },
            logging_configuration=sfn.CfnStateMachine.LoggingConfigurationProperty(
                level="ERROR",
                include_execution_data=False,
                destinations=[sfn.CfnStateMachine.LogDestinationProperty(cloud_watch_logs_log_group=log_groups)],
            ),
        )
        # Without the policy, creating the machine fails: it checks that it may log.
        self.machine.node.add_dependency(role)
        _accept_exceptions(role, self.machine)

    @property
    def arn(self) -> str:
        """The state machine's ARN."""
        return self.machine.attr_arn

    def allow_reviving(self, function: ServiceFunction) -> None:
        """Let a function see which executions died, and start others."""
        function.allow(["states:StartExecution", "states:ListExecutions"], self.arn)
        where = f"arn:{Aws.PARTITION}:states:{Aws.REGION}:{Aws.ACCOUNT_ID}:execution"
        function.allow(["states:DescribeExecution"], f"{where}:{self.machine.attr_name}:*")
        export = Stack.of(self).resolve(Stack.of(self).export_value(self.machine.attr_name))["Fn::ImportValue"]
        named = f"arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:{export}:*"
        accept(function.role, "An execution per brief, of one machine.", f"AwsSolutions-IAM5[Resource::{named}]")


def definition() -> dict[str, Any]:
    """The state machine in Amazon States Language."""
    waits = {step: _wait(state) for state, step in STEPS.items()}
    return {
        "Comment": "One execution per brief, named after it. Its input is {brief_id}; it holds nothing else.",
        "StartAt": STEPS[State.POSTED],
        "States": {**waits, SETTLE: _settle()},
    }


def _wait(state: State) -> dict[str, Any]:
    """Leave a token on the brief and wait: success goes along the main path, a failure names a step."""
    branches = [{"ErrorEquals": [step], "ResultPath": None, "Next": step} for step in caught(state)]
    again = {"ErrorEquals": ["States.Timeout"], "ResultPath": None, "Next": STEPS[state]}
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken",
        "Parameters": {
            "TableName": "${BriefTable}",
            "Key": {"pk": {"S.$": "$.brief_id"}, "sk": {"S": "control"}},
            "UpdateExpression": "SET #wait = :wait",
            "ConditionExpression": "attribute_exists(pk)",
            "ExpressionAttributeNames": {"#wait": "wait"},
            "ExpressionAttributeValues": {
                ":wait": {"M": {"state": {"S": state.value}, "token": {"S.$": "$$.Task.Token"}}}
            },
        },
        "ResultPath": None,
        "TimeoutSeconds": LONGEST_WAIT_S,
        "Retry": [_retry(TRANSIENT_ERRORS, attempts=20, longest_delay_s=300)],
        "Catch": [*branches, again],
        "Next": main_next(state),
    }


def _settle() -> dict[str, Any]:
    """Have the money moved and wait until it has. Never dropped: asked for again and again, and once a day at least."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {
            "FunctionName": "${SettlementFunction}",
            "Payload": {"brief_id.$": "$.brief_id", "token.$": "$$.Task.Token"},
        },
        "ResultPath": None,
        "TimeoutSeconds": 86_400,
        "Retry": [_retry(["States.ALL"], attempts=100, longest_delay_s=3_600)],
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": SETTLE}],
        "End": True,
    }


def _retry(errors: list[str], attempts: int, longest_delay_s: int) -> dict[str, Any]:
    return {
        "ErrorEquals": errors,
        "IntervalSeconds": 2,
        "BackoffRate": 2,
        "MaxAttempts": attempts,
        "MaxDelaySeconds": longest_delay_s,
        "JitterStrategy": "FULL",
    }


def _may_wait(briefs: KeyedTable) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=["dynamodb:UpdateItem"],
        resources=[briefs.table.table_arn],
        conditions={
            "ForAllValues:StringEquals": {"dynamodb:Attributes": ["pk", "sk", "wait"]},
            # What is written could otherwise be read back, with everything beside it.
            "StringEqualsIfExists": {"dynamodb:ReturnValues": "NONE"},
        },
    )


def _may_settle(settlement: ServiceFunction) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[settlement.arn])


def _may_log() -> iam.PolicyStatement:
    """What Step Functions needs for the delivery of its logs; none of it can be narrowed to a group."""
    delivery = ["Create", "Get", "Update", "Delete"]
    return iam.PolicyStatement(
        actions=[
            *(f"logs:{verb}LogDelivery" for verb in delivery),
            "logs:ListLogDeliveries",
            "logs:PutResourcePolicy",
            "logs:DescribeResourcePolicies",
            "logs:DescribeLogGroups",
        ],
        resources=["*"],
    )


def _accept_exceptions(role: iam.Role, machine: sfn.CfnStateMachine) -> None:
    accept(role, "The actions of log delivery have no resource to name.", "AwsSolutions-IAM5[Resource::*]")
    accept(
        machine,
        "The history keeps every step of an execution; logs are for failures.",
        "AwsSolutions-SF1",
        "Serverless-StepFunctionStateMachineAllLogsToCloudWatch",
    )
    accept(
        machine,
        "An execution lasts weeks, far longer than a trace may.",
        "AwsSolutions-SF2",
        "Serverless-StepFunctionStateMachineXray",
    )

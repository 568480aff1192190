"""Runs every few minutes, and whenever somebody calls it: finds what is stuck and moves it on."""

from typing import Any

from aws_lambda_powertools import Logger, single_metric
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.clock import SystemClock
from microintern.adapters.dead_letters import SqsDeadLetters
from microintern.adapters.file_checks import LambdaFileChecks
from microintern.adapters.ledger import DynamoLedger
from microintern.adapters.settler import LambdaSettler
from microintern.adapters.workflow import StepFunctionsWorkflow
from microintern.app.sweeping import Broom, sweep
from microintern.settings import SweepSettings, load

settings = load(SweepSettings)
broom = Broom(
    briefs=DynamoBriefs(client("dynamodb"), settings.brief_table),
    ledger=DynamoLedger(client("dynamodb"), settings.ledger_table, settings.brief_table),
    workflow=StepFunctionsWorkflow(client("stepfunctions"), settings.state_machine_arn),
    settler=LambdaSettler(client("lambda"), settings.settlement_function),
    checks=LambdaFileChecks(
        client("lambda"),
        settings.file_received_function,
        settings.scan_function or client("guardduty"),
        settings.files_bucket,
    ),
    letters=SqsDeadLetters(client("sqs"), client("lambda"), client("dynamodbstreams"), settings.dead_letters),
    clock=SystemClock(),
    policy=settings.policy,
)
logger = Logger()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """The event says nothing; the answer is what was found."""
    swept = sweep(broom)
    with single_metric(name="OldestUnsettled", unit=MetricUnit.Seconds, value=swept.oldest_unsettled_s):
        pass
    logger.info("swept", **swept.model_dump())
    return swept.model_dump()

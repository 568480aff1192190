"""Queues, and above all those where events wait that a function could not handle."""

from typing import TYPE_CHECKING, Any

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.config import Stage
from infra.constructs.exceptions import accept

if TYPE_CHECKING:
    from infra.constructs.function import ServiceFunction


class SafeQueue(sqs.Queue):
    """An encrypted queue, over TLS where the stage has it."""

    def __init__(self, scope: Construct, construct_id: str, stage: Stage, **properties: Any) -> None:
        """Create the queue."""
        super().__init__(
            scope,
            construct_id,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=stage.tls_only,
            **properties,
        )
        if not stage.tls_only:
            accept(self, "The local AWS is on this machine, and speaks plain HTTP.", "AwsSolutions-SQS4")


class DeadLetterQueue(SafeQueue):
    """Keeps what failed for 14 days: time to look, mend and send again."""

    def __init__(self, scope: Construct, construct_id: str, stage: Stage) -> None:
        """Create the queue; its alarm is set up with the others."""
        super().__init__(scope, construct_id, stage, retention_period=Duration.days(14))
        last = "This is a dead-letter queue: what fails there as well is for people."
        accept(self, last, "AwsSolutions-SQS3", "Serverless-SQSRedrivePolicy")


def consume_queue(
    queue: sqs.Queue, function: "ServiceFunction", batch_size: int = 10, most_at_once: int | None = None
) -> None:
    """Call the function with the queue's messages, so many at once if a bound is given; those that fail come again."""
    function.allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], queue.queue_arn)
    bound = lambda_.CfnEventSourceMapping.ScalingConfigProperty(maximum_concurrency=most_at_once)
    mapping = lambda_.CfnEventSourceMapping(
        function,
        "Queue",
        event_source_arn=queue.queue_arn,
        function_name=function.function.function_name,
        batch_size=batch_size,
        scaling_config=bound if most_at_once else None,
        function_response_types=["ReportBatchItemFailures"],
    )
    mapping.node.add_dependency(function.role)
    accept(mapping, "The queue has its own dead letters.", "Serverless-LambdaEventSourceMappingDestination")

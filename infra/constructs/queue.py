"""Where events wait that a function could not handle."""

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.constructs.exceptions import accept


class DeadLetterQueue(sqs.Queue):
    """An encrypted queue that keeps what failed for 14 days: time to look, mend and send again."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        """Create the queue; its alarm is set up with the others."""
        super().__init__(
            scope,
            construct_id,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        last = "This is a dead-letter queue: nothing reads it but people."
        accept(self, last, "AwsSolutions-SQS3", "Serverless-SQSRedrivePolicy")

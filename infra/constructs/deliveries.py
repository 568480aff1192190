"""The queue of webhooks to organisations' own systems."""

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.config import Stage
from infra.constructs.queue import DeadLetterQueue, SafeQueue

TIME_LIMIT_S = 30
"""Of a delivery: three times what one attempt may take."""
MOST_AT_ONCE = 10
"""Deliveries that run at a time, so that slow receivers take up no more of the account's room."""


class Deliveries(Construct):
    """What is to be delivered, and what our own side failed on. A receiver's failure is no dead letter: see the log."""

    def __init__(self, scope: Construct, stage: Stage) -> None:
        """Create both queues."""
        super().__init__(scope, "Webhooks")
        self.undelivered = DeadLetterQueue(self, "Undelivered", stage)
        self.queue = SafeQueue(
            self,
            "Queue",
            stage,
            visibility_timeout=Duration.seconds(6 * TIME_LIMIT_S),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.undelivered, max_receive_count=10),
        )

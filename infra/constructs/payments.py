"""What the payment provider needs of AWS: its keys, and for the sandbox a memory and a queue."""

import json

from aws_cdk import Duration
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.config import Stage
from infra.constructs.exceptions import accept
from infra.constructs.function import ServiceFunction
from infra.constructs.queue import DeadLetterQueue, SafeQueue
from infra.constructs.table import ALL, KeyedTable

_TO_FILL_IN = {"api_key": "", "webhook_secrets": [], "livemode": False}


class Payments(Construct):
    """The provider that the stage is set to. Functions are let to ask it one by one."""

    def __init__(self, scope: Construct, stage: Stage) -> None:
        """Create the secret, and the sandbox where it is the provider."""
        super().__init__(scope, "Payments")
        self.sandbox = Sandbox(self, stage) if stage.payments == "sandbox" else None
        self.secret_arn = _secret_arn(self, stage)
        self.known = {
            "payments": stage.payments,
            "payment_account": f"microintern-{stage.name}",
            "payment_secret_arn": self.secret_arn,
            "sandbox_table": self.sandbox.table.name if self.sandbox else "",
            "sandbox_queue_url": self.sandbox.queue.queue_url if self.sandbox else "",
            "sandbox_late_s": str(stage.sandbox_late_s),
        }

    def allow(self, function: ServiceFunction, *operations: str, lists: bool = False, only_asks: bool = False) -> None:
        """Let a function ask the provider: by its key, or these operations on the sandbox's table, and its queue.

        One that `only_asks` and has nothing done causes no messages.
        """
        if self.sandbox is None:
            self.allow_secret(function)
            return
        self.sandbox.table.allow(function, *operations, query=("by_day",) if lists else ())
        if not only_asks:
            function.allow(["sqs:SendMessage"], self.sandbox.queue.queue_arn)

    def allow_secret(self, function: ServiceFunction) -> None:
        """Let a function read the provider's keys."""
        function.allow(["secretsmanager:GetSecretValue"], self.secret_arn)


class Sandbox(Construct):
    """What the sandbox was asked for, and the messages that it has to deliver."""

    def __init__(self, scope: Construct, stage: Stage) -> None:
        """Create the table and the queue, with another for what cannot be delivered."""
        super().__init__(scope, "Sandbox")
        self.table = KeyedTable(self, "Table", stage)
        self.table.index("by_day", "asked_on", "asked_at", included=ALL)
        self.undelivered = DeadLetterQueue(self, "Undelivered", stage)
        self.queue = SafeQueue(
            self,
            "Queue",
            stage,
            visibility_timeout=Duration.seconds(60),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.undelivered, max_receive_count=10),
        )


def _secret_arn(scope: Construct, stage: Stage) -> str:
    """The sandbox's own webhook key, made by AWS; for Stripe, fields that whoever deploys it fills in."""
    sandbox = stage.payments == "sandbox"
    secret = secretsmanager.Secret(
        scope,
        "Secret",
        description=f"microintern {stage.name}: keys of the payment provider {stage.payments}",
        generate_secret_string=secretsmanager.SecretStringGenerator(
            secret_string_template=json.dumps({} if sandbox else _TO_FILL_IN),
            generate_string_key="webhook_secret" if sandbox else "replace_all_of_this",
            password_length=32,
        ),
        removal_policy=stage.removal_policy,
    )
    accept(
        secret, "The provider's keys are replaced by hand, both old and new in force meanwhile.", "AwsSolutions-SMG4"
    )
    resource = secret.node.default_child
    assert isinstance(resource, secretsmanager.CfnSecret)
    # The attribute, not the reference: the local AWS takes a reference for the name.
    return resource.attr_id

"""Every queue of dead letters, as those know it who have them handled again."""

from collections.abc import Sequence

from aws_cdk import Stack
from constructs import IConstruct

from infra.constructs.deliveries import Deliveries
from infra.constructs.function import ServiceFunction
from infra.constructs.payments import Sandbox
from infra.constructs.stream import stream_of
from infra.constructs.table import KeyedTable


class DeadLetters:
    """The queues of these functions, and of what is fed by a queue: webhooks, and the sandbox if there is one."""

    def __init__(
        self,
        functions: Sequence[ServiceFunction],
        streamed: Sequence[KeyedTable],
        webhooks: Deliveries,
        sandbox: Sandbox | None,
    ) -> None:
        """`streamed` are the tables whose records a stream's letters tell of."""
        self.functions = [function for function in functions if function.dead_letters]
        self.streamed = streamed
        self.queued: dict[str, Deliveries | Sandbox] = {"webhook_delivery": webhooks}
        if sandbox:
            self.queued["sandbox_delivery"] = sandbox

    def as_setting(self, scope: IConstruct) -> str:
        """The setting `dead_letters`, as JSON."""
        queues = {
            function.service: {"queue_url": function.dead_letters.queue_url, "function": function.name}
            for function in self.functions
            if function.dead_letters
        }
        for name, fed in self.queued.items():
            queues[name] = {
                "queue_url": fed.undelivered.queue_url,
                "function": "",
                "source_queue_url": fed.queue.queue_url,
            }
        return Stack.of(scope).to_json_string(queues)

    def allow(self, function: ServiceFunction) -> None:
        """Let a function take letters out and hand them to the functions that they were for."""
        queues = [f.dead_letters.queue_arn for f in self.functions if f.dead_letters]
        for fed in self.queued.values():
            queues.append(fed.undelivered.queue_arn)
            function.allow(["sqs:SendMessage"], fed.queue.queue_arn)
        handling = ("ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes")
        function.allow([f"sqs:{action}" for action in handling], *queues)
        function.allow(["lambda:InvokeFunction"], *(f.arn for f in self.functions))
        streams = [stream_of(table) for table in self.streamed]
        function.allow(["dynamodb:GetShardIterator", "dynamodb:GetRecords"], *streams)

"""The sandbox provider's other half, outside of everything else as a real provider is: it calls the API's webhook."""

from constructs import Construct

from infra.config import Stage
from infra.constructs.function import ServiceFunctions
from infra.constructs.payments import Sandbox
from infra.constructs.queue import consume_queue
from infra.stacks.base import StageStack
from infra.stacks.payments import PaymentsStack


class SandboxStack(StageStack):
    """One function that delivers webhooks from a queue."""

    def __init__(self, scope: Construct, stage: Stage, payments: PaymentsStack, sandbox: Sandbox, api_url: str) -> None:
        """Name the function and what it may do."""
        super().__init__(scope, "Sandbox", stage)
        functions = ServiceFunctions(self, stage, payments.known)
        delivery = functions.add("sandbox_delivery", timeout_s=30, webhook_url=f"{api_url}/webhooks/payments")
        sandbox.table.allow(delivery, "GetItem")
        payments.provider.allow_secret(delivery)
        consume_queue(sandbox.queue, delivery)
        self.functions = functions.all

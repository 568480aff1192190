"""Where money is moved: the provider, and the one function that asks it to."""

from aws_cdk import CfnOutput
from aws_cdk.aws_events import EventPattern
from constructs import Construct

from infra.config import Stage
from infra.constructs.event_bus import deliver
from infra.constructs.function import ServiceFunctions
from infra.constructs.payments import Payments
from infra.stacks.base import StageStack
from infra.stacks.data import DataStack
from microintern.domain.events import SOURCE, EventType

HEARS = (EventType.BRIEF_FUNDING_REQUESTED, EventType.PAYMENT_UPDATED, EventType.PAYEE_UPDATED)


class PaymentsStack(StageStack):
    """Nothing but the settlement function writes the ledger; the workflow and the sweeper call it, and events do."""

    def __init__(self, scope: Construct, stage: Stage, data: DataStack) -> None:
        """Name the parts and what each may do."""
        super().__init__(scope, "Payments", stage)
        self.provider = Payments(self, stage)
        self.known = {**data.known, **self.provider.known}
        functions = ServiceFunctions(self, stage, self.known)
        self.settlement = functions.add("settlement", timeout_s=30, asks_provider=True)
        data.briefs.allow(self.settlement, "GetItem", "UpdateItem", "ConditionCheckItem")
        data.accounts.allow(self.settlement, "GetItem", "Query", "PutItem", "BatchWriteItem")
        data.ledger.allow(self.settlement, "Query", "PutItem", "UpdateItem", "DeleteItem")
        data.audit.allow(self.settlement, "PutItem")
        self.provider.allow(self.settlement, "GetItem", "Query", "PutItem")
        deliver(EventPattern(source=[SOURCE], detail_type=list(HEARS)), self.settlement, data.bus)
        self.functions = functions.all
        if self.provider.sandbox:
            CfnOutput(self, "SandboxTable", value=self.provider.sandbox.table.name)

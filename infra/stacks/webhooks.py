"""What happens to an organisation's briefs is told to its own systems, out on the internet."""

from aws_cdk.aws_events import EventPattern, Match
from constructs import Construct

from infra.config import Stage
from infra.constructs.deliveries import MOST_AT_ONCE, TIME_LIMIT_S, Deliveries
from infra.constructs.event_bus import deliver
from infra.constructs.function import ServiceFunctions
from infra.constructs.queue import consume_queue
from infra.stacks.base import StageStack
from infra.stacks.data import DataStack
from microintern.domain.events import SOURCE, EventType

STEPS = ("state", "reason", "version", "event", "failing_since")
"""What the delivery may write of an endpoint: that it fails, and that it is disabled."""


class WebhooksStack(StageStack):
    """One function says who gets an event; another, which alone goes out, sends it there."""

    def __init__(self, scope: Construct, stage: Stage, data: DataStack) -> None:
        """Name the parts and what each may do."""
        super().__init__(scope, "Webhooks", stage)
        self.deliveries = Deliveries(self, stage)
        queue = self.deliveries.queue
        functions = ServiceFunctions(self, stage, {**data.known, "webhook_queue_url": queue.queue_url})

        dispatch = functions.add("webhook_dispatch", timeout_s=60)
        data.briefs.allow(dispatch, "GetItem")
        data.accounts.allow(dispatch, "GetItem", "Query")
        data.webhooks.allow(dispatch, "GetItem", "Query", "PutItem")
        dispatch.allow(["sqs:SendMessage"], queue.queue_arn)
        prefixes = (Match.prefix(f"{about}.") for about in ("brief", "application", "file"))
        wishes = (Match.exact_string(kind) for kind in (EventType.WEBHOOK_TEST, EventType.WEBHOOK_REPLAY))
        deliver(EventPattern(source=[SOURCE], detail_type=Match.any_of(*prefixes, *wishes)), dispatch, data.bus)

        delivery = functions.add("webhook_delivery", timeout_s=TIME_LIMIT_S)
        data.accounts.allow(delivery, "GetItem")
        data.accounts.allow_attributes(delivery, "UpdateItem", *STEPS)
        data.webhooks.allow(delivery, "GetItem", "PutItem")
        data.secrets_key.allow(delivery, "Decrypt")
        delivery.allow(["sqs:SendMessage"], queue.queue_arn)
        consume_queue(queue, delivery, batch_size=1, most_at_once=MOST_AT_ONCE)
        self.functions = functions.all

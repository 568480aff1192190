"""What wakes people up, and what they look at then."""

from collections.abc import Sequence

from constructs import Construct

from infra.config import Stage
from infra.constructs import metrics
from infra.constructs.alarms import Alarms
from infra.constructs.dashboard import BriefDashboard
from infra.stacks.api import ApiStack
from infra.stacks.base import StageStack
from infra.stacks.credentials import CredentialsStack
from infra.stacks.discovery import DiscoveryStack
from infra.stacks.files import FilesStack
from infra.stacks.identity import IdentityStack
from infra.stacks.lifecycle import LifecycleStack
from infra.stacks.mail import MailStack
from infra.stacks.payments import PaymentsStack
from infra.stacks.upkeep import UpkeepStack
from infra.stacks.webhooks import WebhooksStack


class OperationsStack(StageStack):
    """Alarms on what hurts, and one dashboard. It reads the other stacks; none reads it."""

    def __init__(
        self,
        scope: Construct,
        stage: Stage,
        payments: PaymentsStack,
        lifecycle: LifecycleStack,
        webhooks: WebhooksStack,
        api: ApiStack,
        upkeep: UpkeepStack,
        others: Sequence[IdentityStack | FilesStack | CredentialsStack | DiscoveryStack | MailStack],
    ) -> None:
        """Name the alarms; of `others` there are only those that all functions have."""
        super().__init__(scope, "Operations", stage)
        watched = (payments, lifecycle, *others, api, upkeep, webhooks)
        functions = [function for stack in watched for function in stack.functions]
        machine = lifecycle.workflow.arn
        alarms = Alarms(self, stage.alarm_email)
        for name in ("ExecutionsFailed", "ExecutionsTimedOut"):
            alarms.at_once(name, metrics.executions(machine, name), "A brief's workflow ended before the brief.")
        alarms.at_once("StreamAge", metrics.stream_age(lifecycle.brief_stream), "Changes wait.", above=60_000)
        alarms.at_once("ApiErrors", metrics.api(api.api_id, "5xx"), "Requests fail with 5xx.", above=5)
        alarms.when_it_lasts("PayoutLate", metrics.own("PayoutLate", "settlement"), "Money fails to move.")
        alarms.at_once("Unsettled", metrics.oldest_unsettled(), "An ended brief waits for its money.", above=3_600)
        alarms.at_once("MoneyDiffers", metrics.own("MoneyDiffers", "reconcile"), "Ledger and provider do not agree.")
        alarms.at_once("TrailBroken", metrics.own("TrailBroken", "check_trails"), "Somebody changed the audit trail.")
        refused = metrics.own("WebhookRefused", "payments_webhook")
        alarms.at_once("WebhookRefused", refused, "Messages came that the provider did not sign.", above=10)
        person = metrics.own("PersonNeeded", "settlement")
        alarms.at_once("PersonNeeded", person, "Somebody must look at the audit trail.")
        for function in (payments.settlement, lifecycle.brief_stream, *upkeep.functions):
            alarms.when_it_lasts(f"{function.node.id}Errors", metrics.errors(function), "It keeps failing.")
            alarms.at_once(f"{function.node.id}Throttles", metrics.throttles(function), "It finds no room.")
        for function in functions:
            if letters := function.dead_letters:
                alarms.at_once(f"{function.node.id}DeadLetters", metrics.waiting(letters), "Events were given up.")
        if sandbox := payments.provider.sandbox:
            undelivered = metrics.waiting(sandbox.undelivered)
            alarms.at_once("UndeliveredWebhooks", undelivered, "Webhooks of the sandbox were given up.")
        alarms.at_once("WebhooksUndelivered", metrics.waiting(webhooks.deliveries.undelivered), "Our side failed.")
        BriefDashboard(self, stage, api.api_id, machine, functions)

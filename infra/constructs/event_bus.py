"""Published events: the bus, its archive and its rules."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from infra.config import Stage
from infra.constructs.exceptions import accept
from infra.constructs.function import ServiceFunction
from microintern.domain.events import SOURCE


class BriefEvents(events.EventBus):
    """The bus that this system publishes to."""

    def __init__(self, scope: Construct, stage: Stage) -> None:
        """Create the bus, and the archive where the stage has one."""
        # A bus must have a name, and an account may hold several stages.
        super().__init__(scope, "Events", event_bus_name=f"microintern-{stage.name}")
        if stage.archive_days:
            events.Archive(
                self,
                "Archive",
                source_event_bus=self,
                event_pattern=events.EventPattern(source=[SOURCE]),
                retention=Duration.days(stage.archive_days),
            )


def deliver(
    pattern: events.EventPattern,
    function: ServiceFunction,
    bus: events.IEventBus | None = None,
    told: events.RuleTargetInput | None = None,
) -> None:
    """Call a function with matching events, of the account's own bus if no other is given; or with what `told` says.

    What can't be delivered, and what the function fails on, ends in the same queue.
    """
    rule = events.Rule(function, "Rule", event_bus=bus, event_pattern=pattern)
    queue = function.keep_failures()
    target = targets.LambdaFunction(
        function.function,
        dead_letter_queue=queue,
        event=told,
        max_event_age=Duration.hours(24),
        retry_attempts=185,
    )
    rule.add_target(target)


def every(function: ServiceFunction, interval: Duration) -> None:
    """Call the function at this interval; what a failed run leaves, the next one finds."""
    rule = events.Rule(function, "Schedule", schedule=events.Schedule.rate(interval))
    rule.add_target(targets.LambdaFunction(function.function, retry_attempts=0))
    accept(rule, "A run that is missed is made good by the next one.", "Serverless-EventBusDLQ")

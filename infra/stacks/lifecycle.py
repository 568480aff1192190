"""What carries a brief through its life: workflow, stream, deadlines and what follows from events."""

from aws_cdk import CfnOutput, Duration
from aws_cdk.aws_events import EventPattern, Match
from constructs import Construct

from infra.config import Stage
from infra.constructs.deadlines import Deadlines
from infra.constructs.event_bus import deliver, every
from infra.constructs.function import ServiceFunction, ServiceFunctions
from infra.constructs.stream import consume_stream
from infra.stacks.base import StageStack
from infra.stacks.data import DataStack
from infra.stacks.payments import PaymentsStack
from infra.workflows.brief import BriefWorkflow
from microintern.adapters.accounts import TRACKED
from microintern.domain.events import SOURCE, EventType
from microintern.domain.records import OF_BRIEFS, OF_FEEDBACK

FOLLOWED = (
    {"kind": ["control", "application", "feedback", "message", "mentor", "amendments", "check_ins"]},
    {"kind": ["file"], "scan": ["infected", "error"]},
    {"kind": ["file"], "status": ["expected", "refused"]},
)
"""The writes that something follows from; most of a file's are only for who asks."""


class LifecycleStack(StageStack):
    """Everything that happens to a brief without a person's request."""

    def __init__(self, scope: Construct, stage: Stage, data: DataStack, payments: PaymentsStack) -> None:
        """Name the parts; the methods below say who reacts to what, and what each may do."""
        super().__init__(scope, "Lifecycle", stage)
        functions = ServiceFunctions(self, stage, data.known)
        self.functions = functions.all
        self.workflow = BriefWorkflow(self, stage, data.briefs, payments.settlement)
        lapse = functions.add("lapse", timeout_s=20)
        data.briefs.allow(lapse, "GetItem", "BatchGetItem", "UpdateItem")
        lapse.allow(["events:PutEvents"], data.bus.event_bus_arn)
        deadlines = Deadlines(self, lapse)
        self.brief_stream = functions.add(
            "brief_stream",
            timeout_s=60,
            state_machine_arn=self.workflow.arn,
            schedule_group=deadlines.group.ref,
            lapse_function_arn=lapse.arn,
            scheduler_role_arn=deadlines.role.role_arn,
            schedule_dlq_arn=deadlines.dead_letters.queue_arn,
        )
        self._brief_stream(stage, deadlines, data)
        self._notify(functions.add("notify"), data)
        self._records(functions.add("records", timeout_s=60), data)
        account_stream = functions.add("account_stream", timeout_s=60)
        consume_stream(data.accounts, account_stream, stage, [{"kind": [TRACKED]}])
        data.trail.allow(account_stream, "PutItem")
        account_stream.allow(["events:PutEvents"], data.bus.event_bus_arn)
        self._remind(functions.add("remind", timeout_s=300), stage, data)
        self._keep_candidates(functions.add("keep_candidates"), data)
        CfnOutput(self, "StateMachineArn", value=self.workflow.arn)

    def _brief_stream(self, stage: Stage, deadlines: Deadlines, data: DataStack) -> None:
        consume_stream(data.briefs, self.brief_stream, stage, FOLLOWED)
        data.trail.allow(self.brief_stream, "PutItem")
        self.brief_stream.allow(["events:PutEvents"], data.bus.event_bus_arn)
        answers = ["states:StartExecution", "states:SendTaskSuccess", "states:SendTaskFailure"]
        self.brief_stream.allow(answers, self.workflow.arn)
        deadlines.allow(self.brief_stream)

    def _notify(self, notify: ServiceFunction, data: DataStack) -> None:
        data.briefs.allow(notify, "GetItem", "Query")
        data.accounts.allow(notify, "Query", "PutItem", "UpdateItem", "BatchWriteItem")
        talk = ("application", "message", "mentor", "amendment", "check_in", "offer")
        told = ("brief", *talk, "file", "feedback", "credential", "credit")
        prefixes = (Match.prefix(f"{about}.") for about in told)
        kinds = Match.any_of(*prefixes, Match.exact_string(EventType.WEBHOOK_DISABLED))
        deliver(EventPattern(source=[SOURCE], detail_type=kinds), notify, data.bus)

    def _records(self, records: ServiceFunction, data: DataStack) -> None:
        """Counts what happened to briefs; every hour also what is shown by now, without anything having happened."""
        data.briefs.allow(records, "GetItem", "BatchGetItem", "Query")
        data.records.allow(records, "GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", query=("waiting",))
        counted = sorted(OF_BRIEFS | OF_FEEDBACK)
        deliver(EventPattern(source=[SOURCE], detail_type=[str(kind) for kind in counted]), records, data.bus)
        every(records, Duration.hours(1))

    def _remind(self, remind: ServiceFunction, stage: Stage, data: DataStack) -> None:
        data.briefs.allow(remind, "BatchGetItem", query=("unsettled",))
        data.accounts.allow(remind, "GetItem", "Query", "PutItem", "BatchWriteItem")
        every(remind, Duration.minutes(3 * stage.sweep_every_min))

    def _keep_candidates(self, keep_candidates: ServiceFunction, data: DataStack) -> None:
        data.briefs.allow(keep_candidates, "BatchGetItem", "Query")
        data.accounts.allow(keep_candidates, "GetItem", "PutItem")
        deliver(EventPattern(source=[SOURCE], detail_type=[EventType.BRIEF_PAID]), keep_candidates, data.bus)

"""What looks after the rest: the sweeper, the reconciliation of ledger and provider, the proof of the audit trail."""

from aws_cdk import Duration
from aws_cdk.aws_cognito import IUserPool
from constructs import Construct

from infra.config import Stage
from infra.constructs.bucket import PREVIEWS, QUARANTINE
from infra.constructs.dead_letters import DeadLetters
from infra.constructs.event_bus import every
from infra.constructs.function import ServiceFunction, ServiceFunctions
from infra.stacks.base import StageStack
from infra.stacks.data import DataStack
from infra.stacks.files import FilesStack
from infra.stacks.lifecycle import LifecycleStack
from infra.stacks.payments import PaymentsStack


class UpkeepStack(StageStack):
    """Four functions on a schedule; each can be called at any other time as well."""

    def __init__(
        self,
        scope: Construct,
        stage: Stage,
        data: DataStack,
        payments: PaymentsStack,
        lifecycle: LifecycleStack,
        files: FilesStack,
        letters: DeadLetters,
        pool: IUserPool,
    ) -> None:
        """Name the parts and what each may do."""
        super().__init__(scope, "Upkeep", stage)
        known = {**payments.known, **files.known, "settlement_function": payments.settlement.name}
        functions = ServiceFunctions(self, stage, known)
        machine = lifecycle.workflow
        sweep = functions.add(
            "sweep", timeout_s=300, state_machine_arn=machine.arn, dead_letters=letters.as_setting(self)
        )
        data.briefs.allow(sweep, "GetItem", "BatchGetItem", "PutItem", "UpdateItem", query=("unsettled",))
        files.allow_rescans(sweep)
        data.ledger.allow(sweep, query=("by_work",))
        sweep.allow(["lambda:InvokeFunction"], payments.settlement.arn)
        machine.allow_reviving(sweep)
        letters.allow(sweep)
        every(sweep, Duration.minutes(stage.sweep_every_min))

        reconcile = functions.add("reconcile", timeout_s=300, asks_provider=True)
        data.ledger.allow(reconcile, "Query", query=("by_month",))
        data.audit.allow(reconcile, "PutItem")
        payments.provider.allow(reconcile, "GetItem", lists=True, only_asks=True)
        reconcile.allow(["lambda:InvokeFunction"], payments.settlement.arn)
        every(reconcile, Duration.days(1))

        self._check_trails(functions.add("check_trails", timeout_s=300), data)
        self._erase(functions.add("erase", timeout_s=300, user_pool_id=pool.user_pool_id), data, pool, stage)
        self.sweep, self.reconcile = sweep, reconcile
        self.functions = functions.all

    def _check_trails(self, check_trails: ServiceFunction, data: DataStack) -> None:
        data.trail.allow(check_trails, "Query")
        data.briefs.allow(check_trails, "GetItem", "Query")
        data.accounts.allow(check_trails, "Query")
        data.credentials.allow(check_trails, "GetItem")
        data.portfolios.allow(check_trails, "Query")
        data.audit.allow(check_trails, "PutItem")
        every(check_trails, Duration.days(1))

    def _erase(self, erase: ServiceFunction, data: DataStack, pool: IUserPool, stage: Stage) -> None:
        account = ("GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "ConditionCheckItem")
        data.accounts.allow(erase, *account, query=("organisations",))
        data.credentials.allow(erase, "GetItem", "PutItem")
        data.portfolios.allow(erase, "GetItem", "BatchGetItem", "Query", "PutItem", "BatchWriteItem")
        data.briefs.allow(erase, "BatchGetItem", "Query", "PutItem", query=("by_employer", "by_student", "by_author"))
        data.records.allow(erase, "GetItem", "BatchGetItem", "Query", "PutItem", "BatchWriteItem")
        data.webhooks.allow(erase, "Query", "BatchWriteItem")
        data.search.allow(erase, "BatchWriteItem")
        data.files.allow(erase, "DeleteObjectVersion")
        data.files.allow(erase, "GetObject", "DeleteObject", prefix=PREVIEWS)
        data.files.allow(erase, "DeleteObject", prefix=QUARANTINE)
        erase.allow(["cognito-idp:AdminDeleteUser"], pool.user_pool_arn)
        every(erase, Duration.minutes(stage.sweep_every_min))

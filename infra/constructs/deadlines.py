"""The clock: a group of one-time schedules, and the role by which they call a function."""

from aws_cdk import Aws, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from infra.constructs.exceptions import accept
from infra.constructs.function import ServiceFunction


class Deadlines(Construct):
    """Schedules are made and removed while the system runs; this is what they need to exist."""

    def __init__(self, scope: Construct, target: ServiceFunction) -> None:
        """Create the group and the role."""
        super().__init__(scope, "Deadlines")
        self.dead_letters = target.keep_failures()
        self.group = scheduler.CfnScheduleGroup(self, "Group")
        # The role is for this account's schedules only, so that nobody else's schedule can borrow it.
        own = {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("scheduler.amazonaws.com", conditions=own))
        self.role.add_to_policy(iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[target.arn]))
        self.role.add_to_policy(
            iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[self.dead_letters.queue_arn])
        )

    def allow(self, function: ServiceFunction) -> None:
        """Let a function set and remove schedules of this group, with this role and no other."""
        schedules = f"arn:{Aws.PARTITION}:scheduler:{Aws.REGION}:{Aws.ACCOUNT_ID}:schedule/{self.group.ref}/*"
        function.allow(["scheduler:CreateSchedule", "scheduler:DeleteSchedule"], schedules)
        function.allow(
            ["iam:PassRole"],
            self.role.role_arn,
            StringEquals={"iam:PassedToService": "scheduler.amazonaws.com"},
        )
        group = Stack.of(self).resolve(self.group.logical_id)
        named = f"arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:schedule/<{group}>/*"
        accept(
            function.role,
            "A schedule per deadline, all in one group.",
            f"AwsSolutions-IAM5[Resource::{named}]",
        )

"""GuardDuty Malware Protection for S3, on the bucket of files."""

from collections.abc import Sequence
from typing import Any

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_guardduty as guardduty
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct

from infra.constructs.bucket import PREFIX, FilesBucket
from infra.constructs.exceptions import accept

SERVICE = "malware-protection-plan.guardduty.amazonaws.com"
OWN_RULES = "DO-NOT-DELETE-AmazonGuardDutyMalwareProtectionS3*"
"""The rules by which GuardDuty hears of new objects; it makes and names them itself."""


class GuardDutyPlan(Construct):
    """Every new object under the prefix is scanned, and the result published on the account's own event bus."""

    def __init__(self, scope: Construct, files: FilesBucket) -> None:
        """Create the plan, and the role that GuardDuty takes on for it: what its documentation asks for, no more."""
        super().__init__(scope, "MalwareScan")
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal(SERVICE))
        rules = Stack.of(self).format_arn(service="events", resource="rule", resource_name=OWN_RULES)
        managed = {"StringLike": {"events:ManagedBy": SERVICE}}
        made = [f"events:{action}" for action in ("PutRule", "DeleteRule", "PutTargets", "RemoveTargets")]
        self.allow(made, rules, **managed)
        self.allow(["events:DescribeRule", "events:ListTargetsByRule"], rules)
        announced = [f"s3:{action}" for action in ("PutBucketNotification", "GetBucketNotification", "ListBucket")]
        self.allow(announced, files.bucket_arn)
        self.allow(["s3:PutObject"], files.arn_for_objects("malware-protection-resource-validation-object"))
        files.allow(self, "GetObject", "GetObjectVersion")
        own = f"arn:<AWS::Partition>:events:<AWS::Region>:<AWS::AccountId>:rule/{OWN_RULES}"
        accept(self.role, "GuardDuty names its rules itself.", f"AwsSolutions-IAM5[Resource::{own}]")
        where = guardduty.CfnMalwareProtectionPlan.S3BucketProperty(
            bucket_name=files.bucket_name, object_prefixes=[PREFIX]
        )
        self.plan = guardduty.CfnMalwareProtectionPlan(
            self,
            "Plan",
            role=self.role.role_arn,
            protected_resource=guardduty.CfnMalwareProtectionPlan.CFNProtectedResourceProperty(s3_bucket=where),
        )
        # GuardDuty tries the role when the plan is made.
        self.plan.node.add_dependency(self.role)

    def allow(self, actions: Sequence[str], *resources: str, **conditions: Any) -> None:
        """Let GuardDuty do exactly this."""
        self.role.add_to_policy(
            iam.PolicyStatement(actions=list(actions), resources=list(resources), conditions=conditions)
        )


def default_bus_arn(scope: IConstruct) -> str:
    """The account's own event bus."""
    return Stack.of(scope).format_arn(
        service="events", resource="event-bus", resource_name="default", arn_format=ArnFormat.SLASH_RESOURCE_NAME
    )

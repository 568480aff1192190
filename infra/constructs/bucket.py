"""The bucket of the files that employers and students exchange."""

from collections.abc import Sequence
from typing import Any, Protocol

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.config import Stage
from infra.constructs.exceptions import accept

PREFIX, QUARANTINE, PREVIEWS, AGREEMENTS = "briefs/", "quarantine/", "previews/", "agreements/"
KEEP_AGREEMENTS_DAYS = 2_557
"""Seven years: New York asks for six (General Business Law article 44-A), tax records for as long or less."""


class Principal(Protocol):
    """Who has a role that can be allowed something."""

    role: iam.Role

    def allow(self, actions: Sequence[str], *resources: str, **conditions: Any) -> None:
        """Let it do exactly this."""


class FilesBucket(s3.Bucket):
    """Private, over TLS only, versioned; it tells the default event bus about every new object."""

    def __init__(self, scope: Construct, construct_id: str, stage: Stage) -> None:
        """Create the bucket."""
        super().__init__(
            scope,
            construct_id,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=stage.tls_only,
            minimum_tls_version=1.2 if stage.tls_only else None,
            versioned=True,
            object_lock_enabled=stage.locks_files or None,
            lifecycle_rules=_rules(stage),
            cors=[_uploads_from(stage.web_origin)] if stage.web_origin else None,
            removal_policy=stage.removal_policy,
        )
        # The construct's own switch deploys a custom resource for what is one property.
        bucket = self.node.default_child
        assert isinstance(bucket, s3.CfnBucket)
        announces = {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
        bucket.add_property_override("NotificationConfiguration", announces)
        if not stage.tls_only:
            accept(self, "The local AWS speaks plain HTTP.", "AwsSolutions-S10")
        accept(self, "Uploads are on the brief's own record, and objects are private.", "AwsSolutions-S1")
        if not stage.tls_only:
            accept(self, "The local AWS is on this machine, and speaks plain HTTP.", "AwsSolutions-S10")

    def allow(self, who: Principal, *operations: str, prefix: str = PREFIX) -> None:
        """Let a function, or GuardDuty, use these operations on the files of briefs."""
        self._allow(who, prefix, operations)

    def allow_listing(self, who: Principal) -> None:
        """Let a function know what is there: who may not is told that what is missing is forbidden."""
        who.allow(["s3:ListBucket", "s3:ListBucketVersions"], self.bucket_arn)

    def allow_listing_under(self, who: Principal, prefix: str) -> None:
        """Let a function know what is there under one prefix."""
        who.allow(["s3:ListBucket"], self.bucket_arn, StringLike={"s3:prefix": f"{prefix}*"})

    def allow_quarantine(self, who: Principal) -> None:
        """Let a function put files where nobody can have them."""
        self._allow(who, QUARANTINE, ["PutObject"])

    def _allow(self, who: Principal, prefix: str, operations: Sequence[str]) -> None:
        who.allow([f"s3:{operation}" for operation in operations], self.arn_for_objects(f"{prefix}*"))
        # Other stacks know the bucket by the name of this export, which is also what the rule shows.
        export = Stack.of(self).resolve(Stack.of(self).export_value(self.bucket_arn))["Fn::ImportValue"]
        named = f"AwsSolutions-IAM5[Resource::{export}/{prefix}*]"
        accept(who.role, "A key per file, under one prefix.", named)


def _rules(stage: Stage) -> list[s3.LifecycleRule]:
    """What goes by itself."""
    return [
        # No versions of files expire by themselves: which of them is a file's own, only its record knows.
        s3.LifecycleRule(abort_incomplete_multipart_upload_after=Duration.days(1), expired_object_delete_marker=True),
        s3.LifecycleRule(
            prefix=QUARANTINE,
            expiration=Duration.days(stage.quarantine_days),
            noncurrent_version_expiration=Duration.days(1),
        ),
        # Drawn for the review, which is over by then.
        s3.LifecycleRule(
            prefix=PREVIEWS,
            expiration=Duration.days(stage.preview_days),
            noncurrent_version_expiration=Duration.days(1),
        ),
        s3.LifecycleRule(
            prefix=AGREEMENTS,
            expiration=Duration.days(KEEP_AGREEMENTS_DAYS),
            noncurrent_version_expiration=Duration.days(1),
        ),
    ]


def _uploads_from(origin: str) -> s3.CorsRule:
    methods = [s3.HttpMethods.POST, s3.HttpMethods.PUT, s3.HttpMethods.GET]
    return s3.CorsRule(allowed_methods=methods, allowed_origins=[origin], allowed_headers=["*"], max_age=3_600)

"""What must outlive everything else, and the bus by which its parts are told: tables, files, events."""

import json

from aws_cdk import CfnOutput
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from infra.config import Stage
from infra.constructs.bucket import FilesBucket
from infra.constructs.event_bus import BriefEvents
from infra.constructs.function import camel
from infra.constructs.signing_key import SecretsKey, SigningKey
from infra.constructs.table import ALL, KeyedTable
from infra.stacks.base import StageStack


class DataStack(StageStack):
    """Tables on demand, a private bucket, an event bus."""

    def __init__(self, scope: Construct, stage: Stage) -> None:
        """Name the parts."""
        super().__init__(scope, "Data", stage)
        images = dynamodb.StreamViewType.NEW_AND_OLD_IMAGES
        self.briefs = KeyedTable(self, "Briefs", stage, stream=images, forget_at="forget_at")
        listed = ["field", "skills", "pay_minor", "currency", "hours", "brief_id"]
        self.briefs.index("listing", "listing", "due_at", included=listed)
        self.briefs.index("by_employer", "employer_id", "posted_at")
        self.briefs.index("by_student", "student_id", "applied_at")
        self.briefs.index("unsettled", "unsettled", "moves_by")
        self.briefs.index("by_author", "author_id", "at")
        self.accounts = KeyedTable(self, "Accounts", stage, stream=images, forget_at="forget_at")
        self.accounts.index("organisations", "listed", "since", included=ALL)
        self._ledger(stage)
        self.audit = KeyedTable(self, "Audit", stage)
        self.audit.index("newest", "listed", "at", included=ALL)
        self.trail = KeyedTable(self, "Trail", stage, append_only=True)
        self._around_briefs(stage)
        self.files = FilesBucket(self, "Files", stage)
        self.bus = BriefEvents(self, stage)
        self.signing_key = SigningKey(self, "SigningKey", stage, "manifests of submissions")
        self.credential_key = SigningKey(self, "CredentialKey", stage, "credentials")
        self.secrets_key = SecretsKey(self, "SecretsKey", stage)
        self.known = self._known(stage)
        self._say_names()

    def _known(self, stage: Stage) -> dict[str, str]:
        return {
            "brief_table": self.briefs.name,
            "account_table": self.accounts.name,
            "ledger_table": self.ledger.name,
            "audit_table": self.audit.name,
            "trail_table": self.trail.name,
            "record_table": self.records.name,
            "portfolio_table": self.portfolios.name,
            "webhook_table": self.webhooks.name,
            "search_table": self.search.name,
            "event_bus": self.bus.event_bus_name,
            "files_bucket": self.files.bucket_name,
            "credential_table": self.credentials.name,
            "signing_key": self.signing_key.key_arn,
            "credential_key": self.credential_key.key_arn,
            "secrets_key": self.secrets_key.key_arn,
            "webhooks_to_loopback": json.dumps(stage.webhooks_to_loopback),
            "policy": stage.policy.model_dump_json(),
        }

    def _around_briefs(self, stage: Stage) -> None:
        """What people carry away of briefs, find them by, and are told of them by."""
        self.records = KeyedTable(self, "Records", stage)
        self.records.index("waiting", "waits", "until", included=["side", "brief_id"])
        self.credentials = KeyedTable(self, "Credentials", stage, stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES)
        self.credentials.index("by_student", "student_id", "issued_at")
        self.portfolios = KeyedTable(self, "Portfolios", stage, stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES)
        self.webhooks = KeyedTable(self, "Webhooks", stage, forget_at="forget_at")
        self.search = KeyedTable(self, "Search", stage, forget_at="forget_at")

    def _ledger(self, stage: Stage) -> None:
        self.ledger = KeyedTable(self, "Ledger", stage)
        self.ledger.index("by_work", "work", "since", included=ALL)
        self.ledger.index("by_party", "statement_of", "posted_at", included=ALL)
        self.ledger.index("by_month", "posted_in", "posted_at", included=ALL)
        self.ledger.index("by_payee", "paid_in", "payee_at", included=ALL)

    def _say_names(self) -> None:
        for name in (
            "brief_table",
            "account_table",
            "ledger_table",
            "audit_table",
            "trail_table",
            "record_table",
            "search_table",
            "files_bucket",
            "event_bus",
        ):
            CfnOutput(self, camel(name), value=self.known[name])

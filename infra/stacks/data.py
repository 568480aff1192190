"""What must outlive everything else: the tables and the files."""

from aws_cdk import CfnOutput
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from infra.config import Stage
from infra.constructs.bucket import FilesBucket
from infra.constructs.table import KeyedTable
from infra.stacks.base import StageStack


class DataStack(StageStack):
    """Tables on demand, and a private bucket."""

    def __init__(self, scope: Construct, stage: Stage) -> None:
        """Name the parts."""
        super().__init__(scope, "Data", stage)
        self.briefs = KeyedTable(self, "Briefs", stage, stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES)
        listed = ["field", "skills", "pay_minor", "currency", "hours", "brief_id"]
        self.briefs.index("listing", "listing", "due_at", included=listed)
        self.briefs.index("by_employer", "employer_id", "posted_at")
        self.briefs.index("by_student", "student_id", "applied_at")
        self.accounts = KeyedTable(self, "Accounts", stage)
        self.ledger = KeyedTable(self, "Ledger", stage)
        self.sandbox = KeyedTable(self, "Sandbox", stage)
        self.files = FilesBucket(self, "Files", stage)
        self.known = {
            "brief_table": self.briefs.name,
            "account_table": self.accounts.name,
            "ledger_table": self.ledger.name,
            "sandbox_table": self.sandbox.name,
            "files_bucket": self.files.bucket_name,
            "policy": stage.policy.model_dump_json(),
        }
        for name, value in {
            "BriefTable": self.briefs.name,
            "AccountTable": self.accounts.name,
            "LedgerTable": self.ledger.name,
            "SandboxTable": self.sandbox.name,
            "FilesBucket": self.files.bucket_name,
        }.items():
            CfnOutput(self, name, value=value)

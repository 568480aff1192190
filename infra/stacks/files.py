"""What becomes of uploads: their receipt, the scan, and what is said of both."""

from typing import Any

from aws_cdk import Duration
from aws_cdk.aws_events import EventPattern
from constructs import Construct

from infra.config import Stage
from infra.constructs.bucket import AGREEMENTS, PREFIX, PREVIEWS
from infra.constructs.event_bus import deliver, every
from infra.constructs.function import ServiceFunction, ServiceFunctions
from infra.constructs.scanner import GuardDutyPlan, default_bus_arn
from infra.stacks.base import StageStack
from infra.stacks.data import DataStack
from microintern.domain.events import SOURCE, EventType
from microintern.scanning.result import DETAIL_TYPE, GUARDDUTY, LOCAL_SOURCE

LOOKS_INTO_FILES_MB = 1_792
"""A whole CPU, and room for an archive in an archive."""


class FilesStack(StageStack):
    """Files never pass through these functions on their way; they look at what S3 has."""

    def __init__(self, scope: Construct, stage: Stage, data: DataStack) -> None:
        """Name the parts and what each may do."""
        super().__init__(scope, "Files", stage)
        self.data = data
        functions = ServiceFunctions(self, stage, data.known)
        self.functions = functions.all
        self.received = functions.add("file_received", timeout_s=900, memory_mb=LOOKS_INTO_FILES_MB)
        deliver(self._created(), self.received)
        result = functions.add("scan_result", timeout_s=300)
        deliver(self._scanned(by=GUARDDUTY if stage.scanner == "guardduty" else LOCAL_SOURCE), result)
        for function in (self.received, result):
            data.briefs.allow(function, "BatchGetItem", "PutItem")
            data.files.allow(function, "GetObjectVersion", "DeleteObjectVersion")
            data.files.allow_quarantine(function)
            data.files.allow_listing(function)
        data.files.allow(self.received, "GetObject")
        self._tidy(functions.add("tidy", timeout_s=900))
        if stage.locks_files:
            self._keep(functions.add("keep_files", timeout_s=60))
        self.scan: ServiceFunction | None = None
        if stage.scanner == "guardduty":
            GuardDutyPlan(self, data.files)
        else:
            self.scan = self._scan(functions)
        self.known = {
            "file_received_function": self.received.name,
            "scan_function": self.scan.name if self.scan else "",
        }
        self._preview(stage, functions)
        self._draw_agreements(functions)

    def _draw_agreements(self, functions: ServiceFunctions) -> None:
        """Makes the paper of an award or an amendment, once; it can write agreements and read no file."""
        draw = functions.add("draw_agreement", timeout_s=60, prints=True)
        self.data.briefs.allow(draw, "GetItem", "BatchGetItem")
        self.data.accounts.allow(draw, "GetItem", "BatchGetItem")
        self.data.files.allow(draw, "PutObject", prefix=AGREEMENTS)
        heard = [EventType.BRIEF_AWARDED, EventType.BRIEF_AMENDED]
        deliver(EventPattern(source=[SOURCE], detail_type=heard), draw, self.data.bus)

    def _preview(self, stage: Stage, functions: ServiceFunctions) -> None:
        """Draws what was found clean; it can read files and write previews, and knows nothing of briefs."""
        preview = functions.add("preview", timeout_s=60, draws=True)
        self.data.files.allow(preview, "GetObjectVersion")
        self.data.files.allow(preview, "PutObject", prefix=PREVIEWS)
        by = GUARDDUTY if stage.scanner == "guardduty" else LOCAL_SOURCE
        deliver(self._scanned(by, scanResultDetails={"scanResultStatus": ["NO_THREATS_FOUND"]}), preview)

    def allow_rescans(self, function: ServiceFunction) -> None:
        """Let a function ask for files to be received and scanned once more."""
        asked = [self.received.arn, *([self.scan.arn] if self.scan else [])]
        function.allow(["lambda:InvokeFunction"], *asked)
        if self.scan is None:
            function.allow(["guardduty:SendObjectMalwareScan"], "*")

    def _tidy(self, tidy: ServiceFunction) -> None:
        self.data.briefs.allow(tidy, "BatchGetItem", "GetItem", "PutItem")
        self.data.files.allow(tidy, "GetObjectVersion", "DeleteObjectVersion")
        self.data.files.allow_quarantine(tidy)
        self.data.files.allow_listing(tidy)
        every(tidy, Duration.days(1))

    def _keep(self, keep_files: ServiceFunction) -> None:
        self.data.briefs.allow(keep_files, "GetItem", "Query")
        self.data.files.allow(keep_files, "PutObjectLegalHold", "PutObjectRetention")
        heard = [EventType.BRIEF_SUBMITTED, EventType.BRIEF_PAID, EventType.BRIEF_SETTLED]
        deliver(EventPattern(source=[SOURCE], detail_type=heard), keep_files, self.data.bus)

    def _scan(self, functions: ServiceFunctions) -> ServiceFunction:
        """The stand-in for GuardDuty."""
        scan = functions.add("scan", timeout_s=300, scans=True)
        self.data.files.allow(scan, "GetObjectVersion")
        scan.allow(["events:PutEvents"], default_bus_arn(self))
        deliver(self._created(), scan)
        return scan

    def _created(self) -> EventPattern:
        where = {"bucket": {"name": [self.data.files.bucket_name]}, "object": {"key": [{"prefix": PREFIX}]}}
        return EventPattern(source=["aws.s3"], detail_type=["Object Created"], detail=where)

    def _scanned(self, by: str, **further: Any) -> EventPattern:
        where = {"bucketName": [self.data.files.bucket_name], "objectKey": [{"prefix": PREFIX}]}
        return EventPattern(source=[by], detail_type=[DETAIL_TYPE], detail={"s3ObjectDetails": where, **further})

"""What becomes of uploads: their receipt, the scan, and what is said of both."""

from aws_cdk.aws_events import EventPattern
from constructs import Construct

from infra.config import Stage
from infra.constructs.bucket import PREFIX
from infra.constructs.event_bus import deliver
from infra.constructs.function import ServiceFunctions
from infra.constructs.scanner import GuardDutyPlan, default_bus_arn
from infra.stacks.base import StageStack
from infra.stacks.data import DataStack
from microintern.scanning.result import DETAIL_TYPE, GUARDDUTY, LOCAL_SOURCE


class FilesStack(StageStack):
    """Files never pass through these functions on their way; they look at what S3 has."""

    def __init__(self, scope: Construct, stage: Stage, data: DataStack) -> None:
        """Name the parts and what each may do."""
        super().__init__(scope, "Files", stage)
        self.data = data
        functions = ServiceFunctions(self, stage, data.known)
        self.functions = functions.all
        received = functions.add("file_received", timeout_s=60)
        data.briefs.allow(received, "BatchGetItem", "PutItem")
        data.files.allow(received, "GetObject", "GetObjectVersion")
        deliver(self._created(), received)

        result = functions.add("scan_result")
        data.briefs.allow(result, "BatchGetItem", "PutItem")
        deliver(self._scanned(by=GUARDDUTY if stage.scanner == "guardduty" else LOCAL_SOURCE), result)
        if stage.scanner == "guardduty":
            GuardDutyPlan(self, data.files)
        else:
            self._scan(functions)

    def _scan(self, functions: ServiceFunctions) -> None:
        """The stand-in for GuardDuty."""
        scan = functions.add("scan", timeout_s=300, scans=True)
        self.data.files.allow(scan, "GetObject", "GetObjectVersion")
        scan.allow(["events:PutEvents"], default_bus_arn(self))
        deliver(self._created(), scan)

    def _created(self) -> EventPattern:
        where = {"bucket": {"name": [self.data.files.bucket_name]}, "object": {"key": [{"prefix": PREFIX}]}}
        return EventPattern(source=["aws.s3"], detail_type=["Object Created"], detail=where)

    def _scanned(self, by: str) -> EventPattern:
        where = {"bucketName": [self.data.files.bucket_name], "objectKey": [{"prefix": PREFIX}]}
        return EventPattern(source=[by], detail_type=[DETAIL_TYPE], detail={"s3ObjectDetails": where})

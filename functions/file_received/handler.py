"""S3 reports an object: the receipt is recorded with S3's own time, which is what lateness goes by."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.clock import SystemClock
from microintern.adapters.files import S3FileStore, parse_key
from microintern.app.receiving import Created, record_receipt
from microintern.settings import FileReceivedSettings, load

settings = load(FileReceivedSettings)
policy = settings.policy
briefs = DynamoBriefs(client("dynamodb"), settings.brief_table)
store = S3FileStore(client("s3"), settings.files_bucket)
clock = SystemClock()
logger = Logger()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Record the version that EventBridge's `Object Created` names."""
    detail = event["detail"]
    brief_id, file_id = parse_key(detail["object"]["key"])
    created = Created(
        brief_id=brief_id,
        file_id=file_id,
        version_id=detail["object"]["version-id"],
        at=event["time"],
        in_parts=detail.get("reason") == "CompleteMultipartUpload",
    )
    recorded = record_receipt(created, briefs=briefs, files=store, clock=clock, policy=policy)
    logger.info("received", brief_id=brief_id, file_id=file_id, recorded=recorded)
    return {"recorded": recorded}

"""S3 reports an object: the receipt is recorded with S3's own time, which is what lateness goes by."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client, copying
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.clock import SystemClock
from microintern.adapters.files import S3FileStore, parse_key
from microintern.app.receiving import Created, look_for, record_receipt
from microintern.settings import FileReceivedSettings, load

settings = load(FileReceivedSettings)
ports: dict[str, Any] = {
    "briefs": DynamoBriefs(client("dynamodb"), settings.brief_table),
    "files": S3FileStore(client("s3"), settings.files_bucket, copying),
    "clock": SystemClock(),
    "policy": settings.policy,
}
logger = Logger()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Record what EventBridge's `Object Created` names, or what S3 has of the file that the sweeper names."""
    if "detail" not in event:
        brief_id, file_id = event["brief_id"], event["file_id"]
        recorded = look_for(brief_id, file_id, **ports)
    else:
        created = event["detail"]["object"]
        brief_id, file_id = parse_key(created["key"])
        at = {"brief_id": brief_id, "file_id": file_id, "version_id": created["version-id"], "at": event["time"]}
        recorded = record_receipt(Created.model_validate(at), **ports)
    logger.info("received", brief_id=brief_id, file_id=file_id, recorded=recorded)
    return {"recorded": recorded}

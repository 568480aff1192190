"""S3 reports an object: the receipt is recorded with S3's own time, which is what lateness goes by."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.files import S3FileStore, parse_key
from microintern.app.files import record_receipt
from microintern.settings import FileReceivedSettings, load

settings = load(FileReceivedSettings)
briefs = DynamoBriefs(client("dynamodb"), settings.brief_table)
store = S3FileStore(client("s3"), settings.files_bucket)
logger = Logger()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Record the version that EventBridge's `Object Created` names."""
    found = event["detail"]["object"]
    brief_id, file_id = parse_key(found["key"])
    recorded = record_receipt(brief_id, file_id, found["version-id"], briefs=briefs, files=store)
    logger.info("received", brief_id=brief_id, file_id=file_id, recorded=recorded)
    return {"recorded": recorded}

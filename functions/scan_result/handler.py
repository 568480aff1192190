"""The scanner reports: what it found is recorded for the version that it looked at."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client, copying
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.files import S3FileStore
from microintern.app.receiving import record_verdict
from microintern.scanning.result import verdict_of
from microintern.settings import ScanResultSettings, load

settings = load(ScanResultSettings)
briefs = DynamoBriefs(client("dynamodb"), settings.brief_table)
store = S3FileStore(client("s3"), settings.files_bucket, copying)
logger = Logger()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Record GuardDuty's result, or the local scanner's, which has the same shape."""
    reported = verdict_of(event)
    if reported is None:
        logger.info("no verdict", result=event["detail"]["scanResultDetails"]["scanResultStatus"])
        return {"scan": None, "recorded": False}
    brief_id, file_id, verdict = reported
    recorded = record_verdict(brief_id, file_id, verdict, briefs=briefs, files=store)
    logger.info("verdict", brief_id=brief_id, file_id=file_id, scan=verdict.scan, recorded=recorded)
    return {"scan": verdict.scan.value, "recorded": recorded}

"""The local stack's scanner: looks through an object that S3 reports, and says what it found as GuardDuty would."""

import json
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.ranged import open_version
from microintern.scanning.engine import Unscannable, YaraEngine
from microintern.scanning.result import DETAIL_TYPE, LOCAL_SOURCE, detail_of
from microintern.settings import ScanSettings, load

settings = load(ScanSettings)
engine = YaraEngine()
logger = Logger()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Scan the version that EventBridge's `Object Created`, or the sweeper in the same words, names."""
    created = event["detail"]["object"]
    bucket, key, version_id = settings.files_bucket, created["key"], created["version-id"]
    size_bytes = client("s3").head_object(Bucket=bucket, Key=key, VersionId=version_id)["ContentLength"]
    threats: list[str] | None = None
    try:
        threats = engine.threats(open_version(client("s3"), bucket, key, version_id, size_bytes))
    except Unscannable as reason:
        logger.info("not scannable", key=key, reason=str(reason))
    detail = detail_of(bucket, created, threats)
    entry = {"Source": LOCAL_SOURCE, "DetailType": DETAIL_TYPE, "Detail": json.dumps(detail)}
    answer = client("events").put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        raise RuntimeError(f"EventBridge did not take the result: {answer['Entries'][0].get('ErrorCode')}")
    status = detail["scanResultDetails"]["scanResultStatus"]
    logger.info("scanned", key=key, result=status)
    return {"result": status}

"""Files are received and scanned once more by whoever does that on this stage."""

import io
import json
from typing import Any

import boto3
from botocore.response import StreamingBody
from botocore.stub import Stubber

from microintern.adapters.file_checks import LambdaFileChecks
from tests.contract import examples
from tests.contract.conftest import REGION

FILE = examples.file(examples.brief(), version_id="v1")
KEYS: dict[str, Any] = {"region_name": REGION, "aws_access_key_id": "test", "aws_secret_access_key": "test"}


def called(function: str, event: dict[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any]]:
    asked = {"FunctionName": function, "InvocationType": "Event", "Payload": json.dumps(event).encode()}
    return "invoke", {"StatusCode": 202, "Payload": StreamingBody(io.BytesIO(), 0)}, asked


def test_receipts_and_the_local_scan_are_functions_that_nobody_waits_for() -> None:
    functions = boto3.client("lambda", **KEYS)
    checks = LambdaFileChecks(functions, "receives", "scans", "files")
    key = f"briefs/{FILE.brief_id}/{FILE.file_id}"
    with Stubber(functions) as stub:
        stub.add_response(*called("receives", {"brief_id": FILE.brief_id, "file_id": FILE.file_id}))
        stub.add_response(*called("scans", {"detail": {"object": {"key": key, "version-id": "v1"}}}))
        checks.look_for(FILE)
        checks.scan(FILE)
        stub.assert_no_pending_responses()


def test_guardduty_is_asked_for_the_version_that_was_received() -> None:
    guardduty = boto3.client("guardduty", **KEYS)
    which = {"Bucket": "files", "Key": f"briefs/{FILE.brief_id}/{FILE.file_id}", "VersionId": "v1"}
    with Stubber(guardduty) as stub:
        stub.add_response("send_object_malware_scan", {}, {"S3Object": which})
        LambdaFileChecks(boto3.client("lambda", **KEYS), "receives", guardduty, "files").scan(FILE)
        stub.assert_no_pending_responses()

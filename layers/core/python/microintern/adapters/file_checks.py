"""Asks the functions that receive and scan files to look once more, without waiting for them."""

import json
from typing import TYPE_CHECKING, Any

from microintern.adapters.files import object_key
from microintern.domain.documents import StoredFile

if TYPE_CHECKING:
    from mypy_boto3_guardduty import GuardDutyClient
    from mypy_boto3_lambda import LambdaClient


class LambdaFileChecks:
    """The FileChecks port: the receipt by our own function; the scan by GuardDuty, or by the function in its place."""

    def __init__(self, client: "LambdaClient", receiver: str, scanner: "GuardDutyClient | str", bucket: str) -> None:
        """`scanner` is GuardDuty, or the name of the local scanner's function."""
        self._client = client
        self._receiver = receiver
        self._scanner = scanner
        self._bucket = bucket

    def look_for(self, file: StoredFile) -> None:
        self._call(self._receiver, {"brief_id": file.brief_id, "file_id": file.file_id})

    def scan(self, file: StoredFile) -> None:
        key, version_id = object_key(file.brief_id, file.file_id), file.version_id or ""
        if isinstance(self._scanner, str):
            self._call(self._scanner, {"detail": {"object": {"key": key, "version-id": version_id}}})
        else:
            self._scanner.send_object_malware_scan(
                S3Object={"Bucket": self._bucket, "Key": key, "VersionId": version_id}
            )

    def _call(self, function: str, event: dict[str, Any]) -> None:
        self._client.invoke(FunctionName=function, InvocationType="Event", Payload=json.dumps(event).encode())

"""GuardDuty's event about a scanned object: read here, and written in the same shape by the local scanner."""

from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter

from microintern.adapters.files import parse_key
from microintern.domain.base import Instant
from microintern.domain.documents import ScanStatus, Verdict

DETAIL_TYPE = "GuardDuty Malware Protection Object Scan Result"
GUARDDUTY = "aws.guardduty"
LOCAL_SOURCE = "microintern.scanner"
"""Nobody but AWS may publish under a source that begins with `aws.`."""

_VERDICTS = {
    "NO_THREATS_FOUND": ScanStatus.CLEAN,
    "THREATS_FOUND": ScanStatus.INFECTED,
    "UNSUPPORTED": ScanStatus.ERROR,
}
"""All others (FAILED, ACCESS_DENIED) say nothing of the object: it is scanned again after a while."""

_instant = TypeAdapter(Instant)


def verdict_of(event: dict[str, Any]) -> tuple[str, str, Verdict] | None:
    """The brief, the file and what was found; None when the scan came to nothing."""
    detail = event["detail"]
    found = _VERDICTS.get(detail["scanResultDetails"]["scanResultStatus"])
    if found is None:
        return None
    scanned = detail["s3ObjectDetails"]
    brief_id, file_id = parse_key(scanned["objectKey"])
    at = _instant.validate_python(event["time"])
    return brief_id, file_id, Verdict(version_id=scanned["versionId"], scan=found, at=at)


def detail_of(bucket: str, scanned: dict[str, Any], threats: Sequence[str] | None) -> dict[str, Any]:
    """The event's detail for the object of an `Object Created`; `threats` None when it could not be looked into."""
    status = "UNSUPPORTED" if threats is None else "THREATS_FOUND" if threats else "NO_THREATS_FOUND"
    return {
        "schemaVersion": "1.0",
        "scanStatus": "SKIPPED" if threats is None else "COMPLETED",
        "resourceType": "S3_OBJECT",
        "s3ObjectDetails": {
            "bucketName": bucket,
            "objectKey": scanned["key"],
            "eTag": scanned.get("etag", ""),
            "versionId": scanned["version-id"],
            "s3Throttled": False,
        },
        "scanResultDetails": {
            "scanResultStatus": status,
            "threats": [{"name": name} for name in threats] if threats else None,
        },
    }

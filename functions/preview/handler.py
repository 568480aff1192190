"""Draws the preview of a file that was found clean, beside it; what cannot be drawn gets a reason instead."""

import tempfile
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.files import parse_key
from microintern.adapters.previews import S3Previews
from microintern.previewing.making import make
from microintern.settings import PreviewSettings, load

settings = load(PreviewSettings)
s3 = client("s3")
previews = S3Previews(s3, settings.files_bucket)
logger = Logger()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Draw the version that the scanner's event names; it comes for clean files only."""
    about = event["detail"]["s3ObjectDetails"]
    brief_id, file_id = parse_key(about["objectKey"])
    at = {"Bucket": settings.files_bucket, "Key": about["objectKey"], "VersionId": about["versionId"]}
    head = s3.head_object(**at)

    def fetch(path: Path, most_bytes: int) -> None:
        body = s3.get_object(**at, Range=f"bytes=0-{most_bytes - 1}")["Body"]
        with path.open("wb") as out:
            for chunk in body.iter_chunks(1_048_576):
                out.write(chunk)

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        preview = make(head["ContentType"], head["ContentLength"], fetch, folder)
        previews.keep(brief_id, file_id, about["versionId"], preview, folder)
    logger.info("preview", brief_id=brief_id, file_id=file_id, parts=len(preview.parts), reason=preview.reason)
    return {"parts": len(preview.parts), "reason": preview.reason}

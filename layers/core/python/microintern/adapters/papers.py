"""Agreements in S3, under a prefix of their own; what is kept there was made by this system and by nobody else."""

import base64
import hashlib
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from microintern.adapters.files import attachment
from microintern.ports.agreements import Edition

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PREFIX = "agreements/"
MEDIA_TYPE = "application/pdf"
MOST_EDITIONS = 100
_TAKEN = frozenset({"PreconditionFailed", "412"})


def paper_key(brief_id: str, application_id: str, edition: int) -> str:
    """Where an edition lies; keys sort as editions do."""
    return f"{PREFIX}{brief_id}/{application_id}/{edition:06d}.pdf"


class S3Papers:
    """The Papers port on S3; the client must sign with SigV4."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def keep(self, brief_id: str, application_id: str, edition: int, pdf: bytes) -> bool:
        digest = base64.b64encode(hashlib.sha256(pdf).digest()).decode()
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=paper_key(brief_id, application_id, edition),
                Body=pdf,
                ContentType=MEDIA_TYPE,
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=digest,
                IfNoneMatch="*",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in _TAKEN:
                return False
            raise
        return True

    def editions(self, brief_id: str, application_id: str) -> list[Edition]:
        of_award = f"{PREFIX}{brief_id}/{application_id}/"
        found = self._client.list_objects_v2(Bucket=self._bucket, Prefix=of_award, MaxKeys=MOST_EDITIONS)
        return [self._edition(each["Key"]) for each in found.get("Contents", [])]

    def _edition(self, key: str) -> Edition:
        head = self._client.head_object(Bucket=self._bucket, Key=key, ChecksumMode="ENABLED")
        return Edition(
            edition=int(key.rpartition("/")[2].removesuffix(".pdf")),
            sha256=base64.b64decode(head["ChecksumSHA256"]).hex(),
            size_bytes=head["ContentLength"],
            kept_at=head["LastModified"],
        )

    def url(self, brief_id: str, application_id: str, edition: int, life_s: int) -> str:
        params = {
            "Bucket": self._bucket,
            "Key": paper_key(brief_id, application_id, edition),
            "ResponseContentType": MEDIA_TYPE,
            "ResponseContentDisposition": attachment(f"agreement-{brief_id}-{edition}.pdf"),
        }
        return self._client.generate_presigned_url("get_object", Params=params, ExpiresIn=life_s)

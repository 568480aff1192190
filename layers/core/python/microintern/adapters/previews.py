"""Previews in S3, beside the files: under a prefix of their own, by the version that they are of."""

from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from microintern.domain.documents import StoredFile
from microintern.domain.previews import Part, Preview

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

INDEX = "preview.json"
# Whoever may not list the bucket is told 403 of what is not there.
_NOTHING_YET = frozenset({"NoSuchKey", "404", "403", "AccessDenied"})


def folder_of(brief_id: str, file_id: str, version_id: str) -> str:
    """Where the preview of a version is."""
    return f"previews/{brief_id}/{file_id}/{version_id}"


class S3Previews:
    """The Previews port on S3; the client must sign with SigV4."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def find(self, file: StoredFile) -> Preview | None:
        try:
            found = self._client.get_object(Bucket=self._bucket, Key=self._key(file, INDEX))
        except ClientError as error:
            if error.response["Error"]["Code"] in _NOTHING_YET:
                return None
            raise
        return Preview.model_validate_json(found["Body"].read())

    def url(self, file: StoredFile, part: Part, life_s: int) -> str:
        params = {
            "Bucket": self._bucket,
            "Key": self._key(file, part.name),
            "ResponseContentType": part.media_type,
            "ResponseContentDisposition": "inline",
        }
        return self._client.generate_presigned_url("get_object", Params=params, ExpiresIn=life_s)

    def erase(self, file: StoredFile) -> None:
        found = self.find(file) if file.version_id else None
        # Its index last: while that is there, whatever is left of it is found again.
        for name in [*(part.name for part in found.parts), INDEX] if found else []:
            self._client.delete_object(Bucket=self._bucket, Key=self._key(file, name))

    def keep(self, brief_id: str, file_id: str, version_id: str, preview: Preview, folder: Path) -> None:
        """Keep a preview, its parts first: what has an index is whole. The same again changes nothing."""
        at = folder_of(brief_id, file_id, version_id)
        for part in preview.parts:
            content = (folder / part.name).read_bytes()
            self._client.put_object(
                Bucket=self._bucket, Key=f"{at}/{part.name}", Body=content, ContentType=part.media_type
            )
        index = preview.model_dump_json().encode()
        self._client.put_object(Bucket=self._bucket, Key=f"{at}/{INDEX}", Body=index, ContentType="application/json")

    def _key(self, file: StoredFile, name: str) -> str:
        if file.version_id is None:
            raise ValueError(f"{file.file_id} was not received; there is no version to show")
        return f"{folder_of(file.brief_id, file.file_id, file.version_id)}/{name}"

"""Files in S3: forms and links that are good for one file and a short time."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote

from botocore.exceptions import ClientError

from microintern.adapters.ranged import open_version
from microintern.domain.documents import ScanStatus, StoredFile
from microintern.domain.parts import MOST_PARTS
from microintern.ports.files import PartLink, ReceivedObject, ReceivedPart, StoredVersion, UploadForm
from microintern.ports.paging import Page, Position

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CopySourceTypeDef

# 405 is what a delete marker answers; 403 whoever may not list the bucket.
_NOTHING_THERE = frozenset({"404", "405", "NoSuchKey", "NoSuchVersion"})
_NOTHING_TO_SEE = _NOTHING_THERE | {"403"}


PREFIX = "briefs/"


def object_key(brief_id: str, file_id: str) -> str:
    """Where a file lies; made of ids only, never of what a person wrote."""
    return f"briefs/{brief_id}/{file_id}"


def quarantine_key(file: StoredFile) -> str:
    """Where a version lies that nobody may have."""
    return f"quarantine/{file.brief_id}/{file.file_id}/{file.version_id}"


def parse_key(key: str) -> tuple[str, str]:
    """The ids of the brief and the file that lie at a key."""
    prefix, brief_id, file_id = key.split("/")
    if prefix != "briefs":
        raise ValueError(f"{key} is not the key of a brief's file")
    return brief_id, file_id


def attachment(name: str) -> str:
    """A Content-Disposition (RFC 6266) that saves under this name: plain for old clients, and exact."""
    flat = name.replace("/", "_").replace("\\", "_")
    plain = "".join(c if c.isascii() and (c.isalnum() or c in " ._-()") else "_" for c in flat)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(flat, safe='')}"


class S3FileStore:
    """The FileStore port on S3; the client must sign with SigV4."""

    def __init__(self, client: "S3Client", bucket: str, copying: "Callable[[], S3Client] | None" = None) -> None:
        """`copying` makes, for whoever puts files into quarantine, the client that waits as long as a copy takes."""
        self._client = client
        self._bucket = bucket
        self._copying = copying or (lambda: client)

    def upload_form(self, file: StoredFile, life_s: int) -> UploadForm:
        pinned = {
            "Content-Type": file.media_type,
            "x-amz-checksum-algorithm": "SHA256",
            "x-amz-checksum-sha256": file.sha256,
        }
        size = ["content-length-range", file.size_bytes, file.size_bytes]
        form = self._client.generate_presigned_post(
            Bucket=self._bucket,
            Key=object_key(file.brief_id, file.file_id),
            Fields=dict(pinned),
            Conditions=[{name: value} for name, value in pinned.items()] + [size],
            ExpiresIn=life_s,
        )
        return UploadForm(url=form["url"], fields=form["fields"])

    def start_upload(self, file: StoredFile) -> str:
        begun = self._client.create_multipart_upload(
            **self._at(file), ContentType=file.media_type, ChecksumAlgorithm="SHA256"
        )
        return begun["UploadId"]

    def part_link(self, file: StoredFile, number: int, sha256: str, life_s: int) -> PartLink:
        plan = file.plan
        if plan is None:
            raise ValueError(f"{file.file_id} is not uploaded in parts")
        pinned = {"PartNumber": number, "ChecksumSHA256": sha256, "ContentLength": plan.size_of(number)}
        params = {**self._upload_of(file), **pinned}
        url = self._client.generate_presigned_url("upload_part", Params=params, ExpiresIn=life_s)
        return PartLink(url=url, headers={"x-amz-checksum-sha256": sha256})

    def parts(self, file: StoredFile) -> list[ReceivedPart] | None:
        try:
            answer = self._client.list_parts(**self._upload_of(file), MaxParts=MOST_PARTS)
        except self._client.exceptions.NoSuchUpload:
            return None
        return [
            ReceivedPart(
                number=part["PartNumber"],
                size_bytes=part["Size"],
                sha256=part.get("ChecksumSHA256"),
                etag=part["ETag"],
            )
            for part in answer.get("Parts", [])
        ]

    def complete_upload(self, file: StoredFile, parts: Sequence[ReceivedPart]) -> bool:
        named: list[Any] = [
            {"PartNumber": part.number, "ETag": part.etag, **({"ChecksumSHA256": part.sha256} if part.sha256 else {})}
            for part in parts
        ]
        try:
            self._client.complete_multipart_upload(**self._upload_of(file), MultipartUpload={"Parts": named})
        except self._client.exceptions.NoSuchUpload:
            return False
        return True

    def abort_upload(self, file: StoredFile) -> None:
        with suppress(self._client.exceptions.NoSuchUpload):
            self._client.abort_multipart_upload(**self._upload_of(file))

    def is_stored(self, file: StoredFile) -> bool:
        try:
            self._client.head_object(**self._at(file))
        except ClientError as error:
            if error.response["Error"]["Code"] in _NOTHING_TO_SEE:
                return False
            raise
        return True

    def _at(self, file: StoredFile) -> dict[str, Any]:
        return {"Bucket": self._bucket, "Key": object_key(file.brief_id, file.file_id)}

    def _upload_of(self, file: StoredFile) -> dict[str, Any]:
        if file.upload_id is None:
            raise ValueError(f"{file.file_id} is not uploaded in parts")
        return {**self._at(file), "UploadId": file.upload_id}

    def download_url(self, file: StoredFile, life_s: int) -> str:
        if file.version_id is None:
            raise ValueError(f"{file.file_id} was not received; there is no version to link to")
        params = {
            "Bucket": self._bucket,
            "Key": object_key(file.brief_id, file.file_id),
            "VersionId": file.version_id,
            "ResponseContentDisposition": attachment(file.name),
            "ResponseContentType": file.media_type,
        }
        return self._client.generate_presigned_url("get_object", Params=params, ExpiresIn=life_s)

    def received(self, brief_id: str, file_id: str, version_id: str | None = None) -> ReceivedObject | None:
        which: dict[str, Any] = {"VersionId": version_id} if version_id else {}
        try:
            head = self._client.head_object(
                Bucket=self._bucket, Key=object_key(brief_id, file_id), ChecksumMode="ENABLED", **which
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in _NOTHING_THERE:
                return None
            raise
        return ReceivedObject(
            version_id=head["VersionId"],
            size_bytes=head["ContentLength"],
            sha256=head.get("ChecksumSHA256"),
            received_at=head["LastModified"],
            in_parts="-" in head["ETag"],
        )

    def open(self, brief_id: str, file_id: str, found: ReceivedObject) -> IO[bytes]:
        key = object_key(brief_id, file_id)
        return open_version(self._client, self._bucket, key, found.version_id, found.size_bytes)

    def quarantine(self, file: StoredFile) -> None:
        key = object_key(file.brief_id, file.file_id)
        if file.version_id is None:
            raise ValueError(f"{file.file_id} was not received; there is no version to put away")
        source: CopySourceTypeDef = {"Bucket": self._bucket, "Key": key, "VersionId": file.version_id}
        try:
            self._copying().copy_object(Bucket=self._bucket, Key=quarantine_key(file), CopySource=source)
        except ClientError as error:
            if error.response["Error"]["Code"] in _NOTHING_THERE:
                return
            raise
        self._client.delete_object(Bucket=self._bucket, Key=key, VersionId=file.version_id)

    def list_versions(self, limit: int, after: Position | None = None) -> Page:
        start: dict[str, Any] = {"KeyMarker": after.sort} if after and after.sort else {}
        start |= {"VersionIdMarker": after.item} if after and after.item else {}
        answer = self._client.list_object_versions(Bucket=self._bucket, Prefix=PREFIX, MaxKeys=limit, **start)
        found = []
        for version in answer.get("Versions", []):
            brief_id, file_id = parse_key(version["Key"])
            at = {"version_id": version["VersionId"], "at": version["LastModified"]}
            found.append(StoredVersion.model_validate({"brief_id": brief_id, "file_id": file_id, **at}))
        if not answer.get("IsTruncated"):
            return Page(items=found)
        return Page(items=found, next=Position(sort=answer["NextKeyMarker"], item=answer["NextVersionIdMarker"]))

    def remove(self, version: StoredVersion) -> None:
        self._client.delete_object(**self._place_of(version))

    def hold(self, version: StoredVersion) -> None:
        self._client.put_object_legal_hold(**self._place_of(version), LegalHold={"Status": "ON"})

    def let_go(self, version: StoredVersion, until: datetime) -> None:
        # Retained before it is let go, so that there is no moment in between.
        place = self._place_of(version)
        self._client.put_object_retention(**place, Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until})
        self._client.put_object_legal_hold(**place, LegalHold={"Status": "OFF"})

    def _place_of(self, version: StoredVersion) -> dict[str, Any]:
        key = object_key(version.brief_id, version.file_id)
        return {"Bucket": self._bucket, "Key": key, "VersionId": version.version_id}

    def erase(self, file: StoredFile) -> bool:
        if file.version_id is None:
            return True
        try:
            self._client.delete_object(**self._at(file), VersionId=file.version_id)
        except ClientError as error:
            # What a retention protects is refused like this; whoever keeps it deletes it when that has passed.
            if error.response["Error"]["Code"] == "AccessDenied":
                return False
            raise
        if file.scan is ScanStatus.INFECTED:
            # What is marked as deleted there, the bucket drops a day later.
            self._client.delete_object(Bucket=self._bucket, Key=quarantine_key(file))
        return True

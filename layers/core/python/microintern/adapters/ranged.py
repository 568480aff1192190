"""An object of S3 as a file that can be read anywhere: only what is read is fetched, by ranges."""

import io
from typing import IO, TYPE_CHECKING, Any, cast

from botocore.exceptions import IncompleteReadError, ReadTimeoutError, ResponseStreamingError

from microintern.adapters.aws import MOST_ATTEMPTS

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUFFER_BYTES = 1_048_576
"""Fetched at once at least: a request costs more than the bytes."""


def open_version(client: "S3Client", bucket: str, key: str, version_id: str, size_bytes: int) -> IO[bytes]:
    """One version of an object, of this size; it never changes, so it can be read in as many requests as needed."""
    return cast(IO[bytes], io.BufferedReader(_Ranges(client, bucket, key, version_id, size_bytes), BUFFER_BYTES))


class _Ranges(io.RawIOBase):
    def __init__(self, client: "S3Client", bucket: str, key: str, version_id: str, size_bytes: int) -> None:
        super().__init__()
        self._client = client
        self._bucket, self._key, self._version_id = bucket, key, version_id
        self._size_bytes = size_bytes
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size_bytes}[whence]
        if base + offset < 0:
            # As a file on a disk does: who looks for something before its beginning gets this.
            raise OSError(22, "Invalid argument")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        count = min(len(buffer), self._size_bytes - self._at)
        if count <= 0:
            return 0
        content = self._fetched(self._at, self._at + count - 1)
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)

    def _fetched(self, first: int, last: int) -> bytes:
        """The SDK repeats requests, but not what breaks off while a body is read."""
        at: Any = {"Bucket": self._bucket, "Key": self._key, "VersionId": self._version_id}
        for _ in range(MOST_ATTEMPTS - 1):
            try:
                return self._client.get_object(**at, Range=f"bytes={first}-{last}")["Body"].read()
            except (ReadTimeoutError, IncompleteReadError, ResponseStreamingError):
                continue
        return self._client.get_object(**at, Range=f"bytes={first}-{last}")["Body"].read()

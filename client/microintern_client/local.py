"""Files on this side: what is to be known of them before they are announced, and their parts."""

import base64
import hashlib
import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Self

from microintern_client.errors import InputError
from microintern_client.progress import Progress

CHUNK_BYTES = 1_048_576
PURPOSES = ("deliverable", "material", "return")
_KNOWN_TYPES = {".csv": "text/csv", ".md": "text/markdown", ".yaml": "application/yaml", ".yml": "application/yaml"}
"""What tables of media types on people's machines differ about, or lack."""


def base64_sha256(data: bytes) -> str:
    """As S3 writes it."""
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


@dataclass(frozen=True)
class LocalFile:
    """A file to send: where its bytes are, and what it is for."""

    source: Path | bytes = field(repr=False)
    name: str
    media_type: str
    purpose: str = "deliverable"
    deliverable: str | None = None
    expected_bytes: int | None = None
    expected_sha256: str | None = None
    """What a list says of it, if there is one."""

    @classmethod
    def at(
        cls,
        path: str | Path,
        *,
        deliverable: str | None = None,
        purpose: str = "deliverable",
        media_type: str | None = None,
        name: str | None = None,
        expected_bytes: int | None = None,
        expected_sha256: str | None = None,
    ) -> Self:
        """The file at a path; InputError when it cannot be one that the API would take."""
        path = Path(path)
        if not path.is_file():
            raise InputError(f"There is no file {path}.")
        if path.stat().st_size == 0:
            raise InputError(f"{path} is empty; an empty file cannot be handed over.")
        if purpose not in PURPOSES:
            raise InputError(f"{path}: the purpose is one of {', '.join(PURPOSES)}; not {purpose}.")
        if (deliverable is None) == (purpose == "deliverable"):
            raise InputError(f"{path}: name the deliverable of a file that is for one, and of no other.")
        media_type = media_type or guessed_type(path)
        return cls(path, name or path.name, media_type, purpose, deliverable, expected_bytes, expected_sha256)

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """The bytes, to be read."""
        with BytesIO(self.source) if isinstance(self.source, bytes) else self.source.open("rb") as stream:
            yield stream

    def state(self) -> tuple[int, int]:
        """Size and time of the last change: when either differs, it is not the file that was hashed."""
        if isinstance(self.source, bytes):
            return len(self.source), 0
        found = self.source.stat()
        return found.st_size, found.st_mtime_ns

    def part(self, offset_bytes: int, size_bytes: int) -> bytes:
        """Some of the bytes."""
        with self.opened() as stream:
            stream.seek(offset_bytes)
            return stream.read(size_bytes)


@dataclass(frozen=True)
class Hashed:
    """A file whose bytes have all been read."""

    file: LocalFile
    size_bytes: int
    sha256: str
    state: tuple[int, int]

    def check_unchanged(self) -> None:
        """Raise when the file is not what it was."""
        if self.file.state() != self.state:
            raise InputError(f"{self.file.name} was changed while it was being sent; run the same again.")


def hashed(file: LocalFile, progress: Progress) -> Hashed:
    """Read a file once, for its size and SHA-256, and hold it against what its list says."""
    state, digest, size = file.state(), hashlib.sha256(), 0
    progress.begin(f"reading {file.name}", state[0])
    try:
        with file.opened() as stream:
            while chunk := stream.read(CHUNK_BYTES):
                digest.update(chunk)
                size += len(chunk)
                progress.advance(len(chunk))
    finally:
        progress.end()
    found = Hashed(file, size, base64.b64encode(digest.digest()).decode(), state)
    found.check_unchanged()
    if file.expected_bytes not in (None, found.size_bytes):
        raise InputError(f"{file.name} has {found.size_bytes} bytes; its list says {file.expected_bytes}.")
    if file.expected_sha256 not in (None, found.sha256):
        raise InputError(f"{file.name} has the SHA-256 {found.sha256}; its list says {file.expected_sha256}.")
    return found


def guessed_type(path: Path) -> str:
    """The media type by the name's ending; InputError when that says nothing."""
    guessed = _KNOWN_TYPES.get(path.suffix.lower()) or mimetypes.guess_type(path.name)[0]
    if guessed is None:
        raise InputError(f"{path}: the ending does not tell its media type; say it, such as --media-type text/csv.")
    return guessed

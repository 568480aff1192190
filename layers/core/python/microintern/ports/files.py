"""Files, what they really are, and how they look."""

from collections.abc import Sequence
from datetime import datetime
from typing import IO, Protocol

from microintern.domain.base import Frozen, Instant
from microintern.domain.documents import StoredFile
from microintern.domain.previews import Part, Preview
from microintern.ports.paging import Page, Position


class UploadForm(Frozen):
    """A presigned POST: send the fields, then the file as the field `file`."""

    url: str
    fields: dict[str, str]


class PartLink(Frozen):
    """A presigned PUT that takes exactly one part, if these headers are sent with it."""

    url: str
    headers: dict[str, str]


class ReceivedPart(Frozen):
    """A part of a file that S3 has."""

    number: int
    size_bytes: int
    sha256: str | None
    etag: str


class ReceivedObject(Frozen):
    """What S3 holds at a key and version."""

    version_id: str
    size_bytes: int
    sha256: str | None
    received_at: Instant
    in_parts: bool = False
    """Whether it was put together from parts: then S3 dates it from when the upload began."""


class StoredVersion(Frozen):
    """One version of a file, as S3 has it."""

    brief_id: str
    file_id: str
    version_id: str
    at: Instant


class FileStore(Protocol):
    """Where files lie. They never pass through a function."""

    def upload_form(self, file: StoredFile, life_s: int) -> UploadForm:
        """A form that takes exactly this file: key, media type, size and SHA-256 are pinned."""

    def start_upload(self, file: StoredFile) -> str:
        """Begin an upload in parts at the file's key; its id."""

    def part_link(self, file: StoredFile, number: int, sha256: str, life_s: int) -> PartLink:
        """A link that takes exactly this part: number, size and SHA-256 are pinned."""

    def parts(self, file: StoredFile) -> list[ReceivedPart] | None:
        """The parts that have arrived, by their numbers; None when there is no such upload (any more)."""

    def complete_upload(self, file: StoredFile, parts: Sequence[ReceivedPart]) -> bool:
        """Make the file of its parts; False when there is no such upload (any more)."""

    def abort_upload(self, file: StoredFile) -> None:
        """Drop an upload with its parts; one that is gone is fine."""

    def is_stored(self, file: StoredFile) -> bool:
        """Whether a whole object lies at the file's key."""

    def download_url(self, file: StoredFile, life_s: int) -> str:
        """A link to the received version, served as an attachment under its name."""

    def received(self, brief_id: str, file_id: str, version_id: str | None = None) -> ReceivedObject | None:
        """What lies at the file's key in this version, or the newest; None when there is nothing."""

    def open(self, brief_id: str, file_id: str, found: ReceivedObject) -> IO[bytes]:
        """The content of what was received, which can be read anywhere."""

    def quarantine(self, file: StoredFile) -> None:
        """Move the received version to where nobody can have it; one that is there already is fine."""

    def list_versions(self, limit: int, after: Position | None = None) -> Page:
        """Every version of every file, as StoredVersion, by key; after a position, or from its key on without item."""

    def remove(self, version: StoredVersion) -> None:
        """Delete one version for good; one that is gone is fine."""

    def hold(self, version: StoredVersion) -> None:
        """Nobody can delete it until it is let go."""

    def let_go(self, version: StoredVersion, until: datetime) -> None:
        """Nobody but who may bypass it can delete it until then; everybody who may delete can after that."""

    def erase(self, file: StoredFile) -> bool:
        """Take away what was received of it, out of quarantine too; False when the store must keep it for now.

        One that is gone is fine.
        """


class FileChecks(Protocol):
    """What receives and scans files, to be asked once more; it answers in its own time, or not at all."""

    def look_for(self, file: StoredFile) -> None:
        """Have it recorded that the file came, if it did, and that it did not come otherwise."""

    def scan(self, file: StoredFile) -> None:
        """Have the received version scanned."""


class Previews(Protocol):
    """What is shown of files without handing them out."""

    def find(self, file: StoredFile) -> Preview | None:
        """The preview of the version that was received; None while there is none."""

    def url(self, file: StoredFile, part: Part, life_s: int) -> str:
        """A link that shows a part of the preview as what it is."""

    def erase(self, file: StoredFile) -> None:
        """Take the preview away; one that is gone is fine."""

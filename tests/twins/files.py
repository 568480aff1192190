"""The twins of what is in the bucket: files and their previews."""

import base64
import hashlib
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from uuid import uuid4

from microintern.adapters.files import object_key, parse_key, quarantine_key
from microintern.adapters.papers import PREFIX as AGREEMENTS
from microintern.adapters.papers import paper_key
from microintern.adapters.previews import folder_of
from microintern.domain.documents import StoredFile
from microintern.domain.previews import Part, Preview
from microintern.ports.agreements import Edition
from microintern.ports.clock import Clock
from microintern.ports.files import PartLink, ReceivedObject, ReceivedPart, StoredVersion, UploadForm
from microintern.ports.paging import Page, Position
from tests.twins.storing import kept, paged


class MemoryFiles:
    """The FileStore port; without a clock, what is completed here is received now."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock
        self._objects: dict[tuple[str, str], ReceivedObject] = {}
        self._uploads: dict[str, dict[int, ReceivedPart]] = {}
        self._contents: dict[tuple[str, str], bytes] = {}
        self.quarantined: dict[str, ReceivedObject] = {}
        self.locked: dict[str, datetime | None] = {}
        """Until when versions are retained, or None for those that are held."""

    def upload_form(self, file: StoredFile, life_s: int) -> UploadForm:
        key = object_key(file.brief_id, file.file_id)
        fields = {"key": key, "Content-Type": file.media_type, "x-amz-checksum-sha256": file.sha256}
        return UploadForm(url="memory://files", fields=fields)

    def upload(self, file: StoredFile, received_at: datetime, content: bytes) -> str:
        """What a browser does with the form; the new object's version."""
        sha256 = base64.b64encode(hashlib.sha256(content).digest()).decode()
        found = ReceivedObject(version_id=uuid4().hex, size_bytes=len(content), sha256=sha256, received_at=received_at)
        at = object_key(file.brief_id, file.file_id), found.version_id
        self._objects[at], self._contents[at] = found, content
        return found.version_id

    def start_upload(self, file: StoredFile) -> str:
        upload_id = uuid4().hex
        self._uploads[upload_id] = {}
        return upload_id

    def part_link(self, file: StoredFile, number: int, sha256: str, life_s: int) -> PartLink:
        key = object_key(file.brief_id, file.file_id)
        url = f"memory://files/{key}?uploadId={file.upload_id}&partNumber={number}"
        return PartLink(url=url, headers={"x-amz-checksum-sha256": sha256})

    def send_part(self, file: StoredFile, number: int, sha256: str) -> None:
        """What a client does with a link to a part."""
        if file.plan and file.upload_id in self._uploads:
            part = ReceivedPart(number=number, size_bytes=file.plan.size_of(number), sha256=sha256, etag=sha256)
            self._uploads[file.upload_id][number] = part

    def parts(self, file: StoredFile) -> list[ReceivedPart] | None:
        there = self._uploads.get(file.upload_id or "")
        return None if there is None else [there[number] for number in sorted(there)]

    def complete_upload(self, file: StoredFile, parts: Sequence[ReceivedPart]) -> bool:
        if self._uploads.pop(file.upload_id or "", None) is None:
            return False
        now = self._clock.now() if self._clock else datetime.now(UTC)
        at = object_key(file.brief_id, file.file_id), self.upload(file, now, b"a" * file.size_bytes)
        self._objects[at] = self._objects[at].model_copy(update={"in_parts": True})
        return True

    def abort_upload(self, file: StoredFile) -> None:
        self._uploads.pop(file.upload_id or "", None)

    def is_stored(self, file: StoredFile) -> bool:
        return any(key == object_key(file.brief_id, file.file_id) for key, _ in self._objects)

    def version_at(self, file: StoredFile) -> str:
        """The newest version at the file's key, which S3's event names."""
        key = object_key(file.brief_id, file.file_id)
        return [version for at, version in self._objects if at == key][-1]

    def open(self, brief_id: str, file_id: str, found: ReceivedObject) -> IO[bytes]:
        return io.BytesIO(self._contents[object_key(brief_id, file_id), found.version_id])

    def download_url(self, file: StoredFile, life_s: int) -> str:
        if file.version_id is None:
            raise ValueError(f"{file.file_id} was not received; there is no version to link to")
        return f"memory://files/{object_key(file.brief_id, file.file_id)}?versionId={file.version_id}"

    def received(self, brief_id: str, file_id: str, version_id: str | None = None) -> ReceivedObject | None:
        key = object_key(brief_id, file_id)
        newest = next((found for (at, _), found in reversed(self._objects.items()) if at == key), None)
        return self._objects.get((key, version_id)) if version_id else newest

    def quarantine(self, file: StoredFile) -> None:
        if file.version_id is None:
            raise ValueError(f"{file.file_id} was not received; there is no version to put away")
        at = (object_key(file.brief_id, file.file_id), file.version_id)
        if at in self._objects:
            self.quarantined[quarantine_key(file)] = self._objects.pop(at)

    def list_versions(self, limit: int, after: Position | None = None) -> Page:
        rows = [
            (Position(sort=key, item=version_id), _version_of(key, version_id, found.received_at))
            for (key, version_id), found in self._objects.items()
        ]
        return paged(rows, limit, after)

    def remove(self, version: StoredVersion) -> None:
        at = (object_key(version.brief_id, version.file_id), version.version_id)
        if version.version_id in self.locked:
            raise PermissionError(version.version_id)
        self._objects.pop(at, None)

    def hold(self, version: StoredVersion) -> None:
        self.locked[version.version_id] = None

    def let_go(self, version: StoredVersion, until: datetime) -> None:
        self.locked[version.version_id] = until

    def erase(self, file: StoredFile) -> bool:
        if file.version_id in self.locked:
            return False
        self._objects.pop((object_key(file.brief_id, file.file_id), file.version_id or ""), None)
        self.quarantined.pop(quarantine_key(file), None)
        return True


class MemoryPreviews:
    """The Previews port."""

    def __init__(self) -> None:
        self._kept: dict[str, Preview] = {}

    def keep(self, brief_id: str, file_id: str, version_id: str, preview: Preview, folder: Path) -> None:
        """What the function does that draws."""
        self._kept[folder_of(brief_id, file_id, version_id)] = kept(preview)

    def find(self, file: StoredFile) -> Preview | None:
        return self._kept.get(folder_of(file.brief_id, file.file_id, file.version_id or ""))

    def url(self, file: StoredFile, part: Part, life_s: int) -> str:
        return f"memory://files/{folder_of(file.brief_id, file.file_id, file.version_id or '')}/{part.name}"

    def erase(self, file: StoredFile) -> None:
        self._kept.pop(folder_of(file.brief_id, file.file_id, file.version_id or ""), None)


def _version_of(key: str, version_id: str, at: datetime) -> StoredVersion:
    brief_id, file_id = parse_key(key)
    return StoredVersion(brief_id=brief_id, file_id=file_id, version_id=version_id, at=at)


class MemoryPapers:
    """The Papers port."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.kept: dict[str, tuple[Edition, bytes]] = {}
        """By the key that each has in S3."""

    def keep(self, brief_id: str, application_id: str, edition: int, pdf: bytes) -> bool:
        key = paper_key(brief_id, application_id, edition)
        if key in self.kept:
            return False
        about = {"sha256": hashlib.sha256(pdf).hexdigest(), "size_bytes": len(pdf), "kept_at": self._clock.now()}
        self.kept[key] = (Edition.model_validate({"edition": edition, **about}), pdf)
        return True

    def editions(self, brief_id: str, application_id: str) -> list[Edition]:
        of_award = f"{AGREEMENTS}{brief_id}/{application_id}/"
        return [paper for key, (paper, _) in sorted(self.kept.items()) if key.startswith(of_award)]

    def url(self, brief_id: str, application_id: str, edition: int, life_s: int) -> str:
        return f"memory://files/{paper_key(brief_id, application_id, edition)}"

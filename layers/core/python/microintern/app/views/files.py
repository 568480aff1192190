"""Files as callers see them: how to send them, and how to have them."""

from typing import Literal, Self

from pydantic import Field

from microintern.domain.base import Frozen, Id, Instant
from microintern.domain.documents import (
    FileStatus,
    Purpose,
    Refusal,
    ScanStatus,
    Sha256,
    StoredFile,
)
from microintern.domain.posting import MediaType, Name
from microintern.domain.states import Role
from microintern.domain.text import Line
from microintern.ports.files import ReceivedPart, UploadForm


class FileView(Frozen):
    """A file of a brief."""

    file_id: Id
    role: Role
    purpose: Purpose
    deliverable: Name | None
    submission_number: int | None = Field(description="Of a return: which submission it goes back with.")
    name: Line
    media_type: MediaType
    size_bytes: int
    sha256: Sha256
    status: FileStatus
    received_at: Instant | None
    refusal: Refusal | None = Field(description="Why it was not accepted, when its status is `refused`.")
    scan: ScanStatus | None = Field(
        description="What the malware scanner says; only a `clean` file can be had or used."
    )
    scanned_at: Instant | None

    @classmethod
    def of(cls, file: StoredFile) -> Self:
        return cls.model_validate(file.model_dump(include=set(cls.model_fields)))


class FilePage(Frozen):
    """Some files, and the cursor that leads on."""

    items: list[FileView]
    next_cursor: str | None = None


class Form(Frozen):
    """POST the fields to the URL, then the file as the field `file`, as multipart/form-data."""

    url: str
    fields: dict[str, str]
    expires_in_s: int


class Multipart(Frozen):
    """So many parts, numbered from 1, all of this size but the last. Ask for links, send them, then complete."""

    parts: int
    part_bytes: int


class Upload(Frozen):
    """An announced file, and the way to send it: by a form, or in parts when it is large. Once it has come, neither."""

    file: FileView
    form: Form | None = None
    multipart: Multipart | None = None

    @classmethod
    def of(cls, file: StoredFile, form: UploadForm | None, life_s: int) -> Self:
        view = FileView.of(file)
        if form:
            return cls(file=view, form=Form(url=form.url, fields=form.fields, expires_in_s=life_s))
        plan = file.plan if file.status is FileStatus.EXPECTED else None
        return cls(file=view, multipart=Multipart(parts=plan.count, part_bytes=plan.part_bytes) if plan else None)


class PartLinkView(Frozen):
    """PUT exactly these bytes of the file to the URL, with these headers and this Content-Length."""

    number: int
    offset_bytes: int
    size_bytes: int
    url: str
    headers: dict[str, str]


class PartLinks(Frozen):
    """Links that are good for a few minutes; ask again for those that you did not come to use."""

    parts: list[PartLinkView]
    expires_in_s: int


class PartView(Frozen):
    """A part that has arrived; `sha256` is of its bytes as S3 checked them."""

    number: int
    size_bytes: int
    sha256: Sha256 | None

    @classmethod
    def of(cls, part: ReceivedPart) -> Self:
        return cls(number=part.number, size_bytes=part.size_bytes, sha256=part.sha256)


class PartsView(Frozen):
    """How far an upload in parts has come; once it is completed, nothing is missing."""

    multipart: Multipart
    received: list[PartView]
    missing: list[int]
    completed: bool


class Download(Frozen):
    """A link that serves a file for a few minutes."""

    url: str
    expires_in_s: int


class PreviewPart(Frozen):
    """A picture or a text that was made of the file; the link is good for a few minutes."""

    media_type: Literal["image/webp", "text/plain; charset=utf-8"]
    width_px: int | None
    height_px: int | None
    url: str


class PreviewView(Frozen):
    """What is shown of a file: `ready` with parts, `none` with a reason, or still `pending`."""

    status: Literal["ready", "none", "pending"]
    parts: list[PreviewPart] = []
    pages: int | None = Field(default=None, description="Of a document; the first few are shown.")
    cut: bool = Field(default=False, description="Whether there is more in the file than is shown.")
    reason: str | None = Field(default=None, description="Why there is none.")
    expires_in_s: int

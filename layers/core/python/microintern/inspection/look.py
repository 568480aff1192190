"""Size, hash and type of a received file, and what is packed in it, against what was announced."""

import base64
import codecs
import hashlib
import re
import zipfile
from collections.abc import Callable
from typing import IO

import puremagic

from microintern.domain.documents import Refusal, StoredFile
from microintern.domain.media_types import OFFICE_PARTS, SIGNATURES, Kind, kind_of
from microintern.inspection.archives import Budget, look_into, look_into_zip
from microintern.inspection.found import Found
from microintern.ports.files import ReceivedObject

CHUNK_BYTES = 8 * 1_048_576
_HEAD_BYTES = 8_192

_MARKUP = re.compile(rb"(?:\s|<!--.*?-->|<\?xml.*?\?>)*<(?:!doctype\s+html|html|svg|script|body|iframe)\b", re.I | re.S)
"""What a browser would take for a page or a picture that can run something."""
_NO_MARKUP = frozenset({"text/plain", "text/csv", "text/tab-separated-values"})


def inspect(file: StoredFile, found: ReceivedObject, opened: Callable[[], IO[bytes]]) -> Refusal | None:
    """Why the content is not to be accepted; None when it is what was announced.

    `opened` gives the content as a file; it is read only as far as needed, and never unpacked to a disk.
    """
    try:
        _check_size(file, found)
        with opened() as content:
            _check_hash(file, found, content)
            content.seek(0)
            _check_type(file.media_type, found.size_bytes, content)
    except Found as it:
        return it.refusal
    return None


def _check_size(file: StoredFile, found: ReceivedObject) -> None:
    if found.size_bytes == 0:
        raise Found("empty", "The file is empty.")
    if found.size_bytes != file.size_bytes:
        reason = f"It has {found.size_bytes} bytes; {file.size_bytes} were announced. Upload it again."
        raise Found("size_differs", reason)


def _check_hash(file: StoredFile, found: ReceivedObject, content: IO[bytes]) -> None:
    sha256 = found.sha256
    # Of what came in parts S3 knows only a hash of the parts' hashes.
    if sha256 is None or found.in_parts:
        digest = hashlib.sha256()
        while chunk := content.read(CHUNK_BYTES):
            digest.update(chunk)
        sha256 = base64.b64encode(digest.digest()).decode()
    if sha256 != file.sha256:
        reason = "Its SHA-256 is not the one announced: it was changed, or damaged on its way. Upload it again."
        raise Found("hash_differs", reason)


def _check_type(media_type: str, size_bytes: int, content: IO[bytes]) -> None:
    budget = Budget(size_bytes)
    match kind_of(media_type):
        case Kind.TEXT:
            _check_text(media_type, content)
        case Kind.SIGNATURE:
            _check_signature(media_type, content)
        case Kind.ZIP:
            look_into_zip(content, size_bytes, budget)
        case Kind.OFFICE:
            _check_office(media_type, look_into_zip(content, size_bytes, budget))
        case Kind.OPEN_DOCUMENT:
            look_into_zip(content, size_bytes, budget)
            _check_open_document(media_type, content)
        case Kind.TAR | Kind.GZIP as kind:
            look_into(kind.value, content, size_bytes, budget)
        case None:
            raise Found("type_differs", f"The content of {media_type} cannot be checked; it is not accepted.")


def _check_signature(media_type: str, content: IO[bytes]) -> None:
    head = content.read(_HEAD_BYTES)
    try:
        candidates = {match.extension for match in puremagic.magic_string(head)}
    except puremagic.PureError:
        candidates = set()
    if not candidates & SIGNATURES[media_type]:
        raise _differs(media_type)


def _check_text(media_type: str, content: IO[bytes]) -> None:
    head = content.read(_HEAD_BYTES)
    content.seek(0)
    wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    decoder = codecs.getincrementaldecoder("utf-16" if wide else "utf-8")()
    try:
        while chunk := content.read(CHUNK_BYTES):
            if "\0" in decoder.decode(chunk):
                raise _differs(media_type)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        reason = f"It is not {media_type}: it is no text in UTF-8 or UTF-16. Save it as UTF-8 and upload it again."
        raise Found("type_differs", reason) from error
    narrow = head.decode("utf-16", errors="ignore").encode() if wide else head.removeprefix(codecs.BOM_UTF8)
    if media_type in _NO_MARKUP and _MARKUP.match(narrow):
        raise _differs(media_type)
    if media_type == "image/svg+xml" and b"<svg" not in narrow.lower():
        raise _differs(media_type)


def _check_office(media_type: str, names: list[str]) -> None:
    if "[Content_Types].xml" not in names or not any(name.startswith(OFFICE_PARTS[media_type]) for name in names):
        raise _differs(media_type)
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Found("type_differs", "It holds macros, which a document of this type has not. Save it without them.")


def _check_open_document(media_type: str, content: IO[bytes]) -> None:
    content.seek(0)
    with zipfile.ZipFile(content) as archive:
        first = archive.infolist()[0]
        said = archive.read(first) if first.filename == "mimetype" and first.file_size < 200 else b""
    if said.strip() != media_type.encode():
        raise _differs(media_type)


def _differs(media_type: str) -> Found:
    reason = f"Its content is not {media_type}, whatever its name says. Announce it as what it is, or save it anew."
    return Found("type_differs", reason)

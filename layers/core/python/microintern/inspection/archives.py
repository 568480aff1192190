"""Looks into zip, tar and gzip without unpacking them anywhere: for bombs, and for names that lead elsewhere.

A bomb is small and unpacks to very much. So every byte that comes out of an archive, or of an archive in it, is taken
out of one budget, which depends on how large the file itself is.
"""

import copy
import gzip
import io
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from pathlib import PureWindowsPath
from typing import IO, cast

from microintern.inspection.found import Found

MEBIBYTE = 1_048_576
MOST_ENTRIES = 10_000
MOST_RATIO = 200
"""To how many times its size a file may unpack altogether; the first MEBIBYTE is free."""
MOST_UNPACKED_BYTES = 20 * 1_024 * MEBIBYTE
MOST_NESTED_BYTES = 64 * MEBIBYTE
"""An archive in an archive is held in memory."""
MOST_DIRECTORY_BYTES = 16 * MEBIBYTE
MOST_HEADER_BYTES = MEBIBYTE
DEEPEST = 3
"""So many archives may lie in each other."""

_CHUNK_BYTES = 65_536
_BLOCK_BYTES = 512
_ENCRYPTED = 0x1
_READABLE = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENDED = struct.Struct("<4s4H2LH")
_ENDED_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_EXTENDED = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE)
_LONG_NAMES = (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
_PLAIN = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE, tarfile.DIRTYPE)


class Budget:
    """What may still come out of a file: bytes, and entries."""

    def __init__(self, size_bytes: int) -> None:
        self.left_bytes = min(max(MEBIBYTE, MOST_RATIO * size_bytes), MOST_UNPACKED_BYTES)
        self.left_entries = MOST_ENTRIES

    def take(self, count_bytes: int) -> None:
        """Something was unpacked."""
        self.left_bytes -= count_bytes
        if self.left_bytes < 0:
            raise bomb("it unpacks to far more than it holds")

    def enter(self, name: str) -> None:
        """There is an entry of this name."""
        self.left_entries -= 1
        if self.left_entries < 0:
            raise bomb(f"it has more than {MOST_ENTRIES} entries")
        path = PureWindowsPath(name)
        if "\0" in name or path.is_absolute() or path.drive or path.root or ".." in path.parts:
            raise Found("archive_path", "The archive has an entry that would be unpacked outside of its folder.")


def bomb(why: str) -> Found:
    """The refusal of an archive that would fill a disk."""
    return Found("archive_bomb", f"The archive is not accepted: {why}. Send the files themselves, or fewer of them.")


def look_into(kind: str, content: IO[bytes], size_bytes: int, budget: Budget, depth: int = 1) -> None:
    """Look into an archive of this kind: `zip`, `tar` or `gzip`."""
    if depth > DEEPEST:
        raise bomb(f"more than {DEEPEST} archives lie in each other")
    match kind:
        case "zip":
            look_into_zip(content, size_bytes, budget, depth)
        case "tar":
            _look_into_tar(content, budget, depth)
        case "gzip":
            _look_into_gzip(content, budget, depth)


def kind_by_content(head: bytes) -> str | None:
    """Which archive begins so, if it is one that can be looked into."""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    return "tar" if head[257:262] == b"ustar" else None


def look_into_zip(content: IO[bytes], size_bytes: int, budget: Budget, depth: int = 1) -> list[str]:
    """Look into a zip; the names in it. Its directory is read first, and nothing else if that is enough to refuse."""
    try:
        _check_directory(content, size_bytes)
        with zipfile.ZipFile(content) as archive:
            members = archive.infolist()
            for member in members:
                _check_member(member, budget)
            _check_apart(members, archive.start_dir)
            for member in members:
                _unpack_member(archive, member, budget, depth)
            return [member.filename for member in members]
    except (zipfile.BadZipFile, NotImplementedError, zlib.error, EOFError, struct.error, ValueError, OSError) as error:
        raise _broken() from error


def _check_directory(content: IO[bytes], size_bytes: int) -> None:
    """How large the directory says that it is, before it is read."""
    tail_bytes = min(size_bytes, _ENDED.size + 65_535 + _LOCATOR.size)
    content.seek(size_bytes - tail_bytes)
    tail = content.read(tail_bytes)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0:
        raise _broken()
    _, _, _, _, entries, directory_bytes, _, _ = _ENDED.unpack_from(tail, at)
    if tail[max(0, at - _LOCATOR.size) :].startswith(b"PK\x06\x07"):
        _, _, where, _ = _LOCATOR.unpack_from(tail, at - _LOCATOR.size)
        content.seek(where)
        *_, entries, directory_bytes, _ = _ENDED_64.unpack(content.read(_ENDED_64.size))
    if entries > MOST_ENTRIES or directory_bytes > MOST_DIRECTORY_BYTES:
        raise bomb(f"it has more than {MOST_ENTRIES} entries")
    content.seek(0)


def _check_member(member: zipfile.ZipInfo, budget: Budget) -> None:
    budget.enter(member.orig_filename)
    if stat.S_ISLNK(member.external_attr >> 16):
        raise _link()
    if member.flag_bits & _ENCRYPTED:
        raise Found("archive_encrypted", "The archive has a password, so it cannot be checked. Send it without one.")
    if member.compress_type not in _READABLE:
        raise Found("archive_method", "The archive is packed in an unusual way. Pack it anew as a plain zip.")
    if member.file_size > budget.left_bytes:
        raise bomb("it unpacks to far more than it holds")


def _check_apart(members: list[zipfile.ZipInfo], directory_at: int) -> None:
    """Entries that share their bytes unpack to more than any of them holds."""
    ends_at = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        if member.header_offset < ends_at:
            raise bomb("its entries overlap")
        ends_at = member.header_offset + zipfile.sizeFileHeader + member.compress_size  # type: ignore[attr-defined]
    if ends_at > directory_at:
        raise bomb("its entries overlap")


def _unpack_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: Budget, depth: int) -> None:
    # The module would stop at the size that the directory says; this way what really comes out is seen.
    real = copy.copy(member)
    real.file_size = MOST_UNPACKED_BYTES
    with archive.open(real) as packed:
        count_bytes = _unpack(packed, budget, depth)
    if count_bytes != member.file_size:
        raise bomb("its entries are larger than it says")


def _unpack(packed: IO[bytes], budget: Budget, depth: int, most_bytes: int | None = None) -> int:
    """Read what comes out, and look into it if that is an archive; how many bytes came."""
    head = packed.read(_BLOCK_BYTES if most_bytes is None else min(_BLOCK_BYTES, most_bytes))
    budget.take(len(head))
    kind, inside, count_bytes = kind_by_content(head), io.BytesIO(head), len(head)
    inside.seek(len(head))
    while most_bytes is None or count_bytes < most_bytes:
        chunk = packed.read(_CHUNK_BYTES if most_bytes is None else min(_CHUNK_BYTES, most_bytes - count_bytes))
        if not chunk:
            break
        budget.take(len(chunk))
        count_bytes += len(chunk)
        if kind and inside.write(chunk) and inside.tell() > MOST_NESTED_BYTES:
            raise bomb("an archive in it is too large to be looked into")
    if kind:
        inside.seek(0)
        look_into(kind, inside, count_bytes, budget, depth + 1)
    return count_bytes


def _look_into_gzip(content: IO[bytes], budget: Budget, depth: int) -> None:
    try:
        with gzip.GzipFile(fileobj=content) as packed:
            stream = cast(IO[bytes], packed)
            if kind_by_content(packed.peek(_BLOCK_BYTES)) == "tar":
                _look_into_tar(stream, budget, depth)
            _unpack(stream, budget, depth)
    except (OSError, EOFError, zlib.error) as error:
        raise _broken() from error


def _look_into_tar(content: IO[bytes], budget: Budget, depth: int) -> None:
    """Header by header: the module would read one that says it is a gigabyte long."""
    seen, said = False, dict[str, str]()
    while any(block := content.read(_BLOCK_BYTES)):
        try:
            entry = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except tarfile.HeaderError as error:
            raise _broken() from error
        seen = True
        budget.take(_BLOCK_BYTES)
        budget.enter(said.get("path", entry.name))
        if entry.type in (*_EXTENDED, *_LONG_NAMES):
            said |= _extension(content, entry, budget)
            continue
        if entry.type not in _PLAIN:
            raise _link()
        size_bytes = int(said.get("size", entry.size))
        if _unpack(content, budget, depth, size_bytes) < size_bytes:
            raise _broken()
        content.read(-size_bytes % _BLOCK_BYTES)
        said = {}
    if not seen:
        raise _broken()


def _extension(content: IO[bytes], entry: tarfile.TarInfo, budget: Budget) -> dict[str, str]:
    """What a header says of the entry after it: the records of pax, or GNU's long name."""
    if entry.size > MOST_HEADER_BYTES:
        raise bomb("a header in it is larger than files are")
    budget.take(entry.size)
    body = content.read(entry.size)
    content.read(-entry.size % _BLOCK_BYTES)
    if entry.type == tarfile.GNUTYPE_LONGNAME:
        return {"path": body.rstrip(b"\0").decode("utf-8", "surrogateescape")}
    records = re.findall(rb"\d+ (path|size)=([^\n]*)\n", body) if entry.type in _EXTENDED else []
    found = {name.decode(): value.decode("utf-8", "surrogateescape") for name, value in records}
    if not found.get("size", "0").isdecimal():
        raise _broken()
    return found


def _link() -> Found:
    return Found("archive_link", "The archive has a link or a device in it. Send files and folders only.")


def _broken() -> Found:
    return Found("archive_broken", "The archive cannot be read: it is damaged, or it is none. Pack it anew.")

"""Contents of files, harmless and not."""

import base64
import gzip
import hashlib
import io
import struct
import tarfile
import zipfile
from typing import Any


def zipped(*members: tuple[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these names and contents."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return packed.getvalue()


def locked(archive: bytes) -> bytes:
    """The zip, marked as encrypted in each place that says so."""
    changed = bytearray(archive)
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = changed.find(signature)
        while place >= 0:
            (flags,) = struct.unpack_from("<H", changed, place + at)
            struct.pack_into("<H", changed, place + at, flags | 1)
            place = changed.find(signature, place + 4)
    return bytes(changed)


LOCKED_ZIP = locked(zipped(("table.csv", b"a,b\n1,2\n")))


def nested(depth: int, content: bytes) -> bytes:
    """An archive in an archive, so many times."""
    for number in range(depth):
        content = zipped((f"level{number}.zip", content))
    return content


def program() -> bytes:
    """The beginning of a Windows program."""
    return b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + bytes(100)


def gzipped(content: bytes) -> bytes:
    """The content, packed by gzip."""
    return gzip.compress(content, mtime=0)


TABLE = b"place_code,place,rate\nUS-NY,New York,17.00\n"
PICTURE = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">2I5B", 1, 1, 8, 2, 0, 0, 0)
PAPER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"

OF_TYPE = {"text/csv": TABLE, "image/png": PICTURE, "application/pdf": PAPER}
"""Something of each media type that the example brief accepts."""


def facts_of(content: bytes) -> dict[str, Any]:
    """What has to be announced of it."""
    return {"size_bytes": len(content), "sha256": base64.b64encode(hashlib.sha256(content).digest()).decode()}


def tarred(*members: tuple[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar of these names and contents."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=form) as archive:
        for name, content in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()

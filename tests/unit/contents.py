"""Contents of files, harmless and not."""

import gzip
import io
import struct
import zipfile

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""What every scanner takes for malware though it does nothing; in two parts, so that none takes this file for it."""


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

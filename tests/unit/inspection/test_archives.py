"""Bombs do not go off, and nothing in an archive leads out of it."""

import io
import struct
import tarfile
import time
import tracemalloc
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microintern.domain.documents import Refusal
from microintern.inspection import archives
from microintern.inspection.archives import Budget, look_into
from microintern.inspection.found import Found
from tests.unit.contents import LOCKED_ZIP, TABLE, gzipped, nested, tarred, zipped

pytestmark = pytest.mark.slow

MEBIBYTE = 1_048_576


def refusal_of(kind: str, content: bytes) -> Refusal | None:
    try:
        look_into(kind, io.BytesIO(content), len(content), Budget(len(content)))
    except Found as found:
        return found.refusal
    return None


def found_in(kind: str, content: bytes) -> str | None:
    refusal = refusal_of(kind, content)
    return refusal.code if refusal else None


def entry(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> bytes:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info.tobuf(tarfile.PAX_FORMAT) + bytes(1_024)


def linked_zip() -> bytes:
    info = zipfile.ZipInfo("innocent.txt")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    return packed.getvalue()


def quoted(count: int, zeros: int) -> bytes:
    """Entries that each hold all those after them: their headers lie within the data of the ones before."""
    kernel = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = kernel.compress(bytes(zeros)) + kernel.flush()
    places: list[tuple[bytes, int, int]] = []
    unpacked_bytes = zeros
    for number in reversed(range(count)):
        name = f"{number:04d}".encode()
        if number < count - 1:
            # What comes next is a header, as a block of deflate that is stored as it is.
            header_bytes = 30 + len(name)
            body = struct.pack("<BHH", 0, header_bytes, header_bytes ^ 0xFFFF) + body
            unpacked_bytes += header_bytes
        places.append((name, len(body), unpacked_bytes))
        fixed = (b"PK\x03\x04", 20, 0, 8, 0, 0, 0, len(body), unpacked_bytes, len(name), 0)
        body = struct.pack("<4s5H3L2H", *fixed) + name + body
    directory = b""
    for name, packed_bytes, unpacked_bytes in places:
        at = body.find(name) - 30
        fixed_ = (b"PK\x01\x02", 20, 20, 0, 8, 0, 0, 0, packed_bytes, unpacked_bytes, len(name), 0, 0, 0, 0, 0, at)
        directory += struct.pack("<4s6H3L5H2L", *fixed_) + name
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(directory), len(body), 0)
    return body + directory + end


def understated() -> bytes:
    """A zip whose directory says that little comes out."""
    content = bytearray(zipped(("zeros.bin", bytes(900_000))))
    at = content.rfind(b"PK\x01\x02")
    struct.pack_into("<L", content, at + 24, 10)
    struct.pack_into("<L", content, at + 16, zlib.crc32(bytes(900_000)))
    return bytes(content)


def huge_directory() -> bytes:
    return b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, 60_000, 60_000, 3_000_000, 0, 0)


def huge_directory_64() -> bytes:
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 10**7, 10**7, 10**9, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 0, 1)
    return record + locator + b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)


def huge_header() -> bytes:
    info = tarfile.TarInfo("pax")
    info.type, info.size = tarfile.XHDTYPE, 2 * 1_024 * MEBIBYTE
    return info.tobuf(tarfile.GNU_FORMAT) + bytes(1_024)


BOMBS: dict[str, tuple[str, bytes]] = {
    "ten megabytes of zeros, zipped": ("zip", zipped(("zeros.bin", bytes(10 * MEBIBYTE)))),
    "ten megabytes of zeros, gzipped": ("gzip", gzipped(bytes(10 * MEBIBYTE))),
    "ten megabytes of zeros, in a gzipped tar": ("gzip", gzipped(tarred(("zeros.bin", bytes(10 * MEBIBYTE))))),
    "zeros after the end of a gzipped tar": ("gzip", gzipped(tarred(("a", b"a")) + bytes(10 * MEBIBYTE))),
    "five archives in each other": ("zip", nested(5, TABLE)),
    "zips of zips of zeros": ("zip", zipped(*((f"{n}.zip", zipped(("z", bytes(MEBIBYTE)))) for n in range(16)))),
    "zeros in a gzip in a gzip": ("gzip", gzipped(gzipped(bytes(50 * MEBIBYTE)))),
    "too many entries": ("zip", zipped(*((f"{n}", b"") for n in range(10_001)))),
    "too many entries in a tar": ("tar", b"".join(entry(f"{n}")[:512] for n in range(10_001)) + bytes(1_024)),
    "entries that quote each other": ("zip", quoted(40, 20_000)),
    "a directory that lies about sizes": ("zip", understated()),
    "a directory that is larger than the file": ("zip", huge_directory()),
    "a directory of ten million entries": ("zip", huge_directory_64()),
    "a header of two gigabytes": ("tar", huge_header()),
}


WHY = {
    "five archives in each other": "lie in each other",
    "too many entries": "10000 entries",
    "too many entries in a tar": "10000 entries",
    "entries that quote each other": "overlap",
    "a directory that lies about sizes": "larger than it says",
    "a directory that is larger than the file": "10000 entries",
    "a directory of ten million entries": "10000 entries",
    "a header of two gigabytes": "header",
}
"""What is said, where it is not that too much comes out."""


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_before_it_goes_off(bomb: str) -> None:
    kind, content = BOMBS[bomb]
    began_s = time.monotonic()
    tracemalloc.start()
    found = refusal_of(kind, content)
    _, most_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found
    assert found.code == "archive_bomb"
    assert WHY.get(bomb, "unpacks to far more") in found.reason
    assert most_bytes < 40 * MEBIBYTE
    assert time.monotonic() - began_s < 20


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "a/../../b", "C:\\windows\\x", "\\\\host\\x", "..\\x"]
)
def test_a_name_that_leads_out_of_the_folder_is_refused(name: str) -> None:
    assert found_in("zip", zipped((name, b"x"))) == "archive_path"
    assert found_in("tar", entry(name)) == "archive_path"
    assert found_in("gzip", gzipped(entry(name))) == "archive_path"


def test_a_long_name_is_looked_at_as_well() -> None:
    for form in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        assert found_in("tar", tarred(("../" + "x" * 200, b"x"), form=form)) == "archive_path"
        assert found_in("tar", tarred(("x" * 200, b"x"), form=form)) is None


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("zip", linked_zip()),
        ("tar", entry("a", tarfile.SYMTYPE, "/etc/passwd")),
        ("tar", entry("a", tarfile.LNKTYPE, "/etc/passwd")),
        ("tar", entry("a", tarfile.CHRTYPE)),
        ("gzip", gzipped(entry("a", tarfile.SYMTYPE, ".."))),
        ("zip", zipped(("inner.tar", entry("a", tarfile.SYMTYPE, "..")))),
    ],
)
def test_links_and_devices_are_refused(kind: str, content: bytes) -> None:
    assert found_in(kind, content) == "archive_link"


@pytest.mark.parametrize(
    ("kind", "content", "code"),
    [
        ("zip", LOCKED_ZIP, "archive_encrypted"),
        ("zip", zipped(("a", b"a"), compression=zipfile.ZIP_BZIP2), "archive_method"),
        ("zip", zipped(("a", TABLE * 9))[:-40], "archive_broken"),
        ("zip", TABLE, "archive_broken"),
        ("tar", TABLE * 20, "archive_broken"),
        ("tar", bytes(2_048), "archive_broken"),
        ("tar", tarred(("a", bytes(2_000)))[:1_500], "archive_broken"),
        ("gzip", gzipped(TABLE)[:-6], "archive_broken"),
        ("gzip", TABLE, "archive_broken"),
    ],
)
def test_what_cannot_be_looked_into_is_refused(kind: str, content: bytes, code: str) -> None:
    assert found_in(kind, content) == code


@pytest.mark.parametrize("kind", ["zip", "tar", "gzip"])
@given(
    st.dictionaries(st.from_regex(r"[a-z]{1,8}(/[a-z]{1,8}){0,2}\.csv", fullmatch=True), st.binary(max_size=3_000)),
)
def test_ordinary_archives_are_accepted(kind: str, files: dict[str, bytes]) -> None:
    members = [("first.txt", b"1"), *files.items()]
    content = {"zip": zipped(*members), "tar": tarred(*members), "gzip": gzipped(tarred(*members))}[kind]
    inner = {archives.kind_by_content(body) for body in files.values()}
    if inner == {None} or not files:
        assert found_in(kind, content) is None


@given(st.sampled_from(["zip", "tar", "gzip"]), st.binary(max_size=2_000))
def test_whatever_comes_is_judged(kind: str, content: bytes) -> None:
    found_in(kind, content)


def test_a_zip_in_a_zip_is_fine() -> None:
    assert found_in("zip", nested(3, TABLE)) is None
    assert found_in("zip", nested(4, TABLE)) == "archive_bomb"


def test_only_the_directory_of_a_large_zip_is_read_when_that_is_enough() -> None:
    """What is refused by its directory costs next to nothing, however large it is."""
    content = zipped(("../x", b"x"), ("large.bin", bytes(range(256)) * 40_000), compression=zipfile.ZIP_STORED)
    read = Counting(content)
    with pytest.raises(Found):
        look_into("zip", read, len(content), Budget(len(content)))
    assert read.count_bytes < 150_000


class Counting(io.BytesIO):
    count_bytes = 0

    def read(self, size: int | None = -1) -> bytes:
        chunk = super().read(size)
        self.count_bytes += len(chunk)
        return chunk

"""YARA-X over files of any size, and over what is packed in them, within bounds. What it cannot look into fails."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

import yara_x

RULES = Path(__file__).with_name("rules.yar")

WINDOW_BYTES = 8 * 1_048_576
OVERLAP_BYTES = 64 * 1_024
"""Windows overlap, so that what lies over an edge is whole in one of them."""
MOST_MEMBERS = 2_000
MOST_UNPACKED_BYTES = 512 * 1_048_576
MOST_NESTED_BYTES = 64 * 1_048_576
"""An archive in an archive is unpacked in memory."""
DEEPEST = 4

_TIMEOUT_S = 30
_CHUNK_BYTES = 65_536
_GZIP = b"\x1f\x8b\x08"
_ZIP = b"PK\x03\x04"
_ENCRYPTED = 0x1
_PROGRAMS = frozenset({".exe", ".dll", ".com", ".msi", ".so", ".bin", ".elf", ".dylib", ".pyd", ".sys", ""})


class Unscannable(Exception):
    """It cannot be looked into: encrypted, broken, or packed beyond the bounds."""


class YaraEngine:
    """The scanner; compiling the rules takes a moment, so one is made per process."""

    def __init__(self, rules: Path = RULES) -> None:
        compiler = yara_x.Compiler()
        compiler.define_global("first", True)
        compiler.define_global("executable", False)
        compiler.add_source(rules.read_text(encoding="utf-8"))
        self._scanner = yara_x.Scanner(compiler.build())
        self._scanner.set_timeout(_TIMEOUT_S)

    def threats(self, content: IO[bytes]) -> list[str]:
        """The names of the rules that match somewhere in the file; Unscannable when that cannot be said."""
        return sorted(set(self._look(content, "upload.document", _Budget(), 0)))

    def _look(self, content: IO[bytes], name: str, budget: "_Budget", depth: int) -> Iterator[str]:
        begins = content.read(4)
        content.seek(0)
        yield from self._match(content, name)
        packed = begins == _ZIP or begins.startswith(_GZIP)
        if packed and depth == DEEPEST:
            raise Unscannable("archives are nested too deeply")
        if begins == _ZIP:
            yield from self._look_into_zip(content, budget, depth)
        elif begins.startswith(_GZIP):
            inflated = _inflated(content, budget)
            yield from self._look(inflated, name, budget, depth + 1)

    def _look_into_zip(self, content: IO[bytes], budget: "_Budget", depth: int) -> Iterator[str]:
        try:
            with zipfile.ZipFile(content) as archive:
                members = [member for member in archive.infolist() if not member.is_dir()]
                if len(members) > MOST_MEMBERS:
                    raise Unscannable(f"the archive has {len(members)} members")
                for member in members:
                    if member.flag_bits & _ENCRYPTED:
                        raise Unscannable("the archive is encrypted")
                    with archive.open(member) as packed:
                        inside = _in_memory(packed, budget)
                    yield from self._look(inside, member.filename, budget, depth + 1)
        except (zipfile.BadZipFile, NotImplementedError, zlib.error, EOFError, ValueError) as error:
            raise Unscannable(f"the archive cannot be read: {type(error).__name__}") from error

    def _match(self, content: IO[bytes], name: str) -> Iterator[str]:
        self._scanner.set_global("executable", PurePosixPath(name.lower()).suffix in _PROGRAMS)
        window, first = content.read(WINDOW_BYTES), True
        while window:
            self._scanner.set_global("first", first)
            try:
                found = self._scanner.scan(window)
            except yara_x.TimeoutError as error:
                raise Unscannable("it takes too long to look through") from error
            yield from (rule.identifier for rule in found.matching_rules)
            more = content.read(WINDOW_BYTES - OVERLAP_BYTES)
            window, first = (window[-OVERLAP_BYTES:] + more if more else b""), False
        content.seek(0)


class _Budget:
    """What may still be unpacked of one file, however it is packed."""

    def __init__(self) -> None:
        self.left_bytes = MOST_UNPACKED_BYTES

    def take(self, count: int) -> None:
        self.left_bytes -= count
        if self.left_bytes < 0:
            raise Unscannable("it unpacks to more than is looked through")


def _in_memory(packed: IO[bytes] | gzip.GzipFile, budget: _Budget) -> IO[bytes]:
    """What is inside, read piece by piece so that no bomb goes off."""
    inside = io.BytesIO()
    while chunk := packed.read(_CHUNK_BYTES):
        budget.take(len(chunk))
        inside.write(chunk)
        if inside.tell() > MOST_NESTED_BYTES:
            raise Unscannable("a member unpacks to more than is looked through")
    inside.seek(0)
    return inside


def _inflated(content: IO[bytes], budget: _Budget) -> IO[bytes]:
    try:
        with gzip.GzipFile(fileobj=content) as packed:
            return _in_memory(packed, budget)
    except (OSError, EOFError, zlib.error) as error:
        raise Unscannable("the archive cannot be read") from error

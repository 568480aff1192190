"""A list of files to send together, as JSON: who has it can check later that everything was sent as it was."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from microintern_client.errors import InputError
from microintern_client.local import Hashed, LocalFile

_FIELDS = {"path", "name", "purpose", "deliverable", "media_type", "size_bytes", "sha256"}


def read_listing(path: Path) -> list[LocalFile]:
    """The files that a list names, by paths from where the list is; InputError says what is wrong with it."""
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"The list {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise InputError(f"{path} is not JSON: {error}.") from error
    if not isinstance(listed, dict) or not isinstance(listed.get("files"), list) or not listed["files"]:
        raise InputError(f'{path} has no files; it is to be {{"files": [{{"path": …, "deliverable": …}}, …]}}.')
    return [_entry(path, number, entry) for number, entry in enumerate(listed["files"], 1)]


def _entry(listing: Path, number: int, entry: Any) -> LocalFile:
    where = f"{listing}, file {number}"
    if not isinstance(entry, dict) or not isinstance(entry.get("path"), str):
        raise InputError(f"{where}: it has no path.")
    if unknown := sorted(entry.keys() - _FIELDS):
        raise InputError(f"{where}: {', '.join(unknown)} is not known; a file has {', '.join(sorted(_FIELDS))}.")
    for name in entry.keys() - {"size_bytes"}:
        if not isinstance(entry[name], str):
            raise InputError(f"{where}: {name} is to be text.")
    if type(entry.get("size_bytes", 0)) is not int:
        raise InputError(f"{where}: size_bytes is to be a whole number.")
    return LocalFile.at(
        listing.parent / entry["path"],
        name=entry.get("name"),
        purpose=entry.get("purpose", "deliverable"),
        deliverable=entry.get("deliverable"),
        media_type=entry.get("media_type"),
        expected_bytes=entry.get("size_bytes"),
        expected_sha256=entry.get("sha256"),
    )


def write_listing(path: Path, files: Sequence[Hashed]) -> None:
    """Write the list of these files, with sizes and SHA-256."""
    entries = [_described(path, found) for found in files]
    path.write_text(json.dumps({"files": entries}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _described(listing: Path, found: Hashed) -> dict[str, Any]:
    file = found.file
    assert isinstance(file.source, Path)
    near = file.source.resolve().is_relative_to(listing.resolve().parent)
    path = file.source.resolve().relative_to(listing.resolve().parent) if near else file.source.resolve()
    entry = {
        "path": path.as_posix(),
        "name": file.name,
        "purpose": file.purpose,
        "media_type": file.media_type,
        "size_bytes": found.size_bytes,
        "sha256": found.sha256,
    }
    return {**entry, "deliverable": file.deliverable} if file.deliverable else entry

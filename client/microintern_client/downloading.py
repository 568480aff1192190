"""Gets files: to a name beside the wanted one first, from where it stopped, and only if it is what was uploaded."""

import base64
import hashlib
from pathlib import Path
from typing import Any

import httpx

from microintern_client.api import Api, Refused
from microintern_client.errors import ClientError, InputError
from microintern_client.local import CHUNK_BYTES
from microintern_client.progress import NoProgress, Progress


def download(api: Api, brief_id: str, file_id: str, to: str | Path, *, progress: Progress | None = None) -> Path:
    """Save a file in a folder under its own name, or at a path; the path. What is there already is left alone."""
    shown = progress or NoProgress()
    about = next((f for f in api.pages(f"/briefs/{brief_id}/files") if f["file_id"] == file_id), None)
    if about is None:
        raise InputError(f"The brief {brief_id} has no file {file_id}, or not for you.")
    wanted = Path(to) / safe_name(about["name"]) if Path(to).is_dir() else Path(to)
    if wanted.exists():
        if sha256_of(wanted) == about["sha256"]:
            return wanted
        raise InputError(f"{wanted} is there already, and is another file; move it away.")
    partial = wanted.with_name(f"{wanted.name}.{file_id}.part")
    shown.begin(wanted.name, about["size_bytes"])
    shown.advance(partial.stat().st_size if partial.exists() else 0)
    try:
        api.until_answered(lambda: _fetch(api, f"/briefs/{brief_id}/files/{file_id}/download", partial, about, shown))
    finally:
        shown.end()
    if partial.stat().st_size != about["size_bytes"] or sha256_of(partial) != about["sha256"]:
        partial.unlink()
        raise ClientError(f"What was downloaded is not {about['name']} as it was uploaded; it was deleted. Try again.")
    partial.rename(wanted)
    return wanted


def _fetch(api: Api, path: str, partial: Path, about: Any, progress: Progress) -> httpx.Response:
    """Get what is missing; a link is good for minutes, so each try asks for one."""
    have = partial.stat().st_size if partial.exists() else 0
    url = api.get(path)["url"]
    if have >= about["size_bytes"]:
        return httpx.Response(200)
    headers = {"Range": f"bytes={have}-"} if have else {}
    with api.http.stream("GET", url, headers=headers) as answer:
        if answer.is_error:
            answer.read()
            if answer.status_code < 500:
                raise Refused(answer.status_code, {"code": "download_refused", "detail": answer.text[:500]})
            return answer
        goes_on = answer.status_code == httpx.codes.PARTIAL_CONTENT
        with partial.open("ab" if goes_on else "wb") as out:
            for chunk in answer.iter_bytes(CHUNK_BYTES):
                out.write(chunk)
                progress.advance(len(chunk))
        return answer


def safe_name(name: str) -> str:
    """A name that stays in its folder, whatever somebody called their file."""
    flat = "".join("_" if c in '/\\:*?"<>|' or not c.isprintable() else c for c in name).strip(" .")
    return flat or "file"


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file in base64."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
    return base64.b64encode(digest.digest()).decode()

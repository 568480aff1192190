"""Sends files: small ones by a form, large ones in parts, several parts at once, each until it has arrived."""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import httpx

from microintern_client.api import Api, Passing, Refused, Unreachable
from microintern_client.errors import ClientError
from microintern_client.local import CHUNK_BYTES, Hashed, LocalFile, base64_sha256, hashed
from microintern_client.progress import NoProgress, Progress

PARALLEL = 4
MOST_ANNOUNCEMENTS = 20
MOST_ROUNDS = 3
POLL_S, LONGEST_POLL_S = 0.2, 3.0
CHECK_LIMIT_S = 300.0


@dataclass(frozen=True)
class Sent:
    """A file that the platform has; `sent_parts` are those that were sent this time."""

    file_id: str
    file: LocalFile
    size_bytes: int
    sha256: str
    sent_parts: list[int] = field(default_factory=list)
    parts: int = 1


def upload(
    api: Api,
    brief_id: str,
    files: Iterable[LocalFile],
    *,
    progress: Progress | None = None,
    parallel: int = PARALLEL,
    wait_s: float = CHECK_LIMIT_S,
) -> list[Sent]:
    """Send files, and wait until each is received and found clean. After any failure, run it again: it goes on.

    All files are read, and held against what is expected of them, before the first byte is sent.
    """
    shown = progress or NoProgress()
    found = [hashed(file, shown) for file in files]
    sent = [_Upload(api, brief_id, one, shown, parallel).run() for one in found]
    _wait_until_checked(api, brief_id, sent, wait_s)
    return sent


class _Upload:
    """One file on its way."""

    def __init__(self, api: Api, brief_id: str, hashed_file: Hashed, progress: Progress, parallel: int) -> None:
        self.api, self.brief_id, self.hashed = api, brief_id, hashed_file
        self.progress, self.parallel = progress, parallel
        self.sent_parts: list[int] = []

    def run(self) -> Sent:
        """Announce it and send what is missing; begin anew where the server has forgotten an upload."""
        for number in range(1, MOST_ANNOUNCEMENTS + 1):
            key = idempotency_key(self.brief_id, self.hashed, number)
            announced = self._announce(key)
            if announced["form"] is None and announced["multipart"] is None:
                if announced["file"]["status"] == "expired" or announced["file"]["scan"] == "error":
                    continue  # worth another try; what was refused is not
                return self._sent(announced["file"]["file_id"], 1)
            try:
                return self._send(announced, key)
            except Refused as refused:
                if refused.code != "upload_expired":
                    raise
        raise ClientError(f"{self.hashed.file.name} was announced {MOST_ANNOUNCEMENTS} times, each time in vain.")

    def _announce(self, key: str) -> Any:
        return self.api.post(f"/briefs/{self.brief_id}/files", key, announcement(self.hashed))

    def _send(self, announced: Any, key: str) -> Sent:
        file_id: str = announced["file"]["file_id"]
        self.progress.begin(self.hashed.file.name, self.hashed.size_bytes)
        try:
            if announced["multipart"] is None:
                self._send_form(announced, lambda: self._announce(key))
                return self._sent(file_id, 1)
            self._send_parts(f"/briefs/{self.brief_id}/files/{file_id}", key)
            return self._sent(file_id, announced["multipart"]["parts"])
        finally:
            self.progress.end()

    def _sent(self, file_id: str, parts: int) -> Sent:
        found = self.hashed
        return Sent(file_id, found.file, found.size_bytes, found.sha256, sorted(self.sent_parts), parts)

    # as a whole

    def _send_form(self, announced: Any, announce_again: Callable[[], Any]) -> None:
        forms = iter([announced["form"]])

        def attempt() -> httpx.Response:
            # A form is good for minutes: each further try takes a fresh one. There is none when the answer was lost.
            form = next(forms, None) or announce_again()["form"]
            if form is None:
                return httpx.Response(httpx.codes.NO_CONTENT)
            with self.hashed.file.opened() as stream, _Counted(stream, self.progress) as counted:
                part: Any = {"file": (self.hashed.file.name, counted, self.hashed.file.media_type)}
                answer = self.api.http.post(form["url"], data=form["fields"], files=part)
                counted.keep = answer.is_success
                return answer

        self._check(self.api.until_answered(attempt))

    # in parts

    def _send_parts(self, path: str, key: str) -> None:
        for _ in range(MOST_ROUNDS):
            state = self.api.get(f"{path}/parts")
            if state["completed"]:
                return
            self.progress.advance(sum(part["size_bytes"] for part in state["received"]))
            self._send_each(path, state["missing"], state["multipart"]["part_bytes"])
            self.hashed.check_unchanged()
            try:
                self.api.post(f"{path}/completion", key)
                return
            except Refused as refused:
                if refused.code != "parts_missing":
                    raise
                self.progress.begin(self.hashed.file.name, self.hashed.size_bytes)
        raise ClientError(f"{self.hashed.file.name}: parts that were sent are missing, again and again.")

    def _send_each(self, path: str, numbers: Sequence[int], part_bytes: int) -> None:
        pool = ThreadPoolExecutor(self.parallel)
        try:
            sending = [pool.submit(self._send_part, path, number, part_bytes) for number in numbers]
            _first_failure(sending)
        finally:
            pool.shutdown(cancel_futures=True)

    def _send_part(self, path: str, number: int, part_bytes: int) -> None:
        content = self.hashed.file.part((number - 1) * part_bytes, part_bytes)
        sha256 = base64_sha256(content)

        def attempt() -> httpx.Response:
            # A link costs little and is good for minutes: each try takes a fresh one.
            asked = {"parts": [{"number": number, "sha256": sha256}]}
            link = self.api.post(f"{path}/parts", f"{number:05d}-{sha256}", asked)["parts"][0]
            counted = _Pieces(content, self.progress)
            headers = {**link["headers"], "Content-Length": str(len(content))}
            try:
                answer = self.api.http.put(link["url"], content=counted, headers=headers)
                counted.keep = answer.is_success
            finally:
                counted.settle()
            if answer.status_code == httpx.codes.FORBIDDEN and b"expired" in answer.content:
                raise Passing("the link expired")
            return answer

        self._check(self.api.until_answered(attempt))
        self.sent_parts.append(number)

    def _check(self, answer: httpx.Response) -> None:
        """S3 takes what was announced, or nothing."""
        if answer.is_error:
            self.hashed.check_unchanged()
            code = "upload_expired" if b"<Code>NoSuchUpload</Code>" in answer.content else "upload_refused"
            detail = f"S3 did not take {self.hashed.file.name}: {answer.text[:500]}"
            raise Refused(answer.status_code, {"code": code, "detail": detail})


class _Counted:
    """A stream whose reading is shown; what was read for nothing is taken back."""

    def __init__(self, stream: BinaryIO, progress: Progress) -> None:
        self._stream, self._progress = stream, progress
        self._read_bytes, self.keep = 0, False

    def __enter__(self) -> "_Counted":
        return self

    def __exit__(self, *_: object) -> None:
        if not self.keep:
            self._progress.advance(-self._read_bytes)

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size)
        self._read_bytes += len(chunk)
        self._progress.advance(len(chunk))
        return chunk

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def fileno(self) -> int:
        return self._stream.fileno()


class _Pieces:
    """A part in pieces, so that it is seen to move; what was sent for nothing is taken back."""

    def __init__(self, content: bytes, progress: Progress) -> None:
        self._content, self._progress = content, progress
        self._sent_bytes, self.keep = 0, False

    def __iter__(self) -> Any:
        for start in range(0, len(self._content), CHUNK_BYTES // 4):
            piece = self._content[start : start + CHUNK_BYTES // 4]
            yield piece
            self._sent_bytes += len(piece)
            self._progress.advance(len(piece))

    def settle(self) -> None:
        if not self.keep:
            self._progress.advance(-self._sent_bytes)


def announcement(found: Hashed) -> dict[str, Any]:
    """What the API must know of a file before it can be sent."""
    file = found.file
    body = {
        "purpose": file.purpose,
        "name": file.name,
        "media_type": file.media_type,
        "size_bytes": found.size_bytes,
        "sha256": found.sha256,
    }
    return {**body, "deliverable": file.deliverable} if file.deliverable else body


def idempotency_key(brief_id: str, found: Hashed, number: int) -> str:
    """Follows from the file: whoever sends the same file for the same thing goes on with the same upload."""
    return idempotency_key_of("upload", brief_id, [announcement(found), number])


def idempotency_key_of(what: str, *parts: Any) -> str:
    """The same parts give the same key."""
    return f"{what}-{hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()}"


def _first_failure(sending: list[Future[None]]) -> None:
    done, _ = wait(sending, return_when=FIRST_EXCEPTION)
    for future in done:
        future.result()


def _wait_until_checked(api: Api, brief_id: str, sent: Sequence[Sent], limit_s: float) -> None:
    """What was sent counts once S3 has reported it and the platform has looked through it."""
    waiting, deadline_s, pause_s = {one.file_id for one in sent}, time.monotonic() + limit_s, POLL_S
    while waiting and limit_s:
        listed = {found["file_id"]: found for found in api.pages(f"/briefs/{brief_id}/files")}
        waiting = {file_id for file_id in waiting if _is_under_way(listed[file_id])}
        if not waiting:
            _raise_what_was_not_taken([listed[one.file_id] for one in sent])
            return
        if time.monotonic() > deadline_s:
            raise Unreachable(f"Everything was sent, but {len(waiting)} files are still being checked; look later.")
        time.sleep(pause_s)
        pause_s = min(LONGEST_POLL_S, pause_s * 1.2)


def _is_under_way(found: Any) -> bool:
    return (found["status"], found["scan"]) in (("expected", None), ("received", "pending"))


def _raise_what_was_not_taken(checked: Sequence[Any]) -> None:
    for found in checked:
        if found["scan"] != "clean":
            why = (found["refusal"] or {}).get("reason") or f"the scan for malware says: {found['scan']}"
            problem = {"code": f"file_{found['scan'] or found['status']}", "detail": f"{found['name']}: {why}"}
            raise Refused(httpx.codes.CONFLICT, problem)

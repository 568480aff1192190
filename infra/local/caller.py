"""A person who uses the public HTTP API: what the demo, the sample data and the tests on the local stack do."""

import atexit
import json
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import httpx

import microintern_client as uploads
from infra.local.steps import ROOT
from microintern_client import local, uploading

BODIES: dict[str, Any] = json.loads((ROOT / "events/samples/http_bodies.json").read_text(encoding="utf-8"))
"""The example body of each command."""

_REPEATS = 3
_POLL_S = 0.1


class SampleFile(NamedTuple):
    """A file as it lies on somebody's disk."""

    name: str
    media_type: str
    content: bytes
    deliverable: str | None = None


class Refused(Exception):
    """The API refused; `problem` is its answer."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('code')}: {problem.get('detail', problem)}")
        self.status = status
        self.problem = problem


@cache
def http() -> httpx.Client:
    """One for all: connections are kept, and each new client reads the certificates, which takes longer than a call."""
    client = httpx.Client(timeout=30)
    atexit.register(client.close)
    return client


class Caller:
    """Somebody with an access token. Each method is one request and gives the JSON answer, or raises Refused."""

    def __init__(self, api_url: str, token: str | None, name: str = "somebody") -> None:
        self.api_url, self.token, self.name = api_url, token, name

    def get(self, path: str, **params: Any) -> Any:
        """Read something."""
        return self._send("GET", path, params=params)

    def pages(self, path: str, **params: Any) -> Iterator[Any]:
        """Every item of a list, page by page."""
        cursor: dict[str, Any] = {}
        while True:
            page = self.get(path, **params, **cursor)
            yield from page["items"]
            if page["next_cursor"] is None:
                return
            cursor = {"cursor": page["next_cursor"]}

    def command(self, method: str, path: str, body: Any = None, key: str | None = None) -> Any:
        """Change something, under an idempotency key of its own unless one is given."""
        return self._send(method, path, {"Idempotency-Key": key or str(uuid.uuid4())}, json=body)

    def post(self, path: str, body: Any = None, key: str | None = None) -> Any:
        """Send a command."""
        return self.command("POST", path, body, key)

    def put(self, path: str, body: Any, key: str | None = None) -> Any:
        """Write something of one's own."""
        return self.command("PUT", path, body, key)

    def upload(self, brief_id: str, file: SampleFile, purpose: str) -> str:
        """Send a file as users do, and wait until it is received and found clean; its id."""
        try:
            with uploads.Api(self.api_url, self.token or "") as api:
                (sent,) = uploads.upload(api, brief_id, [local_file(file, purpose)])
        except uploads.Refused as refused:
            raise Refused(refused.status, refused.problem) from refused
        return sent.file_id

    def checked(self, brief_id: str, file_id: str) -> dict[str, Any]:
        """Wait until a file that was sent is received and scanned, or refused; how it is listed then."""
        found: dict[str, Any] = {}

        def is_checked() -> bool:
            listed = self.pages(f"/briefs/{brief_id}/files")
            found.update(next(file for file in listed if file["file_id"] == file_id))
            return found["status"] == "refused" or found["scan"] in ("clean", "infected", "error")

        self.wait_until("the file is checked", is_checked)
        return found

    def download(self, brief_id: str, file_id: str) -> bytes:
        """A file's content, by a presigned link."""
        link = self.get(f"/briefs/{brief_id}/files/{file_id}/download")
        return http().get(link["url"]).raise_for_status().content

    def state(self, brief_id: str) -> str:
        """Where a brief stands."""
        state: str = self.get(f"/briefs/{brief_id}")["state"]
        return state

    def wait_for(self, brief_id: str, *states: str, limit_s: float = 30) -> str:
        """Wait until a brief is in one of these states."""
        self.wait_until(f"the brief is {' or '.join(states)}", lambda: self.state(brief_id) in states, limit_s)
        return self.state(brief_id)

    def wait_until(self, what: str, holds: Any, limit_s: float = 30) -> None:
        """Ask again and again until something holds, within a bound."""
        deadline_s = time.monotonic() + limit_s
        while not holds():
            if time.monotonic() > deadline_s:
                raise TimeoutError(f"waited {limit_s:.0f} s until {what}")
            time.sleep(_POLL_S)

    def _send(self, method: str, path: str, headers: dict[str, str] | None = None, **request: Any) -> Any:
        token = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        response = _answered(method, self.api_url + path, headers={**token, **(headers or {})}, **request)
        answer = response.json() if response.content else {}
        if response.is_error:
            raise Refused(response.status_code, answer)
        return answer


def _answered(method: str, url: str, **request: Any) -> httpx.Response:
    """Whoever gets no answer sends the same again, with the same idempotency key: it happens once."""
    for _ in range(_REPEATS):
        try:
            return http().request(method, url, **request)
        except httpx.TimeoutException:
            continue
    return http().request(method, url, **request)


def local_file(file: SampleFile, purpose: str) -> uploads.LocalFile:
    """A sample as the upload client takes it."""
    return uploads.LocalFile(file.content, file.name, file.media_type, purpose, file.deliverable)


def announcement(file: SampleFile, purpose: str) -> dict[str, Any]:
    """What the API must know of a file before it can be uploaded."""
    return uploading.announcement(local.hashed(local_file(file, purpose), uploads.NoProgress()))


def send(announced: dict[str, Any], file: SampleFile) -> None:
    """POST the form's fields and the file to S3, which takes it only if it is exactly what was announced."""
    part = {"file": (file.name, file.content, file.media_type)}
    form = announced["form"]
    answer = http().post(form["url"], data=form["fields"], files=part, timeout=60)
    if answer.is_error:
        raise Refused(answer.status_code, {"code": "upload_refused", "detail": answer.text})


def posting(closes_in_s: float = 7 * 86_400, due_in_s: float = 21 * 86_400, **changes: Any) -> dict[str, Any]:
    """The sample brief, with deadlines counted from now, and with whatever else is to be different."""
    zone = ZoneInfo(BODIES["post /briefs"]["timeline"]["zone"])
    now = datetime.now(UTC).astimezone(zone)
    timeline = {
        "zone": zone.key,
        "applications_close_at": (now + timedelta(seconds=closes_in_s)).isoformat(timespec="milliseconds"),
        "submission_due_at": (now + timedelta(seconds=due_in_s)).isoformat(timespec="milliseconds"),
    }
    return {**BODIES["post /briefs"], "timeline": timeline, **changes}


def body_of(command: str, **changes: Any) -> Any:
    """The example body of a command, such as `award`, with what is to be different."""
    return {**BODIES[f"post /briefs/{{brief_id}}/{command}"], **changes}


def employ(employer: Caller, operator: Caller, name: str) -> str:
    """Have an employer found an organisation of this name, and the operator approve it; its id."""
    organisation_id: str = employer.post("/organisations", {"name": name})["organisation_id"]
    approval = BODIES["put /organisations/{organisation_id}/state"]
    operator.put(f"/organisations/{organisation_id}/state", approval)
    return organisation_id


def read_file(path: Path, media_type: str) -> SampleFile:
    """A file of the project, as a sample."""
    return SampleFile(path.name, media_type, path.read_bytes())

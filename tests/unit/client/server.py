"""A server that answers the upload client as the platform and S3 do, in memory, and goes wrong on demand."""

import json
import math
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from microintern_client import Api
from microintern_client.local import base64_sha256

PART_BYTES = 10
Answer = httpx.Response | Exception | None


class Server:
    """Takes files of more than PART_BYTES in parts. `meddle` may answer, or fail, in its stead."""

    def __init__(self) -> None:
        self.files: dict[str, dict[str, Any]] = {}
        self.parts: dict[str, dict[int, bytes]] = {}
        self.stored: dict[str, bytes] = {}
        self.scans: dict[str, str] = {}
        """What is found in files, by their names, if not that they are clean."""
        self.asked: list[str] = []
        self.meddle: Callable[[httpx.Request], Answer] = lambda _: None
        self.pauses: list[float] = []

    def api(self, token: Any = "token", most_tries: int = 4) -> Api:
        transport = httpx.MockTransport(self.handle)
        return Api("https://api.test", token, transport=transport, most_tries=most_tries, pause=self.pauses.append)

    def handle(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.asked.append(f"{request.method} {request.url.path}")
        meddled = self.meddle(request)
        if isinstance(meddled, Exception):
            raise meddled
        if meddled is not None:
            return meddled
        if request.url.host == "s3.test":
            return self._s3(request)
        if request.headers["Authorization"] != "Bearer token":
            return httpx.Response(401, json={"message": "Unauthorized"})
        return self._api(request)

    def _api(self, request: httpx.Request) -> httpx.Response:
        match request.method, request.url.path.removeprefix("/briefs/brief-1/files"):
            case "POST", "":
                return self._announce(request)
            case "GET", "":
                listed = [self._shown(file_id) for file_id in self.files]
                return httpx.Response(200, json={"items": listed, "next_cursor": None})
            case method, rest:
                _, file_id, what = rest.split("/")
                return self._of_file(method, what, file_id, request)

    def _shown(self, file_id: str) -> dict[str, Any]:
        there = file_id in self.stored
        scan = self.scans.get(self.files[file_id]["name"], "clean") if there else None
        status = scan if scan in ("refused", "expired") else "received" if there else "expected"
        refusal = {"code": "type_differs", "reason": "It is no table."} if status == "refused" else None
        shown_scan = None if status in ("refused", "expired") else scan
        return {**self.files[file_id], "status": status, "scan": shown_scan, "refusal": refusal}

    def _announce(self, request: httpx.Request) -> httpx.Response:
        file_id = f"file-{request.headers['Idempotency-Key'][-8:]}"
        about = {"file_id": file_id, **json.loads(request.content)}
        self.files.setdefault(file_id, about)
        about = self._shown(file_id)
        if file_id in self.stored:
            return httpx.Response(201, json={"file": about, "form": None, "multipart": None})
        if about["size_bytes"] <= PART_BYTES:
            form = {"url": f"https://s3.test/{file_id}", "fields": {"key": file_id}, "expires_in_s": 300}
            return httpx.Response(201, json={"file": about, "form": form, "multipart": None})
        self.parts.setdefault(file_id, {})
        count = math.ceil(about["size_bytes"] / PART_BYTES)
        return httpx.Response(
            201, json={"file": about, "form": None, "multipart": {"parts": count, "part_bytes": PART_BYTES}}
        )

    def _of_file(self, method: str, what: str, file_id: str, request: httpx.Request) -> httpx.Response:
        count = math.ceil(self.files[file_id]["size_bytes"] / PART_BYTES)
        there = self.parts.get(file_id, {})
        missing = [number for number in range(1, count + 1) if number not in there]
        if what == "download":
            return httpx.Response(200, json={"url": f"https://s3.test/{file_id}"})
        if what == "completion":
            if missing:
                return httpx.Response(409, json={"code": "parts_missing", "detail": "…", "missing": missing})
            self.stored[file_id] = b"".join(there[number] for number in sorted(there))
            return httpx.Response(202, json={})
        if method == "POST":
            (part,) = json.loads(request.content)["parts"]
            query = f"number={part['number']}&sum={part['sha256'].replace('+', '%2B')}"
            link = {"url": f"https://s3.test/{file_id}?{query}", "headers": {"x-amz-checksum-sha256": part["sha256"]}}
            return httpx.Response(200, json={"parts": [link]})
        received = [{"number": number, "size_bytes": len(content)} for number, content in there.items()]
        multipart = {"parts": count, "part_bytes": PART_BYTES}
        told = {"received": received, "missing": missing, "completed": file_id in self.stored, "multipart": multipart}
        return httpx.Response(200, json=told)

    def _s3(self, request: httpx.Request) -> httpx.Response:
        file_id, query = request.url.path[1:], parse_qs(urlsplit(str(request.url)).query)
        if request.method == "GET":
            start = int((re.findall(r"bytes=(\d+)-", request.headers.get("Range", "")) or ["0"])[0])
            return httpx.Response(206 if start else 200, content=self.stored[file_id][start:])
        if request.method == "POST":
            self.stored[file_id] = re.findall(rb"filename=.*?\r\n\r\n(.*?)\r\n--", request.content, re.DOTALL)[0]
            return httpx.Response(204)
        if base64_sha256(request.content) != query["sum"][0]:
            return httpx.Response(400, text="<Code>BadDigest</Code>")
        assert request.headers["Content-Length"] == str(len(request.content))
        self.parts[file_id][int(query["number"][0])] = request.content
        return httpx.Response(200)

"""Large files come in parts, and go on where they stopped: after the line was cut, after the process was killed."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from infra.bundling import ROOT
from infra.local.caller import Caller, Refused
from microintern_client import Api, LocalFile, Unreachable, upload
from microintern_client import Refused as ClientRefused
from microintern_client.local import base64_sha256, hashed
from microintern_client.progress import NoProgress
from microintern_client.uploading import announcement
from tests.e2e.broken_line import BrokenLine
from tests.e2e.people import People

pytestmark = pytest.mark.local_stack

MEBIBYTE = 1_048_576
PART_BYTES = 5 * MEBIBYTE
SIZE_BYTES = 16 * MEBIBYTE
PARTS = 4
LARGE = [{"name": "answer", "description": "Much.", "media_types": ["text/plain"], "most_bytes": 40 * MEBIBYTE}]


@pytest.fixture(scope="module")
def brief_id(people: People) -> str:
    return people.awarded(deliverables=LARGE)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that nobody has sent before."""
    found = tmp_path / "work.txt"
    found.write_bytes(random.randbytes(SIZE_BYTES // 2).hex().encode())
    return found


@pytest.fixture
def api(people: People) -> Iterator[Api]:
    with Api(people.student.api_url, people.student.token or "") as api:
        yield api


def large(path: Path) -> LocalFile:
    return LocalFile.at(path, deliverable="answer", media_type="text/plain")


def over(line: BrokenLine, who: Caller, most_tries: int) -> Api:
    return Api(who.api_url, who.token or "", transport=line.transport, most_tries=most_tries, pause=lambda _: None)


def announced(api: Api, brief_id: str, path: Path, key: str) -> str:
    answer = api.post(f"/briefs/{brief_id}/files", key, announcement(hashed(large(path), NoProgress())))
    assert answer["form"] is None
    assert answer["multipart"] == {"parts": PARTS, "part_bytes": PART_BYTES}
    return str(answer["file"]["file_id"])


def the_one_upload(api: Api, brief_id: str, path: Path) -> dict[str, Any]:
    """How far the upload of this file is, as the server tells."""
    sha256 = base64_sha256(path.read_bytes())
    (file_id,) = (f["file_id"] for f in api.pages(f"/briefs/{brief_id}/files") if f["sha256"] == sha256)
    found: dict[str, Any] = api.get(f"/briefs/{brief_id}/files/{file_id}/parts")
    return found


def test_after_the_line_was_cut_only_what_is_missing_is_sent_and_the_same_bytes_come_out(
    people: People, brief_id: str, path: Path, api: Api
) -> None:
    port = urlsplit(people.student.api_url).port
    assert port
    with (
        BrokenLine(port, cut_after_bytes=int(1.5 * PART_BYTES)) as line,
        over(line, people.student, 2) as cut,
        pytest.raises(Unreachable, match="goes on where it stopped"),
    ):
        upload(cut, brief_id, [large(path)], parallel=1)
    there = the_one_upload(api, brief_id, path)
    assert [part["number"] for part in there["received"]] == [1]
    with BrokenLine(port) as line, over(line, people.student, 2) as whole:
        (sent,) = upload(whole, brief_id, [large(path)])
    assert sent.sent_parts == there["missing"] == [2, 3, 4]
    assert SIZE_BYTES - PART_BYTES < line.sent_bytes < SIZE_BYTES - PART_BYTES + MEBIBYTE
    assert people.employer.download(brief_id, sent.file_id) == path.read_bytes()


STOPS_HALF_WAY = """
import sys, time
from microintern_client import Api, LocalFile, NoProgress, upload

class Stops(NoProgress):
    sent_bytes = 0

    def begin(self, what, total_bytes):
        self.sent_bytes = 0
        self.sending = not what.startswith("reading")

    def advance(self, sent_bytes):
        self.sent_bytes += sent_bytes
        if self.sending and self.sent_bytes > 7 << 20:
            print("half", flush=True)
            time.sleep(60)

url, token, brief_id, path = sys.argv[1:]
file = LocalFile.at(path, deliverable="answer", media_type="text/plain")
upload(Api(url, token), brief_id, [file], parallel=1, progress=Stops())
"""


def test_a_killed_process_is_gone_on_with_by_running_the_same_again(
    people: People, brief_id: str, path: Path, api: Api
) -> None:
    asked = [people.student.api_url, people.student.token or "", brief_id, str(path)]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "client")}
    with subprocess.Popen([sys.executable, "-c", STOPS_HALF_WAY, *asked], stdout=subprocess.PIPE, env=env) as process:
        assert process.stdout
        assert process.stdout.readline() == b"half\n"
        process.kill()
    assert [part["number"] for part in the_one_upload(api, brief_id, path)["received"]] == [1]
    command = ["upload", "--brief", brief_id, "--media-type", "text/plain", f"answer={path}"]
    env |= {"MICROINTERN_URL": asked[0], "MICROINTERN_TOKEN": asked[1]}
    client = [sys.executable, "-m", "microintern_client", *command]
    done = subprocess.run(client, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    (again,) = upload(api, brief_id, [large(path)])
    assert again.sent_parts == [], "it is there, and nothing of it is sent again"
    assert again.file_id in done.stdout


def test_a_link_takes_exactly_its_part(brief_id: str, path: Path, api: Api) -> None:
    at = f"/briefs/{brief_id}/files/{announced(api, brief_id, path, 'exactly-its-part')}"
    first, second = path.read_bytes()[:PART_BYTES], path.read_bytes()[PART_BYTES : 2 * PART_BYTES]
    asked = {"parts": [{"number": 1, "sha256": base64_sha256(first)}]}
    (link,) = api.post(f"{at}/parts", "any-key-1", asked)["parts"]
    assert (link["offset_bytes"], link["size_bytes"]) == (0, PART_BYTES)
    other = {**link["headers"], "x-amz-checksum-sha256": base64_sha256(second)}
    refused = {
        "other content": httpx.put(link["url"], content=second, headers=link["headers"]).status_code,
        "other content with its own sum": httpx.put(link["url"], content=second, headers=other).status_code,
        "shorter": httpx.put(link["url"], content=first[:-1], headers=link["headers"]).status_code,
        "another part": httpx.put(
            link["url"].replace("partNumber=1", "partNumber=2"), content=first, headers=link["headers"]
        ).status_code,
        "without the sum": httpx.put(link["url"], content=first).status_code,
    }
    assert {what: status for what, status in refused.items() if status < 400} == {}
    assert httpx.put(link["url"], content=first, headers=link["headers"]).status_code == 200
    assert [part["sha256"] for part in api.get(f"{at}/parts")["received"]] == [base64_sha256(first)]
    with pytest.raises(ClientRefused) as incomplete:
        api.post(f"{at}/completion", "any-key-2")
    assert (incomplete.value.code, incomplete.value.problem["missing"]) == ("parts_missing", [2, 3, 4])


def test_an_upload_that_s3_has_forgotten_is_begun_anew(people: People, brief_id: str, path: Path, api: Api) -> None:
    (first,) = [announced(api, brief_id, path, "to-be-forgotten")]
    s3, bucket = people.stack.client("s3"), people.stack.outputs.files_bucket
    at = {"Bucket": bucket, "Key": f"briefs/{brief_id}/{first}"}
    for begun in s3.list_multipart_uploads(Bucket=bucket, Prefix=at["Key"])["Uploads"]:
        s3.abort_multipart_upload(**at, UploadId=begun["UploadId"])
    with pytest.raises(ClientRefused) as refused:
        api.get(f"/briefs/{brief_id}/files/{first}/parts")
    assert refused.value.code == "upload_expired"
    (sent,) = upload(api, brief_id, [large(path)])
    assert sent.sent_parts == [1, 2, 3, 4]


def test_nobody_else_touches_an_upload(people: People, brief_id: str, path: Path, api: Api) -> None:
    at = f"/briefs/{brief_id}/files/{announced(api, brief_id, path, 'not-for-others')}"
    asked = {"parts": [{"number": 1, "sha256": base64_sha256(b"")}]}
    for other in (people.employer, people.someone("student"), people.someone("employer")):
        for method, part, body in (("GET", "parts", None), ("POST", "parts", asked), ("POST", "completion", None)):
            with pytest.raises(Refused) as refused:
                other.command(method, f"{at}/{part}", body)
            assert refused.value.status == 404, (method, part)

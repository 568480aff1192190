"""The upload client, against a server that goes wrong in every way that it can."""

import os
import random
from collections import Counter
from pathlib import Path

import httpx
import pytest

from microintern_client import Api, ClientError, InputError, LocalFile, NoProgress, Refused, Unreachable, upload
from microintern_client.downloading import download, safe_name
from tests.unit.client.server import PART_BYTES, Answer, Server

SMALL = b"1234567"
LARGE = bytes(range(35))
"""Of four parts, the last one shorter."""


@pytest.fixture
def server() -> Server:
    return Server()


def file(content: bytes = LARGE, name: str = "work.csv") -> LocalFile:
    return LocalFile(content, name, "text/csv", "deliverable", "table")


class Counting(NoProgress):
    """Adds up what it is told."""

    def __init__(self) -> None:
        self.totals: dict[str, int] = {}
        self.done: Counter[str] = Counter()
        self.what = ""

    def begin(self, what: str, total_bytes: int) -> None:
        self.what = what
        self.totals[what] = total_bytes

    def advance(self, sent_bytes: int) -> None:
        self.done[self.what] += sent_bytes


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["as a whole", "in parts"])
def test_what_arrives_is_what_was_sent_and_the_bar_ends_full(server: Server, content: bytes) -> None:
    shown = Counting()
    (sent,) = upload(server.api(), "brief-1", [file(content)], progress=shown)
    assert server.stored == {sent.file_id: content}
    assert (sent.parts, sent.sent_parts) == ((4, [1, 2, 3, 4]) if content is LARGE else (1, []))
    assert shown.done == shown.totals


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["as a whole", "in parts"])
def test_whatever_fails_on_the_way_it_arrives_once_and_the_bar_ends_full(
    server: Server, content: bytes, seed: int
) -> None:
    chance = random.Random(seed)

    def meddle(request: httpx.Request) -> Answer:
        if len(server.asked) > 1 and chance.random() < 0.6:
            return None
        kinds: list[Answer] = [
            httpx.ConnectError("no"),
            httpx.ReadTimeout("no"),
            httpx.RemoteProtocolError("cut"),
            httpx.Response(503),
            httpx.Response(500, json={"code": "internal"}),
            httpx.Response(429, json={"message": "Too Many Requests"}),
        ]
        return chance.choice(kinds)

    server.meddle = meddle
    shown = Counting()
    (sent,) = upload(server.api(most_tries=60), "brief-1", [file(content)], progress=shown)
    assert server.stored == {sent.file_id: content}
    assert shown.done == shown.totals
    assert server.pauses
    assert max(server.pauses) <= 20


def test_pauses_grow(server: Server) -> None:
    server.meddle = lambda _: httpx.Response(503)
    with pytest.raises(Unreachable, match="goes on where it stopped"):
        upload(server.api(most_tries=6), "brief-1", [file()])
    assert len(server.pauses) == 5
    assert all(later > earlier for earlier, later in zip(server.pauses, server.pauses[1:], strict=False))


def test_run_again_it_sends_what_is_missing_only(server: Server) -> None:
    def meddle(request: httpx.Request) -> Answer:
        broken = request.method == "PUT" and request.url.params["number"] in ("2", "4")
        return httpx.WriteError("cut") if broken else None

    server.meddle = meddle
    with pytest.raises(Unreachable):
        upload(server.api(), "brief-1", [file()], parallel=1)
    (there,) = server.parts.values()
    had = set(there)
    assert had < {1, 2, 3, 4}
    server.meddle = lambda _: None
    server.asked.clear()
    shown = Counting()
    (sent,) = upload(server.api(), "brief-1", [file()], progress=shown)
    assert set(sent.sent_parts) == {1, 2, 3, 4} - had
    assert sum(asked.startswith("PUT") for asked in server.asked) == len(sent.sent_parts)
    assert shown.done == shown.totals, "what was there counts as done"
    server.asked.clear()
    assert upload(server.api(), "brief-1", [file()])[0].sent_parts == []
    assert not [asked for asked in server.asked if asked.startswith("PUT")]


def test_an_expired_link_is_asked_for_again(server: Server) -> None:
    expired = iter([True])

    def meddle(request: httpx.Request) -> Answer:
        if request.method == "PUT" and next(expired, False):
            return httpx.Response(403, text="<Code>AccessDenied</Code><Message>Request has expired</Message>")
        return None

    server.meddle = meddle
    upload(server.api(), "brief-1", [file()])
    assert list(server.stored.values()) == [LARGE]


def test_an_upload_that_the_server_forgot_is_begun_anew_under_another_key(server: Server) -> None:
    gone: list[str] = []

    def meddle(request: httpx.Request) -> Answer:
        file_id = request.url.path.split("/")[-2]
        if request.url.path.endswith("/parts") and (not gone or gone == [file_id]):
            gone[:] = [file_id]
            return httpx.Response(409, json={"code": "upload_expired", "detail": "…"})
        return None

    server.meddle = meddle
    (sent,) = upload(server.api(), "brief-1", [file()])
    assert gone != [sent.file_id]
    assert list(server.stored) == [sent.file_id]


def test_a_part_that_s3_lost_is_sent_again(server: Server) -> None:
    lost = iter([True])

    def meddle(request: httpx.Request) -> Answer:
        if request.url.path.endswith("/completion") and next(lost, False):
            next(iter(server.parts.values())).pop(3)
        return None

    server.meddle = meddle
    (sent,) = upload(server.api(), "brief-1", [file()])
    assert sent.sent_parts == [1, 2, 3, 3, 4]
    assert server.stored[sent.file_id] == LARGE


def test_a_refusal_is_told_and_not_tried_again(server: Server) -> None:
    problem = {"code": "file_too_large", "detail": "table may have 5 bytes; this file has 35."}
    server.meddle = lambda _: httpx.Response(422, json=problem)
    with pytest.raises(Refused, match="file_too_large: table may have 5 bytes") as refused:
        upload(server.api(), "brief-1", [file()])
    assert refused.value.problem == problem
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("scan", "code", "said"),
    [("infected", "file_infected", "malware says: infected"), ("refused", "file_refused", "work.csv: It is no table.")],
)
def test_what_the_platform_does_not_take_is_told_and_not_sent_again(
    server: Server, scan: str, code: str, said: str
) -> None:
    server.scans["work.csv"] = scan
    for _ in range(2):
        with pytest.raises(Refused, match=said) as refused:
            upload(server.api(), "brief-1", [file()])
        assert refused.value.code == code
    assert len(server.stored) == 1


@pytest.mark.parametrize("what", ["error", "expired"])
def test_what_could_not_be_scanned_or_never_came_is_sent_anew(server: Server, what: str) -> None:
    server.scans["work.csv"] = what
    with pytest.raises(Refused, match=f"file_{what}"):
        upload(server.api(), "brief-1", [file()])
    (first,) = server.stored
    server.scans["work.csv"] = "clean"
    server.files[first]["name"] = "broken.csv"
    server.scans["broken.csv"] = what
    (sent,) = upload(server.api(), "brief-1", [file()])
    assert sent.file_id != first
    assert server.stored[sent.file_id] == LARGE


def test_what_is_not_the_api_is_told_from_it(server: Server) -> None:
    server.meddle = lambda _: httpx.Response(404, text="<html>nothing here</html>")
    with pytest.raises(Refused, match="is this the address of the API"):
        upload(server.api(), "brief-1", [file()])


def test_a_token_that_ran_out_is_told_and_a_fresh_one_is_asked_for(server: Server) -> None:
    with pytest.raises(Refused, match="sign in again"):
        upload(server.api("old"), "brief-1", [file()])
    tokens = iter(["token"] * 100)
    upload(server.api(lambda: next(tokens)), "brief-1", [file()])
    assert server.stored


def test_a_file_that_changes_meanwhile_is_not_sent_as_another(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "work.csv"
    path.write_bytes(LARGE)

    def meddle(request: httpx.Request) -> Answer:
        if request.method == "PUT":
            path.write_bytes(LARGE[::-1])
            os.utime(path, (1, 1))
        return None

    server.meddle = meddle
    with pytest.raises(InputError, match="changed while it was being sent"):
        upload(server.api(), "brief-1", [LocalFile.at(path, deliverable="table")], parallel=1)
    assert server.stored == {}


def test_all_files_are_looked_at_before_one_is_sent(server: Server) -> None:
    wrong = LocalFile(SMALL, "b.csv", "text/csv", "deliverable", "table", expected_bytes=99)
    with pytest.raises(InputError, match="has 7 bytes; its list says 99"):
        upload(server.api(), "brief-1", [file(), wrong])
    assert server.asked == []


def _uploaded(server: Server, content: bytes = LARGE) -> tuple[Api, str]:
    api = server.api()
    (sent,) = upload(api, "brief-1", [file(content)])
    return api, sent.file_id


def test_a_download_goes_on_where_it_stopped(server: Server, tmp_path: Path) -> None:
    api, file_id = _uploaded(server)
    (tmp_path / f"work.csv.{file_id}.part").write_bytes(LARGE[:20])
    ranges: list[str | None] = []

    def meddle(request: httpx.Request) -> Answer:
        if request.method == "GET" and request.url.host == "s3.test":
            ranges.append(request.headers.get("Range"))
        return None

    server.meddle = meddle
    found = download(api, "brief-1", file_id, tmp_path)
    assert (found.name, found.read_bytes(), ranges) == ("work.csv", LARGE, ["bytes=20-"])
    assert list(tmp_path.iterdir()) == [found]
    assert download(api, "brief-1", file_id, tmp_path) == found, "it is there already"
    assert len(ranges) == 1


def test_a_download_that_is_not_the_file_is_not_kept(server: Server, tmp_path: Path) -> None:
    api, file_id = _uploaded(server)
    server.stored[file_id] = LARGE[::-1]
    with pytest.raises(ClientError, match="as it was uploaded"):
        download(api, "brief-1", file_id, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_download_overwrites_nothing(server: Server, tmp_path: Path) -> None:
    api, file_id = _uploaded(server)
    (tmp_path / "work.csv").write_bytes(b"mine")
    with pytest.raises(InputError, match="is another file"):
        download(api, "brief-1", file_id, tmp_path)
    assert (tmp_path / "work.csv").read_bytes() == b"mine"
    with pytest.raises(InputError, match="has no file"):
        download(api, "brief-1", "no-such-file", tmp_path)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("..", "file"),
        ("C:\\a\u202etxt.exe", "C__a_txt.exe"),
        ("a\x00b\n", "a_b_"),
    ],
)
def test_a_name_stays_in_its_folder(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_parts_are_as_long_as_the_server_says() -> None:
    assert [len(file().part(start, PART_BYTES)) for start in range(0, 35, PART_BYTES)] == [10, 10, 10, 5]

"""The upload client's command line: lists, clear words for wrong input, and exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest

from microintern_client import cli
from tests.unit.client.server import Server

CONTENT = bytes(range(35))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    server = Server()
    monkeypatch.setenv("MICROINTERN_URL", "https://api.test")
    monkeypatch.setenv("MICROINTERN_TOKEN", "token")
    monkeypatch.setattr(cli, "Api", lambda _, token: server.api(token))
    return server


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "table.csv").write_bytes(CONTENT)
    (tmp_path / "report.pdf").write_bytes(b"%PDF")
    return tmp_path


def test_a_list_is_written_and_uploaded_by(server: Server, work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", "--quiet", "table=table.csv", "report=report.pdf"]) == 0
    (table, report) = json.loads((work / "files.json").read_text())["files"]
    assert (table["deliverable"], table["size_bytes"], table["media_type"]) == ("table", 35, "text/csv")
    assert (report["path"], report["name"], report["purpose"]) == ("report.pdf", "report.pdf", "deliverable")
    capsys.readouterr()
    assert cli.main(["upload", "--quiet", "--brief", "brief-1", "--list", "files.json"]) == 0
    told = json.loads(capsys.readouterr().out)["files"]
    assert [server.stored[one["file_id"]] for one in told] == [CONTENT, b"%PDF"]
    assert cli.main(["download", "--quiet", "--brief", "brief-1", "--to", "copy.csv", told[0]["file_id"]]) == 0
    assert (work / "copy.csv").read_bytes() == CONTENT


def test_what_was_changed_since_it_was_listed_is_not_sent(
    server: Server, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.main(["list", "--quiet", "table=table.csv"])
    (work / "table.csv").write_bytes(CONTENT[::-1])
    assert cli.main(["upload", "--quiet", "--brief", "brief-1", "--list", "files.json"]) == 2
    assert "its list says" in capsys.readouterr().err
    assert server.asked == []


UPLOAD = ["upload", "--quiet", "--brief", "brief-1"]
WRONG: dict[str, tuple[list[str], str]] = {
    "no file": ([*UPLOAD], "Name files, or a list of files"),
    "a list and files": ([*UPLOAD, "--list", "a.json", "report=report.pdf"], "Name files, or a list of files"),
    "a file that is not there": ([*UPLOAD, "report=no.pdf"], "There is no file no.pdf"),
    "a folder": ([*UPLOAD, "report=."], "There is no file"),
    "an empty file": ([*UPLOAD, "report=empty.pdf"], "empty.pdf is empty"),
    "no deliverable": ([*UPLOAD, "report.pdf"], "name the deliverable"),
    "a deliverable of a material": ([*UPLOAD, "--purpose", "material", "x=report.pdf"], "name the deliverable"),
    "an unknown ending": ([*UPLOAD, "report=data.qqq"], "does not tell its media type"),
    "no list": ([*UPLOAD, "--list", "no.json"], "cannot be read"),
    "no JSON": ([*UPLOAD, "--list", "report.pdf"], "is not JSON"),
    "no parts at all": ([*UPLOAD, "--parallel", "0", "report=report.pdf"], "at least one part"),
    "handing in a material": ([*UPLOAD, "--submit", "--purpose", "material", "report.pdf"], "only deliverables"),
    "several files to one": (["download", "--brief", "b", "--to", "x", "f1", "f2"], "x is not a folder"),
    "no token file": ([*UPLOAD, "--token-file", "no", "report=report.pdf"], "There is no file no with an access token"),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_input_is_named_and_nothing_is_sent(
    server: Server, work: Path, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    (work / "empty.pdf").write_bytes(b"")
    (work / "data.qqq").write_bytes(b"?")
    arguments, said = WRONG[what]
    assert cli.main(arguments) == 2
    assert said in capsys.readouterr().err
    assert server.asked == []


LISTS: dict[str, tuple[Any, str]] = {
    "a list of nothing": ({"files": []}, "has no files"),
    "not a list": ([], "has no files"),
    "no path": ({"files": [{"deliverable": "x"}]}, "file 1: it has no path"),
    "an unknown field": ({"files": [{"path": "report.pdf", "hash": "x"}]}, "hash is not known"),
    "a size in words": ({"files": [{"path": "report.pdf", "size_bytes": "4"}]}, "size_bytes is to be a whole number"),
    "a name that is none": ({"files": [{"path": "report.pdf", "name": 4}]}, "name is to be text"),
    "another purpose": ({"files": [{"path": "report.pdf", "purpose": "fun"}]}, "the purpose is one of"),
}


@pytest.mark.parametrize("what", LISTS)
def test_a_wrong_list_is_named(server: Server, work: Path, capsys: pytest.CaptureFixture[str], what: str) -> None:
    listed, said = LISTS[what]
    (work / "list.json").write_text(json.dumps(listed))
    assert cli.main([*UPLOAD, "--list", "list.json"]) == 2
    assert said in capsys.readouterr().err
    assert server.asked == []


def test_a_token_is_read_anew_from_its_file(
    server: Server, work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("MICROINTERN_TOKEN")
    assert cli.main([*UPLOAD, "report=report.pdf"]) == 2
    assert "Set MICROINTERN_TOKEN" in capsys.readouterr().err
    (work / "token").write_text("old\n")
    assert cli.main([*UPLOAD, "--token-file", "token", "report=report.pdf"]) == 1
    assert "sign in again" in capsys.readouterr().err
    (work / "token").write_text("token\n")
    assert cli.main([*UPLOAD, "--token-file", "token", "report=report.pdf"]) == 0

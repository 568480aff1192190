"""`verify` takes what the platform signed, and finds every way in which files or manifest are something else."""

import base64
import copy
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from microintern_client import cli
from microintern_client.verifying import NotGenuine, verify
from tests.unit.domain.test_manifest import SIGNER, a_file, a_manifest, sign

CONTENT = b"1,2,3\n"
SHA256 = base64.b64encode(hashlib.sha256(CONTENT).digest()).decode()
FILES = [a_file().model_copy(update={"name": name, "sha256": SHA256, "size_bytes": 6}) for name in ("a.csv", "b.csv")]
KEYS: dict[str, Any] = {"keys": [json.loads(SIGNER.public_key().model_dump_json())]}


@pytest.fixture
def signed() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(sign(a_manifest(FILES[0])).model_dump_json())
    return found


def test_what_was_signed_is_genuine_after_a_way_through_a_file(signed: dict[str, Any]) -> None:
    again = json.loads(json.dumps(signed, indent=4, sort_keys=True))
    assert verify(again, KEYS).manifest == signed["manifest"]


def test_files_are_found_by_what_is_in_them(signed: dict[str, Any], tmp_path: Path) -> None:
    missing = verify(signed, KEYS, tmp_path)
    assert (missing.missing, missing.complete) == (["a.csv"], False)
    (tmp_path / "a.csv").write_bytes(CONTENT[::-1])
    differing = verify(signed, KEYS, tmp_path)
    assert (differing.differing, differing.complete) == (["a.csv"], False)
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/renamed.csv").write_bytes(CONTENT)
    matching = verify(signed, KEYS, tmp_path)
    assert (matching.matching, matching.complete) == (["a.csv"], True)


def changed(signed: dict[str, Any], *path: Any, to: Any) -> dict[str, Any]:
    copied = inner = copy.deepcopy(signed)
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = to
    return copied


@pytest.mark.parametrize("name", ["brief_id", "submission_number", "submitted_at", "received_at"])
def test_a_manifest_that_was_changed_is_not_genuine(signed: dict[str, Any], name: str) -> None:
    with pytest.raises(NotGenuine, match="changed after it was signed"):
        verify(changed(signed, "manifest", name, to="x"), KEYS)


@pytest.mark.parametrize("name", ["sha256", "size_bytes", "version_id", "received_at", "name", "deliverable"])
def test_a_file_that_was_changed_is_not_genuine(signed: dict[str, Any], name: str) -> None:
    with pytest.raises(NotGenuine, match="changed after it was signed"):
        verify(changed(signed, "manifest", "files", 0, name, to=1), KEYS)
    with pytest.raises(NotGenuine, match="changed after it was signed"):
        verify(changed(signed, "manifest", "files", to=[]), KEYS)


def _b64(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_a_forged_signature_is_noticed(signed: dict[str, Any]) -> None:
    head, payload, signature = signed["jws"].split(".")
    other_payload = _b64({**json.loads(base64.urlsafe_b64decode(payload + "==")), "brief_id": "brief-000002"})
    flipped = ("A" if signature[0] != "A" else "B") + signature[1:]
    for forged in (f"{head}.{other_payload}.{signature}", f"{head}.{payload}.{flipped}", f"{head}.{payload}."):
        with pytest.raises(NotGenuine, match="not the platform's"):
            verify(changed(signed, "jws", to=forged), KEYS)


def test_other_algorithms_and_keys_are_not_taken(signed: dict[str, Any]) -> None:
    _, payload, signature = signed["jws"].split(".")
    for alg in ("none", "HS256", "ES256"):
        other = _b64({"alg": alg, "kid": KEYS["keys"][0]["kid"], "typ": "microintern-submission+jwt"})
        with pytest.raises(NotGenuine, match="another kind"):
            verify(changed(signed, "jws", to=f"{other}.{payload}.{signature}"), KEYS)
    with pytest.raises(NotGenuine, match="not among these"):
        verify(signed, {"keys": [{**KEYS["keys"][0], "kid": "another"}]})


@pytest.mark.parametrize("junk", [None, [], {}, {"jws": "a.b.c", "manifest": {}}, {"jws": 1, "manifest": {}}])
def test_what_is_no_manifest_is_told_so(junk: Any) -> None:
    with pytest.raises(NotGenuine, match="not a signed manifest"):
        verify(junk, KEYS)


def test_text_that_is_no_text_is_not_genuine(signed: dict[str, Any]) -> None:
    with pytest.raises(NotGenuine):
        verify(changed(signed, "manifest", "brief_id", to="\ud800"), KEYS)


def test_on_the_command_line(signed: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "m.json").write_text(json.dumps(signed))
    (tmp_path / "k.json").write_text(json.dumps(KEYS))
    command = ["verify", "--keys", str(tmp_path / "k.json"), str(tmp_path / "m.json"), str(tmp_path / "files")]
    assert cli.main(command) == 1
    assert "a.csv: missing" in capsys.readouterr().out
    (tmp_path / "files/a.csv").write_bytes(CONTENT)
    assert cli.main(command) == 0
    shown = capsys.readouterr().out
    assert "a.csv: as it was handed in" in shown
    assert "submission 2 of brief-000001" in shown
    (tmp_path / "m.json").write_text(json.dumps(changed(signed, "manifest", "brief_id", to="x")))
    assert cli.main(command) == 1
    assert "changed after it was signed" in capsys.readouterr().err
    assert cli.main(["verify", "--keys", "no.json", str(tmp_path / "m.json")]) == 2

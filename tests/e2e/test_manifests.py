"""What was handed in can be proved offline, with nothing of the platform but a file of public keys."""

import hashlib
import json
from pathlib import Path

import httpx
import pytest
from joserfc import jws
from joserfc.jwk import KeySet

from infra.local.caller import Refused
from microintern_client import cli
from tests.e2e.people import TEXT, People

pytestmark = [pytest.mark.local_stack, pytest.mark.filterwarnings("ignore:EdDSA is deprecated")]


@pytest.fixture(scope="module")
def brief_id(people: People) -> str:
    return people.submitted()


def test_a_submission_is_verified_offline_by_the_client_and_by_another_library(
    people: People, brief_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MICROINTERN_URL", people.employer.api_url)
    monkeypatch.setenv("MICROINTERN_TOKEN", people.employer.token or "")
    assert cli.main(["manifest", "--brief", brief_id, "--to", str(tmp_path), "1"]) == 0
    signed = json.loads((tmp_path / "submission-1.json").read_text())
    (file,) = signed["manifest"]["files"]
    assert cli.main(["download", "--quiet", "--brief", brief_id, "--to", str(tmp_path), file["file_id"]]) == 0
    monkeypatch.delenv("MICROINTERN_TOKEN")
    monkeypatch.setenv("MICROINTERN_URL", "http://127.0.0.1:9")
    keys = str(tmp_path / "jwks.json")
    offline = ["verify", "--keys", keys, str(tmp_path / "submission-1.json"), str(tmp_path)]
    capsys.readouterr()
    assert cli.main(offline) == 0
    assert f"{TEXT.name}: as it was handed in" in capsys.readouterr().out
    key_set = KeySet.import_key_set(json.loads(Path(keys).read_text()))
    claims = json.loads(jws.deserialize_compact(signed["jws"], key_set, algorithms=["EdDSA"]).payload)
    assert (claims["brief_id"], claims["submission_number"]) == (brief_id, 1)
    (tmp_path / TEXT.name).write_bytes(TEXT.content + b"!")
    assert cli.main(offline) == 1
    assert hashlib.sha256(TEXT.content).hexdigest() != hashlib.sha256(TEXT.content + b"!").hexdigest()


def test_parties_and_operators_get_the_same_manifest_and_nobody_else_any(people: People, brief_id: str) -> None:
    at = f"/briefs/{brief_id}/submissions/1/manifest"
    ours = [who.get(at) for who in (people.student, people.employer, people.operator, people.student)]
    assert all(other == ours[0] for other in ours)
    for stranger in (people.someone("student"), people.someone("employer"), people.someone("educator")):
        with pytest.raises(Refused) as refused:
            stranger.get(at)
        assert refused.value.status == 404
    with pytest.raises(Refused) as none:
        people.student.get(f"/briefs/{brief_id}/submissions/2/manifest")
    assert none.value.status == 404


def test_the_keys_are_for_everybody_and_may_be_kept(people: People) -> None:
    answer = httpx.get(f"{people.employer.api_url}/.well-known/jwks.json", timeout=30)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=3600"
    assert [key["crv"] for key in answer.json()["keys"]] == ["Ed25519"]
    assert "d" not in answer.json()["keys"][0], "the private half"

"""A signed manifest is small enough to be signed, always the same, and verified by a library that knows us not."""

import base64
import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import KeySet

from microintern.domain import manifest as manifests
from microintern.domain.documents import Submission, SubmittedFile
from microintern.domain.manifest import Manifest, SignedManifest
from tests.twins.services import MemorySigner

NOW = datetime(2027, 3, 1, 12, 30, tzinfo=UTC)
SIGNER = MemorySigner()


def a_file(name: str = "Messwerte „März“.csv", size_bytes: int = 12) -> SubmittedFile:
    sha256 = base64.b64encode(hashlib.sha256(name.encode()).digest()).decode()
    about: dict[str, Any] = {"deliverable": "d" * 40, "file_id": "f" * 26, "media_type": "a/" + "b" * 80}
    pinned: dict[str, Any] = {"version_id": "v" * 32, "received_at": NOW, "sha256": sha256}
    return SubmittedFile(name=name, size_bytes=size_bytes, **about, **pinned)


def a_manifest(*files: SubmittedFile) -> Manifest:
    submission = Submission(number=2, files=list(files or [a_file()]), submitted_at=NOW, received_at=NOW)
    return Manifest.of("brief-000001", submission)


def sign(manifest: Manifest) -> SignedManifest:
    to_sign = manifests.signing_input(manifest, SIGNER.public_key())
    return manifests.signed(manifest, to_sign, SIGNER.sign(to_sign))


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")  # for `Ed25519`, which most libraries do not know yet
def test_an_independent_library_verifies_it() -> None:
    signed = sign(a_manifest())
    keys = KeySet.import_key_set({"keys": [SIGNER.public_key().model_dump()]})
    verified = jws.deserialize_compact(signed.jws, keys, algorithms=["EdDSA"])
    assert verified.headers() == {
        "alg": "EdDSA",
        "kid": SIGNER.public_key().kid,
        "typ": "microintern-submission+jwt",
    }
    claims = json.loads(verified.payload)
    shown = json.loads(signed.model_dump_json())["manifest"]
    text = json.dumps(shown, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert claims.pop("manifest_sha256") == base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    assert claims == {name: shown[name] for name in shown if name != "files"}


def test_the_largest_submission_can_be_signed() -> None:
    signed = manifests.signing_input(a_manifest(*[a_file("ü" * 120, 5 * 1024**3)] * 20), SIGNER.public_key())
    assert len(signed) <= 4_096


@given(
    st.text(
        st.characters(categories=["Lu", "Ll", "Lo", "Nd", "Sm"]) | st.sampled_from('"\\/ü'), min_size=1, max_size=99
    )
)
def test_the_canonical_form_is_that_of_what_people_are_given(name: str) -> None:
    manifest = a_manifest(a_file().model_copy(update={"name": name}))
    given_ = json.loads(sign(manifest).model_dump_json())["manifest"]
    assert manifests.canonical(given_) == manifest.canonical


def test_it_says_which_version_of_which_file_was_handed_in_when() -> None:
    shown = json.loads(a_manifest().model_dump_json())
    assert shown["files"][0].keys() == {
        "deliverable",
        "file_id",
        "name",
        "media_type",
        "size_bytes",
        "sha256",
        "version_id",
        "received_at",
    }
    assert (shown["submission_number"], shown["submitted_at"]) == (2, "2027-03-01T12:30:00.000Z")

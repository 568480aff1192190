"""Documents become canonical as the standard says, and nothing is fetched for it."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pyld.jsonld import JsonLdError

from microintern.badging.canonical import FILES, canonical, canonicaliser
from microintern.domain.data_integrity import Proof, multikey, secured, signature_of, to_sign, unbase58
from microintern.domain.manifest import PublicKey
from microintern.domain.open_badges import CREDENTIALS_V2, EXTENSIONS, OPEN_BADGES

KEY = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
SECRET_KEY = "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq"
"""The key pair of the W3C's test vectors, which are in Data Integrity EdDSA Cryptosuites v1.0, appendix B.1."""

EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
VECTOR: dict[str, Any] = {
    "@context": [CREDENTIALS_V2, EXAMPLES],
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential", "AlumniCredential"],
    "name": "Alumni Credential",
    "description": "A minimum viable example of an Alumni Credential.",
    "issuer": "https://vc.example/issuers/5678",
    "validFrom": "2023-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
}
DOCUMENT_HASH = "517744132ae165a5349155bef0bb0cf2258fff99dfe1dbd914b938d775a36017"
OF_METHODS = {
    f"did:key:{KEY}#{KEY}": (
        "bea7b7acfbad0126b135104024a5f1733e705108f42d59668b05c0c50004c6b0",
        "z2YwC8z3ap7yx1nZYCg4L3j3ApHsF8kgPdSb5xoS1VR7vPG3F561B52hYnQF9iseabecm3ijx4K1FBTQsCZahKZme",
    ),
    f"https://vc.example/issuers/5678#{KEY}": (
        "4c4d3890a157f8d611b13c265c2c22f39aa0a567c7c7dd9ba3e45cd579784eeb",
        "z21EVs3eXERqTn4acNHT9viboqgzUaQ3kTmhPT3eA8qrVPE7CrQq78WkzctnMX5W4CrzcKnHw8V6dvy5pgWYCU5e9",
    ),
}
"""By verification method: the hash of the proof options, and the signature."""


@pytest.mark.parametrize("method", OF_METHODS)
def test_the_test_vectors_of_the_standard_come_out(method: str, tmp_path: Path) -> None:
    examples = tmp_path / "examples.json"
    examples.write_text(json.dumps({"@context": {"@vocab": "https://www.w3.org/ns/credentials/examples#"}}))
    options_hash, value = OF_METHODS[method]
    proof = Proof(created="2023-02-24T23:36:38Z", verificationMethod=method)
    message = to_sign(VECTOR, proof, canonicaliser({**FILES, EXAMPLES: examples}))
    assert message.hex() == options_hash + DOCUMENT_HASH
    signature = Ed25519PrivateKey.from_private_bytes(unbase58(SECRET_KEY[1:])[2:]).sign(message)
    whole = secured(VECTOR, proof, signature)["proof"]
    assert whole["proofValue"] == value
    assert signature_of(Proof.model_validate(whole)) == signature


def test_a_key_is_written_as_the_standard_writes_it() -> None:
    raw = unbase58(KEY[1:])[2:]
    Ed25519PublicKey.from_public_bytes(raw)
    assert multikey(PublicKey.of(raw)) == KEY


PUBLISHED = {
    CREDENTIALS_V2: "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
    OPEN_BADGES: "3d34f4d4ef1bce691106e63798beb5e7b862ba841423f5ee1e53ab7ddf3bca84",
    EXTENSIONS: "87c06c81bc2317663bf288d740d94fddd2818c4342b186270ff6371dfaa63f93",
}
"""SHA-256 of the contexts as they are published; the first stands in Verifiable Credentials 2.0, appendix B.1."""


def test_the_contexts_are_those_that_are_published() -> None:
    assert {url: hashlib.sha256(path.read_bytes()).hexdigest() for url, path in FILES.items()} == PUBLISHED


def test_nothing_is_fetched() -> None:
    with pytest.raises(JsonLdError):
        canonical({"@context": [CREDENTIALS_V2, "https://example.com/context"], "type": "VerifiableCredential"})

"""The Signer port."""

import base64

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from joserfc.jwk import OKPKey

from microintern.adapters.signing import KmsSigner
from microintern.ports.credentials import Signer
from tests.contract.conftest import BOTH
from tests.contract.kms_double import KEY_ARN, Kms
from tests.twins.services import MemorySigner


@pytest.fixture(params=BOTH)
def signer(request: pytest.FixtureRequest) -> Signer:
    if request.param == "memory":
        return MemorySigner()
    return KmsSigner(Kms(), KEY_ARN)  # type: ignore[arg-type]


def test_what_is_signed_is_verified_by_the_public_key_and_nothing_else_is(signer: Signer) -> None:
    raw = base64.urlsafe_b64decode(signer.public_key().x + "=")
    signature = signer.sign(b"the message")
    Ed25519PublicKey.from_public_bytes(raw).verify(signature, b"the message")
    with pytest.raises(InvalidSignature):
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, b"another")
    assert signer.sign(b"the message") == signature, "Ed25519 signs alike each time"


def test_a_key_is_named_by_its_thumbprint(signer: Signer) -> None:
    key = signer.public_key()
    assert OKPKey.import_key(key.model_dump()).thumbprint() == key.kid
    assert signer.public_key() == key


def test_the_key_is_asked_for_once() -> None:
    kms = Kms()
    signer = KmsSigner(kms, KEY_ARN)  # type: ignore[arg-type]
    for _ in range(3):
        signer.public_key()
        signer.sign(b"x")
    assert kms.calls.count("GetPublicKey") == 1


def test_a_key_of_another_kind_is_refused() -> None:
    class Other(Kms):
        def get_public_key(self, KeyId: str) -> dict[str, bytes]:  # noqa: N803
            return {"PublicKey": bytes(91)}

    with pytest.raises(ValueError, match="no Ed25519 key"):
        KmsSigner(Other(), KEY_ARN).public_key()  # type: ignore[arg-type]


def test_its_own_signature_is_told_from_everything_else(signer: Signer) -> None:
    signature = signer.sign(b"the message")
    assert signer.is_signature(b"the message", signature)
    assert not signer.is_signature(b"another", signature)
    assert not signer.is_signature(b"the message", bytes(64))

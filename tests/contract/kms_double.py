"""Stands in for KMS where moto has no Ed25519 keys; tests/conformance holds the local AWS to the same."""

from types import SimpleNamespace
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

KEY_ARN = "arn:aws:kms:eu-west-1:123456789012:key/0c9a2c1e-7f0a-4a52-9a8e-3d0f4a4f3b00"
MOST_BYTES = 4_096


class KMSInvalidSignatureException(Exception):
    """What KMS raises for a signature that does not fit."""


class Kms:
    """One key; refuses what KMS would."""

    exceptions = SimpleNamespace(KMSInvalidSignatureException=KMSInvalidSignatureException)

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
        self.calls: list[str] = []

    def get_public_key(self, KeyId: str) -> dict[str, Any]:  # noqa: N803
        assert KeyId == KEY_ARN
        self.calls.append("GetPublicKey")
        return {"PublicKey": self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)}

    def sign(self, KeyId: str, Message: bytes, MessageType: str, SigningAlgorithm: str) -> dict[str, Any]:  # noqa: N803
        assert (KeyId, MessageType, SigningAlgorithm) == (KEY_ARN, "RAW", "ED25519_SHA_512")
        assert 1 <= len(Message) <= MOST_BYTES
        self.calls.append("Sign")
        return {"Signature": self._key.sign(Message)}

    def verify(
        self,
        *,
        KeyId: str,  # noqa: N803
        Message: bytes,  # noqa: N803
        MessageType: str,  # noqa: N803
        Signature: bytes,  # noqa: N803
        SigningAlgorithm: str,  # noqa: N803
    ) -> dict[str, Any]:
        assert (KeyId, MessageType, SigningAlgorithm) == (KEY_ARN, "RAW", "ED25519_SHA_512")
        self.calls.append("Verify")
        try:
            self._key.public_key().verify(Signature, Message)
        except InvalidSignature:
            # As AWS refuses: what does not fit is an error, and no answer that says so.
            raise self.exceptions.KMSInvalidSignatureException from None
        return {"SignatureValid": True}

"""Signatures by KMS: the private key never leaves it."""

from functools import cached_property
from typing import TYPE_CHECKING

from microintern.domain.manifest import PublicKey

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

_SPKI_PREFIX = bytes.fromhex("302a300506032b6570032100")
"""What stands before the 32 bytes of an Ed25519 key in DER (RFC 8410)."""


class KmsSigner:
    """The Signer port on an Ed25519 key in KMS."""

    def __init__(self, client: "KMSClient", key_arn: str) -> None:
        self._client = client
        self._key_arn = key_arn

    def public_key(self) -> PublicKey:
        return self._public_key

    @cached_property
    def _public_key(self) -> PublicKey:
        der = self._client.get_public_key(KeyId=self._key_arn)["PublicKey"]
        if not der.startswith(_SPKI_PREFIX) or len(der) != len(_SPKI_PREFIX) + 32:
            raise ValueError(f"{self._key_arn} is no Ed25519 key")
        return PublicKey.of(der.removeprefix(_SPKI_PREFIX))

    def sign(self, message: bytes) -> bytes:
        # Pure Ed25519, which is what a JWS needs; KMS hashes the message itself, and takes 4,096 bytes at most.
        return self._client.sign(
            KeyId=self._key_arn, Message=message, MessageType="RAW", SigningAlgorithm="ED25519_SHA_512"
        )["Signature"]

    def is_signature(self, message: bytes, signature: bytes) -> bool:
        # By KMS too: no function has to carry a library for what it asks a few times a day.
        try:
            answer = self._client.verify(
                KeyId=self._key_arn,
                Message=message,
                MessageType="RAW",
                Signature=signature,
                SigningAlgorithm="ED25519_SHA_512",
            )
        except self._client.exceptions.KMSInvalidSignatureException:
            return False
        return answer["SignatureValid"]

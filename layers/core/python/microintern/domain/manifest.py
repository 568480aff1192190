"""A submission in a form that can be checked years later, without this platform: what was handed in, signed.

A signature covers few bytes here (KMS signs 4,096 at most), so it is made over the SHA-256 of the manifest's one
canonical form (RFC 8785), together with what the manifest is of.
"""

import base64
import hashlib
import json
from typing import Any

from pydantic import Field

from microintern.domain.base import Frozen, Id, Instant
from microintern.domain.documents import Sha256, Submission, SubmittedFile

TYPE = "microintern-submission+jwt"
ALGORITHM = "EdDSA"


class Manifest(Frozen):
    """What was handed in, when, and when the last of it was received; each file by its version and SHA-256."""

    brief_id: Id
    submission_number: int
    submitted_at: Instant
    received_at: Instant
    files: list[SubmittedFile]

    @classmethod
    def of(cls, brief_id: str, submission: Submission) -> "Manifest":
        """The manifest of a submission: always the same."""
        about = submission.model_dump(include={"submitted_at", "received_at", "files"})
        return cls.model_validate({**about, "brief_id": brief_id, "submission_number": submission.number})

    @property
    def canonical(self) -> bytes:
        """RFC 8785: keys in order, no blanks, UTF-8. Everything in it is text or a whole number."""
        return canonical(self.model_dump(mode="json"))


class Claims(Frozen):
    """What is signed."""

    brief_id: Id
    submission_number: int
    submitted_at: Instant
    received_at: Instant
    manifest_sha256: Sha256


class PublicKey(Frozen):
    """An Ed25519 public key as a JSON Web Key (RFC 8037)."""

    kty: str = "OKP"
    crv: str = "Ed25519"
    use: str = "sig"
    alg: str = ALGORITHM
    kid: str
    x: str

    @classmethod
    def of(cls, raw: bytes) -> "PublicKey":
        """The key of these 32 bytes, named by its thumbprint (RFC 7638)."""
        x = base64url(raw)
        named = canonical({"crv": "Ed25519", "kty": "OKP", "x": x})
        return cls(kid=base64url(hashlib.sha256(named).digest()), x=x)


class KeySet(Frozen):
    """The public keys that signatures are made with, now or before (RFC 7517)."""

    keys: list[PublicKey]


class SignedManifest(Frozen):
    """A manifest, and a JSON Web Signature over its digest."""

    manifest: Manifest
    jws: str = Field(
        description=(
            "A compact JWS (EdDSA). Its payload names the brief, the submission and `manifest_sha256`: the SHA-256 in "
            "base64 of `manifest` in the form of RFC 8785. The key is in /.well-known/jwks.json."
        )
    )


def signing_input(manifest: Manifest, key: PublicKey) -> bytes:
    """The bytes that the signature is made of: header and payload of the JWS."""
    digest = base64.b64encode(hashlib.sha256(manifest.canonical).digest()).decode()
    about = manifest.model_dump(exclude={"files"})
    claims = Claims.model_validate({**about, "manifest_sha256": digest})
    header = {"alg": ALGORITHM, "kid": key.kid, "typ": TYPE}
    parts = (canonical(header), canonical(claims.model_dump(mode="json")))
    return ".".join(base64url(part) for part in parts).encode()


def signed(manifest: Manifest, signing_input: bytes, signature: bytes) -> SignedManifest:
    """The manifest with its signature."""
    return SignedManifest(manifest=manifest, jws=f"{signing_input.decode()}.{base64url(signature)}")


def canonical(value: dict[str, Any]) -> bytes:
    """RFC 8785, for text, whole numbers and what is made of them."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def base64url(data: bytes) -> str:
    """As JWS writes bytes (RFC 7515)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

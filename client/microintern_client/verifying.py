"""Checks a signed manifest, and files against it, offline: the keys are in a file, nothing is asked of anybody."""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from microintern_client.downloading import sha256_of
from microintern_client.errors import ClientError, InputError

TYPE = "microintern-submission+jwt"


class NotGenuine(ClientError):
    """The manifest is not what the platform signed; says what is wrong."""


@dataclass
class Verified:
    """A genuine manifest, and how the files at hand compare with it."""

    manifest: dict[str, Any]
    matching: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether every file of the submission is at hand and is the one that was handed in."""
        return not self.differing and not self.missing


def verify(signed: Any, key_set: Any, folder: Path | None = None) -> Verified:
    """Verify a signed manifest by the platform's public keys, and with a folder, the files in it.

    A file is found by its SHA-256, whatever its name is; one under its name that is another counts as differing.
    """
    manifest, claims = _taken_apart(signed, key_set)
    if claims.get("manifest_sha256") != _digest(manifest):
        raise NotGenuine("The manifest was changed after it was signed.")
    for name in ("brief_id", "submission_number", "submitted_at", "received_at"):
        if claims.get(name) != manifest.get(name):
            raise NotGenuine(f"The signature is of another {name.replace('_', ' ')}.")
    found = Verified(manifest)
    if folder is not None:
        _compare(found, folder)
    return found


def _taken_apart(signed: Any, key_set: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The manifest, and what the signature says, once that is verified."""
    try:
        manifest, jws = signed["manifest"], signed["jws"]
        head, payload, signature = jws.split(".")
        header, claims = json.loads(_bytes(head)), json.loads(_bytes(payload))
        keys = {key["kid"]: key for key in key_set["keys"]}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotGenuine("This is not a signed manifest with a set of keys.") from error
    if header.get("alg") != "EdDSA" or header.get("typ") != TYPE:
        raise NotGenuine("This is a signature of another kind than of a manifest.")
    key = keys.get(header.get("kid"))
    if key is None or key.get("crv") != "Ed25519":
        raise NotGenuine("The manifest was signed with a key that is not among these; get the platform's keys anew.")
    _check_signature(key["x"], f"{head}.{payload}".encode(), signature)
    return manifest, claims


def _check_signature(x: str, message: bytes, signature: str) -> None:
    try:
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - only who verifies needs it
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415
    except ImportError as error:
        raise InputError(
            "Verifying takes the package cryptography: pip install 'microintern-client[verify]'."
        ) from error
    try:
        Ed25519PublicKey.from_public_bytes(_bytes(x)).verify(_bytes(signature), message)
    except (InvalidSignature, ValueError) as error:
        raise NotGenuine("The signature is not the platform's.") from error


def _compare(found: Verified, folder: Path) -> None:
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}.")
    by_sha256 = {sha256_of(path): path for path in sorted(folder.rglob("*")) if path.is_file()}
    names = {path.name for path in by_sha256.values()}
    for file in found.manifest["files"]:
        at = by_sha256.get(file["sha256"])
        if at is not None and at.stat().st_size == file["size_bytes"]:
            found.matching.append(file["name"])
        elif file["name"] in names:
            found.differing.append(file["name"])
        else:
            found.missing.append(file["name"])


def _digest(manifest: Any) -> str | None:
    """Of the form that RFC 8785 gives to text, whole numbers and what is made of them; None for other things."""
    try:
        canonical = json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    except ValueError:
        return None
    return base64.b64encode(hashlib.sha256(canonical).digest()).decode()


def _bytes(text: str) -> bytes:
    """Base64url without padding; strict, so that there is one way to write a signature."""
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != text:
        raise ValueError("not canonical base64url")
    return data

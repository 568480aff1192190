"""Data Integrity proofs with the cryptosuite `eddsa-rdfc-2022` (W3C), without the key and without the canonical form.

What is signed are two SHA-256 hashes, of the canonical proof options and of the canonical document: 64 bytes, however
long the document is. How a document becomes canonical (RDFC-1.0) is somebody else's work, and comes in as a function.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import StringConstraints

from microintern.domain.base import Frozen
from microintern.domain.manifest import PublicKey

Canonical = Callable[[Mapping[str, Any]], bytes]
"""The canonical N-Quads of a JSON-LD document (RDFC-1.0)."""

SUITE: Literal["eddsa-rdfc-2022"] = "eddsa-rdfc-2022"
SIGNATURE_BYTES = 64

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ED25519 = bytes.fromhex("ed01")
"""The multicodec prefix of an Ed25519 public key."""

ProofValue = Annotated[str, StringConstraints(pattern=rf"^z[{_ALPHABET}]{{64,90}}$")]


class Proof(Frozen):
    """A proof as it stands in a document; the names are the standard's."""

    type: Literal["DataIntegrityProof"] = "DataIntegrityProof"
    cryptosuite: Literal["eddsa-rdfc-2022"] = SUITE
    created: str
    verificationMethod: str  # noqa: N815
    proofPurpose: Literal["assertionMethod"] = "assertionMethod"  # noqa: N815
    proofValue: ProofValue | None = None  # noqa: N815


def to_sign(document: Mapping[str, Any], proof: Proof, canonical: Canonical) -> bytes:
    """The 64 bytes that the signature of a document is made of; the proof's own value is no part of them."""
    options = proof.model_dump(exclude={"proofValue"}) | {"@context": document["@context"]}
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    return b"".join(hashlib.sha256(canonical(part)).digest() for part in (options, unsecured))


def secured(document: Mapping[str, Any], proof: Proof, signature: bytes) -> dict[str, Any]:
    """The document with its proof."""
    whole = proof.model_copy(update={"proofValue": f"z{base58(signature)}"})
    return {**document, "proof": whole.model_dump()}


def signature_of(proof: Proof) -> bytes | None:
    """The bytes of a proof's signature; None when it has none of the right length."""
    value = unbase58(proof.proofValue[1:]) if proof.proofValue else b""
    return value if len(value) == SIGNATURE_BYTES else None


def multikey(key: PublicKey) -> str:
    """A public key in one text, as controlled identifier documents write it (Multikey)."""
    raw = base64.urlsafe_b64decode(key.x + "=" * (-len(key.x) % 4))
    return f"z{base58(_ED25519 + raw)}"


def base58(data: bytes) -> str:
    """Bitcoin's base 58, as multibase has it for `z`."""
    number, text = int.from_bytes(data), ""
    while number:
        number, digit = divmod(number, len(_ALPHABET))
        text = _ALPHABET[digit] + text
    zeros = len(data) - len(data.lstrip(b"\0"))
    return _ALPHABET[0] * zeros + text


def unbase58(text: str) -> bytes:
    """What `base58` was made of; ValueError for anything else."""
    if not re.fullmatch(rf"[{_ALPHABET}]*", text):
        raise ValueError("this is no base 58")
    number = 0
    for character in text:
        number = number * len(_ALPHABET) + _ALPHABET.index(character)
    zeros = len(text) - len(text.lstrip(_ALPHABET[0]))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8)

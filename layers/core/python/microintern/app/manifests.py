"""Signed manifests of submissions, and the keys that they are verified with."""

from microintern.app.commands import load, require_side
from microintern.domain.brief import Command
from microintern.domain.documents import Submission
from microintern.domain.manifest import KeySet, Manifest, SignedManifest, signed, signing_input
from microintern.domain.states import Role
from microintern.ports.briefs import Briefs
from microintern.ports.credentials import Signer


def signed_manifest(by: Command, brief_id: str, number: int, *, briefs: Briefs, signer: Signer) -> SignedManifest:
    """What was handed in under this number, signed; for the parties and operators. The same each time."""
    key = Submission.key_of(number)
    snapshot = load(briefs, brief_id, key)
    require_side(snapshot.brief, by, Role.EMPLOYER, Role.STUDENT, Role.OPERATOR)
    manifest = Manifest.of(brief_id, snapshot.need(Submission, key))
    to_sign = signing_input(manifest, signer.public_key())
    return signed(manifest, to_sign, signer.sign(to_sign))


def key_set(*, signer: Signer) -> KeySet:
    """What anybody needs to verify signatures."""
    return KeySet(keys=[signer.public_key()])

"""Credentials: issued when a brief is approved, shown as their student chooses, revoked by operators, verified."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from microintern.app.accounts import changed, remember, repeated
from microintern.app.commands import load, require_role
from microintern.app.cursors import decode, encode
from microintern.app.requests import RevocationRequest, VisibilityRequest
from microintern.app.views.credentials import (
    CredentialPage,
    CredentialView,
    OwnCredential,
    RevocationView,
    Verification,
    Wrong,
)
from microintern.domain import status_lists
from microintern.domain.accounts import Profile
from microintern.domain.base import iso
from microintern.domain.brief import Brief, Command
from microintern.domain.credentials import (
    APPROVALS,
    Choices,
    Credential,
    CredentialState,
    Work,
    credential_id_of,
    issued,
)
from microintern.domain.data_integrity import Canonical, Proof, multikey, secured, signature_of, to_sign
from microintern.domain.documents import Content, Review
from microintern.domain.events import CloudEvent
from microintern.domain.open_badges import (
    CONTEXTS,
    ISSUER_NAME,
    OPEN_BADGES,
    Addresses,
    Identity,
    OpenBadge,
    credit_badge,
    hidden_identity,
    named_identity,
    open_badge,
)
from microintern.domain.policy import Policy
from microintern.domain.problems import Conflict, no_such
from microintern.domain.states import Role
from microintern.domain.status_lists import MOST_TRIES, Place, place_of, status_list
from microintern.ports.briefs import Briefs
from microintern.ports.clock import Clock
from microintern.ports.conditions import StaleDocument, StudentErased
from microintern.ports.credentials import Credentials, PlaceTaken, Signer
from microintern.ports.organisations import Organisations


@dataclass(frozen=True)
class Issuer:
    """Who issues: the public address, the key, and how a document becomes canonical."""

    at: Addresses
    signer: Signer
    canonical: Canonical

    @property
    def key(self) -> str:
        """The address of the key."""
        return self.at.key(multikey(self.signer.public_key()))

    def sign(self, document: Mapping[str, Any], created: datetime) -> dict[str, Any]:
        """The document with a proof."""
        proof = Proof(created=iso(created), verificationMethod=self.key)
        return secured(document, proof, self.signer.sign(to_sign(document, proof, self.canonical)))

    def signed(self, document: Mapping[str, Any], created: datetime) -> str:
        """The same as the text that is kept and handed out."""
        return as_text(self.sign(document, created))


def as_text(document: Mapping[str, Any]) -> str:
    """A document as it is written here."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def issue(
    event: CloudEvent,
    *,
    briefs: Briefs,
    organisations: Organisations,
    credentials: Credentials,
    issuer: Issuer,
    clock: Clock,
) -> str | None:
    """Issue the credential of an approved brief; its id, or None when none is due or it was issued already.

    Events may repeat and come late: what counts is how the brief is now. An approval is never taken back.
    """
    brief, work = _work(event, briefs, organisations)
    if work is None or credentials.read(credential_id_of(brief.brief_id)):
        return None
    for attempt in range(MOST_TRIES):
        credential = _issued(brief, work, place_of(credential_id_of(brief.brief_id), attempt), issuer, clock.now())
        try:
            there = credentials.issue(credential)
        except PlaceTaken:
            continue
        except StudentErased:
            return None
        return None if there else credential.credential_id
    raise RuntimeError(f"no place for the credential of {brief.brief_id} in any list")


def _work(event: CloudEvent, briefs: Briefs, organisations: Organisations) -> tuple[Brief, Work | None]:
    """The brief, and what it comes to, unless it did not end in an approval."""
    snapshot = load(briefs, event.subject, Content.key_of)
    brief = snapshot.brief
    if brief.outcome not in APPROVALS or brief.student_id is None:
        return brief, None
    key = Review.key_of(brief.submissions)
    review = load(briefs, brief.brief_id, key).find(Review, key)
    organisation = organisations.read(brief.employer_id)
    if organisation is None:
        raise no_such("organisation")
    return brief, Work.of(brief, snapshot.posting, review, organisation.name, event.time)


def _issued(brief: Brief, work: Work, place: Place, issuer: Issuer, now: datetime) -> Credential:
    assert brief.student_id
    hidden = hidden_identity(credential_id_of(brief.brief_id), brief.student_id)
    document = open_badge(brief.brief_id, work, place, Choices(), hidden, issuer.at).as_json()
    return issued(brief, work, place, issuer.signed(document, now), now)


def own_credentials(by: Command, limit: int, cursor: str | None, *, credentials: Credentials) -> CredentialPage:
    """A student's own credentials, the newest first."""
    require_role(by, Role.STUDENT)
    scope = ("credentials", by.actor_id)
    page = credentials.of_student(by.actor_id, limit, decode(cursor, *scope))
    items = [CredentialView.of(credential) for credential in page.items]
    return CredentialPage(items=items, next_cursor=encode(page.next, *scope))


def own_credential(by: Command, credential_id: str, *, credentials: Credentials) -> OwnCredential:
    """One's own credential, signed, whether or not it is public."""
    return OwnCredential.of(own(by, credential_id, credentials=credentials))


def own(by: Command, credential_id: str, *, credentials: Credentials) -> Credential:
    """One's own credential as it is kept."""
    require_role(by, Role.STUDENT)
    return _own(by, credentials.read(credential_id))


def _own(by: Command, credential: Credential | None) -> Credential:
    if credential is None or credential.student_id != by.actor_id:
        raise no_such("credential")
    return credential


def choose(
    by: Command,
    credential_id: str,
    request: VisibilityRequest,
    *,
    credentials: Credentials,
    issuer: Issuer,
    clock: Clock,
) -> OwnCredential:
    """Say who may see a credential and what it says; it is signed anew with what was chosen."""
    require_role(by, Role.STUDENT)
    found, profile = credentials.read_with_profile(credential_id, by.actor_id)
    before = _own(by, found)
    if repeated(before.done, by):
        return OwnCredential.of(before)
    now, choices = clock.now(), Choices.model_validate(request.model_dump())
    signed = issuer.signed(_document(before, choices, profile, issuer), now)
    after = before.shown(choices, signed, by, now).model_copy(update={"done": remember(before.done, by)})
    try:
        credentials.replace(after)
    except StaleDocument as stale:
        meanwhile = own(by, credential_id, credentials=credentials)
        if not repeated(meanwhile.done, by):
            raise changed() from stale
        after = meanwhile
    return OwnCredential.of(after)


def _document(credential: Credential, choices: Choices, profile: Profile | None, issuer: Issuer) -> dict[str, Any]:
    assert credential.student_id
    hidden = hidden_identity(credential.credential_id, credential.student_id)
    identity = _named(profile) if choices.show_name else hidden
    if credential.credit:
        about = (credential.credential_id, credential.credit, credential.issued_at, credential.place)
        return credit_badge(*about, choices, identity, issuer.at).as_json()
    assert credential.work
    assert credential.brief_id
    return open_badge(credential.brief_id, credential.work, credential.place, choices, identity, issuer.at).as_json()


def _named(profile: Profile | None) -> Identity:
    if profile is None:
        raise Conflict("profile_missing", "Write your name with PUT /me/profile before you have it shown.")
    return named_identity(profile.name)


def revoke(
    by: Command, credential_id: str, request: RevocationRequest, *, credentials: Credentials, clock: Clock
) -> RevocationView:
    """Revoke a credential for good, as an operator, with a reason for the student."""
    require_role(by, Role.OPERATOR)
    after = revoked(by, _there(credential_id, credentials), request, credentials=credentials, clock=clock)
    return RevocationView.of(after)


def revoked(
    by: Command, before: Credential, request: RevocationRequest, *, credentials: Credentials, clock: Clock
) -> Credential:
    """A credential, revoked by somebody who may; Conflict when it was before."""
    if repeated(before.done, by):
        return before
    if before.state is CredentialState.REVOKED:
        raise Conflict("revoked_already", "This credential was revoked already; that cannot be taken back.")
    after = before.revoked(request.reason, by, clock.now())
    after = after.model_copy(update={"done": remember(before.done, by)})
    try:
        credentials.revoke(after)
    except StaleDocument as stale:
        meanwhile = _there(before.credential_id, credentials)
        if not repeated(meanwhile.done, by):
            raise changed() from stale
        after = meanwhile
    return after


def _there(credential_id: str, credentials: Credentials) -> Credential:
    credential = credentials.read(credential_id)
    if credential is None or credential.state is CredentialState.ERASED:
        raise no_such("credential")
    return credential


def erase(brief_id: str, at: datetime, *, credentials: Credentials) -> None:
    """Leave nothing of a brief's credential but that it is revoked; none, or done already, is fine."""
    erase_credential(credential_id_of(brief_id), at, credentials=credentials)


def erase_credential(credential_id: str, at: datetime, *, credentials: Credentials) -> None:
    """As `erase`, of any credential."""
    before = credentials.read(credential_id)
    if before is None or before.state is CredentialState.ERASED:
        return
    try:
        credentials.revoke(before.erased(at))
    except StaleDocument:
        # Another run may have done it at this moment; what an operator did then, the next run goes on from.
        meanwhile = credentials.read(before.credential_id)
        if meanwhile is None or meanwhile.state is not CredentialState.ERASED:
            raise


def public_credential(credential_id: str, *, credentials: Credentials) -> Credential:
    """A credential that its student has made public; for everybody else's eyes there are no others."""
    credential = credentials.read(credential_id)
    if credential is None or not credential.is_public:
        raise no_such("credential")
    return credential


def verify(document: Any, *, credentials: Credentials, issuer: Issuer) -> Verification:
    """Whether a document is a credential of this platform, word for word, and still counts.

    Whoever holds a credential may have it verified, public or not: the answer says nothing that is not in it.
    """
    try:
        badge = OpenBadge.model_validate(document, by_alias=True, by_name=False)
    except ValidationError:
        return Verification.failed(Wrong.NOT_OURS)
    # To the letter: what is left out is not made good, and what means nothing is not passed over.
    if badge.as_json() != document or not _names_us(badge, issuer):
        return Verification.failed(Wrong.NOT_OURS)
    assert badge.proof
    signature = signature_of(badge.proof)
    message = to_sign(document, badge.proof, issuer.canonical)
    if signature is None or not issuer.signer.is_signature(message, signature):
        return Verification.failed(Wrong.NOT_AS_SIGNED)
    entry = badge.credential_status
    number = int(entry.status_list_credential.rpartition("/")[2])
    if credentials.is_revoked(Place(number=number, index=int(entry.status_list_index))):
        return Verification.of(badge, Wrong.REVOKED)
    return Verification.of(badge)


def _names_us(badge: OpenBadge, issuer: Issuer) -> bool:
    """Whether it claims to be ours in every way that it can; nothing else is worth the work of looking closer."""
    listed = badge.credential_status.status_list_credential
    number = listed.removeprefix(issuer.at.status_list(0)[:-1])
    return (
        tuple(badge.context) == CONTEXTS
        and badge.issuer.id == issuer.at.issuer
        and badge.id.startswith(issuer.at.credential(""))
        and badge.proof is not None
        and badge.proof.verificationMethod == issuer.key
        and number.isdecimal()
        and len(number) <= len("9999")
        and int(badge.credential_status.status_list_index) < status_lists.BITS
    )


def revocations(
    number: int, *, credentials: Credentials, issuer: Issuer, clock: Clock, policy: Policy
) -> dict[str, Any]:
    """A status list, signed; the same for a few minutes, so that it is not signed for everybody who asks."""
    revoked = credentials.revoked_in(number)
    if revoked is None:
        raise no_such("status list")
    begins = status_lists.since(clock.now(), policy.status_list_kept_s)
    document = status_list(issuer.at.status_list(number), issuer.at.issuer, revoked, begins)
    return issuer.sign(document, begins)


def issuer_document(issuer: Issuer) -> dict[str, Any]:
    """Who issues credentials, and the keys that they are verified with: profile and controlled identifier in one."""
    named = multikey(issuer.signer.public_key())
    method = {
        "id": issuer.at.key(named),
        "type": "Multikey",
        "controller": issuer.at.issuer,
        "publicKeyMultibase": named,
    }
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2", OPEN_BADGES, "https://www.w3.org/ns/cid/v1"],
        "id": issuer.at.issuer,
        "type": ["Profile"],
        "name": ISSUER_NAME,
        "url": issuer.at.base,
        "description": "Paid micro-internships: credentials are issued when work is approved against its rubric.",
        "verificationMethod": [method],
        "assertionMethod": [method["id"]],
    }

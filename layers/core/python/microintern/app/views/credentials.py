"""Credentials as students, operators and the public see them."""

import json
from enum import StrEnum
from typing import Any, Self

from pydantic import Field

from microintern.domain.base import Frozen, Id, Instant
from microintern.domain.credentials import Choices, Credential, CredentialState
from microintern.domain.open_badges import OpenBadge
from microintern.domain.text import Paragraph


class CredentialView(Frozen):
    """A credential of yours. Nobody else sees it while it is not public; with your account it is erased."""

    credential_id: Id
    brief_id: Id | None = Field(description="The brief that it is of; null for credit.")
    cohort_id: Id | None = Field(description="The cohort that it is credit of; null for a brief.")
    title: str
    state: CredentialState
    choices: Choices = Field(description="Who may see it, and what it says.")
    url: str = Field(description="Where everybody can open it, once it is public.")
    issued_at: Instant
    revoked_at: Instant | None
    reason: Paragraph | None = Field(description="Why it was revoked, if it was; nobody else is shown this.")

    @classmethod
    def of(cls, credential: Credential) -> Self:
        shared = set(cls.model_fields) & set(Credential.model_fields)
        return cls.model_validate(
            {
                **credential.model_dump(include=shared),
                "title": credential.title,
                "url": document_of(credential)["id"],
            }
        )


class CredentialPage(Frozen):
    """Some of your credentials, the newest first, and the cursor that leads on."""

    items: list[CredentialView]
    next_cursor: str | None = None


class OwnCredential(Frozen):
    """A credential of yours, and the signed document to keep."""

    about: CredentialView
    credential: dict[str, Any] = Field(description="Open Badges 3.0, signed with `eddsa-rdfc-2022`.")

    @classmethod
    def of(cls, credential: Credential) -> Self:
        return cls(about=CredentialView.of(credential), credential=document_of(credential))


class RevocationView(Frozen):
    """That a credential was revoked. Operators see neither its student nor what it says."""

    credential_id: Id
    state: CredentialState
    reason: Paragraph | None
    revoked_at: Instant | None

    @classmethod
    def of(cls, credential: Credential) -> Self:
        return cls.model_validate(credential.model_dump(include=set(cls.model_fields)))


class Wrong(StrEnum):
    """Why a credential is not valid."""

    NOT_OURS = "not_ours"
    NOT_AS_SIGNED = "not_as_signed"
    REVOKED = "revoked"


_SAID = {
    Wrong.NOT_OURS: "This is no credential that this platform has issued, or not in the form in which it was.",
    Wrong.NOT_AS_SIGNED: "This is not what was signed: something in it was changed.",
    Wrong.REVOKED: "This credential was issued here and has been revoked.",
}


class Verification(Frozen):
    """Whether a credential is valid: issued here, unchanged, and not revoked."""

    valid: bool
    problem: Wrong | None = Field(default=None, description="Why it is not.")
    detail: str
    id: str | None = Field(default=None, description="The address of the credential, if its signature holds.")
    name: str | None = None
    valid_from: str | None = None

    @classmethod
    def failed(cls, problem: Wrong) -> Self:
        return cls(valid=False, problem=problem, detail=_SAID[problem])

    @classmethod
    def of(cls, badge: OpenBadge, problem: Wrong | None = None) -> Self:
        detail = _SAID[problem] if problem else "This credential was issued here, is unchanged, and counts."
        about = {"id": badge.id, "name": badge.name, "valid_from": badge.valid_from}
        return cls(valid=problem is None, problem=problem, detail=detail, **about)


def document_of(credential: Credential) -> dict[str, Any]:
    """The signed document."""
    document: dict[str, Any] = json.loads(credential.signed or "{}")
    return document

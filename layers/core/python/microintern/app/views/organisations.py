"""Organisations, members and invitations as callers see them."""

from typing import Self

from pydantic import Field

from microintern.domain.accounts import Profile
from microintern.domain.base import Frozen, Id, Instant
from microintern.domain.organisations import (
    Invitation,
    MemberRole,
    Membership,
    Organisation,
    OrganisationCategory,
    OrganisationState,
)
from microintern.domain.text import Line, Link, MailingAddress, Paragraph


class OrganisationView(Frozen):
    """An organisation, for its members and operators."""

    organisation_id: Id
    category: OrganisationCategory = Field(description="An employer's, or an educational institution.")
    name: Line
    website: Link | None
    about: Paragraph | None
    mailing_address: MailingAddress | None
    state: OrganisationState
    reason: Paragraph | None = Field(description="What an operator wrote who decided about it.")
    since: Instant
    founded_at: Instant
    members: int

    @classmethod
    def of(cls, organisation: Organisation) -> Self:
        return cls.model_validate(organisation.model_dump(include=set(cls.model_fields)))


class OrganisationPage(Frozen):
    """Some organisations, and the cursor that leads on."""

    items: list[OrganisationView]
    next_cursor: str | None = None


class MemberView(Frozen):
    """Who belongs to an organisation; `left_at` once that is over."""

    organisation_id: Id
    account_id: Id
    name: Line | None = None
    role: MemberRole
    since: Instant
    left_at: Instant | None

    @classmethod
    def of(cls, member: Membership, profile: Profile | None = None) -> Self:
        shown = member.model_dump(include=set(cls.model_fields))
        return cls.model_validate({**shown, "name": profile.name if profile else None})


class MemberList(Frozen):
    """All members."""

    items: list[MemberView]


class InvitationView(Frozen):
    """An invitation, without its code."""

    invitation_id: Id
    role: MemberRole
    invited_by: Id
    invited_at: Instant
    expires_at: Instant
    accepted_by: Id | None
    accepted_at: Instant | None
    revoked_at: Instant | None

    @classmethod
    def of(cls, invitation: Invitation) -> Self:
        return cls.model_validate(invitation.model_dump(include=set(cls.model_fields)))


class InvitationList(Frozen):
    """All invitations, used ones included."""

    items: list[InvitationView]


class IssuedInvitation(Frozen):
    """A new invitation. The code is shown this once: pass it on to whom you invite."""

    invitation: InvitationView
    code: str

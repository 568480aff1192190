"""Organisations that people act for: who belongs to one, who is invited, and what operators think of it."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from microintern.domain.base import Frozen, Id, Instant
from microintern.domain.states import Role
from microintern.domain.text import Line, Link, MailingAddress, Paragraph
from microintern.domain.trail import Entry, Event, step


class OrganisationState(StrEnum):
    """What operators have decided about an organisation."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    SUSPENDED = "suspended"


class OrganisationCategory(StrEnum):
    """What an organisation is: its members are of one role."""

    EMPLOYER = "employer"
    INSTITUTION = "institution"


CATEGORY_OF = {Role.EMPLOYER: OrganisationCategory.EMPLOYER, Role.EDUCATOR: OrganisationCategory.INSTITUTION}
"""What somebody of a role founds, joins and acts for; of other roles, nothing."""


class MemberRole(StrEnum):
    """What a member may do: an owner invites, removes and appoints; both post and review."""

    OWNER = "owner"
    MEMBER = "member"


class Organisation(Frozen):
    """An organisation. Approved by an operator, an employer's can have briefs funded, an institution have cohorts."""

    organisation_id: Id
    category: OrganisationCategory = OrganisationCategory.EMPLOYER
    name: Line
    website: Link | None = None
    about: Paragraph | None = None
    mailing_address: MailingAddress | None = None
    """For agreements: its members and operators see it, and whoever has an agreement with it."""
    state: OrganisationState = OrganisationState.WAITING
    reason: Paragraph | None = None
    since: Instant
    """Since when it is in this state."""
    founded_at: Instant
    founded_by: Id
    body: str
    """Fingerprint of the request that founded it, so that a reused idempotency key is noticed."""
    owners: Annotated[int, Field(ge=0)] = 1
    members: Annotated[int, Field(ge=0)] = 1
    """All of them, owners included."""
    version: Annotated[int, Field(ge=1)] = 1
    """Of what operators decided and owners wrote; members come and go without it."""
    event: Event | None = None
    done: list[str] = []

    @property
    def entry(self) -> Entry | None:
        """The step that led here."""
        return step(self.organisation_id, "organisation", self.version, self.event)


class Membership(Frozen):
    """Somebody belongs, or belonged, to an organisation."""

    organisation_id: Id
    category: OrganisationCategory = OrganisationCategory.EMPLOYER
    account_id: Id
    role: MemberRole
    since: Instant
    left_at: Instant | None = None
    version: Annotated[int, Field(ge=1)] = 1
    event: Event | None = None
    done: list[str] = []

    @property
    def entry(self) -> Entry | None:
        """The step that led here."""
        return step(self.organisation_id, f"member#{self.account_id}", self.version, self.event)

    @property
    def is_owner(self) -> bool:
        """Whether they decide about members now."""
        return self.role is MemberRole.OWNER and self.left_at is None


class Invitation(Frozen):
    """Whoever has the code may join, once; the code itself is not kept."""

    organisation_id: Id
    category: OrganisationCategory = OrganisationCategory.EMPLOYER
    invitation_id: Id
    role: MemberRole
    code_hash: str
    body: str
    """Fingerprint of the request for it, so that a reused idempotency key is noticed."""
    invited_by: Id
    invited_at: Instant
    expires_at: Instant
    accepted_by: Id | None = None
    accepted_at: Instant | None = None
    revoked_at: Instant | None = None
    version: Annotated[int, Field(ge=1)] = 1
    """How often it was issued, and once more when it was revoked; that it was accepted, the new member's step says."""
    event: Event | None = None

    @property
    def entry(self) -> Entry | None:
        """The step that led here."""
        return step(self.organisation_id, f"invitation#{self.invitation_id}", self.version, self.event)

    @property
    def is_used(self) -> bool:
        """Whether nobody can accept it any more, whatever the time."""
        return self.accepted_at is not None or self.revoked_at is not None

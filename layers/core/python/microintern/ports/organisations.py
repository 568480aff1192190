"""Organisations with their members."""

from collections.abc import Sequence
from typing import Protocol

from microintern.domain.organisations import Invitation, Membership, Organisation, OrganisationState
from microintern.ports.paging import Page, Position


class BelongsAlready(Exception):
    """The account belongs to an organisation; it can belong to one at a time."""


class Full(Exception):
    """The organisation has as many members as one may have."""


class NotOwner(Exception):
    """Whoever asked is not an owner of the organisation, or not any more."""


class LastOwner(Exception):
    """An organisation must keep an owner."""


class Organisations(Protocol):
    """Organisations with their members and invitations. What somebody belongs to stands in their standing, too."""

    def found(self, organisation: Organisation, founder: Membership) -> Organisation | None:
        """Write a new organisation with its first owner, or nothing when its id is taken; then the one that is there.

        BelongsAlready when the founder belongs to another one.
        """

    def read(self, organisation_id: str) -> Organisation | None:
        """One organisation, strongly consistent."""

    def find(self, organisation_ids: Sequence[str]) -> dict[str, Organisation]:
        """Those of up to 100 organisations that exist, by id."""

    def decide(self, organisation: Organisation) -> None:
        """Write its state, with reason and what was done, over the version before; else StaleDocument."""

    def save_address(self, organisation: Organisation, by: str) -> None:
        """Write its mailing address, with what was done, over the version before; else StaleDocument.

        NotOwner unless `by` owns it at that moment.
        """

    def in_state(self, state: OrganisationState, limit: int, after: Position | None = None) -> Page:
        """The organisations in a state, the longest in it first."""

    def members(self, organisation_id: str) -> list[Membership]:
        """Who belongs to it now (at most 100)."""

    def membership(self, organisation_id: str, account_id: str) -> Membership | None:
        """Somebody's membership, also one that is over."""

    def invite(self, invitation: Invitation) -> None:
        """Write it over its version before: StaleDocument when that is not there or used, NotOwner by another."""

    def invitations(self, organisation_id: str) -> list[Invitation]:
        """All of them (at most 100)."""

    def invitation(
        self, organisation_id: str, invitation_id: str, account_id: str
    ) -> tuple[Invitation | None, Membership | None]:
        """An invitation, and what this account is or was to the organisation, in one call."""

    def revoke(self, invitation: Invitation, by: str) -> None:
        """Write that it is revoked: StaleDocument when the version before is not there or used, NotOwner by another."""

    def join(self, accepted: Invitation, member: Membership, most_members: int) -> None:
        """Write that an invitation is accepted, and the member: BelongsAlready, Full, StaleDocument if it is used."""

    def leave(self, before: Membership, after: Membership, by: str) -> None:
        """Write that a membership is over, on behalf of `by`: LastOwner, NotOwner, or StaleDocument when it changed."""

    def close(self, before: Membership, after: Membership) -> None:
        """Write that the only member's membership is over; StaleDocument when there are others or it changed.

        The organisation's mailing address goes with them: of one person alone, it may well be where they live.
        """

    def appoint(self, before: Membership, after: Membership, by: str) -> None:
        """Write that a member has another role, on behalf of `by`: LastOwner, NotOwner, or StaleDocument."""

"""The twins of organisations, and of who may act at all."""

import threading
from collections.abc import Sequence

from microintern.domain.base import iso
from microintern.domain.organisations import (
    Invitation,
    Membership,
    Organisation,
    OrganisationCategory,
    OrganisationState,
)
from microintern.domain.standing import Standing, left_entry
from microintern.ports.conditions import StaleDocument
from microintern.ports.organisations import BelongsAlready, Full, LastOwner, NotOwner
from microintern.ports.paging import Page, Position
from tests.twins.storing import kept, paged


class MemoryStandings:
    """The Standings port."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._standings: dict[str, Standing] = {}
        self._erasing: dict[str, None] = {}

    def read(self, account_id: str) -> Standing:
        return self._standings.get(account_id) or Standing(account_id=account_id)

    def save(self, standing: Standing) -> None:
        with self._lock:
            before = self.read(standing.account_id)
            if before.version != standing.version - 1:
                raise StaleDocument
            names = ("state", "reason", "since", "version", "event", "done")
            decided = {name: getattr(standing, name) for name in names}
            self._standings[standing.account_id] = kept(before.model_copy(update=decided))

    def erase(self, standing: Standing) -> None:
        self.save(standing)
        self._erasing[standing.account_id] = None

    def erasing(self, limit: int) -> list[str]:
        return list(self._erasing)[:limit]

    def erased(self, account_id: str) -> None:
        self._erasing.pop(account_id, None)

    def change(self, account_id: str, **changes: object) -> None:
        """What somebody belongs to; it is for the organisations to say when."""
        self._standings[account_id] = kept(self.read(account_id).model_copy(update=changes))

    def count(self, account_id: str, window: int, requests: int) -> None:
        with self._lock:
            before = self.read(account_id)
            if before.window > window:
                return
            had = before.requests if before.window == window else 0
            counted = {"window": window, "requests": had + requests}
            self._standings[account_id] = before.model_copy(update=counted)


NOWHERE = {"organisation_id": None, "member_role": None, "category": OrganisationCategory.EMPLOYER}
"""What somebody belongs to who belongs to nothing."""


class MemoryOrganisations:
    """The Organisations port; what somebody belongs to stands in their standing."""

    def __init__(self, standings: MemoryStandings) -> None:
        self._standings = standings
        self._lock = threading.RLock()
        self._organisations: dict[str, Organisation] = {}
        self._members: dict[tuple[str, str], Membership] = {}
        self._invitations: dict[tuple[str, str], Invitation] = {}

    def found(self, organisation: Organisation, founder: Membership) -> Organisation | None:
        with self._lock:
            if organisation.organisation_id in self._organisations:
                return self._organisations[organisation.organisation_id]
            self._belongs_from_now_on(founder)
            self._organisations[organisation.organisation_id] = kept(organisation)
            return None

    def tracked(self, organisation_id: str) -> list[Organisation | Membership | Invitation]:
        """What of an organisation has a trail."""
        found = self._organisations.get(organisation_id)
        members = [member for (owner, _), member in sorted(self._members.items()) if owner == organisation_id]
        return [*members, *self.invitations(organisation_id), found] if found else []

    def read(self, organisation_id: str) -> Organisation | None:
        return self._organisations.get(organisation_id)

    def find(self, organisation_ids: Sequence[str]) -> dict[str, Organisation]:
        return {id_: self._organisations[id_] for id_ in organisation_ids if id_ in self._organisations}

    def decide(self, organisation: Organisation) -> None:
        with self._lock:
            there = self._organisations.get(organisation.organisation_id)
            if there is None or there.version != organisation.version - 1:
                raise StaleDocument
            counted = {"members": there.members, "owners": there.owners}
            self._organisations[organisation.organisation_id] = kept(organisation.model_copy(update=counted))

    def save_address(self, organisation: Organisation, by: str) -> None:
        with self._lock:
            self._check_owner(organisation.organisation_id, by)
            self.decide(organisation)

    def in_state(self, state: OrganisationState, limit: int, after: Position | None = None) -> Page:
        found = [organisation for organisation in self._organisations.values() if organisation.state is state]
        return paged([(Position(sort=iso(o.since), item=o.organisation_id), o) for o in found], limit, after)

    def members(self, organisation_id: str) -> list[Membership]:
        found = [member for (owner, _), member in sorted(self._members.items()) if owner == organisation_id]
        return [member for member in found if member.left_at is None]

    def membership(self, organisation_id: str, account_id: str) -> Membership | None:
        return self._members.get((organisation_id, account_id))

    def invite(self, invitation: Invitation) -> None:
        with self._lock:
            self._check_owner(invitation.organisation_id, invitation.invited_by)
            self._check_latest(invitation)
            self._invitations[invitation.organisation_id, invitation.invitation_id] = kept(invitation)

    def invitations(self, organisation_id: str) -> list[Invitation]:
        return [found for (owner, _), found in sorted(self._invitations.items()) if owner == organisation_id]

    def invitation(
        self, organisation_id: str, invitation_id: str, account_id: str
    ) -> tuple[Invitation | None, Membership | None]:
        found = self._invitations.get((organisation_id, invitation_id))
        return found, self.membership(organisation_id, account_id)

    def revoke(self, invitation: Invitation, by: str) -> None:
        with self._lock:
            self._check_owner(invitation.organisation_id, by)
            self._check_latest(invitation)
            self._invitations[invitation.organisation_id, invitation.invitation_id] = kept(invitation)

    def join(self, accepted: Invitation, member: Membership, most_members: int) -> None:
        with self._lock:
            if self._standings.read(member.account_id).organisation_id is not None:
                raise BelongsAlready
            if self._organisations[member.organisation_id].members >= most_members:
                raise Full
            there = self._members.get((member.organisation_id, member.account_id))
            if member.version != (there.version + 1 if there else 1):
                raise StaleDocument
            at = (accepted.organisation_id, accepted.invitation_id)
            invitation = self._invitations.get(at)
            if invitation is None or invitation.is_used or invitation.code_hash != accepted.code_hash:
                raise StaleDocument
            news = {"accepted_by": accepted.accepted_by, "accepted_at": accepted.accepted_at}
            self._invitations[at] = kept(invitation.model_copy(update=news))
            self._belongs_from_now_on(member)
            self._count(member.organisation_id, members=1, owners=int(member.is_owner))

    def leave(self, before: Membership, after: Membership, by: str) -> None:
        with self._lock:
            self._change(before, after, by, members=-1)
            gone = self._standings.read(after.account_id).left
            left = {left_entry(after.organisation_id, after.left_at)} if after.left_at else set()
            self._standings.change(after.account_id, left=gone | left, **NOWHERE)

    def close(self, before: Membership, after: Membership) -> None:
        with self._lock:
            at = (after.organisation_id, after.account_id)
            if self._organisations[after.organisation_id].members != 1 or self._members[at].version != before.version:
                raise StaleDocument
            self._members[at] = kept(after)
            self._count(after.organisation_id, members=-1, owners=-int(before.is_owner))
            there = self._organisations[after.organisation_id]
            self._organisations[after.organisation_id] = there.model_copy(update={"mailing_address": None})
            gone = self._standings.read(after.account_id).left
            left = {left_entry(after.organisation_id, after.left_at)} if after.left_at else set()
            self._standings.change(after.account_id, left=gone | left, **NOWHERE)

    def appoint(self, before: Membership, after: Membership, by: str) -> None:
        with self._lock:
            self._change(before, after, by, members=0)
            self._standings.change(after.account_id, member_role=after.role)

    def _change(self, before: Membership, after: Membership, by: str, members: int) -> None:
        at = (after.organisation_id, after.account_id)
        belongs = self._standings.read(after.account_id).organisation_id == after.organisation_id
        if self._members[at].version != after.version - 1 or not belongs:
            raise StaleDocument
        if by != after.account_id:
            self._check_owner(after.organisation_id, by)
        owners = int(after.is_owner) - int(before.is_owner)
        if self._organisations[after.organisation_id].owners + owners < 1:
            raise LastOwner
        self._members[at] = kept(after)
        self._count(after.organisation_id, members=members, owners=owners)

    def _check_latest(self, invitation: Invitation) -> None:
        there = self._invitations.get((invitation.organisation_id, invitation.invitation_id))
        if (there.version if there else 0) != invitation.version - 1 or (there and there.accepted_at):
            raise StaleDocument

    def _belongs_from_now_on(self, member: Membership) -> None:
        if self._standings.read(member.account_id).organisation_id is not None:
            raise BelongsAlready
        self._members[member.organisation_id, member.account_id] = kept(member)
        belongs = {"organisation_id": member.organisation_id, "member_role": member.role}
        self._standings.change(member.account_id, category=member.category, **belongs)

    def _count(self, organisation_id: str, *, members: int, owners: int) -> None:
        there = self._organisations[organisation_id]
        counted = {"members": there.members + members, "owners": there.owners + owners}
        self._organisations[organisation_id] = there.model_copy(update=counted)

    def _check_owner(self, organisation_id: str, account_id: str) -> None:
        member = self.membership(organisation_id, account_id)
        if member is None or not member.is_owner:
            raise NotOwner

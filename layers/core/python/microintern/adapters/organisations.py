"""Organisations with their members and invitations, in the table of accounts: one partition each."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from microintern.adapters import dynamo
from microintern.adapters.accounts import STANDING, TRACKED
from microintern.adapters.dynamo import Item, Refused, Write
from microintern.domain.organisations import Invitation, MemberRole, Membership, Organisation, OrganisationState
from microintern.domain.standing import left_entry
from microintern.ports.conditions import StaleDocument
from microintern.ports.organisations import BelongsAlready, Full, LastOwner, NotOwner
from microintern.ports.paging import Page, Position

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ORGANISATION = "organisation"
MOST_LISTED = 100
_DECIDED = {"state", "reason", "since", "version", "done"}
_ADDRESSED = {"mailing_address", "version", "done"}
_REVOKED = {"revoked_at", "version", "event"}
_IS_LATEST = "#version = :before AND attribute_not_exists(#accepted_at)"
"""Nobody has issued an invitation anew, revoked or accepted it meanwhile."""

NO_ADDRESS = " REMOVE #mailing_address"
"""What an update also does when nobody belongs to an organisation any more."""


def member_key(account_id: str) -> str:
    """The sort key of a membership."""
    return f"member#{account_id}"


def _invitation_key(invitation_id: str) -> str:
    return f"invitation#{invitation_id}"


def is_owner(table: str, organisation_id: str, account_id: str) -> Write:
    """The condition that an account owns an organisation at the moment of a write."""
    at = dynamo.key(organisation_id, member_key(account_id))
    owns = "#role = :owner AND attribute_not_exists(#left_at)"
    return dynamo.check(table, at, owns, owner=MemberRole.OWNER.value)


class DynamoOrganisations:
    """The Organisations port on DynamoDB."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def found(self, organisation: Organisation, founder: Membership) -> Organisation | None:
        at = {"pk": organisation.organisation_id, "sk": ORGANISATION, "kind": TRACKED}
        item = {**at, **dynamo.fields(organisation)}
        writes = [
            dynamo.put_new(self._table, {**item, "listed": organisation.state.value}),
            self._belongs_from_now_on(founder),
            dynamo.put_over(self._table, _member_item(founder)),
        ]
        try:
            dynamo.commit(self._client, *writes)
        except Refused as refused:
            if 0 in refused.found:
                return dynamo.model_of(Organisation, refused.found[0] or {})
            raise BelongsAlready from refused
        return None

    def read(self, organisation_id: str) -> Organisation | None:
        item = dynamo.get(self._client, self._table, organisation_id, ORGANISATION)
        return dynamo.model_of(Organisation, item) if item else None

    def find(self, organisation_ids: Sequence[str]) -> dict[str, Organisation]:
        keys = [(organisation_id, ORGANISATION) for organisation_id in organisation_ids]
        found = dynamo.get_many(self._client, self._table, keys, consistent=False) if keys else {}
        return {organisation_id: dynamo.model_of(Organisation, item) for (organisation_id, _), item in found.items()}

    def decide(self, organisation: Organisation) -> None:
        at = dynamo.key(organisation.organisation_id, ORGANISATION)
        event = dynamo.fields(organisation.event) if organisation.event else None
        told = {"listed": organisation.state.value, "event": event}
        changes = organisation.model_dump(mode="json", include=_DECIDED) | told
        write = dynamo.update(self._table, at, changes, "#version = :before", before=organisation.version - 1)
        try:
            dynamo.commit(self._client, write)
        except Refused as refused:
            raise StaleDocument from refused

    def save_address(self, organisation: Organisation, by: str) -> None:
        at = dynamo.key(organisation.organisation_id, ORGANISATION)
        event = dynamo.fields(organisation.event) if organisation.event else None
        changes = organisation.model_dump(mode="json", include=_ADDRESSED) | {"event": event}
        write = dynamo.update(self._table, at, changes, "#version = :before", before=organisation.version - 1)
        self._commit_by_owner([write, self._is_owner(organisation.organisation_id, by)])

    def in_state(self, state: OrganisationState, limit: int, after: Position | None = None) -> Page:
        request: dict[str, Any] = {
            "TableName": self._table,
            "IndexName": "organisations",
            **dynamo.expressions({"listed": state.value}, KeyCondition="#listed = :listed"),
        }
        if after:
            start = {"listed": state.value, "since": after.sort, "pk": after.item, "sk": ORGANISATION}
            request["ExclusiveStartKey"] = dynamo.packed(start)
        rows, last = dynamo.query(self._client, request, limit)
        position = Position(sort=last["since"], item=last["pk"]) if last else None
        return Page(items=[dynamo.model_of(Organisation, row) for row in rows], next=position)

    def members(self, organisation_id: str) -> list[Membership]:
        items = self._under(organisation_id, "member#")
        return [dynamo.model_of(Membership, item) for item in items if "left_at" not in item]

    def membership(self, organisation_id: str, account_id: str) -> Membership | None:
        item = dynamo.get(self._client, self._table, organisation_id, member_key(account_id))
        return dynamo.model_of(Membership, item) if item else None

    def invite(self, invitation: Invitation) -> None:
        item, before = _invitation_item(invitation), invitation.version - 1
        issued = (
            dynamo.put(self._table, item, _IS_LATEST, before=before) if before else dynamo.put_new(self._table, item)
        )
        self._commit_by_owner([issued, self._is_owner(invitation.organisation_id, invitation.invited_by)])

    def invitations(self, organisation_id: str) -> list[Invitation]:
        return [dynamo.model_of(Invitation, item) for item in self._under(organisation_id, "invitation#")]

    def invitation(
        self, organisation_id: str, invitation_id: str, account_id: str
    ) -> tuple[Invitation | None, Membership | None]:
        keys = [(organisation_id, _invitation_key(invitation_id)), (organisation_id, member_key(account_id))]
        found = dynamo.get_many(self._client, self._table, keys, consistent=True)
        invitation, membership = (found.get(key) for key in keys)
        return (
            dynamo.model_of(Invitation, invitation) if invitation else None,
            dynamo.model_of(Membership, membership) if membership else None,
        )

    def revoke(self, invitation: Invitation, by: str) -> None:
        at = dynamo.key(invitation.organisation_id, _invitation_key(invitation.invitation_id))
        changes = {name: value for name, value in dynamo.fields(invitation).items() if name in _REVOKED}
        writes = [
            dynamo.update(self._table, at, changes, _IS_LATEST, before=invitation.version - 1),
            self._is_owner(invitation.organisation_id, by),
        ]
        self._commit_by_owner(writes)

    def join(self, accepted: Invitation, member: Membership, most_members: int) -> None:
        at = dynamo.key(accepted.organisation_id, _invitation_key(accepted.invitation_id))
        news = accepted.model_dump(mode="json", include={"accepted_by", "accepted_at"})
        as_sent = "#code_hash = :code_hash AND attribute_not_exists(#accepted_at) AND attribute_not_exists(#revoked_at)"
        writes = [
            dynamo.update(self._table, at, news, as_sent, code_hash=accepted.code_hash),
            self._belongs_from_now_on(member),
            dynamo.put_version(self._table, _member_item(member)),
            self._counts(member.organisation_id, 1, int(member.is_owner), "#members < :most", most=most_members),
        ]
        try:
            dynamo.commit(self._client, *writes)
        except Refused as refused:
            if 1 in refused.found:
                raise BelongsAlready from refused
            if 3 in refused.found:
                raise Full from refused
            raise StaleDocument from refused

    def leave(self, before: Membership, after: Membership, by: str) -> None:
        assert after.left_at is not None
        self._change(before, after, by, self._belongs_no_more(after, after.left_at), members=-1)

    def close(self, before: Membership, after: Membership) -> None:
        assert after.left_at is not None
        writes = [
            self._replaced(before, after),
            self._belongs_no_more(after, after.left_at),
            self._counts(after.organisation_id, -1, -int(before.is_owner), "#members = :only", NO_ADDRESS, only=1),
        ]
        try:
            dynamo.commit(self._client, *writes)
        except Refused as refused:
            raise StaleDocument from refused

    def appoint(self, before: Membership, after: Membership, by: str) -> None:
        at = dynamo.key(after.account_id, STANDING)
        belongs = {"organisation_id": after.organisation_id}
        standing = dynamo.update(
            self._table, at, {"member_role": after.role.value}, "#organisation_id = :organisation_id", **belongs
        )
        self._change(before, after, by, standing, members=0)

    def _change(self, before: Membership, after: Membership, by: str, standing: Write, members: int) -> None:
        owners = int(after.is_owner) - int(before.is_owner)
        writes = [self._replaced(before, after), standing]
        writes.append(self._counts(after.organisation_id, members, owners, "#owners >= :least", least=1 - owners))
        if by != after.account_id:
            writes.append(self._is_owner(after.organisation_id, by))
        try:
            dynamo.commit(self._client, *writes)
        except Refused as refused:
            # Whatever else does not hold: of a membership that has changed, it says nothing.
            if refused.found.keys() & {0, 1}:
                raise StaleDocument from refused
            raise (NotOwner if 3 in refused.found else LastOwner) from refused

    def _replaced(self, before: Membership, after: Membership) -> Write:
        return dynamo.put(self._table, _member_item(after), "#version = :before", before=before.version)

    def _under(self, organisation_id: str, prefix: str) -> list[Item]:
        request = {"TableName": self._table, "ConsistentRead": True, **dynamo.under(organisation_id, prefix)}
        return dynamo.query(self._client, request, MOST_LISTED)[0]

    def _commit_by_owner(self, writes: list[Write]) -> None:
        try:
            dynamo.commit(self._client, *writes)
        except Refused as refused:
            if 1 in refused.found:
                raise NotOwner from refused
            raise StaleDocument from refused

    def _is_owner(self, organisation_id: str, account_id: str) -> Write:
        return is_owner(self._table, organisation_id, account_id)

    def _belongs_from_now_on(self, member: Membership) -> Write:
        at = dynamo.key(member.account_id, STANDING)
        belongs = {"organisation_id": member.organisation_id, "member_role": member.role.value}
        belongs["category"] = member.category.value
        return dynamo.update(self._table, at, belongs, "attribute_not_exists(#organisation_id)")

    def _belongs_no_more(self, member: Membership, left_at: datetime) -> Write:
        values = {"gone": {left_entry(member.organisation_id, left_at)}, "organisation_id": member.organisation_id}
        request = dynamo.expressions(
            values,
            Update="REMOVE #organisation_id, #category, #member_role ADD #left :gone",
            Condition="#organisation_id = :organisation_id",
        )
        at = dynamo.key(member.account_id, STANDING)
        return {"Update": {"TableName": self._table, "Key": at, **request}}

    def _counts(
        self, organisation_id: str, members: int, owners: int, condition: str, also: str = "", **values: int
    ) -> Write:
        more = {"more_members": members, "more_owners": owners, **values}
        add = f"ADD #members :more_members, #owners :more_owners{also}"
        request = dynamo.expressions(more, Update=add, Condition=condition)
        return {"Update": {"TableName": self._table, "Key": dynamo.key(organisation_id, ORGANISATION), **request}}


def _member_item(member: Membership) -> Item:
    at = {"pk": member.organisation_id, "sk": member_key(member.account_id), "kind": TRACKED}
    return {**at, **dynamo.fields(member)}


def _invitation_item(invitation: Invitation) -> Item:
    at = {"pk": invitation.organisation_id, "sk": _invitation_key(invitation.invitation_id), "kind": TRACKED}
    return {**at, **dynamo.fields(invitation)}

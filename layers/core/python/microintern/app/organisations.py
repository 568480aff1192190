"""Employers and educators found an organisation, invite others to it and leave it; operators approve it."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta

from microintern.app.accounts import changed, remember, repeated
from microintern.app.commands import require_role
from microintern.app.cursors import decode, encode
from microintern.app.requests import (
    AcceptanceRequest,
    AddressRequest,
    InvitationRequest,
    MemberRequest,
    OrganisationDecisionRequest,
    OrganisationRequest,
)
from microintern.app.views.organisations import (
    InvitationList,
    InvitationView,
    IssuedInvitation,
    MemberList,
    MemberView,
    OrganisationPage,
    OrganisationView,
)
from microintern.domain.base import derived_id
from microintern.domain.brief import Command, key_reused
from microintern.domain.organisations import (
    CATEGORY_OF,
    Invitation,
    MemberRole,
    Membership,
    Organisation,
    OrganisationState,
)
from microintern.domain.policy import Policy
from microintern.domain.problems import Conflict, Forbidden, Invalid, no_such
from microintern.domain.states import Role
from microintern.domain.trail import Event
from microintern.ports.accounts import Accounts
from microintern.ports.clock import Clock
from microintern.ports.conditions import StaleDocument
from microintern.ports.organisations import BelongsAlready, Full, LastOwner, NotOwner, Organisations

Codes = Callable[[], str]
"""Makes a new secret that nobody can guess."""
_MOST_TRIES = 3


def found(by: Command, request: OrganisationRequest, *, organisations: Organisations, clock: Clock) -> Organisation:
    """Found an organisation and be its first owner; an educator's is an institution.

    An operator approves it before its first brief can be funded, or its first cohort made.
    """
    require_role(by, *CATEGORY_OF)
    now, organisation_id = clock.now(), derived_id("organisation", by.key)
    organisation = Organisation(
        organisation_id=organisation_id,
        category=CATEGORY_OF[by.role],
        since=now,
        founded_at=now,
        founded_by=by.actor_id,
        body=by.body,
        event=by.did("organisation.founded", now),
        **request.model_dump(),
    )
    joined = by.did("member.joined", now)
    founder = Membership(
        organisation_id=organisation_id,
        category=organisation.category,
        account_id=by.actor_id,
        role=MemberRole.OWNER,
        since=now,
        event=joined,
    )
    try:
        there = organisations.found(organisation, founder)
    except BelongsAlready as belongs:
        raise _belongs_already() from belongs
    # The id is made of the key: what is there was made by this command, or by another one under its key.
    if there and there.body != by.body:
        raise key_reused()
    return there or organisation


def read(by: Command, organisation_id: str, *, organisations: Organisations) -> Organisation:
    """One organisation, for its members and operators."""
    _require_inside(by, organisation_id)
    organisation = organisations.read(organisation_id)
    if organisation is None:
        raise no_such("organisation")
    return organisation


def in_state(
    by: Command, state: OrganisationState, limit: int, cursor: str | None, *, organisations: Organisations
) -> OrganisationPage:
    """For operators: the organisations in a state, the longest in it first."""
    require_role(by, Role.OPERATOR)
    scope = ("organisations", by.actor_id, state)
    page = organisations.in_state(state, limit, decode(cursor, *scope))
    items = [OrganisationView.of(organisation) for organisation in page.items]
    return OrganisationPage(items=items, next_cursor=encode(page.next, *scope))


def decide(
    by: Command,
    organisation_id: str,
    request: OrganisationDecisionRequest,
    *,
    organisations: Organisations,
    clock: Clock,
) -> Organisation:
    """Approve, reject or suspend an organisation. It holds for what is funded from now on; briefs that run go on."""
    require_role(by, Role.OPERATOR)
    before = organisations.read(organisation_id)
    if before is None:
        raise no_such("organisation")
    if repeated(before.done, by):
        return before
    now, state = clock.now(), OrganisationState(request.state)
    event = by.did(f"organisation.{state}", now, before.entry)
    decision = {"state": state, "reason": request.reason, "since": now, "event": event}
    after = before.model_copy(update={**decision, "version": before.version + 1, "done": remember(before.done, by)})
    try:
        organisations.decide(after)
    except StaleDocument as stale:
        meanwhile = organisations.read(organisation_id)
        if meanwhile and repeated(meanwhile.done, by):
            return meanwhile
        raise changed() from stale
    return after


def save_address(
    by: Command, organisation_id: str, request: AddressRequest, *, organisations: Organisations, clock: Clock
) -> Organisation:
    """Say where the organisation gets its mail, as an owner; it stands in agreements made from now on."""
    _require_member(by, organisation_id)
    before = read(by, organisation_id, organisations=organisations)
    if repeated(before.done, by):
        return before
    event = by.did("organisation.address_saved", clock.now(), before.entry)
    change = {"mailing_address": request.mailing_address, "event": event, "version": before.version + 1}
    after = before.model_copy(update={**change, "done": remember(before.done, by)})
    try:
        organisations.save_address(after, by.actor_id)
    except NotOwner as not_owner:
        raise _not_owner() from not_owner
    except StaleDocument as stale:
        meanwhile = organisations.read(organisation_id)
        if meanwhile and repeated(meanwhile.done, by):
            return meanwhile
        raise changed() from stale
    return after


def members(by: Command, organisation_id: str, *, organisations: Organisations, accounts: Accounts) -> MemberList:
    """Who belongs to an organisation, for its members and operators."""
    _require_inside(by, organisation_id)
    found = organisations.members(organisation_id)
    if not found:
        raise no_such("organisation")
    profiles = accounts.profiles([member.account_id for member in found])
    items = [MemberView.of(member, profiles.get(member.account_id)) for member in found]
    return MemberList(items=items)


def invite(
    by: Command,
    organisation_id: str,
    request: InvitationRequest,
    *,
    organisations: Organisations,
    clock: Clock,
    policy: Policy,
    codes: Codes,
) -> IssuedInvitation:
    """Invite somebody: whoever brings the code may join, once. Repeated, a new code for the same invitation.

    Only a hash of the code is kept, so it cannot be shown again; the one before is good for nothing then.
    """
    _require_member(by, organisation_id)
    secret = codes()
    for _ in range(_MOST_TRIES):
        invitation = _issued(by, organisation_id, request, _hash(secret), organisations, clock.now(), policy)
        try:
            organisations.invite(invitation)
        except NotOwner as not_owner:
            raise _not_owner() from not_owner
        except StaleDocument:
            continue  # the same was asked for elsewhere at this moment
        code = f"{organisation_id}.{invitation.invitation_id}.{secret}"
        return IssuedInvitation(invitation=InvitationView.of(invitation), code=code)
    raise changed()


def _issued(
    by: Command,
    organisation_id: str,
    request: InvitationRequest,
    code_hash: str,
    organisations: Organisations,
    now: datetime,
    policy: Policy,
) -> Invitation:
    """The invitation, or the next version of the one that this command has issued; a Conflict if that is used."""
    invitation_id = derived_id("invitation", organisation_id, by.key)
    before, _ = organisations.invitation(organisation_id, invitation_id, by.actor_id)
    if before and before.body != by.body:
        raise key_reused()
    if before and before.is_used:
        raise _used()
    return Invitation(
        organisation_id=organisation_id,
        category=CATEGORY_OF[by.role],
        invitation_id=invitation_id,
        role=request.role,
        code_hash=code_hash,
        body=by.body,
        invited_by=by.actor_id,
        invited_at=now,
        expires_at=now + timedelta(seconds=policy.invitation_window_s),
        version=before.version + 1 if before else 1,
        event=by.did("invitation.issued", now, before.entry if before else None),
    )


def invitations(by: Command, organisation_id: str, *, organisations: Organisations) -> InvitationList:
    """The invitations of one's organisation, without their codes."""
    _require_member(by, organisation_id)
    items = [InvitationView.of(invitation) for invitation in organisations.invitations(organisation_id)]
    return InvitationList(items=items)


def revoke(
    by: Command, organisation_id: str, invitation_id: str, *, organisations: Organisations, clock: Clock
) -> Invitation:
    """Take an invitation back. Repeating it changes nothing."""
    _require_member(by, organisation_id)
    there, _ = organisations.invitation(organisation_id, invitation_id, by.actor_id)
    if there is None:
        raise no_such("invitation")
    if there.revoked_at is not None:
        return there
    now = clock.now()
    event = by.did("invitation.revoked", now, there.entry)
    revoked = there.model_copy(update={"revoked_at": now, "version": there.version + 1, "event": event})
    try:
        organisations.revoke(revoked, by.actor_id)
    except NotOwner as not_owner:
        raise _not_owner() from not_owner
    except StaleDocument as stale:
        meanwhile, _ = organisations.invitation(organisation_id, invitation_id, by.actor_id)
        if meanwhile and meanwhile.revoked_at is not None:
            return meanwhile
        raise _used() from stale
    return revoked


def accept(
    by: Command, request: AcceptanceRequest, *, organisations: Organisations, clock: Clock, policy: Policy
) -> Membership:
    """Join an organisation by the code of an invitation; one organisation at a time."""
    require_role(by, *CATEGORY_OF)
    organisation_id, invitation_id, secret = request.code.split(".")
    invitation, before = organisations.invitation(organisation_id, invitation_id, by.actor_id)
    if before and repeated(before.done, by):
        return before
    now = clock.now()
    if invitation is None or not hmac.compare_digest(invitation.code_hash, _hash(secret)):
        raise Invalid.field("unknown_code", "/code", "No invitation has this code; ask for a new one.")
    if invitation.category is not CATEGORY_OF[by.role]:
        detail = f"This invitation is to an organisation of the category {invitation.category}, not for your role."
        raise Conflict("other_category", detail)
    if invitation.is_used or now >= invitation.expires_at:
        raise _used()
    member = Membership(
        organisation_id=organisation_id,
        category=invitation.category,
        account_id=by.actor_id,
        role=invitation.role,
        since=now,
        version=before.version + 1 if before else 1,
        event=by.did("member.joined", now, before.entry if before else None, {"invitation_id": invitation_id}),
        done=remember(before.done if before else [], by),
    )
    accepted = invitation.model_copy(update={"accepted_by": by.actor_id, "accepted_at": now})
    try:
        organisations.join(accepted, member, policy.most_members)
    except BelongsAlready as belongs:
        return _joined_meanwhile(by, member, organisations, _belongs_already(), belongs)
    except Full as full:
        detail = f"An organisation has at most {policy.most_members} members."
        raise Conflict("organisation_full", detail) from full
    except StaleDocument as stale:
        return _joined_meanwhile(by, member, organisations, _used(), stale)
    return member


def _joined_meanwhile(
    by: Command, member: Membership, organisations: Organisations, refusal: Conflict, reason: Exception
) -> Membership:
    """What the same command has done elsewhere, or the refusal."""
    there = organisations.membership(member.organisation_id, member.account_id)
    if there and repeated(there.done, by):
        return there
    raise refusal from reason


def leave(
    by: Command, organisation_id: str, account_id: str, *, organisations: Organisations, clock: Clock
) -> Membership:
    """Leave an organisation, or remove somebody from one's own: what belongs to it is closed to them from then on."""
    before = _member(by, organisation_id, account_id, organisations)
    if repeated(before.done, by):
        return before
    if before.left_at is not None:
        raise no_such("member")
    now = clock.now()
    after = _next(before, by, by.did("member.left", now, before.entry), left_at=now)
    return _changed(by, before, after, organisations.leave, organisations)


def appoint(
    by: Command,
    organisation_id: str,
    account_id: str,
    request: MemberRequest,
    *,
    organisations: Organisations,
    clock: Clock,
) -> Membership:
    """Make a member an owner, or an owner a member; an organisation keeps at least one owner."""
    before = _member(by, organisation_id, account_id, organisations)
    if repeated(before.done, by):
        return before
    if before.left_at is not None:
        raise no_such("member")
    event = by.did("member.appointed", clock.now(), before.entry, {"role": request.role.value})
    after = _next(before, by, event, role=request.role)
    if by.actor_id == account_id and not before.is_owner:
        raise _not_owner()
    return _changed(by, before, after, organisations.appoint, organisations)


def _member(by: Command, organisation_id: str, account_id: str, organisations: Organisations) -> Membership:
    require_role(by, *CATEGORY_OF)
    own = by.actor_id == account_id
    if not own:
        _require_member(by, organisation_id)
    member = organisations.membership(organisation_id, account_id)
    if member is None:
        raise no_such("organisation" if own else "member")
    return member


def _next(before: Membership, by: Command, event: Event, **changes: object) -> Membership:
    step = {"version": before.version + 1, "event": event, "done": remember(before.done, by)}
    return before.model_copy(update={**changes, **step})


def _changed(
    by: Command,
    before: Membership,
    after: Membership,
    write: Callable[[Membership, Membership, str], None],
    organisations: Organisations,
) -> Membership:
    try:
        write(before, after, by.actor_id)
    except NotOwner as not_owner:
        raise _not_owner() from not_owner
    except LastOwner as last:
        detail = "An organisation keeps at least one owner; make another member an owner first."
        raise Conflict("last_owner", detail) from last
    except StaleDocument as stale:
        meanwhile = organisations.membership(before.organisation_id, before.account_id)
        if meanwhile and repeated(meanwhile.done, by):
            return meanwhile
        raise changed() from stale
    return after


def _require_inside(by: Command, organisation_id: str) -> None:
    """Raise NotFound for whoever is neither a member nor an operator."""
    if by.role is not Role.OPERATOR:
        _require_member(by, organisation_id)


def _require_member(by: Command, organisation_id: str) -> None:
    require_role(by, *CATEGORY_OF)
    if by.organisation_id != organisation_id:
        raise no_such("organisation")


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _not_owner() -> Forbidden:
    return Forbidden("not_an_owner", "Only an owner of the organisation may do this.")


def _used() -> Conflict:
    detail = "This invitation has been accepted, was revoked, or is too old; ask for a new one."
    return Conflict("invitation_over", detail)


def _belongs_already() -> Conflict:
    detail = "You belong to an organisation; leave it first, one can act for one at a time."
    return Conflict("belongs_already", detail)

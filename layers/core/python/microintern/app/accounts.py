"""One's own profile and notices; and who has which role."""

from microintern.app.commands import require_role
from microintern.app.cursors import decode, encode
from microintern.app.requests import AssignableRole, ProfileRequest
from microintern.app.views.accounts import (
    EmailHoldView,
    MarkView,
    Me,
    NoticePage,
    NoticeView,
    PayoutView,
    ProfileView,
    RecordView,
    StandingView,
)
from microintern.domain.accounts import Assignment, PayoutAccount, Profile
from microintern.domain.brief import Command, key_reused
from microintern.domain.payments import PayoutStatus
from microintern.domain.problems import Conflict
from microintern.domain.states import Role
from microintern.ports.accounts import Accounts, Groups, Standings
from microintern.ports.clock import Clock
from microintern.ports.conditions import StaleDocument
from microintern.ports.mailing import Mailings

_KEYS_KEPT = 20
"""A profile is rewritten as a whole, so only its latest commands need to be told from repeats."""


def me(by: Command, *, accounts: Accounts, standings: Standings, mailings: Mailings) -> Me:
    """One's own account."""
    profile = accounts.profile(by.actor_id)
    standing = standings.read(by.actor_id)
    payout = accounts.payout_account(by.actor_id) if by.role is Role.STUDENT else None
    hold = mailings.of(by.actor_id).hold
    return Me(
        account_id=by.actor_id,
        role=by.role,
        standing=StandingView.of(standing),
        organisation_id=standing.organisation_id,
        member_role=standing.member_role,
        profile=ProfileView.of(profile) if profile else None,
        payout_account=PayoutView.of(payout) if payout else None,
        payout_status=_payout_status(by, payout),
        email_hold=EmailHoldView.of(hold) if hold else None,
    )


def _payout_status(by: Command, payout: PayoutAccount | None) -> PayoutStatus | None:
    if by.role is not Role.STUDENT:
        return None
    return payout.status if payout else PayoutStatus.MISSING


def notices(by: Command, limit: int, cursor: str | None, *, accounts: Accounts) -> NoticePage:
    """What one has been told, the newest first."""
    scope = ("notices", by.actor_id)
    page = accounts.notices(by.actor_id, limit, decode(cursor, *scope))
    shown = set(NoticeView.model_fields)
    items = [NoticeView.model_validate(notice.model_dump(include=shown)) for notice in page.items]
    return NoticePage(items=items, next_cursor=encode(page.next, *scope))


def record(by: Command, *, accounts: Accounts) -> RecordView:
    """The marks on a student's own record."""
    require_role(by, Role.STUDENT)
    shown = set(MarkView.model_fields)
    marks = accounts.marks(by.actor_id)
    return RecordView(marks=[MarkView.model_validate(m.model_dump(include=shown)) for m in marks])


def save_profile(by: Command, request: ProfileRequest, *, accounts: Accounts, clock: Clock) -> Profile:
    """Write what others may know of you."""
    before = accounts.profile(by.actor_id)
    if before and repeated(before.done, by):
        return before
    profile = Profile(
        account_id=by.actor_id,
        version=before.version + 1 if before else 1,
        event=by.did("profile.saved", clock.now(), before.entry if before else None),
        done=remember(before.done if before else [], by),
        **request.model_dump(),
    )
    try:
        accounts.save_profile(profile)
    except StaleDocument as stale:
        meanwhile = accounts.profile(by.actor_id)
        if meanwhile and repeated(meanwhile.done, by):
            return meanwhile
        raise changed() from stale
    return profile


def assign_role(
    by: Command, account_id: str, role: AssignableRole, *, accounts: Accounts, groups: Groups, clock: Clock
) -> Role:
    """Give an account a role; takes effect with its next token. Repeating it changes nothing."""
    require_role(by, Role.OPERATOR)
    if account_id == by.actor_id:
        raise Conflict("own_role", "Another operator must change your role.")
    roles = groups.roles_of(account_id)
    # Written down first: a call that got lost is made good by asking once more, unless another was made meanwhile.
    if _assigned(by, account_id, Role(role), accounts, clock).role == role and roles != [role]:
        groups.assign(account_id, role)
    return Role(role)


def _assigned(by: Command, account_id: str, role: Role, accounts: Accounts, clock: Clock) -> Assignment:
    """What is written down of an account's role once this command is."""
    before = accounts.assignment(account_id)
    if before and repeated(before.done, by):
        return before
    after = Assignment(
        account_id=account_id,
        role=role,
        version=before.version + 1 if before else 1,
        event=by.did("role.assigned", clock.now(), before.entry if before else None, {"role": role.value}),
        done=remember(before.done if before else [], by),
    )
    try:
        accounts.save_assignment(after)
    except StaleDocument as stale:
        meanwhile = accounts.assignment(account_id)
        if meanwhile and repeated(meanwhile.done, by):
            return meanwhile
        raise changed() from stale
    return after


def repeated(done: list[str], by: Command) -> bool:
    """Whether the command wrote a version that is remembered; Invalid when its key came with another body."""
    bodies = dict(entry.split(" ") for entry in done)
    if by.key not in bodies:
        return False
    if bodies[by.key] != by.body:
        raise key_reused()
    return True


def remember(done: list[str], by: Command) -> list[str]:
    """What to remember once the command has written."""
    return [*done[-(_KEYS_KEPT - 1) :], f"{by.key} {by.body}"]


def changed() -> Conflict:
    """Somebody else was first."""
    return Conflict("changed_meanwhile", "This changed while you decided; read it again and decide anew.")

"""A person wants to be forgotten: who may ask for it, and when it is refused."""

from datetime import datetime

from microintern.app.archive import Archive, application_of, briefs_of
from microintern.app.commands import require_role
from microintern.app.requests import ErasureRequest
from microintern.domain.brief import Command
from microintern.domain.problems import Conflict, Invalid
from microintern.domain.standing import Standing, StandingState
from microintern.domain.states import Role
from microintern.ports.accounts import Groups
from microintern.ports.briefs import Snapshot
from microintern.ports.clock import Clock
from microintern.ports.conditions import StaleDocument


def ask_own_erasure(by: Command, request: ErasureRequest, *, archive: Archive, clock: Clock) -> Standing:
    """Have one's own account forgotten; one has to say which it is, so that it does not happen by mistake."""
    if request.account_id != by.actor_id:
        detail = "Name your own account_id, as GET /me shows it: this cannot be undone."
        raise Invalid.field("not_confirmed", "/account_id", detail)
    return _erase(by, by.actor_id, archive, clock)


def ask_erasure(by: Command, account_id: str, *, archive: Archive, groups: Groups, clock: Clock) -> Standing:
    """Have an account forgotten as an operator whom its person has asked."""
    require_role(by, Role.OPERATOR)
    if account_id == by.actor_id:
        raise Conflict("own_erasure", "Ask for it as anybody else does, with POST /me/erasure.")
    if archive.standings.read(account_id).state is not StandingState.ERASED:
        groups.roles_of(account_id)
    return _erase(by, account_id, archive, clock)


def _erase(by: Command, account_id: str, archive: Archive, clock: Clock) -> Standing:
    """From here on nobody can use the account; what is kept of it is taken away within minutes."""
    standing = archive.standings.read(account_id)
    if standing.state is StandingState.ERASED:
        return standing
    _check_nothing_under_way(standing, archive)
    erased = _erased(standing, by, clock.now())
    try:
        archive.standings.erase(erased)
    except StaleDocument as stale:
        meanwhile = archive.standings.read(account_id)
        if meanwhile.state is StandingState.ERASED:
            return meanwhile
        raise Conflict("changed_meanwhile", "The account changed at this moment; ask again.") from stale
    return erased


def _erased(standing: Standing, by: Command, now: datetime) -> Standing:
    """Nothing that anybody wrote is left in it; that it was asked for, and by whom, is a step like any other."""
    gone: dict[str, object] = {"state": StandingState.ERASED, "reason": None, "since": now, "done": []}
    event = by.did("account.erased", now, standing.entry)
    return standing.model_copy(update={**gone, "version": standing.version + 1, "event": event})


def _check_nothing_under_way(standing: Standing, archive: Archive) -> None:
    account_id, organisation_id = standing.account_id, standing.organisation_id
    organisation = archive.organisations.read(organisation_id) if organisation_id else None
    alone = organisation is not None and organisation.members == 1
    if organisation and not alone and organisation.owners == 1 and standing.member_role == "owner":
        detail = "You are the last owner of your organisation; make another member an owner first."
        raise Conflict("last_owner", detail)
    open_ids = [
        snapshot.brief.brief_id
        for snapshot in briefs_of(account_id, organisation_id if alone else None, archive.briefs)
        if _binds(snapshot, account_id, organisation_id)
    ]
    if open_ids:
        detail = (
            "Briefs are under way or their money has not moved: finish, cancel or withdraw from them first. "
            f"They are {', '.join(open_ids)}."
        )
        raise Conflict("briefs_under_way", detail, brief_ids=open_ids)


def _binds(snapshot: Snapshot, account_id: str, organisation_id: str | None) -> bool:
    """Whether somebody has still to do with a brief, or waits to be picked for it."""
    brief = snapshot.brief
    if account_id == brief.student_id or organisation_id == brief.employer_id:
        return brief.settled_at is None
    application = application_of(snapshot, account_id)
    return application is not None and application.withdrawn_at is None and brief.split is None and not brief.student_id

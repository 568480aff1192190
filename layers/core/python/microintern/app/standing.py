"""Operators suspend accounts and reinstate them."""

from microintern.app.accounts import changed, remember, repeated
from microintern.app.commands import require_role
from microintern.app.requests import StandingRequest
from microintern.domain.brief import Command
from microintern.domain.problems import Conflict, no_such
from microintern.domain.standing import Standing, StandingState
from microintern.domain.states import Role
from microintern.ports.accounts import Groups, Standings, Users
from microintern.ports.clock import Clock
from microintern.ports.conditions import StaleDocument


def standing(by: Command, account_id: str, *, standings: Standings, groups: Groups) -> Standing:
    """How an account stands, for operators."""
    require_role(by, Role.OPERATOR)
    groups.roles_of(account_id)
    return standings.read(account_id)


def set_standing(
    by: Command,
    account_id: str,
    request: StandingRequest,
    *,
    standings: Standings,
    groups: Groups,
    users: Users,
    clock: Clock,
) -> Standing:
    """Suspend an account, or reinstate it. What it owes and is owed goes on; it can neither act nor sign in."""
    require_role(by, Role.OPERATOR)
    if account_id == by.actor_id:
        raise Conflict("own_standing", "Another operator must change your standing.")
    groups.roles_of(account_id)
    before = standings.read(account_id)
    if before.state is StandingState.ERASED:
        raise no_such("account")
    if repeated(before.done, by):
        after = before
    else:
        after = _decided(before, by, request, clock)
        _save(after, by, standings)
    # After the write, and again with each repetition: a call that got lost is made good by asking once more.
    (users.shut_out if after.state is StandingState.SUSPENDED else users.let_in)(account_id)
    return after


def _decided(before: Standing, by: Command, request: StandingRequest, clock: Clock) -> Standing:
    now, state = clock.now(), StandingState(request.state)
    event = by.did(f"standing.{state}", now, before.entry)
    decision = {"state": state, "reason": request.reason, "since": now, "event": event}
    return before.model_copy(update={**decision, "version": before.version + 1, "done": remember(before.done, by)})


def _save(after: Standing, by: Command, standings: Standings) -> None:
    try:
        standings.save(after)
    except StaleDocument as stale:
        if not repeated(standings.read(after.account_id).done, by):
            raise changed() from stale

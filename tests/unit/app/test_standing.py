"""Operators suspend and reinstate."""

from typing import Any

import pytest

from microintern.app import standing as app
from microintern.app.requests import StandingRequest
from microintern.domain.brief import Command
from microintern.domain.problems import Conflict, Forbidden, Invalid, NotFound
from microintern.domain.standing import Standing, StandingState
from microintern.domain.states import Role
from tests.twins.clock import MemoryClock
from tests.twins.organisations import MemoryStandings
from tests.twins.services import MemoryGroups, MemoryUsers
from tests.unit.app.world import stranger
from tests.unit.builders import NOW, OPERATOR, STUDENT, operator

SUSPEND = StandingRequest(state="suspended", reason="Spam.")
REINSTATE = StandingRequest(state="active", reason="It was a mistake.")


class Desk:
    """What operators have."""

    def __init__(self) -> None:
        self.standings, self.users, self.clock = MemoryStandings(), MemoryUsers(STUDENT, OPERATOR), MemoryClock(NOW)
        self.groups = MemoryGroups({STUDENT: ["student"], OPERATOR: ["operator"]})

    def set(self, request: StandingRequest, by: Command | None = None, account_id: str = STUDENT) -> Standing:
        ports: dict[str, Any] = {"standings": self.standings, "users": self.users}
        return app.set_standing(by or operator(), account_id, request, groups=self.groups, clock=self.clock, **ports)


def test_suspended_one_can_neither_act_nor_sign_in_until_one_is_reinstated() -> None:
    desk = Desk()
    suspended = desk.set(SUSPEND)
    assert (suspended.state, suspended.reason, suspended.since) == (StandingState.SUSPENDED, "Spam.", NOW)
    assert suspended.entry is not None
    assert (suspended.entry.version, suspended.entry.event.type) == (1, "standing.suspended")
    assert "Spam" not in str(suspended.entry)
    assert not desk.users.can_sign_in[STUDENT]
    assert app.standing(operator(), STUDENT, standings=desk.standings, groups=desk.groups) == suspended
    assert desk.set(REINSTATE).state is StandingState.ACTIVE
    assert desk.users.can_sign_in[STUDENT]


def test_repeated_it_changes_nothing_but_makes_good_what_got_lost() -> None:
    desk = Desk()
    first = desk.set(SUSPEND, operator(key="the-key"))
    desk.users.let_in(STUDENT)
    desk.clock.forward(hours=1)
    assert desk.set(SUSPEND, operator(key="the-key")) == first
    assert not desk.users.can_sign_in[STUDENT]
    with pytest.raises(Invalid):
        desk.set(SUSPEND, operator(key="the-key", body="another"))


def test_nobody_else_decides_and_nobody_for_themselves_or_for_nobody() -> None:
    desk = Desk()
    for role in (Role.STUDENT, Role.EMPLOYER, Role.EDUCATOR):
        with pytest.raises(Forbidden):
            desk.set(SUSPEND, stranger(role))
        with pytest.raises(Forbidden):
            app.standing(stranger(role), STUDENT, standings=desk.standings, groups=desk.groups)
    with pytest.raises(Conflict) as refused:
        desk.set(SUSPEND, account_id=OPERATOR)
    assert refused.value.code == "own_standing"
    with pytest.raises(NotFound):
        desk.set(SUSPEND, account_id="nobody-at-all")
    with pytest.raises(NotFound):
        app.standing(operator(), "nobody-at-all", standings=desk.standings, groups=desk.groups)


def test_an_erased_account_stays_erased() -> None:
    desk = Desk()
    desk.standings.save(Standing(account_id=STUDENT, state=StandingState.ERASED, since=NOW, version=1))
    with pytest.raises(NotFound):
        desk.set(REINSTATE)


def test_of_two_operators_who_decide_at_once_one_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    read = desk.standings.read

    def overtaken(account_id: str) -> Standing:
        before = read(account_id)
        monkeypatch.setattr(desk.standings, "read", read)
        desk.set(REINSTATE)
        return before

    monkeypatch.setattr(desk.standings, "read", overtaken)
    with pytest.raises(Conflict) as refused:
        desk.set(SUSPEND)
    assert refused.value.code == "changed_meanwhile"
    assert read(STUDENT).state is StandingState.ACTIVE

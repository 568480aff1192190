"""The Standings port."""

import pytest

from microintern.domain.standing import Standing, StandingState
from microintern.ports.accounts import Standings
from microintern.ports.conditions import StaleDocument
from tests.contract.examples import NOW, STUDENT

SUSPENDED = Standing(
    account_id=STUDENT, state=StandingState.SUSPENDED, reason="Spam.", since=NOW, version=1, done=["key body"]
)


def test_of_whom_nothing_is_kept_is_active(standings: Standings) -> None:
    assert standings.read(STUDENT) == Standing(account_id=STUDENT)


def test_a_standing_is_written_over_its_version_before_only(standings: Standings) -> None:
    with pytest.raises(StaleDocument):
        standings.save(SUSPENDED.model_copy(update={"version": 2}))
    standings.save(SUSPENDED)
    assert standings.read(STUDENT) == SUSPENDED
    again = Standing(account_id=STUDENT, since=NOW, version=2)
    standings.save(again)
    assert standings.read(STUDENT) == again, "a reason that is gone is gone"
    for late in (SUSPENDED, again, again.model_copy(update={"version": 4})):
        with pytest.raises(StaleDocument):
            standings.save(late)
    assert standings.read("student-0002") == Standing(account_id="student-0002")


def test_requests_add_up_within_their_window_and_only_there(standings: Standings) -> None:
    def counted() -> tuple[int, int]:
        standing = standings.read(STUDENT)
        return standing.window, standing.requests

    standings.count(STUDENT, 7, 20)
    assert counted() == (7, 20)
    standings.count(STUDENT, 7, 25)
    assert counted() == (7, 45)
    standings.count(STUDENT, 9, 30)
    assert counted() == (9, 30)
    standings.count(STUDENT, 8, 20)
    assert counted() == (9, 30), "of a window that is over nothing is kept"


def test_counting_and_deciding_leave_each_other_alone(standings: Standings) -> None:
    standings.count(STUDENT, 7, 20)
    standings.save(SUSPENDED)
    standings.count(STUDENT, 7, 20)
    assert standings.read(STUDENT) == SUSPENDED.model_copy(update={"window": 7, "requests": 40})
    standings.save(SUSPENDED.model_copy(update={"version": 2, "window": 9}))
    assert (standings.read(STUDENT).version, standings.read(STUDENT).window) == (2, 7)

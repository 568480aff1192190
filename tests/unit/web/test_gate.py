"""Who is let in: what a function remembers of an account, for how long, and how many requests are too many."""

import pytest

from microintern.domain.problems import Forbidden, TooMany
from microintern.domain.standing import Standing, StandingState, window_at
from microintern.web import gate as module
from microintern.web.gate import LOT, Gate
from tests.twins.clock import MemoryClock
from tests.twins.organisations import MemoryStandings
from tests.unit.builders import NOW, POLICY, STUDENT

FEW = POLICY.model_copy(update={"most_requests": 100})


class Watched(MemoryStandings):
    """Notes what it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = self.counts = 0

    def read(self, account_id: str) -> Standing:
        self.reads += 1
        return super().read(account_id)

    def count(self, account_id: str, window: int, requests: int) -> None:
        self.counts += 1
        super().count(account_id, window, requests)


class Door:
    """Two functions, each with a gate of its own."""

    def __init__(self) -> None:
        self.clock, self.standings = MemoryClock(NOW), Watched()
        self.gate, self.other = (Gate(self.standings, self.clock, FEW) for _ in range(2))

    def set(self, state: StandingState, version: int) -> None:
        standing = Standing(account_id=STUDENT, state=state, reason="Spam.", since=NOW, version=version)
        self.standings.save(standing)
        self.standings.reads = 0


def test_a_suspension_takes_effect_when_what_was_remembered_is_old_and_so_does_its_end() -> None:
    door = Door()
    assert door.gate.admit(STUDENT).state is StandingState.ACTIVE
    door.set(StandingState.SUSPENDED, 1)
    with pytest.raises(Forbidden):
        door.other.admit(STUDENT)
    door.clock.forward(seconds=FEW.standing_remembered_s - 1)
    door.gate.admit(STUDENT)
    door.clock.forward(seconds=1)
    with pytest.raises(Forbidden) as refused:
        door.gate.admit(STUDENT)
    assert refused.value.code == "account_suspended"
    assert "Spam." in refused.value.detail
    assert door.gate.admit(STUDENT, also_suspended=True).reason == "Spam."
    door.set(StandingState.ACTIVE, 2)
    door.clock.forward(seconds=FEW.standing_remembered_s)
    assert door.gate.admit(STUDENT).state is StandingState.ACTIVE


def test_an_erased_account_is_refused() -> None:
    door = Door()
    door.set(StandingState.ERASED, 1)
    with pytest.raises(Forbidden) as refused:
        door.gate.admit(STUDENT)
    assert refused.value.code == "account_erased"


def test_most_requests_cost_no_call() -> None:
    door = Door()
    for _ in range(LOT):
        door.gate.admit(STUDENT)
    assert (door.standings.reads, door.standings.counts) == (1, 0)


def test_requests_are_counted_over_all_functions_and_refused_beyond_the_limit_until_the_window_ends() -> None:
    door = Door()
    admitted = 0

    def keep_asking() -> None:
        nonlocal admitted
        for gate in (door.gate, door.other) * FEW.most_requests:
            gate.admit(STUDENT)
            admitted += 1
            door.clock.forward(seconds=0.5)

    with pytest.raises(TooMany) as refused:
        keep_asking()
    assert FEW.most_requests - LOT <= admitted <= FEW.most_requests + 2 * LOT
    wait_s = refused.value.members["retry_after_s"]
    assert 0 < wait_s <= FEW.request_window_s
    door.clock.forward(seconds=wait_s - 1)
    with pytest.raises(TooMany):
        door.gate.admit(STUDENT)
    door.clock.forward(seconds=1)
    door.gate.admit(STUDENT)
    door.gate.admit("somebody-else-1")


def test_whoever_asks_seldom_causes_no_write_and_is_never_refused() -> None:
    door = Door()
    for _ in range(FEW.most_requests // 2):
        door.gate.admit(STUDENT)
        door.clock.forward(seconds=FEW.request_window_s)
    assert door.standings.counts <= FEW.most_requests // 2 // LOT


def test_a_function_remembers_so_many_accounts_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_REMEMBERED", 5)
    door = Door()
    for number in range(12):
        door.gate.admit(f"account-{number:04d}")
    assert len(door.gate._known) <= 5


def test_a_window_is_a_number_that_grows() -> None:
    later = NOW.fromtimestamp(NOW.timestamp() + FEW.request_window_s, NOW.tzinfo)
    assert window_at(later, FEW) == window_at(NOW, FEW) + 1

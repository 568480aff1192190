"""How many applications count: never fewer than may still be picked, and exactly those once everything was told."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microintern.app import applying, files
from microintern.app.requests import ApplicationRequest, UploadRequest
from microintern.domain.brief import Command
from microintern.domain.documents import Application
from microintern.domain.events import CloudEvent, of_application, of_brief
from microintern.domain.policy import Policy
from microintern.domain.problems import Conflict, Problem, TooMany
from microintern.domain.quotas import Desk
from microintern.domain.states import State
from microintern.ports.conditions import StaleDesk
from tests.unit.app.world import World, a_world_in, rival
from tests.unit.builders import BODIES, POLICY, STUDENT, seconds, student

BRIEFS, STEPS = 3, 14
ENDED = {State.APPROVED, State.PAID, State.EXPIRED, State.CANCELLED, State.RESOLVED}
UNLIMITED = POLICY.model_copy(update={"most_same_statements": 1_000, "most_applications_per_day": 1_000})


class Market:
    """A few open briefs, two students, and every event that came of what they did."""

    def __init__(self) -> None:
        self.world = World()
        self.brief_ids, self.events = list[str](), list[CloudEvent]()
        for by in (student(), rival()):
            self.world.be_payable(by)
        for _ in range(BRIEFS):
            self.world.post()
            self.world.ask_for_funding()
            self.world.money_moves()
            self.brief_ids.append(self.world.brief_id)

    def step(self, name: str, number: int) -> None:
        """Somebody does something to one of the briefs, if it is possible."""
        self.world.brief_id = self.brief_ids[number]
        before = self.world.brief.version
        with suppress(Problem):
            done = self.steps[name]()
            if isinstance(done, Application):
                self.events.append(of_application(done))
        if self.world.brief.version != before:
            self.events.append(of_brief(self.world.brief))

    @property
    def steps(self) -> dict[str, Callable[[], object]]:
        world = self.world
        return {
            "apply": self.apply,
            "rival applies": lambda: self.apply(rival()),
            "withdraw": world.withdraw_application,
            "award": world.award,
            "give back": world.withdraw_award,
            "cancel": world.cancel,
            "close": self.close,
            "lapse": lambda: world.brief.lapse_at and world.deadline_lapses(),
            "wait": lambda: world.clock.forward(hours=20),
        }

    def apply(self, by: Command | None = None) -> Application:
        body = {**BODIES["post /briefs/{brief_id}/applications"], "statement": f"About {self.world.brief_id}."}
        request, wired = ApplicationRequest.model_validate(body), {"briefs": self.world.briefs}
        return applying.apply(
            by or student(), self.world.brief_id, request, clock=self.world.clock, policy=UNLIMITED, **wired
        )

    def close(self) -> None:
        closes_at = self.world.brief.applications_close_at
        self.world.clock.at = max(self.world.clock.at, closes_at)

    def tell(self, events: list[CloudEvent]) -> None:
        for event in events:
            self.world.tell(event)

    def counted(self) -> set[str]:
        return set(self.world.accounts.desk(STUDENT).waiting(self.world.clock.now()))

    def pickable(self) -> set[str]:
        """What the student has applied for and may still be picked for."""
        return {brief_id for brief_id in self.brief_ids if self.may_be_picked(brief_id, self.world.clock.now())}

    def may_be_picked(self, brief_id: str, now: datetime) -> bool:
        self.world.brief_id = brief_id
        snapshot = self.world.briefs.read(brief_id, Application.key_of(self.world.application_id()))
        assert snapshot is not None
        found = snapshot.find(Application, Application.key_of(self.world.application_id()))
        waits = found is not None and found.withdrawn_at is None
        return waits and snapshot.brief.state not in ENDED and now < snapshot.brief.applications_close_at


NAMES = sorted(Market().steps)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, BRIEFS - 1), st.booleans()), max_size=STEPS),
    st.randoms(use_true_random=False),
)
def test_the_count_never_drifts_in_whatever_order_and_however_often_it_is_told(steps, random) -> None:  # type: ignore[no-untyped-def]
    market = Market()
    for name, number, told in steps:
        market.step(name, number)
        if told:
            market.tell(market.events[-2:])
        assert market.counted() >= market.pickable()
    late = [*market.events, *market.events]
    random.shuffle(late)
    market.tell(late)
    assert market.counted() == market.pickable()


def test_beyond_the_most_that_may_wait_nothing_is_written_until_one_is_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    market = Market()
    monkeypatch.setattr(
        "tests.unit.app.test_quotas.UNLIMITED", UNLIMITED.model_copy(update={"most_open_applications": 2})
    )
    for number in (0, 1, 2):
        market.step("apply", number)
    kept = market.world.kept()
    with pytest.raises(Conflict) as refused:
        market.apply()
    assert refused.value.code == "too_many_open_applications"
    assert market.world.kept() == kept
    market.step("withdraw", 0)
    market.tell(market.events)
    market.step("apply", 2)
    assert market.pickable() == {market.brief_ids[1], market.brief_ids[2]}


def test_of_two_applications_at_once_both_count(monkeypatch: pytest.MonkeyPatch) -> None:
    market = Market()
    world = market.world
    put_desk, first = world.accounts.put_desk, world.brief_id

    def overtaken(desk: Desk) -> None:
        monkeypatch.setattr(world.accounts, "put_desk", put_desk)
        market.step("apply", 0)
        world.brief_id = first
        put_desk(desk)

    monkeypatch.setattr(world.accounts, "put_desk", overtaken)
    market.apply()
    assert market.counted() == market.pickable() == {market.brief_ids[0], first}


def test_whoever_is_overtaken_for_ever_is_told_to_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    market = Market()

    def always_stale(desk: Desk) -> None:
        raise StaleDesk

    monkeypatch.setattr(market.world.accounts, "put_desk", always_stale)
    with pytest.raises(Conflict) as refused:
        market.apply()
    assert refused.value.code == "changed_meanwhile"


def test_so_many_files_and_bytes_are_announced_in_a_day_and_more_the_next() -> None:
    world = a_world_in(State.AWARDED)

    def announce(policy: Policy, key: str | None = None, size_bytes: int = 2_048) -> None:
        body = {**BODIES["post /briefs/{brief_id}/files"], "size_bytes": size_bytes}
        request = UploadRequest.model_validate(body)
        ports = {"briefs": world.briefs, "files": world.files, "clock": world.clock, "policy": policy}
        files.ask_upload(student(key=key), world.brief_id, request, **ports)  # type: ignore[arg-type]

    two = POLICY.model_copy(update={"most_uploads_per_day": 2})
    announce(two, "first-key")
    announce(two, "first-key")
    announce(two)
    with pytest.raises(TooMany) as refused:
        announce(two)
    assert refused.value.code == "too_many_uploads"
    announce(two, "first-key")
    small = POLICY.model_copy(update={"most_bytes_per_day": 3_000})
    with pytest.raises(TooMany):
        announce(small)
    world.clock.at += seconds(refused.value.members["retry_after_s"])
    announce(small)
    with pytest.raises(TooMany):
        announce(small)
    with pytest.raises(TooMany):
        announce(POLICY.model_copy(update={"most_bytes_per_day": 100}))

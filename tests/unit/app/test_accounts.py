"""One's own account, and roles."""

from typing import Any

import pytest

from microintern.app import accounts as app
from microintern.app.requests import ProfileRequest
from microintern.domain.problems import Conflict, Forbidden, Invalid, NotFound
from microintern.domain.states import Role
from microintern.domain.trail import verify
from microintern.ports.conditions import StaleDocument
from tests.twins.accounts import MemoryAccounts
from tests.twins.clock import MemoryClock
from tests.twins.organisations import MemoryStandings
from tests.twins.services import MemoryGroups
from tests.unit.app.world import stranger
from tests.unit.builders import NOW, OPERATOR, STUDENT, employer, operator, student

CLOCK = MemoryClock(NOW)
AMARA = ProfileRequest(name="Amara Okafor", about="Statistics.")


def test_a_profile_can_be_written_repeated_and_changed() -> None:
    store = MemoryAccounts()
    first = app.save_profile(student(key="key-1"), AMARA, accounts=store, clock=CLOCK)
    assert app.save_profile(student(key="key-1"), AMARA, accounts=store, clock=CLOCK) == first
    second = app.save_profile(student(key="key-2"), ProfileRequest(name="A. Okafor"), accounts=store, clock=CLOCK)
    assert (second.version, second.about) == (2, None)
    me = app.me(student(), accounts=store, standings=MemoryStandings(), mailings=store.mailings)
    assert me.profile is not None
    assert me.profile.name == "A. Okafor"


def test_a_key_with_another_body_is_refused() -> None:
    store = MemoryAccounts()
    app.save_profile(student(key="the-key"), AMARA, accounts=store, clock=CLOCK)
    with pytest.raises(Invalid) as refused:
        app.save_profile(student(key="the-key", body="another"), AMARA, accounts=store, clock=CLOCK)
    assert refused.value.code == "idempotency_key_reused"


def test_the_latest_commands_are_remembered_and_no_more_than_needed() -> None:
    store = MemoryAccounts()
    for number in range(40):
        app.save_profile(student(key=f"key-{number}"), AMARA, accounts=store, clock=CLOCK)
    kept = store.profile(STUDENT)
    assert kept is not None
    assert (len(kept.done), kept.version) == (20, 40)
    assert app.save_profile(student(key="key-39"), AMARA, accounts=store, clock=CLOCK).version == 40


def test_a_profile_that_changed_meanwhile_is_a_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryAccounts()

    def stale(_: object) -> None:
        raise StaleDocument

    monkeypatch.setattr(store, "save_profile", stale)
    with pytest.raises(Conflict) as refused:
        app.save_profile(student(), AMARA, accounts=store, clock=CLOCK)
    assert refused.value.code == "changed_meanwhile"


def test_only_students_have_a_record() -> None:
    store = MemoryAccounts()
    with pytest.raises(Forbidden):
        app.record(employer(), accounts=store)


def test_an_operator_assigns_roles_and_repeating_it_changes_nothing() -> None:
    groups, store = MemoryGroups({STUDENT: ["student"], operator().actor_id: ["operator"]}), MemoryAccounts()
    by = operator()
    ports: dict[str, Any] = {"accounts": store, "groups": groups, "clock": CLOCK}
    for _ in range(2):
        assert app.assign_role(by, STUDENT, "educator", **ports) is Role.EDUCATOR
    assert groups.roles_of(STUDENT) == ["educator"]
    assert [step.version for step in store.steps(STUDENT)] == [1]


def test_a_role_that_was_written_down_and_not_given_is_given_when_the_command_is_repeated() -> None:
    groups, store = MemoryGroups({STUDENT: ["student"]}), MemoryAccounts()
    by = operator()
    ports: dict[str, Any] = {"accounts": store, "groups": groups, "clock": CLOCK}
    app.assign_role(by, STUDENT, "educator", **ports)
    groups.assign(STUDENT, "student")
    app.assign_role(by, STUDENT, "educator", **ports)
    assert groups.roles_of(STUDENT) == ["educator"]
    app.assign_role(operator(), STUDENT, "employer", **ports)
    assert app.assign_role(by, STUDENT, "educator", **ports) is Role.EDUCATOR, "answered as before"
    assert groups.roles_of(STUDENT) == ["employer"], "and nothing is taken back"


def test_what_is_done_to_an_account_is_a_chain_of_steps() -> None:
    groups, store, entries = MemoryGroups({STUDENT: ["student"]}), MemoryAccounts(), []
    ports: dict[str, Any] = {"accounts": store, "clock": CLOCK}
    for number in range(3):
        app.save_profile(student(), AMARA, **ports)
        app.assign_role(operator(), STUDENT, "student" if number % 2 else "educator", groups=groups, **ports)
        entries += store.steps(STUDENT)
    assert [(e.subject, e.version) for e in store.steps(STUDENT)] == [("profile", 3), ("role", 3)]
    assert verify(STUDENT, entries, store.steps(STUDENT), NOW).broken is None
    assert {e.event.actor_id for e in entries if e.subject == "role"} == {OPERATOR}
    assert "Amara" not in str(entries)
    assert verify(STUDENT, entries[2:], store.steps(STUDENT), NOW).broken


def test_nobody_else_assigns_roles_and_nobody_their_own() -> None:
    groups = MemoryGroups({STUDENT: ["student"], operator().actor_id: ["operator"]})
    ports: dict[str, Any] = {"accounts": MemoryAccounts(), "groups": groups, "clock": CLOCK}
    for role in (Role.STUDENT, Role.EMPLOYER, Role.EDUCATOR):
        with pytest.raises(Forbidden):
            app.assign_role(stranger(role), STUDENT, "operator", **ports)
    with pytest.raises(Conflict) as refused:
        app.assign_role(
            operator(), operator().actor_id, "student", accounts=MemoryAccounts(), groups=groups, clock=CLOCK
        )
    assert refused.value.code == "own_role"
    with pytest.raises(NotFound):
        app.assign_role(operator(), "nobody-at-all", "student", **ports)

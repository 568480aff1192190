"""One's own account, and roles."""

import pytest

from microintern.adapters.memory import MemoryAccounts, MemoryGroups, MemoryStandings
from microintern.app import accounts as app
from microintern.app.requests import ProfileRequest
from microintern.domain.problems import Conflict, Forbidden, Invalid, NotFound
from microintern.domain.states import Role
from microintern.ports import StaleDocument
from tests.unit.app.world import stranger
from tests.unit.builders import STUDENT, employer, operator, student

AMARA = ProfileRequest(name="Amara Okafor", about="Statistics.")


def test_a_profile_can_be_written_repeated_and_changed() -> None:
    store = MemoryAccounts()
    first = app.save_profile(student(key="key-1"), AMARA, accounts=store)
    assert app.save_profile(student(key="key-1"), AMARA, accounts=store) == first
    second = app.save_profile(student(key="key-2"), ProfileRequest(name="A. Okafor"), accounts=store)
    assert (second.version, second.about) == (2, None)
    me = app.me(student(), accounts=store, standings=MemoryStandings())
    assert me.profile is not None
    assert me.profile.name == "A. Okafor"


def test_a_key_with_another_body_is_refused() -> None:
    store = MemoryAccounts()
    app.save_profile(student(key="the-key"), AMARA, accounts=store)
    with pytest.raises(Invalid) as refused:
        app.save_profile(student(key="the-key", body="another"), AMARA, accounts=store)
    assert refused.value.code == "idempotency_key_reused"


def test_the_latest_commands_are_remembered_and_no_more_than_needed() -> None:
    store = MemoryAccounts()
    for number in range(40):
        app.save_profile(student(key=f"key-{number}"), AMARA, accounts=store)
    kept = store.profile(STUDENT)
    assert kept is not None
    assert (len(kept.done), kept.version) == (20, 40)
    assert app.save_profile(student(key="key-39"), AMARA, accounts=store).version == 40


def test_a_profile_that_changed_meanwhile_is_a_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryAccounts()

    def stale(_: object) -> None:
        raise StaleDocument

    monkeypatch.setattr(store, "save_profile", stale)
    with pytest.raises(Conflict) as refused:
        app.save_profile(student(), AMARA, accounts=store)
    assert refused.value.code == "changed_meanwhile"


def test_only_students_have_a_record() -> None:
    store = MemoryAccounts()
    with pytest.raises(Forbidden):
        app.record(employer(), accounts=store)


def test_an_operator_assigns_roles_and_repeating_it_changes_nothing() -> None:
    groups = MemoryGroups({STUDENT: ["student"], operator().actor_id: ["operator"]})
    for _ in range(2):
        assert app.assign_role(operator(), STUDENT, "educator", groups=groups) is Role.EDUCATOR
    assert groups.roles_of(STUDENT) == ["educator"]


def test_nobody_else_assigns_roles_and_nobody_their_own() -> None:
    groups = MemoryGroups({STUDENT: ["student"], operator().actor_id: ["operator"]})
    for role in (Role.STUDENT, Role.EMPLOYER, Role.EDUCATOR):
        with pytest.raises(Forbidden):
            app.assign_role(stranger(role), STUDENT, "operator", groups=groups)
    with pytest.raises(Conflict) as refused:
        app.assign_role(operator(), operator().actor_id, "student", groups=groups)
    assert refused.value.code == "own_role"
    with pytest.raises(NotFound):
        app.assign_role(operator(), "nobody-at-all", "student", groups=groups)

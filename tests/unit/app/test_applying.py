"""Students apply and withdraw; the employer sees who, once it may, and picks one who can be paid."""

from typing import Any

import pytest

from microintern.app import browsing
from microintern.app.accounts import save_profile
from microintern.app.requests import ProfileRequest
from microintern.app.views.briefs import ApplicationPage
from microintern.domain.brief import Command
from microintern.domain.documents import ApplicationStatus
from microintern.domain.problems import Conflict, Forbidden, Invalid, NotFound
from microintern.domain.states import Role, State
from microintern.ports.briefs import Replaced
from tests.unit.app.world import World, a_world_in, rival, stranger
from tests.unit.builders import employer, student


def introduce(world: World, by: Command, name: str) -> None:
    save_profile(by, ProfileRequest(name=name), accounts=world.accounts, clock=world.clock)


def seen_by_employer(world: World) -> ApplicationPage:
    return browsing.applications(employer(), world.brief_id, 50, None, **world.reading)


def test_on_a_blind_brief_names_and_links_stay_hidden_until_the_award_and_then_only_the_winners_show() -> None:
    world = a_world_in(State.OPEN, blind=True)
    for by, name in ((student(), "Amara Okafor"), (rival(), "Béla Kovács")):
        introduce(world, by, name)
        world.apply(by)
    world.be_payable()
    undecided = seen_by_employer(world)
    assert len(undecided.items) == 2
    assert all(item.applicant is None and item.links == [] and item.statement for item in undecided.items)
    assert "Amara" not in undecided.model_dump_json()
    assert student().actor_id not in undecided.model_dump_json()
    world.award()
    decided = {item.status: item for item in seen_by_employer(world).items}
    winner, loser = decided[ApplicationStatus.AWARDED], decided[ApplicationStatus.NOT_SELECTED]
    assert winner.applicant is not None
    assert winner.applicant.name == "Amara Okafor"
    assert winner.links == ["https://example.com/portfolio"]
    assert (loser.applicant, loser.links) == (None, [])


def test_on_an_open_handed_brief_names_and_links_show_from_the_start() -> None:
    world = a_world_in(State.OPEN, blind=False)
    introduce(world, student(), "Amara Okafor")
    world.apply()
    (item,) = seen_by_employer(world).items
    assert item.applicant is not None
    assert (item.applicant.name, len(item.links)) == ("Amara Okafor", 1)


def test_applicants_are_the_employers_to_see() -> None:
    world = a_world_in(State.OPEN)
    world.apply()
    for by, refusal in ((student(), Forbidden), (stranger(Role.EMPLOYER), NotFound)):
        with pytest.raises(refusal):
            browsing.applications(by, world.brief_id, 50, None, **world.reading)


def test_a_student_without_a_payout_account_cannot_be_awarded_and_the_employer_is_told_why() -> None:
    world = a_world_in(State.OPEN)
    world.apply()
    kept = world.kept()
    with pytest.raises(Conflict) as refused:
        world.award()
    assert refused.value.code == "payee_not_ready"
    assert refused.value.members["state"] is State.OPEN
    assert "no payout account" in refused.value.detail
    assert world.kept() == kept
    world.be_payable()
    assert world.award().state is State.AWARDED


def test_somebody_who_did_not_apply_cannot_be_awarded() -> None:
    world = a_world_in(State.OPEN)
    with pytest.raises(NotFound):
        world.award()


def test_a_withdrawn_application_cannot_be_awarded_and_can_be_renewed() -> None:
    world = a_world_in(State.OPEN)
    world.be_payable()
    world.apply()
    world.withdraw_application()
    with pytest.raises(Conflict) as refused:
        world.award()
    assert refused.value.code == "application_withdrawn"
    assert world.apply().version == 3
    assert world.award().state is State.AWARDED


def test_an_application_that_is_withdrawn_while_the_employer_decides_is_not_awarded() -> None:
    world = a_world_in(State.OPEN)
    world.be_payable()
    world.apply()
    world.briefs.meanwhile = world.withdraw_application
    with pytest.raises(Conflict) as refused:
        world.award()
    assert refused.value.code == "changed_meanwhile"
    assert world.brief.state is State.OPEN


def test_an_application_that_is_awarded_while_the_student_withdraws_it_stays_awarded() -> None:
    world = a_world_in(State.OPEN)
    world.be_payable()
    world.apply()
    really_replace = world.briefs.replace

    def awarded_first(document: Replaced, **given: Any) -> None:
        world.award()
        really_replace(document, **given)

    world.briefs.replace = awarded_first  # type: ignore[method-assign]
    with pytest.raises(Conflict) as refused:
        world.withdraw_application()
    assert refused.value.code == "changed_meanwhile"
    (item,) = seen_by_employer(world).items
    assert item.status is ApplicationStatus.AWARDED


def test_nobody_applies_twice() -> None:
    world = a_world_in(State.OPEN)
    world.apply()
    kept = world.kept()
    with pytest.raises(Conflict) as refused:
        world.apply()
    assert refused.value.code == "already_applied"
    assert world.kept() == kept


@pytest.mark.parametrize("state", sorted(set(State) - {State.OPEN, State.POSTED}))
def test_a_brief_that_is_not_open_takes_no_applications(state: State) -> None:
    world = a_world_in(state)
    with pytest.raises(Conflict) as refused:
        world.apply(rival())
    assert refused.value.code == "not_open"
    assert refused.value.members["state"] is state


def test_a_brief_that_is_not_funded_is_not_there_for_students() -> None:
    world = a_world_in(State.POSTED)
    with pytest.raises(NotFound):
        world.apply()


def test_applications_close_to_the_second() -> None:
    world = a_world_in(State.OPEN)
    world.clock.at = world.brief.applications_close_at
    with pytest.raises(Conflict, match="takes no applications"):
        world.apply()
    world.clock.forward(seconds=-1)
    world.apply()


def test_only_students_apply_and_withdraw() -> None:
    world = a_world_in(State.OPEN)
    for give in (world.apply, world.withdraw_application):
        with pytest.raises(Forbidden):
            give(employer())


def test_applying_and_withdrawing_can_be_repeated_with_their_keys() -> None:
    world = a_world_in(State.OPEN)
    applied = world.apply(student(key="apply-key"))
    kept = world.kept()
    assert world.apply(student(key="apply-key")) == applied
    assert world.kept() == kept
    withdrawn = world.withdraw_application(student(key="withdraw-key"))
    kept = world.kept()
    assert world.withdraw_application(student(key="withdraw-key")) == withdrawn
    assert world.kept() == kept
    for give in (world.apply, world.withdraw_application):
        with pytest.raises(Invalid) as refused:
            give(student(key="apply-key", body="another"))
        assert refused.value.code == "idempotency_key_reused"


def test_withdrawing_what_is_not_there_or_decided_is_refused() -> None:
    world = a_world_in(State.OPEN)
    with pytest.raises(NotFound):
        world.withdraw_application(rival())
    world.apply(rival())
    world.be_payable()
    world.apply()
    world.award()
    for by, status in ((student(), "awarded"), (rival(), "not_selected")):
        with pytest.raises(Conflict) as refused:
            world.withdraw_application(by)
        assert refused.value.code == "application_not_open"
        assert refused.value.members["application_status"] == status


def test_an_award_that_was_given_back_counts_as_withdrawn() -> None:
    world = a_world_in(State.AWARDED)
    world.withdraw_award()
    (item,) = seen_by_employer(world).items
    assert item.status is ApplicationStatus.WITHDRAWN

"""What people may read, and how lists page."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from microintern.app import amending, browsing
from microintern.app.requests import AmendmentRequest
from microintern.app.views.briefs import BriefView
from microintern.app.views.talent import OfferView
from microintern.domain.brief import Command
from microintern.domain.documents import Content, Statement
from microintern.domain.problems import Forbidden, Malformed, NotFound
from microintern.domain.states import Role, State
from microintern.domain.talent import Offer
from microintern.ports.briefs import BrowseFilter
from tests.unit.app.world import World, a_world_in, rival, stranger
from tests.unit.builders import EMPLOYER, NOW, ORGANISATION, POLICY, RIVAL, STUDENT, employer, operator, student


def read(world: World, by: Command) -> BriefView:
    stores: dict[str, Any] = {"briefs": world.briefs, "organisations": world.organisations, "students": world.students}
    return browsing.read(by, world.brief_id, **stores, clock=world.clock)


def many_open_briefs(number: int) -> World:
    world = World()
    for _ in range(number):
        world.post()
        world.ask_for_funding()
        world.money_moves()
        world.clock.forward(minutes=1)
    return world


def test_an_open_brief_is_there_for_everyone_but_its_progress_is_not() -> None:
    world = a_world_in(State.OPEN)
    for by in (student(), stranger(Role.EMPLOYER), stranger(Role.EDUCATOR)):
        view = read(world, by)
        assert view.title == world.posting.title
        assert (view.progress, view.deadline) == (None, None)
    for by in (employer(), operator()):
        progress = read(world, by).progress
        assert progress is not None
        assert progress.escrow.written == "330.00 USD"


@pytest.mark.parametrize("state", sorted(set(State) - {State.OPEN}))
def test_any_other_brief_is_there_for_its_parties_applicants_and_operators_only(state: State) -> None:
    world = a_world_in(state)
    read(world, employer())
    read(world, operator())
    for by in (rival(), stranger(Role.EMPLOYER), stranger(Role.EDUCATOR)):
        with pytest.raises(NotFound):
            read(world, by)


def test_somebody_who_applied_still_sees_the_brief_and_what_became_of_the_application() -> None:
    world = a_world_in(State.OPEN)
    world.apply(rival())
    world.be_payable()
    world.apply()
    world.award()
    view = read(world, rival())
    assert view.my_application == "not_selected"
    assert view.progress is None


def test_a_deadline_that_the_two_sides_moved_is_theirs_to_know() -> None:
    world = a_world_in(State.OPEN)
    world.apply(rival())
    world.be_payable()
    world.apply()
    world.award()
    posted_at = world.brief.submission_due_at
    moved_at = posted_at + timedelta(days=9)
    request = AmendmentRequest(reason="The data came late.", submission_due_at=moved_at)
    ports: dict[str, Any] = {"briefs": world.briefs, "clock": world.clock, "policy": POLICY}
    amending.propose(student(), world.brief_id, request, **ports)
    amending.accept(employer(), world.brief_id, 1, **ports)
    for by, due_at in ((rival(), posted_at), (student(), moved_at), (employer(), moved_at), (operator(), moved_at)):
        assert read(world, by).submission_due.due_at == due_at
    offer = {"brief_id": world.brief_id, "organisation_id": ORGANISATION, "message": "Would you?", "version": 1}
    offer |= {"offered_at": NOW, "offered_by": EMPLOYER, "kept_until": NOW, "event": world.brief.event}
    snapshot = world.briefs.read(world.brief_id, Content.key_of)
    assert snapshot
    for student_id, due_at in ((RIVAL, posted_at), (STUDENT, moved_at)):
        view = OfferView.of(Offer.model_validate(offer | {"student_id": student_id}), snapshot)
        assert view.submission_due
        assert view.submission_due.due_at == due_at


def test_an_employer_under_another_role_is_a_stranger() -> None:
    world = a_world_in(State.AWARDED)
    as_student = Command(actor_id=employer().actor_id, role=Role.STUDENT, key="", body="")
    with pytest.raises(NotFound):
        read(world, as_student)


def test_what_belongs_to_a_brief_is_for_its_parties_and_operators() -> None:
    world = a_world_in(State.DISPUTED)
    lists: list[Callable[[Command], object]] = [
        lambda by: browsing.timeline(by, world.brief_id, 10, None, briefs=world.briefs, trail=world.trail),
        lambda by: browsing.files(by, world.brief_id, 10, None, briefs=world.briefs),
        lambda by: browsing.documents(by, world.brief_id, Statement, 10, None, briefs=world.briefs),
        lambda by: browsing.ledger_of(by, world.brief_id, briefs=world.briefs, ledger=world.ledger),
    ]
    for look in lists:
        for by in (employer(), student(), operator()):
            assert look(by)
        for by in (rival(), stranger(Role.EMPLOYER), stranger(Role.EDUCATOR)):
            with pytest.raises(NotFound):
                look(by)


def test_open_briefs_page_without_a_gap_or_a_repeat() -> None:
    world = many_open_briefs(5)
    seen, cursor = [], None
    while True:
        page = browsing.browse(student(), BrowseFilter(), 2, cursor, briefs=world.briefs)
        seen += [brief.brief_id for brief in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 5


def test_a_cursor_is_bound_to_the_caller_and_the_filters() -> None:
    world = many_open_briefs(3)
    cheap = BrowseFilter(pay_at_least_minor=1)
    cursor = browsing.browse(student(), cheap, 1, None, briefs=world.briefs).next_cursor
    assert cursor
    for by, only in ((rival(), cheap), (student(), BrowseFilter(pay_at_least_minor=2)), (student(), BrowseFilter())):
        with pytest.raises(Malformed):
            browsing.browse(by, only, 1, cursor, briefs=world.briefs)
    with pytest.raises(Malformed):
        browsing.mine(student(), 1, cursor, briefs=world.briefs)


@pytest.mark.parametrize(
    ("only", "found"),
    [
        ({}, 1),
        ({"field": "data"}, 1),
        ({"field": "design"}, 0),
        ({"skill": "charts"}, 1),
        ({"skill": "chart"}, 0),
        ({"pay_at_least_minor": 30_000}, 1),
        ({"pay_at_least_minor": 30_001}, 0),
        ({"currency": "EUR"}, 0),
        ({"hours_at_least": 12, "hours_at_most": 12}, 1),
        ({"hours_at_most": 11}, 0),
        ({"closes_before": "2027-03-05T22:00:00Z"}, 1),
        ({"closes_before": "2027-03-05T21:59:59Z"}, 0),
        ({"closes_after": "2027-03-05T22:00:01Z"}, 0),
    ],
)
def test_open_briefs_are_found_by_what_is_looked_for(only: dict[str, object], found: int) -> None:
    world = a_world_in(State.OPEN)
    page = browsing.browse(student(), BrowseFilter.model_validate(only), 10, None, briefs=world.briefs)
    assert len(page.items) == found


def test_my_briefs_are_the_posted_ones_or_those_applied_for() -> None:
    world = a_world_in(State.AWARDED)
    assert [b.brief_id for b in browsing.mine(employer(), 10, None, briefs=world.briefs).items] == [world.brief_id]
    (applied,) = browsing.mine(student(), 10, None, briefs=world.briefs).items
    assert (applied.my_application, applied.progress is not None) == ("awarded", True)
    assert browsing.mine(rival(), 10, None, briefs=world.briefs).items == []
    with pytest.raises(Forbidden):
        browsing.mine(operator(), 10, None, briefs=world.briefs)


def test_disputes_are_listed_for_operators() -> None:
    world = a_world_in(State.DISPUTED)
    (disputed,) = browsing.disputes(operator(), 10, None, briefs=world.briefs).items
    assert disputed.progress is not None
    with pytest.raises(Forbidden):
        browsing.disputes(employer(), 10, None, briefs=world.briefs)


def test_the_timeline_shows_the_newest_step_even_before_the_stream_wrote_it() -> None:
    world = World()
    world.post()
    world.stream_delivers()
    world.ask_for_funding()
    steps = browsing.timeline(employer(), world.brief_id, 10, None, briefs=world.briefs, trail=world.trail).items
    assert [step.type for step in steps] == ["brief.posted", "brief.funding_requested"]


def test_each_deadline_is_shown_on_the_employers_clock_with_what_happens_then() -> None:
    world = a_world_in(State.AWARDED)
    deadline = read(world, student()).deadline
    assert deadline is not None
    assert (deadline.local, deadline.zone) == ("2027-03-26T17:00:00-04:00", "America/New_York")
    assert "record is marked" in (deadline.then or "")
    assert deadline.lapse_at > deadline.due_at

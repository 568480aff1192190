"""Students find briefs, are told of new ones, and see how well they fit; employers see whose places were kept."""

import itertools
from collections.abc import Sequence
from typing import Any

import pytest

from microintern.adapters.stemming import stem
from microintern.app import browsing, discovering, experience, indexing, matching
from microintern.app.requests import SearchRequest, StrengthsRequest
from microintern.app.views.briefs import BriefPage, BriefView
from microintern.domain.brief import Command
from microintern.domain.events import CloudEvent, of_brief
from microintern.domain.fit import work_of
from microintern.domain.notices import MATCHED
from microintern.domain.problems import Conflict, Forbidden, Invalid, Malformed, NotFound
from microintern.domain.searching import SavedSearch, SavedSearches, Wanted
from microintern.domain.states import Role, State
from tests.unit.app.world import World, a_world_in, rival, stranger
from tests.unit.builders import POLICY, RIVAL, STUDENT, command, employer, operator, student


def catalogue(world: World) -> discovering.Catalogue:
    return discovering.Catalogue(index=world.found_by, stem=stem, clock=world.clock)


def happened(world: World) -> CloudEvent:
    return of_brief(world.brief)


def indexed(world: World) -> bool:
    return indexing.index(happened(world), briefs=world.briefs, found_by=world.found_by, stem=stem)


def noted(world: World) -> int:
    return experience.keep(happened(world), briefs=world.briefs, students=world.students)


def matched(world: World, event: CloudEvent | None = None) -> int:
    stores: dict[str, Any] = {"briefs": world.briefs, "searches": world.searches, "accounts": world.accounts}
    return matching.match(event or happened(world), **stores, stem=stem)


def search(world: World, by: Command, cursor: str | None = None, limit: int = 20, **wanted: Any) -> BriefPage:
    stores: dict[str, Any] = {"briefs": world.briefs, "students": world.students}
    return discovering.search(by, Wanted.model_validate(wanted), limit, cursor, catalogue=catalogue(world), **stores)


def save(world: World, by: Command, **body: Any) -> SavedSearch:
    request = SearchRequest.model_validate({"name": "Charts", "text": "charts", **body})
    return discovering.save_search(by, request, searches=world.searches, catalogue=catalogue(world), policy=POLICY)


def remove(world: World, by: Command, search_id: str) -> list[str]:
    left = discovering.remove_search(by, search_id, searches=world.searches, clock=world.clock)
    return [found.search_id for found in left.items]


def mine(world: World, by: Command) -> list[str]:
    return [found.search_id for found in discovering.my_searches(by, searches=world.searches).items]


def say(world: World, by: Command, **body: Any) -> Any:
    request = StrengthsRequest.model_validate(body)
    return discovering.save_strengths(by, request, students=world.students, clock=world.clock)


def told(world: World, account_id: str) -> list[str]:
    return [n.text for n in world.accounts.notices(account_id, 100).items if n.type == MATCHED]


# search


def test_an_open_brief_is_found_until_it_is_awarded_and_when_it_is_given_back() -> None:
    world = a_world_in(State.OPEN)
    assert indexed(world)
    assert [view.brief_id for view in search(world, student(), text="pay floors").items] == [world.brief_id]
    world.be_payable()
    world.apply()
    world.award()
    assert search(world, student(), text="pay floors").items == [], "at once, whatever the index says"
    assert not indexed(world)
    world.withdraw_award()
    assert indexed(world)
    assert len(search(world, rival(), text="pay floors").items) == 1


def test_only_a_student_sees_how_well_they_fit() -> None:
    world = a_world_in(State.OPEN)
    indexed(world)
    say(world, student(), skills=["python"], hours_per_week=10)
    (found,) = search(world, student(), skill="python").items
    assert found.fit is not None
    assert found.fit.score > 0
    for by in (employer(), operator(), stranger(Role.EDUCATOR)):
        assert search(world, by, skill="python").items[0].fit is None
        assert read(world, by).fit is None
    assert read(world, student()).fit == found.fit
    other = read(world, rival()).fit
    assert other is not None
    assert other.score == 0, "of whom nothing is known"


def read(world: World, by: Command) -> BriefView:
    stores: dict[str, Any] = {"briefs": world.briefs, "organisations": world.organisations, "students": world.students}
    return browsing.read(by, world.brief_id, **stores, clock=world.clock)


def test_a_brief_that_is_not_open_shows_no_fit() -> None:
    assert read(a_world_in(State.AWARDED), student()).fit is None


def test_a_cursor_is_good_for_the_same_search_of_the_same_person_only() -> None:
    world = World()
    for _ in range(3):
        world.post()
        world.ask_for_funding()
        world.money_moves()
        indexed(world)
    page = search(world, student(), limit=2, text="pay floors")
    assert (len(page.items), page.next_cursor is None) == (2, False)
    rest = search(world, student(), page.next_cursor, 2, text="pay floors")
    assert (len(rest.items), rest.next_cursor) == (1, None)
    for by, text in ((rival(), "pay floors"), (student(), "pay")):
        with pytest.raises(Malformed):
            search(world, by, page.next_cursor, text=text)


def test_a_brief_whose_applications_have_closed_is_not_found_though_nothing_was_heard() -> None:
    world = a_world_in(State.OPEN)
    indexed(world)
    world.clock.at = world.brief.applications_close_at
    assert search(world, student()).items == []


# saved searches


def test_a_search_is_saved_once_per_key() -> None:
    world = World()
    by = student("key-of-mine")
    saved = save(world, by)
    assert save(world, by) == saved
    assert mine(world, student()) == [saved.search_id]
    with pytest.raises(Invalid) as refused:
        save(world, student("key-of-mine", "another body"))
    assert refused.value.code == "idempotency_key_reused"
    assert save(world, student()).search_id != saved.search_id
    assert mine(world, rival()) == []


def test_a_search_that_was_taken_away_is_answered_as_before_and_not_saved_again() -> None:
    world = World()
    by, away = student(), student()
    saved = save(world, by)
    assert remove(world, away, saved.search_id) == remove(world, away, saved.search_id) == []
    assert save(world, by).search_id == saved.search_id
    assert mine(world, student()) == []
    with pytest.raises(NotFound):
        remove(world, student(), saved.search_id)


def test_somebody_elses_search_is_as_if_there_were_none() -> None:
    world = World()
    saved = save(world, student())
    with pytest.raises(NotFound) as refused:
        remove(world, rival(), saved.search_id)
    assert refused.value.detail == "There is no such search, or it is not yours to see."
    assert mine(world, student()) == [saved.search_id]


def test_there_are_so_many_searches_and_no_more() -> None:
    world = World()
    saved = [save(world, student()).search_id for _ in range(POLICY.most_saved_searches)]
    with pytest.raises(Conflict) as refused:
        save(world, student())
    assert refused.value.code == "too_many_searches"
    remove(world, student(), saved[0])
    save(world, student())


def test_searches_are_the_students_own_matter() -> None:
    world = World()
    for by in (employer(), operator(), stranger(Role.EDUCATOR)):
        for attempt in (
            lambda by=by: save(world, by),
            lambda by=by: mine(world, by),
            lambda by=by: remove(world, by, "search-00000001"),
            lambda by=by: say(world, by, skills=["python"]),
            lambda by=by: discovering.read_strengths(by, students=world.students),
        ):
            with pytest.raises(Forbidden):
                attempt()


@pytest.mark.parametrize("body", [{"text": None}, {"text": None, "pay_at_least_minor": 5}, {"text": "the"}])
def test_a_search_that_every_brief_may_fit_is_not_saved(body: dict[str, Any]) -> None:
    with pytest.raises((ValueError, Invalid)):
        save(World(), student(), **body)


def test_a_search_is_filed_under_its_rarest_term() -> None:
    world = a_world_in(State.OPEN)
    indexed(world)
    saved = save(world, student(), text="charts logo", field="data")
    assert saved.filed_under == "word logo"


class RacedSearches:
    """Something else is saved between a command's read and its write."""

    def __init__(self, world: World, meanwhile: Command) -> None:
        self.world, self.meanwhile = world, meanwhile

    def __getattr__(self, name: str) -> Any:
        return getattr(self.world.searches, name)

    def save(self, after: SavedSearches, changed: SavedSearch) -> None:
        save(self.world, self.meanwhile)
        self.world.searches.save(after, changed)


def test_of_two_that_save_at_once_one_is_told_and_a_repeat_finds_its_answer() -> None:
    by, request = student(), SearchRequest(name="Charts", text="charts")
    for meanwhile, refused in ((student(), True), (by, False)):
        world = World()
        raced: Any = RacedSearches(world, meanwhile)
        ports: dict[str, Any] = {"searches": raced, "catalogue": catalogue(world), "policy": POLICY}
        if refused:
            with pytest.raises(Conflict) as conflict:
                discovering.save_search(by, request, **ports)
            assert conflict.value.code == "changed_meanwhile"
        else:
            assert discovering.save_search(by, request, **ports).search_id == mine(world, student())[0]
        assert len(mine(world, student())) == 1


# alerts


def test_whoever_looks_for_such_a_brief_is_told_once_however_often_it_is_heard() -> None:
    world = World()
    save(world, student(), name="Charts")
    save(world, student(), name="Python", text=None, skill="python")
    save(world, rival(), name="Logos", text="logo")
    world.post()
    world.ask_for_funding()
    world.money_moves()
    event = happened(world)
    assert [matched(world, event) for _ in range(3)] == [1, 1, 1]
    (text,) = told(world, STUDENT)
    assert text.startswith("A brief that fits your saved search “")
    assert told(world, RIVAL) == []


def test_nobody_is_told_of_what_is_open_no_longer_when_it_is_heard() -> None:
    world = a_world_in(State.OPEN)
    save(world, student())
    opened = happened(world)
    world.cancel()
    assert matched(world, opened) == 0
    assert told(world, STUDENT) == []


def test_a_search_that_names_more_than_the_brief_has_tells_nobody() -> None:
    world = a_world_in(State.OPEN)
    save(world, student(), hours_at_most=5)
    save(world, student(), pay_at_least_minor=10**9)
    save(world, student(), for_first_timers=True)
    assert matched(world) == 0


def test_a_search_that_was_taken_away_tells_of_nothing() -> None:
    world = a_world_in(State.OPEN)
    remove(world, student(), save(world, student()).search_id)
    assert matched(world) == 0


# strengths and experience


def test_strengths_are_said_once_per_key_and_repeated_as_they_were() -> None:
    world = World()
    by = student()
    view = say(world, by, skills=["python"], hours_per_week=10)
    assert (view.skills, view.hours_per_week, view.completed_briefs) == (["python"], 10, 0)
    assert say(world, by, skills=["python"], hours_per_week=10) == view
    say(world, student(), skills=["excel"])
    found = discovering.read_strengths(student(), students=world.students)
    assert (found.skills, found.hours_per_week) == (["excel"], None)
    with pytest.raises(ValueError, match="twice"):
        say(world, student(), skills=["excel", "excel"])


def test_what_a_student_completes_shows_in_what_their_fit_rests_on() -> None:
    world = a_world_in(State.AWARDED)
    assert noted(world) == 1
    assert noted(world) == 0, "heard again"
    view = discovering.read_strengths(student(), students=world.students)
    assert (view.hours_taken, view.shown_skills) == (world.brief.hours, [])
    done = a_world_in(State.APPROVED)
    noted(done)
    view = discovering.read_strengths(student(), students=done.students)
    assert (view.hours_taken, view.completed_briefs) == (0, 1)
    assert view.shown_skills == sorted(done.brief.skills)


def test_who_gives_a_brief_back_has_the_hours_again_in_whatever_order_it_is_heard() -> None:
    for order in itertools.permutations([0, 1]):
        world = a_world_in(State.AWARDED)
        events = [happened(world)]
        world.withdraw_award()
        events.append(happened(world))
        for number in order:
            experience.keep(events[number], briefs=world.briefs, students=world.students)
        assert discovering.read_strengths(student(), students=world.students).hours_taken == 0


# places for first-timers


def applicants(world: World, limit: int = 50) -> list[Any]:
    found: list[Any] = []
    cursor: str | None = None
    while True:
        page = browsing.applications(employer(), world.brief_id, limit, cursor, **world.reading)
        found += page.items
        if (cursor := page.next_cursor) is None:
            return found


def experienced(world: World, *student_ids: str) -> None:
    done = a_world_in(State.APPROVED).brief
    for student_id in student_ids:
        world.students.record(student_id, "another-brief-1", work_of(done))


def crowd(places: int, novices: Sequence[int], size: int = 6) -> World:
    world = a_world_in(State.OPEN, first_timer_places=places)
    for number in range(size):
        world.apply(command(Role.STUDENT, f"applicant-{number}"))
        world.clock.forward(minutes=1)
    experienced(world, *(f"applicant-{number}" for number in range(size) if number not in novices))
    return world


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_those_who_applied_first_among_first_timers_have_the_places_and_everybody_comes_once(limit: int) -> None:
    found = applicants(crowd(2, novices=[2, 4, 5]), limit)
    names = [application.application_id for application in found]
    assert len(names) == len(set(names)) == 6
    assert [application.place_kept for application in found] == [True, True, False, False, False, False]
    assert [application.first_timer for application in found].count(True) == 3
    kept = sorted(application.applied_at for application in found[:2])
    assert kept == [application.applied_at for application in found[:2]], "the first to apply comes first"
    others = [application.applied_at for application in found[2:] if application.first_timer]
    assert all(at > kept[-1] for at in others)


def test_without_places_the_list_is_as_it_was_and_says_nothing_of_anybody() -> None:
    found = applicants(crowd(0, novices=[1]))
    assert {(application.first_timer, application.place_kept) for application in found} == {(None, False)}


def test_a_place_is_not_kept_for_who_has_withdrawn() -> None:
    world = crowd(1, novices=[0, 3])
    world.withdraw_application(command(Role.STUDENT, "applicant-0"))
    first = applicants(world)[0]
    assert (first.place_kept, first.applied_at) == (True, max(a.applied_at for a in applicants(world) if a.first_timer))


def test_who_has_a_place_stays_the_same_from_page_to_page() -> None:
    world = crowd(1, novices=[1, 5])
    page = browsing.applications(employer(), world.brief_id, 2, None, **world.reading)
    world.withdraw_application(command(Role.STUDENT, "applicant-1"))
    found = list(page.items)
    while page.next_cursor:
        page = browsing.applications(employer(), world.brief_id, 2, page.next_cursor, **world.reading)
        found += page.items
    assert len({application.application_id for application in found}) == len(found) == 6

"""What students find briefs by, in memory and on DynamoDB: the index, saved searches, what students are and did."""

import itertools
import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from microintern.adapters import dynamo
from microintern.adapters import index as adapter
from microintern.adapters.index import DynamoIndex
from microintern.domain.base import iso
from microintern.domain.fit import Strengths, Work
from microintern.domain.searching import EVERYTHING, Listed, SavedSearch, SavedSearches, Wanted, fits
from microintern.domain.states import Role
from microintern.domain.trail import Event
from microintern.ports.accounts import Accounts
from microintern.ports.conditions import StaleDocument
from microintern.ports.discovery import Index, Searches, Students
from microintern.ports.paging import Page, Position
from tests.contract import tables
from tests.contract.conftest import on_dynamodb
from tests.unit.builders import NOW

STUDENT = "amara-student-1"
CLOSES = NOW + timedelta(days=5)
put_many = dynamo.put_many
OF = ["chart", "clean", "data", "logo", "poster", "survey", "table", "video"]


def listed(number: int, words: Sequence[str] = ("chart", "data"), **changes: Any) -> Listed:
    facts: dict[str, Any] = {
        "brief_id": f"brief-{number:06d}",
        "closes_at": CLOSES + timedelta(hours=number),
        "field": "data",
        "skills": ["python"],
        "hours": 10,
        "pay_minor": 20_000,
        "currency": "USD",
        "first_timer_places": 0,
        "words": list(words),
    }
    return Listed.model_validate({**facts, **changes})


def all_found(index: Index, wanted: Wanted, limit: int = 100) -> list[str]:
    found: list[str] = []
    position: Position | None = None
    while True:
        page = index.find(wanted, NOW, limit, position)
        assert len(page.items) <= limit
        found += page.items
        if (position := page.next) is None:
            return found


def ids(*numbers: int) -> list[str]:
    return [f"brief-{number:06d}" for number in numbers]


def test_a_brief_is_found_by_what_it_is(found_by: Index) -> None:
    found_by.keep(listed(1))
    facts: list[dict[str, Any]] = [
        {},
        {"words": ["chart"]},
        {"words": ["data", "chart"]},
        {"field": "data"},
        {"skill": "python"},
        {"pay_at_least_minor": 20_000, "currency": "USD"},
        {"hours_at_least": 10, "hours_at_most": 10},
        {"closes_after": CLOSES + timedelta(hours=1), "closes_before": CLOSES + timedelta(hours=1)},
    ]
    for wanted in facts:
        assert all_found(found_by, Wanted.model_validate(wanted)) == ids(1), wanted
    others: list[dict[str, Any]] = [
        {"words": ["logo"]},
        {"words": ["chart", "logo"]},
        {"field": "design"},
        {"skill": "excel", "words": ["chart"]},
        {"words": ["chart"], "pay_at_least_minor": 20_001},
        {"words": ["chart"], "currency": "EUR"},
        {"hours_at_least": 11},
        {"hours_at_most": 9},
        {"closes_after": CLOSES + timedelta(hours=2)},
        {"closes_before": CLOSES},
        {"closes_after": CLOSES + timedelta(hours=2), "closes_before": CLOSES},
        {"for_first_timers": True},
    ]
    for wanted in others:
        assert all_found(found_by, Wanted.model_validate(wanted)) == [], wanted


def test_places_for_first_timers_can_be_looked_for(found_by: Index) -> None:
    found_by.keep(listed(1, first_timer_places=2))
    found_by.keep(listed(2))
    assert all_found(found_by, Wanted(for_first_timers=True)) == ids(1)


def test_the_next_to_close_comes_first_and_what_has_closed_does_not_come(found_by: Index) -> None:
    for number in (3, 1, 2):
        found_by.keep(listed(number))
    found_by.keep(listed(4, closes_at=NOW - timedelta(seconds=1)))
    for limit in (1, 2, 3, 10):
        assert all_found(found_by, Wanted(words=["chart"]), limit) == ids(1, 2, 3)


def test_searches_find_what_fits_and_nothing_else(found_by: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """However few rows a page reads: it then holds fewer, and leads on."""
    monkeypatch.setattr(adapter, "FIRST_ROWS", 4)
    monkeypatch.setattr(adapter, "ROWS_PER_QUERY", 3)
    monkeypatch.setattr(adapter, "QUERIES_PER_PAGE", 2)
    rng = random.Random(7)
    briefs = [
        listed(
            number,
            rng.sample(OF, rng.randint(1, 5)),
            field=rng.choice(["data", "design"]),
            skills=rng.sample(["python", "excel", "figma"], 2),
            hours=rng.randint(5, 40),
        )
        for number in range(60)
    ]
    for brief in rng.sample(briefs, len(briefs)):
        found_by.keep(brief)
    for _ in range(25):
        wanted = Wanted(
            words=rng.sample(OF, rng.randint(0, 3)),
            field=rng.choice([None, "data"]),  # type: ignore[arg-type]
            skill=rng.choice([None, "python"]),
            hours_at_most=rng.choice([None, 20]),
        )
        assert all_found(found_by, wanted, limit=5) == [b.brief_id for b in briefs if fits(b, wanted)], wanted


def test_the_rarest_term_is_the_one_that_the_fewest_are_found_by(found_by: Index) -> None:
    for number in range(12):
        found_by.keep(listed(number, ["chart", "logo"] if number < 2 else ["chart"]))
    assert found_by.rarest(["word chart", "word logo", EVERYTHING], NOW) == "word logo"
    assert found_by.rarest(["word chart", "word nowhere", "word logo"], NOW) == "word nowhere"


def test_of_lists_that_go_on_the_rarest_is_the_one_that_reaches_furthest(
    dynamodb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "FIRST_ROWS", 3)
    index = DynamoIndex(dynamodb, tables.SEARCH)
    for number in range(20):
        index.keep(listed(number, ["chart", "data"] if number % 3 == 0 else ["chart"]))
    assert index.rarest(["word chart", "word data"], NOW) == "word data"


def test_what_broke_off_half_way_is_finished_by_the_next(dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    index = DynamoIndex(dynamodb, tables.SEARCH)
    with monkeypatch.context() as broken:
        broken.setattr(dynamo, "put_many", lambda client, table, rows: put_many(client, table, list(rows)[:2]))
        index.keep(listed(1))
    assert all_found(index, Wanted(words=["chart"])) == []
    for _ in range(2):
        index.keep(listed(1))
    assert all_found(index, Wanted(words=["chart"])) == ids(1)
    assert len(dynamodb.scan(TableName=tables.SEARCH)["Items"]) == len(listed(1).terms)


def test_rows_go_by_themselves_when_applications_close(dynamodb: Any) -> None:
    DynamoIndex(dynamodb, tables.SEARCH).keep(listed(1))
    rows = dynamodb.scan(TableName=tables.SEARCH)["Items"]
    assert {int(row["forget_at"]["N"]) for row in rows} == {int(listed(1).closes_at.timestamp())}
    assert {row["sk"]["S"] for row in rows} == {f"{iso(listed(1).closes_at)}#brief-000001"}


def a_search(number: int = 1, **wanted: Any) -> SavedSearch:
    found = Wanted.model_validate(wanted or {"words": ["chart"]})
    return SavedSearch(search_id=f"search-{number:04d}", name="Charts", wanted=found, filed_under=found.terms[0])


def saved(*searches: SavedSearch, version: int = 1, account_id: str = STUDENT) -> SavedSearches:
    event = Event(type="search.saved", at=NOW, role=Role.STUDENT, actor_id=account_id)
    return SavedSearches(account_id=account_id, searches=list(searches), version=version, event=event, done=["a b"])


def watchers(searches: Searches, *terms: str) -> list[tuple[str, str]]:
    return sorted((watch.account_id, watch.search_id) for watch in searches.watching(terms))


def test_a_saved_search_is_kept_and_asked_for_by_the_term_it_is_filed_under(searches: Searches) -> None:
    assert searches.of(STUDENT) == SavedSearches(account_id=STUDENT)
    searches.save(saved(a_search()), a_search())
    assert searches.of(STUDENT) == saved(a_search())
    searches.save(saved(a_search(2, skill="excel"), account_id="bela-student-22"), a_search(2, skill="excel"))
    assert watchers(searches, "word chart", "word data") == [(STUDENT, "search-0001")]
    assert watchers(searches, "skill excel", "word chart") == [
        (STUDENT, "search-0001"),
        ("bela-student-22", "search-0002"),
    ]
    assert watchers(searches, "word data") == []
    (watch,) = searches.watching(["word chart"])
    assert (watch.name, watch.wanted) == ("Charts", a_search().wanted)


def test_a_search_that_is_taken_away_is_asked_for_no_more(searches: Searches) -> None:
    searches.save(saved(a_search()), a_search())
    searches.save(saved(a_search(), a_search(2), version=2), a_search(2))
    searches.save(saved(a_search(2), version=3), a_search())
    assert watchers(searches, "word chart") == [(STUDENT, "search-0002")]
    assert searches.of(STUDENT).searches == [a_search(2)]


def test_searches_are_written_over_the_version_before_only(searches: Searches) -> None:
    searches.save(saved(a_search()), a_search())
    for version in (1, 3):
        with pytest.raises(StaleDocument):
            searches.save(saved(a_search(2), version=version), a_search(2))
    assert watchers(searches, "word chart") == [(STUDENT, "search-0001")]


def test_who_is_forgotten_is_asked_for_no_more_and_nothing_is_kept_of_them(
    searches: Searches, students: Students, accounts: Accounts
) -> None:
    searches.save(saved(a_search()), a_search())
    searches.save(saved(a_search(2), account_id="bela-student-22"), a_search(2))
    students.save_strengths(strengths())
    students.record(STUDENT, "brief-000001", WORK)
    for _ in range(2):
        searches.forget(STUDENT)
        accounts.forget(STUDENT)
    assert watchers(searches, "word chart") == [("bela-student-22", "search-0002")]
    assert searches.of(STUDENT).searches == []
    said, experience = students.known_of(STUDENT)
    assert (said, experience.work) == (None, {})


def test_nothing_beside_the_index_says_what_somebody_looks_for_once_it_is_taken_away(dynamodb: Any) -> None:
    searches = adapter_searches(dynamodb)
    searches.save(saved(a_search(1, words=["secret"])), a_search(1, words=["secret"]))
    searches.save(saved(version=2), a_search(1, words=["secret"]))
    for row in dynamodb.scan(TableName=tables.SEARCH)["Items"]:
        assert STUDENT not in str(row)
        assert "secret" not in str(row)


def adapter_searches(client: Any) -> Searches:
    return on_dynamodb(client).searches


WORK = Work(version=4, skills=["python"], hours=10, due_at=CLOSES + timedelta(days=9), under_way=True, completed=False)


def strengths(version: int = 1, **changes: Any) -> Strengths:
    event = Event(type="strengths.saved", at=NOW, role=Role.STUDENT, actor_id=STUDENT)
    facts: dict[str, Any] = {"skills": ["excel"], "hours_per_week": 12, **changes}
    return Strengths(account_id=STUDENT, version=version, event=event, **facts)


def test_strengths_are_written_over_the_version_before_only(students: Students, accounts: Accounts) -> None:
    assert students.known_of(STUDENT)[0] is None
    students.save_strengths(strengths())
    students.save_strengths(strengths(2, skills=[]))
    for version in (1, 2, 4):
        with pytest.raises(StaleDocument):
            students.save_strengths(strengths(version))
    assert students.known_of(STUDENT)[0] == strengths(2, skills=[])
    assert strengths(2, skills=[]).entry in accounts.steps(STUDENT)


def test_what_is_saved_is_a_step_of_the_account(searches: Searches, accounts: Accounts) -> None:
    searches.save(saved(a_search()), a_search())
    assert accounts.steps(STUDENT) == [saved(a_search()).entry]


def test_of_a_brief_the_newest_version_counts_in_any_order(students: Students) -> None:
    later = WORK.model_copy(update={"version": 6, "under_way": False, "completed": True})
    for order in itertools.permutations([WORK, later, WORK.model_copy(update={"version": 5})]):
        student_id = f"student-{'-'.join(str(work.version) for work in order)}"
        for work in [*order, *order]:
            students.record(student_id, "brief-000001", work)
        assert students.known_of(student_id)[1].work == {"brief-000001": later}


def test_notes_of_several_briefs_stand_side_by_side(students: Students) -> None:
    assert students.record(STUDENT, "brief-000001", WORK)
    assert not students.record(STUDENT, "brief-000001", WORK)
    assert students.record(STUDENT, "brief-000002", WORK)
    found = students.experiences([STUDENT, "nobody-000001"])
    assert set(found[STUDENT].work) == {"brief-000001", "brief-000002"}
    assert found["nobody-000001"].first_timer
    assert students.experiences([]) == {}


def test_an_empty_page_leads_nowhere(found_by: Index) -> None:
    assert found_by.find(Wanted(words=["chart"]), NOW, 10) == Page(items=[])

"""The Trail port: what was kept stays as it was first kept, and a day's journal leads to all of it."""

from datetime import date, timedelta
from typing import Any

import pytest

from microintern.adapters import dynamo
from microintern.domain.brief import Brief
from microintern.domain.states import Role
from microintern.domain.trail import BRIEF, Entry, Event, Fault, verify
from microintern.ports.paging import Page
from microintern.ports.trail import Trail
from tests.contract import examples, tables
from tests.contract.conftest import Stores
from tests.contract.examples import NOW, STUDENT
from tests.contract.test_briefs import walk

DAY = NOW.date()


def steps(count: int, brief: Brief | None = None) -> list[Entry]:
    """The first steps of a brief's life, a minute apart."""
    versions = [brief or examples.brief()]
    for number in range(1, count):
        before = versions[-1]
        at = before.event.at + timedelta(minutes=number)
        event = Event(type="brief.opened", at=at, role=Role.SERVER, trigger="money", previous=before.entry.hash)
        versions.append(examples.moved(before, event=event))
    return [version.entry for version in versions]


def named(page: Page) -> list[tuple[str, int]]:
    return [(entry.scope[-1], entry.version) for entry in page.items]


class TestEntries:
    def test_an_entry_stays_as_it_was_first_kept(self, trail: Trail) -> None:
        first = steps(1)[0]
        assert trail.keep(first)
        other = first.model_copy(update={"event": first.event.model_copy(update={"actor_id": STUDENT})}).sealed()
        assert not trail.keep(other)
        assert trail.entries(first.scope) == [first]

    def test_what_is_read_has_the_hash_that_it_was_kept_with(self, trail: Trail) -> None:
        entries = steps(3)
        for entry in entries:
            trail.keep(entry)
        kept = trail.entries(entries[0].scope)
        assert [entry.recomputed for entry in kept] == [entry.hash for entry in entries]
        assert verify(entries[0].scope, kept, entries[-1:], NOW + timedelta(days=9)).broken is None

    def test_entries_come_by_subject_and_version_and_of_this_scope_only(self, trail: Trail) -> None:
        brief = examples.brief()
        applied = examples.application(brief).entry
        for entry in (*steps(12), applied, steps(1, examples.brief(2))[0]):
            trail.keep(entry)
        kept = [(entry.subject, entry.version) for entry in trail.entries(brief.brief_id)]
        assert kept == [(applied.subject, 1), *((BRIEF, version) for version in range(1, 13))]

    @pytest.mark.parametrize("limit", [1, 2, 5])
    def test_one_subjects_entries_page_by_version(self, trail: Trail, limit: int) -> None:
        brief = examples.brief()
        for entry in (*reversed(steps(4)), examples.application(brief).entry):
            trail.keep(entry)
        pages = walk(lambda after: trail.page(brief.brief_id, BRIEF, limit, after))
        assert [entry.version for page in pages for entry in page.items] == [1, 2, 3, 4]


class TestJournal:
    def kept(self, trail: Trail, batch: str, *entries: Entry) -> None:
        for entry in entries:
            trail.keep(entry)
        trail.journal(batch, entries)

    @pytest.mark.parametrize("limit", [1, 2, 3, 100])
    def test_a_day_shows_everything_once_the_newest_first(self, trail: Trail, limit: int) -> None:
        batches = [steps(3, examples.brief(number)) for number in range(1, 7)]
        for number, batch in enumerate(batches):
            self.kept(trail, f"batch-{number}", *batch)
        pages = walk(lambda after: trail.of_day(DAY, limit, after))
        shown = [entry for page in pages for entry in named(page)]
        assert shown == [(str(number), version) for number in range(6, 0, -1) for version in (3, 2, 1)]
        assert all(len(page.items) <= limit for page in pages)

    def test_a_batch_is_noted_once_however_often_it_is_read(self, trail: Trail) -> None:
        one, two = steps(2)
        self.kept(trail, "batch-1", one, two)
        self.kept(trail, "batch-1", one)
        assert named(trail.of_day(DAY, 10)) == [("1", 2), ("1", 1)]

    def test_what_stands_in_two_batches_is_shown_once_on_a_page(self, trail: Trail) -> None:
        one, two = steps(2)
        self.kept(trail, "batch-1", one, two)
        self.kept(trail, "batch-2", two)
        assert sorted(named(trail.of_day(DAY, 10))) == [("1", 1), ("1", 2)]

    def test_a_batch_over_midnight_stands_under_both_days(self, trail: Trail) -> None:
        one, two = steps(2)
        tomorrow = two.model_copy(update={"event": two.event.model_copy(update={"at": NOW + timedelta(days=1)})})
        self.kept(trail, "batch-1", one, tomorrow.sealed())
        assert named(trail.of_day(DAY, 10)) == [("1", 1)]
        assert named(trail.of_day(DAY + timedelta(days=1), 10)) == [("1", 2)]
        assert trail.of_day(date(2020, 1, 1), 10) == Page(items=[])

    def test_a_day_names_what_changed_on_it(self, trail: Trail) -> None:
        self.kept(trail, "batch-1", *steps(2), *steps(1, examples.brief(2)))
        self.kept(trail, "batch-2", *steps(1, examples.brief(3)))
        assert trail.changed(DAY) == {examples.brief(number).brief_id for number in (1, 2, 3)}
        assert trail.changed(DAY - timedelta(days=1)) == set()

    def test_the_journal_is_none_of_the_entries(self, trail: Trail) -> None:
        self.kept(trail, "batch-1", *steps(2))
        assert len(trail.entries(examples.brief().brief_id)) == 2


class TestOnDynamoDB:
    @pytest.fixture
    def trail(self, dynamodb: Any) -> Trail:
        from tests.contract.conftest import on_dynamodb  # noqa: PLC0415

        stores: Stores = on_dynamodb(dynamodb)
        for entry in steps(3):
            stores.trail.keep(entry)
        return stores.trail

    def tamper(self, dynamodb: Any, version: int, changes: dict[str, Any]) -> None:
        at = dynamo.key(examples.brief().brief_id, f"{BRIEF}#{version:06d}")
        item = dynamodb.get_item(TableName=tables.TRAIL, Key=at)["Item"]
        dynamodb.put_item(TableName=tables.TRAIL, Item=item | dynamo.packed(changes))

    @pytest.mark.parametrize(
        "changes",
        [
            {"hash": "x"},
            {"version": 7},
            {"scope": "brief-000009"},
            {"subject": "application#000001"},
            {"state": "paid"},
            {"state": "no such state"},
            {"event": "gone"},
            {"due_at": "2031-01-01T00:00:00.000Z"},
        ],
        ids=str,
    )
    @pytest.mark.parametrize("version", [1, 2, 3])
    def test_what_somebody_wrote_over_an_entry_is_noticed(
        self, trail: Trail, dynamodb: Any, version: int, changes: dict[str, Any]
    ) -> None:
        self.tamper(dynamodb, version, changes)
        head = steps(3)[-1:]
        found = verify(head[0].scope, trail.entries(head[0].scope), head, NOW + timedelta(days=9))
        assert found.broken is not None

    def test_an_entry_that_was_removed_is_noticed(self, trail: Trail, dynamodb: Any) -> None:
        brief_id, head = examples.brief().brief_id, steps(3)[-1:]
        dynamodb.delete_item(TableName=tables.TRAIL, Key=dynamo.key(brief_id, f"{BRIEF}#000002"))
        found = verify(brief_id, trail.entries(brief_id), head, NOW).broken
        assert found is not None
        assert (found.version, found.fault) == (2, Fault.MISSING)

    def test_more_than_one_call_reads_is_read(self, trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("microintern.adapters.trail._ROWS_PER_CALL", 2)
        assert len(trail.entries(examples.brief().brief_id)) == 3

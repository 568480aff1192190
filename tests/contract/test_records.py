"""The Records port, and feedback as the Briefs port keeps it."""

from datetime import timedelta
from typing import Any

import pytest

from microintern.domain.documents import Document
from microintern.domain.events import EventType
from microintern.domain.feedback import Feedback, Given
from microintern.domain.records import Heard, Rated, Record, Row
from microintern.domain.reports import Tally
from microintern.domain.states import Role
from microintern.domain.trail import Event
from microintern.ports.conditions import StaleDocument
from microintern.ports.records import Records, Waiting
from tests.contract import examples
from tests.contract.conftest import Stores, calls_of, on_dynamodb
from tests.contract.examples import EMPLOYER, NOW, STUDENT

BRIEF = "brief-000001"
OTHER = "student-0002"


def a_record(version: int = 1, party_id: str = EMPLOYER, side: Role = Role.EMPLOYER, **counts: int) -> Record:
    return Record(party_id=party_id, side=side, version=version, counts=counts)


def a_row(brief_id: str = BRIEF, rated: Rated | None = None) -> Row:
    opened = Heard(type=EventType.BRIEF_OPENED, at=NOW, by=Role.SERVER)
    return Row(brief_id=brief_id, rated=rated).hearing(3, opened)


def a_rating(days: int, *, shown: bool = False) -> Rated:
    return Rated(version=1, ratings={"quality": 4}, until=NOW + timedelta(days=days), shown=shown)


def test_a_record_that_nobody_wrote_counts_nothing(records: Records) -> None:
    assert records.read(EMPLOYER, Role.EMPLOYER) == a_record(0)
    assert records.read_row(STUDENT, Role.STUDENT, BRIEF) == (
        a_record(0, STUDENT, Role.STUDENT),
        Row(brief_id=BRIEF),
    )
    assert records.hired(EMPLOYER, STUDENT) == 0


def test_record_row_and_who_is_hired_are_written_together_over_the_version_before(records: Records) -> None:
    first = a_record(funded=1)
    records.keep(first, a_row(), {STUDENT: 2})
    assert records.read(EMPLOYER, Role.EMPLOYER) == first
    assert records.read_row(EMPLOYER, Role.EMPLOYER, BRIEF) == (first, a_row())
    assert (records.hired(EMPLOYER, STUDENT), records.hired(EMPLOYER, OTHER)) == (2, 0)
    for late in (first, a_record(3, funded=9)):
        with pytest.raises(StaleDocument):
            records.keep(late, a_row("brief-000002"), {STUDENT: 7})
    assert records.read_row(EMPLOYER, Role.EMPLOYER, "brief-000002") == (first, Row(brief_id="brief-000002"))
    assert records.hired(EMPLOYER, STUDENT) == 2
    second = a_record(2, funded=1, awarded=1)
    records.keep(second, a_row("brief-000002"), {})
    assert records.read(EMPLOYER, Role.EMPLOYER) == second


def test_a_rating_waits_until_its_window_is_over_and_until_it_counts(records: Records) -> None:
    waits = [("brief-000001", a_rating(2)), ("brief-000002", a_rating(1)), ("brief-000003", a_rating(1, shown=True))]
    for version, (brief_id, rated) in enumerate(waits, 1):
        records.keep(a_record(version), a_row(brief_id, rated), {})
    records.keep(a_record(4), a_row("brief-000004"), {})
    first, second = (Waiting(party_id=EMPLOYER, side=Role.EMPLOYER, brief_id=f"brief-00000{n}") for n in (2, 1))
    just_before = NOW + timedelta(days=1) - timedelta(milliseconds=1)
    assert records.waiting(just_before, 9) == []
    assert records.waiting(NOW + timedelta(days=1), 9) == [first]
    assert records.waiting(NOW + timedelta(days=2), 9) == [first, second]
    assert records.waiting(NOW + timedelta(days=2), 1) == [first]
    records.keep(a_record(5), a_row("brief-000002", a_rating(1, shown=True)), {})
    assert records.waiting(NOW + timedelta(days=2), 9) == [second]


def test_who_is_forgotten_leaves_a_record_that_counts_nothing_and_no_row(records: Records) -> None:
    for version in range(1, 231):
        records.keep(a_record(version, STUDENT, Role.STUDENT), a_row(f"brief-{version:06d}", a_rating(1)), {})
    records.keep(a_record(1, OTHER, Role.STUDENT), a_row(), {})
    gone = Record(party_id=STUDENT, side=Role.STUDENT, version=231, erased=True)
    with pytest.raises(StaleDocument):
        records.forget(gone.model_copy(update={"version": 230}))
    records.forget(gone)
    assert records.read(STUDENT, Role.STUDENT) == gone
    for brief_id in ("brief-000001", "brief-000230"):
        assert records.read_row(STUDENT, Role.STUDENT, brief_id) == (gone, Row(brief_id=brief_id))
    assert records.waiting(NOW + timedelta(days=9), 9) == []
    records.forget(gone.model_copy(update={"version": 232}))
    assert records.read_row(OTHER, Role.STUDENT, BRIEF)[1] == a_row()


def test_that_somebody_was_hired_can_be_forgotten_for_itself(records: Records) -> None:
    records.keep(a_record(), a_row(), {STUDENT: 2, OTHER: 1})
    for _ in range(2):
        records.forget_hired(EMPLOYER, STUDENT)
        assert (records.hired(EMPLOYER, STUDENT), records.hired(EMPLOYER, OTHER)) == (0, 1)


def test_reading_a_record_is_one_item_and_bringing_it_up_to_date_two_calls(dynamodb: Any) -> None:
    records = on_dynamodb(dynamodb).records
    with calls_of(dynamodb) as sent:
        records.read(EMPLOYER, Role.EMPLOYER)
        records.read_row(EMPLOYER, Role.EMPLOYER, BRIEF)
        records.keep(a_record(), a_row(), {})
    assert sent == ["GetItem", "BatchGetItem", "TransactWriteItems"]


def feedback(version: int = 1, **changes: Any) -> Feedback:
    event = Event(type="feedback.given", at=NOW, role=Role.STUDENT, actor_id=STUDENT)
    parties: dict[str, Any] = {"brief_id": BRIEF, "employer_id": EMPLOYER, "student_id": STUDENT}
    given = Given(author_id=STUDENT, at=NOW, ratings={"clarity": 4}, text="Clear.", done=["key body"])
    return Feedback(version=version, event=event, **{**parties, "student": given, **changes})


def test_feedback_is_written_over_its_version_before_only(stores: Stores) -> None:
    brief = examples.open_brief()
    stores.briefs.create(brief, examples.content())
    first = feedback()
    with pytest.raises(StaleDocument):
        stores.briefs.replace(feedback(2))
    assert stores.briefs.add(brief.brief_id, first) is None
    assert stores.briefs.add(brief.brief_id, feedback(closed=True)) == first
    second = feedback(2, shown_at=NOW)
    stores.briefs.replace(second)
    for late in (second, feedback(4)):
        with pytest.raises(StaleDocument):
            stores.briefs.replace(late)
    snapshot = stores.briefs.read(brief.brief_id, Feedback.key_of)
    assert snapshot is not None
    assert snapshot.find(Feedback, Feedback.key_of) == second
    found: list[Document] = stores.briefs.list_documents(brief.brief_id, Feedback, 9).items
    assert found == [second]


def test_rows_come_page_by_page_in_the_order_of_their_briefs(records: Records) -> None:
    rows = [a_row(f"brief-{number:06d}") for number in range(5)]
    for version, row in enumerate(rows, start=1):
        records.keep(a_record(version), row, {})
    records.keep(a_record(1, OTHER, Role.STUDENT), a_row(), {})
    first = records.rows(EMPLOYER, 3)
    second = records.rows(EMPLOYER, 3, first.next)
    assert (first.items, second.items, second.next) == (rows[:3], rows[3:], None)
    assert records.rows(STUDENT, 3).items == []


def test_what_is_reported_is_added_with_the_record_or_not_at_all(records: Records) -> None:
    begun = {"funded": 1, "state/open": 1}
    tallies = [Tally(EMPLOYER, "2026-11", begun), Tally("platform#1", "2026-11", {"funded": 1})]
    records.keep(a_record(1), a_row(), {}, tallies)
    with pytest.raises(StaleDocument):
        records.keep(a_record(1), a_row(), {}, tallies)
    moved = {"state/open": -1, "state/awarded": 1}
    later = [Tally(EMPLOYER, "2026-11", moved), Tally(EMPLOYER, "2026-12", {"funded": 1})]
    records.keep(a_record(2), a_row(), {STUDENT: 1}, later)
    november = {"funded": 1, "state/open": 0, "state/awarded": 1}
    assert records.report_of(EMPLOYER, "2026-01", "2026-12") == {"2026-11": november, "2026-12": {"funded": 1}}
    assert records.report_of(EMPLOYER, "2026-12", "2027-12") == {"2026-12": {"funded": 1}}
    assert records.report_of("platform#1", "2026-11", "2026-11") == {"2026-11": {"funded": 1}}
    assert records.report_of(OTHER, "2026-01", "2026-12") == {}
    assert records.rows(EMPLOYER, 10).items == [a_row()], "a report is no row"

"""Records: the same in whichever order events come and however often, and read by whom they concern."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microintern.app import records
from microintern.app.views.records import PartyRecord
from microintern.domain.brief import Brief, Command
from microintern.domain.events import CloudEvent, of_brief
from microintern.domain.feedback import asked
from microintern.domain.problems import Forbidden, NotFound
from microintern.domain.records import OF_BRIEFS, OF_FEEDBACK, Rated, Record, Row
from microintern.domain.reports import Tally
from microintern.domain.states import Role, State
from microintern.ports.conditions import StaleDocument
from tests.twins.records import MemoryRecords
from tests.unit.app.world import MEDIA, World, a_world_in, rival, stranger
from tests.unit.builders import (
    ORGANISATION,
    POLICY,
    RIVAL,
    STUDENT,
    a_posting,
    employer,
    operator,
    student,
    timeline,
)

PARTIES = {ORGANISATION: Role.EMPLOYER, STUDENT: Role.STUDENT, RIVAL: Role.STUDENT}


class Published(World):
    """A world in which every step of a brief is published, and counted as it comes."""

    def __init__(self) -> None:
        super().__init__()
        put = self.briefs.put

        def published(brief: Brief) -> None:
            put(brief)
            self.bus.publish([of_brief(brief).model_dump(mode="json")])

        self.briefs.put = published  # type: ignore[method-assign]

    def begin(self) -> None:
        """Another brief is open."""
        now = self.clock.now()
        self.posting = a_posting(timeline=timeline(now + timedelta(days=7), now + timedelta(days=20)))
        self.post()
        self.ask_for_funding()
        self.money_moves()

    def awarded(self, who: Callable[[], Command]) -> None:
        self.clock.forward(hours=5)
        self.apply(who(), statement=f"I would like to do {self.brief_id}.")
        self.clock.forward(hours=1)
        self.award(student_id=who().actor_id)

    def handed_in(self, who: Callable[[], Command]) -> None:
        for deliverable in MEDIA:
            self.upload(who(), deliverable)
        self.submit(who())

    def over(self, *givers: Command) -> None:
        """The money moves, and these give feedback; the events are counted as they come."""
        self.money_moves()
        for by in givers:
            ratings = dict.fromkeys(asked(self.brief, by.role), 4 if by.role is Role.STUDENT else 3)
            self.give_feedback(by, ratings=ratings)
            self.feedback_is_followed()
        self.events_are_counted()


def _approved_after_a_revision(world: Published) -> None:
    world.awarded(student)
    world.handed_in(student)
    world.clock.forward(hours=2)
    world.request_changes()
    world.handed_in(student)
    world.clock.forward(hours=4)
    world.approve()
    world.over(student(), employer())


def _approved_by_silence_after_another_gave_it_back(world: Published) -> None:
    world.awarded(student)
    world.withdraw_award()
    world.awarded(rival)
    world.handed_in(rival)
    world.deadline_lapses()
    world.over(employer())


def _not_submitted(world: Published) -> None:
    world.awarded(student)
    world.deadline_lapses()
    world.over(employer())


def _split(world: Published) -> None:
    world.awarded(student)
    world.handed_in(student)
    world.dispute()
    world.answer_dispute()
    world.resolve()
    world.deadline_lapses()
    world.over(student(), employer())


def _revision_never_came(world: Published) -> None:
    world.awarded(student)
    world.handed_in(student)
    world.request_changes()
    for _ in range(3):
        world.deadline_lapses()
    world.over(student())


def _cancelled(world: Published) -> None:
    world.cancel()
    world.over()


def _approved(world: Published) -> None:
    world.awarded(student)
    world.handed_in(student)
    world.clock.forward(hours=6)
    world.approve()
    world.over(student(), employer())


LIVES = [
    _approved_after_a_revision,
    _approved_by_silence_after_another_gave_it_back,
    _not_submitted,
    _split,
    _revision_never_came,
    _cancelled,
    _approved,
]


@cache
def a_busy_year() -> Published:
    """One organisation's briefs, with every kind of end; what only one side gave is shown by now."""
    world = Published()
    for by in (student(), rival()):
        world.be_payable(by)
    world.clock.forward(days=4)
    for live in LIVES:
        world.begin()
        live(world)
    world.clock.forward(days=8)
    records.count_shown(records=world.records, clock=world.clock)
    return world


def counted(kept: MemoryRecords) -> dict[str, dict[str, int]]:
    return {party_id: kept.read(party_id, side).counts for party_id, side in PARTIES.items()}


def figures(kept: MemoryRecords, party_id: str) -> dict[str, tuple[Any, int]]:
    record = PartyRecord.of(kept.read(party_id, PARTIES[party_id]))
    return {figure.name: (figure.value, figure.briefs) for figure in record.figures}


HEARD = len([e for e in a_busy_year().bus.events if e["type"] in OF_BRIEFS | OF_FEEDBACK])


@settings(max_examples=60, deadline=None)
@given(st.permutations(range(HEARD)), st.lists(st.integers(0, HEARD - 1), max_size=25))
def test_any_order_and_repetition_of_the_same_events_gives_the_same_record(order: list[int], again: list[int]) -> None:
    world, kept = a_busy_year(), MemoryRecords()
    heard = [e for e in world.bus.events if e["type"] in OF_BRIEFS | OF_FEEDBACK]
    ports: dict[str, Any] = {"briefs": world.briefs, "records": kept, "clock": world.clock, "policy": POLICY}
    for position in [*order[: HEARD // 2], *again, *order[HEARD // 2 :], *again]:
        records.hear(CloudEvent.model_validate(heard[position]), **ports)
    assert counted(kept) == counted(world.records)


def test_an_employers_record_says_how_it_deals_with_briefs() -> None:
    found = figures(a_busy_year().records, ORGANISATION)
    hours = 3_600
    assert found == {
        "funded": (7, 7),
        "awarded": (6, 7),
        "paid": (4, 6),
        "time_to_award": (6 * hours, 6),
        "time_to_review": ((2 + 4 + 0 + 6) * hours / 4, 3),
        "approved_by_silence": (0.33, 3),
        "disputed": (2, 6),
        "rehired": (4, 6),
        "rating_clarity": (4, 4),
        "rating_communication": (4, 4),
        "rating_usefulness": (4, 4),
        "rating_fairness": (4, 4),
    }


def test_a_students_record_says_how_the_work_went() -> None:
    found = figures(a_busy_year().records, STUDENT)
    score = {name: value for name, value in found.items() if name.startswith("score_")}
    assert {name: value for name, value in found.items() if name not in score} == {
        "awarded": (6, 6),
        "completed": (2, 6),
        "on_time": (0.6, 5),
        "late": (1, 5),
        "not_submitted": (1, 5),
        "given_back": (1, 6),
        "disputed": (2, 6),
        "rounds_used": (0.5, 4),
        "rating_quality": (3, 3),
        "rating_communication": (3, 4),
        "rating_reliability": (3, 4),
        "rating_initiative": (3, 4),
    }
    assert score == {f"score_{skill}": (None, 2) for skill in ("charts", "data-cleaning", "python")}
    of_python = a_busy_year().records.read(STUDENT, Role.STUDENT).counts["score/python"]
    assert of_python % 2 == 0, "both were scored alike"


def test_of_fewer_than_three_briefs_nothing_is_shown_as_a_share_or_a_mean() -> None:
    found = figures(a_busy_year().records, RIVAL)
    assert found["completed"] == (1, 1)
    assert {value for value, _ in (found["on_time"], found["rounds_used"], found["rating_quality"])} == {None}


def test_every_figure_says_how_it_is_computed() -> None:
    for party_id, side in PARTIES.items():
        record = PartyRecord.of(a_busy_year().records.read(party_id, side))
        assert all(len(figure.how) > 20 for figure in record.figures)


def test_what_one_side_gave_counts_once_its_window_is_over() -> None:
    world = Published()
    world.be_payable()
    world.begin()
    _not_submitted(world)
    assert "rated/reliability" not in world.records.read(STUDENT, Role.STUDENT).counts
    assert records.count_shown(records=world.records, clock=world.clock) == 0
    world.clock.forward(days=8)
    assert records.count_shown(records=world.records, clock=world.clock) == 1
    assert world.records.read(STUDENT, Role.STUDENT).counts["rating/reliability"] == 3
    assert records.count_shown(records=world.records, clock=world.clock) == 0


def test_however_many_windows_are_over_all_of_them_count() -> None:
    kept, until = MemoryRecords(), a_busy_year().clock.now()
    rated = Rated(version=1, ratings={"quality": 4}, until=until)
    for number in range(1, 231):
        row = Row(brief_id=f"brief-{number:06d}", rated=rated)
        kept.keep(Record(party_id=STUDENT, side=Role.STUDENT, version=number), row, {})
    assert records.count_shown(records=kept, clock=a_busy_year().clock) == 230
    assert kept.read(STUDENT, Role.STUDENT).counts == {"rating/quality": 920, "rated/quality": 230}


def test_another_brief_that_is_counted_at_this_moment_is_not_lost() -> None:
    world = Published()
    world.be_payable()
    world.begin()
    keep = world.records.keep
    interrupted: list[int] = []

    def beaten(record: Record, row: Row, hired: Mapping[str, int], reported: Sequence[Tally] = ()) -> None:
        if not interrupted:
            interrupted.append(1)
            raise StaleDocument
        keep(record, row, hired, reported)

    world.records.keep = beaten  # type: ignore[method-assign]
    world.events_are_counted()
    assert world.records.read(ORGANISATION, Role.EMPLOYER).counts == {"funded": 1}


def of_applicant(world: World, by: Command, student_id: str = STUDENT) -> PartyRecord:
    ports: dict[str, Any] = {"briefs": world.briefs, "records": world.records}
    return records.of_applicant(by, world.brief_id, world.application_id(student_id), **ports)


def test_an_organisation_reads_the_record_of_who_applied_while_that_is_open_and_of_whom_it_picked() -> None:
    world = a_world_in(State.OPEN)
    for by in (student(), rival()):
        world.be_payable(by)
        world.apply(by)
    assert of_applicant(world, employer()).party_id is None, "the brief is blind"
    for by in (stranger(Role.EMPLOYER),):
        with pytest.raises(NotFound):
            of_applicant(world, by)
    for by in (student(), operator(), stranger(Role.EDUCATOR)):
        with pytest.raises(Forbidden):
            of_applicant(world, by)
    world.award()
    assert of_applicant(world, employer()).party_id == STUDENT
    with pytest.raises(NotFound):
        of_applicant(world, employer(), RIVAL)


def test_who_withdrew_is_not_there_any_more() -> None:
    world = a_world_in(State.OPEN)
    world.apply()
    world.withdraw_application()
    with pytest.raises(NotFound):
        of_applicant(world, employer())


def test_students_read_their_own_record_operators_any_and_nobody_another() -> None:
    kept = a_busy_year().records
    assert records.of_student(student(), STUDENT, records=kept).party_id == STUDENT
    assert records.of_student(operator(), STUDENT, records=kept).party_id == STUDENT
    with pytest.raises(NotFound):
        records.of_student(rival(), STUDENT, records=kept)
    for role in (Role.EMPLOYER, Role.EDUCATOR):
        with pytest.raises(Forbidden):
            records.of_student(stranger(role), STUDENT, records=kept)


def test_every_student_and_employer_reads_an_organisations_record() -> None:
    world = a_busy_year()
    ports: dict[str, Any] = {"organisations": world.organisations, "records": world.records}
    for by in (employer(), stranger(Role.EMPLOYER), stranger(Role.STUDENT), operator()):
        assert records.of_organisation(by, ORGANISATION, **ports).party_id == ORGANISATION
    with pytest.raises(Forbidden):
        records.of_organisation(stranger(Role.EDUCATOR), ORGANISATION, **ports)
    with pytest.raises(NotFound):
        records.of_organisation(student(), "nobodys-organisation", **ports)

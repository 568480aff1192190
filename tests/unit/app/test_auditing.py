"""The audit trail of a whole journey: who reads what of it, and that what was done to it is found out."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from microintern.app import amending, auditing, checking_in
from microintern.app.following import follow_amendments, follow_check_ins
from microintern.app.requests import AmendmentRequest, CheckInRequest
from microintern.app.views.trail import TrailDay, TrailPage
from microintern.domain.amendments import Amendments
from microintern.domain.audit import Finding
from microintern.domain.brief import Command
from microintern.domain.check_ins import CheckIns, Going, asked_at
from microintern.domain.documents import Application
from microintern.domain.messages import Message
from microintern.domain.problems import Forbidden, Malformed, NotFound
from microintern.domain.states import Role, State
from microintern.domain.trail import BRIEF, Fault
from tests.faults.journeys import CHANGES, JOURNEYS, OPEN, Step, _does
from tests.faults.people import NEWCOMER, People
from tests.faults.plant import Plant
from tests.twins.trail import MemoryAudit, MemoryTrail
from tests.unit.app.world import a_world_in
from tests.unit.builders import EMPLOYER, NOW, OPERATOR, POLICY, RIVAL, STUDENT, command, employer, operator, student

TODAY = NOW.date()
TWO_APPLY = JOURNEYS["another student is picked, and silence approves"]


def after(*steps: Step, **posting: Any) -> People:
    """Everybody, after these steps and all that follows from them."""
    people = People(Plant(NOW, POLICY))
    for step in steps:
        if step.name.startswith("post") and posting:
            people.post(**posting)
        else:
            step.do(people)
        people.plant.run()
    return people


def read(people: People, by: Command, limit: int = 100, cursor: str | None = None) -> TrailPage:
    plain = people.plant.side.plain
    wired: dict[str, Any] = {"briefs": plain.briefs, "trail": plain.trail, "clock": people.plant.clock}
    return auditing.trail_of(by, people.plant.brief_id, limit, cursor, **wired)


def of_day(people: People, by: Command, day: date = TODAY, **asked: Any) -> TrailDay:
    given = {"actor_id": None, "limit": 100, "cursor": None} | asked
    return auditing.commands_of_day(by, day, *given.values(), trail=people.plant.side.plain.trail)


def entries_of(people: People) -> dict[tuple[str, str], Any]:
    trail = people.plant.side.plain.trail
    assert isinstance(trail, MemoryTrail)
    return trail._entries


def test_every_command_stands_in_it_once_with_who_when_and_both_versions() -> None:
    people = after(*CHANGES)
    page = read(people, operator())
    own = [(step.action, step.by, step.version_before, step.version) for step in page.items if step.subject == BRIEF]
    assert own == [
        ("brief.posted", Role.EMPLOYER, 0, 1),
        ("brief.funding_requested", Role.EMPLOYER, 1, 2),
        ("brief.opened", Role.SERVER, 2, 3),
        ("brief.awarded", Role.EMPLOYER, 3, 4),
        ("brief.submitted", Role.STUDENT, 4, 5),
        ("brief.changes_requested", Role.EMPLOYER, 5, 6),
    ]
    others = [(step.action, step.actor_id, step.version) for step in page.items if step.subject != BRIEF]
    assert sorted(others) == [
        ("application.awarded", EMPLOYER, 2),
        ("application.received", STUDENT, 1),
        *[("file.announced", STUDENT, 1)] * 3,
    ]
    assert (page.chain.entries, page.chain.on_their_way, page.chain.broken) == (11, 0, None)
    assert {step.actor_id for step in page.items if step.by is Role.SERVER} == {None}


def test_both_sides_and_operators_read_it_and_nobody_else() -> None:
    people = after(*CHANGES)
    shown = [read(people, by).items for by in (employer(), student(), operator())]
    assert shown[0] == shown[1] == shown[2]
    for stranger in (
        command(Role.STUDENT, RIVAL),
        command(Role.EMPLOYER, "other-employer"),
        command(Role.EDUCATOR, RIVAL),
    ):
        with pytest.raises(NotFound):
            read(people, stranger)


def test_a_repeated_command_adds_nothing() -> None:
    people = after(*CHANGES)
    before = read(people, operator()).items
    people.plant.keys -= 1
    people.request_changes()
    people.plant.run()
    assert read(people, operator()).items == before


def test_a_student_reads_of_no_application_but_their_own() -> None:
    people = after(*TWO_APPLY[:-1])
    shown = read(people, command(Role.STUDENT, RIVAL)).items
    theirs = [step for step in shown if step.subject.startswith("application#")]
    own = Application.key_of(people.brief.application_id or "")
    assert {step.subject for step in theirs} == {own}
    assert [step.action for step in theirs] == [
        *("application.received", "application.withdrawn", "application.received", "application.awarded")
    ]
    shown = read(people, employer()).items
    assert len({step.subject for step in shown if step.subject.startswith("application#")}) == 2


@pytest.mark.parametrize("blind", [True, False])
def test_who_applied_to_a_blind_brief_stays_hidden_from_its_employer(blind: bool) -> None:
    people = after(*TWO_APPLY[:6], blind=blind)
    applied = [step for step in read(people, employer()).items if step.action == "application.received"]
    assert {step.actor_id for step in applied} == ({None} if blind else {STUDENT, RIVAL})
    shown = read(people, operator()).items
    assert {step.actor_id for step in shown if step.action == "application.received"} == {STUDENT, RIVAL}


def test_who_was_awarded_a_blind_brief_is_known() -> None:
    people = after(*CHANGES, blind=True)
    applied = [step for step in read(people, employer()).items if step.action == "application.received"]
    assert [step.actor_id for step in applied] == [STUDENT]


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_it_comes_in_pages_in_the_order_of_time(limit: int) -> None:
    people = after(*TWO_APPLY)
    by, seen, cursor = operator(), [], None
    while True:
        page = read(people, by, limit, cursor)
        seen += page.items
        if (cursor := page.next_cursor) is None:
            break
    assert seen == read(people, by).items
    assert [step.at for step in seen] == sorted(step.at for step in seen)
    assert len({(step.subject, step.version) for step in seen}) == len(seen)


def test_a_cursor_is_good_for_the_same_brief_and_reader_only() -> None:
    people = after(*CHANGES)
    cursor = read(people, employer(), 1).next_cursor
    with pytest.raises(Malformed):
        read(people, student(), 1, cursor)


def test_a_step_whose_entry_is_on_its_way_is_shown_already() -> None:
    people = after(*CHANGES)
    whole = read(people, operator()).items
    del entries_of(people)[people.plant.brief_id, f"{BRIEF}#000006"]
    page = read(people, operator())
    assert page.items == whole
    assert (page.chain.on_their_way, page.chain.broken) == (1, None)


def _remove(entries: dict[Any, Any], at: tuple[str, str]) -> None:
    del entries[at]


def _forge(entries: dict[Any, Any], at: tuple[str, str]) -> None:
    event = entries[at].event.model_copy(update={"actor_id": "somebody-else-1"})
    entries[at] = entries[at].model_copy(update={"event": event})


def _seal_again(entries: dict[Any, Any], at: tuple[str, str]) -> None:
    _forge(entries, at)
    entries[at] = entries[at].sealed()


TRAILS = 2
"""The brief's, and that of the student, who said where to be paid."""

TAMPERINGS: dict[str, tuple[Callable[[dict[Any, Any], tuple[str, str]], None], int, int, Fault]] = {
    "an entry is removed": (_remove, 3, 3, Fault.MISSING),
    "the last entry is removed": (_remove, 6, 6, Fault.MISSING),
    "another actor is written in": (_forge, 3, 3, Fault.CHANGED),
    "the hash is made to fit": (_seal_again, 3, 4, Fault.NOT_LINKED),
    "the last hash is made to fit": (_seal_again, 6, 6, Fault.NOT_AS_IT_IS),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_what_was_done_to_an_entry_is_told_and_found_by_the_daily_check(what: str) -> None:
    tamper, version, noticed_at, fault = TAMPERINGS[what]
    people = after(*CHANGES)
    people.plant.clock.forward(hours=1)
    assert check(people) == auditing.Checked(trails=TRAILS)
    tamper(entries_of(people), (people.plant.brief_id, f"{BRIEF}#{version:06d}"))
    broken = read(people, employer()).chain.broken
    assert broken is not None
    assert (broken.subject, broken.version, broken.fault) == (BRIEF, noticed_at, fault)
    assert check(people) == auditing.Checked(trails=TRAILS, broken=1)
    (found,) = people.plant.side.plain.audit.entries(needs_person=True, limit=10).items
    assert (found.finding, found.subject) == (Finding.TRAIL_BROKEN, people.plant.brief_id)
    assert fault in found.reason


def test_what_was_done_to_an_applications_entry_is_found_too() -> None:
    people = after(*CHANGES)
    key = Application.key_of(people.brief.application_id or "")
    people.plant.clock.forward(hours=1)
    del entries_of(people)[people.plant.brief_id, f"{key}#000001"]
    broken = read(people, operator()).chain.broken
    assert broken is not None
    assert (broken.subject, broken.version) == (key, 1)


def check(people: People, days: int = 1) -> auditing.Checked:
    plain = people.plant.side.plain
    assert isinstance(plain.audit, MemoryAudit)
    things = auditing.Things(plain.briefs, plain.accounts, plain.credentials, plain.portfolios)
    wired: dict[str, Any] = {"trail": plain.trail, "audit": plain.audit, "clock": people.plant.clock}
    return auditing.check_trails(days, things=things, **wired)


def test_what_is_done_to_accounts_is_checked_too() -> None:
    people = after(*JOURNEYS["what operators and people do besides"][:3])
    plain = people.plant.side.plain
    assert check(people) == auditing.Checked(trails=3)
    people.plant.clock.forward(hours=1)
    del entries_of(people)[NEWCOMER, "role#000001"]
    assert check(people) == auditing.Checked(trails=3, broken=1)
    (found,) = plain.audit.entries(needs_person=True, limit=10).items
    assert (found.subject, found.reason) == (NEWCOMER, "missing at role, version 1")


def test_the_check_looks_back_as_many_days_as_it_is_told() -> None:
    people = after(*CHANGES)
    people.plant.clock.forward(days=2)
    assert check(people, 1) == auditing.Checked()
    assert check(people, 2) == auditing.Checked(trails=TRAILS)


def test_operators_read_what_was_done_on_a_day_the_newest_first() -> None:
    people = after(*CHANGES)
    shown = of_day(people, operator()).items
    assert [step.action for step in shown if step.subject == BRIEF] == [
        "brief.changes_requested",
        "brief.submitted",
        "brief.awarded",
        "brief.opened",
        "brief.funding_requested",
        "brief.posted",
    ]
    assert of_day(people, operator(), NOW.date() + timedelta(days=1)).items == []
    assert {step.scope for step in shown} == {people.plant.brief_id, STUDENT}


def test_operators_read_what_one_account_did() -> None:
    people = after(*CHANGES)
    shown = of_day(people, operator(), actor_id=STUDENT).items
    said = ["application.received", "brief.submitted", *["file.announced"] * 3, "payout_account.saved"]
    assert sorted(step.action for step in shown) == said
    assert {step.actor_id for step in shown} == {STUDENT}


def test_a_day_comes_in_pages() -> None:
    people = after(*CHANGES)
    by, seen, cursor = command(Role.OPERATOR, OPERATOR), [], None
    while True:
        page = of_day(people, by, limit=3, cursor=cursor)
        seen += page.items
        if (cursor := page.next_cursor) is None:
            break
    assert seen == of_day(people, by).items
    with pytest.raises(Malformed):
        of_day(people, by, actor_id=STUDENT, cursor=of_day(people, by, limit=3).next_cursor)


@pytest.mark.parametrize("by", [employer(), student(), command(Role.EDUCATOR, RIVAL)])
def test_only_operators_read_across_briefs(by: Command) -> None:
    with pytest.raises(Forbidden):
        of_day(after(*CHANGES[:2]), by)


TALKED = [*OPEN, _does("ask"), _does("ask", actor_id=RIVAL), _does("answer", 1), _does("apply"), _does("award")]
BOTH_WRITE = [_does("write"), _does("write", Role.EMPLOYER, EMPLOYER)]


def said(people: People, by: Command) -> list[tuple[str, str | None]]:
    """The steps of messages as somebody reads them: in which thread, and by whom."""
    steps = [step for step in read(people, by).items if step.action == "message.posted"]
    return [("public" if "#public#" in step.subject else "private", step.actor_id) for step in steps]


@pytest.mark.parametrize("blind", [True, False])
def test_messages_stand_in_the_trail_and_who_asked_stays_hidden_as_it_does_elsewhere(blind: bool) -> None:
    people = after(*TALKED, *BOTH_WRITE, blind=blind)
    private = [("private", STUDENT), ("private", EMPLOYER)]
    asked = [("public", STUDENT), ("public", RIVAL), ("public", EMPLOYER)]
    hidden = [asked[0], ("public", None), asked[2]]
    assert sorted(said(people, operator())) == sorted([*asked, *private])
    by_employer = sorted(said(people, employer()), key=str)
    assert by_employer == sorted([*(hidden if blind else asked), *private], key=str)
    assert sorted(said(people, student()), key=str) == sorted([*hidden, *private], key=str)
    assert read(people, operator()).chain.broken is None


def test_a_student_reads_of_no_message_to_who_had_the_brief_before() -> None:
    people = after(*TALKED, *BOTH_WRITE, _does("give_back"), *TWO_APPLY[4:6], _does("award", RIVAL))
    assert people.brief.student_id == RIVAL
    assert [thread for thread, _ in said(people, command(Role.STUDENT, RIVAL))] == ["public"] * 3
    assert [thread for thread, _ in said(people, employer())].count("private") == 2


def test_a_message_that_was_changed_in_the_table_is_found_out() -> None:
    people = after(*TALKED)
    kept = next(d for d in people.plant.side.documents(people.plant.brief_id).values() if isinstance(d, Message))
    forged = kept.model_copy(update={"event": kept.event.model_copy(update={"actor_id": RIVAL})})
    people.plant.side.plain.briefs.overwrite(people.plant.brief_id, forged)
    broken = read(people, operator()).chain.broken
    assert broken is not None
    assert (broken.subject, broken.fault) == (kept.key, Fault.NOT_AS_IT_IS)


def test_the_next_student_sees_nothing_of_what_was_proposed_and_said_under_the_award_before() -> None:
    world = a_world_in(State.AWARDED)
    shared: dict[str, Any] = {"briefs": world.briefs, "clock": world.clock}

    def works(by: Command) -> None:
        """Proposes something and says how the work is going."""
        world.stream_delivers()
        amending.propose(by, world.brief_id, AmendmentRequest(reason="r", scope="s"), policy=POLICY, **shared)
        world.clock.at = asked_at(world.brief)[0]
        checking_in.answer(by, world.brief_id, CheckInRequest(going=Going.BLOCKED), **shared)
        for document, follows in ((Amendments, follow_amendments), (CheckIns, follow_check_ins)):
            follows(world.document(document.key_of), trail=world.trail, bus=world.bus)

    def seen(by: Command) -> list[str]:
        page = auditing.trail_of(by, world.brief_id, 100, None, trail=world.trail, **shared)
        steps = [step for step in page.items if step.subject in (Amendments.key_of, CheckIns.key_of)]
        return [f"{step.actor_id} {step.action}" for step in steps]

    works(student())
    world.withdraw_award()
    world.stream_delivers()
    world.clock.forward(minutes=1)
    world.be_payable(command(Role.STUDENT, RIVAL), "sandbox-rival")
    world.apply(command(Role.STUDENT, RIVAL))
    world.award(student_id=RIVAL)
    assert seen(command(Role.STUDENT, RIVAL)) == []
    works(command(Role.STUDENT, RIVAL))
    own = [f"{RIVAL} amendment.proposed", f"{RIVAL} check_in.answered"]
    assert seen(command(Role.STUDENT, RIVAL)) == own
    assert seen(employer()) == [f"{STUDENT} amendment.proposed", f"{STUDENT} check_in.answered", *own]

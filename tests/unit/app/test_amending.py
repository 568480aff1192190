"""Changes of what was agreed: who proposes, who answers, what changes, and who wins a race."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from microintern.app import agreements, amending, lapsing, requests
from microintern.app.views.amendments import AmendmentView, Proposed
from microintern.domain import pay_floors
from microintern.domain.agreements import Agreement
from microintern.domain.amendments import MOST_AMENDMENTS, Amendments, AmendmentStatus
from microintern.domain.audit import Finding
from microintern.domain.base import whole_second
from microintern.domain.brief import Answer, Command
from microintern.domain.check_ins import asked_at
from microintern.domain.events import of_brief
from microintern.domain.problems import Conflict, Forbidden, Invalid, NotFound, Problem
from microintern.domain.states import Role, State
from tests.twins.files import MemoryPapers
from tests.unit.app.world import World, a_world_in, rival, stranger
from tests.unit.builders import POLICY, a_posting, employer, operator, student, timeline

LATER = timedelta(days=3)


class Desk:
    """A brief that was awarded, and both sides' amendments."""

    def __init__(self) -> None:
        self.world = a_world_in(State.AWARDED)

    @property
    def due_at(self) -> datetime:
        """Three days after the work is due as posted."""
        return self.world.posting.timeline.submission_due_at + LATER

    def propose(self, by: Command | None = None, **changes: Any) -> Proposed:
        body: dict[str, Any] = {"reason": "The data came late.", "submission_due_at": self.due_at} | changes
        request = requests.AmendmentRequest.model_validate(body)
        return amending.propose(by or student(), self.world.brief_id, request, **self._ports, policy=POLICY)

    def accept(self, by: Command | None = None, number: int = 1) -> Answer:
        return amending.accept(by or employer(), self.world.brief_id, number, **self._ports, policy=POLICY)

    def refuse(self, by: Command | None = None, number: int = 1) -> AmendmentView:
        return amending.refuse(by or employer(), self.world.brief_id, number, **self._ports)

    def withdraw(self, by: Command | None = None, number: int = 1) -> AmendmentView:
        return amending.withdraw(by or student(), self.world.brief_id, number, **self._ports)

    def read(self, by: Command | None = None) -> list[AmendmentView]:
        return amending.proposed(by or employer(), self.world.brief_id, **self._ports, audit=self.world.audit).items

    def is_(self, status: AmendmentStatus) -> bool:
        """Whether the newest one stands so."""
        return self.read()[-1].status is status

    def lapse(self, lapse_at: datetime) -> Answer | None:
        """A schedule fires."""
        self.world.clock.at = lapse_at
        return lapsing.lapse(self.world.brief_id, lapse_at, **self._ports, policy=POLICY)

    @property
    def _ports(self) -> dict[str, Any]:
        return {"briefs": self.world.briefs, "clock": self.world.clock}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def refused(code: str, does: Callable[[], object]) -> Problem:
    with pytest.raises((Conflict, Invalid)) as problem:
        does()
    assert problem.value.code == code
    return problem.value


@pytest.mark.parametrize("proposer", [student, employer])
def test_nothing_changes_until_the_other_side_accepts(desk: Desk, proposer: Callable[[], Command]) -> None:
    before = desk.world.brief
    other = employer if proposer is student else student
    assert desk.propose(proposer()).number == 1
    assert desk.world.brief == before
    assert desk.is_(AmendmentStatus.OPEN)
    refused("own_amendment", lambda: desk.accept(proposer()))
    answer = desk.accept(other())
    after = desk.world.brief
    assert (after.state, after.version, answer.due_at) == (State.AWARDED, before.version + 1, desk.due_at)
    assert after.submission_due_at == after.due_at == desk.due_at
    assert after.lapse_at == desk.due_at + timedelta(seconds=POLICY.handover_grace_s)
    assert desk.is_(AmendmentStatus.ACCEPTED)


def test_a_change_of_scope_leaves_the_deadline_where_it_was(desk: Desk) -> None:
    before = desk.world.brief
    desk.propose(submission_due_at=None, scope="No chart is needed.")
    desk.accept()
    after = desk.world.brief
    assert (after.due_at, after.lapse_at, after.version) == (before.due_at, before.lapse_at, before.version + 1)
    assert (after.event.type, after.event.facts) == ("brief.amended", {"number": 1})


def test_pay_is_fixed_and_it_is_said_why(desk: Desk) -> None:
    for amount in (29_999, 40_000):
        problem = refused("pay_is_fixed", lambda: desk.propose(pay={"amount_minor": amount, "currency": "USD"}))  # noqa: B023
        assert "held before the award" in problem.detail
    assert desk.read() == []


def test_something_must_be_changed_and_to_what_can_be(desk: Desk) -> None:
    with pytest.raises(ValueError, match="scope or another deadline"):
        desk.propose(submission_due_at=None)
    refused("same_deadline", lambda: desk.propose(submission_due_at=desk.world.brief.submission_due_at))
    refused("deadline_in_the_past", lambda: desk.propose(submission_due_at=desk.world.clock.now()))
    too_late = desk.world.brief.posted_at + timedelta(seconds=POLICY.longest_brief_s + 1)
    refused("deadline_too_far", lambda: desk.propose(submission_due_at=too_late))


def test_one_is_open_at_a_time_and_refused_or_withdrawn_it_makes_room(desk: Desk) -> None:
    desk.propose()
    assert "Amendment 1 is open" in refused("amendment_open", lambda: desk.propose(employer())).detail
    assert desk.refuse().status is AmendmentStatus.REFUSED
    refused("amendment_not_open", desk.accept)
    assert desk.propose().number == 2
    refused("not_own_amendment", lambda: desk.withdraw(employer(), 2))
    refused("own_amendment", lambda: desk.refuse(student(), 2))
    assert desk.withdraw(number=2).status is AmendmentStatus.WITHDRAWN
    assert [each.status for each in desk.read()] == [AmendmentStatus.REFUSED, AmendmentStatus.WITHDRAWN]


def test_there_is_an_end_to_proposing(desk: Desk) -> None:
    for number in range(1, MOST_AMENDMENTS + 1):
        desk.propose()
        desk.withdraw(number=number)
    refused("too_many_amendments", desk.propose)


def test_it_lapses_at_an_instant_that_everybody_sees_and_nothing_is_written(desk: Desk) -> None:
    told = desk.propose()
    assert told.lapses_at == whole_second(desk.world.clock.now(), POLICY.amendment_window_s)
    kept = desk.world.kept()
    desk.world.clock.at = told.lapses_at - timedelta(seconds=1)
    assert desk.is_(AmendmentStatus.OPEN)
    desk.world.clock.at = told.lapses_at
    assert desk.is_(AmendmentStatus.LAPSED)
    assert desk.world.kept() == kept
    problem = refused("amendment_not_open", desk.accept)
    assert "lapsed" in problem.detail
    assert desk.propose().number == 2


def test_it_lapses_no_later_than_the_work_is_due(desk: Desk) -> None:
    due_at = desk.world.brief.due_at
    assert due_at
    desk.world.clock.at = due_at - timedelta(hours=1)
    assert desk.propose().lapses_at == due_at
    desk.world.clock.at = due_at
    refused("deadline_passed", desk.propose)


@pytest.mark.parametrize("state", [State.OPEN, State.SUBMITTED, State.DISPUTED, State.PAID])
def test_only_work_that_is_under_way_is_changed(state: State) -> None:
    desk = Desk()
    desk.world = a_world_in(state)
    with pytest.raises((Conflict, NotFound)):
        desk.propose()
    refused("wrong_state", lambda: desk.propose(employer()))


def test_work_that_is_handed_in_ends_what_was_open(desk: Desk) -> None:
    desk.propose()
    desk.world.upload_all()
    desk.world.submit()
    assert desk.is_(AmendmentStatus.LAPSED)
    refused("amendment_not_open", desk.accept)


def test_of_an_acceptance_and_what_happens_at_the_same_moment_one_counts(desk: Desk) -> None:
    for happens in (desk.world.submit, desk.world.withdraw_award, desk.world.cancel):
        desk.world = a_world_in(State.AWARDED)
        desk.world.upload_all()
        desk.propose()
        award = desk.world.brief.award
        assert award
        desk.world.briefs.meanwhile = happens.__func__.__get__(desk.world)  # type: ignore[attr-defined]
        refused("changed_meanwhile", desk.accept)
        assert desk.world.brief.submission_due_at == desk.world.posting.timeline.submission_due_at
        document = desk.world.document(Amendments.key_of)
        assert document.agreed_under(award) == []


def test_the_deadline_that_was_moved_away_does_nothing_any_more(desk: Desk) -> None:
    before = desk.world.brief.lapse_at
    assert before
    desk.world.stream_delivers()
    desk.propose()
    desk.accept()
    desk.world.stream_delivers()
    after = desk.world.brief.lapse_at
    assert after
    check_ins = asked_at(desk.world.brief)
    assert desk.world.deadlines.pending == {(desk.world.brief_id, at) for at in (after, *check_ins)}
    assert desk.lapse(before) is None
    expired = desk.lapse(after)
    assert expired
    assert expired.state is State.EXPIRED


def test_an_award_that_is_given_back_leaves_the_brief_as_it_was_posted(desk: Desk) -> None:
    posted_due_at = desk.world.brief.submission_due_at
    desk.propose()
    desk.accept()
    desk.propose(submission_due_at=desk.due_at + LATER)
    desk.accept(number=2)
    desk.world.withdraw_award()
    assert desk.world.brief.state is State.OPEN
    assert desk.world.brief.submission_due_at == posted_due_at
    desk.world.be_payable(rival(), "sandbox-rival")
    desk.world.apply(rival())
    desk.world.award(student_id=rival().actor_id)
    assert desk.world.brief.due_at == posted_due_at
    assert desk.read(rival()) == []


def test_repeated_a_command_answers_the_same(desk: Desk) -> None:
    proposing, accepting = student("propose-key"), employer("accept-key")
    first = desk.propose(proposing)
    assert desk.propose(proposing) == first
    answer = desk.accept(accepting)
    assert desk.accept(accepting) == answer
    assert desk.propose(proposing) == first
    assert len(desk.read()) == 1
    with pytest.raises(Invalid):
        desk.propose(student("propose-key", body="another"))


def test_nobody_else_learns_of_it(desk: Desk) -> None:
    desk.propose()
    for by in (stranger(Role.STUDENT), stranger(Role.EMPLOYER), operator(), rival()):
        with pytest.raises(NotFound):
            desk.read(by)
    for does in (desk.accept, desk.refuse, desk.withdraw, desk.propose):
        with pytest.raises(NotFound):
            does(stranger(Role.EMPLOYER))
        with pytest.raises(Forbidden):
            does(operator())
    with pytest.raises(NotFound, match="amendment"):
        desk.accept(number=2)


def test_an_operator_reads_it_in_a_dispute_and_that_is_written_down(desk: Desk) -> None:
    desk.propose()
    desk.accept()
    desk.world.upload_all()
    desk.world.submit()
    desk.world.dispute()
    assert len(desk.read(operator())) == 1
    assert Finding.EVIDENCE_READ in desk.world.findings(needs_person=False)


def test_what_was_accepted_is_in_the_next_edition_of_the_agreement(desk: Desk) -> None:
    drawn: list[Agreement] = []
    papers = MemoryPapers(desk.world.clock)

    def draw(made: Agreement) -> bytes:
        drawn.append(made)
        return made.model_dump_json().encode()

    def write_down() -> int | None:
        ports: dict[str, Any] = {"accounts": desk.world.accounts, "organisations": desk.world.organisations}
        event = of_brief(desk.world.brief)
        return agreements.write_down(event, briefs=desk.world.briefs, papers=papers, draw=draw, **ports)

    first = write_down()
    desk.propose(scope="No chart is needed.")
    desk.accept()
    second = write_down()
    assert first
    assert second == desk.world.brief.version > first
    assert [len(made.amendments) for made in drawn] == [0, 1]
    assert drawn[1].amendments[0].scope == "No chart is needed."
    assert len(papers.editions(desk.world.brief_id, desk.world.application_id())) == 2


def test_the_same_student_awarded_again_is_held_to_nothing_of_the_award_before(desk: Desk) -> None:
    world = desk.world
    posted_due_at = world.brief.submission_due_at
    desk.propose(scope="No chart is needed.")
    desk.accept()
    desk.propose(employer(), submission_due_at=posted_due_at - timedelta(days=1))
    world.withdraw_award()
    world.clock.forward(minutes=1)
    world.apply()
    world.award()
    assert desk.read() == []
    for does in (desk.accept, desk.refuse, desk.withdraw):
        with pytest.raises(NotFound, match="amendment"):
            does(student(), 2)
    drawn: list[Agreement] = []
    ports: dict[str, Any] = {"accounts": world.accounts, "organisations": world.organisations, "briefs": world.briefs}

    def draw(made: Agreement) -> bytes:
        drawn.append(made)
        return b"paper"

    agreements.write_down(of_brief(world.brief), papers=MemoryPapers(world.clock), draw=draw, **ports)
    assert drawn[0].amendments == []
    assert desk.propose().number == 3
    assert desk.accept(number=3).due_at == desk.due_at
    for number in range(4, MOST_AMENDMENTS + 3):
        desk.propose(submission_due_at=desk.due_at + LATER)
        desk.withdraw(number=number)
    refused("too_many_amendments", lambda: desk.propose(submission_due_at=desk.due_at + LATER))


def in_germany(monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The pay meets the floor of 2026, in which the work is due, to the cent; that of 2027 is higher."""
    monkeypatch.setattr("tests.unit.app.world.NOW", datetime(2026, 11, 27, 10, tzinfo=UTC))
    dates = (datetime(2026, 12, 10, 17, tzinfo=UTC), datetime(2026, 12, 20, 17, tzinfo=UTC))
    pay = {"amount_minor": 1_390 * a_posting().hours, "currency": "EUR"}
    desk = Desk()
    desk.world = World(place_of_work="DE", pay=pay, timeline=timeline(*dates, "Europe/Berlin"))
    desk.world.bring_to(State.AWARDED)
    return desk


def test_a_moved_deadline_does_not_lead_under_the_pay_floor(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = in_germany(monkeypatch)
    problem = refused("pay_under_floor", lambda: desk.propose(submission_due_at=datetime(2027, 1, 2, tzinfo=UTC)))
    assert problem.members["errors"][0]["field"] == "/submission_due_at"
    assert problem.members["floor_rate_minor"] == 1_460
    assert "name an earlier day" in problem.detail
    assert desk.read() == []
    desk.propose(submission_due_at=datetime(2026, 12, 31, 17, tzinfo=UTC))
    lower = pay_floors.all_floors()
    higher = tuple(each.model_copy(update={"rate_minor": each.rate_minor + 1}) for each in lower)
    monkeypatch.setattr(pay_floors, "all_floors", lambda: higher)
    refused("pay_under_floor", desk.accept)
    monkeypatch.setattr(pay_floors, "all_floors", lambda: lower)
    assert desk.accept().due_at == datetime(2026, 12, 31, 17, tzinfo=UTC)


def test_a_deadline_that_moves_to_when_it_would_have_been_asked_is_scheduled(desk: Desk) -> None:
    world = desk.world
    world.stream_delivers()
    first = asked_at(world.brief)[0]
    desk.propose(submission_due_at=first - timedelta(seconds=POLICY.handover_grace_s))
    desk.accept()
    world.stream_delivers()
    assert world.brief.lapse_at == first
    assert world.deadlines.pending == {(world.brief_id, at) for at in (first, *asked_at(world.brief))}

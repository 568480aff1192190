"""Accepting by applying, awarding and taking an offer; the paper; and where the law asks for addresses."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from microintern.app import accounts, agreements, amending, offering, organisations, requests, talent
from microintern.domain import lifecycle
from microintern.domain.agreements import Agreed, Agreement
from microintern.domain.base import whole_second
from microintern.domain.documents import Application
from microintern.domain.events import CloudEvent, of_brief
from microintern.domain.policy import Policy
from microintern.domain.problems import Conflict, NotFound
from microintern.domain.states import State
from microintern.domain.talent import Stage
from tests.twins.files import MemoryPapers
from tests.unit.app.world import World, rival
from tests.unit.builders import EMPLOYER, ORGANISATION, POLICY, STUDENT, a_posting, employer, operator, student

ADDRESS = "7 Elm Street\nAlbany, NY 12207"


class Office:
    """Whoever writes agreements down, with what was drawn last."""

    def __init__(self, **posting_changes: Any) -> None:
        self.world = World(**posting_changes).bring_to(State.OPEN)
        self.papers = MemoryPapers(self.world.clock)
        self.drawn: Agreement | None = None

    def draw(self, agreement: Agreement) -> bytes:
        self.drawn = agreement
        return agreement.model_dump_json().encode()

    def write_down(self, award: CloudEvent) -> int | None:
        ports: dict[str, Any] = {"briefs": self.world.briefs, "accounts": self.world.accounts}
        ports |= {"organisations": self.world.accounts.organisations, "papers": self.papers, "draw": self.draw}
        return agreements.write_down(award, **ports)

    @property
    def applied(self) -> Application | None:
        """The student's application."""
        key = Application.key_of(self.world.application_id())
        snapshot = self.world.briefs.read(self.world.brief_id, key)
        return snapshot.find(Application, key) if snapshot else None

    def award(self, **changes: Any) -> CloudEvent:
        """The student applies and has it."""
        if self.applied is None:
            self.world.be_payable()
            self.world.apply()
        self.world.award(**changes)
        return of_brief(self.world.brief)


@pytest.fixture
def office() -> Office:
    return Office()


def give_student_address(world: World, address: str | None = ADDRESS) -> None:
    request = requests.ProfileRequest(name="Amara Okafor", mailing_address=address)
    accounts.save_profile(student(), request, accounts=world.accounts, clock=world.clock)


def give_employer_address(world: World) -> None:
    request = requests.AddressRequest(mailing_address="120 Broadway\nNew York")
    store = world.accounts.organisations
    organisations.save_address(employer(), ORGANISATION, request, organisations=store, clock=world.clock)


def test_applying_accepts_and_awarding_accepts_the_same(office: Office) -> None:
    agreed = Agreed.now(office.world.brief_id, office.world.posting, POLICY)
    award = office.award()
    assert award.data["contract_sha256"] == agreed.sha256
    assert office.write_down(award) == office.world.brief.version
    assert office.drawn
    assert office.drawn.agreed == agreed
    assert (office.drawn.employer.accepted_by, office.drawn.student.accepted_by) == (EMPLOYER, STUDENT)


CHANGED = Policy(kill_fee_bp=POLICY.kill_fee_bp // 2, review_window_s=POLICY.review_window_s // 2)
"""What new briefs are given since."""


def by_offer(office: Office) -> None:
    """The student accepts an offer of the brief."""
    world = office.world
    keep: dict[str, Any] = {"talent": world.accounts.talent, "briefs": world.briefs, "clock": world.clock}
    keep |= {"policy": POLICY}
    world.be_payable()
    world.apply()
    move = requests.CandidateRequest(stage=Stage.SHORTLISTED, brief_id=world.brief_id)
    talent.move(employer(), ORGANISATION, STUDENT, move, **keep)
    offer = requests.OfferRequest(brief_id=world.brief_id, message="Would you do this one?")
    offering.offer(employer(), ORGANISATION, STUDENT, offer, **keep)
    world.clock.forward(minutes=1)
    offering.accept(student(), world.brief_id, requests.OfferAcceptance(), **keep)


@pytest.mark.parametrize("awards", [Office.award, by_offer])
def test_what_was_agreed_is_applied_whatever_new_briefs_are_given_since(awards: Callable[[Office], object]) -> None:
    office = Office(blind=False)
    awards(office)
    world, now = office.world, office.world.clock.now()
    agreed = Agreed.now(world.brief_id, world.posting, POLICY)
    cancelled = lifecycle.cancel(world.brief, employer(), now, CHANGED)
    assert cancelled.split
    assert cancelled.split.student_minor == agreed.kill_fee_minor(world.brief.pay_minor)
    submitted = lifecycle.submit(world.brief, student(), now, CHANGED)
    assert submitted.due_at == whole_second(now, POLICY.review_window_s)
    for by in (employer(), student(), operator()):
        shown = agreements.contract(by, world.brief_id, briefs=world.briefs, policy=CHANGED)
        assert shown.contract.sha256 == agreed.sha256
    world.withdraw_award()
    assert (world.brief.review_window_s, world.brief.kill_fee_bp) == (None, None)
    shown = agreements.contract(employer(), world.brief_id, briefs=world.briefs, policy=CHANGED)
    assert shown.contract.sha256 == Agreed.now(world.brief_id, world.posting, CHANGED).sha256


def test_who_accepts_another_contract_is_refused(office: Office) -> None:
    with pytest.raises(Conflict) as refused:
        office.world.apply(contract_sha256="0" * 64)
    assert refused.value.code == "another_contract"
    office.world.be_payable()
    agreed = office.world.apply().agreed
    with pytest.raises(Conflict, match=agreed.sha256):
        office.award(contract_sha256="0" * 64)
    assert office.award(contract_sha256=agreed.sha256).data["contract_sha256"] == agreed.sha256


def test_the_paper_is_made_once_and_not_of_what_was_given_back(office: Office) -> None:
    award = office.award()
    give_student_address(office.world)
    assert office.write_down(award) is not None
    first = dict(office.papers.kept)
    give_student_address(office.world, "Somewhere else")
    assert office.write_down(award) is not None
    assert office.papers.kept == first
    office.world.withdraw_award()
    assert office.write_down(award) is None


def test_another_student_does_not_see_the_paper_of_the_one_before(office: Office) -> None:
    office.write_down(office.award())
    office.world.withdraw_award()
    office.world.be_payable(rival(), "sandbox-rival")
    office.world.apply(rival())
    office.world.award(student_id=rival().actor_id)
    for by in (rival(), employer()):
        assert read(office, by).editions == []
    with pytest.raises(NotFound):
        read(office, student())
    office.write_down(of_brief(office.world.brief))
    assert len(read(office, rival()).editions) == 1


def read(office: Office, by: Any) -> Any:
    ports: dict[str, Any] = {"papers": office.papers, "audit": office.world.audit, "clock": office.world.clock}
    return agreements.agreement(by, office.world.brief_id, briefs=office.world.briefs, policy=POLICY, **ports)


def test_where_the_law_asks_for_addresses_there_is_no_award_without_them() -> None:
    office = Office(pay=a_posting().pay.model_copy(update={"amount_minor": 80_000}))
    for code, gives in (("student_address_missing", give_student_address), ("employer_address_missing", None)):
        with pytest.raises(Conflict) as refused:
            office.award()
        assert refused.value.code == code
        if gives:
            gives(office.world)
    give_employer_address(office.world)
    office.write_down(office.award())
    assert office.drawn
    assert office.drawn.student.mailing_address == ADDRESS
    assert office.drawn.employer.mailing_address == "120 Broadway\nNew York"


def test_nor_is_there_another_edition_without_them() -> None:
    office = Office(pay=a_posting().pay.model_copy(update={"amount_minor": 80_000}))
    give_student_address(office.world)
    give_employer_address(office.world)
    office.award()
    world = office.world
    ports: dict[str, Any] = {"briefs": world.briefs, "clock": world.clock, "policy": POLICY}
    later = world.posting.timeline.submission_due_at + timedelta(days=3)
    asked = requests.AmendmentRequest(reason="The data came late.", submission_due_at=later)
    amending.propose(student(), world.brief_id, asked, **ports)
    give_student_address(world, None)
    with pytest.raises(Conflict) as refused:
        amending.accept(employer(), world.brief_id, 1, **ports)
    assert refused.value.code == "student_address_missing"
    assert world.brief.submission_due_at < later
    give_student_address(world)
    amending.accept(employer(), world.brief_id, 1, **ports)
    assert world.brief.submission_due_at == later


def test_an_offer_that_is_accepted_says_who_offered_and_who_accepted() -> None:
    office = Office(blind=False)
    world = office.world
    world.be_payable()
    world.apply()
    keep: dict[str, Any] = {"talent": world.accounts.talent, "briefs": world.briefs, "clock": world.clock}
    keep |= {"policy": POLICY}
    move = requests.CandidateRequest(stage=Stage.SHORTLISTED, brief_id=world.brief_id)
    talent.move(employer(), ORGANISATION, STUDENT, move, **keep)
    offer = requests.OfferRequest(brief_id=world.brief_id, message="Would you do this one?")
    offering.offer(employer(), ORGANISATION, STUDENT, offer, **keep)
    world.clock.forward(minutes=1)
    with pytest.raises(Conflict, match="read it again"):
        offering.accept(student(), world.brief_id, requests.OfferAcceptance(contract_sha256="0" * 64), **keep)
    offering.accept(student(), world.brief_id, requests.OfferAcceptance(), **keep)
    office.write_down(of_brief(world.brief))
    assert office.drawn
    assert office.drawn.employer.accepted_by == EMPLOYER
    assert office.drawn.student.accepted_at == world.brief.event.at > office.drawn.employer.accepted_at
    assert read(office, student()).student_accepted_at == world.brief.event.at


def test_given_back_too_late_to_open_again_the_agreement_stays_what_it_was_at_the_award(office: Office) -> None:
    world = office.world
    world.be_payable()
    world.apply()
    world.clock.forward(minutes=1)
    award = office.award()
    before = read(office, student())
    world.clock.at = world.brief.applications_close_at
    world.withdraw_award()
    assert world.brief.state is State.CANCELLED
    assert read(office, student()) == before
    office.write_down(award)
    assert office.drawn
    assert (office.drawn.employer.accepted_by, office.drawn.employer.accepted_at) == (EMPLOYER, award.time)
    assert office.applied
    assert office.drawn.student.accepted_at == office.applied.applied_at


def test_what_is_told_late_of_an_award_before_is_no_paper_of_the_next(office: Office) -> None:
    world = office.world
    award = office.award()
    ports: dict[str, Any] = {"briefs": world.briefs, "clock": world.clock, "policy": POLICY}
    amending.propose(student(), world.brief_id, requests.AmendmentRequest(reason="r", scope="s"), **ports)
    amending.accept(employer(), world.brief_id, 1, **ports)
    amended = of_brief(world.brief)
    world.withdraw_award()
    world.clock.forward(minutes=1)
    world.apply()
    world.award()
    assert office.write_down(award) is None
    assert office.write_down(amended) is None
    assert office.write_down(of_brief(world.brief)) == world.brief.version

"""Candidates, side by side, and offers: who sees what, who may, and that an accepted offer is an award."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from microintern.app import offering
from microintern.app import talent as app
from microintern.app.accounts import save_profile
from microintern.app.requests import CandidateRequest, OfferAcceptance, OfferRequest, ProfileRequest
from microintern.app.views.talent import CandidateRow, Compared, OfferView
from microintern.domain.brief import Answer, Command
from microintern.domain.documents import Application, ApplicationStatus
from microintern.domain.events import of_brief, of_offer
from microintern.domain.problems import Conflict, Forbidden, Invalid, NotFound
from microintern.domain.states import Role, State
from microintern.domain.talent import Candidate, Hire, OfferStatus, Stage
from microintern.domain.trail import verify
from tests.unit.app.bureau import Bureau
from tests.unit.app.test_organisations import refusal
from tests.unit.app.world import World, a_world_in, rival, stranger
from tests.unit.builders import EMPLOYER, ORGANISATION, POLICY, RIVAL, STUDENT, employer, operator, student

AGAIN = OfferRequest(brief_id="brief-to-be-set", message="Would you do our next one?")


class Desk:
    """Those who hire, and whom they offer what."""

    def __init__(self, world: World) -> None:
        self.world, self.talent = world, world.accounts.talent
        self.reads: dict[str, Any] = {"talent": self.talent, "accounts": world.accounts}
        self.writes: dict[str, Any] = {"talent": self.talent, "briefs": world.briefs, "clock": world.clock}

    def paid(self, brief_id: str | None = None) -> bool:
        """It is told that a brief was paid."""
        wanted = brief_id or self.world.brief_id
        return app.keep_in_view(wanted, policy=POLICY, **self.writes)

    def move(self, stage: Stage, by: Command | None = None, student_id: str = STUDENT, **more: Any) -> Candidate:
        request = CandidateRequest(stage=stage, **more)
        return app.move(by or employer(), ORGANISATION, student_id, request, policy=POLICY, **self.writes)

    def remove(self, by: Command | None = None) -> Candidate:
        wired: dict[str, Any] = {"talent": self.talent, "clock": self.world.clock}
        return app.remove(by or employer(), ORGANISATION, STUDENT, policy=POLICY, **wired)

    def ids(self, stage: Stage | None = None) -> list[str]:
        page = app.candidates(employer(), ORGANISATION, stage, 50, None, **self.reads)
        return [item.student.account_id for item in page.items]

    def offer(self, by: Command | None = None, brief_id: str | None = None, student_id: str = STUDENT) -> OfferView:
        request = AGAIN.model_copy(update={"brief_id": brief_id or self.world.brief_id})
        return offering.offer(by or employer(), ORGANISATION, student_id, request, policy=POLICY, **self.writes)

    def accept(self, by: Command | None = None, statement: str | None = None) -> Answer:
        request = OfferAcceptance(statement=statement)
        return offering.accept(by or student(), self.world.brief_id, request, policy=POLICY, **self.writes)

    def refuse(self, by: Command | None = None) -> OfferView:
        return offering.refuse(by or student(), self.world.brief_id, **self.writes)

    def withdraw(self, by: Command | None = None) -> OfferView:
        return offering.withdraw(by or employer(), ORGANISATION, STUDENT, self.world.brief_id, **self.writes)

    def status(self) -> OfferStatus:
        (shown,) = offering.own_offers(student(), 50, None, talent=self.talent, briefs=self.world.briefs).items
        return shown.status

    def compared(self, *student_ids: str) -> list[Compared]:
        return app.compare(employer(), ORGANISATION, student_ids, **self.reads).compared

    def applicants(self, by: Command | None = None) -> list[Compared]:
        wired: dict[str, Any] = {"briefs": self.world.briefs, **self.reads}
        return app.compare_applicants(by or employer(), self.world.brief_id, 50, None, **wired).compared


def a_paid_brief(**changes: Any) -> Desk:
    """Done by somebody who is named, scored, and paid; and that was told."""
    world = a_world_in(State.PAID, **changes)
    save_profile(student(), ProfileRequest(name="Amara Okafor"), accounts=world.accounts, clock=world.clock)
    desk = Desk(world)
    assert desk.paid()
    return desk


def another_open_brief(desk: Desk, **changes: Any) -> str:
    """The organisation's next brief."""
    next_world = a_world_in(State.OPEN, **changes)
    desk.world.briefs._briefs |= next_world.briefs._briefs
    desk.world.briefs._documents |= next_world.briefs._documents
    desk.world.brief_id = next_world.brief_id
    return next_world.brief_id


@pytest.fixture
def desk() -> Desk:
    return a_paid_brief()


@pytest.fixture
def hiring(desk: Desk) -> Desk:
    """Who did a brief is a candidate, and the next one is open."""
    another_open_brief(desk, blind=False)
    return desk


def test_who_was_paid_for_a_brief_is_a_candidate_with_what_was_reached(desk: Desk) -> None:
    shown = app.candidate(employer(), ORGANISATION, STUDENT, **desk.reads)
    assert (shown.student.name, shown.stage, shown.notes) == ("Amara Okafor", Stage.MET, [])
    (result,) = shown.results
    assert result.brief_id == desk.world.brief_id
    assert result.score_percent == shown.score_percent is not None
    assert set(result.percent_of) == {criterion.name for criterion in desk.world.posting.rubric}
    assert not desk.paid(), "told again, nothing changes"
    assert len(desk.talent.tracked(ORGANISATION)) == 1


@pytest.mark.parametrize("state", [State.OPEN, State.APPROVED, State.CANCELLED])
def test_nobody_is_a_candidate_by_a_brief_that_was_not_paid(state: State) -> None:
    desk = Desk(a_world_in(state))
    assert not desk.paid()
    assert not desk.paid("brief-that-is-not")
    assert desk.ids() == []


def test_stages_and_notes_are_kept_with_who_wrote_them_and_stand_in_the_trail(desk: Desk) -> None:
    desk.move(Stage.SHORTLISTED, note="Asks good questions.")
    desk.world.clock.forward(days=1)
    hired = desk.move(Stage.HIRED, note="Starts in May.", hire=Hire(kind="internship"))
    assert [(note.by, note.text) for note in hired.notes] == [
        (EMPLOYER, "Asks good questions."),
        (EMPLOYER, "Starts in May."),
    ]
    assert (hired.stage_since, hired.version) == (desk.world.clock.now(), 3)
    assert desk.ids(Stage.HIRED) == [STUDENT]
    assert desk.ids(Stage.SHORTLISTED) == []
    page = app.candidates(employer(), ORGANISATION, None, 50, None, **desk.reads)
    (row,) = map(CandidateRow.of, page.items)
    assert (row.name, row.hired_as, row.briefs_done, page.next_cursor) == ("Amara Okafor", "internship", 1, None)


def test_the_steps_of_a_candidate_are_a_chain(desk: Desk) -> None:
    steps = [desk.talent.candidate(ORGANISATION, STUDENT)]
    steps += [desk.move(Stage.SHORTLISTED), desk.remove(), desk.move(Stage.MET, brief_id=desk.world.brief_id)]
    entries = [step.entry for step in steps if step and step.entry]
    assert [entry.event.type for entry in entries] == [
        "candidate.met",
        "candidate.moved",
        "candidate.removed",
        "candidate.moved",
    ]
    assert verify(ORGANISATION, entries, entries[-1:], desk.world.clock.now()).broken is None


def test_a_command_sent_twice_is_carried_out_once_and_its_key_is_good_for_nothing_else(desk: Desk) -> None:
    first = desk.move(Stage.SHORTLISTED, employer("key-1"), note="Once.")
    assert desk.move(Stage.SHORTLISTED, employer("key-1"), note="Once.") == first
    assert refusal(lambda: desk.move(Stage.MET, employer("key-1", "other"))) == "idempotency_key_reused"
    removed = desk.remove(employer("key-2"))
    assert desk.remove(employer("key-2")) == removed


def interrupted(desk: Desk, happens: Callable[[], object]) -> None:
    """Let something happen between the next command's read and its write."""
    saved = desk.talent.save

    def meanwhile(candidate: Candidate, offer: Any = None) -> None:
        desk.talent.save = saved  # type: ignore[method-assign]
        happens()
        saved(candidate, offer)

    desk.talent.save = meanwhile  # type: ignore[method-assign]


def test_of_two_members_who_move_a_candidate_at_once_one_is_told_to_look_again(desk: Desk) -> None:
    interrupted(desk, lambda: desk.move(Stage.CLOSED))
    assert refusal(lambda: desk.move(Stage.SHORTLISTED)) == "changed_meanwhile"
    interrupted(desk, lambda: desk.move(Stage.SHORTLISTED, employer("key-1")))
    assert desk.move(Stage.SHORTLISTED, employer("key-1")).version == 3, "the other copy of the same command"


def test_of_two_who_offer_a_brief_at_once_one_is_told_to_look_again(hiring: Desk) -> None:
    interrupted(hiring, lambda: hiring.move(Stage.CLOSED))
    assert refusal(hiring.offer) == "changed_meanwhile"
    interrupted(hiring, lambda: hiring.offer(employer("key-1")))
    assert hiring.offer(employer("key-1")).status is OfferStatus.OPEN


def test_a_result_is_written_over_whatever_somebody_did_meanwhile(desk: Desk) -> None:
    world = a_world_in(State.PAID)
    desk.world.briefs._briefs |= world.briefs._briefs
    desk.world.briefs._documents |= world.briefs._documents
    interrupted(desk, lambda: desk.move(Stage.SHORTLISTED))
    assert desk.paid(world.brief_id)
    found = desk.talent.candidate(ORGANISATION, STUDENT)
    assert found is not None
    assert (found.stage, len(found.results), found.version) == (Stage.SHORTLISTED, 2, 3)


def test_only_members_see_candidates_and_nobody_else_learns_that_there_are_any(desk: Desk) -> None:
    for by, refused in ((stranger(Role.EMPLOYER), NotFound), (student(), Forbidden), (operator(), Forbidden)):
        for act in (
            lambda by=by: app.candidates(by, ORGANISATION, None, 50, None, **desk.reads),
            lambda by=by: app.candidate(by, ORGANISATION, STUDENT, **desk.reads),
            lambda by=by: app.compare(by, ORGANISATION, [STUDENT, RIVAL], **desk.reads),
            lambda by=by: desk.move(Stage.CLOSED, by),
            lambda by=by: desk.remove(by),
            lambda by=by: desk.offer(by),
            lambda by=by: desk.withdraw(by),
            lambda by=by: desk.applicants(by),
            lambda by=by: offering.offers_to(by, ORGANISATION, STUDENT, talent=desk.talent, briefs=desk.world.briefs),
        ):
            with pytest.raises(refused):
                act()


def test_a_candidate_is_somebody_who_applied_and_is_shown() -> None:
    desk = Desk(a_world_in(State.OPEN, blind=False))
    desk.world.apply()
    with pytest.raises(Invalid, match="Name the brief"):
        desk.move(Stage.MET)
    with pytest.raises(Invalid, match="has not applied"):
        desk.move(Stage.MET, student_id=RIVAL, brief_id=desk.world.brief_id)
    with pytest.raises(NotFound):
        desk.move(Stage.MET, brief_id="brief-that-is-not")
    assert desk.move(Stage.SHORTLISTED, brief_id=desk.world.brief_id).student_id == STUDENT


def test_who_applied_to_a_blind_brief_cannot_be_told_from_who_did_not() -> None:
    desk = Desk(a_world_in(State.OPEN, blind=True))
    desk.world.apply()
    said = set()
    for student_id in (STUDENT, RIVAL):
        with pytest.raises(Invalid) as refused:
            desk.move(Stage.MET, student_id=student_id, brief_id=desk.world.brief_id)
        said.add(str(refused.value))
    assert len(said) == 1
    desk.world.be_payable()
    desk.world.award()
    assert desk.move(Stage.MET, brief_id=desk.world.brief_id).student_id == STUDENT


def test_who_is_removed_is_gone_with_all_notes_and_comes_back_only_by_a_member(desk: Desk) -> None:
    desk.move(Stage.SHORTLISTED, note="Asks good questions.")
    removed = desk.remove()
    assert (removed.notes, removed.results, removed.offered, removed.hire) == ([], [], [], None)
    assert desk.ids() == []
    for act in (desk.remove, lambda: app.candidate(employer(), ORGANISATION, STUDENT, **desk.reads), desk.offer):
        with pytest.raises(NotFound):
            act()
    assert not desk.paid()
    assert desk.ids() == [], "being told once more of a brief does not bring anybody back"
    desk.move(Stage.MET, brief_id=desk.world.brief_id)
    assert desk.ids() == [STUDENT]


def test_candidates_stand_side_by_side_on_the_same_criteria(desk: Desk) -> None:
    chart = next(criterion.name for criterion in desk.world.posting.rubric)
    other = desk.talent.candidate(ORGANISATION, STUDENT)
    assert other is not None
    weaker = [result.model_copy(update={"percent_of": {chart: 10}}) for result in other.results]
    copy = other.model_copy(update={"student_id": RIVAL, "results": weaker, "version": 1})
    desk.talent.save(copy)
    amara, bela = desk.compared(STUDENT, RIVAL, STUDENT)
    assert (amara.label, bela.label) == ("Amara Okafor", RIVAL)
    assert amara.percent_of.keys() == bela.percent_of.keys()
    assert bela.percent_of[chart] == 10
    assert all(percent is None for name, percent in bela.percent_of.items() if name != chart)
    for ids in ((STUDENT,), (STUDENT, STUDENT), tuple(f"student-{n:06d}" for n in range(21))):
        with pytest.raises(Invalid, match="2 to 20"):
            desk.compared(*ids)
    with pytest.raises(NotFound):
        desk.compared(STUDENT, "nobody-00001")


def test_applicants_stand_side_by_side_on_the_rubric_of_the_brief(hiring: Desk) -> None:
    save_profile(rival(), ProfileRequest(name="Béla"), accounts=hiring.world.accounts, clock=hiring.world.clock)
    hiring.world.apply(student())
    hiring.world.apply(rival())
    by_label = {each.label: each for each in hiring.applicants()}
    assert by_label.keys() == {"Amara Okafor", "Béla"}
    amara, bela = by_label["Amara Okafor"], by_label["Béla"]
    assert (amara.briefs_done, amara.stage, bela.briefs_done, bela.stage) == (1, Stage.MET, 0, None)
    assert set(amara.percent_of) == {criterion.name for criterion in hiring.world.posting.rubric}
    assert set(bela.percent_of.values()) == {None}
    hiring.world.withdraw_application(rival())
    assert [each.label for each in hiring.applicants()] == ["Amara Okafor"]


def test_on_a_blind_brief_applicants_are_compared_without_names_or_stages(desk: Desk) -> None:
    another_open_brief(desk, blind=True)
    desk.world.apply(student())
    (shown,) = desk.applicants()
    assert shown.label.startswith("Applicant ")
    assert (shown.student, shown.stage, shown.briefs_done) == (None, None, 1)
    assert STUDENT not in shown.model_dump_json()


def test_an_accepted_offer_is_the_award(hiring: Desk) -> None:
    offered = hiring.offer()
    assert (offered.status, offered.message) == (OfferStatus.OPEN, AGAIN.message)
    assert hiring.ids(Stage.INVITED) == [STUDENT]
    answer = hiring.accept(statement="With pleasure.")
    brief = hiring.world.brief
    assert (answer.state, brief.state, brief.student_id) == (State.AWARDED, State.AWARDED, STUDENT)
    application = hiring.world.document(Application.key_of(brief.application_id or ""))
    assert (application.statement, application.status(brief)) == ("With pleasure.", ApplicationStatus.AWARDED)
    assert hiring.status() is OfferStatus.ACCEPTED
    (shown,) = offering.offers_to(
        employer(), ORGANISATION, STUDENT, talent=hiring.talent, briefs=hiring.world.briefs
    ).items
    assert shown.status is OfferStatus.ACCEPTED


def test_who_applied_already_accepts_with_that_application(hiring: Desk) -> None:
    applied = hiring.world.apply(student())
    hiring.offer()
    hiring.accept()
    application = hiring.world.document(applied.key)
    assert (application.version, application.statement) == (2, applied.statement)
    assert application.awarded_at is not None


def test_an_acceptance_sent_twice_is_answered_the_same(hiring: Desk) -> None:
    hiring.offer()
    first = hiring.accept(student("key-1"))
    assert hiring.accept(student("key-1")) == first
    assert refusal(lambda: hiring.accept(student("key-1", "other"))) == "idempotency_key_reused"
    assert refusal(hiring.accept) == "offer_not_open"


def test_whoever_has_no_offer_learns_nothing_of_the_brief(hiring: Desk) -> None:
    hiring.world.be_payable(rival())
    for act in (lambda: hiring.accept(rival()), lambda: hiring.refuse(rival())):
        with pytest.raises(NotFound):
            act()
    hiring.offer()
    hiring.accept()
    with pytest.raises(NotFound):
        hiring.accept(rival())
    for by in (employer(), operator()):
        with pytest.raises(Forbidden):
            hiring.accept(by)
        with pytest.raises(Forbidden):
            hiring.refuse(by)


def test_an_offer_that_was_refused_or_withdrawn_awards_nothing_and_can_be_made_again(hiring: Desk) -> None:
    for end in (hiring.refuse, hiring.withdraw):
        hiring.offer()
        assert refusal(hiring.offer) == "already_offered"
        end()
        for act in (hiring.accept, hiring.refuse, hiring.withdraw):
            assert refusal(act) == "offer_not_open"
        assert hiring.world.brief.state is State.OPEN
    hiring.offer()
    assert hiring.accept().state is State.AWARDED


def test_an_offer_withdrawn_at_the_moment_of_its_acceptance_awards_nothing(hiring: Desk) -> None:
    hiring.offer()
    hiring.world.briefs.meanwhile = hiring.withdraw
    assert refusal(hiring.accept) == "offer_not_open"
    assert hiring.world.brief.state is State.OPEN


def test_of_two_who_are_offered_a_brief_the_first_has_it(hiring: Desk) -> None:
    hiring.world.be_payable(rival())
    known = hiring.talent.candidate(ORGANISATION, STUDENT)
    assert known is not None
    hiring.talent.save(known.model_copy(update={"student_id": RIVAL, "version": 1}))
    hiring.offer()
    hiring.offer(student_id=RIVAL)
    hiring.world.briefs.meanwhile = lambda: hiring.accept(rival())
    assert refusal(hiring.accept) == "changed_meanwhile"
    assert hiring.world.brief.student_id == RIVAL
    assert hiring.status() is OfferStatus.LAPSED


def test_who_cannot_be_paid_or_belongs_to_the_employer_cannot_accept(hiring: Desk) -> None:
    hiring.offer()
    account = hiring.world.accounts._payout_accounts.pop(STUDENT)
    assert refusal(hiring.accept) == "payee_not_ready"
    hiring.world.accounts._payout_accounts[STUDENT] = account
    hiring.world.clock.forward(days=400)
    assert refusal(hiring.accept) == "deadline_passed"


def test_only_an_open_brief_of_ones_own_can_be_offered(hiring: Desk) -> None:
    brief = hiring.world.brief
    hiring.world.briefs._briefs[brief.brief_id] = brief.model_copy(update={"employer_id": "somebody-else-1"})
    with pytest.raises(NotFound):
        hiring.offer()
    hiring.world.briefs._briefs[brief.brief_id] = brief
    hiring.world.clock.forward(days=400)
    with pytest.raises(Conflict, match="Only an open brief"):
        hiring.offer()


def told(desk: Desk, event: Any) -> dict[str, list[str]]:
    world = desk.world
    world.tell(event)
    ids = (STUDENT, EMPLOYER)
    return {who: [n.text for n in world.accounts.notices(who, 50).items if n.notice_id == event.id] for who in ids}


def test_both_sides_are_told_of_an_offer_and_what_became_of_it(hiring: Desk) -> None:
    hiring.offer()
    made = hiring.talent.offer(STUDENT, hiring.world.brief_id)
    assert made is not None
    assert told(hiring, of_offer(made)) == {
        STUDENT: ["You are offered this brief. Accept it, and it is yours."],
        EMPLOYER: [],
    }
    hiring.refuse()
    refused = hiring.talent.offer(STUDENT, hiring.world.brief_id)
    assert refused is not None
    assert told(hiring, of_offer(refused)) == {
        STUDENT: [],
        EMPLOYER: ["The student declined your offer of this brief."],
    }
    hiring.offer()
    hiring.accept()
    assert told(hiring, of_brief(hiring.world.brief)) == {
        STUDENT: ["You have been awarded this brief. See its deadline."],
        EMPLOYER: ["The student accepted your offer; the brief is awarded."],
    }


def test_an_export_holds_what_organisations_keep_of_somebody_and_an_erasure_takes_it_away(hiring: Desk) -> None:
    hiring.move(Stage.SHORTLISTED, note="Asks good questions.")
    hiring.offer()
    bureau = Bureau(hiring.world)
    account = bureau.export(student()).account
    assert account is not None
    (kept,) = account.kept_as_candidate
    assert ([note.text for note in kept.notes], kept.organisation_id) == (["Asks good questions."], ORGANISATION)
    assert kept.notes[0].model_fields_set == {"at", "text"}, "not who wrote it"
    assert [offer.brief_id for offer in account.offers] == [hiring.world.brief_id]
    rivals = bureau.export(rival()).account
    assert rivals is not None
    assert (rivals.kept_as_candidate, rivals.offers) == ([], [])
    bureau.erase_for(STUDENT)
    bureau.finish()
    assert hiring.ids() == []
    assert "Asks good questions." not in repr(vars(hiring.talent))
    assert AGAIN.message not in repr(vars(hiring.talent))


def test_a_candidate_is_kept_for_two_years_after_the_last_dealing(desk: Desk) -> None:
    desk.world.clock.forward(days=100)
    moved = desk.move(Stage.SHORTLISTED)
    assert moved.kept_until == desk.world.clock.now() + timedelta(days=730)

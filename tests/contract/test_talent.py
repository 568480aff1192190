"""The Talent port, and that an award can rest on an offer."""

from datetime import timedelta
from typing import Any

import pytest

from microintern.domain.states import State
from microintern.domain.talent import Candidate, Note, Offer, Result, Stage
from microintern.ports.conditions import Needs, OfferGone, PayeeNotReady, StaleDocument
from microintern.ports.talent import Talent
from tests.contract import examples
from tests.contract.conftest import Stores
from tests.contract.examples import NOW, STUDENT

ACME, OTHER = "acme-000001", "other-00001"
BRIEF = "brief-000001"


def a_candidate(student_id: str = STUDENT, **changes: Any) -> Candidate:
    fields = {
        "organisation_id": ACME,
        "student_id": student_id,
        "stage_since": NOW,
        "notes": [Note(by="employer-0001", at=NOW, text="Asks good questions.")],
        "results": [Result(brief_id=BRIEF, paid_at=NOW, score_percent=80, percent_of={"accuracy": 75})],
        "kept_until": NOW + timedelta(days=730),
    }
    return Candidate.model_validate({**fields, **changes})


def an_offer(brief_id: str = BRIEF, **changes: Any) -> Offer:
    fields = {
        "student_id": STUDENT,
        "brief_id": brief_id,
        "organisation_id": ACME,
        "message": "We would like to work with you again.",
        "offered_at": NOW,
        "offered_by": "employer-0001",
        "kept_until": NOW + timedelta(days=730),
    }
    return Offer.model_validate({**fields, **changes})


def test_a_candidate_is_written_over_its_version_before_only(talent: Talent) -> None:
    assert talent.candidate(ACME, STUDENT) is None
    talent.save(a_candidate())
    moved = a_candidate(stage=Stage.SHORTLISTED, version=2)
    with pytest.raises(StaleDocument):
        talent.save(a_candidate())
    talent.save(moved)
    for late in (moved, moved.model_copy(update={"version": 4})):
        with pytest.raises(StaleDocument):
            talent.save(late)
    assert talent.candidate(ACME, STUDENT) == moved
    assert talent.candidate(OTHER, STUDENT) is None
    assert talent.candidates(ACME, [STUDENT, "nobody-0001"]) == {STUDENT: moved}
    assert talent.candidates(ACME, []) == {}


def test_a_candidate_and_an_offer_are_written_together_or_not_at_all(stores: Stores) -> None:
    talent, brief = stores.talent, examples.open_brief()
    stores.briefs.create(brief, examples.content())
    talent.save(a_candidate(), an_offer(brief.brief_id))
    with pytest.raises(StaleDocument):
        talent.save(a_candidate(version=2), an_offer(brief.brief_id))
    with pytest.raises(StaleDocument):
        talent.save(a_candidate(version=3), an_offer("brief-000002"))
    assert talent.candidate(ACME, STUDENT) == a_candidate()
    assert talent.offer(STUDENT, "brief-000002") is None
    assert talent.offer(STUDENT, brief.brief_id) == an_offer(brief.brief_id)


def test_a_brief_is_read_with_its_offer_and_the_candidate(stores: Stores) -> None:
    brief = examples.open_brief()
    stores.briefs.create(brief, examples.content())
    stores.talent.save(a_candidate(), an_offer(brief.brief_id))
    found = stores.briefs.read_offered(brief.brief_id, STUDENT, ACME)
    assert found is not None
    assert (found.brief, found.offer, found.candidate) == (brief, an_offer(brief.brief_id), a_candidate())
    assert found.posting == examples.content().posting
    for student_id, organisation_id in (("nobody-0001", ACME), (STUDENT, OTHER), (STUDENT, None)):
        other = stores.briefs.read_offered(brief.brief_id, student_id, organisation_id)
        assert other is not None
        assert (other.candidate, other.offer is None) == (None, student_id != STUDENT)
    assert stores.briefs.read_offered("brief-000404", STUDENT, ACME) is None


def test_an_offer_is_written_over_its_version_before_only(talent: Talent) -> None:
    talent.save(a_candidate(), an_offer())
    refused = an_offer(refused_at=NOW, version=2)
    talent.save_offer(refused)
    with pytest.raises(StaleDocument):
        talent.save_offer(refused)
    assert talent.offer(STUDENT, BRIEF) == refused
    assert talent.offer("nobody-0001", BRIEF) is None


def test_candidates_page_and_those_removed_are_left_out(talent: Talent) -> None:
    for number in (3, 1, 2, 4):
        stage = Stage.HIRED if number == 4 else Stage.MET
        removed = NOW if number == 2 else None
        talent.save(a_candidate(f"student-{number:04d}", stage=stage, removed_at=removed))
    talent.save(a_candidate("student-0009", organisation_id=OTHER))
    first = talent.list_candidates(ACME, None, 2)
    assert [found.student_id for found in first.items] == ["student-0001", "student-0003"]
    last = talent.list_candidates(ACME, None, 2, first.next)
    assert ([found.student_id for found in last.items], last.next) == (["student-0004"], None)
    (hired,) = talent.list_candidates(ACME, Stage.HIRED, 50).items
    assert hired.student_id == "student-0004"


def test_offers_page_and_are_found_by_student_and_brief(talent: Talent) -> None:
    for version, number in enumerate((3, 1, 2), start=1):
        talent.save(a_candidate(version=version), an_offer(f"brief-{number:06d}"))
    first = talent.offers(STUDENT, 2)
    assert [found.brief_id for found in first.items] == ["brief-000001", "brief-000002"]
    last = talent.offers(STUDENT, 2, first.next)
    assert ([found.brief_id for found in last.items], last.next) == (["brief-000003"], None)
    wanted = [(STUDENT, "brief-000002"), (STUDENT, "brief-000404")]
    assert talent.find_offers(wanted) == {wanted[0]: an_offer("brief-000002")}
    assert talent.find_offers([]) == {}


def test_who_keeps_somebody_is_known_and_can_be_made_to_forget(talent: Talent) -> None:
    talent.save(a_candidate())
    talent.save(a_candidate(organisation_id=OTHER))
    assert talent.keepers(STUDENT) == [ACME, OTHER]
    for _ in range(2):
        talent.forget_candidate(ACME, STUDENT)
    assert talent.keepers(STUDENT) == [OTHER]
    assert talent.candidate(ACME, STUDENT) is None
    assert talent.candidate(OTHER, STUDENT) is not None


def test_what_is_kept_of_somebody_has_a_trail_and_offers_go_with_the_account(stores: Stores) -> None:
    event = {"type": "offer.made", "at": NOW, "role": "employer", "actor_id": "employer-0001"}
    made, met = an_offer(event=event), a_candidate(event={**event, "type": "candidate.invited"})
    stores.talent.save(met, made)
    assert stores.accounts.steps(STUDENT) == [made.entry]
    assert stores.accounts.steps(ACME) == [met.entry]
    stores.accounts.forget(STUDENT)
    assert stores.talent.offers(STUDENT, 5).items == []


GONE = {"refused": {"refused_at": NOW}, "withdrawn": {"withdrawn_at": NOW}}


@pytest.mark.parametrize("what", ["none", *GONE])
def test_a_brief_is_not_awarded_by_an_offer_that_does_not_stand(stores: Stores, what: str) -> None:
    brief = examples.open_brief()
    stores.briefs.create(brief, examples.content())
    stores.accounts.save_payout_account(examples.payout_account())
    if what in GONE:
        stores.talent.save(a_candidate(), an_offer(brief.brief_id, **GONE[what]))
    needs = Needs(payee=STUDENT, offered=True)
    with pytest.raises(OfferGone):
        stores.briefs.save(brief, examples.moved(brief, state=State.AWARDED), needs=needs)
    snapshot = stores.briefs.read(brief.brief_id)
    assert snapshot is not None
    assert snapshot.brief == brief


def test_an_offer_that_stands_lets_a_brief_be_awarded_to_who_can_be_paid(stores: Stores) -> None:
    brief = examples.open_brief()
    stores.briefs.create(brief, examples.content())
    stores.talent.save(a_candidate(), an_offer(brief.brief_id))
    awarded, needs = examples.moved(brief, state=State.AWARDED), Needs(payee=STUDENT, offered=True)
    with pytest.raises(PayeeNotReady):
        stores.briefs.save(brief, awarded, needs=needs)
    stores.accounts.save_payout_account(examples.payout_account())
    stores.briefs.save(brief, awarded, needs=needs)
    found = stores.briefs.find([brief.brief_id, "brief-000404"])
    assert {brief_id: each.brief for brief_id, each in found.items()} == {brief.brief_id: awarded}
    assert found[brief.brief_id].posting == examples.content().posting

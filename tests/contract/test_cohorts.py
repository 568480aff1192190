"""The Cohorts port: consent lies with the student, and a cohort has a pointer to it for as long as it holds."""

from datetime import date, timedelta
from typing import Any

import pytest

from microintern.adapters import dynamo
from microintern.domain.cohorts import Cohort, Enrolment, Terms
from microintern.domain.credentials import Credential
from microintern.domain.documents import Review
from microintern.domain.organisations import (
    MemberRole,
    Membership,
    Organisation,
    OrganisationCategory,
    OrganisationState,
)
from microintern.domain.standing import Standing, StandingState
from microintern.domain.states import Role
from microintern.domain.status_lists import Place
from microintern.domain.trail import Event
from microintern.ports.conditions import (
    CohortClosed,
    CohortFull,
    OrganisationNotApproved,
    StaleDocument,
    StudentErased,
)
from tests.contract import examples, tables
from tests.contract.conftest import Stores, on_dynamodb
from tests.contract.examples import NOW, STUDENT

COLLEGE, OTHER = "college-0001", "college-0002"
COHORT = "cohort-000001"
OWNER = "educator-0001"


def a_cohort(cohort_id: str = COHORT, **changes: Any) -> Cohort:
    terms = Terms(starts_on=date(2027, 1, 1), ends_on=date(2027, 6, 30), seen_until=NOW + timedelta(days=300))
    made = {"made_at": NOW, "made_by": OWNER, "body": "body", "code_hash": "hash"}
    event = Event(type="cohort.made", at=NOW, role=Role.EDUCATOR, actor_id=OWNER)
    named = {"cohort_id": cohort_id, "organisation_id": COLLEGE, "name": "Field work", "terms": terms, "event": event}
    return Cohort.model_validate({**named, **made, **changes})


def an_enrolment(student_id: str = STUDENT, **changes: Any) -> Enrolment:
    named = {"student_id": student_id, "cohort_id": COHORT, "organisation_id": COLLEGE, "terms": a_cohort().terms}
    event = Event(type="cohort.joined", at=NOW, role=Role.STUDENT, actor_id=student_id)
    return Enrolment.model_validate({**named, "consented_at": NOW, "event": event, **changes})


def approve(stores: Stores, organisation_id: str = COLLEGE, owner: str = OWNER) -> Organisation:
    named: dict[str, Any] = {"organisation_id": organisation_id, "category": OrganisationCategory.INSTITUTION}
    founded: dict[str, Any] = {"name": "North City College", "founded_by": owner, "body": "body", "founded_at": NOW}
    institution = Organisation(state=OrganisationState.APPROVED, since=NOW, **named, **founded)
    stores.organisations.found(institution, Membership(account_id=owner, role=MemberRole.OWNER, since=NOW, **named))
    return institution


@pytest.fixture
def college(stores: Stores) -> Stores:
    """With a cohort that nobody is in."""
    approve(stores)
    stores.cohorts.save(a_cohort())
    return stores


def counted(stores: Stores) -> int:
    cohort, _ = stores.cohorts.read(COLLEGE, COHORT)
    assert cohort
    return cohort.students


def test_whoever_belongs_to_an_institution_acts_for_it_as_an_educator_only(stores: Stores) -> None:
    institution = approve(stores)
    standing = stores.standings.read(OWNER)
    assert [standing.acts_for(role) for role in (Role.EDUCATOR, Role.EMPLOYER, Role.STUDENT)] == [COLLEGE, None, None]
    (member,) = stores.organisations.members(COLLEGE)
    assert (member.category, institution.category) == (OrganisationCategory.INSTITUTION,) * 2
    left = member.model_copy(update={"left_at": NOW, "version": 2})
    stores.organisations.close(member, left)
    assert stores.standings.read(OWNER).category is OrganisationCategory.EMPLOYER


def test_organisations_are_found_by_their_ids(stores: Stores) -> None:
    institution = approve(stores)
    assert stores.organisations.find([COLLEGE, OTHER]) == {COLLEGE: institution}
    assert stores.organisations.find([]) == {}


def test_a_cohort_is_written_over_its_version_before_and_for_an_approved_institution_only(stores: Stores) -> None:
    with pytest.raises(OrganisationNotApproved):
        stores.cohorts.save(a_cohort())
    institution = approve(stores)
    stores.cohorts.save(a_cohort())
    changed = a_cohort(name="Another name", code_hash=None, version=2)
    with pytest.raises(StaleDocument):
        stores.cohorts.save(a_cohort())
    stores.cohorts.save(changed)
    for late in (changed, changed.model_copy(update={"version": 4})):
        with pytest.raises(StaleDocument):
            stores.cohorts.save(late)
    assert stores.cohorts.read(COLLEGE, COHORT) == (changed, institution)
    assert stores.cohorts.read(OTHER, COHORT) == (None, None)
    assert stores.cohorts.find([(COLLEGE, COHORT), (OTHER, "cohort-000002")]) == {COHORT: (changed, institution)}
    assert stores.cohorts.find([]) == {}
    suspended = institution.model_copy(update={"state": OrganisationState.SUSPENDED, "version": 2})
    stores.organisations.decide(suspended)
    with pytest.raises(OrganisationNotApproved):
        stores.cohorts.save(changed.model_copy(update={"version": 3}))


def test_cohorts_page(stores: Stores) -> None:
    approve(stores)
    for number in (2, 1, 3):
        stores.cohorts.save(a_cohort(f"cohort-{number:06d}"))
    first = stores.cohorts.of_institution(COLLEGE, 2)
    assert [found.cohort_id for found in first.items] == ["cohort-000001", "cohort-000002"]
    last = stores.cohorts.of_institution(COLLEGE, 2, first.next)
    assert ([found.cohort_id for found in last.items], last.next) == (["cohort-000003"], None)
    assert stores.cohorts.of_institution(OTHER, 2).items == []


def test_who_joins_is_counted_and_listed_until_they_leave(college: Stores) -> None:
    joined = an_enrolment()
    college.cohorts.join(a_cohort(), joined, 10)
    assert college.cohorts.enrolment(STUDENT, COHORT) == joined
    together = college.cohorts.read_with(COLLEGE, COHORT, STUDENT)
    assert together == (*college.cohorts.read(COLLEGE, COHORT), joined)
    assert college.cohorts.read_with(OTHER, "cohort-000404", "student-0404") == (None, None, None)
    assert (college.cohorts.students(COHORT, 50).items, counted(college)) == ([joined], 1)
    changed = a_cohort(name="Another name", version=2)
    college.cohorts.save(changed)
    assert counted(college) == 1, "a change of the cohort leaves the number alone"
    left = joined.model_copy(update={"withdrawn_at": NOW, "version": 2})
    college.cohorts.leave(left)
    assert (college.cohorts.students(COHORT, 50).items, counted(college)) == ([], 0)
    assert college.cohorts.enrolment(STUDENT, COHORT) == left
    with pytest.raises(StaleDocument):
        college.cohorts.leave(left)
    assert counted(college) == 0
    again = an_enrolment(version=3)
    college.cohorts.join(changed, again, 10)
    with pytest.raises(StaleDocument):
        college.cohorts.join(changed, again, 10)
    assert (college.cohorts.students(COHORT, 50).items, counted(college)) == ([again], 1)


def test_nobody_joins_by_an_old_code_or_old_terms_or_twice_or_when_it_is_full(college: Stores) -> None:
    other_terms = a_cohort().terms.model_copy(update={"version": 2})
    for stale in (a_cohort(code_hash="another"), a_cohort(code_hash=None), a_cohort(terms=other_terms)):
        with pytest.raises(CohortClosed):
            college.cohorts.join(stale, an_enrolment(), 10)
    college.cohorts.join(a_cohort(), an_enrolment(), 1)
    with pytest.raises(CohortFull):
        college.cohorts.join(a_cohort(), an_enrolment("student-0002"), 1)
    with pytest.raises(StaleDocument):
        college.cohorts.join(a_cohort(), an_enrolment(), 10)
    assert counted(college) == 1
    assert college.cohorts.enrolment("student-0002", COHORT) is None


def test_nobody_joins_who_is_erased_or_where_the_institution_is_not_approved(college: Stores) -> None:
    college.standings.erase(Standing(account_id=STUDENT, state=StandingState.ERASED, since=NOW, version=1))
    with pytest.raises(StudentErased):
        college.cohorts.join(a_cohort(), an_enrolment(), 10)
    institution = college.organisations.read(COLLEGE)
    assert institution
    college.organisations.decide(institution.model_copy(update={"state": OrganisationState.REJECTED, "version": 2}))
    with pytest.raises(OrganisationNotApproved):
        college.cohorts.join(a_cohort(), an_enrolment("student-0002"), 10)
    assert (college.cohorts.students(COHORT, 50).items, counted(college)) == ([], 0)


def test_consent_is_renewed_over_its_version_before_and_to_the_terms_as_they_are(college: Stores) -> None:
    college.cohorts.join(a_cohort(), an_enrolment(), 10)
    renewed = an_enrolment(consented_at=NOW + timedelta(days=1), version=2)
    other = a_cohort(terms=a_cohort().terms.model_copy(update={"version": 2}))
    with pytest.raises(CohortClosed):
        college.cohorts.renew(other, renewed)
    college.cohorts.renew(a_cohort(), renewed)
    with pytest.raises(StaleDocument):
        college.cohorts.renew(a_cohort(), renewed)
    assert (college.cohorts.students(COHORT, 50).items, counted(college)) == ([renewed], 1)


def test_whose_consent_has_run_out_is_left_out_when_it_is_counted_anew(college: Stores) -> None:
    def cohort() -> Cohort:
        found, _ = college.cohorts.read(COLLEGE, COHORT)
        assert found
        return found

    run_out = NOW + timedelta(days=1)
    short = a_cohort().terms.model_copy(update={"seen_until": run_out})
    for number in (2, 3):
        college.cohorts.join(a_cohort(), an_enrolment(f"student-{number:04d}", terms=short), 10)
    college.cohorts.join(a_cohort(), an_enrolment(), 10)
    before = cohort()
    college.cohorts.recount(before, run_out - timedelta(seconds=1))
    assert counted(college) == 3
    college.cohorts.recount(before.model_copy(update={"students": 4}), run_out - timedelta(seconds=1))
    assert counted(college) == 3
    college.cohorts.recount(before.model_copy(update={"students": 4}), run_out)
    assert counted(college) == 3, "somebody came or went meanwhile"
    college.cohorts.recount(before, run_out)
    assert ([found.student_id for found in college.cohorts.students(COHORT, 9).items], counted(college)) == (
        [STUDENT],
        1,
    )
    college.cohorts.leave(an_enrolment("student-0002", terms=short, withdrawn_at=run_out, version=2))
    assert counted(college) == 1, "they were not counted any more"
    with pytest.raises(StaleDocument):
        college.cohorts.leave(an_enrolment("student-0002", terms=short, withdrawn_at=run_out, version=2))
    for version in (2, 3):
        college.cohorts.renew(a_cohort(), an_enrolment("student-0003", version=version))
        assert counted(college) == 2, "counted anew, once"
    other = a_cohort(terms=a_cohort().terms.model_copy(update={"version": 2}))
    college.cohorts.recount(cohort(), NOW + timedelta(days=400))
    with pytest.raises(CohortClosed):
        college.cohorts.renew(other, an_enrolment("student-0003", version=4))
    with pytest.raises(StaleDocument):
        college.cohorts.renew(a_cohort(), an_enrolment("student-0003", version=5))
    assert counted(college) == 0


def test_who_consents_anew_at_this_moment_stays(dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stores = on_dynamodb(dynamodb)
    approve(stores)
    stores.cohorts.save(a_cohort())
    stores.cohorts.join(a_cohort(), an_enrolment(), 10)
    every = dynamo.every
    monkeypatch.setattr(dynamo, "every", lambda *given: [{**item, "forget_at": 0} for item in every(*given)])
    stores.cohorts.recount(a_cohort().model_copy(update={"students": 1}), NOW)
    assert ([found.student_id for found in stores.cohorts.students(COHORT, 9).items], counted(stores)) == ([STUDENT], 1)


def test_terms_that_change_at_this_moment_are_not_consented_to(dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stores = on_dynamodb(dynamodb)
    approve(stores)
    stores.cohorts.save(a_cohort())
    stores.cohorts.join(a_cohort(), an_enrolment(), 10)
    stores.cohorts.recount(a_cohort().model_copy(update={"students": 1}), NOW + timedelta(days=4_000))
    commit = dynamo.commit

    def meanwhile(*given: Any) -> None:
        try:
            commit(*given)
        except dynamo.Refused:
            monkeypatch.setattr(dynamo, "commit", commit)
            terms = a_cohort().terms.model_copy(update={"version": 2})
            stores.cohorts.save(a_cohort(terms=terms, version=2))
            raise

    monkeypatch.setattr(dynamo, "commit", meanwhile)
    with pytest.raises(CohortClosed):
        stores.cohorts.renew(a_cohort(), an_enrolment(version=2))
    assert counted(stores) == 0


def test_nobody_renews_who_is_erased(college: Stores) -> None:
    college.cohorts.join(a_cohort(), an_enrolment(), 10)
    college.standings.erase(Standing(account_id=STUDENT, state=StandingState.ERASED, since=NOW, version=1))
    for version in (2, 3):
        with pytest.raises(StudentErased):
            college.cohorts.renew(a_cohort(), an_enrolment(version=version))
    assert college.cohorts.enrolment(STUDENT, COHORT) == an_enrolment()


def test_students_page_and_so_does_what_a_student_consented_to(college: Stores) -> None:
    for number in (3, 1, 2):
        college.cohorts.join(a_cohort(), an_enrolment(f"student-{number:04d}"), 10)
    first = college.cohorts.students(COHORT, 2)
    assert [found.student_id for found in first.items] == ["student-0001", "student-0002"]
    last = college.cohorts.students(COHORT, 2, first.next)
    assert ([found.student_id for found in last.items], last.next) == (["student-0003"], None)
    wanted = [("student-0002", COHORT), ("student-0404", COHORT)]
    assert list(college.cohorts.find_enrolments(wanted)) == [("student-0002", COHORT)]
    college.cohorts.save(a_cohort("cohort-000002"))
    college.cohorts.join(a_cohort("cohort-000002"), an_enrolment("student-0001", cohort_id="cohort-000002"), 10)
    page = college.cohorts.enrolments("student-0001", 1)
    rest = college.cohorts.enrolments("student-0001", 1, page.next)
    assert [found.cohort_id for found in (*page.items, *rest.items)] == [COHORT, "cohort-000002"]


def test_a_cohort_knows_nothing_of_who_is_forgotten(college: Stores) -> None:
    college.cohorts.join(a_cohort(), an_enrolment(), 10)
    for _ in range(2):
        college.cohorts.forget(an_enrolment())
        assert counted(college) == 0
    assert college.cohorts.enrolment(STUDENT, COHORT) is not None, "consent goes with the account"
    assert college.cohorts.students(COHORT, 50).items == []
    college.accounts.forget(STUDENT)
    assert college.cohorts.enrolment(STUDENT, COHORT) is None


def test_the_steps_of_cohorts_and_of_consent_are_found(college: Stores) -> None:
    college.cohorts.join(a_cohort(), an_enrolment(), 10)
    assert {entry.subject for entry in college.accounts.steps(COLLEGE)} == {f"cohort#{COHORT}"}
    assert {entry.subject for entry in college.accounts.steps(STUDENT)} == {f"enrolment#{COHORT}"}


def a_credit(number: int, index: int = 0, **changes: Any) -> Credential:
    event = Event(type="credential.issued", at=NOW, role=Role.EDUCATOR, actor_id=OWNER)
    issued_at = NOW + timedelta(minutes=number)
    named = {"credential_id": f"credential-{number}", "cohort_id": COHORT, "student_id": STUDENT, "event": event}
    kept = {"place": Place(number=0, index=index or number), "issued_at": issued_at, "signed": "{}"}
    return Credential.model_validate({**named, **kept, **changes})


def test_credit_is_written_with_the_consent_that_it_rests_on_or_not_at_all(college: Stores) -> None:
    joined = an_enrolment()
    college.cohorts.join(a_cohort(), joined, 10)
    first = joined.model_copy(update={"credits": ["credential-1"], "version": 2})
    assert college.credentials.issue(a_credit(1), first) is None
    assert college.credentials.issue(a_credit(1), first) == a_credit(1)
    left = first.model_copy(update={"withdrawn_at": NOW, "version": 3})
    college.cohorts.leave(left)
    with pytest.raises(StaleDocument):
        college.credentials.issue(a_credit(2), first.model_copy(update={"version": 3}))
    assert college.credentials.read("credential-2") is None
    assert college.cohorts.enrolment(STUDENT, COHORT) == left


def test_the_credit_of_a_cohort_pages_the_newest_first(college: Stores) -> None:
    enrolment = an_enrolment()
    college.cohorts.join(a_cohort(), enrolment, 10)
    for number in (1, 2, 3):
        enrolment = enrolment.model_copy(update={"version": number + 1})
        college.credentials.issue(a_credit(number), enrolment)
    first = college.credentials.of_cohort(COHORT, 2)
    assert first.items == [a_credit(3), a_credit(2)]
    last = college.credentials.of_cohort(COHORT, 2, first.next)
    assert (last.items, last.next) == ([a_credit(1)], None)
    assert college.credentials.of_cohort("cohort-000404", 2).items == []


def test_briefs_are_found_without_their_content_and_reviews_by_their_numbers(stores: Stores) -> None:
    brief = examples.open_brief()
    stores.briefs.create(brief, examples.content())
    review = Review.model_validate({"number": 1, "decision": "approve", "feedback": "Good.", "reviewed_at": NOW})
    stores.briefs.add(brief.brief_id, review)
    found = stores.briefs.find([brief.brief_id, "brief-000404"], with_content=False)
    assert {at: (snapshot.brief, snapshot.documents) for at, snapshot in found.items()} == {brief.brief_id: (brief, {})}
    wanted = [(brief.brief_id, 1), ("brief-000404", 1)]
    assert stores.briefs.find_reviews(wanted) == {brief.brief_id: review}
    assert stores.briefs.find_reviews([(brief.brief_id, 2)]) == {}
    assert stores.briefs.find_reviews([]) == {}


@pytest.mark.parametrize("ends", ["leave", "forget"])
def test_nothing_of_a_student_is_left_with_the_cohort(dynamodb: Any, ends: str) -> None:
    stores = on_dynamodb(dynamodb)
    approve(stores)
    stores.cohorts.save(a_cohort())
    stores.cohorts.join(a_cohort(), an_enrolment(), 10)
    (pointer,) = lying_under(dynamodb, COHORT)
    assert pointer.keys() == {"pk", "sk", "forget_at"}, "a cohort has a pointer and nothing else"
    if ends == "leave":
        stores.cohorts.leave(an_enrolment(withdrawn_at=NOW, version=2))
    else:
        stores.cohorts.forget(an_enrolment())
    assert lying_under(dynamodb, COHORT) == []
    assert STUDENT not in repr(lying_under(dynamodb, COLLEGE))


def lying_under(dynamodb: Any, pk: str) -> list[dict[str, Any]]:
    """All that is kept under an id."""
    asked = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": pk}}}
    found: list[dict[str, Any]] = dynamodb.query(TableName=tables.ACCOUNTS, **asked)["Items"]
    return found

"""Cohorts: nothing of a student is seen without consent, and what was consented to is seen and no more."""

import itertools
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from microintern.app import cohorts, crediting, enrolling, experience, granting
from microintern.app.accounts import save_profile
from microintern.app.requests import (
    CohortCodeRequest,
    CohortConsentRequest,
    CohortRequest,
    CreditRequest,
    JoinRequest,
    ProfileRequest,
    RevocationRequest,
    VisibilityRequest,
)
from microintern.app.telling import tell
from microintern.app.views.cohorts import (
    CohortView,
    CreditRow,
    CreditView,
    EnrolmentView,
    ProgressRow,
    ProgressView,
    TotalsView,
)
from microintern.app.views.credentials import RevocationView
from microintern.badging.canonical import canonical
from microintern.domain import lifecycle
from microintern.domain.brief import Command
from microintern.domain.cohorts import Cohort, Enrolment, Totals
from microintern.domain.credentials import Credential, CredentialState
from microintern.domain.events import EventType, of_credential
from microintern.domain.fit import work_of
from microintern.domain.open_badges import Addresses
from microintern.domain.organisations import (
    MemberRole,
    Membership,
    Organisation,
    OrganisationCategory,
    OrganisationState,
)
from microintern.domain.problems import Invalid
from microintern.domain.states import Role, State
from microintern.ports.conditions import StaleDocument
from microintern.web.credential_page import page
from tests.twins.services import MemorySigner
from tests.unit.app.bureau import Bureau
from tests.unit.app.test_organisations import refusal
from tests.unit.app.world import World, a_world_in, rival, stranger
from tests.unit.badging.independent import verified
from tests.unit.builders import BODIES, NOW, ORGANISATION, POLICY, RIVAL, STUDENT, command, employer, operator, student

EDUCATOR, COLLEAGUE = "edda-educator-1", "elias-educator-2"
INSTITUTION, ELSEWHERE = "north-city-college", "south-city-college"
ASKED: dict[str, Any] = BODIES["post /organisations/{organisation_id}/cohorts"]
NAME = "Amara Okafor"
TITLE: str = BODIES["post /briefs"]["title"]


def educator(key: str | None = None, body: str = "body", organisation_id: str = INSTITUTION) -> Command:
    by = command(Role.EDUCATOR, EDUCATOR if organisation_id == INSTITUTION else COLLEAGUE, key, body)
    return by.model_copy(update={"organisation_id": organisation_id})


class College:
    """An institution, a cohort, and a brief that a student did."""

    def __init__(self, state: State = State.APPROVED) -> None:
        self.world = a_world_in(state)
        self.cohorts, self.clock = self.world.accounts.cohorts, self.world.clock
        for organisation_id, owner in ((INSTITUTION, EDUCATOR), (ELSEWHERE, COLLEAGUE)):
            self.found(organisation_id, owner)
        save_profile(student(), ProfileRequest(name=NAME), accounts=self.world.accounts, clock=self.clock)
        self.note()
        self.numbers = itertools.count()
        self.issuer = crediting.Issuer(Addresses("https://api.example.com"), MemorySigner(), canonical)
        self.cohort = self.make()

    def found(self, organisation_id: str, owner: str) -> None:
        named: dict[str, Any] = {"organisation_id": organisation_id, "category": OrganisationCategory.INSTITUTION}
        founded: dict[str, Any] = {"name": "North City College", "founded_by": owner, "body": "body"}
        state = OrganisationState.APPROVED
        institution = Organisation(state=state, since=NOW, founded_at=NOW, **named, **founded)
        founder = Membership(account_id=owner, role=MemberRole.OWNER, since=NOW, **named)
        assert self.world.organisations.found(institution, founder) is None

    def note(self) -> None:
        """What keep_experience does with the brief's events."""
        self.world.students.record(STUDENT, self.world.brief_id, work_of(self.world.brief))

    @property
    def desk(self) -> cohorts.Desk:
        world = self.world
        return cohorts.Desk(self.cohorts, world.students, world.briefs, world.accounts, self.clock, POLICY)

    @property
    def writes(self) -> dict[str, Any]:
        return {"cohorts": self.cohorts, "clock": self.clock}

    def saving(self) -> dict[str, Any]:
        return {**self.writes, "organisations": self.world.organisations, "policy": POLICY}

    def make(self, by: Command | None = None, **changes: Any) -> Cohort:
        request = CohortRequest.model_validate(ASKED | changes)
        return cohorts.make(by or educator(), INSTITUTION, request, **self.saving())

    def change(self, by: Command | None = None, **changes: Any) -> Cohort:
        request = CohortRequest.model_validate(ASKED | changes)
        at = (INSTITUTION, self.cohort.cohort_id)
        self.cohort = cohorts.change(by or educator(), *at, request, **self.saving())
        return self.cohort

    def code(self, by: Command | None = None) -> str:
        secret = f"{next(self.numbers):024}"
        at = (INSTITUTION, self.cohort.cohort_id)
        issued = cohorts.issue_code(by or educator(), *at, policy=POLICY, codes=lambda: secret, **self.writes)
        return issued.code

    def join(self, by: Command | None = None, code: str | None = None, version: int | None = None) -> EnrolmentView:
        found, _ = self.cohorts.read(INSTITUTION, self.cohort.cohort_id)
        assert found
        request = JoinRequest(code=code or self.code(), terms_version=version or found.terms.version)
        return enrolling.join(by or student(), request, policy=POLICY, **self.writes)

    def withdraw(self, by: Command | None = None) -> EnrolmentView:
        return enrolling.withdraw(by or student(), self.cohort.cohort_id, **self.writes)

    def renew(self, version: int, by: Command | None = None) -> EnrolmentView:
        request = CohortConsentRequest(terms_version=version)
        return enrolling.renew(by or student(), self.cohort.cohort_id, request, **self.writes)

    def remove(self, by: Command | None = None) -> object:
        return cohorts.remove(by or educator(), INSTITUTION, self.cohort.cohort_id, STUDENT, **self.writes)

    def students(self, by: Command | None = None, limit: int = 20, cursor: str | None = None) -> list[ProgressView]:
        at = (INSTITUTION, self.cohort.cohort_id)
        return cohorts.students(by or educator(), *at, limit, cursor, desk=self.desk).items

    def student(self, by: Command | None = None, student_id: str = STUDENT) -> ProgressView:
        at = (INSTITUTION, self.cohort.cohort_id)
        return cohorts.student(by or educator(), *at, student_id, desk=self.desk)

    def totals(self, by: Command | None = None) -> Any:
        return cohorts.totals(by or educator(), INSTITUTION, self.cohort.cohort_id, desk=self.desk)

    def seen_of_me(self, by: Command | None = None) -> ProgressView:
        return enrolling.seen_of_me(by or student(), self.cohort.cohort_id, desk=self.desk)

    def grant(self, hundredths: int = 120, by: Command | None = None) -> CreditView:
        return granting.grant(
            by or educator(),
            INSTITUTION,
            self.cohort.cohort_id,
            STUDENT,
            CreditRequest(hundredths=hundredths),
            desk=self.desk,
            credentials=self.world.credentials,
            issuer=self.issuer,
        )

    def credits(self, by: Command | None = None) -> list[CreditView]:
        at = (INSTITUTION, self.cohort.cohort_id)
        ports: dict[str, Any] = {"desk": self.desk, "credentials": self.world.credentials}
        return granting.granted_credits(by or educator(), *at, 50, None, **ports).items

    def revoke(self, credential_id: str, by: Command | None = None) -> RevocationView:
        at = (INSTITUTION, self.cohort.cohort_id, credential_id)
        ports: dict[str, Any] = {"desk": self.desk, "credentials": self.world.credentials}
        return granting.revoke_credit(by or educator(), *at, RevocationRequest(reason="By mistake."), **ports)

    def kept(self, credential_id: str) -> Credential:
        found = self.world.credentials.read(credential_id)
        assert found
        return found

    def verify_trail(self, scope: str, **wanted: str) -> None:
        """What was done last to each of its parts."""
        entries = [found.entry for found in self.cohorts.tracked(scope) if found.entry]
        assert {entry.subject.partition("#")[0]: entry.event.type for entry in entries} == wanted


@pytest.fixture
def college() -> College:
    return College()


# nothing without consent


def what_is_seen(college: College, by: Command) -> dict[str, Any]:
    """Everything that somebody of the institution can look at, as one text; by what it was asked for."""
    found: dict[str, Any] = {}
    at = (INSTITUTION, college.cohort.cohort_id)
    asked: dict[str, Callable[[], Any]] = {
        "cohort": lambda: cohorts.cohort(by, *at, cohorts=college.cohorts),
        "cohorts": lambda: cohorts.cohorts_of(by, INSTITUTION, 50, None, **college.writes),
        "students": lambda: college.students(by),
        "rows": lambda: [ProgressRow.of(view) for view in college.students(by)],
        "totals": lambda: college.totals(by),
        "credits": lambda: college.credits(by),
        "credit rows": lambda: [CreditRow.of(view) for view in college.credits(by)],
    }
    for what, ask in asked.items():
        found[what] = repr(ask())
    found["student"] = refusal(college.student, by)
    found["credit"] = refusal(college.grant, 120, by)
    found["removal"] = refusal(college.remove, by)
    return found


def assert_nothing_is_seen(college: College, students: int = 0) -> None:
    seen = what_is_seen(college, educator())
    everything = " ".join(seen.values())
    for personal in (STUDENT, NAME, college.world.brief_id, TITLE):
        assert personal not in everything, personal
    assert (seen["student"], seen["credit"], seen["removal"]) == ("not_found",) * 3
    assert f"students={students}" in seen["cohort"]
    assert college.totals().students == students
    assert college.totals().hours_approved == 0


def test_nothing_is_seen_of_a_student_who_has_not_joined(college: College) -> None:
    assert_nothing_is_seen(college)


def test_nothing_is_seen_from_the_moment_that_consent_is_withdrawn(college: College) -> None:
    college.join()
    assert NAME in repr(college.students())
    college.withdraw()
    assert_nothing_is_seen(college)
    assert refusal(college.seen_of_me) == "not_found"
    assert college.withdraw().withdrawn_at is not None, "again changes nothing"


def test_nothing_is_seen_of_a_student_who_withdrew_after_credit_but_that_it_was_granted(college: College) -> None:
    college.join()
    granted = college.grant()
    college.withdraw()
    assert_nothing_is_seen(college)
    (kept,) = college.credits()
    assert (kept.credential_id, kept.student, kept.hours) == (granted.credential_id, None, 12)
    assert college.kept(granted.credential_id).state is CredentialState.ISSUED, "it stays the student's"


def test_nothing_is_seen_of_a_student_who_was_taken_out(college: College) -> None:
    college.join()
    by = educator("removal-key")
    assert college.remove(by) == college.remove(by)
    assert_nothing_is_seen(college)
    assert college.join().seen, "with a code they may come back"


def test_nothing_is_seen_when_the_time_is_over(college: College) -> None:
    college.join()
    college.clock.at = college.cohort.terms.seen_until - timedelta(seconds=1)
    assert [view.student.name for view in college.students()] == [NAME]
    college.clock.at += timedelta(seconds=1)
    assert college.students() == []
    assert refusal(college.student) == "not_found"
    assert refusal(college.grant) == "not_found"
    assert refusal(college.seen_of_me) == "not_found"


def test_nothing_is_seen_of_a_brief_whose_deadline_was_moved_out_of_the_period() -> None:
    college = College(State.AWARDED)
    brief, days = college.world.brief, timedelta(days=1)
    due = brief.submission_due_at
    college.change(starts_on=str(due.date() - 30 * days), ends_on=str(due.date() + days))
    college.join()
    assert [seen.brief_id for seen in college.student().briefs] == [brief.brief_id]
    college.world.briefs.save(brief, lifecycle.amend(brief, 1, due + 10 * days, student(), college.clock.now(), POLICY))
    assert college.student().briefs == [], "from this write on, whatever is noted"
    assert college.totals().briefs_under_way == 0
    college.change(ends_on=str(due.date() + 20 * days))
    college.renew(college.cohort.terms.version)
    college.note()
    assert [seen.brief_id for seen in college.student().briefs] == [brief.brief_id], "the new terms have it"


def test_the_experience_of_students_hears_of_moved_deadlines() -> None:
    assert EventType.BRIEF_AMENDED in experience.FOLLOWED


def test_who_is_erased_at_this_moment_renews_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    college = College(State.PAID)
    college.join()
    version = college.change(ends_on="2027-07-31").terms.version
    bureau, forget, refused = Bureau(college.world), college.cohorts.forget, []

    def forgotten(enrolment: Enrolment) -> None:
        forget(enrolment)
        refused.append(refusal(college.renew, version))

    monkeypatch.setattr(college.cohorts, "forget", forgotten)
    bureau.erase(student())
    bureau.finish()
    assert refused == ["not_found"]
    assert college.cohorts._pointers == set()
    assert_nothing_is_seen(college)


def test_nothing_is_kept_with_the_cohort_of_who_withdrew(college: College) -> None:
    college.join()
    college.withdraw()
    assert college.cohorts._pointers == set()
    assert STUDENT not in repr(college.cohorts._cohorts)


def others() -> list[Command]:
    """Everybody who is no educator of the institution."""
    return [
        educator(organisation_id=ELSEWHERE),
        educator().model_copy(update={"organisation_id": None}),
        employer(),
        employer().model_copy(update={"organisation_id": INSTITUTION}),
        student(),
        rival(),
        operator(),
    ]


@pytest.mark.parametrize("by", others(), ids=lambda by: f"{by.role}-{by.organisation_id}")
def test_nobody_else_sees_anything_whoever_consents(college: College, by: Command) -> None:
    college.join()
    granted = college.grant()
    code = "not_found" if by.role is Role.EDUCATOR else "wrong_role"
    at = (INSTITUTION, college.cohort.cohort_id)
    assert refusal(cohorts.cohort, by, *at, cohorts=college.cohorts) == code
    assert refusal(cohorts.cohorts_of, by, INSTITUTION, 50, None, **college.writes) == code
    for look in (college.students, college.student, college.totals, college.credits, college.code, college.remove):
        assert refusal(look, by) == code
    for attempt in (college.make, college.change):
        assert refusal(attempt, by) == code
    assert refusal(college.grant, 120, by) == code
    assert refusal(college.revoke, granted.credential_id, by) == code


def test_what_is_asked_for_by_another_institutions_address_is_not_found(college: College) -> None:
    college.join()
    by = educator(organisation_id=ELSEWHERE)
    at = (ELSEWHERE, college.cohort.cohort_id)
    assert refusal(cohorts.students, by, *at, 20, None, desk=college.desk) == "not_found"
    assert refusal(cohorts.student, by, *at, STUDENT, desk=college.desk) == "not_found"
    assert refusal(cohorts.totals, by, *at, desk=college.desk) == "not_found"


def test_an_institution_that_is_not_approved_any_more_sees_nothing(college: College) -> None:
    college.join()
    institution = college.world.organisations.read(INSTITUTION)
    assert institution
    suspended = {"state": OrganisationState.SUSPENDED, "version": institution.version + 1}
    college.world.organisations.decide(institution.model_copy(update=suspended))
    for look in (college.students, college.student, college.totals, college.credits, college.grant, college.code):
        assert refusal(look) == "institution_not_approved"
    assert refusal(college.make) == "organisation_not_approved"
    assert college.withdraw().withdrawn_at is not None


# consent


def test_a_student_is_shown_what_would_be_seen_before_anything_is(college: College) -> None:
    code = college.code()
    offer = enrolling.preview(student(), CohortCodeRequest(code=code), **college.writes)
    assert (offer.institution, offer.terms.version) == ("North City College", 1)
    assert any("score" in line for line in offer.terms.covers)
    assert "2027-02-01 to 2027-06-30" in " ".join(offer.terms.covers)
    assert_nothing_is_seen(college)
    assert refusal(enrolling.preview, educator(), CohortCodeRequest(code=code), **college.writes) == "wrong_role"


def test_what_is_consented_to_is_the_version_that_was_read(college: College) -> None:
    assert refusal(college.join, version=2) == "terms_changed"
    college.change(ends_on="2027-07-31")
    assert refusal(college.join, version=1) == "terms_changed"
    view = college.join(version=2)
    assert (view.consented_to.version, view.outdated, view.seen) == (2, False, True)


def test_who_consented_to_less_is_seen_by_that_until_they_consent_anew(college: College) -> None:
    college.change(scores=False, rules=None)
    college.join(version=2)
    (before,) = college.students()
    assert [brief.score_percent for brief in before.briefs] == [None]
    college.change(scores=True)
    assert [b.score_percent for view in college.students() for b in view.briefs] == [None]
    (mine,) = enrolling.own(student(), 50, None, **college.writes).items
    assert (mine.outdated, mine.consented_to.version) == (True, 2)
    assert mine.cohort
    assert refusal(college.renew, 2) == "terms_changed"
    college.renew(mine.cohort.terms.version)
    assert [b.score_percent for view in college.students() for b in view.briefs] != [None]


def test_less_is_asked_for_is_less_that_is_seen_at_once(college: College) -> None:
    college.join()
    assert college.student().briefs[0].score_percent is not None
    college.change(scores=False, rules=None)
    assert college.student().briefs[0].score_percent is None
    college.change(starts_on="2027-02-01", ends_on="2027-02-28")
    assert college.student().briefs == []


def test_briefs_outside_of_the_period_and_of_others_are_not_seen(college: College) -> None:
    college.change(starts_on="2027-05-01")
    college.join()
    view = college.student()
    assert (view.briefs, view.hours_approved, view.credit and view.credit.hundredths) == ([], 0, 0)
    other = College()
    other.join(rival())
    other.world.students.record(RIVAL, other.world.brief_id, work_of(other.world.brief))
    assert other.student(student_id=RIVAL).briefs == [], "whose a brief is, the brief says"


def test_a_code_is_good_until_the_next_one_and_for_a_month(college: College) -> None:
    first, second = college.code(), college.code()
    assert refusal(college.join, code=first) == "unknown_code"
    college.clock.at = NOW + timedelta(days=31)
    assert refusal(college.join, code=second) == "code_expired"
    parts = second.split(".")
    assert refusal(college.join, code=f"{parts[0]}.{'n' * 26}.{parts[2]}") == "unknown_code"


def test_only_students_join_and_a_cohort_takes_so_many(college: College) -> None:
    for by in (educator(), employer(), operator()):
        assert refusal(college.join, by) == "wrong_role"
    few = POLICY.model_copy(update={"most_students": 1})
    request = JoinRequest(code=college.code(), terms_version=1)
    enrolling.join(student(), request, policy=few, **college.writes)
    assert refusal(enrolling.join, rival(), request, policy=few, **college.writes) == "cohort_full"


def test_whose_consent_has_run_out_takes_nobodys_place(college: College) -> None:
    few = POLICY.model_copy(update={"most_students": 1})
    college.join()
    first_end = college.cohort.terms.seen_until
    college.clock.at = first_end
    assert CohortView.of(college.cohorts.read(INSTITUTION, college.cohort.cohort_id)[0], first_end).students == 0  # type: ignore[arg-type]
    today = college.clock.at.date()
    college.change(starts_on=str(today), ends_on=str(today + timedelta(days=60)))
    request = JoinRequest(code=college.code(), terms_version=college.cohort.terms.version)
    assert enrolling.join(rival(), request, policy=few, **college.writes).seen
    other = stranger(Role.STUDENT)
    assert refusal(enrolling.join, other, request, policy=few, **college.writes) == "cohort_full"

    def counted() -> int:
        return college.cohorts.read(INSTITUTION, college.cohort.cohort_id)[0].students  # type: ignore[union-attr]

    assert counted() == 1
    assert college.renew(college.cohort.terms.version).seen
    assert counted() == 2, "who consents anew is counted anew"
    college.withdraw()
    assert counted() == 1


def test_joining_repeats_and_a_second_time_is_refused(college: College) -> None:
    by, code = student("join-key"), college.code()
    assert college.join(by, code) == college.join(by, code)
    assert refusal(college.join) == "joined_already"
    assert college.cohorts.read(INSTITUTION, college.cohort.cohort_id)[0].students == 1  # type: ignore[union-attr]
    other = by.model_copy(update={"body": "another"})
    assert refusal(college.join, other, code) == "idempotency_key_reused"


def test_a_student_sees_exactly_what_the_educators_see(college: College) -> None:
    college.join()
    assert college.seen_of_me() == college.student() == college.students()[0]
    assert refusal(college.seen_of_me, rival()) == "not_found"
    assert refusal(college.seen_of_me, educator()) == "wrong_role"


def test_who_withdrew_meanwhile_is_not_brought_back_by_what_was_decided_before(college: College) -> None:
    college.join()
    stale = college.cohorts.enrolment(STUDENT, college.cohort.cohort_id)
    assert stale
    college.withdraw()
    with pytest.raises(StaleDocument):
        college.cohorts.renew(college.cohort, stale.model_copy(update={"version": 2}))
    assert refusal(college.renew, 1) == "consent_withdrawn"


# progress


@pytest.mark.parametrize("state", [State.AWARDED, State.SUBMITTED, State.CHANGES_REQUESTED, State.DISPUTED])
def test_briefs_under_way_are_seen_with_their_deadlines(state: State) -> None:
    college = College(state)
    college.join()
    view = college.student()
    (brief,) = view.briefs
    assert (brief.state, brief.title, brief.hours) == (state, TITLE, 12)
    assert brief.deadline
    assert (view.hours_under_way, view.hours_approved, ProgressRow.of(view).briefs_under_way) == (12, 0, 1)


def test_a_row_says_what_the_view_says(college: College) -> None:
    college.join()
    row = ProgressRow.of(college.student())
    assert (row.name, row.briefs_approved, row.hours_approved, row.credits) == (NAME, 1, 12, "1.20")
    assert (row.briefs_under_way, row.next_due_at, row.times_granted) == (0, None, 0)


def test_credit_that_was_revoked_was_granted_all_the_same(college: College) -> None:
    college.join()
    college.revoke(college.grant().credential_id)
    assert ProgressRow.of(college.student()).times_granted == 1
    college.grant()
    assert ProgressRow.of(college.student()).times_granted == 2
    said = {"Credentials ever granted here, revoked ones included."}
    for model, name in ((ProgressRow, "times_granted"), (ProgressView, "granted"), (EnrolmentView, "granted")):
        assert {model.model_fields[name].description} == said


def test_students_page_and_a_cursor_is_the_callers_own(college: College) -> None:
    college.join()
    college.join(rival())
    at = (INSTITUTION, college.cohort.cohort_id)
    first = cohorts.students(educator(), *at, 1, None, desk=college.desk)
    rest = cohorts.students(educator(), *at, 1, first.next_cursor, desk=college.desk)
    ids = [view.student.account_id for page_ in (first, rest) for view in page_.items]
    assert (ids, rest.next_cursor) == ([STUDENT, RIVAL], None)
    other = college.make(educator("another"))
    with_cursor = (educator(), INSTITUTION, other.cohort_id, 1, first.next_cursor)
    assert refusal(cohorts.students, *with_cursor, desk=college.desk) == "invalid_cursor"


# cohorts


def test_a_cohort_is_made_once_and_changed_over_its_version(college: College) -> None:
    by = educator("make-key")
    assert college.make(by) == college.make(by)
    assert refusal(college.make, by.model_copy(update={"body": "another"})) == "idempotency_key_reused"
    before = college.cohort
    change = educator("change-key")
    after = college.change(change, name="Another name")
    assert (after.name, after.terms.version, after.version) == (
        "Another name",
        before.terms.version,
        before.version + 1,
    )
    assert college.change(change, name="Another name") == after


def test_rules_have_versions_and_need_scores_where_they_ask_for_them(college: College) -> None:
    assert college.cohort.rules
    assert college.cohort.rules.version == 1
    changed = college.change(rules={"hours_per_credit": 12})
    assert changed.rules
    assert (changed.rules.version, changed.terms.version) == (2, 1)
    with pytest.raises(ValueError, match="scores"):
        CohortRequest.model_validate(ASKED | {"scores": False})
    with pytest.raises(ValueError, match="366 days"):
        CohortRequest.model_validate(ASKED | {"ends_on": "2029-01-01"})


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [("9999-06-01", "9999-12-31"), ("9999-06-01", "9999-07-01"), ("2999-12-01", "3000-01-01"), ("3000-01-01",) * 2],
)
def test_the_end_of_the_calendar_is_refused(starts_on: str, ends_on: str) -> None:
    with pytest.raises(ValueError, match="2999 at the latest"):
        CohortRequest.model_validate(ASKED | {"starts_on": starts_on, "ends_on": ends_on})


@pytest.mark.parametrize("day", ["0001-01-01", "2999-12-31"])
def test_every_other_day_can_be_a_cohorts(college: College, day: str) -> None:
    assert str(college.make(educator("another-key"), starts_on=day, ends_on=day).terms.ends_on) == day


def test_a_cohort_may_come_to_more_than_is_granted_to_anybody() -> None:
    assert TotalsView.of(Totals(students=1_000, hundredths=6_000_000)).credit.written == "60000.00"


def test_employers_on_the_list_are_approved_ones(college: College) -> None:
    assert college.change(employers=[ORGANISATION]).employers == [ORGANISATION]
    for mistaken in ("nobody-00000001", INSTITUTION):
        with pytest.raises(Invalid) as refused:
            college.change(employers=[ORGANISATION, mistaken])
        assert refused.value.members["errors"][0]["field"] == "/employers/1"


def test_an_employer_who_is_not_on_the_list_hinders_no_application_and_gives_no_credit(college: College) -> None:
    college.join()
    college.change(employers=[another_employer(college.world)])
    view = college.student()
    assert [brief.not_counted for brief in view.briefs] == ["employer_not_listed"]
    assert view.hours_approved == 12
    assert refusal(college.grant, 120) == "credit_differs"


# credit


def test_credit_is_what_the_rules_give_and_what_was_shown(college: College) -> None:
    college.join()
    assert refusal(college.grant, 119) == "credit_differs"
    view = college.grant(120)
    assert view.credit
    assert (view.credit.written, view.hours, view.briefs, view.state) == ("1.20", 12, 1, CredentialState.ISSUED)
    (listed,) = college.credits()
    assert listed.student
    assert (listed.student.account_id, listed.student.name) == (STUDENT, NAME)
    assert listed.model_copy(update={"student": view.student}) == view
    assert CreditRow.of(view).credits == "1.20"


def test_granting_repeats_and_a_second_credit_is_refused_until_the_first_is_revoked(college: College) -> None:
    college.join()
    by = educator("grant-key")
    first = college.grant(by=by)
    assert college.grant(by=by) == first
    assert refusal(college.grant) == "credit_granted_already"
    revocation = educator("revocation-key")
    revoked = college.revoke(first.credential_id, revocation)
    assert (revoked.state, college.revoke(first.credential_id, revocation)) == (CredentialState.REVOKED, revoked)
    second = college.grant()
    assert second.credential_id != first.credential_id
    assert [view.state for view in college.credits()] == [CredentialState.REVOKED, CredentialState.ISSUED] or [
        view.state for view in college.credits()
    ] == [CredentialState.ISSUED, CredentialState.REVOKED]


def test_credit_needs_rules_and_consent_wide_enough_for_them(college: College) -> None:
    college.change(scores=False, rules=None)
    college.join()
    assert refusal(college.grant) == "no_credit_rules"
    college.change()
    assert refusal(college.grant) == "consent_too_narrow"


def test_a_credit_is_an_open_badge_with_credits_earned_that_others_can_verify(college: College) -> None:
    college.join()
    credential = college.kept(college.grant().credential_id)
    document = json.loads(credential.signed or "{}")
    subject = document["credentialSubject"]
    assert subject["creditsEarned"] == 1.2
    assert subject["achievement"]["creditsAvailable"] == 3
    assert subject["source"]["name"] == "North City College"
    assert NAME not in (credential.signed or "")
    assert STUDENT not in (credential.signed or "")
    ports: dict[str, Any] = {"credentials": college.world.credentials, "issuer": college.issuer}
    assert crediting.verify(document, **ports).valid
    assert not crediting.verify({**document, "name": "Another"}, **ports).valid
    college.revoke(credential.credential_id)
    assert crediting.verify(document, **ports).problem == "revoked"


@pytest.mark.parametrize("hours_per_credit", [10, 12, 7])
def test_whole_and_broken_credits_are_signed_as_others_read_them(college: College, hours_per_credit: int) -> None:
    college.change(rules={"hours_per_credit": hours_per_credit})
    college.join()
    credential = college.kept(college.grant(1200 // hours_per_credit).credential_id)
    document = json.loads(credential.signed or "{}")
    ports: dict[str, Any] = {"credentials": college.world.credentials, "clock": college.clock}
    listed = crediting.revocations(credential.place.number, issuer=college.issuer, policy=POLICY, **ports)
    issuer, later = crediting.issuer_document(college.issuer), college.clock.now() + timedelta(minutes=10)
    assert verified((document,), issuer, {listed["id"]: listed}, later) == [None]


def test_the_student_shows_a_credit_as_any_credential(college: College) -> None:
    college.join()
    credential_id = college.grant().credential_id
    shown = VisibilityRequest(public=True, show_name=True, show_employer=False, show_scores=True)
    ports: dict[str, Any] = {"credentials": college.world.credentials, "clock": college.clock}
    own = crediting.choose(student(), credential_id, shown, issuer=college.issuer, **ports)
    assert (own.about.title, own.about.cohort_id, own.about.brief_id) == (
        college.cohort.name,
        college.cohort.cohort_id,
        None,
    )
    html = page(college.kept(credential_id), own.credential)
    assert (NAME in html, "1.20" in html, "North City College" in html) == (True, True, False)
    assert refusal(crediting.choose, rival(), credential_id, shown, issuer=college.issuer, **ports) == "not_found"


def test_the_student_is_told_of_credit_and_of_its_revocation(college: College) -> None:
    college.join()
    credential_id = college.grant().credential_id
    events = [of_credential(college.kept(credential_id))]
    college.revoke(credential_id)
    events.append(of_credential(college.kept(credential_id)))
    assert [event and event.type for event in events] == [EventType.CREDIT_GRANTED, EventType.CREDIT_REVOKED]
    world = college.world
    told: dict[str, Any] = {"briefs": world.briefs, "accounts": world.accounts, "organisations": world.organisations}
    told["agenda"] = world.accounts.agenda
    assert [tell(event, policy=POLICY, **told) for event in events if event] == [1, 1]
    notices = world.accounts.notices(STUDENT, 100).items
    assert {notice.brief_id for notice in notices if notice.type.startswith("credit.")} == {None}


# personal data


def test_an_export_has_consent_and_credit_and_nothing_of_it_is_left_after_an_erasure() -> None:
    college = College(State.PAID)
    college.join()
    credential_id = college.grant().credential_id
    bureau = Bureau(college.world)
    exported = bureau.export(student()).account
    assert exported
    (cohort,) = exported.cohorts
    assert (cohort.enrolment.cohort_id, cohort.enrolment.seen) == (college.cohort.cohort_id, True)
    assert cohort.credits[0].about.credential_id == credential_id
    bureau.erase(student())
    bureau.finish()
    assert_nothing_is_seen(college)
    (kept,) = college.credits()
    assert (kept.state, kept.student, kept.credit) == (CredentialState.ERASED, None, None)
    assert college.cohorts.enrolment(STUDENT, college.cohort.cohort_id) is None
    assert college.kept(credential_id).signed is None


def test_every_step_of_consent_and_of_a_cohort_stands_in_a_trail(college: College) -> None:
    college.join()
    college.verify_trail(STUDENT, enrolment="cohort.joined")
    college.grant()
    college.verify_trail(STUDENT, enrolment="credit.granted")
    college.withdraw()
    college.verify_trail(STUDENT, enrolment="cohort.consent_withdrawn")
    college.change(name="Another name")
    college.verify_trail(INSTITUTION, cohort="cohort.changed")


def another_employer(world: World) -> str:
    """The id of another employer that an operator has approved."""
    named: dict[str, Any] = {"organisation_id": "another-employer-1", "name": "Others", "founded_by": "owner-0000001"}
    state = OrganisationState.APPROVED
    founder = Membership(
        organisation_id="another-employer-1", account_id="owner-0000001", role=MemberRole.OWNER, since=NOW
    )
    world.organisations.found(Organisation(state=state, since=NOW, founded_at=NOW, body="body", **named), founder)
    return "another-employer-1"

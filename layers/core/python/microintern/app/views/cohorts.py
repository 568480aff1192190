"""Cohorts as educators and students see them: what is consented to, how far somebody is, and credit."""

from collections.abc import Mapping
from datetime import datetime
from typing import Self

from pydantic import Field

from microintern.app.views.parts import Deadline, Person
from microintern.domain.accounts import Profile
from microintern.domain.base import Day, Frozen, Id, Instant
from microintern.domain.cohorts import (
    AFTER_WITHDRAWAL,
    NOT_COVERED,
    AtRisk,
    BriefProgress,
    Cohort,
    Enrolment,
    NotCounted,
    Progress,
    Terms,
    Totals,
)
from microintern.domain.credentials import Credential, CredentialState
from microintern.domain.credits import CreditRules, Credits
from microintern.domain.organisations import Organisation
from microintern.domain.payout_matrix import Outcome
from microintern.domain.states import State
from microintern.domain.text import Line, Paragraph
from microintern.ports.briefs import Snapshot

_EVER_GRANTED = "Credentials ever granted here, revoked ones included."


class TermsView(Frozen):
    """What a student consents to, word for word."""

    version: int = Field(description="Name it when you consent: whatever would show more is a new version.")
    starts_on: Day
    ends_on: Day
    scores: bool
    seen_until: Instant = Field(description="Nothing is seen from then on, whether or not consent was withdrawn.")
    covers: list[str]
    not_covered: str
    after_withdrawal: str

    @classmethod
    def of(cls, terms: Terms) -> Self:
        texts = {"covers": terms.covers, "not_covered": NOT_COVERED, "after_withdrawal": AFTER_WITHDRAWAL}
        return cls.model_validate(terms.model_dump() | texts)


class RulesView(Frozen):
    """What credit is granted for."""

    version: int
    hours_per_credit: int
    least_score_percent: int | None
    most_credits: int | None
    said: str

    @classmethod
    def of(cls, rules: CreditRules | None) -> Self | None:
        return cls.model_validate(rules.model_dump() | {"said": rules.said}) if rules else None


class CohortView(Frozen):
    """A cohort, for the educators of its institution."""

    cohort_id: Id
    organisation_id: Id
    name: Line
    about: Paragraph | None
    terms: TermsView
    rules: RulesView | None
    employers: list[Id] | None = Field(description="Whose briefs count for credit; null for all.")
    hours_wanted: int | None
    students: int = Field(
        description="How many have joined and not left; whose consent has run out is left out once it is full."
    )
    code_expires_at: Instant | None = Field(description="Until when students can join by the code given out last.")
    made_at: Instant
    version: int

    @classmethod
    def of(cls, cohort: Cohort, now: datetime) -> Self:
        shown = cohort.model_dump(include=set(cls.model_fields) - {"terms", "rules", "students"})
        students = cohort.students if now < cohort.terms.seen_until else 0
        return cls(**shown, students=students, terms=TermsView.of(cohort.terms), rules=RulesView.of(cohort.rules))


class CohortPage(Frozen):
    """Some cohorts, and the cursor that leads on."""

    items: list[CohortView]
    next_cursor: str | None = None


class IssuedCode(Frozen):
    """A new code to join by. It is shown this once; the one before is good for nothing any more."""

    cohort: CohortView
    code: str


class SeenBrief(Frozen):
    """How far a student is with a brief."""

    brief_id: Id
    title: Line | None
    employer_id: Id
    state: State
    hours: int
    deadline: Deadline | None = Field(description="The next one, while there is one.")
    submission_due: Deadline | None
    submissions: int
    outcome: Outcome | None
    score_percent: int | None = Field(description="Null where scores are not consented to, and where none were given.")
    not_counted: NotCounted | None = Field(description="Why it is no credit, or not yet; null when it counts.")

    @classmethod
    def of(cls, brief: BriefProgress, snapshot: Snapshot | None) -> Self:
        copied = {"deadline", "submission_due", "title"}
        return cls(
            **brief.model_dump(include=set(cls.model_fields) - copied),
            title=snapshot.posting.title if snapshot else None,
            deadline=Deadline.of(brief.state, brief.due_at, None, brief.zone),
            submission_due=Deadline.of(State.AWARDED, brief.submission_due_at, None, brief.zone),
        )


class ProgressView(Frozen):
    """How far a student is, as far as they consent to have it seen."""

    student: Person
    terms: TermsView = Field(description="What the student consented to.")
    briefs: list[SeenBrief] = Field(description="The thirty that are due last at most, the first of them at the top.")
    hours_under_way: int
    hours_approved: int
    credit: Credits | None = Field(
        description="What the rules give for it now; null without rules, and where they need more than is consented to."
    )
    granted: list[Id] = Field(description=_EVER_GRANTED)
    at_risk: list[AtRisk] = Field(description="Each reason, with the brief that it is about.")

    @classmethod
    def of(
        cls, enrolment: Enrolment, progress: Progress, briefs: Mapping[str, Snapshot], profile: Profile | None
    ) -> Self:
        return cls(
            student=Person.of(enrolment.student_id, profile),
            terms=TermsView.of(enrolment.terms),
            briefs=[SeenBrief.of(brief, briefs.get(brief.brief_id)) for brief in progress.briefs],
            hours_under_way=progress.hours_under_way,
            hours_approved=progress.hours_approved,
            credit=None if progress.hundredths is None else Credits.of(progress.hundredths),
            granted=enrolment.credits,
            at_risk=progress.at_risk,
        )


class ProgressPage(Frozen):
    """Some students, and the cursor that leads on."""

    items: list[ProgressView]
    next_cursor: str | None = None


class RemovedStudent(Frozen):
    """That a student was taken out of a cohort."""

    student_id: Id
    removed_at: Instant | None = Field(description="Null once they have joined again.")

    @classmethod
    def of(cls, enrolment: Enrolment) -> Self:
        return cls(student_id=enrolment.student_id, removed_at=enrolment.withdrawn_at)


class ProgressRow(Frozen):
    """A student as a row of a spreadsheet."""

    student_id: Id
    name: Line | None
    briefs_under_way: int
    next_due_at: Instant | None
    briefs_approved: int
    hours_under_way: int
    hours_approved: int
    credits: str | None
    times_granted: int = Field(description=_EVER_GRANTED)
    at_risk: str

    @classmethod
    def of(cls, view: ProgressView) -> Self:
        running = [brief for brief in view.briefs if brief.outcome is None]
        due = [brief.deadline.due_at for brief in running if brief.deadline]
        approved = [b for b in view.briefs if b.not_counted is not NotCounted.NOT_APPROVED]
        return cls(
            student_id=view.student.account_id,
            name=view.student.name,
            briefs_under_way=len(running),
            next_due_at=min(due, default=None),
            briefs_approved=len(approved),
            hours_under_way=view.hours_under_way,
            hours_approved=view.hours_approved,
            credits=view.credit.written if view.credit else None,
            times_granted=len(view.granted),
            at_risk="; ".join(reason.risk for reason in view.at_risk),
        )


class TotalsView(Frozen):
    """What the students of a cohort come to, who consent now."""

    students: int
    students_at_risk: int
    briefs_under_way: int
    briefs_approved: int
    briefs_not_submitted: int
    briefs_ended_otherwise: int
    hours_under_way: int
    hours_approved: int
    credit: Credits

    @classmethod
    def of(cls, totals: Totals) -> Self:
        return cls(**totals.model_dump(exclude={"hundredths"}), credit=Credits.of(totals.hundredths))


class CohortOffer(Frozen):
    """A cohort, as a student sees it before joining: who would see what, and until when."""

    cohort_id: Id
    name: Line
    about: Paragraph | None
    institution: Line
    institution_website: str | None
    terms: TermsView
    rules: RulesView | None
    employers: list[Id] | None = Field(
        description="Whose briefs count for credit; null for all. You may apply to any brief, counted or not."
    )
    hours_wanted: int | None

    @classmethod
    def of(cls, cohort: Cohort, institution: Organisation) -> Self:
        shown = cohort.model_dump(include={"cohort_id", "name", "about", "employers", "hours_wanted"})
        return cls(
            **shown,
            institution=institution.name,
            institution_website=institution.website,
            terms=TermsView.of(cohort.terms),
            rules=RulesView.of(cohort.rules),
        )


class EnrolmentView(Frozen):
    """What you consented to, and whether it still holds."""

    cohort: CohortOffer | None = Field(description="As it is now, while you are in it.")
    cohort_id: Id
    organisation_id: Id
    consented_to: TermsView
    consented_at: Instant
    withdrawn_at: Instant | None
    seen: bool = Field(description="Whether anything of you is seen now.")
    outdated: bool = Field(description="Whether the terms were changed since: you are seen by those you consented to.")
    granted: list[Id] = Field(description=_EVER_GRANTED)

    @classmethod
    def of(cls, enrolment: Enrolment, cohort: tuple[Cohort, Organisation] | None, *, seen: bool) -> Self:
        in_it = enrolment.withdrawn_at is None
        shown = enrolment.model_dump(include={"cohort_id", "organisation_id", "consented_at", "withdrawn_at"})
        return cls(
            **shown,
            cohort=CohortOffer.of(*cohort) if cohort and in_it else None,
            consented_to=TermsView.of(enrolment.terms),
            seen=seen,
            outdated=bool(cohort and in_it and cohort[0].terms.version != enrolment.terms.version),
            granted=enrolment.credits,
        )


class EnrolmentPage(Frozen):
    """Some cohorts that you are or were in, and the cursor that leads on."""

    items: list[EnrolmentView]
    next_cursor: str | None = None


class CreditView(Frozen):
    """Credit that was granted, for the educators. Of a student who has withdrawn, that it was, and no more."""

    credential_id: Id
    state: CredentialState
    student: Person | None = Field(description="Null once they have withdrawn, or were erased.")
    credit: Credits | None = Field(description="Null where the student was erased, with what was granted.")
    hours: int | None
    briefs: int | None
    rules: RulesView | None = Field(description="As they were when it was granted.")
    granted_at: Instant
    revoked_at: Instant | None

    @classmethod
    def of(cls, credential: Credential, student: Person | None) -> Self:
        credit = credential.credit
        return cls(
            credential_id=credential.credential_id,
            state=credential.state,
            student=student,
            credit=Credits.of(credit.hundredths) if credit else None,
            hours=credit.hours if credit else None,
            briefs=credit.briefs if credit else None,
            rules=RulesView.of(credit.rules if credit else None),
            granted_at=credential.issued_at,
            revoked_at=credential.revoked_at,
        )


class CreditPage(Frozen):
    """Some of a cohort's credit, the newest first, and the cursor that leads on."""

    items: list[CreditView]
    next_cursor: str | None = None


class CreditRow(Frozen):
    """Credit as a row of a spreadsheet."""

    credential_id: Id
    state: CredentialState
    student_id: Id | None
    name: Line | None
    credits: str | None
    hours: int | None
    briefs: int | None
    rules_version: int | None
    granted_at: Instant
    revoked_at: Instant | None

    @classmethod
    def of(cls, view: CreditView) -> Self:
        return cls(
            **view.model_dump(include={"credential_id", "state", "hours", "briefs", "granted_at", "revoked_at"}),
            student_id=view.student.account_id if view.student else None,
            name=view.student.name if view.student else None,
            credits=view.credit.written if view.credit else None,
            rules_version=view.rules.version if view.rules else None,
        )

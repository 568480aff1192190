"""Briefs as callers see them, with applications, submissions and reviews."""

from datetime import date
from typing import Self

from pydantic import Field

from microintern.app.views.parts import Amount, Deadline, Person
from microintern.domain.accounts import Profile
from microintern.domain.base import Frozen, Id, Instant
from microintern.domain.brief import Brief, Decision
from microintern.domain.documents import (
    Application,
    ApplicationStatus,
    Review,
    Statement,
    Submission,
)
from microintern.domain.fit import Experience, Fit
from microintern.domain.organisations import Organisation
from microintern.domain.pay_floors import PayFloor, lowest_pay_minor, staleness
from microintern.domain.payout_matrix import Outcome, Split
from microintern.domain.posting import Criterion, Deliverable, FieldOfWork, Posting, Skill, Zone
from microintern.domain.states import State
from microintern.domain.text import Line, Link, LongText


class Employer(Frozen):
    """The organisation that posted a brief. Its name is shown where one brief is read."""

    organisation_id: Id
    name: Line | None = None
    website: Link | None = None

    @classmethod
    def of(cls, organisation_id: str, organisation: Organisation | None) -> Self:
        if organisation is None:
            return cls(organisation_id=organisation_id)
        return cls.model_validate(organisation.model_dump(include=set(cls.model_fields)))


class Progress(Frozen):
    """Where a brief stands, for its parties."""

    version: int
    escrow: Amount
    fee: Amount
    collecting: bool
    student_id: Id | None
    rounds_used: int
    submissions: int
    decision: Decision | None = Field(description="How a dispute ends when its deadline passes; it can be reopened.")
    outcome: Outcome | None
    split: Split | None
    settled_at: Instant | None


class BriefView(Frozen):
    """A brief. `deadline` and `progress` are for its parties and operators, `my_application` for those who applied.

    `fit` is for the student alone who searches, or reads it while it is open.
    """

    brief_id: Id
    state: State
    title: Line
    goals: LongText
    field: FieldOfWork
    skills: list[Skill]
    deliverables: list[Deliverable]
    hours: int
    pay: Amount
    place_of_work: str
    zone: Zone
    applications_close: Deadline
    submission_due: Deadline
    rubric: list[Criterion]
    revision_rounds: int
    blind: bool
    confidential: bool = Field(description="Whether its agreement has the clause on confidentiality.")
    first_timer_places: int = Field(description="Kept at the top for applicants who have completed no brief.")
    posted_at: Instant
    employer: Employer
    deadline: Deadline | None = None
    progress: Progress | None = None
    my_application: ApplicationStatus | None = None
    fit: Fit | None = None


class BriefPage(Frozen):
    """Some briefs, and the cursor that leads on."""

    items: list[BriefView]
    next_cursor: str | None = None


def brief_view(
    brief: Brief,
    posting: Posting,
    *,
    party: bool,
    employer: Organisation | None = None,
    application: Application | None = None,
    fit: Fit | None = None,
) -> BriefView:
    """A brief as somebody sees who is, or is not, a party to it."""
    closes = Deadline.of(State.OPEN, brief.applications_close_at, None, brief.zone)
    due = Deadline.of(State.AWARDED, brief.submission_due(party=party), None, brief.zone)
    assert closes is not None
    assert due is not None
    content = posting.model_dump(include=set(BriefView.model_fields) - {"pay"})
    return BriefView(
        **content,
        brief_id=brief.brief_id,
        state=brief.state,
        pay=Amount.of(brief.pay_minor, brief.currency),
        zone=brief.zone,
        applications_close=closes,
        submission_due=due,
        posted_at=brief.posted_at,
        employer=Employer.of(brief.employer_id, employer),
        deadline=Deadline.of(brief.state, brief.due_at, brief.lapse_at, brief.zone) if party else None,
        progress=_progress(brief) if party else None,
        my_application=application.status(brief) if application else None,
        fit=fit,
    )


def _progress(brief: Brief) -> Progress:
    shown = brief.model_dump(include=set(Progress.model_fields))
    escrow = Amount.of(brief.escrow_minor, brief.currency)
    decision = brief.dispute.decision if brief.dispute and brief.outcome is None else None
    return Progress(**shown, escrow=escrow, fee=Amount.of(brief.fee_minor, brief.currency), decision=decision)


class ApplicationView(Frozen):
    """An application. Who made it stays hidden on a blind brief until it is awarded; so do links, which would tell."""

    application_id: Id
    status: ApplicationStatus
    alias: str = Field(examples=["Applicant K7QD"])
    applicant: Person | None = None
    statement: LongText
    links: list[Link]
    applied_at: Instant
    first_timer: bool | None = Field(
        default=None, description="Whether they have completed no brief yet; said where places are kept for such."
    )
    place_kept: bool = Field(default=False, description="Whether this stands at the top because a place was kept.")


class ApplicationPage(Frozen):
    """Some applications, and the cursor that leads on; those whose places were kept for first-timers come first."""

    items: list[ApplicationView]
    next_cursor: str | None = None


def own_application_view(application: Application) -> ApplicationView:
    """An application as the student sees it who just made or withdrew it."""
    withdrawn = application.withdrawn_at is not None
    status = ApplicationStatus.WITHDRAWN if withdrawn else ApplicationStatus.APPLIED
    return _application_view(application, status, Person.of(application.student_id, None), shown=True)


def application_view(
    application: Application,
    brief: Brief,
    profile: Profile | None,
    experience: Experience | None = None,
    *,
    place_kept: bool = False,
) -> ApplicationView:
    """An application as the employer sees it."""
    status = application.status(brief)
    shown = not brief.blind or status is ApplicationStatus.AWARDED
    view = _application_view(application, status, Person.of(application.student_id, profile), shown=shown)
    first_timer = experience.first_timer if experience else None
    return view.model_copy(update={"first_timer": first_timer, "place_kept": place_kept})


def _application_view(
    application: Application, status: ApplicationStatus, applicant: Person, *, shown: bool
) -> ApplicationView:
    return ApplicationView(
        application_id=application.application_id,
        status=status,
        alias=f"Applicant {application.application_id[:4].upper()}",
        applicant=applicant if shown else None,
        statement=application.statement,
        links=application.links if shown else [],
        applied_at=application.applied_at,
    )


class SubmissionPage(Frozen):
    """Some submissions, the first one first, and the cursor that leads on."""

    items: list[Submission]
    next_cursor: str | None = None


class ReviewPage(Frozen):
    """Some reviews, each under the number of its submission, and the cursor that leads on."""

    items: list[Review]
    next_cursor: str | None = None


class StatementPage(Frozen):
    """What was said in a dispute, and the cursor that leads on."""

    items: list[Statement]
    next_cursor: str | None = None


class FloorView(Frozen):
    """The least that work in a place may pay, where the rate is from, and what it comes to for a number of hours."""

    jurisdiction: str
    place: str
    rate: Amount
    effective_from: date
    applies_to: str
    source: str
    checked_on: date
    hours: int
    lowest_pay: Amount
    warning: str | None = Field(description="Says so when the rate was checked too long ago to be relied on.")

    @classmethod
    def of(cls, floor: PayFloor, hours: int, today: date) -> Self:
        shown = floor.model_dump(include=set(cls.model_fields))
        return cls(
            **shown,
            rate=Amount.of(floor.rate_minor, floor.currency),
            hours=hours,
            lowest_pay=Amount.of(lowest_pay_minor(floor, hours), floor.currency),
            warning=staleness(floor, today),
        )

"""Cohorts of an institution: what their students consent to, what is seen of them, and what puts them at risk."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from microintern.domain.base import Day, Frozen, Id, Instant, iso
from microintern.domain.brief import Brief
from microintern.domain.credentials import APPROVALS
from microintern.domain.credits import CreditRules
from microintern.domain.payout_matrix import Outcome
from microintern.domain.policy import Policy
from microintern.domain.states import State
from microintern.domain.text import Line, Paragraph
from microintern.domain.trail import Entry, Event, step

MOST_BRIEFS = 30
"""Of one student, in one cohort; with more, those due last are seen."""
MOST_EMPLOYERS = 100
MOST_DAYS = 366
"""Of a cohort's period."""
LAST_YEAR = 2999
"""That a cohort can be in: far from the end of the calendar, where its days could not be counted."""
MOST_CREDITS = 10
"""That are granted to one student in one cohort, those that were revoked included."""
UNDER_WAY = frozenset({State.AWARDED, State.SUBMITTED, State.CHANGES_REQUESTED, State.DISPUTED})


class Terms(Frozen):
    """What a student of a cohort consents to. Whatever would show more, or something else, is a new version."""

    version: Annotated[int, Field(ge=1)] = 1
    starts_on: Day
    ends_on: Day
    """Briefs are seen whose work is due from the one day to the other, in UTC."""
    scores: bool = False
    seen_until: Instant
    """From then on nothing is seen, whether or not consent was withdrawn."""

    def follows(self, before: "Terms") -> "Terms":
        """The same terms, with the version that they have after these."""
        same = self.model_dump(exclude={"version"}) == before.model_dump(exclude={"version"})
        return self.model_copy(update={"version": before.version + (not same)})

    def narrowed(self, to: "Terms") -> "Terms":
        """What may be seen under both: nobody is shown more than was consented to, nor more than is asked for."""
        return self.model_copy(
            update={
                "starts_on": max(self.starts_on, to.starts_on),
                "ends_on": min(self.ends_on, to.ends_on),
                "scores": self.scores and to.scores,
                "seen_until": min(self.seen_until, to.seen_until),
            }
        )

    def has(self, due_at: datetime) -> bool:
        """Whether a brief with this deadline is among those that are seen."""
        return self.starts_on <= due_at.astimezone(UTC).date() <= self.ends_on

    def elapsed(self, now: datetime) -> float:
        """How much of the period is over, from 0 to 1."""
        begins = datetime.combine(self.starts_on, time(), UTC)
        ends = datetime.combine(self.ends_on, time(), UTC) + timedelta(days=1)
        return min(1.0, max(0.0, (now - begins) / (ends - begins)))

    @property
    def covers(self) -> list[str]:
        """What is seen, in words."""
        period = f"from {self.starts_on} to {self.ends_on}"
        return [
            "Your name, as your profile has it.",
            f"The briefs that you were awarded and whose work is due {period}: title, organisation, hours, state, "
            "deadlines, how they ended, and what puts them at risk.",
            *(["The score of each of them that was approved."] if self.scores else []),
            "The credit that is granted to you for them.",
        ]


NOT_COVERED = (
    "Applications that were not awarded, all other briefs, what you write and upload, feedback, pay, and your e-mail "
    "address."
)
AFTER_WITHDRAWAL = (
    "You can withdraw at any time. From that moment nothing of you is seen here, and the cohort does not list you any "
    "more. Credit that was granted stays yours; the institution keeps that it was granted, without your name."
)


def seen_until(ends_on: Day, policy: Policy) -> datetime:
    """How long what a cohort sees can be seen: some time after its last day, to grant credit in."""
    ends = datetime.combine(ends_on, time(), UTC) + timedelta(days=1)
    return ends + timedelta(seconds=policy.cohort_seen_s)


class Cohort(Frozen):
    """Students whom an institution follows together."""

    cohort_id: Id
    organisation_id: Id
    """The institution's."""
    name: Line
    about: Paragraph | None = None
    terms: Terms
    rules: CreditRules | None = None
    """None where no credit is granted."""
    employers: list[Id] | None = None
    """The organisations whose briefs count for credit; None for all."""
    hours_wanted: int | None = None
    code_hash: str | None = None
    """Of the code that students join by; the code itself is not kept."""
    code_expires_at: Instant | None = None
    made_at: Instant
    made_by: Id
    body: str
    """Fingerprint of the request that made it, so that a reused idempotency key is noticed."""
    students: Annotated[int, Field(ge=0)] = 0
    """Who consents now; they come and go without a version."""
    version: Annotated[int, Field(ge=1)] = 1
    event: Event | None = None
    done: list[str] = []

    @property
    def entry(self) -> Entry | None:
        """The step that led here."""
        return step(self.organisation_id, f"cohort#{self.cohort_id}", self.version, self.event)


class Enrolment(Frozen):
    """A student's consent, given or withdrawn. It lies with the student; the cohort has nothing but a pointer to it."""

    student_id: Id
    cohort_id: Id
    organisation_id: Id
    terms: Terms
    """As they were consented to."""
    consented_at: Instant
    withdrawn_at: Instant | None = None
    credits: list[Id] = []
    """The credentials of the credit that was granted, the latest last."""
    version: Annotated[int, Field(ge=1)] = 1
    event: Event | None = None
    done: list[str] = []

    @property
    def entry(self) -> Entry | None:
        """The step that led here."""
        return step(self.student_id, f"enrolment#{self.cohort_id}", self.version, self.event)

    def is_seen(self, terms: Terms, now: datetime) -> bool:
        """Whether anything of the student may be seen in a cohort with these terms."""
        return self.withdrawn_at is None and now < min(self.terms.seen_until, terms.seen_until)


class NotCounted(StrEnum):
    """Why a brief is no credit, or not yet."""

    NOT_APPROVED = "not_approved"
    EMPLOYER_NOT_LISTED = "employer_not_listed"
    NOT_SCORED = "not_scored"
    SCORE_TOO_LOW = "score_too_low"


class Risk(StrEnum):
    """What puts a student at risk."""

    DUE_SOON = "due_soon"
    REVISION_DUE_SOON = "revision_due_soon"
    DISPUTED = "disputed"
    NOT_SUBMITTED = "not_submitted"
    NO_BRIEF = "no_brief"
    BEHIND = "behind"


class AtRisk(Frozen):
    """One reason why a student is at risk."""

    risk: Risk
    brief_id: Id | None = None
    why: str


class BriefProgress(Frozen):
    """How far a student is with a brief, as a cohort may see it."""

    brief_id: Id
    employer_id: Id
    state: State
    hours: int
    due_at: Instant | None
    """The next deadline, while there is one; `zone` is the employer's."""
    submission_due_at: Instant
    zone: str
    submissions: int
    outcome: Outcome | None
    score_percent: int | None = None
    not_counted: NotCounted | None = None

    @property
    def under_way(self) -> bool:
        """Whether the student or the employer still has something to do."""
        return self.state in UNDER_WAY

    @property
    def approved(self) -> bool:
        """Whether the work was approved, by silence too."""
        return self.outcome in APPROVALS


class Progress(Frozen):
    """How far a student of a cohort is. Hours are those that the briefs were posted with."""

    student_id: Id
    briefs: list[BriefProgress]
    at_risk: list[AtRisk]
    hundredths: int | None = None
    """The credit that the rules give for it now; None where there are none, or they need more than is consented to."""

    @property
    def hours_under_way(self) -> int:
        """Of briefs that go on."""
        return sum(brief.hours for brief in self.briefs if brief.under_way)

    @property
    def hours_approved(self) -> int:
        """Of briefs whose work was approved."""
        return sum(brief.hours for brief in self.briefs if brief.approved)

    @property
    def counted(self) -> list[BriefProgress]:
        """The briefs that are credit."""
        return [brief for brief in self.briefs if brief.not_counted is None]


def brief_progress(brief: Brief, score_percent: int | None, terms: Terms, cohort: Cohort) -> BriefProgress:
    """What of a brief may be seen under these terms, and whether it is credit by the cohort's rules."""
    shown = brief.model_dump(include=set(BriefProgress.model_fields))
    score = score_percent if terms.scores else None
    return BriefProgress.model_validate(
        {**shown, "score_percent": score, "not_counted": _not_counted(brief, score_percent, cohort)}
    )


def _not_counted(brief: Brief, score_percent: int | None, cohort: Cohort) -> NotCounted | None:
    least = cohort.rules.least_score_percent if cohort.rules else None
    if brief.outcome not in APPROVALS:
        return NotCounted.NOT_APPROVED
    if cohort.employers is not None and brief.employer_id not in cohort.employers:
        return NotCounted.EMPLOYER_NOT_LISTED
    if least is None:
        return None
    if score_percent is None:
        return NotCounted.NOT_SCORED
    return NotCounted.SCORE_TOO_LOW if score_percent < least else None


def progress_of(
    student_id: str, briefs: Sequence[BriefProgress], terms: Terms, cohort: Cohort, now: datetime, policy: Policy
) -> Progress:
    """All of a student that is seen under these terms, the briefs that are due first at the top."""
    ordered = sorted(briefs, key=lambda brief: (brief.submission_due_at, brief.brief_id))
    progress = Progress(student_id=student_id, briefs=ordered, at_risk=[])
    risks = [*_risks_of_briefs(ordered, now, policy), *_risks_of_hours(progress, terms, cohort, now)]
    news: dict[str, object] = {"at_risk": risks}
    rules = cohort.rules
    if rules and (terms.scores or rules.least_score_percent is None):
        news["hundredths"] = rules.hundredths(sum(brief.hours for brief in progress.counted))
    return progress.model_copy(update=news)


def _risks_of_briefs(briefs: Iterable[BriefProgress], now: datetime, policy: Policy) -> Iterable[AtRisk]:
    soon = now + timedelta(seconds=policy.at_risk_before_s)
    for brief in briefs:
        near = brief.due_at is not None and brief.due_at <= soon
        if brief.state is State.AWARDED and near:
            why = f"Nothing was handed in, and the work is due at {iso(brief.due_at or now)}."
            yield AtRisk(risk=Risk.DUE_SOON, brief_id=brief.brief_id, why=why)
        elif brief.state is State.CHANGES_REQUESTED and near:
            why = f"Changes were asked for, and are due at {iso(brief.due_at or now)}."
            yield AtRisk(risk=Risk.REVISION_DUE_SOON, brief_id=brief.brief_id, why=why)
        elif brief.state is State.DISPUTED:
            yield AtRisk(risk=Risk.DISPUTED, brief_id=brief.brief_id, why="Student and employer are in a dispute.")
        elif brief.outcome is Outcome.NOT_SUBMITTED:
            yield AtRisk(risk=Risk.NOT_SUBMITTED, brief_id=brief.brief_id, why="The deadline passed with no work.")


def _risks_of_hours(progress: Progress, terms: Terms, cohort: Cohort, now: datetime) -> Iterable[AtRisk]:
    elapsed = terms.elapsed(now)
    has = progress.hours_approved + progress.hours_under_way
    if cohort.hours_wanted is not None:
        wanted = int(cohort.hours_wanted * elapsed)
        if has < wanted:
            why = f"Briefs approved and under way come to {has} hours; by now it should be {wanted}."
            yield AtRisk(risk=Risk.BEHIND, why=why)
    elif has == 0 and elapsed > 1 / 2:
        yield AtRisk(risk=Risk.NO_BRIEF, why="More than half of the time is over, with no brief approved or under way.")


class Totals(Frozen):
    """What all students of a cohort, who consent now, come to."""

    students: int = 0
    students_at_risk: int = 0
    briefs_under_way: int = 0
    briefs_approved: int = 0
    briefs_not_submitted: int = 0
    briefs_ended_otherwise: int = 0
    hours_under_way: int = 0
    hours_approved: int = 0
    hundredths: int = 0
    """Of credit, as far as the rules give any now."""

    def plus(self, progress: Progress) -> "Totals":
        """With one student more."""
        missed = sum(brief.outcome is Outcome.NOT_SUBMITTED for brief in progress.briefs)
        under_way = sum(brief.under_way for brief in progress.briefs)
        approved = sum(brief.approved for brief in progress.briefs)
        return Totals(
            students=self.students + 1,
            students_at_risk=self.students_at_risk + bool(progress.at_risk),
            briefs_under_way=self.briefs_under_way + under_way,
            briefs_approved=self.briefs_approved + approved,
            briefs_not_submitted=self.briefs_not_submitted + missed,
            briefs_ended_otherwise=self.briefs_ended_otherwise + len(progress.briefs) - missed - under_way - approved,
            hours_under_way=self.hours_under_way + progress.hours_under_way,
            hours_approved=self.hours_approved + progress.hours_approved,
            hundredths=self.hundredths + (progress.hundredths or 0),
        )

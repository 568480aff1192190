"""Candidates, comparisons and offers as callers see them."""

from typing import Self

from pydantic import Field

from microintern.app.views.parts import Amount, Deadline, Person
from microintern.domain.accounts import Profile
from microintern.domain.base import Day, Frozen, Id, Instant
from microintern.domain.posting import Name
from microintern.domain.states import State
from microintern.domain.talent import Candidate, Hire, Offer, OfferStatus, Result, Stage
from microintern.domain.text import Line, Paragraph
from microintern.ports.briefs import Snapshot


class NoteView(Frozen):
    """What a member noted."""

    by: Person
    at: Instant
    text: Paragraph


class CandidateView(Frozen):
    """A candidate, for the members of the organisation that keeps them."""

    student: Person
    stage: Stage
    stage_since: Instant
    notes: list[NoteView]
    results: list[Result] = Field(description="What the candidate reached on briefs of yours that were paid.")
    score_percent: int | None = Field(description="The mean of the scores on your briefs; null when none was scored.")
    offered: list[Id] = Field(description="The briefs that you offered; each has its offer.")
    hire: Hire | None
    kept_until: Instant = Field(description="Forgotten then, unless you have to do with the candidate again.")

    @classmethod
    def of(cls, candidate: Candidate, profiles: dict[str, Profile]) -> Self:
        shown = candidate.model_dump(include=set(cls.model_fields) - {"notes"})
        notes = [NoteView(by=Person.of(n.by, profiles.get(n.by)), at=n.at, text=n.text) for n in candidate.notes]
        student = Person.of(candidate.student_id, profiles.get(candidate.student_id))
        return cls(**shown, student=student, notes=notes, score_percent=candidate.score_percent)


class CandidatePage(Frozen):
    """Some candidates, and the cursor that leads on."""

    items: list[CandidateView]
    next_cursor: str | None = None


class CandidateRow(Frozen):
    """A candidate as a row of a spreadsheet."""

    student_id: Id
    name: Line | None
    stage: Stage
    stage_since: Instant
    briefs_done: int
    score_percent: int | None
    briefs_offered: int
    latest_note: Paragraph | None
    hired_as: str | None
    starts_on: Day | None

    @classmethod
    def of(cls, candidate: CandidateView) -> Self:
        hire = candidate.hire
        return cls(
            student_id=candidate.student.account_id,
            name=candidate.student.name,
            stage=candidate.stage,
            stage_since=candidate.stage_since,
            briefs_done=len(candidate.results),
            score_percent=candidate.score_percent,
            briefs_offered=len(candidate.offered),
            latest_note=candidate.notes[-1].text if candidate.notes else None,
            hired_as=hire.kind if hire else None,
            starts_on=hire.starts_on if hire else None,
        )


class Compared(Frozen):
    """One column of a comparison."""

    label: str = Field(examples=["Ada Byron", "Applicant K7QD"])
    student: Person | None = Field(description="Null for who applied to a blind brief.")
    application_id: Id | None = None
    stage: Stage | None = Field(default=None, description="Null for who is no candidate of yours, or is hidden.")
    briefs_done: int = Field(description="Briefs of yours that this student did.")
    score_percent: int | None
    percent_of: dict[Name, int | None] = Field(
        description="By criterion: the mean of what was reached on criteria of this name in briefs of yours; or null."
    )


class Comparison(Frozen):
    """Candidates side by side on the same criteria."""

    criteria: list[Name]
    compared: list[Compared]
    next_cursor: str | None = None


class OfferView(Frozen):
    """An offer, for the student who has it and the organisation that made it."""

    brief_id: Id
    organisation_id: Id
    student_id: Id
    status: OfferStatus
    message: Paragraph
    offered_at: Instant
    title: Line
    state: State
    pay: Amount
    hours: int
    accept_by: Deadline | None = Field(description="When the brief takes no applications any more.")
    submission_due: Deadline | None

    @classmethod
    def of(cls, offer: Offer, snapshot: Snapshot) -> Self:
        brief, posting = snapshot.brief, snapshot.posting
        due_at = brief.submission_due(party=brief.student_id == offer.student_id)
        shown = offer.model_dump(include={"brief_id", "organisation_id", "student_id", "message", "offered_at"})
        return cls(
            **shown,
            status=offer.status(brief),
            title=posting.title,
            state=brief.state,
            pay=Amount.of(brief.pay_minor, brief.currency),
            hours=brief.hours,
            accept_by=Deadline.of(State.OPEN, brief.applications_close_at, None, brief.zone),
            submission_due=Deadline.of(State.AWARDED, due_at, None, brief.zone),
        )


class OfferPage(Frozen):
    """Some offers, and the cursor that leads on."""

    items: list[OfferView]
    next_cursor: str | None = None


class KeptNote(Frozen):
    """A note about somebody, for them: what it says, not who wrote it."""

    at: Instant
    text: Paragraph


class KeptAsCandidate(Frozen):
    """What an organisation keeps of somebody, for them to have."""

    organisation_id: Id
    stage: Stage
    stage_since: Instant
    notes: list[KeptNote]
    results: list[Result]
    hire: Hire | None
    kept_until: Instant

    @classmethod
    def of(cls, candidate: Candidate) -> Self:
        shown = candidate.model_dump(include=set(cls.model_fields) - {"notes"})
        return cls(**shown, notes=[KeptNote(at=note.at, text=note.text) for note in candidate.notes])

"""The credential that an approved brief, or credit for several, leaves its student: what it says and shows."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from microintern.domain.base import Frozen, Id, Instant, derived_id
from microintern.domain.brief import Brief, Command
from microintern.domain.credits import Credit
from microintern.domain.documents import Review, Score
from microintern.domain.payout_matrix import Outcome
from microintern.domain.posting import Criterion, FieldOfWork, Posting, Skill
from microintern.domain.states import Role
from microintern.domain.status_lists import Place
from microintern.domain.text import Line, LongText, Paragraph
from microintern.domain.trail import Entry, Event, Fact, step

CREDENTIAL = "credential"
"""What it is called in its own trail."""

APPROVALS = frozenset({Outcome.APPROVED, Outcome.APPROVED_BY_SILENCE})
"""The only ends of a brief that leave a credential: nothing can take them back."""


class CredentialState(StrEnum):
    """How a credential stands."""

    ISSUED = "issued"
    REVOKED = "revoked"
    ERASED = "erased"


class Choices(Frozen):
    """What the student shows, and to whom. Nobody else sees anything of a credential that is not public."""

    public: bool = False
    show_name: bool = False
    show_employer: bool = True
    show_scores: bool = True


class Work(Frozen):
    """What was done, and how it was judged: all that a credential is made of."""

    title: Line
    goals: LongText
    field: FieldOfWork
    skills: list[Skill]
    hours: int
    rubric: list[Criterion]
    employer_name: Line
    approved_at: Instant
    by_silence: bool
    """Nobody objected in time. There are no scores then."""
    scores: dict[str, str] = {}
    """The level that was reached, by criterion; why, stays between the two sides."""
    score_percent: int | None = None

    @classmethod
    def of(cls, brief: Brief, posting: Posting, review: Review | None, employer_name: str, at: datetime) -> "Work":
        """What an approved brief comes to."""
        scored = review if review and review.decision == "approve" else None
        scores: list[Score] = scored.scores if scored else []
        taken = posting.model_dump(include={"title", "goals", "field", "skills", "hours", "rubric"})
        return cls.model_validate(
            {
                **taken,
                "employer_name": employer_name,
                "approved_at": at,
                "by_silence": brief.outcome is Outcome.APPROVED_BY_SILENCE,
                "scores": {score.criterion: score.level for score in scores},
                "score_percent": scored.score_percent if scored else None,
            }
        )


class Credential(Frozen):
    """A credential, with what it was signed as last. Of one that was erased, only its place is left."""

    credential_id: Id
    brief_id: Id | None = None
    cohort_id: Id | None = None
    """One or the other: it is of a brief, or of the credit that a cohort was granted."""
    student_id: Id | None = None
    state: CredentialState = CredentialState.ISSUED
    place: Place
    choices: Choices = Choices()
    work: Work | None = None
    credit: Credit | None = None
    signed: str | None = None
    """The signed document, word for word."""
    issued_at: Instant
    reason: Paragraph | None = None
    """Why it was revoked, in the operator's words for the student."""
    revoked_at: Instant | None = None
    version: Annotated[int, Field(ge=1)] = 1
    event: Event
    done: list[str] = []

    @property
    def entry(self) -> Entry:
        """The step that led here."""
        found = step(self.credential_id, CREDENTIAL, self.version, self.event)
        assert found is not None
        return found

    @property
    def title(self) -> str:
        """What it is called; nothing of one that was erased."""
        return self.work.title if self.work else self.credit.cohort_name if self.credit else ""

    @property
    def is_public(self) -> bool:
        """Whether anybody may see it."""
        return self.choices.public and self.state is not CredentialState.ERASED

    def shown(self, choices: Choices, signed: str, by: Command, at: datetime) -> "Credential":
        """The next version, which shows what the student chose."""
        event = by.did("credential.shown", at, self.entry, {"public": int(choices.public)})
        return self._next(event, choices=choices, signed=signed)

    def revoked(self, reason: str, by: Command, at: datetime) -> "Credential":
        """The next version, which counts no longer."""
        event = by.did("credential.revoked", at, self.entry)
        return self._next(event, state=CredentialState.REVOKED, reason=reason, revoked_at=at)

    def erased(self, at: datetime) -> "Credential":
        """The next version, of which nothing is left but that its place is taken and revoked."""
        event = Event(type="credential.revoked", at=at, role=Role.SERVER, trigger="erasure", previous=self.entry.hash)
        gone: dict[str, object] = dict.fromkeys(("student_id", "work", "credit", "signed", "reason"))
        return self._next(event, state=CredentialState.ERASED, revoked_at=self.revoked_at or at, done=[], **gone)

    def _next(self, event: Event, **changes: object) -> "Credential":
        return self.model_copy(update={"version": self.version + 1, "event": event, **changes})


def credential_id_of(brief_id: str) -> str:
    """One brief, one credential, however often it is asked for."""
    return derived_id(CREDENTIAL, brief_id)


def issued(brief: Brief, work: Work, place: Place, signed: str, at: datetime) -> Credential:
    """A credential as it begins: seen by nobody but its student, without a name."""
    assert brief.student_id
    assert brief.outcome
    return Credential(
        credential_id=credential_id_of(brief.brief_id),
        brief_id=brief.brief_id,
        student_id=brief.student_id,
        place=place,
        work=work,
        signed=signed,
        issued_at=at,
        event=Event(
            type="credential.issued",
            at=at,
            role=Role.SERVER,
            trigger="approval",
            facts={"brief_id": brief.brief_id, "outcome": brief.outcome.value},
        ),
    )


def granted(
    credential_id: str, student_id: str, credit: Credit, place: Place, signed: str, by: Command, at: datetime
) -> Credential:
    """The credential of credit as it begins: seen by its student, and by the institution while they consent."""
    facts: dict[str, Fact] = {"cohort_id": credit.cohort_id, "hundredths": credit.hundredths}
    return Credential(
        credential_id=credential_id,
        cohort_id=credit.cohort_id,
        student_id=student_id,
        place=place,
        credit=credit,
        signed=signed,
        issued_at=at,
        event=by.did("credential.issued", at, None, facts),
    )

"""What belongs to a brief: its content, applications, files, submissions, reviews, statements, timeline."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from microintern.domain.agreements import Agreed
from microintern.domain.base import Frozen, Id, Instant, derived_id
from microintern.domain.brief import Brief
from microintern.domain.parts import PartPlan
from microintern.domain.posting import Criterion, MediaType, Name, Posting, distinct
from microintern.domain.problems import Invalid
from microintern.domain.states import Role, State
from microintern.domain.text import Line, Link, LongText, Paragraph
from microintern.domain.trail import Entry, Event, step

Sha256 = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9+/]{43}=$"),
    Field(
        description="SHA-256 of the content in base64, as S3 checks it.",
        examples=["n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="],
    ),
]


class Document(Frozen):
    """Something kept under a brief, at its own key."""

    kind: ClassVar[str]

    @property
    def key(self) -> str:
        """Its sort key under the brief."""
        raise NotImplementedError


class Content(Document):
    """The posting, as it was posted."""

    kind: ClassVar[str] = "content"
    key_of: ClassVar[str] = "content"
    posting: Posting

    @property
    def key(self) -> str:
        return self.key_of


class ApplicationStatus(StrEnum):
    """Where an application stands."""

    APPLIED = "applied"
    WITHDRAWN = "withdrawn"
    AWARDED = "awarded"
    NOT_SELECTED = "not_selected"


class Application(Document):
    """A student asks to do the brief."""

    kind: ClassVar[str] = "application"
    application_id: Id
    brief_id: Id
    student_id: Id
    employer_id: Id
    statement: LongText
    links: list[Link] = []
    applied_at: Instant
    awarded_at: Instant | None = None
    """Written in the award's transaction, so that of an award and a withdrawal which race only one can be."""
    awarded_by: Id | None = None
    """Who awarded it, or the student themselves by accepting an offer. What comes later leaves both as they are."""
    withdrawn_at: Instant | None = None
    agreed: Agreed
    """The contract that the student accepted by applying; the employer accepts the same by awarding."""
    version: int = 1
    event: Event
    done: dict[str, str] = {}
    """Key fingerprint to body fingerprint of the commands that made and changed it."""

    @property
    def key(self) -> str:
        return self.key_of(self.application_id)

    @property
    def entry(self) -> Entry:
        """The step that led here."""
        return Entry(scope=self.brief_id, subject=self.key, version=self.version, event=self.event).sealed()

    @property
    def came_of_offer(self) -> bool:
        """Whether it was awarded by the student's acceptance of an offer: then that was their last word."""
        return self.awarded_by == self.student_id

    @property
    def student_accepted_at(self) -> datetime:
        """When the student accepted what was agreed."""
        return self.awarded_at if self.awarded_at and self.came_of_offer else self.applied_at

    @staticmethod
    def id_of(brief_id: str, student_id: str) -> str:
        """The id of a student's application for a brief: there is at most one."""
        return derived_id("application", brief_id, student_id)

    @classmethod
    def key_for(cls, brief_id: str, student_id: str) -> str:
        """The key of a student's application for a brief."""
        return cls.key_of(cls.id_of(brief_id, student_id))

    @staticmethod
    def key_of(application_id: str) -> str:
        """The key of an application."""
        return f"application#{application_id}"

    def status(self, brief: Brief) -> ApplicationStatus:
        """Derived from the brief, so that an award is one write however many applied."""
        if self.withdrawn_at is not None:
            return ApplicationStatus.WITHDRAWN
        if brief.application_id == self.application_id:
            return ApplicationStatus.AWARDED
        if brief.state in (State.POSTED, State.OPEN):
            return ApplicationStatus.APPLIED
        return ApplicationStatus.NOT_SELECTED


class Purpose(StrEnum):
    """Why a file is on a brief."""

    MATERIAL = "material"
    DELIVERABLE = "deliverable"
    RETURN = "return"


class FileStatus(StrEnum):
    """Whether S3 has reported the file, and whether it was what had been announced."""

    EXPECTED = "expected"
    RECEIVED = "received"
    REFUSED = "refused"
    EXPIRED = "expired"
    """It never came. Who wants to send it after all announces another."""
    REMOVED = "removed"
    """It was kept for as long as files are."""


class ScanStatus(StrEnum):
    """What the scanner says of the received version."""

    PENDING = "pending"
    CLEAN = "clean"
    INFECTED = "infected"
    ERROR = "error"


class Refusal(Frozen):
    """Why a file that was received is not accepted."""

    code: str = Field(examples=["type_differs"])
    reason: str = Field(description="For people: what was wrong, and what would be right.")


class Verdict(Frozen):
    """What the scanner said of one version of a file."""

    version_id: str
    scan: ScanStatus
    at: Instant


class StoredFile(Document):
    """A file as agreed before its upload (size and SHA-256 are pinned then) and as it was received and scanned."""

    kind: ClassVar[str] = "file"
    file_id: Id
    brief_id: Id
    uploaded_by: Id
    role: Role
    purpose: Purpose
    deliverable: Name | None = None
    submission_number: int | None = None
    """Which submission a return goes back with; the review of it has the same number."""
    name: Line
    media_type: MediaType
    size_bytes: int
    sha256: Sha256
    status: FileStatus = FileStatus.EXPECTED
    asked_at: Instant
    received_at: Instant | None = None
    version_id: str | None = None
    """The object version that this file is, whatever else lies at its key."""
    refusal: Refusal | None = None
    scan: ScanStatus | None = None
    scanned_at: Instant | None = None
    rescans: int = 0
    """How often the scan was asked for once more, or the object looked for."""
    early: Verdict | None = None
    """A verdict that came before the receipt."""
    settle_by: Instant | None = None
    """When the sweeper sees to it; None once nothing is awaited any more."""
    upload_id: str | None = None
    """S3's name for an upload in parts."""
    part_bytes: int | None = None
    """The size of the parts of such an upload; a file without it is sent as a whole."""
    body: str
    """Fingerprint of the request that asked for it, so that a reused idempotency key is noticed."""
    version: int = 1
    """Of this record; each change of it replaces the version before."""
    event: Event | None = None
    """That it was announced, or its parts completed; the rest is the server's doing and stands in it itself."""
    steps: int = 1
    """How often somebody did something with it."""

    @property
    def key(self) -> str:
        return self.key_of(self.file_id)

    @property
    def entry(self) -> Entry | None:
        """What somebody did with it last."""
        return step(self.brief_id, self.key, self.steps, self.event)

    @property
    def is_completed(self) -> bool:
        """Whether its parts are to be made a file."""
        return self.steps > 1

    @property
    def plan(self) -> PartPlan | None:
        """How the file is cut into parts, if it is."""
        return PartPlan(size_bytes=self.size_bytes, part_bytes=self.part_bytes) if self.part_bytes else None

    @staticmethod
    def key_of(file_id: str) -> str:
        """The key of a file."""
        return f"file#{file_id}"


class SubmittedFile(Frozen):
    """One file of a submission, pinned to the object version that was received."""

    deliverable: Name
    file_id: Id
    name: Line
    media_type: MediaType
    size_bytes: int
    sha256: Sha256
    version_id: str
    received_at: Instant


class Submission(Document):
    """A numbered set of files, never changed; `received_at` is when the last of its files arrived."""

    kind: ClassVar[str] = "submission"
    number: Annotated[int, Field(ge=1)]
    files: list[SubmittedFile]
    note: Paragraph | None = None
    submitted_at: Instant
    received_at: Instant

    @property
    def key(self) -> str:
        return self.key_of(self.number)

    @staticmethod
    def key_of(number: int) -> str:
        """The key of a submission."""
        return f"submission#{number:04d}"


class Score(Frozen):
    """The level that the work reached on one criterion, and why."""

    criterion: Name
    level: Line
    feedback: Paragraph


class ChangePoint(Frozen):
    """One change asked for, and the criterion that it rests on."""

    criterion: Name
    request: Paragraph


class Review(Document):
    """What the employer decided about one submission."""

    kind: ClassVar[str] = "review"
    number: Annotated[int, Field(ge=1)]
    decision: Literal["approve", "request_changes"]
    scores: list[Score] = []
    points: list[ChangePoint] = []
    feedback: LongText
    score_percent: int | None = None
    reviewed_at: Instant

    @property
    def key(self) -> str:
        return self.key_of(self.number)

    @staticmethod
    def key_of(number: int) -> str:
        """The key of the review of a submission."""
        return f"review#{number:04d}"


class Statement(Document):
    """What one side of a dispute says, or what the operator decided, in writing."""

    kind: ClassVar[str] = "statement"
    version: int
    """The brief's version that it led to: an operator may write several."""
    role: Role
    reason: LongText
    file_ids: list[Id] = []
    at: Instant

    @property
    def key(self) -> str:
        return f"statement#{self.version:06d}"


class Scores(Frozen):
    """A complete set of scores; checks itself against a rubric."""

    scores: Annotated[list[Score], Field(min_length=1, max_length=10)]

    @model_validator(mode="after")
    def _once_each(self) -> Self:
        distinct((score.criterion for score in self.scores), "criterion")
        return self


def rubric_score_percent(posting: Posting, scores: list[Score]) -> int:
    """The weighted score from 0 to 100, rounded down; Invalid unless each criterion has one score at a level it has."""
    given = {score.criterion: score for score in scores}
    missing = [c.name for c in posting.rubric if c.name not in given]
    unknown = [name for name in given if posting.criterion(name) is None]
    if missing or unknown:
        detail = f"Score each criterion of the rubric once; missing: {missing or 'none'}, unknown: {unknown or 'none'}."
        raise Invalid.field("scores_do_not_match_rubric", "/scores", detail)
    hundredths = sum(_points(c, given[c.name]) for c in posting.rubric)
    return hundredths // 100


def _points(criterion: Criterion, score: Score) -> int:
    """The criterion's part of the score, in hundredths of a percent."""
    level = next((level for level in criterion.levels if level.label == score.level), None)
    if level is None:
        labels = ", ".join(level.label for level in criterion.levels)
        raise Invalid.field("unknown_level", "/scores", f"{criterion.name} has the levels {labels}; not {score.level}.")
    best = max(level.points for level in criterion.levels)
    return 100 * criterion.weight * level.points // best

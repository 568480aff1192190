"""A student's page of completed briefs: private until they share a link, and brief by brief what they chose.

Of a brief, only what its student chose to show is kept for the page, so nothing else can be shown by mistake. What is
the employer's to give, its words and the files, also takes its consent, which is looked at whenever the page is.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, NamedTuple

from pydantic import Field, StringConstraints, field_validator

from microintern.domain.base import Frozen, Id, Instant
from microintern.domain.brief import Brief
from microintern.domain.documents import FileStatus, Review, ScanStatus, Sha256, StoredFile
from microintern.domain.growth import Done
from microintern.domain.payout_matrix import Outcome
from microintern.domain.posting import FieldOfWork, MediaType, Posting, Skill, distinct
from microintern.domain.text import Line, LongText, Paragraph
from microintern.domain.trail import Entry, Event, step

PORTFOLIO, SHOWN, CONSENT = "portfolio", "shown#", "consent#"
"""What they are called in the trail of the student's account; of a brief, its id comes after."""
MOST_FILES = 20
"""Of one brief on the page."""
MOST_SHOWN = 50
"""Briefs on one page, the newest first."""
MOST_LINKS = 20
"""Of one account, ever: a handle that somebody had is nobody else's afterwards, so nobody may have many."""

Handle = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9](-?[a-z0-9]){4,23}$", max_length=24),
    Field(description="5 to 24 lower-case letters and digits, with single hyphens between.", examples=["amara-okafor"]),
]
"""What a student can choose to be found by; one that nobody can guess is longer."""


def hashed(handle: str) -> str:
    """What a handle is kept as: it may be a name, and stays taken when the account is erased."""
    return hashlib.sha256(handle.encode()).hexdigest()


class Portfolio(Frozen):
    """The page as a whole. Without a handle, nobody but its student sees any of it."""

    account_id: Id
    about: Paragraph | None = None
    name: Line | None = None
    """As the profile said when the student chose to show it."""
    show_growth: bool = False
    handle: str | None = None
    taken: list[str] = []
    """The hashes of all handles that the account has and had."""
    version: Annotated[int, Field(ge=0)] = 0
    event: Event | None = None
    done: list[str] = []

    @property
    def key(self) -> str:
        """Its sort key under the account."""
        return PORTFOLIO

    @property
    def entry(self) -> Entry | None:
        """The step that led here."""
        return step(self.account_id, self.key, self.version, self.event)


class PageChoices(Frozen):
    """What is shown of a completed brief."""

    public: bool = Field(default=False, description="Whether it is on the page at all.")
    show_employer: bool = True
    show_scores: bool = True
    show_quote: bool = Field(default=True, description="What the employer let be quoted, as long as it does.")
    file_ids: Annotated[list[Id], Field(max_length=MOST_FILES)] = Field(
        default=[],
        description="Files of the accepted submission. They are shown as long as the employer consents, and as long as "
        "they are kept: for a year after the brief was settled.",
    )

    @field_validator("file_ids")
    @classmethod
    def _once_each(cls, file_ids: list[str]) -> list[str]:
        distinct(file_ids, "file")
        return file_ids


class ShownFile(Frozen):
    """A file of accepted work, pinned to the version that was handed in."""

    file_id: Id
    name: Line
    media_type: MediaType
    size_bytes: int
    sha256: Sha256
    version_id: str

    def is_still(self, file: StoredFile | None) -> bool:
        """Whether the file's record still says that this version was received and is clean."""
        return (
            file is not None
            and (file.status, file.scan) == (FileStatus.RECEIVED, ScanStatus.CLEAN)
            and file.version_id == self.version_id
        )


class Facts(Frozen):
    """What is shown of a brief, as its student chose; what they did not choose is not in it."""

    title: Line
    goals: LongText
    field: FieldOfWork
    skills: list[Skill]
    hours: int
    accepted_at: Instant
    by_silence: bool
    """Nobody objected in time. There are no scores then."""
    employer_name: Line | None = None
    score_percent: int | None = None
    scores: dict[str, str] = {}
    """The level that was reached, by criterion; why, stays between the two sides."""
    files: list[ShownFile] = []


class Shown(Frozen):
    """What a student chose to show of a brief; `facts` are there as long as it is on the page."""

    account_id: Id
    brief_id: Id
    choices: PageChoices = PageChoices()
    facts: Facts | None = None
    version: Annotated[int, Field(ge=0)] = 0
    event: Event | None = None
    done: list[str] = []

    @property
    def key(self) -> str:
        """Its sort key under the account."""
        return f"{SHOWN}{self.brief_id}"

    @property
    def entry(self) -> Entry | None:
        """The step that led here."""
        return step(self.account_id, self.key, self.version, self.event)


class Consent(Frozen):
    """What an employer lets the student of a brief show; it holds until it is changed. Without one, nothing."""

    account_id: Id
    """The student whose page it is for."""
    brief_id: Id
    employer_id: Id
    files: bool
    quote: Paragraph | None = None
    """Words of the employer's, written to be shown."""
    decided_at: Instant
    version: Annotated[int, Field(ge=0)] = 0
    event: Event | None = None
    done: list[str] = []

    @property
    def key(self) -> str:
        """Its sort key under the account."""
        return f"{CONSENT}{self.brief_id}"

    @property
    def entry(self) -> Entry | None:
        """The step that led here."""
        return step(self.account_id, self.key, self.version, self.event)


class Kept(NamedTuple):
    """All that is kept for one page; choices and consents by the brief's id."""

    portfolio: Portfolio
    shown: Mapping[str, Shown] = {}
    consents: Mapping[str, Consent] = {}


class Quote(Frozen):
    """What the employer says of the work."""

    text: Paragraph
    by: Line | None = None
    """Whose words they are, where the employer is named."""


class Exhibit(Frozen):
    """One brief as it stands on the page."""

    brief_id: Id
    facts: Facts
    quote: Quote | None = None

    @property
    def done(self) -> Done:
        """What it counts for."""
        named = self.facts.model_dump(include={"field", "skills", "hours", "score_percent"})
        return Done(at=self.facts.accepted_at, **named)


def exhibits(kept: Kept) -> list[Exhibit]:
    """What is on the page: what the student chose, and of what is the employer's only what it consents to now."""
    chosen = [_exhibit(shown, kept.consents.get(brief_id)) for brief_id, shown in kept.shown.items()]
    found = [exhibit for exhibit in chosen if exhibit]
    return sorted(found, key=lambda e: (e.facts.accepted_at, e.brief_id), reverse=True)[:MOST_SHOWN]


def _exhibit(shown: Shown, consent: Consent | None) -> Exhibit | None:
    if shown.facts is None or not shown.choices.public:
        return None
    files = shown.facts.files if consent and consent.files else []
    quote = None
    if shown.choices.show_quote and consent and consent.quote:
        quote = Quote(text=consent.quote, by=shown.facts.employer_name)
    return Exhibit(brief_id=shown.brief_id, facts=shown.facts.model_copy(update={"files": files}), quote=quote)


def accepted_at(brief: Brief, review: Review | None) -> datetime:
    """When the work was accepted: by the review, else when the window closed or the dispute was decided."""
    if review and review.decision == "approve":
        return review.reviewed_at
    return brief.settled_at or brief.event.at


def facts_of(
    brief: Brief,
    posting: Posting,
    review: Review | None,
    employer_name: str,
    choices: PageChoices,
    files: Iterable[ShownFile],
) -> Facts | None:
    """What is kept of a completed brief for the page; None when it is not on it."""
    if not choices.public:
        return None
    scored = review if review and review.decision == "approve" and choices.show_scores else None
    asked = posting.model_dump(include={"title", "goals", "field", "skills", "hours"})
    return Facts(
        **asked,
        accepted_at=accepted_at(brief, review),
        by_silence=brief.outcome is Outcome.APPROVED_BY_SILENCE,
        employer_name=employer_name if choices.show_employer else None,
        score_percent=scored.score_percent if scored else None,
        scores={score.criterion: score.level for score in scored.scores} if scored else {},
        files=list(files),
    )

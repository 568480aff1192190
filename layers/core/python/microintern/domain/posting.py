"""What an employer posts: the paid task in full. Fixed once posted, so that its scope cannot creep."""

from collections.abc import Hashable, Iterable
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Annotated, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, StringConstraints, field_validator, model_validator

from microintern.domain.base import Frozen, Instant
from microintern.domain.media_types import accepted
from microintern.domain.money import Money
from microintern.domain.parts import MEBIBYTE
from microintern.domain.policy import Policy
from microintern.domain.problems import Invalid
from microintern.domain.text import Line, LongText, Paragraph

PLACE = r"^[A-Z]{2}(-[A-Z0-9]{1,3}){0,2}$"
"""An ISO 3166 country, then its subdivision, then a city: the codes of the pay floors."""
MOST_BYTES_PER_FILE = 5 * 1_024 * MEBIBYTE
WEIGHTS_TOTAL = 100

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$"), Field(examples=["cleaned-table"])]
"""A short handle that other requests cite: lower-case letters, digits and hyphens."""

Skill = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9+#.-]{0,29}$"), Field(examples=["data-cleaning"])]

MediaType = Annotated[
    str, StringConstraints(pattern=r"^[a-z]+/[a-z0-9][a-z0-9.+-]{0,80}$"), Field(examples=["application/pdf"])
]


FileMediaType = Annotated[MediaType, AfterValidator(accepted)]
"""One whose content can be told when a file comes."""


class FieldOfWork(StrEnum):
    """The field of work a brief belongs to."""

    DATA = "data"
    DESIGN = "design"
    EDUCATION = "education"
    ENGINEERING = "engineering"
    FINANCE = "finance"
    MARKETING = "marketing"
    OPERATIONS = "operations"
    RESEARCH = "research"
    WRITING = "writing"
    OTHER = "other"


def distinct(values: Iterable[Hashable], what: str) -> None:
    """Raise ValueError naming the first value that stands twice."""
    seen: set[Hashable] = set()
    for value in values:
        if value in seen:
            raise ValueError(f"the {what} {value} stands twice; each must be there once")
        seen.add(value)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _zone(name: str) -> str:
    if name not in _zones():
        raise ValueError(f"{name} is not an IANA time zone; write a name such as America/New_York")
    return name


Zone = Annotated[str, AfterValidator(_zone), Field(examples=["America/New_York"])]


class Deliverable(Frozen):
    """One thing that the brief asks for."""

    name: Name
    description: Paragraph
    media_types: Annotated[list[FileMediaType], Field(min_length=1, max_length=10)]
    most_bytes: Annotated[int, Field(strict=True, gt=0, le=MOST_BYTES_PER_FILE)]
    required: bool = True


class Level(Frozen):
    """One step of a criterion: what work at this level looks like, and its points."""

    label: Line
    description: Paragraph
    points: Annotated[int, Field(strict=True, ge=0, le=100)]


class Criterion(Frozen):
    """One thing that the work is judged by; `weight` is its share in percent."""

    name: Name
    description: Paragraph
    weight: Annotated[int, Field(strict=True, gt=0, le=WEIGHTS_TOTAL)]
    levels: Annotated[list[Level], Field(min_length=2, max_length=6)]

    @model_validator(mode="after")
    def _levels_differ(self) -> Self:
        distinct((level.label for level in self.levels), "level")
        distinct((level.points for level in self.levels), "number of points")
        return self


class Timeline(Frozen):
    """When applications close and the work is due: instants, with the zone in which the employer reads them."""

    zone: Zone
    applications_close_at: Instant
    submission_due_at: Instant

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.submission_due_at <= self.applications_close_at:
            raise ValueError("submission_due_at must be later than applications_close_at")
        return self


class Posting(Frozen):
    """The content of a brief."""

    title: Line
    goals: LongText
    field: FieldOfWork
    skills: Annotated[list[Skill], Field(min_length=1, max_length=8)]
    deliverables: Annotated[list[Deliverable], Field(min_length=1, max_length=10)]
    hours: Annotated[
        int, Field(strict=True, ge=5, le=40, description="Estimated hours; a micro-internship has 5 to 40.")
    ]
    pay: Money
    place_of_work: Annotated[str, StringConstraints(pattern=PLACE), Field(examples=["US-NY-NYC"])]
    timeline: Timeline
    rubric: Annotated[list[Criterion], Field(min_length=1, max_length=10)]
    revision_rounds: Annotated[int, Field(strict=True, ge=0, le=5)] = 1
    blind: Annotated[bool, Field(strict=True, description="Hide who applied until the award.")] = False
    confidential: Annotated[
        bool, Field(strict=True, description="Whether the agreement has the clause on confidentiality.")
    ] = False
    first_timer_places: Annotated[
        int,
        Field(
            strict=True,
            ge=0,
            le=5,
            description="Places at the top of the list of applicants for students who have completed no brief.",
        ),
    ] = 0

    # Checked field by field, so that a refusal names the field.
    @field_validator("skills")
    @classmethod
    def _skills_differ(cls, skills: list[str]) -> list[str]:
        distinct(skills, "skill")
        return skills

    @field_validator("deliverables")
    @classmethod
    def _deliverables_differ(cls, deliverables: list[Deliverable]) -> list[Deliverable]:
        distinct((deliverable.name for deliverable in deliverables), "deliverable")
        return deliverables

    @field_validator("rubric")
    @classmethod
    def _weights_add_up(cls, rubric: list[Criterion]) -> list[Criterion]:
        distinct((criterion.name for criterion in rubric), "criterion")
        total = sum(criterion.weight for criterion in rubric)
        if total != WEIGHTS_TOTAL:
            raise ValueError(f"the weights of the rubric add up to {total}; they must add up to {WEIGHTS_TOTAL}")
        return rubric

    def deliverable(self, name: str) -> Deliverable | None:
        """The deliverable of this name."""
        return next((d for d in self.deliverables if d.name == name), None)

    def criterion(self, name: str) -> Criterion | None:
        """The criterion of this name."""
        return next((c for c in self.rubric if c.name == name), None)


def check_timeline(timeline: Timeline, now: datetime, policy: Policy) -> None:
    """Raise Invalid unless the deadlines lie ahead and not too far."""
    if timeline.applications_close_at <= now:
        detail = "applications_close_at has passed; choose an instant in the future."
        raise Invalid.field("deadline_in_the_past", "/timeline/applications_close_at", detail)
    if (timeline.submission_due_at - now).total_seconds() > policy.longest_brief_s:
        days = policy.longest_brief_s // 86_400
        detail = f"The work must be due within {days} days; a micro-internship is short."
        raise Invalid.field("deadline_too_far", "/timeline/submission_due_at", detail)


def check_rounds(revision_rounds: int, policy: Policy) -> None:
    """Raise Invalid when more rounds of revision are allowed than may be."""
    if revision_rounds > policy.most_revision_rounds:
        detail = f"At most {policy.most_revision_rounds} rounds of revision can be asked for."
        raise Invalid.field("too_many_rounds", "/revision_rounds", detail)


def local(at: datetime, zone: str) -> str:
    """The instant as a clock in the zone shows it, with its offset."""
    return at.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")

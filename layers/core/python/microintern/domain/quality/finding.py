"""What the check of a posting says, and what all its rules go by."""

from collections.abc import Iterator
from enum import StrEnum

from pydantic import Field

from microintern.domain.base import Frozen
from microintern.domain.posting import Posting


class Severity(StrEnum):
    """How much it matters."""

    REFUSED = "refused"
    """Posting it would be refused."""
    WARNING = "warning"
    """Likely to end in a dispute, or in nobody applying."""
    HINT = "hint"
    """Worth a second look."""


class Remark(Frozen):
    """One thing to do better."""

    code: str = Field(examples=["no_audience"])
    field: str = Field(description="A JSON pointer into the posting.", examples=["/goals"])
    severity: Severity
    wrong: str = Field(description="What is wrong, for people.")
    right: str = Field(description="What would be right, for people.")


def texts_of(posting: Posting) -> Iterator[tuple[str, str]]:
    """Everything that the employer wrote in sentences, each with the JSON pointer to it."""
    yield "/title", posting.title
    yield "/goals", posting.goals
    for i, deliverable in enumerate(posting.deliverables):
        yield f"/deliverables/{i}/description", deliverable.description
    for i, criterion in enumerate(posting.rubric):
        yield f"/rubric/{i}/description", criterion.description
        for j, level in enumerate(criterion.levels):
            yield f"/rubric/{i}/levels/{j}/description", level.description

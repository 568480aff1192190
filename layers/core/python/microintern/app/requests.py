"""The bodies of commands. Unknown fields are refused; the domain's models are used where they say it already."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator

from microintern.domain.base import Frozen, Id
from microintern.domain.documents import ChangePoint, Purpose, Scores, Sha256
from microintern.domain.payout_matrix import Split
from microintern.domain.posting import MOST_BYTES_PER_FILE, MediaType, Name, distinct
from microintern.domain.text import Line, Link, LongText, Paragraph

ProviderToken = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{3,63}$")]
"""What the payment provider calls a card or an account; it holds the details, this platform never sees them."""


class FundingRequest(Frozen):
    """Have the escrow collected."""

    payment_method: ProviderToken = Field(examples=["sandbox-card"])


class ApplicationRequest(Frozen):
    """Ask to do a brief."""

    statement: LongText
    links: Annotated[list[Link], Field(max_length=5)] = []


class AwardRequest(Frozen):
    """Pick one application."""

    application_id: Id


class UploadRequest(Frozen):
    """Announce a file: exactly this one can then be uploaded."""

    purpose: Purpose
    deliverable: Name | None = Field(default=None, description="Which deliverable the file is for, if it is one.")
    name: Line
    media_type: MediaType
    size_bytes: Annotated[int, Field(strict=True, gt=0, le=MOST_BYTES_PER_FILE)]
    sha256: Sha256


class HandedIn(Frozen):
    """One file of a submission."""

    deliverable: Name
    file_id: Id


class SubmissionRequest(Frozen):
    """Hand in files that were received."""

    files: Annotated[list[HandedIn], Field(min_length=1, max_length=20)]
    note: Paragraph | None = None

    @field_validator("files")
    @classmethod
    def _once_each(cls, files: list[HandedIn]) -> list[HandedIn]:
        distinct((file.file_id for file in files), "file")
        return files


class ApprovalRequest(Scores):
    """Accept a submission, with a score and feedback on each criterion."""

    submission_number: Annotated[int, Field(strict=True, ge=1)]
    feedback: LongText


class ChangeRequest(Frozen):
    """Ask for a revision of a submission; each point rests on a criterion of the rubric."""

    submission_number: Annotated[int, Field(strict=True, ge=1)]
    points: Annotated[list[ChangePoint], Field(min_length=1, max_length=20)]
    feedback: LongText


class DisputeRequest(Frozen):
    """Open a dispute, or answer one; the evidence is files that are on the brief already."""

    reason: LongText
    file_ids: Annotated[list[Id], Field(max_length=20)] = []


class ResolutionRequest(Frozen):
    """Decide a dispute."""

    split: Split
    reason: LongText


class ProfileRequest(Frozen):
    """What others may know of you."""

    name: Line
    organisation: Line | None = Field(default=None, description="The organisation an employer acts for.")
    about: Paragraph | None = None


class PayoutAccountRequest(Frozen):
    """Where the payment provider sends your money."""

    destination: ProviderToken = Field(examples=["sandbox-account"])


AssignableRole = Literal["student", "employer", "educator", "operator"]


class RoleRequest(Frozen):
    """Give an account a role."""

    role: AssignableRole

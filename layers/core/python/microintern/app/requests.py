"""The bodies of commands. Unknown fields are refused; the domain's models are used where they say it already."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from microintern.domain.accounts import ProviderToken
from microintern.domain.base import Frozen, Id, Instant
from microintern.domain.documents import ChangePoint, Purpose, Scores, Sha256
from microintern.domain.feedback import MOST_SUGGESTIONS, Rating, Suggestion
from microintern.domain.money import Currency
from microintern.domain.organisations import MemberRole
from microintern.domain.parts import MOST_PARTS
from microintern.domain.payout_matrix import Split
from microintern.domain.portfolio import Handle, PageChoices
from microintern.domain.posting import MOST_BYTES_PER_FILE, FieldOfWork, FileMediaType, Name, Skill, distinct
from microintern.domain.talent import Hire, Stage
from microintern.domain.text import FileName, Line, Link, LongText, Paragraph
from microintern.domain.webhooks import Subscribed, WebhookUrl


class FundingRequest(Frozen):
    """Have the escrow collected."""

    payment_method: ProviderToken = Field(examples=["sandbox-card"])


class ApplicationRequest(Frozen):
    """Ask to do a brief."""

    statement: LongText
    links: Annotated[list[Link], Field(max_length=5)] = []


class QuestionRequest(Frozen):
    """Ask on an open brief, or answer."""

    text: Paragraph = Field(
        description=(
            "Plain text that everybody signed in can read while the brief is open. E-mail addresses and phone numbers "
            "are refused, and links of students."
        )
    )
    answers: Annotated[int, Field(strict=True, ge=1, le=999_999)] | None = Field(
        default=None, description="For the employer: the number of the question that this answers."
    )


class MessageRequest(Frozen):
    """Write to the other side."""

    text: Paragraph = Field(description="Plain text that only the two sides can read, and operators in a dispute.")


class MentorRequest(Frozen):
    """Name the contact of a brief."""

    account_id: Id = Field(description="A member of your organisation; whoever is awarded the brief sees their name.")


class AwardRequest(Frozen):
    """Pick one application."""

    application_id: Id


class UploadRequest(Frozen):
    """Announce a file: exactly this one can then be uploaded."""

    purpose: Purpose
    deliverable: Name | None = Field(default=None, description="Which deliverable the file is for, if it is one.")
    name: FileName
    media_type: FileMediaType
    size_bytes: Annotated[int, Field(strict=True, gt=0, le=MOST_BYTES_PER_FILE)]
    sha256: Sha256


class PartSum(Frozen):
    """A part of a file that is about to be sent."""

    number: Annotated[int, Field(strict=True, ge=1, le=MOST_PARTS)]
    sha256: Sha256


class PartsRequest(Frozen):
    """Ask for links to send parts of a large file by."""

    parts: Annotated[list[PartSum], Field(min_length=1, max_length=100)]

    @field_validator("parts")
    @classmethod
    def _once_each(cls, parts: list[PartSum]) -> list[PartSum]:
        distinct((part.number for part in parts), "part")
        return parts


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


class Shares(Frozen):
    """How to divide an escrow, in any proportion: 1, 1 and 0 are halves for student and employer."""

    student: Annotated[int, Field(strict=True, ge=0, le=10_000)]
    employer: Annotated[int, Field(strict=True, ge=0, le=10_000)]
    fee: Annotated[int, Field(strict=True, ge=0, le=10_000)] = 0


class ResolutionRequest(Frozen):
    """Decide a dispute: by amounts that add up to the escrow, or by shares of it."""

    split: Split | None = Field(default=None, description="To the minor unit; must add up to the escrow.")
    shares: Shares | None = Field(default=None, description="In proportion; what can't be divided goes by remainder.")
    reason: LongText

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.split is None) == (self.shares is None):
            raise ValueError("say how to divide the escrow either by `split` or by `shares`")
        if self.shares is not None and not any(self.shares.model_dump().values()):
            raise ValueError("shares of nothing divide nothing; give at least one of them a weight")
        return self


class ReopeningRequest(Frozen):
    """Take a decision back."""

    reason: LongText


class FeedbackRequest(Frozen):
    """What your side says of the other, now that the brief has ended."""

    ratings: Annotated[dict[Name, Rating], Field(max_length=10)] = Field(
        description="Each of what your side is asked, from 1 (not at all) to 5 (very); reading it gives the questions."
    )
    text: LongText = Field(description="For the other side and operators, once both are in or the window is over.")
    suggestions: Annotated[list[Suggestion], Field(max_length=MOST_SUGGESTIONS)] = Field(
        default=[], description="Each about a criterion of the brief's rubric; seen by whom the text is."
    )


class ProfileRequest(Frozen):
    """What others may know of you."""

    name: Line
    about: Paragraph | None = None


class StrengthsRequest(Frozen):
    """What you can do and have time for. Nobody else sees it; your fit for briefs rests on it."""

    skills: Annotated[list[Skill], Field(max_length=30)] = []
    hours_per_week: Annotated[int, Field(strict=True, ge=0, le=60, description="Free for briefs.")] | None = None

    @field_validator("skills")
    @classmethod
    def _skills_differ(cls, skills: list[str]) -> list[str]:
        distinct(skills, "skill")
        return skills


class SearchRequest(Frozen):
    """A search to keep: everything that is named must hold, and a text, a skill or a field must be named."""

    name: Line = Field(description="What you call it; notices say it. Nobody else sees it.")
    text: Line | None = Field(default=None, description="Words that all stand in the brief, whatever their endings.")
    field: FieldOfWork | None = None
    skill: Skill | None = None
    currency: Currency | None = None
    pay_at_least_minor: Annotated[int, Field(strict=True, ge=0, le=10**12)] | None = None
    hours_at_least: Annotated[int, Field(strict=True, ge=1, le=40)] | None = None
    hours_at_most: Annotated[int, Field(strict=True, ge=1, le=40)] | None = None
    for_first_timers: Annotated[bool, Field(strict=True)] = False

    @model_validator(mode="after")
    def _narrow(self) -> Self:
        if not (self.text or self.skill or self.field):
            raise ValueError("name a text, a skill or a field: nobody wants to be told of every brief")
        return self


class ErasureRequest(Frozen):
    """Have your account forgotten."""

    account_id: Id = Field(description="Your own, so that this does not happen by mistake.")


class OrganisationRequest(Frozen):
    """Found an organisation."""

    name: Line
    website: Link | None = None
    about: Paragraph | None = None


class OrganisationDecisionRequest(Frozen):
    """What an operator decides about an organisation."""

    state: Literal["approved", "rejected", "suspended"]
    reason: Paragraph = Field(description="Shown to the organisation's members.")


class InvitationRequest(Frozen):
    """Invite somebody to an organisation."""

    role: MemberRole = MemberRole.MEMBER


class AcceptanceRequest(Frozen):
    """Join an organisation."""

    code: Annotated[
        str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}\.[A-Za-z0-9_-]{8,64}\.[A-Za-z0-9_-]{20,64}$")
    ] = Field(description="The code of an invitation, as it was given out.")


class MemberRequest(Frozen):
    """Give a member another role."""

    role: MemberRole


class VisibilityRequest(Frozen):
    """Say who may see a credential and what it says. While it is not public, nobody but you sees any of it."""

    public: Annotated[bool, Field(strict=True, description="Whether anybody who has its address may see it.")]
    show_name: Annotated[
        bool,
        Field(strict=True, description="Whether it names you, as your profile does now; else it holds only a hash."),
    ]
    show_employer: Annotated[bool, Field(strict=True, description="Whether it names the organisation.")]
    show_scores: Annotated[bool, Field(strict=True, description="Whether it says which levels you reached.")]


class RevocationRequest(Frozen):
    """Revoke a credential, for good."""

    reason: Paragraph = Field(description="Shown to the student, and to nobody else.")


class WebhookRequest(Frozen):
    """Have an organisation's events sent somewhere."""

    url: WebhookUrl = Field(
        description="Where to, by https and a host's full name.", examples=["https://hooks.example.com/microintern"]
    )
    event_types: Annotated[list[Subscribed], Field(min_length=1, max_length=50)] = Field(
        description="Of which types; those of briefs, applications and files."
    )

    @field_validator("event_types")
    @classmethod
    def _once_each(cls, event_types: list[Subscribed]) -> list[Subscribed]:
        distinct(event_types, "type of event")
        return event_types


class WebhookChangeRequest(WebhookRequest):
    """Say anew where to and which, and whether at all."""

    state: Literal["enabled", "disabled"] = Field(
        description="While it is disabled, what happens is kept, to be sent on demand."
    )


class ReplayRequest(Frozen):
    """Have everything sent again that happened since an instant."""

    since: Instant = Field(description="Within the last 30 days. The oldest 500 are sent; ask again for more.")


class PayoutAccountRequest(Frozen):
    """Where the payment provider sends your money."""

    destination: ProviderToken = Field(examples=["sandbox-account"])


class StandingRequest(Frozen):
    """Suspend an account or reinstate it."""

    state: Literal["active", "suspended"]
    reason: Paragraph = Field(description="Shown to the person.")


AssignableRole = Literal["student", "employer", "educator", "operator"]


class RoleRequest(Frozen):
    """Give an account a role."""

    role: AssignableRole


class CandidateRequest(Frozen):
    """Where an organisation stands with a candidate."""

    stage: Stage
    note: Paragraph | None = Field(default=None, description="Added to the notes; seen by the organisation's members.")
    hire: Hire | None = Field(default=None, description="As what, when the stage is `hired`; not otherwise.")
    brief_id: Id | None = Field(
        default=None, description="For a new candidate: the brief of yours that the student applied to."
    )


class PortfolioRequest(Frozen):
    """What stands on your page besides the briefs."""

    about: Paragraph | None = None
    show_name: bool = Field(default=False, description="Your name as your profile has it now.")
    show_growth: bool = Field(
        default=False, description="Briefs, hours and scores by quarter, of the briefs that are on the page only."
    )


class LinkRequest(Frozen):
    """Share your page under a link."""

    handle: Handle | None = Field(default=None, description="None for one that nobody can guess.")


class ShownRequest(PageChoices):
    """What is shown of a completed brief."""


class ConsentRequest(Frozen):
    """What the student of a brief may show on their page."""

    files: bool = Field(description="Whether files of the accepted work may be shown to anybody.")
    quote: Paragraph | None = Field(
        default=None,
        description="Words of yours that may be shown to anybody. E-mail addresses and phone numbers are refused.",
    )


class OfferRequest(Frozen):
    """Offer a candidate an open brief."""

    brief_id: Id
    message: Paragraph


class OfferAcceptance(Frozen):
    """Accept an offered brief: it is awarded to you."""

    statement: LongText | None = Field(default=None, description="What you would have said in an application.")

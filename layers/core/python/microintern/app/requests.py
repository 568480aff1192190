"""The bodies of commands. Unknown fields are refused; the domain's models are used where they say it already."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from microintern.domain.accounts import ProviderToken
from microintern.domain.agreements import HexDigest
from microintern.domain.base import Day, Frozen, Id, Instant
from microintern.domain.check_ins import Going
from microintern.domain.cohorts import LAST_YEAR, MOST_DAYS, MOST_EMPLOYERS
from microintern.domain.documents import ChangePoint, Purpose, Scores, Sha256
from microintern.domain.feedback import MOST_SUGGESTIONS, Rating, Suggestion
from microintern.domain.mailing import Cadence, Hour, NoticeKind
from microintern.domain.money import Currency, Money
from microintern.domain.organisations import MemberRole
from microintern.domain.parts import MOST_PARTS
from microintern.domain.payout_matrix import Split
from microintern.domain.portfolio import Handle, PageChoices
from microintern.domain.posting import MOST_BYTES_PER_FILE, FieldOfWork, FileMediaType, Name, Skill, Zone, distinct
from microintern.domain.talent import Hire, Stage
from microintern.domain.text import FileName, Line, Link, LongText, MailingAddress, Paragraph
from microintern.domain.webhooks import Subscribed, WebhookUrl

ContractHash = Annotated[
    HexDigest | None,
    Field(
        description=(
            "Of the contract that you read (`GET /briefs/{brief_id}/contract`); refused when it is another one. With "
            "it or without, this accepts the contract of the brief for the case of an award."
        )
    ),
]


class FundingRequest(Frozen):
    """Have the escrow collected."""

    payment_method: ProviderToken = Field(examples=["sandbox-card"])


class ApplicationRequest(Frozen):
    """Ask to do a brief."""

    statement: LongText
    links: Annotated[list[Link], Field(max_length=5)] = []
    contract_sha256: ContractHash = None


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
    contract_sha256: ContractHash = None


class AmendmentRequest(Frozen):
    """Propose a change of what was agreed."""

    reason: Paragraph = Field(description="Why; the other side reads it.")
    scope: Paragraph | None = Field(default=None, description="What of the work changes, in words.")
    submission_due_at: Instant | None = Field(default=None, description="When the work is to be due instead.")
    pay: Money | None = Field(default=None, description="Always refused: the pay was held before the award.")

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.scope is None and self.submission_due_at is None and self.pay is None:
            raise ValueError("propose another scope or another deadline: say `scope`, `submission_due_at`, or both")
        return self


class CheckInRequest(Frozen):
    """Say how the work is going."""

    going: Going
    note: Line | None = Field(default=None, description="In a line: what blocks you, or what you need.")


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
    school: Line | None = Field(
        default=None,
        description="Where you study: counted in reports as one of so many schools, and shown to nobody.",
    )
    mailing_address: MailingAddress | None = Field(
        default=None, description="For your agreements: seen there by the other side, and by nobody anywhere else."
    )


class StrengthsRequest(Frozen):
    """What you can do and have time for. Nobody else sees it; your fit for briefs rests on it."""

    skills: Annotated[list[Skill], Field(max_length=30)] = []
    hours_per_week: Annotated[int, Field(strict=True, ge=0, le=60, description="Free for briefs.")] | None = None

    @field_validator("skills")
    @classmethod
    def _skills_differ(cls, skills: list[str]) -> list[str]:
        distinct(skills, "skill")
        return skills


class NoticeSettingsRequest(Frozen):
    """What you want by e-mail, and when. Nobody else sees it; your inbox (`GET /me/notices`) has everything anyhow."""

    email: dict[NoticeKind, Cadence] = Field(
        default={},
        description=(
            "By kind of notice. A kind that is not named goes by its default. `money` and `security` cannot be `never`."
        ),
        examples=[{"searches": "never", "applications": "at_once"}],
    )
    zone: Zone = "UTC"
    digest_hour: Hour = Field(default=8, description="When what comes `daily` is sent, on the clocks of your zone.")
    lift_hold: bool = Field(
        default=False, description="Send to your address again, after it was put on hold (see `GET /me`)."
    )


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


class AddressRequest(Frozen):
    """Where an organisation gets its mail."""

    mailing_address: MailingAddress = Field(
        description="For agreements: seen by members, operators, and students who have one with the organisation."
    )


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


class CreditRulesRequest(Frozen):
    """What an hour of approved work is worth."""

    hours_per_credit: Annotated[int, Field(strict=True, ge=1, le=100)] = Field(
        description="Hours of approved briefs for one credit; parts of a credit are counted, in hundredths."
    )
    least_score_percent: Annotated[int, Field(strict=True, ge=0, le=100)] | None = Field(
        default=None, description="Only briefs that were scored so well count; needs the students' consent to `scores`."
    )
    most_credits: Annotated[int, Field(strict=True, ge=1, le=60)] | None = Field(default=None, description="The cap.")


class CohortRequest(Frozen):
    """A cohort, as its educators want it."""

    name: Line
    about: Paragraph | None = None
    starts_on: Day = Field(description="Briefs are seen whose work is due from this day on.")
    ends_on: Day = Field(description="Until this day. Nothing is seen any more from 90 days after it.")
    scores: Annotated[bool, Field(strict=True)] = Field(
        default=False, description="Whether students are asked to have the scores of their approved briefs seen."
    )
    rules: CreditRulesRequest | None = Field(default=None, description="Null where no credit is granted.")
    employers: Annotated[list[Id], Field(min_length=1, max_length=MOST_EMPLOYERS)] | None = Field(
        default=None, description="The approved organisations whose briefs count for credit; null for all."
    )
    hours_wanted: Annotated[int, Field(strict=True, ge=1, le=1_000)] | None = Field(
        default=None, description="Hours of briefs by the end; whoever is behind is at risk."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.ends_on.year > LAST_YEAR:
            raise ValueError(f"ends_on is in the year {LAST_YEAR} at the latest")
        if not 0 <= (self.ends_on - self.starts_on).days <= MOST_DAYS:
            raise ValueError(f"ends_on is on starts_on or later, by {MOST_DAYS} days at most")
        if self.rules and self.rules.least_score_percent is not None and not self.scores:
            raise ValueError("rules with a least_score_percent need scores: students must have agreed to show them")
        distinct(self.employers or [], "organisation")
        return self


CohortCode = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}\.[A-Za-z0-9_-]{8,64}\.[A-Za-z0-9_-]{20,64}$")
]


class CohortCodeRequest(Frozen):
    """Look at a cohort before joining it."""

    code: CohortCode = Field(description="As the educators gave it out.")


class JoinRequest(CohortCodeRequest):
    """Join a cohort, and consent to what it sees."""

    terms_version: Annotated[int, Field(strict=True, ge=1)] = Field(
        description="The version of the terms that you read: it is this that you consent to."
    )


class CohortConsentRequest(Frozen):
    """Consent to the terms of a cohort as they are now."""

    terms_version: Annotated[int, Field(strict=True, ge=1)] = Field(description="The version that you read.")


class CreditRequest(Frozen):
    """Grant credit."""

    hundredths: Annotated[int, Field(strict=True, ge=1, le=100_000)] = Field(
        description="The credit that you were shown, in hundredths; refused if it has changed meanwhile."
    )


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


class PageConsentRequest(Frozen):
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
    contract_sha256: ContractHash = None

"""Everything kept of a person, as they have it."""

from pydantic import Field

from microintern.app.views.accounts import (
    MarkView,
    NoticeSettingsView,
    NoticeView,
    PayoutView,
    ProfileView,
    StandingView,
)
from microintern.app.views.amendments import AmendmentView
from microintern.app.views.briefs import ApplicationView, BriefView
from microintern.app.views.check_ins import CheckInAnswered
from microintern.app.views.cohorts import EnrolmentView
from microintern.app.views.credentials import OwnCredential
from microintern.app.views.discovery import SavedSearchView, StrengthsView
from microintern.app.views.feedback import FeedbackView
from microintern.app.views.files import FileView
from microintern.app.views.messages import ExportedMessage
from microintern.app.views.money import StatementRow
from microintern.app.views.portfolios import ExportedPortfolio
from microintern.app.views.records import PartyRecord
from microintern.app.views.talent import KeptAsCandidate, OfferView
from microintern.app.views.webhooks import EndpointView
from microintern.domain.agreements import Agreed
from microintern.domain.base import Frozen, Id
from microintern.domain.documents import (
    Statement,
    Submission,
)
from microintern.domain.organisations import MemberRole
from microintern.domain.states import Role


class ExportedBrief(Frozen):
    """A brief that somebody had to do with, and what they wrote and sent there."""

    brief: BriefView
    application: ApplicationView | None
    files: list[FileView]
    submissions: list[Submission]
    statements: list[Statement]
    feedback: FeedbackView | None
    credential: OwnCredential | None
    agreed: Agreed | None = Field(description="What you accepted by applying; the PDF is at `/briefs/{id}/agreement`.")
    amendments: list[AmendmentView] = Field(description="What either side proposed under your award.")
    check_ins: list[CheckInAnswered] = Field(description="What you said of how the work was going.")
    is_contact: bool = Field(description="Whether you are named as the contact of the brief.")


class ExportedCohort(Frozen):
    """A cohort that somebody is or was in, with the credit that was granted to them."""

    enrolment: EnrolmentView
    credits: list[OwnCredential]


class ExportedAccount(Frozen):
    """What is kept of an account itself."""

    account_id: Id
    role: Role
    standing: StandingView
    organisation_id: Id | None
    member_role: MemberRole | None
    left: list[str] = Field(description="Organisations left, each with when.")
    profile: ProfileView | None
    payout_account: PayoutView | None
    notices: list[NoticeView]
    notice_settings: NoticeSettingsView = Field(description="What you want by e-mail, and whether it can be sent.")
    marks: list[MarkView]
    statement: list[StatementRow]
    record: PartyRecord | None = Field(description="A student's own, or that of the organisation acted for.")
    webhooks: list[EndpointView] = Field(description="Where you had your organisation's events sent.")
    offers: list[OfferView]
    kept_as_candidate: list[KeptAsCandidate] = Field(description="By organisations that you did briefs for.")
    cohorts: list[ExportedCohort] = Field(description="What a student consented to, and when.")
    saved_searches: list[SavedSearchView]
    strengths: StrengthsView | None = Field(description="What a student's fit for briefs rests on.")
    messages: list[ExportedMessage] = Field(description="What one said on briefs, the newest first.")
    portfolio: ExportedPortfolio | None = Field(description="A student's page, and what employers consented to for it.")


class Export(Frozen):
    """Everything kept of a person. `account` is on the first page."""

    account: ExportedAccount | None
    briefs: list[ExportedBrief]
    next_cursor: str | None = None

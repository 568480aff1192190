"""Everything kept of a person, as they have it."""

from pydantic import Field

from microintern.app.views.accounts import MarkView, NoticeView, PayoutView, ProfileView, StandingView
from microintern.app.views.briefs import ApplicationView, BriefView
from microintern.app.views.files import FileView
from microintern.app.views.messages import ExportedMessage
from microintern.app.views.money import StatementRow
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
    is_contact: bool = Field(description="Whether you are named as the contact of the brief.")


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
    marks: list[MarkView]
    statement: list[StatementRow]
    messages: list[ExportedMessage] = Field(description="What one said on briefs, the newest first.")


class Export(Frozen):
    """Everything kept of a person. `account` is on the first page."""

    account: ExportedAccount | None
    briefs: list[ExportedBrief]
    next_cursor: str | None = None

"""What callers see: allow-lists, never a stored item as it is."""

from datetime import date, datetime
from typing import Any, Literal, Self

from pydantic import Field

from microintern.domain.accounts import PayoutAccount, Profile
from microintern.domain.audit import AuditEntry
from microintern.domain.base import Frozen, Id, Instant, Minor
from microintern.domain.brief import Brief, Decision
from microintern.domain.documents import (
    Application,
    ApplicationStatus,
    FileStatus,
    Purpose,
    Refusal,
    Review,
    ScanStatus,
    Sha256,
    Statement,
    StoredFile,
    Submission,
)
from microintern.domain.ledger import Book, Hold, Phase, Transfer, TransferName
from microintern.domain.money import Currency, written
from microintern.domain.organisations import Invitation, MemberRole, Membership, Organisation, OrganisationState
from microintern.domain.pay_floors import PayFloor, lowest_pay_minor, staleness
from microintern.domain.payments import PayoutStatus, ProviderName
from microintern.domain.payout_matrix import Outcome, Split
from microintern.domain.posting import Criterion, Deliverable, FieldOfWork, MediaType, Name, Posting, Skill, Zone, local
from microintern.domain.standing import Standing, StandingState
from microintern.domain.states import LAPSES, Role, State
from microintern.domain.text import Line, Link, LongText, Paragraph
from microintern.domain.trail import Entry, Fact, Trigger, Verdict
from microintern.ports import ReceivedPart, Redriven, UploadForm


class Amount(Frozen):
    """Money, for programs and for people."""

    amount_minor: Minor
    currency: Currency
    written: str = Field(examples=["412.50 USD"])

    @classmethod
    def of(cls, amount_minor: int, currency: str) -> Self:
        return cls(amount_minor=amount_minor, currency=currency, written=written(amount_minor, currency))


class Deadline(Frozen):
    """An instant, as UTC and as the employer's clock shows it, with what happens when nobody acts by then."""

    due_at: Instant
    lapse_at: Instant
    zone: Zone
    local: str = Field(examples=["2026-12-01T17:00:00-05:00"])
    then: str | None = None

    @classmethod
    def of(cls, state: State, due_at: datetime | None, lapse_at: datetime | None, zone: str) -> Self | None:
        if due_at is None:
            return None
        shown = local(due_at, zone)
        return cls(due_at=due_at, lapse_at=lapse_at or due_at, zone=zone, local=shown, then=LAPSES.get(state))


class Person(Frozen):
    """What the other side may know of a person."""

    account_id: Id
    name: Line | None = None

    @classmethod
    def of(cls, account_id: str, profile: Profile | None) -> Self:
        return cls(account_id=account_id, name=profile.name if profile else None)


class Employer(Frozen):
    """The organisation that posted a brief. Its name is shown where one brief is read."""

    organisation_id: Id
    name: Line | None = None
    website: Link | None = None

    @classmethod
    def of(cls, organisation_id: str, organisation: Organisation | None) -> Self:
        if organisation is None:
            return cls(organisation_id=organisation_id)
        return cls.model_validate(organisation.model_dump(include=set(cls.model_fields)))


class Progress(Frozen):
    """Where a brief stands, for its parties."""

    version: int
    escrow: Amount
    fee: Amount
    collecting: bool
    student_id: Id | None
    rounds_used: int
    submissions: int
    decision: Decision | None = Field(description="How a dispute ends when its deadline passes; it can be reopened.")
    outcome: Outcome | None
    split: Split | None
    settled_at: Instant | None


class BriefView(Frozen):
    """A brief. `deadline` and `progress` are for its parties and operators, `my_application` for those who applied."""

    brief_id: Id
    state: State
    title: Line
    goals: LongText
    field: FieldOfWork
    skills: list[Skill]
    deliverables: list[Deliverable]
    hours: int
    pay: Amount
    place_of_work: str
    zone: Zone
    applications_close: Deadline
    submission_due: Deadline
    rubric: list[Criterion]
    revision_rounds: int
    blind: bool
    posted_at: Instant
    employer: Employer
    deadline: Deadline | None = None
    progress: Progress | None = None
    my_application: ApplicationStatus | None = None


class BriefPage(Frozen):
    """Some briefs, and the cursor that leads on."""

    items: list[BriefView]
    next_cursor: str | None = None


def brief_view(
    brief: Brief,
    posting: Posting,
    *,
    party: bool,
    employer: Organisation | None = None,
    application: Application | None = None,
) -> BriefView:
    """A brief as somebody sees who is, or is not, a party to it."""
    closes = Deadline.of(State.OPEN, brief.applications_close_at, None, brief.zone)
    due = Deadline.of(State.AWARDED, brief.submission_due_at, None, brief.zone)
    assert closes is not None
    assert due is not None
    content = posting.model_dump(include=set(BriefView.model_fields) - {"pay"})
    return BriefView(
        **content,
        brief_id=brief.brief_id,
        state=brief.state,
        pay=Amount.of(brief.pay_minor, brief.currency),
        zone=brief.zone,
        applications_close=closes,
        submission_due=due,
        posted_at=brief.posted_at,
        employer=Employer.of(brief.employer_id, employer),
        deadline=Deadline.of(brief.state, brief.due_at, brief.lapse_at, brief.zone) if party else None,
        progress=_progress(brief) if party else None,
        my_application=application.status(brief) if application else None,
    )


def _progress(brief: Brief) -> Progress:
    shown = brief.model_dump(include=set(Progress.model_fields))
    escrow = Amount.of(brief.escrow_minor, brief.currency)
    decision = brief.dispute.decision if brief.dispute and brief.outcome is None else None
    return Progress(**shown, escrow=escrow, fee=Amount.of(brief.fee_minor, brief.currency), decision=decision)


class ApplicationView(Frozen):
    """An application. Who made it stays hidden on a blind brief until it is awarded; so do links, which would tell."""

    application_id: Id
    status: ApplicationStatus
    alias: str = Field(examples=["Applicant K7QD"])
    applicant: Person | None = None
    statement: LongText
    links: list[Link]
    applied_at: Instant


class ApplicationPage(Frozen):
    """Some applications, and the cursor that leads on."""

    items: list[ApplicationView]
    next_cursor: str | None = None


def own_application_view(application: Application) -> ApplicationView:
    """An application as the student sees it who just made or withdrew it."""
    withdrawn = application.withdrawn_at is not None
    status = ApplicationStatus.WITHDRAWN if withdrawn else ApplicationStatus.APPLIED
    return _application_view(application, status, Person.of(application.student_id, None), shown=True)


def application_view(application: Application, brief: Brief, profile: Profile | None) -> ApplicationView:
    """An application as the employer sees it."""
    status = application.status(brief)
    shown = not brief.blind or status is ApplicationStatus.AWARDED
    return _application_view(application, status, Person.of(application.student_id, profile), shown=shown)


def _application_view(
    application: Application, status: ApplicationStatus, applicant: Person, *, shown: bool
) -> ApplicationView:
    return ApplicationView(
        application_id=application.application_id,
        status=status,
        alias=f"Applicant {application.application_id[:4].upper()}",
        applicant=applicant if shown else None,
        statement=application.statement,
        links=application.links if shown else [],
        applied_at=application.applied_at,
    )


class FileView(Frozen):
    """A file of a brief."""

    file_id: Id
    role: Role
    purpose: Purpose
    deliverable: Name | None
    submission_number: int | None = Field(description="Of a return: which submission it goes back with.")
    name: Line
    media_type: MediaType
    size_bytes: int
    sha256: Sha256
    status: FileStatus
    received_at: Instant | None
    refusal: Refusal | None = Field(description="Why it was not accepted, when its status is `refused`.")
    scan: ScanStatus | None = Field(
        description="What the malware scanner says; only a `clean` file can be had or used."
    )
    scanned_at: Instant | None

    @classmethod
    def of(cls, file: StoredFile) -> Self:
        return cls.model_validate(file.model_dump(include=set(cls.model_fields)))


class FilePage(Frozen):
    """Some files, and the cursor that leads on."""

    items: list[FileView]
    next_cursor: str | None = None


class Form(Frozen):
    """POST the fields to the URL, then the file as the field `file`, as multipart/form-data."""

    url: str
    fields: dict[str, str]
    expires_in_s: int


class Multipart(Frozen):
    """So many parts, numbered from 1, all of this size but the last. Ask for links, send them, then complete."""

    parts: int
    part_bytes: int


class Upload(Frozen):
    """An announced file, and the way to send it: by a form, or in parts when it is large. Once it has come, neither."""

    file: FileView
    form: Form | None = None
    multipart: Multipart | None = None

    @classmethod
    def of(cls, file: StoredFile, form: UploadForm | None, life_s: int) -> Self:
        view = FileView.of(file)
        if form:
            return cls(file=view, form=Form(url=form.url, fields=form.fields, expires_in_s=life_s))
        plan = file.plan if file.status is FileStatus.EXPECTED else None
        return cls(file=view, multipart=Multipart(parts=plan.count, part_bytes=plan.part_bytes) if plan else None)


class PartLinkView(Frozen):
    """PUT exactly these bytes of the file to the URL, with these headers and this Content-Length."""

    number: int
    offset_bytes: int
    size_bytes: int
    url: str
    headers: dict[str, str]


class PartLinks(Frozen):
    """Links that are good for a few minutes; ask again for those that you did not come to use."""

    parts: list[PartLinkView]
    expires_in_s: int


class PartView(Frozen):
    """A part that has arrived; `sha256` is of its bytes as S3 checked them."""

    number: int
    size_bytes: int
    sha256: Sha256 | None

    @classmethod
    def of(cls, part: ReceivedPart) -> Self:
        return cls(number=part.number, size_bytes=part.size_bytes, sha256=part.sha256)


class PartsView(Frozen):
    """How far an upload in parts has come; once it is completed, nothing is missing."""

    multipart: Multipart
    received: list[PartView]
    missing: list[int]
    completed: bool


class Download(Frozen):
    """A link that serves a file for a few minutes."""

    url: str
    expires_in_s: int


class PreviewPart(Frozen):
    """A picture or a text that was made of the file; the link is good for a few minutes."""

    media_type: Literal["image/webp", "text/plain; charset=utf-8"]
    width_px: int | None
    height_px: int | None
    url: str


class PreviewView(Frozen):
    """What is shown of a file: `ready` with parts, `none` with a reason, or still `pending`."""

    status: Literal["ready", "none", "pending"]
    parts: list[PreviewPart] = []
    pages: int | None = Field(default=None, description="Of a document; the first few are shown.")
    cut: bool = Field(default=False, description="Whether there is more in the file than is shown.")
    reason: str | None = Field(default=None, description="Why there is none.")
    expires_in_s: int


class SubmissionPage(Frozen):
    """Some submissions, the first one first, and the cursor that leads on."""

    items: list[Submission]
    next_cursor: str | None = None


class ReviewPage(Frozen):
    """Some reviews, each under the number of its submission, and the cursor that leads on."""

    items: list[Review]
    next_cursor: str | None = None


class StatementPage(Frozen):
    """What was said in a dispute, and the cursor that leads on."""

    items: list[Statement]
    next_cursor: str | None = None


class Step(Frozen):
    """One step of a brief's life: who did what, when, and which deadline began to run."""

    version: int
    at: Instant
    local: str
    type: str
    by: Role
    state: State
    facts: dict[str, Any]
    deadline: Deadline | None

    @classmethod
    def of(cls, entry: Entry, zone: str) -> Self:
        assert entry.state is not None  # every step of a brief leads to a state
        return cls(
            version=entry.version,
            at=entry.event.at,
            local=local(entry.event.at, zone),
            type=entry.event.type,
            by=entry.event.role,
            state=entry.state,
            facts=dict(entry.event.facts),
            deadline=Deadline.of(entry.state, entry.due_at, entry.lapse_at, zone),
        )


class TimelinePage(Frozen):
    """Some steps of a brief's life, the oldest first, and the cursor that leads on."""

    items: list[Step]
    next_cursor: str | None = None


class TrailStep(Frozen):
    """One step in the audit trail: who did what when, by which request, from which version to which."""

    scope: str = Field(description="The brief or the account in whose trail it stands.")
    subject: str = Field(description="`brief`, or the key of what belongs to the brief or the account.")
    action: str = Field(examples=["brief.approved"])
    at: Instant
    by: Role
    actor_id: Id | None = Field(description="Null for the server, and for who applied to a blind brief.")
    request_id: str | None = Field(description="The request that asked for it; the answer to it had the same.")
    trigger: Trigger | None = Field(description="For what the server acted, where nobody asked.")
    version_before: int
    version: int
    state: State | None = Field(description="The brief's, after this step.")
    due_at: Instant | None
    lapse_at: Instant | None
    facts: dict[str, Fact]
    previous: str | None = Field(description="The hash of the step before.")
    hash: str

    @classmethod
    def of(cls, entry: Entry, *, hidden: bool = False) -> Self:
        event = entry.event
        said = event.model_dump(include={"at", "request_id", "trigger", "facts", "previous"})
        kept = entry.model_dump(include={"scope", "subject", "version", "state", "due_at", "lapse_at", "hash"})
        return cls(
            **said,
            **kept,
            action=event.type,
            by=event.role,
            actor_id=None if hidden else event.actor_id,
            version_before=entry.version - 1,
        )


class TrailPage(Frozen):
    """Some steps of a trail, the oldest first, and what the recomputation of the whole chain says."""

    items: list[TrailStep]
    chain: Verdict
    next_cursor: str | None = None


class TrailDay(Frozen):
    """What was done on a day. A page may hold fewer steps than asked for and still lead on."""

    items: list[TrailStep]
    next_cursor: str | None = None


class FloorView(Frozen):
    """The least that work in a place may pay, where the rate is from, and what it comes to for a number of hours."""

    jurisdiction: str
    place: str
    rate: Amount
    effective_from: date
    applies_to: str
    source: str
    checked_on: date
    hours: int
    lowest_pay: Amount
    warning: str | None = Field(description="Says so when the rate was checked too long ago to be relied on.")

    @classmethod
    def of(cls, floor: PayFloor, hours: int, today: date) -> Self:
        shown = floor.model_dump(include=set(cls.model_fields))
        return cls(
            **shown,
            rate=Amount.of(floor.rate_minor, floor.currency),
            hours=hours,
            lowest_pay=Amount.of(lowest_pay_minor(floor, hours), floor.currency),
            warning=staleness(floor, today),
        )


class TransferView(Frozen):
    """Money that moves. What a provider moves stands here twice: as pending, and as posted or voided."""

    transfer_id: str
    name: TransferName
    phase: Phase
    debit: str
    credit: str
    amount: Amount
    at: Instant
    reason: str | None = None


class LedgerView(Frozen):
    """A brief's money: its transfers, the balances rebuilt from what was posted, and whether they add up."""

    brief_id: Id
    transfers: list[TransferView]
    balances_minor: dict[str, int]
    balanced: bool

    @classmethod
    def of(cls, brief: Brief, transfers: list[Transfer]) -> Self:
        rows = [
            TransferView(
                transfer_id=t.transfer_id,
                name=t.name,
                phase=t.phase,
                debit=t.debit,
                credit=t.credit,
                amount=Amount.of(t.amount_minor, t.currency),
                at=t.at,
                reason=t.reason,
            )
            for t in transfers
        ]
        book = Book(transfers)
        balanced = book.is_balanced(settled=brief.settled_at is not None)
        return cls(brief_id=brief.brief_id, transfers=rows, balances_minor=book.balances, balanced=balanced)


class StatementRow(Frozen):
    """One movement on your account: what you were charged or earned, and what was sent to you."""

    at: Instant
    brief_id: Id
    name: TransferName
    transfer_id: str
    amount: Amount

    @classmethod
    def of(cls, transfer: Transfer) -> Self:
        return cls(
            at=transfer.at,
            brief_id=transfer.brief_id,
            name=transfer.name,
            transfer_id=transfer.transfer_id,
            amount=Amount.of(transfer.amount_minor, transfer.currency),
        )


class StatementOfAccount(Frozen):
    """What moved in a year (UTC), the oldest first, and the cursor that leads on."""

    year: int
    items: list[StatementRow]
    next_cursor: str | None = None


class PayeeTotal(Frozen):
    """What one payee was paid in a year and currency, and whether that reaches the threshold for reporting it."""

    account_id: Id
    paid: Amount
    payouts: int
    threshold_minor: int | None = Field(description="From which total on it is reported; null where no rule is known.")
    reportable: bool


class PayeePage(Frozen):
    """Some payees' totals, and the cursor that leads on."""

    year: int
    items: list[PayeeTotal]
    next_cursor: str | None = None


class HoldView(Frozen):
    """Money that is owed and cannot be sent yet."""

    brief_id: Id
    name: TransferName
    party_id: Id
    amount: Amount
    reason: str
    since: Instant
    until: Instant | None

    @classmethod
    def of(cls, hold: Hold) -> Self:
        shown = hold.model_dump(include={"brief_id", "name", "party_id", "reason", "since", "until"})
        return cls.model_validate({**shown, "amount": Amount.of(hold.amount_minor, hold.currency)})


class HoldPage(Frozen):
    """Some held payouts and refunds, the longest held first."""

    items: list[HoldView]
    next_cursor: str | None = None


class RedriveView(Frozen):
    """What became of each queue's dead letters."""

    queues: list[Redriven]


class AuditPage(Frozen):
    """Some entries of the audit trail, the newest first."""

    items: list[AuditEntry]
    next_cursor: str | None = None


class ProfileView(Frozen):
    """What others may know of you."""

    account_id: Id
    name: Line
    about: Paragraph | None

    @classmethod
    def of(cls, profile: Profile) -> Self:
        return cls.model_validate(profile.model_dump(include=set(cls.model_fields)))


class PayoutView(Frozen):
    """Where your pay goes, and whether it can."""

    provider: ProviderName
    destination: str
    status: PayoutStatus
    reason: str | None = Field(description="Why it is not ready, if it is not.")
    usable_at: Instant = Field(description="A changed destination is paid from here on, not before.")

    @classmethod
    def of(cls, account: PayoutAccount) -> Self:
        return cls.model_validate(account.model_dump(include=set(cls.model_fields)))


class OrganisationView(Frozen):
    """An organisation, for its members and operators."""

    organisation_id: Id
    name: Line
    website: Link | None
    about: Paragraph | None
    state: OrganisationState
    reason: Paragraph | None = Field(description="What an operator wrote who decided about it.")
    since: Instant
    founded_at: Instant
    members: int

    @classmethod
    def of(cls, organisation: Organisation) -> Self:
        return cls.model_validate(organisation.model_dump(include=set(cls.model_fields)))


class OrganisationPage(Frozen):
    """Some organisations, and the cursor that leads on."""

    items: list[OrganisationView]
    next_cursor: str | None = None


class MemberView(Frozen):
    """Who belongs to an organisation; `left_at` once that is over."""

    organisation_id: Id
    account_id: Id
    name: Line | None = None
    role: MemberRole
    since: Instant
    left_at: Instant | None

    @classmethod
    def of(cls, member: Membership, profile: Profile | None = None) -> Self:
        shown = member.model_dump(include=set(cls.model_fields))
        return cls.model_validate({**shown, "name": profile.name if profile else None})


class MemberList(Frozen):
    """All members."""

    items: list[MemberView]


class InvitationView(Frozen):
    """An invitation, without its code."""

    invitation_id: Id
    role: MemberRole
    invited_by: Id
    invited_at: Instant
    expires_at: Instant
    accepted_by: Id | None
    accepted_at: Instant | None
    revoked_at: Instant | None

    @classmethod
    def of(cls, invitation: Invitation) -> Self:
        return cls.model_validate(invitation.model_dump(include=set(cls.model_fields)))


class InvitationList(Frozen):
    """All invitations, used ones included."""

    items: list[InvitationView]


class IssuedInvitation(Frozen):
    """A new invitation. The code is shown this once: pass it on to whom you invite."""

    invitation: InvitationView
    code: str


class StandingView(Frozen):
    """Whether an account may act, and since when and why it is as it is."""

    account_id: Id
    state: StandingState
    reason: Paragraph | None
    since: Instant | None

    @classmethod
    def of(cls, standing: Standing) -> Self:
        return cls.model_validate(standing.model_dump(include=set(cls.model_fields)))


class Me(Frozen):
    """Your account. A profile or payout account that is null has not been written yet."""

    account_id: Id
    role: Role
    standing: StandingView
    organisation_id: Id | None = Field(description="The organisation that an employer acts for.")
    member_role: MemberRole | None
    profile: ProfileView | None
    payout_account: PayoutView | None
    payout_status: PayoutStatus | None = Field(description="Whether a student can be paid; null for everybody else.")


class NoticeView(Frozen):
    """Something you were told."""

    brief_id: Id
    type: str
    text: str
    at: Instant


class NoticePage(Frozen):
    """Some notices, the newest first, and the cursor that leads on."""

    items: list[NoticeView]
    next_cursor: str | None = None


class MarkView(Frozen):
    """An entry on a student's record."""

    brief_id: Id
    reason: str
    at: Instant


class RecordView(Frozen):
    """A student's record."""

    marks: list[MarkView]


class RoleView(Frozen):
    """Which role an account has."""

    account_id: Id
    role: Role


class ExportedBrief(Frozen):
    """A brief that somebody had to do with, and what they wrote and sent there."""

    brief: BriefView
    application: ApplicationView | None
    files: list[FileView]
    submissions: list[Submission]
    statements: list[Statement]


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


class Export(Frozen):
    """Everything kept of a person. `account` is on the first page."""

    account: ExportedAccount | None
    briefs: list[ExportedBrief]
    next_cursor: str | None = None

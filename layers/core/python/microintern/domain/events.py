"""The published events: CloudEvents 1.0.2, ids only, nothing personal. Their JSON Schemas are made from here."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field, ValidationError

from microintern.domain.accounts import ProviderToken
from microintern.domain.agreements import HexDigest
from microintern.domain.amendments import Amendments
from microintern.domain.base import Frozen, Id, Instant, Minor, iso
from microintern.domain.brief import Brief
from microintern.domain.check_ins import CheckIns, Going
from microintern.domain.credentials import Credential
from microintern.domain.documents import Application, FileStatus, ScanStatus, StoredFile
from microintern.domain.feedback import Feedback
from microintern.domain.ledger import brief_of_transfer
from microintern.domain.mentors import Mentor
from microintern.domain.messages import Message, thread_kind
from microintern.domain.payments import Hint
from microintern.domain.payout_matrix import Outcome
from microintern.domain.states import Role, State
from microintern.domain.talent import Offer

SOURCE = "microintern"


class EventType(StrEnum):
    """Every type of event; what a consumer may subscribe to."""

    BRIEF_POSTED = "brief.posted"
    BRIEF_FUNDING_REQUESTED = "brief.funding_requested"
    BRIEF_FUNDING_FAILED = "brief.funding_failed"
    BRIEF_OPENED = "brief.opened"
    BRIEF_AWARDED = "brief.awarded"
    BRIEF_AWARD_WITHDRAWN = "brief.award_withdrawn"
    BRIEF_AMENDED = "brief.amended"
    BRIEF_SUBMITTED = "brief.submitted"
    BRIEF_CHANGES_REQUESTED = "brief.changes_requested"
    BRIEF_APPROVED = "brief.approved"
    BRIEF_DISPUTED = "brief.disputed"
    BRIEF_DISPUTE_ANSWERED = "brief.dispute_answered"
    BRIEF_DECIDED = "brief.decided"
    BRIEF_REOPENED = "brief.reopened"
    BRIEF_RESOLVED = "brief.resolved"
    BRIEF_EXPIRED = "brief.expired"
    BRIEF_CANCELLED = "brief.cancelled"
    BRIEF_PAID = "brief.paid"
    BRIEF_SETTLED = "brief.settled"
    APPLICATION_RECEIVED = "application.received"
    APPLICATION_WITHDRAWN = "application.withdrawn"
    OFFER_MADE = "offer.made"
    OFFER_REFUSED = "offer.refused"
    OFFER_WITHDRAWN = "offer.withdrawn"
    MESSAGE_POSTED = "message.posted"
    MENTOR_NAMED = "mentor.named"
    AMENDMENT_PROPOSED = "amendment.proposed"
    AMENDMENT_REFUSED = "amendment.refused"
    AMENDMENT_WITHDRAWN = "amendment.withdrawn"
    CHECK_IN_DUE = "check_in.due"
    CHECK_IN_ANSWERED = "check_in.answered"
    FILE_INFECTED = "file.infected"
    FILE_REFUSED = "file.refused"
    FILE_SCAN_FAILED = "file.scan_failed"
    FEEDBACK_GIVEN = "feedback.given"
    FEEDBACK_SHOWN = "feedback.shown"
    PAYMENT_UPDATED = "payment.updated"
    PAYEE_UPDATED = "payee.updated"
    CREDENTIAL_ISSUED = "credential.issued"
    CREDENTIAL_SHOWN = "credential.shown"
    CREDENTIAL_REVOKED = "credential.revoked"
    CREDIT_GRANTED = "credit.granted"
    CREDIT_REVOKED = "credit.revoked"
    WEBHOOK_TEST = "webhook.test"
    WEBHOOK_REPLAY = "webhook.replay"
    WEBHOOK_DISABLED = "webhook.disabled"


class BriefFacts(Frozen):
    """What every event of a brief says. `version` orders a brief's events: they may repeat and come out of order."""

    brief_id: Id
    version: int
    state: State
    employer_id: Id
    student_id: Id | None = None
    by: Role = Field(description="Who caused it; `server` for a deadline that passed and for money that moved.")
    due_at: Instant | None = None


class Ended(BriefFacts):
    """How it ended, or will unless a dispute is opened again: this decides who gets what."""

    outcome: Outcome


class Awarded(BriefFacts):
    """An application was picked."""

    application_id: Id
    contract_sha256: HexDigest | None = Field(default=None, description="Of the contract that both sides accepted.")


class AwardWithdrawn(BriefFacts):
    """The student gave the award back; an outcome when there was no time to find another."""

    application_id: Id | None = None
    outcome: Outcome | None = None


class Amended(BriefFacts):
    """Both sides agreed on a change; the deadline is as it is from now on."""

    number: int


class AmendmentFacts(Frozen):
    """A side proposed a change of what was agreed, took it back, or refused it."""

    brief_id: Id
    application_id: Id
    employer_id: Id
    student_id: Id
    version: int
    number: int
    by: Role


class CheckInDue(Frozen):
    """It is asked how the work is going."""

    brief_id: Id
    student_id: Id
    asked_at: Instant


class CheckInFacts(Frozen):
    """A student said how the work is going."""

    brief_id: Id
    employer_id: Id
    version: int
    number: int
    going: Going


class FundingFailed(BriefFacts):
    """The provider could not collect."""

    reason: str


class Submitted(BriefFacts):
    """Work was handed in."""

    submission_number: int


class ChangesRequested(BriefFacts):
    """A revision was asked for, citing criteria of the rubric."""

    round: int
    criteria: list[str]


class Disputed(BriefFacts):
    """A dispute was opened."""

    opened_by: Role


class Settled(BriefFacts):
    """The escrow was divided."""

    student_minor: Minor
    employer_minor: Minor
    fee_minor: Minor


class ApplicationFacts(Frozen):
    """Somebody applied, or took an application back."""

    brief_id: Id
    application_id: Id
    employer_id: Id
    student_id: Id
    version: int


class OfferFacts(Frozen):
    """A brief was offered to a student, or that was refused or withdrawn; that it was accepted, the award says."""

    brief_id: Id
    organisation_id: Id
    student_id: Id
    version: int


class MessageFacts(Frozen):
    """Somebody asked, answered or wrote to the other side; what was said is in no event."""

    brief_id: Id
    message_id: Id
    thread: Literal["public", "private"]
    number: int
    answers: int | None = Field(default=None, description="The number of the question that it answers.")
    by: Role
    author_id: Id
    employer_id: Id
    student_id: Id | None = Field(default=None, description="From or for whom it is; null when it is for everybody.")


class MentorFacts(Frozen):
    """A member of the employer's organisation was named as the contact of a brief."""

    brief_id: Id
    version: int
    employer_id: Id
    mentor_id: Id
    named_by: Id
    student_id: Id | None = None


class FileFacts(Frozen):
    """A file cannot be used: malware was found in it, it is not what was announced, or it could not be scanned."""

    brief_id: Id
    file_id: Id
    uploaded_by: Id
    role: Role = Field(description="Of who uploaded it.")


class FeedbackFacts(Frozen):
    """A side of an ended brief gave feedback or changed it, or the second one came in: then each sees the other's.

    `version` is the feedback's own, not the brief's. What only one side gave is shown without an event, once its window
    is over.
    """

    brief_id: Id
    employer_id: Id
    student_id: Id
    version: int
    by: Role = Field(description="The side that gave it.")


class PaymentUpdated(Frozen):
    """The payment provider says that something became of an operation; what, the ledger will say."""

    brief_id: Id
    transfer_id: str


class PayeeUpdated(Frozen):
    """The payment provider says that a payout destination changed."""

    destination: ProviderToken


class CredentialFacts(Frozen):
    """A credential was issued, or revoked for good; without a student when that account was erased."""

    credential_id: Id
    brief_id: Id
    student_id: Id | None = None
    version: int


class CredentialShown(CredentialFacts):
    """The student chose who may see a credential, and what it says."""

    public: bool


class CreditFacts(Frozen):
    """Credit was granted to a student of a cohort, or revoked for good; without a student once they are erased."""

    credential_id: Id
    cohort_id: Id
    student_id: Id | None = None
    version: int


class WebhookFacts(Frozen):
    """An owner wants an organisation's endpoint to be sent something: of a test, this event itself."""

    organisation_id: Id
    endpoint_id: Id
    version: int


class WebhookReplay(WebhookFacts):
    """To be sent again: one delivery, or everything since an instant."""

    delivery_id: Id | None = None
    since: Instant | None = None


class WebhookDisabled(WebhookFacts):
    """The server disabled an endpoint: it answered 410 (`gone`), or took nothing for days (`failing`)."""

    reason: Literal["gone", "failing"]


DATA_OF: dict[EventType, type[Frozen]] = {
    EventType.BRIEF_POSTED: BriefFacts,
    EventType.BRIEF_FUNDING_REQUESTED: BriefFacts,
    EventType.BRIEF_FUNDING_FAILED: FundingFailed,
    EventType.BRIEF_OPENED: BriefFacts,
    EventType.BRIEF_AWARDED: Awarded,
    EventType.BRIEF_AWARD_WITHDRAWN: AwardWithdrawn,
    EventType.BRIEF_AMENDED: Amended,
    EventType.BRIEF_SUBMITTED: Submitted,
    EventType.BRIEF_CHANGES_REQUESTED: ChangesRequested,
    EventType.BRIEF_APPROVED: Ended,
    EventType.BRIEF_DISPUTED: Disputed,
    EventType.BRIEF_DISPUTE_ANSWERED: BriefFacts,
    EventType.BRIEF_DECIDED: Ended,
    EventType.BRIEF_REOPENED: BriefFacts,
    EventType.BRIEF_RESOLVED: Ended,
    EventType.BRIEF_EXPIRED: Ended,
    EventType.BRIEF_CANCELLED: Ended,
    EventType.BRIEF_PAID: Settled,
    EventType.BRIEF_SETTLED: Settled,
    EventType.APPLICATION_RECEIVED: ApplicationFacts,
    EventType.APPLICATION_WITHDRAWN: ApplicationFacts,
    EventType.OFFER_MADE: OfferFacts,
    EventType.OFFER_REFUSED: OfferFacts,
    EventType.OFFER_WITHDRAWN: OfferFacts,
    EventType.MESSAGE_POSTED: MessageFacts,
    EventType.MENTOR_NAMED: MentorFacts,
    **dict.fromkeys(
        (EventType.AMENDMENT_PROPOSED, EventType.AMENDMENT_REFUSED, EventType.AMENDMENT_WITHDRAWN), AmendmentFacts
    ),
    EventType.CHECK_IN_DUE: CheckInDue,
    EventType.CHECK_IN_ANSWERED: CheckInFacts,
    EventType.FILE_INFECTED: FileFacts,
    EventType.FILE_REFUSED: FileFacts,
    EventType.FILE_SCAN_FAILED: FileFacts,
    EventType.FEEDBACK_GIVEN: FeedbackFacts,
    EventType.FEEDBACK_SHOWN: FeedbackFacts,
    EventType.PAYMENT_UPDATED: PaymentUpdated,
    EventType.PAYEE_UPDATED: PayeeUpdated,
    EventType.CREDENTIAL_ISSUED: CredentialFacts,
    EventType.CREDENTIAL_SHOWN: CredentialShown,
    EventType.CREDENTIAL_REVOKED: CredentialFacts,
    EventType.CREDIT_GRANTED: CreditFacts,
    EventType.CREDIT_REVOKED: CreditFacts,
    EventType.WEBHOOK_TEST: WebhookFacts,
    EventType.WEBHOOK_REPLAY: WebhookReplay,
    EventType.WEBHOOK_DISABLED: WebhookDisabled,
}
"""What each type of event carries."""


class CloudEvent(Frozen):
    """The envelope (CloudEvents 1.0.2); `source` and `id` together are unique, so that a repeat is noticed."""

    specversion: Literal["1.0"] = "1.0"
    id: str
    source: Literal["microintern"] = "microintern"
    type: EventType
    subject: str
    time: Instant
    datacontenttype: Literal["application/json"] = "application/json"
    data: dict[str, Any]


def of_brief(brief: Brief) -> CloudEvent:
    """The event that led to this version of the brief."""
    event = brief.event
    kind = EventType(event.type)
    common = {
        "brief_id": brief.brief_id,
        "version": brief.version,
        "state": brief.state,
        "employer_id": brief.employer_id,
        "student_id": brief.student_id,
        "by": event.role,
        "due_at": brief.due_at,
    }
    data = DATA_OF[kind].model_validate({**common, **event.facts})
    return enveloped(kind, f"{brief.brief_id}#{brief.version}", brief.brief_id, event.at, data)


def of_application(application: Application) -> CloudEvent:
    """The event that led to this version of the application."""
    withdrawn = application.withdrawn_at is not None
    kind = EventType.APPLICATION_WITHDRAWN if withdrawn else EventType.APPLICATION_RECEIVED
    data = ApplicationFacts.model_validate(application.model_dump(include=set(ApplicationFacts.model_fields)))
    at = application.withdrawn_at or application.applied_at
    return enveloped(kind, f"{application.application_id}#{application.version}", application.brief_id, at, data)


def of_offer(offer: Offer) -> CloudEvent:
    """The event that led to this version of the offer."""
    assert offer.event is not None
    data = OfferFacts.model_validate(offer.model_dump(include=set(OfferFacts.model_fields)))
    event_id = f"{offer.student_id}#{offer.brief_id}#{offer.version}"
    return enveloped(EventType(offer.event.type), event_id, offer.brief_id, offer.event.at, data)


def of_message(message: Message) -> CloudEvent:
    """The event that a message was written; it has one id, as a message has one version."""
    named = ("brief_id", "message_id", "number", "answers", "author_id", "employer_id", "student_id")
    facts = {"by": message.role, "thread": thread_kind(message)}
    data = MessageFacts.model_validate(message.model_dump(include=set(named)) | facts)
    return enveloped(EventType.MESSAGE_POSTED, message.message_id, message.brief_id, message.at, data)


def of_mentor(mentor: Mentor) -> CloudEvent:
    """The event that led to this version of a brief's contact."""
    said = mentor.model_dump(include={"brief_id", "version", "employer_id", "student_id"})
    data = MentorFacts(**said, mentor_id=mentor.account_id, named_by=mentor.event.actor_id or mentor.employer_id)
    event_id = f"{mentor.brief_id}#{mentor.key}#{mentor.version}"
    return enveloped(EventType.MENTOR_NAMED, event_id, mentor.brief_id, mentor.named_at, data)


def of_amendments(proposed: Amendments) -> CloudEvent | None:
    """The event that led to this version of what was proposed; that one was accepted, the brief's own event says."""
    if proposed.event.type not in set(EventType):
        return None
    known = proposed.model_dump(include=set(AmendmentFacts.model_fields))
    data = AmendmentFacts.model_validate({**known, "by": proposed.event.role, **proposed.event.facts})
    event_id = f"{proposed.brief_id}#{proposed.key}#{proposed.steps}"
    return enveloped(EventType(proposed.event.type), event_id, proposed.brief_id, proposed.event.at, data)


def of_check_ins(said: CheckIns) -> CloudEvent:
    """The event that a check-in was answered."""
    known = said.model_dump(include=set(CheckInFacts.model_fields))
    data = CheckInFacts.model_validate({**known, **said.event.facts})
    event_id = f"{said.brief_id}#{said.key}#{said.steps}"
    return enveloped(EventType.CHECK_IN_ANSWERED, event_id, said.brief_id, said.event.at, data)


def check_in_due(brief: Brief, at: datetime) -> CloudEvent:
    """The event that it is asked how the work is going; it has one id, however often the clock says so."""
    data = CheckInDue(brief_id=brief.brief_id, student_id=brief.student_id or "", asked_at=at)
    return enveloped(EventType.CHECK_IN_DUE, f"{brief.brief_id}#check_in#{iso(at)}", brief.brief_id, at, data)


def of_file(file: StoredFile) -> CloudEvent | None:
    """The event that a file can't be used; None while it can, or may yet. Told of once, whatever else becomes of it."""
    kind = _UNUSABLE.get(file.scan or file.status)
    if kind is None or file.settle_by is not None:
        return None
    data = FileFacts.model_validate(file.model_dump(include=set(FileFacts.model_fields)))
    at = file.scanned_at or file.received_at or file.asked_at
    return enveloped(kind, f"{file.file_id}#{kind}", file.brief_id, at, data)


def of_feedback(feedback: Feedback) -> list[CloudEvent]:
    """The events that led to this version of the feedback: that a side gave it, and that both have if it is so."""
    event = feedback.event
    if event is None:
        return []
    facts = feedback.model_dump(include=set(FeedbackFacts.model_fields))
    data = FeedbackFacts.model_validate({**facts, "version": feedback.steps, "by": event.role})
    kinds = [EventType.FEEDBACK_GIVEN] + [EventType.FEEDBACK_SHOWN] * (feedback.shown_at is not None)
    named = f"{feedback.brief_id}#feedback#{feedback.steps}"
    return [enveloped(kind, f"{named}#{kind}", feedback.brief_id, event.at, data) for kind in kinds]


_UNUSABLE: dict[str, EventType] = {
    ScanStatus.INFECTED: EventType.FILE_INFECTED,
    ScanStatus.ERROR: EventType.FILE_SCAN_FAILED,
    FileStatus.REFUSED: EventType.FILE_REFUSED,
}


_OF_CREDIT = {
    EventType.CREDENTIAL_ISSUED: EventType.CREDIT_GRANTED,
    EventType.CREDENTIAL_REVOKED: EventType.CREDIT_REVOKED,
}
"""What a credential's event is called where it is credit; what a student shows of it concerns nobody else."""


def of_credential(credential: Credential) -> CloudEvent | None:
    """The event that led to this version of the credential; None where it is published to nobody."""
    event = credential.event
    kind = EventType(event.type)
    if credential.brief_id is None:
        return _of_credit(credential, _OF_CREDIT.get(kind))
    facts = credential.model_dump(include=set(CredentialFacts.model_fields))
    more = {"public": credential.choices.public} if kind is EventType.CREDENTIAL_SHOWN else {}
    data = DATA_OF[kind].model_validate({**facts, **more})
    return enveloped(kind, f"{credential.credential_id}#{credential.version}", credential.brief_id, event.at, data)


def _of_credit(credential: Credential, kind: EventType | None) -> CloudEvent | None:
    if kind is None or credential.cohort_id is None:
        return None
    data = CreditFacts.model_validate(credential.model_dump(include=set(CreditFacts.model_fields)))
    event_id = f"{credential.credential_id}#{credential.version}"
    return enveloped(kind, event_id, credential.cohort_id, credential.event.at, data)


def of_hint(provider: str, hint: Hint, at: Instant) -> CloudEvent | None:
    """The event for a provider's verified message; None when it is about nothing of this platform."""
    event_id = f"{provider}#{hint.event_id}"
    try:
        if hint.key is not None:
            brief_id = brief_of_transfer(hint.key)
            data = PaymentUpdated(brief_id=brief_id, transfer_id=hint.key)
            return enveloped(EventType.PAYMENT_UPDATED, event_id, brief_id, at, data)
        if hint.destination is not None:
            payee = PayeeUpdated(destination=hint.destination)
            return enveloped(EventType.PAYEE_UPDATED, event_id, hint.destination, at, payee)
    except ValidationError:
        # What else the provider's account is used for has keys of its own.
        return None
    return None


def enveloped(kind: EventType, event_id: str, subject: str, at: Instant, data: Frozen) -> CloudEvent:
    """The event as it is published."""
    return CloudEvent(
        id=event_id, type=kind, subject=subject, time=at, data=data.model_dump(mode="json", exclude_none=True)
    )

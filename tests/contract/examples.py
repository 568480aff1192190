"""Plain examples of what the ports keep; a test changes what it is about."""

from datetime import UTC, datetime, timedelta
from typing import Any

from microintern.domain.accounts import PayoutAccount
from microintern.domain.agreements import Agreed
from microintern.domain.brief import Brief
from microintern.domain.documents import Application, Content, Purpose, StoredFile, Submission, SubmittedFile
from microintern.domain.ledger import Settlement, Transfer, funding
from microintern.domain.payments import Operation, OperationKind, OperationStatus, PayoutStatus
from microintern.domain.payout_matrix import Split
from microintern.domain.policy import Policy
from microintern.domain.posting import FieldOfWork, Posting
from microintern.domain.states import Role, State
from microintern.domain.trail import Event

NOW = datetime(2026, 12, 1, 9, 30, 0, 123_000, tzinfo=UTC)
EMPLOYER = "employer-0001"
STUDENT = "student-0001"
SHA256 = "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="


def brief(number: int = 1, **changes: Any) -> Brief:
    """A brief that was just posted."""
    posted_at = NOW + timedelta(minutes=number)
    fields: dict[str, Any] = {
        "brief_id": f"brief-{number:06d}",
        "employer_id": EMPLOYER,
        "field": FieldOfWork.DATA,
        "skills": ["data-cleaning", "python"],
        "hours": 10,
        "pay_minor": 41_250,
        "fee_minor": 4_125,
        "currency": "USD",
        "zone": "America/New_York",
        "blind": False,
        "rounds_allowed": 1,
        "posted_at": posted_at,
        "applications_close_at": NOW + timedelta(days=7),
        "submission_due_at": NOW + timedelta(days=21),
        "due_at": NOW + timedelta(days=3),
        "lapse_at": NOW + timedelta(days=3),
        "event": Event(type="brief.posted", at=posted_at, role=Role.EMPLOYER, actor_id=EMPLOYER),
    }
    return Brief(**{**fields, **changes})


def open_brief(number: int = 1, **changes: Any) -> Brief:
    """A brief that takes applications."""
    due_at = NOW + timedelta(days=7)
    return brief(number, **{"state": State.OPEN, "due_at": due_at, "lapse_at": due_at, **changes})


def moved(before: Brief, **changes: Any) -> Brief:
    """The brief one version later."""
    return before.model_copy(update={"version": before.version + 1, **changes})


def content(title: str = "Clean a table of sensor readings") -> Content:
    """What was posted."""
    posting = {
        "title": title,
        "goals": "One table without duplicates, and a note on what was dropped.",
        "field": "data",
        "skills": ["data-cleaning", "python"],
        "deliverables": [
            {
                "name": "table",
                "description": "The table.",
                "media_types": ["text/csv"],
                "most_bytes": 1_000_000,
            }
        ],
        "hours": 10,
        "pay": {"amount_minor": 41_250, "currency": "USD"},
        "place_of_work": "US-NY-NYC",
        "timeline": {
            "zone": "America/New_York",
            "applications_close_at": NOW + timedelta(days=7),
            "submission_due_at": NOW + timedelta(days=21),
        },
        "rubric": [
            {
                "name": "complete",
                "description": "Nothing is missing.",
                "weight": 100,
                "levels": [
                    {"label": "no", "description": "Rows are missing.", "points": 0},
                    {"label": "yes", "description": "All rows are there.", "points": 10},
                ],
            }
        ],
    }
    return Content(posting=Posting.model_validate(posting))


def application(of: Brief, number: int = 1, **changes: Any) -> Application:
    """A student's application for the brief."""
    fields: dict[str, Any] = {
        "application_id": f"application-{number:04d}",
        "brief_id": of.brief_id,
        "student_id": STUDENT,
        "employer_id": of.employer_id,
        "statement": "I cleaned the readings of our school's weather station.",
        "applied_at": NOW + timedelta(hours=number),
        "agreed": Agreed.now(of.brief_id, content().posting, Policy()),
        "event": Event(
            type="application.received",
            at=NOW + timedelta(hours=number),
            role=Role.STUDENT,
            actor_id=STUDENT,
            previous=of.entry.hash,
        ),
    }
    return Application(**{**fields, **changes})


def file(of: Brief, number: int = 1, **changes: Any) -> StoredFile:
    """A file that is expected."""
    fields: dict[str, Any] = {
        "file_id": f"file-{number:06d}",
        "brief_id": of.brief_id,
        "uploaded_by": STUDENT,
        "role": Role.STUDENT,
        "purpose": Purpose.DELIVERABLE,
        "deliverable": "table",
        "name": 'Messwerte "März".csv',
        "media_type": "text/csv",
        "size_bytes": 4,
        "sha256": SHA256,
        "asked_at": NOW,
        "body": "fingerprint",
    }
    return StoredFile(**{**fields, **changes})


def submission(number: int = 1) -> Submission:
    """A submission of one file."""
    handed_in = SubmittedFile(
        deliverable="table",
        file_id="file-000001",
        name="table.csv",
        media_type="text/csv",
        size_bytes=4,
        sha256=SHA256,
        version_id="v1",
        received_at=NOW,
    )
    return Submission(number=number, files=[handed_in], submitted_at=NOW, received_at=NOW)


def fund(of: Brief) -> Transfer:
    """The money of the brief is to arrive."""
    return funding(of, NOW)


def ended(pending: Transfer, status: OperationStatus = OperationStatus.SETTLED, **changes: Any) -> Transfer:
    """The record that the provider has done it, or could not."""
    operation = Operation(
        key=pending.transfer_id,
        kind=OperationKind.COLLECT,
        status=status,
        amount_minor=pending.amount_minor,
        currency=pending.currency,
        reference=f"ref-{pending.transfer_id}",
        at=NOW,
    )
    return pending.ended(operation, NOW).model_copy(update=changes)


def settlement(of: Brief, **changes: Any) -> Settlement:
    """A claim that pays the student."""
    fields: dict[str, Any] = {
        "brief_id": of.brief_id,
        "split": Split(student_minor=of.pay_minor, employer_minor=0, fee_minor=of.fee_minor),
        "currency": of.currency,
        "student_id": STUDENT,
        "employer_id": of.employer_id,
        "claimed_at": NOW,
    }
    return Settlement(**{**fields, **changes})


def payout_account(**changes: Any) -> PayoutAccount:
    """Where a student is paid."""
    fields: dict[str, Any] = {
        "account_id": STUDENT,
        "provider": "sandbox",
        "destination": "sandbox-bank",
        "status": PayoutStatus.READY,
        "usable_at": NOW,
    }
    return PayoutAccount(**{**fields, **changes})

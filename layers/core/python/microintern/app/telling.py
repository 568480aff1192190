"""Tell the people concerned what happened to a brief: notices in their inbox, and marks on a student's record."""

from collections.abc import Iterator

from microintern.app.reminding import feedback_due
from microintern.domain.accounts import Mark, Notice
from microintern.domain.base import iso
from microintern.domain.documents import Application
from microintern.domain.events import CloudEvent, EventType
from microintern.domain.feedback import taken_until
from microintern.domain.notices import AWAITED
from microintern.domain.payout_matrix import Outcome
from microintern.domain.policy import Policy
from microintern.domain.states import Role, State
from microintern.ports.accounts import Accounts
from microintern.ports.briefs import Briefs
from microintern.ports.mailing import Agenda
from microintern.ports.organisations import Organisations
from microintern.ports.paging import Position

_PAGE = 100
_BOTH_HEARD = "Both sides of the dispute have been heard. An operator decides before the window closes."
_DECIDED = "The dispute was decided. See how the money is divided; the decision is final when its window closes."
_REOPENED = "The decision on the dispute was taken back. It is open again until the window closes."

_TEXTS: dict[tuple[EventType, Role], str] = {
    (EventType.BRIEF_FUNDING_FAILED, Role.EMPLOYER): "The payment provider could not collect the money; try again.",
    (EventType.BRIEF_OPENED, Role.EMPLOYER): "The money is held and your brief is open for applications.",
    (EventType.BRIEF_AWARDED, Role.STUDENT): "You have been awarded this brief. See its deadline.",
    (EventType.BRIEF_AWARD_WITHDRAWN, Role.EMPLOYER): "The student gave your brief back.",
    **{
        (kind, role): text
        for role in (Role.EMPLOYER, Role.STUDENT)
        for kind, text in {
            EventType.BRIEF_AMENDED: "Both sides agreed on a change of this brief. See its scope and deadline.",
            EventType.AMENDMENT_PROPOSED: "The other side proposes a change. Accept or refuse it before it lapses.",
            EventType.AMENDMENT_REFUSED: "The change that you proposed was refused; everything stays as agreed.",
            EventType.AMENDMENT_WITHDRAWN: "The change that the other side proposed was taken back.",
        }.items()
    },
    (EventType.BRIEF_SUBMITTED, Role.EMPLOYER): "Work was handed in. Review it before the window closes.",
    (EventType.BRIEF_CHANGES_REQUESTED, Role.STUDENT): "Changes were asked for. See the points and the deadline.",
    (EventType.BRIEF_APPROVED, Role.STUDENT): "Your work was approved; your pay is on its way.",
    (EventType.BRIEF_APPROVED, Role.EMPLOYER): "The work was approved; the student is being paid.",
    (
        EventType.BRIEF_DISPUTED,
        Role.STUDENT,
    ): "A dispute was opened. Say what you have to say before the window closes.",
    (
        EventType.BRIEF_DISPUTED,
        Role.EMPLOYER,
    ): "A dispute was opened. Say what you have to say before the window closes.",
    (EventType.BRIEF_DISPUTE_ANSWERED, Role.STUDENT): _BOTH_HEARD,
    (EventType.BRIEF_DISPUTE_ANSWERED, Role.EMPLOYER): _BOTH_HEARD,
    (EventType.BRIEF_DECIDED, Role.STUDENT): _DECIDED,
    (EventType.BRIEF_DECIDED, Role.EMPLOYER): _DECIDED,
    (EventType.BRIEF_REOPENED, Role.STUDENT): _REOPENED,
    (EventType.BRIEF_REOPENED, Role.EMPLOYER): _REOPENED,
    (EventType.BRIEF_RESOLVED, Role.STUDENT): "The dispute was resolved.",
    (EventType.BRIEF_RESOLVED, Role.EMPLOYER): "The dispute was resolved.",
    (EventType.BRIEF_EXPIRED, Role.STUDENT): "The brief expired because a deadline passed.",
    (EventType.BRIEF_EXPIRED, Role.EMPLOYER): "The brief expired because a deadline passed.",
    (EventType.BRIEF_CANCELLED, Role.STUDENT): "The employer cancelled the brief.",
    (EventType.BRIEF_PAID, Role.STUDENT): "You have been paid.",
    (EventType.BRIEF_PAID, Role.EMPLOYER): "The student has been paid; the brief is complete.",
    (EventType.BRIEF_SETTLED, Role.STUDENT): "The money of this brief has been divided.",
    (EventType.BRIEF_SETTLED, Role.EMPLOYER): "The money of this brief has been divided.",
    **{
        (kind, role): text
        for role in (Role.EMPLOYER, Role.STUDENT)
        for kind, text in {
            EventType.FILE_INFECTED: "A file of this brief contains malware. It was put away; nobody can have it.",
            EventType.FILE_REFUSED: "A file that you uploaded was not accepted. The list of files says why.",
            EventType.FILE_SCAN_FAILED: "A file that you uploaded could not be checked for malware; upload it again.",
        }.items()
    },
    **{
        (EventType.FEEDBACK_SHOWN, role): "Both sides have given feedback on this brief. See what the other wrote."
        for role in (Role.EMPLOYER, Role.STUDENT)
    },
    (EventType.CHECK_IN_DUE, Role.STUDENT): "How is the work on this brief going? Answer the check-in in a line.",
    (EventType.CHECK_IN_ANSWERED, Role.EMPLOYER): "The student says how the work is going. See the check-in.",
    (EventType.APPLICATION_RECEIVED, Role.EMPLOYER): "Somebody applied to your brief.",
    (
        EventType.CREDENTIAL_ISSUED,
        Role.STUDENT,
    ): "A credential for this work was issued to you. Nobody else sees it unless you make it public.",
    (EventType.CREDENTIAL_REVOKED, Role.STUDENT): "Your credential for this work was revoked. It says why.",
    (
        EventType.CREDIT_GRANTED,
        Role.STUDENT,
    ): "An institution granted you credit, as a credential. Nobody else sees it unless you make it public.",
    (EventType.CREDIT_REVOKED, Role.STUDENT): "Credit that was granted to you was revoked. Your credential says why.",
    (
        EventType.WEBHOOK_DISABLED,
        Role.EMPLOYER,
    ): "A webhook of your organisation was disabled: its receiver takes nothing more. See its deliveries.",
    (EventType.OFFER_MADE, Role.STUDENT): "You are offered this brief. Accept it, and it is yours.",
    (EventType.OFFER_WITHDRAWN, Role.STUDENT): "The offer of this brief was taken back.",
    (EventType.OFFER_REFUSED, Role.EMPLOYER): "The student declined your offer of this brief.",
}
_ACCEPTED = "The student accepted your offer; the brief is awarded."

_ASKED = "A question was asked on your brief."
_ANSWERED = "Your question was answered."
_ADDED = "The employer added something to the questions of a brief that you applied for."
_NAMED = "You were named as the contact of a brief: whoever is awarded it can turn to you."
_HAS_CONTACT = "The employer named a contact for this brief. See who it is."
_WRITTEN = "There is a message for you on this brief."

_OF_NO_BRIEF = frozenset({EventType.WEBHOOK_DISABLED, EventType.CREDIT_GRANTED, EventType.CREDIT_REVOKED})

_OVER = frozenset(
    {EventType.BRIEF_EXPIRED, EventType.BRIEF_CANCELLED, EventType.BRIEF_APPROVED, EventType.BRIEF_RESOLVED}
)
"""From here on a brief is never open again, so nobody can be picked."""

_NOT_SELECTED = "Another applicant was selected for this brief."
_CLOSED = "This brief closed before anyone was selected."
_OPEN_AGAIN = "This brief is open again, and your application with it."


def tell(
    event: CloudEvent,
    *,
    briefs: Briefs,
    accounts: Accounts,
    organisations: Organisations,
    agenda: Agenda,
    policy: Policy,
) -> int:
    """Give each person concerned their notices of the event, however often it arrives; the number of notices."""
    student_id = event.data.get("student_id")
    concerned = [role for role in _sides(event) if (event.type, role) in _TEXTS]
    accepted = event.type is EventType.BRIEF_AWARDED and event.data["by"] == Role.STUDENT
    people = _people(event, briefs, organisations) if concerned else {}
    notices = [
        _notice(event, account_id, _TEXTS[event.type, role])
        for role in concerned
        for account_id in people.get(role, [])
    ]
    notices += [_notice(event, account_id, _ACCEPTED) for account_id in people.get(Role.EMPLOYER, []) if accepted]
    notices += [_notice(event, account_id, text) for account_id, text in _applicants_to_tell(event, briefs)]
    if event.type in (EventType.BRIEF_PAID, EventType.BRIEF_SETTLED) and (
        text := _awaited(event, briefs, agenda, policy)
    ):
        both = [_notice(event, account_id, text) for side in people.values() for account_id in side]
        notices += [notice.model_copy(update=_named_apart(event)) for notice in both]
    if event.type is EventType.MESSAGE_POSTED:
        notices += [
            _notice(event, account_id, text) for account_id, text in _told_of_message(event, briefs, organisations)
        ]
    if event.type is EventType.MENTOR_NAMED:
        notices += [_notice(event, account_id, text) for account_id, text in _told_of_mentor(event)]
    if notices:
        accounts.tell(notices)
    _release(event, briefs, accounts)
    if event.data.get("outcome") == Outcome.NOT_SUBMITTED and student_id:
        accounts.mark(Mark(account_id=student_id, brief_id=event.subject, reason="not_submitted", at=event.time))
    return len(notices)


def _sides(event: CloudEvent) -> list[Role]:
    """Of a proposal, the other side than that which did something with it; of all else both."""
    apart = event.data["by"] if event.type.startswith("amendment.") else None
    return [role for role in (Role.EMPLOYER, Role.STUDENT) if role != apart]


def _people(event: CloudEvent, briefs: Briefs, organisations: Organisations) -> dict[Role, list[str]]:
    """Who is to be told, by the side they are on: everybody who belongs to the organisation now, and the student.

    Of a file, only ids of the file are in the event: what is wrong with it is for whoever sent it, or for both sides.
    """
    if event.type in (EventType.FILE_REFUSED, EventType.FILE_SCAN_FAILED):
        return {Role(event.data["role"]): [event.data["uploaded_by"]]}
    if event.type is EventType.WEBHOOK_DISABLED:
        members = organisations.members(event.data["organisation_id"])
        return {Role.EMPLOYER: [member.account_id for member in members if member.is_owner]}
    parties = (event.data.get("employer_id") or event.data.get("organisation_id"), event.data.get("student_id"))
    if event.type is EventType.FILE_INFECTED and (snapshot := briefs.read(event.subject)):
        parties = (snapshot.brief.employer_id, snapshot.brief.student_id)
    employer_id, student_id = parties
    members = organisations.members(employer_id) if employer_id else []
    return {
        Role.EMPLOYER: [member.account_id for member in members],
        Role.STUDENT: [student_id] if student_id else [],
    }


def _awaited(event: CloudEvent, briefs: Briefs, agenda: Agenda, policy: Policy) -> str | None:
    """That feedback is awaited now, and until when, which is noted; nothing on a brief that takes none."""
    snapshot = briefs.read(event.subject)
    until = taken_until(snapshot.brief, policy) if snapshot else None
    if snapshot is None or until is None:
        return None
    if due := feedback_due(snapshot.brief, policy):
        agenda.add([due])
    return f"Your feedback on this brief is awaited until {iso(until)}. You see the other's once both are in, or then."


def _told_of_message(event: CloudEvent, briefs: Briefs, organisations: Organisations) -> Iterator[tuple[str, str]]:
    """The other side of who wrote: of what an employer says to everybody, those who wait to be picked."""
    said, student_id = event.data, event.data.get("student_id")
    public = said["thread"] == "public"
    if said["by"] == Role.STUDENT:
        for member in organisations.members(said["employer_id"]):
            yield member.account_id, _ASKED if public else _WRITTEN
    elif student_id:
        yield student_id, _ANSWERED if public else _WRITTEN
    else:
        for application in _applications(event.subject, briefs):
            if application.withdrawn_at is None:
                yield application.student_id, _ADDED


def _told_of_mentor(event: CloudEvent) -> Iterator[tuple[str, str]]:
    """Who was named by somebody else, and the student once there is one."""
    if event.data["mentor_id"] != event.data["named_by"]:
        yield event.data["mentor_id"], _NAMED
    if student_id := event.data.get("student_id"):
        yield student_id, _HAS_CONTACT


def _applicants_to_tell(event: CloudEvent, briefs: Briefs) -> Iterator[tuple[str, str]]:
    """Those who applied and were not picked, when that becomes known, or no longer holds."""
    picked = event.data.get("student_id")
    if event.type is EventType.BRIEF_AWARDED:
        text = _NOT_SELECTED
    elif event.type in (EventType.BRIEF_EXPIRED, EventType.BRIEF_CANCELLED) and picked is None:
        text = _CLOSED
    elif event.type is EventType.BRIEF_AWARD_WITHDRAWN and event.data["state"] == State.OPEN:
        text = _OPEN_AGAIN
    else:
        return
    for application in _applications(event.subject, briefs):
        if application.student_id != picked and application.withdrawn_at is None:
            yield application.student_id, text


def _release(event: CloudEvent, briefs: Briefs, accounts: Accounts) -> None:
    """What cannot be picked any more counts no longer among what a student has applied for."""
    if event.type is EventType.APPLICATION_WITHDRAWN:
        accounts.release(event.data["student_id"], event.subject, event.data["version"])
        return
    over = event.type in _OVER
    if over or event.type is EventType.BRIEF_AWARD_WITHDRAWN:
        for application in _applications(event.subject, briefs):
            if over or application.withdrawn_at is not None:
                accounts.release(application.student_id, event.subject, application.version)


def _applications(brief_id: str, briefs: Briefs) -> Iterator[Application]:
    position: Position | None = None
    while True:
        page = briefs.list_documents(brief_id, Application, _PAGE, position)
        yield from page.items
        if (position := page.next) is None:
            return


def _named_apart(event: CloudEvent) -> dict[str, str]:
    """What tells a second notice of one event from the first."""
    return {"notice_id": f"{event.id}#{AWAITED}", "type": AWAITED}


def _notice(event: CloudEvent, account_id: str, text: str) -> Notice:
    brief_id = None if event.type in _OF_NO_BRIEF else event.subject
    return Notice(
        account_id=account_id, notice_id=event.id, brief_id=brief_id, type=event.type, text=text, at=event.time
    )

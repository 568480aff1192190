"""Records: counted from events, whichever way they come, and read by whom they concern."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from microintern.app.commands import load, require_role, require_side
from microintern.app.views.records import PartyRecord
from microintern.domain.brief import Brief, Command
from microintern.domain.documents import Application, ApplicationStatus, Review, Submission
from microintern.domain.events import CloudEvent, EventType
from microintern.domain.feedback import Feedback, taken_until
from microintern.domain.policy import Policy
from microintern.domain.problems import no_such
from microintern.domain.records import (
    COMPLETED,
    OF_BRIEFS,
    OF_FEEDBACK,
    OF_STUDENTS,
    Heard,
    Posted,
    Rated,
    Record,
    Row,
    Work,
    counts_of,
    rehires,
)
from microintern.domain.reports import tallies
from microintern.domain.states import Role
from microintern.ports.briefs import Briefs
from microintern.ports.clock import Clock
from microintern.ports.conditions import StaleDocument
from microintern.ports.organisations import Organisations
from microintern.ports.paging import Position
from microintern.ports.records import Records

T = TypeVar("T")

_TRIES = 8
_PAGE = 100
_DOCUMENTS = 100
"""More submissions or reviews than a brief can have."""


def hear(event: CloudEvent, *, briefs: Briefs, records: Records, clock: Clock, policy: Policy) -> int:
    """Bring up to date what an event counts for; how many records that changed."""
    if event.type in OF_FEEDBACK:
        return _hear_feedback(event.subject, briefs, records, clock, policy)
    if event.type not in OF_BRIEFS:
        return 0
    student_id = _student_of(event, briefs)
    work = _work_of(event.subject, briefs) if event.data.get("outcome") else None
    version = int(event.data["version"])
    changed = 0
    if student_id and event.type in OF_STUDENTS:
        theirs = Heard.of(event, student_id, work)
        changed += _change(student_id, Role.STUDENT, event.subject, lambda row: row.hearing(version, theirs), records)
        if not changed and records.read(student_id, Role.STUDENT).erased:
            student_id = None
    # Of the student, an organisation's row has nothing but who was awarded the brief.
    holder = student_id if event.type is EventType.BRIEF_AWARDED else None
    step = Heard.of(event, holder, work.without_scores if work else None).model_copy(
        update={"posted": _posted(event, briefs), "first_timer": _is_first_timer(event, holder, records)}
    )
    employer_id = event.data["employer_id"]
    return changed + _change(employer_id, Role.EMPLOYER, event.subject, lambda row: row.hearing(version, step), records)


def _posted(event: CloudEvent, briefs: Briefs) -> Posted | None:
    if event.type is not EventType.BRIEF_OPENED:
        return None
    brief = load(briefs, event.subject).brief
    return Posted.model_validate(brief.model_dump(include=set(Posted.model_fields)))


def _is_first_timer(event: CloudEvent, student_id: str | None, records: Records) -> bool | None:
    """Whether an award reached somebody who had completed nothing by then; None for what is no award."""
    if student_id is None:
        return None
    position: Position | None = None
    while True:
        page = records.rows(student_id, _PAGE, position)
        ends = (row.end for row in page.items)
        if any(end and end.outcome in COMPLETED and end.at < event.time for end in ends):
            return False
        if (position := page.next) is None:
            return True


def _student_of(event: CloudEvent, briefs: Briefs) -> str | None:
    """Who was awarded the brief; of an award that was given back, the application says whose it was."""
    student_id: str | None = event.data.get("student_id")
    if student_id is None and event.type is EventType.BRIEF_AWARD_WITHDRAWN:
        key = Application.key_of(event.data["application_id"])
        return load(briefs, event.subject, key).need(Application, key).student_id
    return student_id


def _work_of(brief_id: str, briefs: Briefs) -> Work:
    """What the documents of an ended brief say; they do not change any more."""
    brief = load(briefs, brief_id).brief
    if not brief.submissions:
        return Work(skills=brief.skills, field=brief.field, hours=brief.hours)
    submissions: list[Submission] = briefs.list_documents(brief_id, Submission, _DOCUMENTS).items
    reviews: list[Review] = briefs.list_documents(brief_id, Review, _DOCUMENTS).items
    came = {submission.number: submission.submitted_at for submission in submissions}
    took = [review.reviewed_at - came[review.number] for review in reviews if review.number in came]
    return Work(
        submissions=brief.submissions,
        rounds=brief.rounds_used,
        review_s=[int(time.total_seconds()) for time in took],
        skills=brief.skills,
        field=brief.field,
        hours=brief.hours,
        score_percent=next((r.score_percent for r in reviews if r.score_percent is not None), None),
    )


def _hear_feedback(brief_id: str, briefs: Briefs, records: Records, clock: Clock, policy: Policy) -> int:
    """What each side rated counts for the other; what the feedback is now says it all."""
    snapshot = load(briefs, brief_id, Feedback.key_of)
    feedback, until = snapshot.find(Feedback, Feedback.key_of), taken_until(snapshot.brief, policy)
    if feedback is None or until is None:
        return 0
    shown = feedback.is_shown(until, clock.now())
    changed = 0
    for by, rated_id, side in (
        (Role.STUDENT, feedback.employer_id, Role.EMPLOYER),
        (Role.EMPLOYER, feedback.student_id, Role.STUDENT),
    ):
        if given := feedback.of(by):
            news = Rated(version=feedback.steps, ratings=given.ratings, until=until, shown=shown)
            changed += _change(rated_id, side, brief_id, _rating(news), records)
    return changed


def _rating(news: Rated) -> Callable[[Row], Row]:
    return lambda row: row.rating(news)


def count_shown(*, records: Records, clock: Clock) -> int:
    """Count what only one side gave, once its window is over; how many records that changed."""
    total = 0
    # What was counted is not listed any more; the list may lag behind, so a round that counts nothing is the last.
    while changed := sum(
        _change(waiting.party_id, waiting.side, waiting.brief_id, _shown, records)
        for waiting in records.waiting(clock.now(), _PAGE)
    ):
        total += changed
    return total


def _shown(row: Row) -> Row:
    rated = row.rated.model_copy(update={"shown": True}) if row.rated else None
    return row.model_copy(update={"rated": rated})


def _change(party_id: str, side: Role, brief_id: str, change: Callable[[Row], Row], records: Records) -> bool:
    """Change a row, and with it the record by what the row counts for; False when there is nothing to change."""

    def changed() -> bool:
        record, before = records.read_row(party_id, side, brief_id)
        after = change(before)
        if record.erased or after == before:
            return False
        hired = _hired(record, before, after, records)
        again = sum(rehires(now) - rehires(was) for was, now in hired.values())
        counts = counts_of(after, side) | {"rehired": again}
        moved = record.moved(counts_of(before, side), counts)
        reported = tallies(party_id, before, after) if side is Role.EMPLOYER else []
        records.keep(moved, after, {student_id: now for student_id, (_, now) in hired.items()}, reported)
        return True

    return _until_written(changed)


def _hired(record: Record, before: Row, after: Row, records: Records) -> Mapping[str, tuple[int, int]]:
    """How many briefs of an employer those students hold whom the change concerns: before it, and after."""
    if record.side is not Role.EMPLOYER or before.holder == after.holder:
        return {}
    found: dict[str, tuple[int, int]] = {}
    for student_id, change in ((before.holder, -1), (after.holder, 1)):
        if student_id:
            briefs = records.hired(record.party_id, student_id)
            found[student_id] = (briefs, briefs + change)
    return found


def of_organisation(
    by: Command, organisation_id: str, *, organisations: Organisations, records: Records
) -> PartyRecord:
    """How an organisation deals with its briefs: what whoever thinks of applying wants to know."""
    require_role(by, Role.EMPLOYER, Role.STUDENT, Role.OPERATOR)
    if organisations.read(organisation_id) is None:
        raise no_such("organisation")
    return PartyRecord.of(records.read(organisation_id, Role.EMPLOYER))


def of_student(by: Command, student_id: str, *, records: Records) -> PartyRecord:
    """A student's own record, and any for operators; employers read it with an application."""
    require_role(by, Role.STUDENT, Role.OPERATOR)
    if by.role is Role.STUDENT and by.actor_id != student_id:
        raise no_such("student")
    return PartyRecord.of(records.read(student_id, Role.STUDENT))


def of_applicant(by: Command, brief_id: str, application_id: str, *, briefs: Briefs, records: Records) -> PartyRecord:
    """The record of who applied, for the employer who decides or has picked them; a blind brief stays blind."""
    require_role(by, Role.EMPLOYER)
    key = Application.key_of(application_id)
    snapshot = load(briefs, brief_id, key)
    brief: Brief = snapshot.brief
    require_side(brief, by, Role.EMPLOYER)
    application = snapshot.need(Application, key)
    status = application.status(brief)
    if status not in (ApplicationStatus.APPLIED, ApplicationStatus.AWARDED):
        raise no_such("application")
    hidden = brief.blind and status is not ApplicationStatus.AWARDED
    return PartyRecord.of(records.read(application.student_id, Role.STUDENT), hidden=hidden)


def forget(account_id: str, *, records: Records) -> None:
    """Take a student's record away; nothing is counted of them any more."""

    def forgotten() -> None:
        record = records.read(account_id, Role.STUDENT)
        records.forget(record.model_copy(update={"version": record.version + 1, "counts": {}, "erased": True}))

    _until_written(forgotten)


def forget_on(brief: Brief, account_id: str, *, records: Records) -> None:
    """Let an organisation's figures stay, without saying of whom they are."""

    def forgotten() -> None:
        record, row = records.read_row(brief.employer_id, Role.EMPLOYER, brief.brief_id)
        after = row.forgetting(account_id)
        if after != row:
            records.keep(record.moved({}, {}), after, {})

    _until_written(forgotten)
    records.forget_hired(brief.employer_id, account_id)


def _until_written(attempt: Callable[[], T]) -> T:
    """Try again while something else of the same party is counted at this moment."""
    for _ in range(_TRIES - 1):
        try:
            return attempt()
        except StaleDocument:
            continue
    return attempt()

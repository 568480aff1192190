"""The student hands in; the employer approves, or asks for changes against the rubric."""

from microintern.app.commands import commit, load, require_role, require_side
from microintern.app.requests import ApprovalRequest, ChangeRequest, SubmissionRequest
from microintern.domain import lifecycle
from microintern.domain.brief import Answer, Brief, Command
from microintern.domain.documents import (
    Content,
    Purpose,
    Review,
    StoredFile,
    Submission,
    SubmittedFile,
    rubric_score_percent,
)
from microintern.domain.files import require_usable
from microintern.domain.policy import Policy
from microintern.domain.posting import Posting
from microintern.domain.problems import Conflict, Invalid
from microintern.domain.states import Action, Role
from microintern.ports.briefs import Briefs, Snapshot
from microintern.ports.clock import Clock


def submit(
    by: Command, brief_id: str, request: SubmissionRequest, *, briefs: Briefs, clock: Clock, policy: Policy
) -> Answer:
    """Hand in received files as the next submission; each required deliverable must be there."""
    require_role(by, Role.STUDENT)
    keys = [StoredFile.key_of(handed.file_id) for handed in request.files]
    snapshot = load(briefs, brief_id, Content.key_of, *dict.fromkeys(keys))
    brief = snapshot.brief
    require_side(brief, by, Role.STUDENT)
    if answer := brief.answer_to(by):
        return answer
    lifecycle.check_allowed(brief, Action.SUBMIT)
    files = _pinned(snapshot, request, by)
    _check_complete(snapshot.posting, files)
    _check_received_in_time(brief, files)
    now = clock.now()
    after = lifecycle.submit(brief, by, now, policy)
    submission = Submission(
        number=after.submissions,
        files=files,
        note=request.note,
        submitted_at=now,
        received_at=max(file.received_at for file in files),
    )
    return commit(briefs, brief, after, by, submission)


def approve(
    by: Command, brief_id: str, request: ApprovalRequest, *, briefs: Briefs, clock: Clock, policy: Policy
) -> Answer:
    """Accept the newest submission with scores and feedback; the student is paid."""
    snapshot = _to_review(by, brief_id, briefs)
    brief = snapshot.brief
    if answer := brief.answer_to(by):
        return answer
    lifecycle.check_allowed(brief, Action.APPROVE)
    _check_newest(brief, request.submission_number)
    now = clock.now()
    review = Review(
        number=request.submission_number,
        decision="approve",
        scores=request.scores,
        feedback=request.feedback,
        score_percent=rubric_score_percent(snapshot.posting, request.scores),
        reviewed_at=now,
    )
    return commit(briefs, brief, lifecycle.approve(brief, by, now, policy), by, review)


def request_changes(
    by: Command, brief_id: str, request: ChangeRequest, *, briefs: Briefs, clock: Clock, policy: Policy
) -> Answer:
    """Ask for a revision of the newest submission; each point cites a criterion, and the rounds are capped."""
    snapshot = _to_review(by, brief_id, briefs)
    brief = snapshot.brief
    if answer := brief.answer_to(by):
        return answer
    lifecycle.check_allowed(brief, Action.REQUEST_CHANGES)
    _check_newest(brief, request.submission_number)
    cited = list(dict.fromkeys(point.criterion for point in request.points))
    unknown = [name for name in cited if snapshot.posting.criterion(name) is None]
    if unknown:
        names = ", ".join(criterion.name for criterion in snapshot.posting.rubric)
        raise Invalid.field("unknown_criterion", "/points", f"The rubric has {names}; not {', '.join(unknown)}.")
    now = clock.now()
    review = Review(
        number=request.submission_number,
        decision="request_changes",
        points=request.points,
        feedback=request.feedback,
        reviewed_at=now,
    )
    return commit(briefs, brief, lifecycle.request_changes(brief, cited, by, now, policy), by, review)


def _to_review(by: Command, brief_id: str, briefs: Briefs) -> Snapshot:
    require_role(by, Role.EMPLOYER)
    snapshot = load(briefs, brief_id, Content.key_of)
    require_side(snapshot.brief, by, Role.EMPLOYER)
    return snapshot


def _check_newest(brief: Brief, number: int) -> None:
    if number != brief.submissions:
        detail = f"Submission {number} is not the newest; that is {brief.submissions}."
        raise Conflict("not_the_newest", detail, state=brief.state, version=brief.version)


def _pinned(snapshot: Snapshot, request: SubmissionRequest, by: Command) -> list[SubmittedFile]:
    files = []
    for i, handed in enumerate(request.files):
        file = snapshot.find(StoredFile, StoredFile.key_of(handed.file_id))
        where = f"/files/{i}/file_id"
        if file is None or file.uploaded_by != by.actor_id or file.purpose is not Purpose.DELIVERABLE:
            raise Invalid.field("unknown_file", where, f"You have uploaded no deliverable {handed.file_id} here.")
        if file.deliverable != handed.deliverable:
            detail = f"{file.name} was uploaded for {file.deliverable}, not for {handed.deliverable}."
            raise Invalid.field("another_deliverable", where, detail)
        require_usable(file, named_by=where)
        pinned = file.model_dump(include=set(SubmittedFile.model_fields))
        files.append(SubmittedFile.model_validate(pinned))
    return files


def _check_complete(posting: Posting, files: list[SubmittedFile]) -> None:
    handed_in = {file.deliverable for file in files}
    missing = [d.name for d in posting.deliverables if d.required and d.name not in handed_in]
    if missing:
        raise Invalid.field("deliverable_missing", "/files", f"Hand in a file for {', '.join(missing)} as well.")


def _check_received_in_time(brief: Brief, files: list[SubmittedFile]) -> None:
    """What counts is when S3 had the file, not when somebody got round to handing it in."""
    late = [file.name for file in files if brief.due_at is not None and file.received_at > brief.due_at]
    if late:
        detail = f"Received after the deadline: {', '.join(late)}."
        raise Conflict("received_late", detail, state=brief.state, version=brief.version)

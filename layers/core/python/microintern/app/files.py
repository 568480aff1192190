"""Files go straight between people and S3; here it is agreed which, and said who may have them."""

from datetime import datetime, timedelta

from microintern.app.commands import load, require_role, require_side
from microintern.app.requests import UploadRequest
from microintern.domain.audit import Finding, entry
from microintern.domain.base import derived_id, iso
from microintern.domain.brief import Brief, Command, key_reused
from microintern.domain.documents import Content, FileStatus, Purpose, StoredFile
from microintern.domain.files import awaited, require_usable, settles_by
from microintern.domain.parts import part_bytes_of
from microintern.domain.policy import Policy
from microintern.domain.posting import Posting
from microintern.domain.problems import Conflict, Forbidden, Invalid, Problem
from microintern.domain.quotas import UploadQuota, upload_quota, uploads_exhausted
from microintern.domain.states import Role, State
from microintern.ports.briefs import Briefs
from microintern.ports.clock import Clock
from microintern.ports.conditions import StaleDocument, UploadsExhausted
from microintern.ports.files import FileStore, UploadForm
from microintern.ports.trail import Audit

_WRITABLE = {
    (Role.EMPLOYER, Purpose.MATERIAL): {State.POSTED, State.OPEN, State.AWARDED, State.CHANGES_REQUESTED},
    (Role.EMPLOYER, Purpose.RETURN): {State.SUBMITTED},
    (Role.STUDENT, Purpose.DELIVERABLE): {State.AWARDED, State.CHANGES_REQUESTED},
}
"""Who may add which files while the brief is in which state.

What an employer owes to the work (data, a logo, an answer to a question) is material, too: it can be added until the
work is handed in, and again while changes are made. A return is a submission marked up, and goes with its review.
"""


def ask_upload(
    by: Command,
    brief_id: str,
    request: UploadRequest,
    *,
    briefs: Briefs,
    files: FileStore,
    clock: Clock,
    policy: Policy,
) -> tuple[StoredFile, UploadForm | None]:
    """Announce a file and get the form that takes exactly that; repeated, a fresh form while it has not come.

    There is no form for a large file: its parts are sent one by one, see app/uploading.py.
    """
    require_role(by, Role.EMPLOYER, Role.STUDENT)
    file_id = derived_id("file", brief_id, by.key)
    snapshot = load(briefs, brief_id, Content.key_of, StoredFile.key_of(file_id))
    require_side(snapshot.brief, by, Role.EMPLOYER, Role.STUDENT)
    file = snapshot.find(StoredFile, StoredFile.key_of(file_id))
    now = clock.now()
    if file is None:
        check_turn(snapshot.brief, by.role, request.purpose, now)
        _check_deliverable(snapshot.posting, request)
        new = _in_parts(_announced(file_id, snapshot.brief, by, request, now), files, policy)
        new = new.model_copy(update={"settle_by": settles_by(now, policy, in_parts=new.plan is not None)})
        try:
            file = _add(briefs, new, upload_quota(by.actor_id, new.size_bytes, now, policy), now, policy)
        except Problem:
            _drop_upload(new, files)
            raise
        if file is not new:
            _drop_upload(new, files)
    if file.body != by.body:
        raise key_reused()
    if file.status is not FileStatus.EXPECTED:
        return file, None
    file = _still_awaited(file, now, briefs, policy)
    return file, None if file.plan else files.upload_form(file, policy.upload_url_s)


def _add(briefs: Briefs, new: StoredFile, quota: UploadQuota, now: datetime, policy: Policy) -> StoredFile:
    """The file, counted among what its uploader has announced today; or the one that is there."""
    if quota.size_bytes > quota.most_bytes:
        raise uploads_exhausted(now, policy)
    try:
        return briefs.add(new.brief_id, new, quota=quota) or new
    except UploadsExhausted as exhausted:
        raise uploads_exhausted(now, policy) from exhausted


def download(
    by: Command,
    brief_id: str,
    file_id: str,
    *,
    briefs: Briefs,
    files: FileStore,
    audit: Audit,
    clock: Clock,
    policy: Policy,
) -> str:
    """A link to a file that was received and found clean."""
    file = readable(by, brief_id, file_id, briefs=briefs, audit=audit, clock=clock)
    return files.download_url(file, policy.download_url_s)


def readable(by: Command, brief_id: str, file_id: str, *, briefs: Briefs, audit: Audit, clock: Clock) -> StoredFile:
    """A clean file, for the two parties; while they dispute, for operators too.

    That an operator had it is written down before anything of it is given.
    """
    snapshot = load(briefs, brief_id, StoredFile.key_of(file_id))
    judges = (Role.OPERATOR,) if snapshot.brief.state is State.DISPUTED else ()
    require_side(snapshot.brief, by, Role.EMPLOYER, Role.STUDENT, *judges)
    file = snapshot.need(StoredFile, StoredFile.key_of(file_id))
    require_usable(file)
    if by.role is Role.OPERATOR:
        now = clock.now()
        facts = {"brief_id": brief_id, "operator_id": by.actor_id, "read_at": iso(now)}
        audit.note(entry(Finding.EVIDENCE_READ, file_id, "An operator read a file of a disputed brief.", now, **facts))
    return file


def _still_awaited(file: StoredFile, now: datetime, briefs: Briefs, policy: Policy) -> StoredFile:
    """The file, not given up while another form is good."""
    good_until = now + timedelta(seconds=policy.upload_url_s)
    if file.settle_by and good_until <= file.settle_by:
        return file
    later = awaited(file, now, policy)
    try:
        briefs.replace(later)
    except StaleDocument as stale:
        detail = "The file was received while you asked; ask again."
        raise Conflict("changed_meanwhile", detail, file_id=file.file_id) from stale
    return later


def _announced(file_id: str, brief: Brief, by: Command, request: UploadRequest, now: datetime) -> StoredFile:
    return StoredFile(
        file_id=file_id,
        brief_id=brief.brief_id,
        event=by.did("file.announced", now, brief.entry),
        submission_number=brief.submissions if request.purpose is Purpose.RETURN else None,
        uploaded_by=by.actor_id,
        role=by.role,
        asked_at=now,
        body=by.body,
        **request.model_dump(),
    )


def _in_parts(file: StoredFile, files: FileStore, policy: Policy) -> StoredFile:
    """A large file with an upload begun for it. Who loses a race with oneself drops it; S3 forgets others in a day."""
    part_bytes = part_bytes_of(file.size_bytes, policy)
    if part_bytes is None:
        return file
    return file.model_copy(update={"part_bytes": part_bytes, "upload_id": files.start_upload(file)})


def _drop_upload(file: StoredFile, files: FileStore) -> None:
    if file.plan:
        files.abort_upload(file)


def check_turn(brief: Brief, role: Role, purpose: Purpose, now: datetime) -> None:
    """Raise Forbidden or Conflict unless this side may add such a file now."""
    states = _WRITABLE.get((role, purpose))
    if states is None:
        raise Forbidden("wrong_purpose", f"The {role} adds no file for the purpose {purpose}.")
    facts = {"state": brief.state, "version": brief.version}
    if brief.state not in states:
        detail = f"The brief is {brief.state}; such a file can be added while it is {' or '.join(sorted(states))}."
        raise Conflict("wrong_state", detail, **facts)
    if purpose is Purpose.DELIVERABLE and brief.due_at is not None and now >= brief.due_at:
        raise Conflict("deadline_passed", "The deadline has passed; a file that arrives now would be late.", **facts)


def _check_deliverable(posting: Posting, request: UploadRequest) -> None:
    if request.purpose is not Purpose.DELIVERABLE:
        if request.deliverable is not None:
            raise Invalid.field("not_a_deliverable", "/deliverable", "Only a file for a deliverable names one.")
        return
    deliverable = posting.deliverable(request.deliverable or "")
    if deliverable is None:
        names = ", ".join(d.name for d in posting.deliverables)
        raise Invalid.field("unknown_deliverable", "/deliverable", f"The brief asks for {names}.")
    if request.media_type not in deliverable.media_types:
        detail = f"{deliverable.name} is accepted as {', '.join(deliverable.media_types)}; not {request.media_type}."
        raise Invalid.field("media_type_not_accepted", "/media_type", detail)
    if request.size_bytes > deliverable.most_bytes:
        detail = f"{deliverable.name} may have {deliverable.most_bytes} bytes; this file has {request.size_bytes}."
        raise Invalid.field("file_too_large", "/size_bytes", detail)

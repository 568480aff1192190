"""Large files come in parts, straight to S3: links for parts, which of them have arrived, and the end."""

from datetime import datetime

from microintern.app.commands import load, require_role, require_side
from microintern.app.files import check_turn
from microintern.app.requests import PartsRequest
from microintern.app.views.files import Multipart, PartLinks, PartLinkView, PartsView, PartView
from microintern.domain.brief import Brief, Command
from microintern.domain.documents import FileStatus, StoredFile
from microintern.domain.files import completed
from microintern.domain.parts import PartPlan
from microintern.domain.policy import Policy
from microintern.domain.problems import Conflict, Invalid, no_such
from microintern.domain.states import Role
from microintern.ports.briefs import Briefs
from microintern.ports.clock import Clock
from microintern.ports.conditions import StaleDocument
from microintern.ports.files import FileStore, ReceivedPart

_CAME = (FileStatus.RECEIVED, FileStatus.REFUSED)
_SHOWN = 100
"""How many missing parts a refusal names."""


def link_parts(
    by: Command,
    brief_id: str,
    file_id: str,
    request: PartsRequest,
    *,
    briefs: Briefs,
    files: FileStore,
    clock: Clock,
    policy: Policy,
) -> PartLinks:
    """Links by which exactly these parts can be sent; asked again, fresh ones."""
    brief, file, plan = _upload_of(by, brief_id, file_id, briefs)
    if file.status in _CAME:
        raise Conflict("already_received", "This file was received; announce another to upload again.", file_id=file_id)
    _require_awaited(file)
    _require_turn(brief, file, clock.now(), files)
    if (unknown := plan.unknown(part.number for part in request.parts)) is not None:
        detail = f"There is no part {unknown}: this file has {plan.count} parts."
        raise Invalid.field("unknown_part", "/parts", detail)
    links = [
        PartLinkView(
            number=part.number,
            offset_bytes=(part.number - 1) * plan.part_bytes,
            size_bytes=plan.size_of(part.number),
            **files.part_link(file, part.number, part.sha256, policy.upload_url_s).model_dump(),
        )
        for part in request.parts
    ]
    return PartLinks(parts=links, expires_in_s=policy.upload_url_s)


def parts_of(by: Command, brief_id: str, file_id: str, *, briefs: Briefs, files: FileStore) -> PartsView:
    """Which parts S3 has, so that an upload goes on where it stopped, on whichever machine."""
    _, file, plan = _upload_of(by, brief_id, file_id, briefs)
    whole = Multipart(parts=plan.count, part_bytes=plan.part_bytes)
    parts = _parts_at_s3(file, files)
    if parts is None:
        return PartsView(multipart=whole, received=[], missing=[], completed=True)
    missing = plan.missing({part.number: part.size_bytes for part in parts})
    return PartsView(multipart=whole, received=[PartView.of(p) for p in parts], missing=missing, completed=False)


def complete_upload(
    by: Command, brief_id: str, file_id: str, *, briefs: Briefs, files: FileStore, clock: Clock
) -> StoredFile:
    """Have S3 make the file of its parts. Its receipt is recorded when S3 reports it, as for every file."""
    brief, file, plan = _upload_of(by, brief_id, file_id, briefs)
    parts = _parts_at_s3(file, files)
    if parts is None:
        return file
    now = clock.now()
    _require_turn(brief, file, now, files)
    if missing := plan.missing({part.number: part.size_bytes for part in parts}):
        detail = f"{len(missing)} of {plan.count} parts have not arrived; send them, then complete the upload."
        raise Conflict("parts_missing", detail, missing=missing[:_SHOWN])
    file = _written_down(by, file, now, briefs)
    if not files.complete_upload(file, parts) and not files.is_stored(file):
        raise _dropped(file)
    return file


def _written_down(by: Command, file: StoredFile, now: datetime, briefs: Briefs) -> StoredFile:
    """Who completes it, before it is done: a call that got lost is made good by asking once more."""
    if file.is_completed:
        return file
    after = completed(file, by.did("file.completed", now, file.entry))
    try:
        briefs.replace(after)
    except StaleDocument as stale:
        meanwhile = load(briefs, file.brief_id, file.key).need(StoredFile, file.key)
        if not meanwhile.is_completed:
            raise Conflict("changed_meanwhile", "The file changed while you asked; ask again.") from stale
        return meanwhile
    return after


def _upload_of(by: Command, brief_id: str, file_id: str, briefs: Briefs) -> tuple[Brief, StoredFile, PartPlan]:
    """The caller's own file that is sent in parts."""
    require_role(by, Role.EMPLOYER, Role.STUDENT)
    snapshot = load(briefs, brief_id, StoredFile.key_of(file_id))
    require_side(snapshot.brief, by, Role.EMPLOYER, Role.STUDENT)
    file = snapshot.need(StoredFile, StoredFile.key_of(file_id))
    if file.uploaded_by != by.actor_id:
        raise no_such("file")
    if file.plan is None:
        raise Conflict(
            "not_in_parts", "This file is small enough to be sent as a whole, by the form that it came with."
        )
    return snapshot.brief, file, file.plan


def _require_turn(brief: Brief, file: StoredFile, now: datetime, files: FileStore) -> None:
    """As when it was announced. What can come too late only is dropped now, and not only when S3 tidies up."""
    try:
        check_turn(brief, file.role, file.purpose, now)
    except Conflict as refused:
        if brief.outcome is not None or refused.code == "deadline_passed":
            files.abort_upload(file)
        raise


def _parts_at_s3(file: StoredFile, files: FileStore) -> list[ReceivedPart] | None:
    """What has arrived of an upload that is under way; None when it was completed."""
    if file.status in _CAME:
        return None
    _require_awaited(file)
    parts = files.parts(file)
    if parts is None and not files.is_stored(file):
        raise _dropped(file)
    return parts


def _require_awaited(file: StoredFile) -> None:
    """What was given up would not be recorded any more."""
    if file.status is FileStatus.EXPIRED:
        raise _dropped(file)


def _dropped(file: StoredFile) -> Conflict:
    detail = "The parts were dropped: an upload must be completed within a day. Announce the file under a new key."
    return Conflict("upload_expired", detail, file_id=file.file_id)

"""What becomes of a file between its announcement and its use: received or refused, scanned, given up.

It fails closed: only what was received as announced and found clean is of any use to anybody.
"""

from datetime import datetime, timedelta

from microintern.domain.documents import FileStatus, Refusal, ScanStatus, StoredFile, Verdict
from microintern.domain.policy import Policy
from microintern.domain.problems import Conflict
from microintern.domain.trail import Event

_WEIGHT = [ScanStatus.PENDING, ScanStatus.ERROR, ScanStatus.CLEAN, ScanStatus.INFECTED]
"""A verdict takes the place of a lighter one only: what was infected once stays so, whatever is said later."""


def is_usable(file: StoredFile) -> bool:
    """Whether it can be downloaded, handed in, cited and reviewed."""
    return file.status is FileStatus.RECEIVED and file.scan is ScanStatus.CLEAN


def require_usable(file: StoredFile, named_by: str | None = None) -> None:
    """Raise Conflict unless the file was received as announced and found clean; says which is missing.

    `named_by` is the field of the request that names it, as a JSON pointer.
    """
    if is_usable(file):
        return
    code, detail = _why_not(file)
    errors = {"errors": [{"field": named_by, "rule": code, "detail": detail}]} if named_by else {}
    raise Conflict(code, detail, file_id=file.file_id, **errors)


def _why_not(file: StoredFile) -> tuple[str, str]:
    if file.status is FileStatus.REFUSED:
        reason = file.refusal.reason if file.refusal else ""
        return "file_refused", f"{file.name} was not accepted. {reason}".rstrip()
    code, detail = _WHY_NOT[(file.scan or ScanStatus.PENDING) if file.status is FileStatus.RECEIVED else file.status]
    return code, f"{file.name} {detail}"


_WHY_NOT: dict[str, tuple[str, str]] = {
    FileStatus.EXPECTED: ("not_received", "was announced but has not been received."),
    FileStatus.EXPIRED: ("not_received", "was announced but never came; announce another and upload it."),
    FileStatus.REMOVED: ("file_removed", "was kept for as long as files are, and is gone."),
    ScanStatus.PENDING: ("scan_pending", "is being checked for malware, which usually takes seconds; try again."),
    ScanStatus.INFECTED: ("file_infected", "contains malware; nobody can have it."),
    ScanStatus.ERROR: ("scan_failed", "could not be checked for malware; upload it again, without a password."),
}


def settles_by(now: datetime, policy: Policy, *, in_parts: bool = False) -> datetime:
    """When a file should have come and been scanned whose form, or whose upload in parts, is good from now on."""
    good_for_s = policy.parts_life_s if in_parts else policy.upload_url_s
    return now + timedelta(seconds=good_for_s + policy.scan_timeout_s)


def awaited(file: StoredFile, now: datetime, policy: Policy) -> StoredFile:
    """The expected file, with another form, or another life of its upload, that is good from now on."""
    return _next(file, settle_by=settles_by(now, policy, in_parts=file.plan is not None), rescans=0)


def completed(file: StoredFile, event: Event) -> StoredFile:
    """The expected file, whose parts are to be made a whole."""
    return _next(file, event=event, steps=file.steps + 1)


def received(file: StoredFile, version_id: str, at: datetime, now: datetime, policy: Policy) -> StoredFile:
    """The expected file, with the version that S3 has of it; its scan may have been faster."""
    latest = settles_by(now, policy)
    news = {"status": FileStatus.RECEIVED, "version_id": version_id, "received_at": at, "rescans": 0, "early": None}
    early = file.early if file.early and file.early.version_id == version_id else None
    if early:
        return _next(file, **news, scan=early.scan, scanned_at=early.at, settle_by=None)
    # Left as it is where it can be: the list of what is awaited is then not written again.
    settle_by = min(file.settle_by or latest, latest)
    return _next(file, **news, scan=ScanStatus.PENDING, settle_by=settle_by)


def refused(file: StoredFile, version_id: str, at: datetime, refusal: Refusal) -> StoredFile:
    """The expected file, whose content is not what was announced."""
    news = {"status": FileStatus.REFUSED, "version_id": version_id, "received_at": at, "refusal": refusal}
    return _next(file, **news, early=None, settle_by=None)


def scanned(file: StoredFile, verdict: Verdict) -> StoredFile | None:
    """The file with what the scanner said of one of its versions; None when that changes nothing."""
    if file.status is FileStatus.EXPECTED:
        return None if file.early == verdict else _next(file, early=verdict)
    if file.status is not FileStatus.RECEIVED or file.version_id != verdict.version_id:
        return None
    if file.scan is not None and _WEIGHT.index(verdict.scan) <= _WEIGHT.index(file.scan):
        return None
    return _next(file, scan=verdict.scan, scanned_at=verdict.at, settle_by=None)


def overdue(file: StoredFile, now: datetime, policy: Policy) -> StoredFile:
    """The file whose receipt or scan did not come in time: to be asked for once more, or given up."""
    if file.rescans < policy.most_rescans:
        later = now + timedelta(seconds=policy.scan_timeout_s)
        return _next(file, rescans=file.rescans + 1, settle_by=later)
    if file.status is FileStatus.EXPECTED:
        reason = "It could not be looked at. Announce it anew and upload it again."
        refusal = Refusal(code="unreadable", reason=reason)
        return _next(file, status=FileStatus.REFUSED, refusal=refusal, settle_by=None)
    return _next(file, scan=ScanStatus.ERROR, scanned_at=now, settle_by=None)


def expired(file: StoredFile) -> StoredFile | None:
    """The file that S3 does not have though it was looked for; None when somebody means to send it after all."""
    if file.status is not FileStatus.EXPECTED or not file.rescans:
        return None
    return _next(file, status=FileStatus.EXPIRED, settle_by=None)


def removed(file: StoredFile) -> StoredFile:
    """The file, of which only this record is kept."""
    return _next(file, status=FileStatus.REMOVED)


def is_stray(file: StoredFile | None, version_id: str) -> bool:
    """Whether nobody wants this version of an object: no record asks for it, or the record has another, or has none."""
    if file is None:
        return True
    if file.status is FileStatus.RECEIVED:
        return file.version_id != version_id
    return file.status is not FileStatus.EXPECTED


def _next(file: StoredFile, **changes: object) -> StoredFile:
    return file.model_copy(update={**changes, "version": file.version + 1})

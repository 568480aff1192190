"""What becomes of a file between its announcement and its use: received or refused, scanned, given up.

It fails closed: only what was received as announced and found clean is of any use to anybody.
"""

from datetime import datetime, timedelta

from microintern.domain.documents import FileStatus, Refusal, ScanStatus, StoredFile, Verdict
from microintern.domain.policy import Policy
from microintern.domain.problems import Conflict

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
    match file.status, file.scan:
        case FileStatus.EXPECTED, _:
            return "not_received", f"{file.name} was announced but has not been received."
        case FileStatus.EXPIRED, _:
            return "not_received", f"{file.name} was announced but never came; announce and upload it again."
        case FileStatus.REFUSED, _:
            reason = file.refusal.reason if file.refusal else ""
            return "file_refused", f"{file.name} was not accepted. {reason}".rstrip()
        case _, ScanStatus.INFECTED:
            return "file_infected", f"{file.name} contains malware; nobody can have it."
        case _, ScanStatus.ERROR:
            return "scan_failed", f"{file.name} could not be checked for malware; upload it again, without a password."
    return "scan_pending", f"{file.name} is being checked for malware, which usually takes seconds; try again."


def settles_by(now: datetime, policy: Policy, *, in_parts: bool = False) -> datetime:
    """When a file should have come and been scanned whose form, or whose upload in parts, is good from now on."""
    good_for_s = policy.parts_life_s if in_parts else policy.upload_url_s
    return now + timedelta(seconds=good_for_s + policy.scan_timeout_s)


def awaited(file: StoredFile, now: datetime, policy: Policy) -> StoredFile:
    """The file with a form that is good from now on: it is expected, also when it had been given up."""
    settle_by = settles_by(now, policy, in_parts=file.plan is not None)
    return _next(file, status=FileStatus.EXPECTED, settle_by=settle_by, rescans=0)


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


def _next(file: StoredFile, **changes: object) -> StoredFile:
    return file.model_copy(update={**changes, "version": file.version + 1})

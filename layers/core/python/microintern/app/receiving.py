"""What S3 and the scanner report of files is recorded: which version came and when, and whether it is clean.

Both reports may come more than once, in either order and at once: each is one conditional write on what was read.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from microintern.app.commands import load
from microintern.domain.base import Frozen, Instant
from microintern.domain.documents import FileStatus, ScanStatus, StoredFile, Verdict
from microintern.domain.files import expired, received, refused, scanned
from microintern.domain.policy import Policy
from microintern.domain.problems import NotFound
from microintern.inspection import inspect
from microintern.ports.briefs import Briefs
from microintern.ports.clock import Clock
from microintern.ports.conditions import StaleDocument
from microintern.ports.files import FileStore, ReceivedObject

_MOST_TRIES = 4
"""A receipt and a verdict can meet; more than two of them rarely do."""


class Created(Frozen):
    """S3 says that an object was created."""

    brief_id: str
    file_id: str
    version_id: str
    at: Instant


def record_receipt(created: Created, *, briefs: Briefs, files: FileStore, clock: Clock, policy: Policy) -> bool:
    """Note the first version that comes of a file, when S3 had it, and whether it is what was announced.

    False when nobody (still) expected it.
    """
    found = files.received(created.brief_id, created.file_id, created.version_id)
    if found is None:
        return False
    # S3 dates what came in parts from when its upload began.
    at = max(found.received_at, created.at) if found.in_parts else found.received_at
    return _record_receipt(created.brief_id, created.file_id, found, at, briefs, files, clock.now(), policy)


def look_for(brief_id: str, file_id: str, *, briefs: Briefs, files: FileStore, clock: Clock, policy: Policy) -> bool:
    """Note what S3 has of a file whose receipt was never reported, or that it has nothing. False if neither is new."""
    found, now = files.received(brief_id, file_id), clock.now()
    if found is not None:
        at = now if found.in_parts else found.received_at
        return _record_receipt(brief_id, file_id, found, at, briefs, files, now, policy)
    file = _find(brief_id, file_id, briefs)
    after = expired(file) if file else None
    if after is None:
        return False
    try:
        briefs.replace(after)
    except StaleDocument:
        return False
    return True


def record_verdict(brief_id: str, file_id: str, verdict: Verdict, *, briefs: Briefs, files: FileStore) -> bool:
    """Note what the scanner said of a version. False when it is not the file's version, or nothing new."""
    return _record(brief_id, file_id, lambda file: scanned(file, verdict), briefs, files)


def _record_receipt(
    brief_id: str,
    file_id: str,
    found: ReceivedObject,
    at: datetime,
    briefs: Briefs,
    files: FileStore,
    now: datetime,
    policy: Policy,
) -> bool:
    def with_receipt(file: StoredFile) -> StoredFile | None:
        if file.status is not FileStatus.EXPECTED:
            return None
        if refusal := inspect(file, found, partial(files.open, brief_id, file_id, found)):
            return refused(file, found.version_id, at, refusal)
        return received(file, found.version_id, at, now, policy)

    return _record(brief_id, file_id, with_receipt, briefs, files)


def _record(
    brief_id: str, file_id: str, news: Callable[[StoredFile], StoredFile | None], briefs: Briefs, files: FileStore
) -> bool:
    """Write what a report makes of the file as it is; False when that changes nothing."""
    for _ in range(_MOST_TRIES):
        file = _find(brief_id, file_id, briefs)
        after = news(file) if file else None
        if after is None:
            # This may be the second try of what was recorded and not put away.
            _put_away(file, files)
            return False
        try:
            briefs.replace(after)
        except StaleDocument:
            continue
        _put_away(after, files)
        return True
    raise RuntimeError(f"file {file_id} was changed each time a report of it was to be recorded")


def _put_away(file: StoredFile | None, files: FileStore) -> None:
    """Nobody can have what is infected, not even who knows where it lies."""
    if file and file.scan is ScanStatus.INFECTED and file.version_id:
        files.quarantine(file)


def _find(brief_id: str, file_id: str, briefs: Briefs) -> StoredFile | None:
    key = StoredFile.key_of(file_id)
    try:
        return load(briefs, brief_id, key).find(StoredFile, key)
    except NotFound:
        return None

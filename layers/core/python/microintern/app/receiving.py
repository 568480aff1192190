"""What S3 and the scanner report of files is recorded: which version came and when, and whether it is clean.

Both reports may come more than once, in either order and at once: each is one conditional write on what was read.
"""

from microintern.app.commands import load
from microintern.domain.base import Frozen, Instant
from microintern.domain.documents import FileStatus, StoredFile, Verdict
from microintern.domain.files import received, scanned
from microintern.domain.policy import Policy
from microintern.domain.problems import NotFound
from microintern.ports import Briefs, Clock, FileStore, StaleDocument

_MOST_TRIES = 4
"""A receipt and a verdict can meet; more than two of them rarely do."""


class Created(Frozen):
    """S3 says that an object was created."""

    brief_id: str
    file_id: str
    version_id: str
    at: Instant
    in_parts: bool = False
    """Whether it was put together from parts."""


def record_receipt(created: Created, *, briefs: Briefs, files: FileStore, clock: Clock, policy: Policy) -> bool:
    """Note the first version that comes of a file, and when S3 had it. False when nobody (still) expected it."""
    for _ in range(_MOST_TRIES):
        file = _find(created.brief_id, created.file_id, briefs)
        if file is None or file.status is not FileStatus.EXPECTED:
            return False
        found = files.received(created.brief_id, created.file_id, created.version_id)
        if found is None:
            return False
        # S3 dates what came in parts from when its upload began.
        at = max(found.received_at, created.at) if created.in_parts else found.received_at
        try:
            briefs.replace(received(file, found.version_id, at, clock.now(), policy))
        except StaleDocument:
            continue
        return True
    raise RuntimeError(f"file {created.file_id} was changed each time its receipt was to be recorded")


def record_verdict(brief_id: str, file_id: str, verdict: Verdict, *, briefs: Briefs) -> bool:
    """Note what the scanner said of a version. False when it is not the file's version, or nothing new."""
    for _ in range(_MOST_TRIES):
        file = _find(brief_id, file_id, briefs)
        after = scanned(file, verdict) if file else None
        if after is None:
            return False
        try:
            briefs.replace(after)
        except StaleDocument:
            continue
        return True
    raise RuntimeError(f"file {file_id} was changed each time its verdict was to be recorded")


def _find(brief_id: str, file_id: str, briefs: Briefs) -> StoredFile | None:
    key = StoredFile.key_of(file_id)
    try:
        return load(briefs, brief_id, key).find(StoredFile, key)
    except NotFound:
        return None

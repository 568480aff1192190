"""Clears away what nobody wants any more: versions that no record asks for, and files whose time is over.

A version that a record pins is touched only once its brief was settled as long ago as files are kept, and then the
record says so first. Everything can be done twice.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from microintern.domain.base import Frozen
from microintern.domain.documents import FileStatus, ScanStatus, StoredFile
from microintern.domain.files import is_stray, removed
from microintern.domain.policy import Policy
from microintern.ports.briefs import Briefs
from microintern.ports.clock import Clock
from microintern.ports.conditions import StaleDocument
from microintern.ports.files import FileStore, StoredVersion
from microintern.ports.paging import Position

MOST_PAGES = 20
VERSIONS_PER_PAGE = 500
_LETTERS = "234567abcdefghijklmnopqrstuvwxyz"
"""What the ids of briefs begin with, each as often as the others."""
_STRIDE = 13


class Tidied(Frozen):
    """What a run did."""

    seen: int = 0
    strays: int = 0
    """Versions that no record asked for."""
    outlived: int = 0
    """Files that had been kept for long enough."""


def start_of(day: datetime) -> str:
    """Where a day's run begins, so that each part of a bucket that is too large for one run has its turn."""
    return f"briefs/{_LETTERS[day.toordinal() * _STRIDE % len(_LETTERS)]}"


def tidy(start: str, *, briefs: Briefs, files: FileStore, clock: Clock, policy: Policy) -> Tidied:
    """Look through the versions from this key on, round to where it began or as far as one run goes."""
    now, tidied, failures = clock.now(), Tidied(), list[Exception]()
    for versions in _pages(start, files):
        known = briefs.find_files(list({(version.brief_id, version.file_id): None for version in versions}))
        for version in versions:
            file = known.get((version.brief_id, version.file_id))
            try:
                stray, outlived = _see_to(version, file, now, briefs, files, policy)
            except Exception as failure:
                # One version that cannot be cleared away must not keep the others from it.
                failures.append(failure)
                continue
            counts = {"strays": tidied.strays + stray, "outlived": tidied.outlived + outlived}
            tidied = tidied.model_copy(update=counts)
        tidied = tidied.model_copy(update={"seen": tidied.seen + len(versions)})
    if failures:
        raise ExceptionGroup(f"{len(failures)} versions could not be cleared away", failures)
    return tidied


def _see_to(
    version: StoredVersion, file: StoredFile | None, now: datetime, briefs: Briefs, files: FileStore, policy: Policy
) -> tuple[bool, bool]:
    """Whether it was a stray, and whether it had outlived its time; it is gone then."""
    if is_stray(file, version.version_id):
        stray = version.at < now - timedelta(seconds=policy.keep_strays_s)
        if stray:
            files.remove(version)
        return stray, False
    assert file is not None  # it would be a stray
    if file.scan is ScanStatus.INFECTED:
        files.quarantine(file)
        return True, False
    outlived = file.status is FileStatus.RECEIVED and _has_outlived(file, version, now, briefs, policy)
    if outlived:
        try:
            briefs.replace(removed(file))
        except StaleDocument:
            return False, False
        files.remove(version)
    return False, outlived


def _has_outlived(file: StoredFile, version: StoredVersion, now: datetime, briefs: Briefs, policy: Policy) -> bool:
    ended_by = now - timedelta(seconds=policy.keep_files_s)
    if version.at >= ended_by:
        return False  # younger than its brief's end can be
    snapshot = briefs.read(file.brief_id)
    return bool(snapshot and snapshot.brief.settled_at and snapshot.brief.settled_at < ended_by)


def _pages(start: str, files: FileStore) -> Iterator[list[StoredVersion]]:
    """From a key to the end, and from the beginning to that key."""
    position, wrapped = Position(sort=start, item=""), False
    for _ in range(MOST_PAGES):
        page = files.list_versions(VERSIONS_PER_PAGE, position)
        begun = [v for v in page.items if not wrapped or f"briefs/{v.brief_id}/{v.file_id}" < start]
        yield begun
        if wrapped and len(begun) < len(page.items):
            return
        if page.next is None:
            if wrapped:
                return
            position, wrapped = Position(sort="", item=""), True
        else:
            position = page.next

"""Files whose receipt or scan did not come in time: asked for once more, a few times, and then given up."""

from collections.abc import Iterator
from datetime import datetime

from microintern.domain.documents import FileStatus, StoredFile
from microintern.domain.files import overdue
from microintern.domain.policy import Policy
from microintern.ports.briefs import SHARDS, Briefs
from microintern.ports.conditions import StaleDocument
from microintern.ports.files import FileChecks
from microintern.ports.paging import Position

_PAGE = 100


def chase(now: datetime, *, briefs: Briefs, checks: FileChecks, policy: Policy) -> int:
    """See to the files that are overdue; how many those were."""
    found = 0
    for file in _overdue(briefs, now):
        after = overdue(file, now, policy)
        try:
            briefs.replace(after)
        except StaleDocument:
            continue  # what was awaited has come
        found += 1
        if after.settle_by is None:
            continue
        # Asked for after it is written: what is lost between the two is asked for by the next round.
        (checks.look_for if after.status is FileStatus.EXPECTED else checks.scan)(after)
    return found


def _overdue(briefs: Briefs, now: datetime) -> Iterator[StoredFile]:
    for shard in range(SHARDS):
        position: Position | None = None
        while True:
            page = briefs.list_awaited_files(shard, now, _PAGE, position)
            # The list is of an index, which lags behind by a moment.
            yield from (file for file in page.items if file.settle_by and file.settle_by < now)
            if (position := page.next) is None:
                break

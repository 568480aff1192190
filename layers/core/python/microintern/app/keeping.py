"""Work that was handed in cannot be deleted: it is held until the brief is settled, then retained as long as kept."""

from collections.abc import Iterator
from datetime import timedelta

from microintern.app.commands import load
from microintern.domain.documents import Submission
from microintern.domain.events import CloudEvent
from microintern.domain.policy import Policy
from microintern.ports.briefs import Briefs
from microintern.ports.files import FileStore, StoredVersion
from microintern.ports.paging import Position

_PAGE = 100


def keep(event: CloudEvent, *, briefs: Briefs, files: FileStore, policy: Policy) -> int:
    """Hold what was handed in until the brief's money has moved, then retain it; how many files those are.

    Events may come in any order, so what counts is how the brief is now.
    """
    brief = load(briefs, event.subject).brief
    count = 0
    for version in _handed_in(brief.brief_id, briefs):
        if brief.settled_at is None:
            files.hold(version)
        else:
            files.let_go(version, brief.settled_at + timedelta(seconds=policy.keep_files_s))
        count += 1
    return count


def _handed_in(brief_id: str, briefs: Briefs) -> Iterator[StoredVersion]:
    position: Position | None = None
    while True:
        page = briefs.list_documents(brief_id, Submission, _PAGE, position)
        for submission in page.items:
            for file in submission.files:
                at = {"version_id": file.version_id, "at": file.received_at}
                yield StoredVersion.model_validate({"brief_id": brief_id, "file_id": file.file_id, **at})
        if (position := page.next) is None:
            return

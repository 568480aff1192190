"""What students do and did here, noted as their briefs go on: their fit and the places for first-timers rest on it."""

from collections.abc import Iterator

from microintern.app.commands import load
from microintern.domain.documents import Application
from microintern.domain.events import CloudEvent, EventType
from microintern.domain.fit import Work, work_of
from microintern.ports.briefs import Briefs
from microintern.ports.discovery import Students
from microintern.ports.paging import Position

FOLLOWED = (
    EventType.BRIEF_AWARDED,
    EventType.BRIEF_AWARD_WITHDRAWN,
    EventType.BRIEF_AMENDED,
    EventType.BRIEF_SUBMITTED,
    EventType.BRIEF_CHANGES_REQUESTED,
    EventType.BRIEF_DISPUTED,
    EventType.BRIEF_APPROVED,
    EventType.BRIEF_EXPIRED,
    EventType.BRIEF_CANCELLED,
    EventType.BRIEF_RESOLVED,
)
"""The events after which a brief is something else to whoever was awarded it."""

_PAGE = 100


def keep(event: CloudEvent, *, briefs: Briefs, students: Students) -> int:
    """Note what the brief is now to whoever has it, and to who gave it back; how many notes were new."""
    brief = load(briefs, event.subject).brief
    noted: dict[str, Work] = {}
    if event.type is EventType.BRIEF_AWARD_WITHDRAWN:
        gave_back = work_of(brief, given_back=True)
        noted = dict.fromkeys(_gave_back(brief.brief_id, briefs), gave_back)
    if brief.student_id:
        noted[brief.student_id] = work_of(brief)
    return sum(students.record(student_id, brief.brief_id, work) for student_id, work in noted.items())


def _gave_back(brief_id: str, briefs: Briefs) -> Iterator[str]:
    position: Position | None = None
    while True:
        page = briefs.list_documents(brief_id, Application, _PAGE, position)
        for application in page.items:
            if application.awarded_at is not None and application.withdrawn_at is not None:
                yield application.student_id
        if (position := page.next) is None:
            return

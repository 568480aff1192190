"""What people read: open briefs, one brief, their own, and everything that belongs to it."""

from datetime import date
from typing import TypeVar

from microintern.app.commands import load, require_role, require_side
from microintern.app.cursors import decode, encode
from microintern.app.discovering import fit_of
from microintern.app.views.briefs import ApplicationPage, BriefPage, BriefView, FloorView, application_view, brief_view
from microintern.app.views.files import FilePage, FileView
from microintern.app.views.money import LedgerView
from microintern.app.views.trail import Step, TimelinePage
from microintern.domain.brief import Brief, Command
from microintern.domain.documents import Application, ApplicationStatus, Content, Document, StoredFile
from microintern.domain.pay_floors import floor_for
from microintern.domain.problems import no_such
from microintern.domain.states import Role, State
from microintern.domain.trail import BRIEF
from microintern.ports.accounts import Accounts
from microintern.ports.briefs import Briefs, BrowseFilter, Snapshot
from microintern.ports.clock import Clock
from microintern.ports.discovery import Students
from microintern.ports.ledger import Ledger
from microintern.ports.organisations import Organisations
from microintern.ports.paging import Page, Position
from microintern.ports.trail import Trail

D = TypeVar("D", bound=Document)

_PAGE = 100
_MOST_APPLICATIONS = 1_000


def browse(by: Command, only: BrowseFilter, limit: int, cursor: str | None, *, briefs: Briefs) -> BriefPage:
    """The open briefs that pass the filter, the next to close first."""
    scope = ("open", by.actor_id, only.model_dump_json())
    page = briefs.list_in_state(State.OPEN, limit, decode(cursor, *scope), only)
    items = [brief_view(s.brief, s.posting, party=False) for s in page.items]
    return BriefPage(items=items, next_cursor=encode(page.next, *scope))


def disputes(by: Command, limit: int, cursor: str | None, *, briefs: Briefs) -> BriefPage:
    """The disputed briefs, for operators; the next to lapse first."""
    require_role(by, Role.OPERATOR)
    scope = ("disputed", by.actor_id)
    page = briefs.list_in_state(State.DISPUTED, limit, decode(cursor, *scope))
    items = [brief_view(s.brief, s.posting, party=True) for s in page.items]
    return BriefPage(items=items, next_cursor=encode(page.next, *scope))


def mine(by: Command, limit: int, cursor: str | None, *, briefs: Briefs) -> BriefPage:
    """The briefs of one's organisation, or those a student has applied for; the newest first."""
    require_role(by, Role.EMPLOYER, Role.STUDENT)
    scope = ("mine", by.role, by.actor_id, by.organisation_id or "")
    after = decode(cursor, *scope)
    if by.role is Role.EMPLOYER:
        page = briefs.list_of_employer(by.organisation_id, limit, after) if by.organisation_id else Page(items=[])
    else:
        page = briefs.list_of_student(by.actor_id, limit, after)
    return BriefPage(items=[_own_view(s, by) for s in page.items], next_cursor=encode(page.next, *scope))


def pay_floor(place: str, hours: int, last_day: date | None, *, clock: Clock) -> FloorView:
    """The floor that a posting for this place would be held against today."""
    today = clock.now().date()
    return FloorView.of(floor_for(place, today, max(today, last_day or today)), hours, today)


def read(
    by: Command,
    brief_id: str,
    *,
    briefs: Briefs,
    organisations: Organisations,
    students: Students,
    clock: Clock,
) -> BriefView:
    """One brief: anyone's while it is open, afterwards its parties', its applicants' and the operators'."""
    application_key = Application.key_for(brief_id, by.actor_id)
    snapshot = load(briefs, brief_id, Content.key_of, application_key)
    brief, application = snapshot.brief, snapshot.find(Application, application_key)
    party = _is_party(brief, by)
    if not (party or application or brief.state is State.OPEN):
        raise no_such("brief")
    employer = organisations.read(brief.employer_id)
    fit = fit_of(by, snapshot, students=students, clock=clock) if brief.state is State.OPEN else None
    return brief_view(brief, snapshot.posting, party=party, employer=employer, application=application, fit=fit)


def timeline(
    by: Command, brief_id: str, limit: int, cursor: str | None, *, briefs: Briefs, trail: Trail
) -> TimelinePage:
    """Who did what when, and each deadline that began to run."""
    brief = load(briefs, brief_id).brief
    require_side(brief, by, Role.EMPLOYER, Role.STUDENT, Role.OPERATOR)
    scope = ("event", by.actor_id, brief_id)
    page = trail.page(brief_id, BRIEF, limit, decode(cursor, *scope))
    entries = {entry.version: entry for entry in page.items}
    if page.next is None:
        # The stream brings the entries; the newest may still be on its way and is known from the brief itself.
        entries.setdefault(brief.version, brief.entry)
    steps = [Step.of(entries[version], brief.zone) for version in sorted(entries)]
    return TimelinePage(items=steps, next_cursor=encode(page.next, *scope))


def files(by: Command, brief_id: str, limit: int, cursor: str | None, *, briefs: Briefs) -> FilePage:
    """The files of a brief, for its parties."""
    _, page, next_cursor = _documents(by, brief_id, StoredFile, limit, cursor, briefs)
    return FilePage(items=[FileView.of(file) for file in page.items], next_cursor=next_cursor)


def documents(
    by: Command, brief_id: str, model: type[D], limit: int, cursor: str | None, *, briefs: Briefs
) -> tuple[list[D], str | None]:
    """A brief's submissions, reviews or statements, for its parties and operators."""
    _, page, next_cursor = _documents(by, brief_id, model, limit, cursor, briefs)
    return page.items, next_cursor


def applications(
    by: Command,
    brief_id: str,
    limit: int,
    cursor: str | None,
    *,
    briefs: Briefs,
    accounts: Accounts,
    students: Students,
) -> ApplicationPage:
    """Who applied, for the employer; without names while a blind brief is undecided.

    The places kept for first-timers come first; who has them is decided with the first page, and the cursor says it.
    """
    require_role(by, Role.EMPLOYER)
    snapshot = load(briefs, brief_id, Content.key_of)
    brief, places = snapshot.brief, snapshot.posting.first_timer_places
    require_side(brief, by, Role.EMPLOYER)
    scope = (Application.kind, by.actor_id, brief_id)
    after = decode(cursor, *scope)
    kept = first_timers(brief, places, briefs, students) if places and after is None else []
    kept_ids = [application.application_id for application in kept] if after is None else after.item.split()
    page = briefs.list_documents(brief_id, Application, limit, after and Position(sort=after.sort, item=after.sort))
    found = [*kept, *(a for a in page.items if a.application_id not in kept_ids)]
    student_ids = [application.student_id for application in found]
    profiles, known = accounts.profiles(student_ids), students.experiences(student_ids) if places else {}
    items = [
        application_view(
            a, brief, profiles.get(a.student_id), known.get(a.student_id), place_kept=a.application_id in kept_ids
        )
        for a in found
    ]
    next_ = page.next and Position(sort=page.next.sort, item=" ".join(kept_ids))
    return ApplicationPage(items=items, next_cursor=encode(next_, *scope))


def first_timers(brief: Brief, places: int, briefs: Briefs, students: Students) -> list[Application]:
    """Those who have completed no brief and applied first, one for each place; looked for among a thousand."""
    found: list[Application] = []
    position: Position | None = None
    for _ in range(_MOST_APPLICATIONS // _PAGE):
        page = briefs.list_documents(brief.brief_id, Application, _PAGE, position)
        waiting = [a for a in page.items if a.status(brief) is ApplicationStatus.APPLIED]
        known = students.experiences([application.student_id for application in waiting])
        found += [application for application in waiting if known[application.student_id].first_timer]
        if (position := page.next) is None:
            break
    return sorted(found, key=lambda a: (a.applied_at, a.application_id))[:places]


def ledger_of(by: Command, brief_id: str, *, briefs: Briefs, ledger: Ledger) -> LedgerView:
    """What was held, paid, refunded and kept for a brief."""
    brief = load(briefs, brief_id).brief
    if not _is_party(brief, by):
        raise no_such("brief")
    return LedgerView.of(brief, ledger.transfers(brief_id))


def _is_party(brief: Brief, by: Command) -> bool:
    return by.role is Role.OPERATOR or brief.side_of(by) is not None


def _own_view(snapshot: Snapshot, by: Command) -> BriefView:
    application = snapshot.find(Application, Application.key_for(snapshot.brief.brief_id, by.actor_id))
    party = _is_party(snapshot.brief, by)
    return brief_view(snapshot.brief, snapshot.posting, party=party, application=application)


def _documents(
    by: Command, brief_id: str, model: type[Document], limit: int, cursor: str | None, briefs: Briefs
) -> tuple[Brief, Page, str | None]:
    brief = load(briefs, brief_id).brief
    require_side(brief, by, Role.EMPLOYER, Role.STUDENT, Role.OPERATOR)
    scope = (model.kind, by.actor_id, brief_id)
    page = briefs.list_documents(brief_id, model, limit, decode(cursor, *scope))
    return brief, page, encode(page.next, *scope)

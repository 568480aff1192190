"""The audit trail as people read it, and the proof that nobody has changed it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from microintern.app.commands import load, require_role, require_side
from microintern.app.cursors import decode, encode
from microintern.app.views.trail import TrailDay, TrailPage, TrailStep
from microintern.domain.amendments import Amendments
from microintern.domain.audit import Finding, entry
from microintern.domain.base import Frozen, iso
from microintern.domain.brief import Brief, Command
from microintern.domain.check_ins import CheckIns
from microintern.domain.documents import Application, Document, StoredFile
from microintern.domain.feedback import Feedback
from microintern.domain.mentors import Mentor
from microintern.domain.messages import PUBLIC, Message
from microintern.domain.states import Role
from microintern.domain.trail import BRIEF, Entry, verify
from microintern.ports.accounts import Accounts
from microintern.ports.briefs import Briefs
from microintern.ports.clock import Clock
from microintern.ports.credentials import Credentials
from microintern.ports.paging import Position
from microintern.ports.portfolios import Portfolios
from microintern.ports.trail import Audit, Trail

D = TypeVar("D", bound=Document)

_DOCUMENTS_PER_CALL = 100


@dataclass(frozen=True)
class Things:
    """Where everything is that has a trail."""

    briefs: Briefs
    accounts: Accounts
    credentials: Credentials
    portfolios: Portfolios

    def steps(self, scope: str) -> list[Entry]:
        """The steps that whatever has this id, and what belongs to it, is at."""
        if self.briefs.read(scope):
            return _now(scope, self.briefs)[1]
        of_account = [*self.accounts.steps(scope), *self.portfolios.steps(scope)]
        return of_account or self.credentials.steps(scope)


def trail_of(
    by: Command, brief_id: str, limit: int, cursor: str | None, *, briefs: Briefs, trail: Trail, clock: Clock
) -> TrailPage:
    """Every step of a brief and of what belongs to it, the oldest first, and whether the chain of hashes holds."""
    require_side(load(briefs, brief_id).brief, by, Role.EMPLOYER, Role.STUDENT, Role.OPERATOR)
    scope = ("trail", by.actor_id, brief_id)
    after = decode(cursor, *scope)
    # The entries before what they must lead to: what happens in between is then on its way, and not one too many.
    entries = trail.entries(brief_id)
    brief, heads = _now(brief_id, briefs)
    verdict = verify(brief_id, entries, heads, clock.now())
    newest = [head for head in heads if verdict.broken is None and head not in entries]
    own = _since_award(brief, (*entries, *newest)) if by.role is Role.STUDENT else (*entries, *newest)
    places = {_place(e): e for e in own if _may_see(by, e, brief)}
    left = sorted(place for place in places if after is None or place > (after.sort, after.item))
    shown, more = left[:limit], len(left) > limit
    position = Position(sort=shown[-1][0], item=shown[-1][1]) if more else None
    items = [TrailStep.of(places[place], hidden=_is_blind(by, places[place], brief)) for place in shown]
    return TrailPage(items=items, chain=verdict, next_cursor=encode(position, *scope))


def commands_of_day(
    by: Command, day: date, actor_id: str | None, limit: int, cursor: str | None, *, trail: Trail
) -> TrailDay:
    """What was done on a day across everything, by anybody or by one account; for operators."""
    require_role(by, Role.OPERATOR)
    scope = ("commands", by.actor_id, day.isoformat(), actor_id or "")
    page = trail.of_day(day, limit, decode(cursor, *scope))
    items = [e for e in page.items if actor_id is None or e.event.actor_id == actor_id]
    return TrailDay(items=[TrailStep.of(e) for e in items], next_cursor=encode(page.next, *scope))


class Checked(Frozen):
    """How many trails were recomputed, and how many of them do not fit."""

    trails: int = 0
    broken: int = 0


def check_trails(days: int, *, things: Things, trail: Trail, audit: Audit, clock: Clock) -> Checked:
    """Recompute the trail of everything that changed in these days; what does not fit needs a person."""
    now = clock.now()
    changed = {scope for back in range(days + 1) for scope in trail.changed((now - timedelta(days=back)).date())}
    broken = 0
    for scope in sorted(changed):
        if why := _why_broken(scope, now, things, trail):
            broken += 1
            audit.note(entry(Finding.TRAIL_BROKEN, scope, why, now))
    return Checked(trails=len(changed), broken=broken)


def _why_broken(scope: str, now: datetime, things: Things, trail: Trail) -> str | None:
    """What is wrong with a trail; what cannot even be read stops no other from being checked."""
    entries = trail.entries(scope)
    try:
        heads = things.steps(scope)
    except ValueError:
        return "what it leads to cannot be read"
    what = verify(scope, entries, heads, now).broken
    return f"{what.fault} at {what.subject}, version {what.version}" if what else None


def _now(brief_id: str, briefs: Briefs) -> tuple[Brief, list[Entry]]:
    """The brief, and the steps that it and what belongs to it are at."""
    brief = load(briefs, brief_id).brief
    applications = [application.entry for application in _every(briefs, brief_id, Application)]
    files = [file.entry for file in _every(briefs, brief_id, StoredFile) if file.entry]
    feedback = [given.entry for given in _every(briefs, brief_id, Feedback) if given.entry]
    said = [message.entry for message in _every(briefs, brief_id, Message)]
    mentors = [mentor.entry for mentor in _every(briefs, brief_id, Mentor)]
    check_ins = [said.entry for said in _every(briefs, brief_id, CheckIns)]
    amendments = [proposed.entry for proposed in _every(briefs, brief_id, Amendments)]
    return brief, [brief.entry, *applications, *files, *feedback, *said, *mentors, *amendments, *check_ins]


def _every(briefs: Briefs, brief_id: str, model: type[D]) -> list[D]:
    found: list[D] = []
    position: Position | None = None
    while True:
        page = briefs.list_documents(brief_id, model, _DOCUMENTS_PER_CALL, position)
        found += page.items
        if (position := page.next) is None:
            return found


def _place(step: Entry) -> tuple[str, str]:
    """In the order of time; of one instant, in that of versions."""
    return iso(step.event.at), f"{step.version:06d}#{step.subject}"


def _since_award(brief: Brief, steps: Sequence[Entry]) -> list[Entry]:
    """The steps without what was proposed and said of the work under an award before the one that stands."""
    awards = [step.event.at for step in steps if step.subject == BRIEF and step.version == brief.award]
    of_award = (Amendments.key_of, CheckIns.key_of)
    return [step for step in steps if step.subject not in of_award or (awards and step.event.at >= awards[0])]


def _may_see(by: Command, step: Entry, brief: Brief) -> bool:
    """Students see no application but their own, and nothing of what others wrote in private."""
    if by.role is not Role.STUDENT:
        return True
    if step.subject.startswith(f"{Message.kind}#"):
        return step.subject.startswith((f"{Message.kind}#{PUBLIC}#", f"{Message.kind}#{brief.application_id}#"))
    return not _is_application(step) or _is_awarded(step, brief)


def _is_blind(by: Command, step: Entry, brief: Brief) -> bool:
    """Who applied or asked stays hidden as it does elsewhere.

    From the employer of a blind brief, but for who was awarded it; and who asked, from students.
    """
    by_other_student = step.event.role is Role.STUDENT and step.event.actor_id != brief.student_id
    asked = by_other_student and step.subject.startswith(f"{Message.kind}#{PUBLIC}#")
    if by.role is Role.STUDENT:
        return asked
    theirs = _is_application(step) and step.event.role is Role.STUDENT and not _is_awarded(step, brief)
    return by.role is Role.EMPLOYER and brief.blind and (theirs or asked)


def _is_application(step: Entry) -> bool:
    return step.subject.startswith(f"{Application.kind}#")


def _is_awarded(step: Entry, brief: Brief) -> bool:
    return brief.application_id is not None and step.subject == Application.key_of(brief.application_id)

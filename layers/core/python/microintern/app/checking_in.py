"""A student says how the work is going when that is asked; both sides read it, and a reminder goes out."""

from datetime import datetime

from microintern.app.accounts import repeated
from microintern.app.award_log import next_version, place, write
from microintern.app.commands import load, require_role, require_side
from microintern.app.requests import CheckInRequest
from microintern.app.views.check_ins import CheckInAnswered, CheckInList, CheckInView
from microintern.domain.brief import Brief, Command
from microintern.domain.check_ins import MOST_ANSWERS, CheckIn, CheckIns, asked_at, open_question
from microintern.domain.events import check_in_due
from microintern.domain.problems import Conflict
from microintern.domain.states import Role
from microintern.domain.trail import Fact
from microintern.ports.briefs import Briefs
from microintern.ports.clock import Clock
from microintern.ports.workflow import EventBus


def answer(by: Command, brief_id: str, request: CheckInRequest, *, briefs: Briefs, clock: Clock) -> CheckInAnswered:
    """Say how the work is going, once for each time that it is asked."""
    require_role(by, Role.STUDENT)
    snapshot = load(briefs, brief_id, CheckIns.key_of)
    brief, before = snapshot.brief, snapshot.find(CheckIns, CheckIns.key_of)
    require_side(brief, by, Role.STUDENT)
    if before and repeated(before.done, by):
        return CheckInAnswered.of(brief_id, before.made_by(by))
    now = clock.now()
    asked = open_question(brief, before.under(brief.award) if before else [], now)
    after = _next(before, by, brief, request, asked, now)
    meanwhile = "You answered at this moment already; read the check-ins again."
    return CheckInAnswered.of(brief_id, write(after, by, brief, briefs, meanwhile).made_by(by))


def _next(
    before: CheckIns | None, by: Command, brief: Brief, request: CheckInRequest, asked: datetime, now: datetime
) -> CheckIns:
    """The next version, with what is said now; its first step hangs on the brief's."""
    if before and len(before.under(brief.award)) >= MOST_ANSWERS:
        detail = f"At most {MOST_ANSWERS} check-ins of one award are kept; write a message instead."
        raise Conflict("too_many_check_ins", detail, state=brief.state, version=brief.version)
    said = CheckIn(**place(before, by, brief), asked_at=asked, answered_at=now, **request.model_dump())
    facts: dict[str, Fact] = {"number": said.number, "going": said.going.value}
    event = by.did("check_in.answered", now, (before or brief).entry, facts)
    return next_version(CheckIns, before, [*(before.items if before else []), said], event, by, brief)


def read(by: Command, brief_id: str, *, briefs: Briefs, clock: Clock) -> CheckInList:
    """When it is asked how the work is going, and what was answered; for the two sides."""
    snapshot = load(briefs, brief_id, CheckIns.key_of)
    brief, found = snapshot.brief, snapshot.find(CheckIns, CheckIns.key_of)
    require_side(brief, by, Role.EMPLOYER, Role.STUDENT)
    said = {each.asked_at: each for each in (found.under(brief.award) if found else [])}
    points, now = asked_at(brief), clock.now()
    latest = max((point for point in points if point <= now), default=None)
    every = sorted({*points, *said})
    return CheckInList(items=[CheckInView.of(at, said.get(at), brief, latest) for at in every])


def remind(brief_id: str, at: datetime, *, briefs: Briefs, bus: EventBus) -> bool:
    """Have the student told that a check-in is due, if one is at this instant and was not answered."""
    snapshot = briefs.read(brief_id, CheckIns.key_of)
    if snapshot is None or at not in asked_at(snapshot.brief):
        return False
    found = snapshot.find(CheckIns, CheckIns.key_of)
    if found and any(each.asked_at == at for each in found.under(snapshot.brief.award)):
        return False
    bus.publish([check_in_due(snapshot.brief, at).model_dump(mode="json")])
    return True

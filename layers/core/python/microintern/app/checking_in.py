"""A student says how the work is going when that is asked; both sides read it, and a reminder goes out."""

from datetime import datetime

from microintern.app.accounts import remember, repeated
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
from microintern.ports.conditions import StaleDocument
from microintern.ports.workflow import EventBus


def answer(by: Command, brief_id: str, request: CheckInRequest, *, briefs: Briefs, clock: Clock) -> CheckInAnswered:
    """Say how the work is going, once for each time that it is asked."""
    require_role(by, Role.STUDENT)
    snapshot = load(briefs, brief_id, CheckIns.key_of)
    brief, before = snapshot.brief, snapshot.find(CheckIns, CheckIns.key_of)
    require_side(brief, by, Role.STUDENT)
    if before and repeated(before.done, by):
        return _said_by(by, before)
    now = clock.now()
    asked = open_question(brief, before.under(brief.award) if before else [], now)
    after = _write(by, _next(before, by, brief, request, asked, now), brief, briefs)
    return _said_by(by, after)


def _next(
    before: CheckIns | None, by: Command, brief: Brief, request: CheckInRequest, asked: datetime, now: datetime
) -> CheckIns:
    """The next version, with what is said now; its first step hangs on the brief's."""
    assert brief.application_id
    assert brief.award
    items = before.items if before else []
    if before and len(before.under(brief.award)) >= MOST_ANSWERS:
        detail = f"At most {MOST_ANSWERS} check-ins of one award are kept; write a message instead."
        raise Conflict("too_many_check_ins", detail, state=brief.state, version=brief.version)
    number = len(items) + 1
    said = CheckIn(
        number=number,
        application_id=brief.application_id,
        award=brief.award,
        command=by.key,
        asked_at=asked,
        answered_at=now,
        **request.model_dump(),
    )
    facts: dict[str, Fact] = {"number": number, "going": request.going.value}
    return CheckIns(
        brief_id=brief.brief_id,
        employer_id=brief.employer_id,
        student_id=by.actor_id,
        items=[*items, said],
        version=before.version + 1 if before else 1,
        steps=before.steps + 1 if before else 1,
        event=by.did("check_in.answered", now, before.entry if before else brief.entry, facts),
        done=remember(before.done if before else [], by),
    )


def _write(by: Command, after: CheckIns, brief: Brief, briefs: Briefs) -> CheckIns:
    try:
        briefs.replace(after)
    except StaleDocument as stale:
        meanwhile = load(briefs, after.brief_id, after.key).find(CheckIns, after.key)
        if meanwhile and repeated(meanwhile.done, by):
            return meanwhile
        detail = "You answered at this moment already; read the check-ins again."
        raise Conflict("changed_meanwhile", detail, state=brief.state, version=brief.version) from stale
    return after


def _said_by(by: Command, found: CheckIns) -> CheckInAnswered:
    said = next(each for each in found.items if each.command == by.key)
    return CheckInAnswered.of(found.brief_id, said)


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

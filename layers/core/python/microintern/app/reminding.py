"""Whoever has to act before a deadline is reminded of it once, if it still stands and they have not acted.

Nothing is written for that while a brief lives: the list of what has to move, which the sweeper reads, is in the order
of the deadlines already. A run looks at what came near since the last one; its notices are named after the deadline,
so that a run that broke off can be repeated. Only feedback, awaited when a brief has ended, is noted when it has.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from microintern.domain.accounts import Notice
from microintern.domain.brief import Brief
from microintern.domain.feedback import Feedback, taken_until
from microintern.domain.mailing import Due
from microintern.domain.notices import NEAR
from microintern.domain.policy import Policy
from microintern.domain.posting import local
from microintern.domain.states import LAPSES, Role, State
from microintern.ports.accounts import Accounts
from microintern.ports.briefs import SHARDS, Briefs
from microintern.ports.clock import Clock
from microintern.ports.mailing import Agenda
from microintern.ports.organisations import Organisations
from microintern.ports.paging import Position

SEEN_TO = "reminders"
_PAGE = 100

_ACTS: dict[State, tuple[Role, str]] = {
    State.POSTED: (Role.EMPLOYER, "Your brief is not funded yet. Fund it"),
    State.OPEN: (Role.EMPLOYER, "Applications to your brief close soon. Pick somebody"),
    State.AWARDED: (Role.STUDENT, "The work is due soon. Hand it in"),
    State.SUBMITTED: (Role.EMPLOYER, "Work waits for your review. Decide"),
    State.CHANGES_REQUESTED: (Role.STUDENT, "The changes that were asked for are due soon. Hand them in"),
}
"""Who has to act in a state, and what they are told to do until its deadline."""


@dataclass(frozen=True)
class Reminding:
    """What it takes to remind."""

    briefs: Briefs
    accounts: Accounts
    organisations: Organisations
    agenda: Agenda
    clock: Clock
    policy: Policy


def remind(on: Reminding) -> int:
    """Give notice of the deadlines that came near since the last run; the number of notices."""
    now, lead = on.clock.now(), timedelta(seconds=on.policy.remind_before_s)
    # What has passed by now needs no reminder, however long nobody looked.
    after = max(on.agenda.seen_to(SEEN_TO) or now - lead, now - lead)
    told = 0
    for brief in _near(after + lead, now + lead, on.briefs):
        told += _tell(brief, brief.lapse_at, _waited_for(brief), lead, on)
    for due in on.agenda.between("feedback", after, now):
        told += _remind_of_feedback(due, lead, on)
    on.agenda.advance(SEEN_TO, now)
    return told


def feedback_due(brief: Brief, policy: Policy) -> Due | None:
    """When to remind of the feedback on an ended brief; None for a brief that takes none."""
    until = taken_until(brief, policy)
    if until is None:
        return None
    at = until - timedelta(seconds=policy.remind_before_s)
    return Due(agenda="feedback", at=at, subject=brief.brief_id)


def _near(after: datetime, until: datetime, briefs: Briefs) -> Iterator[Brief]:
    for shard in range(SHARDS):
        position: Position | None = None
        while True:
            page = briefs.list_unsettled(shard, until, _PAGE, position, since=after)
            # The list is of an index, which lags behind by a moment: what the brief says itself counts.
            yield from (brief for brief in page.items if brief.lapse_at and after <= brief.lapse_at < until)
            if (position := page.next) is None:
                break


def _waited_for(brief: Brief) -> dict[Role, str]:
    """Who has to act before the brief's deadline, and what they are told; nobody, when others or nobody do."""
    if brief.collecting:
        return {}
    if brief.state is State.DISPUTED:
        dispute = brief.dispute
        sides = [] if dispute is None or dispute.decision else [Role.EMPLOYER, Role.STUDENT]
        says = "You have not said anything in the dispute yet. Say it"
        waits = {side: says for side in sides if dispute and side not in dispute.heard}
        return {side: _by(text, brief, "whoever has answered wins") for side, text in waits.items()}
    if brief.state not in _ACTS:
        return {}
    side, text = _ACTS[brief.state]
    return {side: _by(text, brief, LAPSES[brief.state])}


def _by(text: str, brief: Brief, then: str) -> str:
    assert brief.due_at
    return f"{text} by {local(brief.due_at, brief.zone)} ({brief.zone}): after that, {then}."


def _remind_of_feedback(due: Due, lead: timedelta, on: Reminding) -> int:
    snapshot = on.briefs.read(due.subject, Feedback.key_of)
    until = taken_until(snapshot.brief, on.policy) if snapshot else None
    if snapshot is None or until is None:
        return 0
    found = snapshot.find(Feedback, Feedback.key_of)
    given = found.given if found else []
    if found and found.closed:
        return 0
    shown = f"{local(until, snapshot.brief.zone)} ({snapshot.brief.zone})"
    text = f"You have given no feedback on this brief yet. It can be given until {shown}, and not after that."
    waits = {side: text for side in (Role.EMPLOYER, Role.STUDENT) if side not in given}
    return _tell(snapshot.brief, until, waits, lead, on)


def _tell(brief: Brief, at: datetime | None, waits: dict[Role, str], lead: timedelta, on: Reminding) -> int:
    """Remind these sides, unless they have been told of the deadline since it came near."""
    if at is None or (brief.event.at >= at - lead and brief.settled_at is None):
        return 0
    people = {
        Role.EMPLOYER: [m.account_id for m in on.organisations.members(brief.employer_id)]
        if Role.EMPLOYER in waits
        else [],
        Role.STUDENT: [brief.student_id] if brief.student_id else [],
    }
    named = {"notice_id": f"{brief.brief_id}#{NEAR}#{int(at.timestamp())}", "brief_id": brief.brief_id, "type": NEAR}
    notices = [
        Notice.model_validate({"account_id": account_id, **named, "text": text, "at": at - lead})
        for side, text in waits.items()
        for account_id in people[side]
    ]
    if notices:
        on.accounts.tell(notices)
    return len(notices)

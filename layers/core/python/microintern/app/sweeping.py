"""Finds what is stuck and moves it on: what a lost event, schedule, message or execution would have left behind.

It decides nothing by itself: it has the same things done again that should have been done, all of which can be done
twice. So it can run at any time, and beside itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from microintern.app.chasing import chase
from microintern.domain.base import Frozen
from microintern.domain.brief import Brief
from microintern.domain.ledger import Hold
from microintern.domain.policy import Policy
from microintern.ports.briefs import SHARDS, Briefs
from microintern.ports.clock import Clock
from microintern.ports.dead_letters import DeadLetters
from microintern.ports.files import FileChecks
from microintern.ports.ledger import Ledger
from microintern.ports.paging import Page, Position
from microintern.ports.workflow import Settler, Workflow

_PAGE = 100
_NUDGED_FOR_S = 3_600
"""After the workflow of an ended brief has been reminded for so long, it is not what is missing."""
MOST_TRIES_OF_A_LETTER = 5
_LETTERS_PER_RUN = 50


class Swept(Frozen):
    """What a run found."""

    overdue: int = 0
    nudged: int = 0
    advanced: int = 0
    revived: int = 0
    redriven: int = 0
    chased: int = 0
    """Files whose receipt or scan was overdue."""
    oldest_unsettled_s: int = 0
    """For how long the oldest ended brief has waited for its money to move, those held back left out."""


@dataclass(frozen=True)
class Broom:
    """Everything that sweeping needs."""

    briefs: Briefs
    ledger: Ledger
    workflow: Workflow
    settler: Settler
    letters: DeadLetters
    checks: FileChecks
    clock: Clock
    policy: Policy


def sweep(broom: Broom) -> Swept:
    """Look through the briefs and files which should have moved on, the executions that died, and the dead letters."""
    now = broom.clock.now()
    # Of a brief's holds, the one that can be tried soonest decides.
    holds = sorted(_holds(broom.ledger), key=lambda hold: hold.until or now, reverse=True)
    held = {hold.brief_id: hold for hold in holds}
    swept = Swept()
    failures: list[Exception] = []
    for brief in _overdue(broom.briefs, now - timedelta(seconds=broom.policy.overdue_after_s)):
        try:
            swept = _plus(swept, _move_on(brief, held.get(brief.brief_id), now, broom))
        except Exception as failure:
            # One brief that cannot be moved on must not keep the others from it.
            failures.append(failure)
    chased = chase(now, briefs=broom.briefs, checks=broom.checks, policy=broom.policy)
    for brief_id in broom.workflow.died():
        snapshot = broom.briefs.read(brief_id)
        if snapshot and snapshot.brief.settled_at is None:
            swept = _plus(swept, Swept(revived=_revived(snapshot.brief, broom)))
    redriven = sum(
        broom.letters.redrive(queue, _LETTERS_PER_RUN, MOST_TRIES_OF_A_LETTER).redriven
        for queue in broom.letters.queues()
    )
    if failures:
        raise ExceptionGroup(f"{len(failures)} briefs could not be moved on", failures)
    return _plus(swept, Swept(redriven=redriven, chased=chased))


def _move_on(brief: Brief, hold: Hold | None, now: datetime, broom: Broom) -> Swept:
    revived = _revived(brief, broom)
    if brief.split is None:
        broom.briefs.nudge(brief.brief_id)
        if brief.collecting:
            broom.settler.advance(brief.brief_id)
        return Swept(overdue=1, nudged=1, advanced=brief.collecting, revived=revived)
    late_s = int((now - brief.event.at).total_seconds())
    remind = late_s < _NUDGED_FOR_S
    if remind:
        broom.briefs.nudge(brief.brief_id)
    if hold is not None and hold.until is not None and hold.until > now:
        return Swept(overdue=1, nudged=remind, revived=revived)
    broom.settler.advance(brief.brief_id)
    oldest_s = 0 if hold else late_s
    return Swept(overdue=1, nudged=remind, advanced=1, revived=revived, oldest_unsettled_s=oldest_s)


def _revived(brief: Brief, broom: Broom) -> int:
    return int(broom.workflow.revive(brief.brief_id, brief.version))


def _plus(one: Swept, other: Swept) -> Swept:
    sums = {name: getattr(one, name) + getattr(other, name) for name in Swept.model_fields}
    return Swept(**{**sums, "oldest_unsettled_s": max(one.oldest_unsettled_s, other.oldest_unsettled_s)})


def _overdue(briefs: Briefs, before: datetime) -> Iterator[Brief]:
    for shard in range(SHARDS):
        position: Position | None = None
        while True:
            page = briefs.list_unsettled(shard, before, _PAGE, position)
            # The list is of an index, which lags behind by a moment.
            yield from (brief for brief in page.items if brief.settled_at is None)
            if (position := page.next) is None:
                break


def _holds(ledger: Ledger) -> Iterator[Hold]:
    page = Page(items=[], next=None)
    position: Position | None = None
    while True:
        page = ledger.holds(_PAGE, position)
        yield from page.items
        if (position := page.next) is None:
            return

"""A deadline passed and nobody acted: what everyone was told would happen, happens."""

from datetime import datetime

from microintern.domain import lifecycle
from microintern.domain.brief import Answer
from microintern.domain.policy import Policy
from microintern.ports.briefs import Briefs
from microintern.ports.clock import Clock
from microintern.ports.conditions import Stale


class TooEarly(Exception):
    """The deadline has not passed by this clock; the schedule tries again."""


def lapse(brief_id: str, lapse_at: datetime, *, briefs: Briefs, clock: Clock, policy: Policy) -> Answer | None:
    """Let this deadline of the brief take effect; None when it is no longer the brief's deadline.

    Decided by the same conditional write as a person's command: whoever writes first wins, and the other finds out.
    """
    now = clock.now()
    if now < lapse_at:
        raise TooEarly(f"{brief_id}: {lapse_at.isoformat()} has not come")
    snapshot = briefs.read(brief_id)
    if snapshot is None or snapshot.brief.lapse_at != lapse_at:
        return None
    after = lifecycle.lapse(snapshot.brief, now, policy)
    try:
        briefs.save(snapshot.brief, after)
    except Stale as stale:
        # What was first may have left the deadline standing (funding asked for again, say): then it still counts.
        if stale.current.lapse_at == lapse_at:
            return lapse(brief_id, lapse_at, briefs=briefs, clock=clock, policy=policy)
        return None
    return after.answer()

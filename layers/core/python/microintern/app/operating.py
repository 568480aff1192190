"""What operators do to keep the money moving: see what is held and what was noticed, and have failures tried again."""

from microintern.app.commands import require_role
from microintern.app.cursors import decode, encode
from microintern.app.views.operations import AuditPage, HoldPage, HoldView
from microintern.domain.audit import Finding, entry
from microintern.domain.brief import Command, key_reused
from microintern.domain.states import Role
from microintern.ports.clock import Clock
from microintern.ports.dead_letters import DeadLetters, Redrive, Redriven
from microintern.ports.ledger import Ledger
from microintern.ports.trail import Audit

_LETTERS_PER_REQUEST = 20


def holds(by: Command, limit: int, cursor: str | None, *, ledger: Ledger) -> HoldPage:
    """Money that is owed and cannot be sent yet, the longest held first."""
    require_role(by, Role.OPERATOR)
    scope = ("holds", by.actor_id)
    page = ledger.holds(limit, decode(cursor, *scope))
    return HoldPage(items=[HoldView.of(h) for h in page.items], next_cursor=encode(page.next, *scope))


def audit_trail(by: Command, needs_person: bool, limit: int, cursor: str | None, *, audit: Audit) -> AuditPage:
    """What was noticed about money, the newest first."""
    require_role(by, Role.OPERATOR)
    scope = ("audit", by.actor_id, str(needs_person))
    page = audit.entries(needs_person=needs_person, limit=limit, after=decode(cursor, *scope))
    return AuditPage(items=page.items, next_cursor=encode(page.next, *scope))


def redrive(by: Command, *, letters: DeadLetters, audit: Audit, clock: Clock) -> list[Redriven]:
    """Have what functions could not handle handled again, however often that was tried before.

    Answered again as before when it is repeated. After a crash it is done once more, which changes nothing: a letter
    is gone once it was handled, and functions take what they are handed twice.
    """
    require_role(by, Role.OPERATOR)
    before = audit.redrive(by.key)
    if before is not None:
        if before.body != by.body:
            raise key_reused()
        return before.queues
    done = [letters.redrive(queue, _LETTERS_PER_REQUEST) for queue in letters.queues()]
    now = clock.now()
    for result in done:
        if result.redriven or result.failed:
            asked = f"asked for by {by.actor_id} at {now.isoformat()}"
            counts = {"redriven": result.redriven, "failed": result.failed}
            audit.note(entry(Finding.REDRIVEN, result.queue, asked, now, **counts))
    return audit.answered(Redrive(key=by.key, body=by.body, queues=done)).queues

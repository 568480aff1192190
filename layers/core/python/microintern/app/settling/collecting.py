"""Money in: collected when the employer asks for it, and seen to its end when the brief ended meanwhile."""

from datetime import timedelta

from microintern.app.settling.treasury import Treasury, answered, check_same, done_before
from microintern.domain import lifecycle
from microintern.domain.brief import Brief
from microintern.domain.ledger import Phase, Transfer, TransferName, attempt_of, funding
from microintern.domain.payments import OperationKind, OperationStatus


def collect(brief: Brief, treasury: Treasury) -> str:
    """Collect what the employer asked to have collected, and open the brief when it is held."""
    pending = funding(brief, treasury.clock.now())
    done = done_before(TransferName.FUND, brief.brief_id, treasury)
    if done is not None:
        # Usually this very attempt; another when the brief was restored to a point before that one.
        pending = pending.model_copy(update={"attempt": attempt_of(done.key)})
    treasury.ledger.begin(pending, brief)
    # It has ended already when the brief was restored to an older point: then nobody is asked for it again.
    ended = treasury.book(brief.brief_id).end_of(pending.transfer_id) or answered(pending, treasury)
    if ended is None:
        return "waiting"
    if ended.phase is Phase.VOIDED:
        failed = lifecycle.funding_failed(brief, ended.reason or "declined", treasury.clock.now())
        treasury.ledger.record(ended, brief, failed)
        return "declined"
    treasury.ledger.record(ended, brief, lifecycle.open_(brief, treasury.clock.now()))
    return "opened"


def collection_ended(brief: Brief, treasury: Treasury) -> bool:
    """See every collection to its end that was under way when the brief ended; none is asked for any more.

    What the provider knows and the ledger does not was lost in a restore, and is written down again. What the provider
    does not know is dropped when nobody can be on the way to ask for it any more.
    """
    book = treasury.book(brief.brief_id)
    begun = {transfer.transfer_id for transfer in book.pending if transfer.name is TransferName.FUND}
    if book.is_posted(TransferName.FUND) and not begun:
        return True
    known = {o.key: o for o in treasury.provider.of_brief(OperationKind.COLLECT, brief.brief_id)}
    # A collection that never had a charge is found by its key only.
    for key in begun - known.keys():
        if (operation := treasury.provider.find(OperationKind.COLLECT, key)) is not None:
            known[key] = operation
    now = treasury.clock.now()
    for key in sorted(begun | known.keys(), key=attempt_of):
        pending = funding(brief, now).model_copy(update={"attempt": attempt_of(key)})
        if key not in known:
            if not _dropped(pending, brief, treasury):
                return False
            continue
        check_same(pending, known[key], treasury)
        if known[key].status is OperationStatus.ACCEPTED:
            return False
        treasury.ledger.begin(pending)
        treasury.ledger.record(pending.ended(known[key], now))
    return True


def _dropped(pending: Transfer, brief: Brief, treasury: Treasury) -> bool:
    """Void what the provider was never asked for; not before whoever began it has surely given up asking."""
    now = treasury.clock.now()
    if now < brief.event.at + timedelta(seconds=treasury.policy.overdue_after_s):
        return False
    treasury.ledger.record(pending.dropped("the brief ended before it was asked for", now))
    return True

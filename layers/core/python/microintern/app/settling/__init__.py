"""The only code that moves money: it collects the escrow, and divides it once the brief has ended.

`advance` does whatever is due for a brief, and can be called at any time, by anyone, twice or at once: from the event
that funding was asked for, from the workflow, when the provider says that something changed, by the sweeper. Each
movement is written as pending before the provider is asked, under the transfer's id, and the provider is asked what
became of it before it is asked to do it: so nothing is paid twice, not even after a restore to an older point.
"""

from microintern.app.settling.collecting import collect, collection_ended
from microintern.app.settling.sending import is_held, is_sent, legs
from microintern.app.settling.treasury import NotSettled, PersonNeeded, Treasury, done_before
from microintern.domain import lifecycle
from microintern.domain.audit import Finding
from microintern.domain.brief import Brief
from microintern.domain.ledger import Book, Settlement, TransferName
from microintern.domain.payout_matrix import Split
from microintern.domain.states import State
from microintern.ports.briefs import Briefs
from microintern.ports.conditions import Stale
from microintern.ports.ledger import OutOfBalance
from microintern.ports.payments import KeyReused

__all__ = ["NotSettled", "Treasury", "advance", "await_settlement", "hear"]

_TRIES = 3


def advance(brief_id: str, treasury: Treasury) -> str:
    """Do what is due with the brief's money; says in a word how it stands.

    `waiting` is for the provider's word, `held` for a payee, `needs_person` for somebody who reads the audit trail.
    Raises NotSettled when the brief kept changing, PaymentUnavailable when the provider does not answer: ask again.
    """
    for _ in range(_TRIES):
        snapshot = treasury.briefs.read(brief_id)
        if snapshot is None:
            treasury.note(Finding.UNKNOWN_TRANSFER, brief_id, "there is no such brief; was a table restored?")
            return "unknown"
        try:
            return _advance_once(snapshot.brief, treasury)
        except Stale:
            continue
        except (OutOfBalance, KeyReused) as wrong:
            treasury.note(Finding.OUT_OF_BALANCE, brief_id, str(wrong))
            return "needs_person"
        except PersonNeeded:
            return "needs_person"
    raise NotSettled(f"{brief_id} kept changing")


def hear(brief_id: str, transfer_id: str, treasury: Treasury) -> str:
    """The provider said that something became of a transfer; one that is not in the ledger then is for a person."""
    outcome = advance(brief_id, treasury)
    known = (transfer.transfer_id for transfer in treasury.book(brief_id).transfers)
    if outcome == "unknown" or transfer_id in known:
        return outcome
    reason = "the provider told of it, and the ledger knows nothing of it"
    treasury.note(Finding.UNKNOWN_TRANSFER, transfer_id, reason)
    return "unknown"


def _advance_once(brief: Brief, treasury: Treasury) -> str:
    if brief.state is State.POSTED:
        return collect(brief, treasury) if brief.collecting else "nothing_to_do"
    if brief.split is None:
        return "nothing_to_do"
    return _settle(brief, treasury)


def _settle(brief: Brief, treasury: Treasury) -> str:
    """Divide the escrow of an ended brief as its split says, once.

    A brief that is settled already is gone through as well: the ledger may have been restored to an older point.
    """
    if not collection_ended(brief, treasury):
        return "waiting"
    book = treasury.book(brief.brief_id)
    moved = Split(student_minor=0, employer_minor=0, fee_minor=0)
    if book.is_posted(TransferName.FUND):
        claim = _claim(brief, book, treasury)
        sent = [is_sent(name, claim, treasury) for name in legs(claim)]
        if not all(sent):
            return "held" if is_held(claim, treasury) else "waiting"
        for name in legs(claim):
            # A crash, or another process that saw it differently, may have left one.
            treasury.ledger.drop_hold(brief.brief_id, name)
        moved = claim.split
    elif brief.split and brief.split.total_minor > 0:
        raise OutOfBalance(f"{brief.brief_id} has ended with money to divide, but none was collected")
    if brief.settled_at is not None:
        return "nothing_to_do"
    treasury.briefs.save(brief, lifecycle.settle(brief, moved, treasury.clock.now()))
    return "settled"


def _claim(brief: Brief, book: Book, treasury: Treasury) -> Settlement:
    """The one claim on the escrow; money that came after the brief had ended unfunded all goes back."""
    split = brief.split
    if split is None or split.total_minor == 0:
        split = Split(student_minor=0, employer_minor=brief.escrow_minor, fee_minor=0)
    wanted = Settlement(
        brief_id=brief.brief_id,
        split=split,
        currency=brief.currency,
        student_id=brief.student_id,
        employer_id=brief.employer_id,
        claimed_at=treasury.clock.now(),
    )
    if not any(book.latest(name) for name in (TransferName.PAYOUT, TransferName.REFUND)):
        _check_sent_before(wanted, treasury)
    claim = treasury.ledger.claim(wanted, brief)
    if not claim.agrees_with(wanted):
        reason = "the escrow was claimed for another division than the brief now says; was a table restored?"
        treasury.note(Finding.CLAIM_DIFFERS, brief.brief_id, reason)
        raise PersonNeeded(f"{brief.brief_id}: {reason}")
    return claim


def _check_sent_before(wanted: Settlement, treasury: Treasury) -> None:
    """Nothing may have been sent that the claim does not give, nor to anybody else.

    Both tables may have been restored to a point before that, and the brief may then have ended in another way.
    """
    parts = {TransferName.PAYOUT: wanted.split.student_minor, TransferName.REFUND: wanted.split.employer_minor}
    for name, amount_minor in parts.items():
        operation = done_before(name, wanted.brief_id, treasury)
        if operation is None:
            continue
        reason = ""
        if operation.amount_minor != amount_minor:
            reason = f"the provider has a {name} of {operation.amount_minor}, the brief gives {amount_minor}"
        elif operation.destination and wanted.student_id not in treasury.accounts.payees(operation.destination):
            reason = f"the provider has a {name} to an account that was never this student's"
        if reason:
            treasury.note(Finding.CLAIM_DIFFERS, operation.key, reason)
            raise PersonNeeded(f"{operation.key}: {reason}")


def await_settlement(brief_id: str, token: str, *, briefs: Briefs) -> None:
    """Leave the workflow's token on the brief; the stream answers it when the money has moved, before or after."""
    snapshot = briefs.read(brief_id)
    if snapshot is None or snapshot.brief.split is None:
        raise NotSettled(f"{brief_id} has not ended")
    briefs.await_settlement(snapshot.brief, token)

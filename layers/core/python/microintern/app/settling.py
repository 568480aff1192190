"""The only code that moves money: it collects the escrow, and divides it once the brief has ended.

`advance` does whatever is due for a brief, and can be called at any time, by anyone, twice or at once: from the event
that funding was asked for, from the workflow, when the provider says that something changed, by the sweeper. Each
movement is written as pending before the provider is asked, under the transfer's id, and the provider is asked what
became of it before it is asked to do it: so nothing is paid twice, not even after a restore to an older point.
"""

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta

from microintern.app.payees import refreshed
from microintern.domain import lifecycle
from microintern.domain.accounts import Notice, PayoutAccount
from microintern.domain.audit import Finding, entry
from microintern.domain.base import derived_id
from microintern.domain.brief import Brief
from microintern.domain.ledger import (
    KIND_OF,
    Book,
    Hold,
    Phase,
    Settlement,
    Transfer,
    TransferName,
    funding,
    paying_out,
    refunding,
    transfer_id,
)
from microintern.domain.payments import Operation, OperationKind, OperationStatus, PayoutStatus
from microintern.domain.payout_matrix import Split
from microintern.domain.policy import Policy
from microintern.domain.states import State
from microintern.ports import (
    Accounts,
    Audit,
    Briefs,
    Clock,
    KeyReused,
    Ledger,
    OutOfBalance,
    PaymentProvider,
    Stale,
    StaleDocument,
)

_TRIES = 3


class NotSettled(Exception):
    """The money could not be moved now; ask again later."""


class PersonNeeded(Exception):
    """Something does not agree, and is in the audit trail: trying again would not help."""


@dataclass(frozen=True)
class Treasury:
    """Everything that moving money needs."""

    briefs: Briefs
    accounts: Accounts
    ledger: Ledger
    provider: PaymentProvider
    audit: Audit
    clock: Clock
    policy: Policy


def advance(brief_id: str, treasury: Treasury) -> str:
    """Do what is due with the brief's money; says in a word how it stands.

    `waiting` is for the provider's word, `held` for a payee, `needs_person` for somebody who reads the audit trail.
    Raises NotSettled when the brief kept changing, PaymentUnavailable when the provider does not answer: ask again.
    """
    for _ in range(_TRIES):
        snapshot = treasury.briefs.read(brief_id)
        if snapshot is None:
            _note(treasury, Finding.UNKNOWN_TRANSFER, brief_id, "there is no such brief; was a table restored?")
            return "unknown"
        try:
            return _advance_once(snapshot.brief, treasury)
        except Stale:
            continue
        except (OutOfBalance, KeyReused) as wrong:
            _note(treasury, Finding.OUT_OF_BALANCE, brief_id, str(wrong))
            return "needs_person"
        except PersonNeeded:
            return "needs_person"
    raise NotSettled(f"{brief_id} kept changing")


def hear(brief_id: str, transfer_id: str, treasury: Treasury) -> str:
    """The provider said that something became of a transfer; one that is not in the ledger then is for a person."""
    outcome = advance(brief_id, treasury)
    known = (transfer.transfer_id for transfer in treasury.ledger.transfers(brief_id))
    if outcome == "unknown" or transfer_id in known:
        return outcome
    reason = "the provider told of it, and the ledger knows nothing of it"
    _note(treasury, Finding.UNKNOWN_TRANSFER, transfer_id, reason)
    return "unknown"


def _advance_once(brief: Brief, treasury: Treasury) -> str:
    if brief.state is State.POSTED:
        return _collect(brief, treasury) if brief.collecting else "nothing_to_do"
    if brief.split is None:
        return "nothing_to_do"
    return _settle(brief, treasury)


def _collect(brief: Brief, treasury: Treasury) -> str:
    """Collect what the employer asked to have collected, and open the brief when it is held."""
    pending = funding(brief, treasury.clock.now())
    treasury.ledger.begin(pending, brief)
    book = Book(treasury.ledger.transfers(brief.brief_id))
    # It has ended already when the brief was restored to an older point: then nobody is asked for it again.
    ended = book.end_of(pending.transfer_id) or _answered(pending, treasury)
    if ended is None:
        return "waiting"
    if ended.phase is Phase.VOIDED:
        failed = lifecycle.funding_failed(brief, ended.reason or "declined", treasury.clock.now())
        treasury.ledger.record(ended, brief, failed)
        return "declined"
    treasury.ledger.record(ended, brief, lifecycle.open_(brief, treasury.clock.now()))
    return "opened"


def _answered(pending: Transfer, treasury: Treasury) -> Transfer | None:
    """The end of a pending transfer, which is asked for if it was not yet; None while the provider is at it."""
    operation = _ask(pending, treasury)
    if operation.status is OperationStatus.ACCEPTED:
        return None
    return pending.ended(operation, treasury.clock.now())


def _settle(brief: Brief, treasury: Treasury) -> str:
    """Divide the escrow of an ended brief as its split says, once.

    A brief that is settled already is gone through as well: the ledger may have been restored to an older point.
    """
    if not _funding_ended(brief, treasury):
        return "waiting"
    book = Book(treasury.ledger.transfers(brief.brief_id))
    moved = Split(student_minor=0, employer_minor=0, fee_minor=0)
    if book.is_posted(TransferName.FUND):
        claim = _claim(brief, book, treasury)
        legs = [_is_sent(name, claim, treasury) for name in _legs(claim)]
        if not all(legs):
            return "held" if _is_held(claim, treasury) else "waiting"
        for name in _legs(claim):
            # A crash, or another process that saw it differently, may have left one.
            treasury.ledger.drop_hold(brief.brief_id, name)
        moved = claim.split
    elif brief.split and brief.split.total_minor > 0:
        raise OutOfBalance(f"{brief.brief_id} has ended with money to divide, but none was collected")
    if brief.settled_at is not None:
        return "nothing_to_do"
    treasury.briefs.save(brief, lifecycle.settle(brief, moved, treasury.clock.now()))
    return "settled"


def _funding_ended(brief: Brief, treasury: Treasury) -> bool:
    """See every collection to its end that was under way when the brief ended; none is asked for any more.

    The provider is asked about each attempt in turn, as the ledger, the brief or both may have been restored to a
    point before it. One that it does not know is dropped when nobody can be on the way to ask for it any more.
    """
    book = Book(treasury.ledger.transfers(brief.brief_id))
    begun = {transfer.transfer_id for transfer in book.pending if transfer.name is TransferName.FUND}
    if book.is_posted(TransferName.FUND) and not begun:
        return True
    now = treasury.clock.now()
    for attempt in itertools.count(1):
        pending = funding(brief, now).model_copy(update={"attempt": attempt})
        operation = treasury.provider.find(OperationKind.COLLECT, pending.transfer_id)
        if operation is None:
            if pending.transfer_id not in begun and attempt > brief.funding_attempts:
                break
            if pending.transfer_id in begun and not _dropped(pending, brief, treasury):
                return False
            continue
        _check_same(pending, operation, treasury)
        if operation.status is OperationStatus.ACCEPTED:
            return False
        treasury.ledger.begin(pending)
        treasury.ledger.record(pending.ended(operation, now))
    return True


def _dropped(pending: Transfer, brief: Brief, treasury: Treasury) -> bool:
    """Void what the provider was never asked for; not before whoever began it has surely given up asking."""
    now = treasury.clock.now()
    if now < brief.event.at + timedelta(seconds=treasury.policy.overdue_after_s):
        return False
    treasury.ledger.record(pending.dropped("the brief ended before it was asked for", now))
    return True


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
        _note(treasury, Finding.CLAIM_DIFFERS, brief.brief_id, reason)
        raise PersonNeeded(f"{brief.brief_id}: {reason}")
    return claim


def _check_sent_before(wanted: Settlement, treasury: Treasury) -> None:
    """Nothing may have been sent that the claim does not give.

    Both tables may have been restored to a point before that, and the brief may then have ended in another way.
    """
    parts = {TransferName.PAYOUT: wanted.split.student_minor, TransferName.REFUND: wanted.split.employer_minor}
    for name, amount_minor in parts.items():
        for attempt in itertools.count(1):
            operation = treasury.provider.find(KIND_OF[name], transfer_id(wanted.brief_id, name, attempt))
            if operation is None or operation.status is not OperationStatus.FAILED:
                break
        if operation is not None and operation.amount_minor != amount_minor:
            reason = f"the provider has a {name} of {operation.amount_minor}, the brief gives {amount_minor}"
            _note(treasury, Finding.CLAIM_DIFFERS, operation.key, reason)
            raise PersonNeeded(f"{operation.key}: {reason}")


def _legs(claim: Settlement) -> list[TransferName]:
    parts = {TransferName.PAYOUT: claim.split.student_minor, TransferName.REFUND: claim.split.employer_minor}
    return [name for name, amount_minor in parts.items() if amount_minor > 0]


def _is_sent(name: TransferName, claim: Settlement, treasury: Treasury) -> bool:
    """Send one part of the money as far as it goes now; whether it has arrived."""
    book = Book(treasury.ledger.transfers(claim.brief_id))
    latest = book.latest(name)
    if latest is None or latest.phase is Phase.VOIDED:
        latest = _begun(name, claim, latest, book.next_attempt(name), treasury)
    if latest is None or latest.phase is Phase.POSTED:
        return latest is not None
    ended = _answered(latest, treasury)
    if ended is None:
        return False
    if ended.phase is Phase.VOIDED:
        # Before it is recorded, as nobody comes back to it afterwards.
        _after_failure(ended, treasury)
    treasury.ledger.record(ended)
    return ended.phase is Phase.POSTED


def _begun(
    name: TransferName, claim: Settlement, voided: Transfer | None, attempt: int, treasury: Treasury
) -> Transfer | None:
    """The next attempt, written as pending; None when it must wait, with the reason noted as a hold."""
    now = treasury.clock.now()
    if name is TransferName.PAYOUT:
        account = _payee(claim, treasury)
        # What the provider did before a restore is written down again, however the account is now.
        known = treasury.provider.find(KIND_OF[name], transfer_id(claim.brief_id, name, attempt)) is not None
        wait = _not_payable(account, now)
        if wait and not known:
            _hold(name, claim, *wait, treasury, voided)
            return None
        pending = paying_out(claim, attempt, account.destination if account and not known else "", now)
    else:
        retry_at = voided.at + timedelta(seconds=treasury.policy.retry_failed_after_s) if voided else now
        if retry_at > now:
            _hold(name, claim, f"the refund failed: {voided.reason if voided else ''}", retry_at, treasury, voided)
            return None
        pending = refunding(claim, attempt, now)
    treasury.ledger.begin(pending)
    treasury.ledger.drop_hold(claim.brief_id, name)
    return pending


def _payee(claim: Settlement, treasury: Treasury) -> PayoutAccount | None:
    account = treasury.accounts.payout_account(claim.student_id) if claim.student_id else None
    if account is not None and account.status is PayoutStatus.PENDING:
        return refreshed(account, treasury.accounts, treasury.provider)
    return account


def _not_payable(account: PayoutAccount | None, now: datetime) -> tuple[str, datetime | None] | None:
    """Why a payout must wait and until when, if that is known; None when it can be made."""
    if account is None:
        return "the student has no payout account", None
    if account.status is not PayoutStatus.READY:
        return f"the payout account is {account.status}: {account.reason or 'no reason given'}", None
    if account.usable_at > now:
        return "the payout account was changed a short while ago", account.usable_at
    return None


def _after_failure(voided: Transfer, treasury: Treasury) -> None:
    """A destination that cannot be paid is blocked until the student says otherwise; a refund is tried again later."""
    finding = Finding.PAYOUT_FAILED if voided.name is TransferName.PAYOUT else Finding.REFUND_FAILED
    _note(treasury, finding, voided.transfer_id, voided.reason or "the provider gave no reason")
    if voided.name is not TransferName.PAYOUT:
        return
    account = treasury.accounts.payout_account(voided.party_id)
    if account is None or account.destination != voided.counterparty or account.status is PayoutStatus.BLOCKED:
        return
    news = {"status": PayoutStatus.BLOCKED, "reason": voided.reason, "version": account.version + 1}
    try:
        treasury.accounts.save_payout_account(account.model_copy(update=news))
    except StaleDocument:
        # The student has just said something else, which is what counts.
        return


def _hold(
    name: TransferName,
    claim: Settlement,
    reason: str,
    until: datetime | None,
    treasury: Treasury,
    voided: Transfer | None,
) -> None:
    """Note why this part waits, and tell whoever waits for it."""
    student = name is TransferName.PAYOUT
    party_id = (claim.student_id if student else None) or claim.employer_id
    now = treasury.clock.now()
    hold = Hold(
        brief_id=claim.brief_id,
        name=name,
        party_id=party_id,
        amount_minor=claim.split.student_minor if student else claim.split.employer_minor,
        currency=claim.currency,
        reason=reason,
        since=now,
        until=until,
    )
    # Told before it is noted and each time, as of the instant of its cause: the same notice again changes nothing.
    caused_at = voided.at if voided else claim.claimed_at
    if student and until:
        caused_at = until - timedelta(seconds=treasury.policy.payout_cooling_off_s)
    told = Notice(
        account_id=party_id,
        notice_id=derived_id("hold", claim.brief_id, name, reason),
        brief_id=claim.brief_id,
        type="payout.held",
        text=f"Your money is held back: {reason.rstrip('.')}.",
        at=caused_at,
    )
    treasury.accounts.tell([told])
    treasury.ledger.hold(hold)


def _is_held(claim: Settlement, treasury: Treasury) -> bool:
    """Whether a part waits for somebody other than the provider."""
    book = Book(treasury.ledger.transfers(claim.brief_id))
    latest = [book.latest(name) for name in _legs(claim)]
    return any(transfer is None or transfer.phase is Phase.VOIDED for transfer in latest)


def _ask(pending: Transfer, treasury: Treasury) -> Operation:
    """What became of this transfer; it is asked for when the provider does not know it yet."""
    key, kind, provider = pending.transfer_id, KIND_OF[pending.name], treasury.provider
    operation = provider.find(kind, key)
    if operation is None:
        amount_minor, currency, party = pending.amount_minor, pending.currency, pending.counterparty or ""
        match kind:
            case OperationKind.COLLECT:
                operation = provider.collect(key, amount_minor, currency, party)
            case OperationKind.PAY_OUT:
                operation = provider.pay_out(key, amount_minor, currency, party, _collected(pending, treasury))
            case OperationKind.REFUND:
                operation = provider.refund(key, amount_minor, currency, _collected(pending, treasury))
    _check_same(pending, operation, treasury)
    return operation


def _collected(pending: Transfer, treasury: Treasury) -> str:
    """The provider's reference of the money that this movement draws on."""
    funded = Book(treasury.ledger.transfers(pending.brief_id)).latest(TransferName.FUND)
    if funded is None or funded.provider_reference is None:
        raise OutOfBalance(f"{pending.brief_id}: nothing was collected that {pending.name} could draw on")
    return funded.provider_reference


def _check_same(pending: Transfer, operation: Operation, treasury: Treasury) -> None:
    """The provider must be speaking of the same money; if not, nothing moves until a person has looked."""
    theirs = (operation.key, operation.kind, operation.amount_minor, operation.currency)
    ours = (pending.transfer_id, KIND_OF[pending.name], pending.amount_minor, pending.currency)
    if theirs == ours:
        return
    reason = f"the provider says {operation.amount_minor} {operation.currency} of {pending.amount_minor} "
    reason += f"{pending.currency}, as {operation.kind}"
    _note(treasury, Finding.AMOUNT_DIFFERS, pending.transfer_id, reason)
    raise PersonNeeded(f"{pending.transfer_id}: {reason}")


def _note(treasury: Treasury, finding: Finding, subject: str, reason: str) -> None:
    treasury.audit.note(entry(finding, subject, reason, treasury.clock.now()))


def await_settlement(brief_id: str, token: str, *, briefs: Briefs) -> None:
    """Leave the workflow's token on the brief; the stream answers it when the money has moved, before or after."""
    snapshot = briefs.read(brief_id)
    if snapshot is None or snapshot.brief.split is None:
        raise NotSettled(f"{brief_id} has not ended")
    briefs.await_settlement(snapshot.brief, token)

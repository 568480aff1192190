"""Money out: the student's part and the employer's, each sent as far as it goes now, or held with the reason."""

from datetime import datetime, timedelta

from microintern.app.payees import refreshed
from microintern.app.settling.treasury import Treasury, answered, done_before, next_attempt
from microintern.domain.accounts import Notice, PayoutAccount
from microintern.domain.audit import Finding
from microintern.domain.base import derived_id
from microintern.domain.ledger import Book, Hold, Phase, Settlement, Transfer, TransferName, paying_out, refunding
from microintern.domain.notices import HELD_BACK
from microintern.domain.payments import Payee, PayoutStatus
from microintern.ports.conditions import StaleDocument


def legs(claim: Settlement) -> list[TransferName]:
    """What has to be sent."""
    parts = {TransferName.PAYOUT: claim.split.student_minor, TransferName.REFUND: claim.split.employer_minor}
    return [name for name, amount_minor in parts.items() if amount_minor > 0]


def is_sent(name: TransferName, claim: Settlement, treasury: Treasury) -> bool:
    """Send one part of the money as far as it goes now; whether it has arrived."""
    book = treasury.book(claim.brief_id)
    latest = book.latest(name)
    if latest is None or latest.phase is Phase.VOIDED:
        latest = _begun(name, claim, latest, book, treasury)
    if latest is None or latest.phase is Phase.POSTED:
        return latest is not None
    ended = answered(latest, treasury)
    if ended is None:
        return False
    if ended.phase is Phase.VOIDED:
        # Before it is recorded, as nobody comes back to it afterwards.
        _after_failure(ended, treasury)
    treasury.ledger.record(ended)
    return ended.phase is Phase.POSTED


def _begun(
    name: TransferName, claim: Settlement, voided: Transfer | None, book: Book, treasury: Treasury
) -> Transfer | None:
    """The next attempt, written as pending; None when it must wait, with the reason noted as a hold."""
    # What the provider did before a restore is written down again, however the account is now.
    done = done_before(name, claim.brief_id, treasury)
    pending = _again(name, claim, book, treasury) if done else _anew(name, claim, voided, book, treasury)
    if pending is not None:
        treasury.ledger.begin(pending)
        treasury.ledger.drop_hold(claim.brief_id, name)
    return pending


def _again(name: TransferName, claim: Settlement, book: Book, treasury: Treasury) -> Transfer:
    attempt, now = next_attempt(name, book, claim.brief_id, treasury), treasury.clock.now()
    if name is TransferName.PAYOUT:
        return paying_out(claim, attempt, "", now)
    return refunding(claim, attempt, now)


def _anew(
    name: TransferName, claim: Settlement, voided: Transfer | None, book: Book, treasury: Treasury
) -> Transfer | None:
    now, attempt = treasury.clock.now(), book.next_attempt(name)
    if name is TransferName.PAYOUT:
        account = _payee(claim, treasury)
        wait = _not_payable(account, now)
        if wait or account is None:
            _hold(name, claim, *(wait or ("", None)), treasury, voided)
            return None
        return paying_out(claim, attempt, account.destination, now)
    retry_at = voided.at + timedelta(seconds=treasury.policy.retry_failed_after_s) if voided else now
    if retry_at > now:
        _hold(name, claim, f"the refund failed: {voided.reason if voided else ''}", retry_at, treasury, voided)
        return None
    return refunding(claim, attempt, now)


def _payee(claim: Settlement, treasury: Treasury) -> PayoutAccount | None:
    account = treasury.accounts.payout_account(claim.student_id) if claim.student_id else None
    if account is not None and account.status is PayoutStatus.PENDING:
        return refreshed(account, treasury.accounts, treasury.provider, treasury.clock)
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
    treasury.note(finding, voided.transfer_id, voided.reason or "the provider gave no reason")
    if voided.name is not TransferName.PAYOUT:
        return
    account = treasury.accounts.payout_account(voided.party_id)
    if account is None or account.destination != voided.counterparty or account.status is PayoutStatus.BLOCKED:
        return
    blocked = Payee(destination=account.destination, status=PayoutStatus.BLOCKED, reason=voided.reason)
    try:
        treasury.accounts.save_payout_account(account.told(blocked, treasury.clock.now()))
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
    _tell(hold, caused_at, [party_id] if student else treasury.members_of(party_id), treasury)
    treasury.ledger.hold(hold)


def _tell(hold: Hold, caused_at: datetime, account_ids: list[str], treasury: Treasury) -> None:
    told = {
        "notice_id": derived_id("hold", hold.brief_id, hold.name, hold.reason),
        "brief_id": hold.brief_id,
        "type": HELD_BACK,
        "text": f"Your money is held back: {hold.reason.rstrip('.')}.",
        "at": caused_at,
    }
    treasury.accounts.tell([Notice.model_validate({"account_id": account_id, **told}) for account_id in account_ids])


def is_held(claim: Settlement, treasury: Treasury) -> bool:
    """Whether a part waits for somebody other than the provider."""
    book = treasury.book(claim.brief_id)
    latest = [book.latest(name) for name in legs(claim)]
    return any(transfer is None or transfer.phase is Phase.VOIDED for transfer in latest)

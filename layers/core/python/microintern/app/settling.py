"""The only code that moves money: it collects the escrow, and divides it once the brief has ended.

Each step can be repeated after a crash at any point: the provider is asked under the transfer's id, which it honours
once, and the ledger takes each transfer once.
"""

from datetime import datetime

from microintern.domain import lifecycle
from microintern.domain.brief import Answer, Brief
from microintern.domain.ledger import (
    Settlement,
    Transfer,
    TransferName,
    funding,
    late_funding_returned,
    settling,
    transfer_id,
)
from microintern.domain.payout_matrix import Split
from microintern.domain.states import State
from microintern.ports import Accounts, Briefs, Clock, Ledger, PaymentProvider, Receipt, Stale

_TRIES = 3


class NotSettled(Exception):
    """The money has not moved yet; ask again later. Raised so that the workflow retries until it has."""


def collect(brief_id: str, *, briefs: Briefs, ledger: Ledger, provider: PaymentProvider, clock: Clock) -> str:
    """Collect what the employer asked to have collected and open the brief; says in a word what became of it.

    Raises NotSettled when the brief kept changing, or when the ledger says otherwise than the brief (after a restore,
    say): the event is then delivered again, and ends in the dead letters for a person to look at.
    """
    for _ in range(_TRIES):
        snapshot = briefs.read(brief_id)
        if snapshot is None:
            return "unknown"
        if snapshot.brief.state is not State.POSTED:
            return _give_back_if_late(snapshot.brief, ledger, provider, clock)
        try:
            return _collect_once(snapshot.brief, briefs, ledger, provider, clock)
        except Stale:
            # It was cancelled, lapsed or opened by another delivery of this event while the provider answered.
            continue
    raise NotSettled(f"{brief_id} cannot be opened: it kept changing, or its ledger has this funding already")


def _collect_once(brief: Brief, briefs: Briefs, ledger: Ledger, provider: PaymentProvider, clock: Clock) -> str:
    if not brief.collecting or brief.payment_method is None:
        return "not_wanted"
    key = transfer_id(brief.brief_id, TransferName.FUND)
    receipt = provider.collect(key, brief.escrow_minor, brief.currency, brief.payment_method)
    now = clock.now()
    if not receipt.settled:
        briefs.save(brief, lifecycle.funding_failed(brief, receipt.reason or "declined", now))
        return "declined"
    ledger.record_funding(funding(brief, now, receipt.reference), brief, lifecycle.open_(brief, now))
    return "opened"


def settle(
    brief_id: str, *, briefs: Briefs, accounts: Accounts, ledger: Ledger, provider: PaymentProvider, clock: Clock
) -> Answer:
    """Divide the escrow of an ended brief as its split says, once; NotSettled while that cannot be done."""
    snapshot = briefs.read(brief_id)
    if snapshot is None or snapshot.brief.split is None:
        raise NotSettled(f"{brief_id} has not ended")
    brief, split = snapshot.brief, snapshot.brief.split
    if brief.settled_at is not None:
        return brief.answer()
    now = clock.now()
    transfers: list[Transfer] = []
    if split.total_minor > 0:
        claim = ledger.claim(_claim(brief, split, now))
        transfers = settling(claim, now, _move(claim, accounts, provider))
    after = lifecycle.settle(brief, now)
    try:
        ledger.record_settlement(transfers, brief, after)
    except Stale as stale:
        if stale.current.settled_at is not None:
            return stale.current.answer()
        raise NotSettled(f"{brief_id} changed meanwhile") from stale
    return after.answer()


def _claim(brief: Brief, split: Split, now: datetime) -> Settlement:
    return Settlement(
        brief_id=brief.brief_id,
        split=split,
        currency=brief.currency,
        student_id=brief.student_id,
        employer_id=brief.employer_id,
        claimed_at=now,
    )


def _move(claim: Settlement, accounts: Accounts, provider: PaymentProvider) -> dict[TransferName, str]:
    """Have the provider pay and refund what the claim says; the reference of each operation."""
    receipts: dict[TransferName, Receipt] = {}
    if claim.split.student_minor > 0:
        payee = accounts.payout_account(claim.student_id) if claim.student_id else None
        if payee is None:
            raise NotSettled(f"{claim.brief_id}: the student has no payout account")
        key = transfer_id(claim.brief_id, TransferName.PAYOUT)
        receipts[TransferName.PAYOUT] = provider.pay_out(
            key, claim.split.student_minor, claim.currency, payee.destination
        )
    if claim.split.employer_minor > 0:
        receipts[TransferName.REFUND] = _refund(claim.brief_id, claim.split.employer_minor, claim.currency, provider)
    for name, receipt in receipts.items():
        if not receipt.settled:
            raise NotSettled(f"{claim.brief_id}: the provider declined the {name}: {receipt.reason}")
    return {name: receipt.reference for name, receipt in receipts.items()}


def _refund(brief_id: str, amount_minor: int, currency: str, provider: PaymentProvider) -> Receipt:
    collected = transfer_id(brief_id, TransferName.FUND)
    return provider.refund(transfer_id(brief_id, TransferName.REFUND), amount_minor, currency, collected)


def _give_back_if_late(brief: Brief, ledger: Ledger, provider: PaymentProvider, clock: Clock) -> str:
    """Money that came after the brief had ended unfunded goes straight back; money the ledger has is in its place."""
    collected = provider.find(transfer_id(brief.brief_id, TransferName.FUND))
    if collected is None or ledger.transfers(brief.brief_id):
        return "nothing_to_do"
    refund = _refund(brief.brief_id, brief.escrow_minor, brief.currency, provider)
    if not refund.settled:
        raise NotSettled(f"{brief.brief_id}: the provider declined the refund: {refund.reason}")
    ledger.record_return(late_funding_returned(brief, clock.now(), collected.reference, refund.reference))
    return "given_back"

"""Where students are paid: what they say, what the provider says of it, and how long a change must stand."""

from datetime import timedelta

from microintern.app.accounts import changed, remember, repeated
from microintern.app.commands import require_role
from microintern.app.requests import PayoutAccountRequest
from microintern.domain.accounts import PayoutAccount
from microintern.domain.brief import Command
from microintern.domain.payments import Payee
from microintern.domain.policy import Policy
from microintern.domain.problems import Unavailable
from microintern.domain.states import Role
from microintern.ports.accounts import Accounts
from microintern.ports.clock import Clock
from microintern.ports.conditions import StaleDocument
from microintern.ports.payments import PaymentProvider, PaymentUnavailable


def save_payout_account(
    by: Command,
    request: PayoutAccountRequest,
    *,
    accounts: Accounts,
    provider: PaymentProvider,
    clock: Clock,
    policy: Policy,
) -> PayoutAccount:
    """Say where your pay goes. The first destination can be paid at once, another one after the cooling-off."""
    require_role(by, Role.STUDENT)
    before = accounts.payout_account(by.actor_id)
    if before and repeated(before.done, by):
        return before
    payee = _asked(request.destination, provider)
    now = clock.now()
    usable_at = now
    if before:
        moved = before.destination != request.destination
        usable_at = now + timedelta(seconds=policy.payout_cooling_off_s) if moved else before.usable_at
    account = PayoutAccount(
        account_id=by.actor_id,
        provider=provider.name,
        destination=request.destination,
        status=payee.status,
        reason=payee.reason,
        usable_at=usable_at,
        version=before.version + 1 if before else 1,
        event=by.did("payout_account.saved", now, before.entry if before else None, {"status": payee.status.value}),
        done=remember(before.done if before else [], by),
    )
    try:
        accounts.save_payout_account(account)
    except StaleDocument as stale:
        meanwhile = accounts.payout_account(by.actor_id)
        if meanwhile and repeated(meanwhile.done, by):
            return meanwhile
        raise changed() from stale
    return account


def _asked(destination: str, provider: PaymentProvider) -> Payee:
    try:
        return provider.payee(destination)
    except PaymentUnavailable as unavailable:
        detail = "The payment provider does not answer; try again with the same Idempotency-Key."
        raise Unavailable("provider_unavailable", detail) from unavailable


def refresh(destination: str, *, accounts: Accounts, provider: PaymentProvider, clock: Clock) -> list[PayoutAccount]:
    """Ask the provider anew about everybody who is paid at this destination; their payout accounts as they are now."""
    found = [accounts.payout_account(account_id) for account_id in accounts.payees(destination)]
    current = [account for account in found if account and account.destination == destination]
    return [refreshed(account, accounts, provider, clock) for account in current]


def refreshed(account: PayoutAccount, accounts: Accounts, provider: PaymentProvider, clock: Clock) -> PayoutAccount:
    """The payout account with what the provider says of it now."""
    payee = provider.payee(account.destination)
    if (payee.status, payee.reason) == (account.status, account.reason):
        return account
    told = account.told(payee, clock.now())
    try:
        accounts.save_payout_account(told)
    except StaleDocument:
        return accounts.payout_account(account.account_id) or account
    return told

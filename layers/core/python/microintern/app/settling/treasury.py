"""What moving money needs, and how the provider is asked: first what became of a transfer, and only then to do it."""

from dataclasses import dataclass

from microintern.domain.audit import Finding, entry
from microintern.domain.ledger import KIND_OF, Book, Transfer, TransferName, attempt_of
from microintern.domain.payments import Operation, OperationKind, OperationStatus
from microintern.domain.policy import Policy
from microintern.ports.accounts import Accounts
from microintern.ports.briefs import Briefs
from microintern.ports.clock import Clock
from microintern.ports.ledger import Ledger, OutOfBalance
from microintern.ports.organisations import Organisations
from microintern.ports.payments import PaymentProvider
from microintern.ports.trail import Audit


class NotSettled(Exception):
    """The money could not be moved now; ask again later."""


class PersonNeeded(Exception):
    """Something does not agree, and is in the audit trail: trying again would not help."""


@dataclass(frozen=True)
class Treasury:
    """Everything that moving money needs."""

    briefs: Briefs
    accounts: Accounts
    organisations: Organisations
    ledger: Ledger
    provider: PaymentProvider
    audit: Audit
    clock: Clock
    policy: Policy

    def book(self, brief_id: str) -> Book:
        """A brief's transfers as they are now."""
        return Book(self.ledger.transfers(brief_id))

    def members_of(self, organisation_id: str) -> list[str]:
        """The accounts that act for an employer."""
        return [member.account_id for member in self.organisations.members(organisation_id)]

    def note(self, finding: Finding, subject: str, reason: str) -> None:
        """Put something into the audit trail, once."""
        self.audit.note(entry(finding, subject, reason, self.clock.now()))


def done_before(name: TransferName, brief_id: str, treasury: Treasury) -> Operation | None:
    """What of this the provider has done or is at, whatever the ledger remembers of it after a restore.

    Attempts that failed do not count: those are tried anew. More than one that did not is for a person.
    """
    found = treasury.provider.of_brief(KIND_OF[name], brief_id)
    alive = [operation for operation in found if operation.status is not OperationStatus.FAILED]
    if len(alive) > 1:
        reason = f"the provider has it {len(alive)} times: {', '.join(operation.key for operation in alive)}"
        treasury.note(Finding.STATUS_DIFFERS, f"{brief_id}#{name}", reason)
        raise PersonNeeded(f"{brief_id}#{name}: {reason}")
    return alive[0] if alive else None


def next_attempt(name: TransferName, book: Book, brief_id: str, treasury: Treasury) -> int:
    """The number of the attempt to begin: the one that the provider has, else the one after the last."""
    done = done_before(name, brief_id, treasury)
    return attempt_of(done.key) if done else book.next_attempt(name)


def answered(pending: Transfer, treasury: Treasury) -> Transfer | None:
    """The end of a pending transfer, which is asked for if it was not yet; None while the provider is at it."""
    operation = _ask(pending, treasury)
    if operation.status is OperationStatus.ACCEPTED:
        return None
    return pending.ended(operation, treasury.clock.now())


def _ask(pending: Transfer, treasury: Treasury) -> Operation:
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
    check_same(pending, operation, treasury)
    return operation


def _collected(pending: Transfer, treasury: Treasury) -> str:
    """The provider's reference of the money that this movement draws on."""
    funded = treasury.book(pending.brief_id).latest(TransferName.FUND)
    if funded is None or funded.provider_reference is None:
        raise OutOfBalance(f"{pending.brief_id}: nothing was collected that {pending.name} could draw on")
    return funded.provider_reference


def check_same(pending: Transfer, operation: Operation, treasury: Treasury) -> None:
    """The provider must be speaking of the same money; if not, nothing moves until a person has looked."""
    theirs = (operation.key, operation.kind, operation.amount_minor, operation.currency)
    ours = (pending.transfer_id, KIND_OF[pending.name], pending.amount_minor, pending.currency)
    if theirs == ours:
        return
    reason = f"the provider says {operation.amount_minor} {operation.currency} of {pending.amount_minor} "
    reason += f"{pending.currency}, as {operation.kind}"
    treasury.note(Finding.AMOUNT_DIFFERS, pending.transfer_id, reason)
    raise PersonNeeded(f"{pending.transfer_id}: {reason}")

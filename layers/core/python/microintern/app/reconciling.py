"""Compares the ledger with what the provider says it did, and reports every difference. Changes no money itself."""

from collections.abc import Iterator
from datetime import datetime

from microintern.domain.audit import Finding, entry
from microintern.domain.base import Frozen, iso
from microintern.domain.ledger import KIND_OF, Book, Phase, Transfer, brief_of_transfer
from microintern.domain.payments import Operation, OperationStatus
from microintern.ports.clock import Clock
from microintern.ports.ledger import Ledger
from microintern.ports.paging import Position
from microintern.ports.payments import PaymentProvider
from microintern.ports.trail import Audit
from microintern.ports.workflow import Settler

_PAGE = 100
_TRIES = 3

_MEANS = {
    OperationStatus.ACCEPTED: Phase.PENDING,
    OperationStatus.SETTLED: Phase.POSTED,
    OperationStatus.FAILED: Phase.VOIDED,
}


class Reconciled(Frozen):
    """What a run compared, and what it found."""

    operations: int = 0
    transfers: int = 0
    behind: int = 0
    """The provider is done and the ledger will follow: it has been asked to."""
    differences: int = 0


class _Run:
    def __init__(self, ledger: Ledger, provider: PaymentProvider, audit: Audit, settler: Settler, clock: Clock) -> None:
        self.ledger, self.provider, self.audit = ledger, provider, audit
        self.settler, self.clock = settler, clock
        self.books: dict[str, Book] = {}
        self.compared: set[str] = set()
        self.behind: set[str] = set()
        self.differences = 0

    def book(self, brief_id: str) -> Book:
        if brief_id not in self.books:
            self.books[brief_id] = Book(self.ledger.transfers(brief_id))
        return self.books[brief_id]

    def report(self, finding: Finding, subject: str, reason: str) -> None:
        self.differences += 1
        self.audit.note(entry(finding, subject, reason, self.clock.now()))


def reconcile(
    since: datetime, *, ledger: Ledger, provider: PaymentProvider, audit: Audit, settler: Settler, clock: Clock
) -> Reconciled:
    """Compare everything since then, in both directions, and each brief's balances with its transfers."""
    run = _Run(ledger, provider, audit, settler, clock)
    operations = 0
    for operation in provider.operations(since):
        operations += 1
        _compare(operation, run)
    for transfer in _posted_since(since, run):
        if transfer.name in KIND_OF and transfer.transfer_id not in run.compared:
            _find_at_provider(transfer, run)
    for brief_id in run.books:
        _check_balances(brief_id, run)
    for brief_id in sorted(run.behind):
        settler.advance(brief_id)
    return Reconciled(
        operations=operations,
        transfers=sum(len(book.transfers) for book in run.books.values()),
        behind=len(run.behind),
        differences=run.differences,
    )


def _compare(operation: Operation, run: _Run) -> None:
    """One operation of the provider's with the ledger's record of it."""
    run.compared.add(operation.key)
    brief_id = brief_of_transfer(operation.key)
    if _difference(operation, run.book(brief_id)):
        # Money may have moved after one side was read and before the other: read both once more, the ledger first.
        run.books[brief_id] = Book(run.ledger.transfers(brief_id))
        operation = run.provider.find(operation.kind, operation.key, operation.reference) or operation
    newest = _newest(operation, run.book(brief_id))
    if found := _difference(operation, run.book(brief_id)):
        run.report(found[0], operation.key, found[1])
        if newest is None:
            run.behind.add(brief_id)
    elif newest and newest.phase is Phase.PENDING and operation.status is not OperationStatus.ACCEPTED:
        run.behind.add(brief_id)


def _newest(operation: Operation, book: Book) -> Transfer | None:
    records = [transfer for transfer in book.transfers if transfer.transfer_id == operation.key]
    return records[-1] if records else None


def _difference(operation: Operation, book: Book) -> tuple[Finding, str] | None:
    """What one of them says that cannot be true if the other is; that the ledger is behind is not meant."""
    newest = _newest(operation, book)
    if newest is None:
        if operation.status is OperationStatus.FAILED:
            return None
        return Finding.NOT_IN_LEDGER, f"the provider has it as {operation.status}"
    theirs = (operation.kind, operation.amount_minor, operation.currency)
    if theirs != (KIND_OF.get(newest.name), newest.amount_minor, newest.currency):
        reason = f"{newest.amount_minor} {newest.currency} here, {operation.amount_minor} {operation.currency} there"
        return Finding.AMOUNT_DIFFERS, reason
    if newest.phase in (Phase.PENDING, _MEANS[operation.status]):
        return None
    return Finding.STATUS_DIFFERS, f"{newest.phase} here, {operation.status} there"


def _find_at_provider(transfer: Transfer, run: _Run) -> None:
    operation = run.provider.find(KIND_OF[transfer.name], transfer.transfer_id, transfer.provider_reference)
    if operation is None:
        run.report(Finding.NOT_AT_PROVIDER, transfer.transfer_id, "posted here, unknown there")
    else:
        _compare(operation, run)


def _check_balances(brief_id: str, run: _Run) -> None:
    """The balances that are kept are those which the transfers add up to.

    The two are written together but read one after the other: what was read counts if nothing moved meanwhile.
    """
    for _ in range(_TRIES):
        book = Book(run.ledger.transfers(brief_id))
        kept = {account: minor for account, minor in run.ledger.balances(brief_id).items() if minor}
        rebuilt = {account: minor for account, minor in book.held.items() if minor}
        if kept == rebuilt:
            return
        if Book(run.ledger.transfers(brief_id)).transfers == book.transfers:
            reason = f"kept {sorted(kept.items())}, rebuilt {sorted(rebuilt.items())}"
            run.report(Finding.OUT_OF_BALANCE, brief_id, reason)
            return


def _posted_since(since: datetime, run: _Run) -> Iterator[Transfer]:
    """What was posted since then, month by month."""
    now = run.clock.now()
    year, month = since.year, since.month
    while (year, month) <= (now.year, now.month):
        position: Position | None = None
        while True:
            page = run.ledger.posted_in(f"{year:04d}-{month:02d}", _PAGE, position)
            yield from (transfer for transfer in page.items if iso(transfer.at) >= iso(since))
            if (position := page.next) is None:
                break
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)

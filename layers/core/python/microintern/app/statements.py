"""Statements: what moved on somebody's account in a span of time, and what each payee was paid in a year."""

from collections.abc import Iterator
from datetime import UTC, datetime

from microintern.app.commands import require_role
from microintern.app.cursors import decode, encode
from microintern.app.views.money import PayeePage, PayeeTotal, StatementOfAccount, StatementRow
from microintern.app.views.parts import Amount
from microintern.domain.brief import Command
from microintern.domain.ledger import Transfer
from microintern.domain.states import Role
from microintern.domain.tax import threshold_minor
from microintern.ports.ledger import Ledger
from microintern.ports.paging import Position

_PAGE = 100
MOST_ROWS = 10_000


def statement(by: Command, year: int, limit: int, cursor: str | None, *, ledger: Ledger) -> StatementOfAccount:
    """One's own: an organisation's charges, fees and refunds, or what a student earned and was paid."""
    require_role(by, Role.EMPLOYER, Role.STUDENT)
    party_id = by.organisation_id if by.role is Role.EMPLOYER else by.actor_id
    if party_id is None:
        return StatementOfAccount(year=year, items=[])
    scope = ("statement", by.actor_id, party_id, str(year))
    since, until = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    page = ledger.posted_of(party_id, since, until, limit, decode(cursor, *scope))
    rows = [StatementRow.of(transfer) for transfer in page.items]
    return StatementOfAccount(year=year, items=rows, next_cursor=encode(page.next, *scope))


def whole_statement(by: Command, year: int, *, ledger: Ledger) -> list[StatementRow]:
    """All of one's own statement, as far as one file goes."""
    rows: list[StatementRow] = []
    cursor: str | None = None
    while len(rows) < MOST_ROWS:
        page = statement(by, year, _PAGE, cursor, ledger=ledger)
        rows += page.items
        if (cursor := page.next_cursor) is None:
            break
    return rows


def payees(by: Command, year: int, limit: int, cursor: str | None, *, ledger: Ledger) -> PayeePage:
    """For operators: each payee's total of the year and currency, against the threshold for reporting it."""
    require_role(by, Role.OPERATOR)
    scope = ("payees", by.actor_id, str(year))
    start = decode(cursor, *scope)
    totals: dict[tuple[str, str], PayeeTotal] = {}
    seen: list[str] = []
    for payout in _payouts(year, start.item if start else None, ledger):
        if payout.party_id not in seen:
            if len(seen) == limit:
                last = Position(sort=str(year), item=seen[-1])
                return PayeePage(year=year, items=list(totals.values()), next_cursor=encode(last, *scope))
            seen.append(payout.party_id)
        key = (payout.party_id, payout.currency)
        totals[key] = _with(payout, totals.get(key), year)
    return PayeePage(year=year, items=list(totals.values()))


def _with(payout: Transfer, before: PayeeTotal | None, year: int) -> PayeeTotal:
    """The payee's total with one more payout."""
    paid_minor = payout.amount_minor + (before.paid.amount_minor if before else 0)
    threshold = threshold_minor(payout.currency, year)
    return PayeeTotal(
        account_id=payout.party_id,
        paid=Amount.of(paid_minor, payout.currency),
        payouts=1 + (before.payouts if before else 0),
        threshold_minor=threshold,
        reportable=threshold is not None and paid_minor >= threshold,
    )


def _payouts(year: int, beyond: str | None, ledger: Ledger) -> Iterator[Transfer]:
    """The year's payouts, payee by payee, from the one after `beyond` on."""
    position: Position | None = None
    while True:
        page = ledger.paid_in(year, _PAGE, position, beyond=beyond)
        yield from page.items
        if (position := page.next) is None:
            return

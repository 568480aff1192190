"""What people see of their money: one's own statement, and what each payee was paid in a year."""

from datetime import UTC, datetime, timedelta

import pytest

from microintern.app import statements
from microintern.domain.ledger import Phase, Transfer, TransferName
from microintern.domain.problems import Forbidden, Malformed
from microintern.domain.states import Role, State
from tests.unit.app.world import World, a_world_in, rival, stranger
from tests.unit.builders import ORGANISATION, STUDENT, employer, operator, student


def posted(world: World, number: int, party_id: str, minor: int, at: datetime, **changes: object) -> None:
    """A payout of another brief."""
    brief_id = f"brief-{number:08d}"
    fields = {
        "brief_id": brief_id,
        "name": TransferName.PAYOUT,
        "phase": Phase.POSTED,
        "debit": "provider",
        "credit": "provider",
        "amount_minor": minor,
        "currency": "USD",
        "party_id": party_id,
        "at": at,
    }
    world.ledger.record(Transfer.model_validate(fields | changes))


def names(world: World, by: object, year: int = 2027) -> list[tuple[str, int]]:
    page = statements.statement(by, year, 100, None, ledger=world.ledger)  # type: ignore[arg-type]
    return [(row.name.value, row.amount.amount_minor) for row in page.items]


def test_an_employer_sees_charges_fees_and_refunds_and_a_student_what_was_earned_and_paid() -> None:
    world = a_world_in(State.PAID)
    assert sorted(names(world, employer())) == [("fee", 3_000), ("fund", 33_000)]
    assert sorted(names(world, student())) == [("payout", 30_000), ("release", 30_000)]
    assert names(world, rival()) == []
    cancelled = a_world_in(State.CANCELLED)
    cancelled.money_moves()
    assert sorted(names(cancelled, employer())) == [("fund", 33_000), ("refund", 33_000)]


def test_what_has_not_moved_or_failed_is_on_no_statement() -> None:
    world = a_world_in(State.POSTED)
    world.ask_for_funding(method="sandbox-declined")
    world.money_moves()
    world.ask_for_funding(method="sandbox-late")
    world.advance()
    assert names(world, employer()) == []


def test_a_statement_is_of_a_calendar_year_in_utc() -> None:
    world = World()
    start, end = datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
    for number, at in enumerate((start - timedelta(milliseconds=1), start, end - timedelta(milliseconds=1), end)):
        posted(world, number, STUDENT, number, at)
    assert [minor for _, minor in names(world, student())] == [1, 2]
    assert [minor for _, minor in names(world, student(), 2026)] == [0]
    assert [minor for _, minor in names(world, student(), 2028)] == [3]


def test_a_statement_pages_without_a_gap_or_a_repeat_and_as_one_file() -> None:
    world = World()
    for number in range(7):
        posted(world, number, STUDENT, number, datetime(2027, 5, 1 + number, tzinfo=UTC))
    seen, cursor = [], None
    while True:
        page = statements.statement(student(), 2027, 3, cursor, ledger=world.ledger)
        seen += [row.amount.amount_minor for row in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert seen == list(range(7))
    rows = statements.whole_statement(student(), 2027, ledger=world.ledger)
    assert [row.amount.amount_minor for row in rows] == seen


def test_a_whole_statement_goes_over_many_pages_and_stops_at_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "_PAGE", 2)
    world = World()
    for number in range(9):
        posted(world, number, STUDENT, number, datetime(2027, 5, 1 + number, tzinfo=UTC))
    assert len(statements.whole_statement(student(), 2027, ledger=world.ledger)) == 9
    monkeypatch.setattr(statements, "MOST_ROWS", 4)
    assert len(statements.whole_statement(student(), 2027, ledger=world.ledger)) == 4


def test_a_cursor_is_bound_to_whose_statement_and_which_year_it_is_of() -> None:
    world = World()
    for number in range(3):
        posted(world, number, STUDENT, number, datetime(2027, 5, 1, tzinfo=UTC))
    cursor = statements.statement(student(), 2027, 1, None, ledger=world.ledger).next_cursor
    assert cursor
    for by, year in ((rival(), 2027), (student(), 2026)):
        with pytest.raises(Malformed):
            statements.statement(by, year, 1, cursor, ledger=world.ledger)


def test_only_employers_and_students_have_a_statement() -> None:
    for role in (Role.EDUCATOR, Role.OPERATOR):
        with pytest.raises(Forbidden):
            statements.statement(stranger(role), 2027, 10, None, ledger=World().ledger)


# ── payees ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("year", "minor", "threshold_minor", "reportable"),
    [
        (2025, 59_999, 60_000, False),
        (2025, 60_000, 60_000, True),
        (2026, 199_999, 200_000, False),
        (2026, 200_000, 200_000, True),
    ],
)
def test_a_payee_is_reported_from_the_years_threshold_on(
    year: int, minor: int, threshold_minor: int, reportable: bool
) -> None:
    world = World()
    for number, part in enumerate((minor - 1, 1)):
        posted(world, number, STUDENT, part, datetime(year, 3, 1 + number, tzinfo=UTC))
    (total,) = statements.payees(operator(), year, 10, None, ledger=world.ledger).items
    assert (total.account_id, total.paid.amount_minor, total.payouts) == (STUDENT, minor, 2)
    assert (total.threshold_minor, total.reportable) == (threshold_minor, reportable)


def test_each_currency_is_totalled_by_itself_and_only_dollars_have_a_threshold() -> None:
    world = World()
    at = datetime(2026, 3, 1, tzinfo=UTC)
    posted(world, 1, STUDENT, 300_000, at, currency="EUR")
    posted(world, 2, STUDENT, 100_000, at)
    found = {t.paid.currency: t for t in statements.payees(operator(), 2026, 10, None, ledger=world.ledger).items}
    assert (found["EUR"].paid.amount_minor, found["USD"].paid.amount_minor) == (300_000, 100_000)
    assert (found["EUR"].threshold_minor, found["EUR"].reportable) == (None, False)


def test_only_payouts_of_that_year_count_and_neither_charges_nor_refunds() -> None:
    world = a_world_in(State.PAID)
    posted(world, 1, STUDENT, 7, datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC))
    posted(world, 2, ORGANISATION, 7, world.clock.now(), name=TransferName.REFUND)
    (total,) = statements.payees(operator(), 2027, 10, None, ledger=world.ledger).items
    assert (total.account_id, total.paid.written) == (STUDENT, "300.00 USD")


@pytest.mark.parametrize("limit", [1, 2, 3, 10])
def test_payees_page_each_with_all_that_they_were_paid(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A payee's payouts go over pages of the table, and never over pages of the answer."""
    monkeypatch.setattr(statements, "_PAGE", 2)
    world = World()
    payees = ["student-1", "student-10", "student-2", "student-2-b"]
    for number in range(20):
        posted(world, number, payees[number % 4], 10, datetime(2027, 1 + number % 12, 1, tzinfo=UTC))
    seen, cursor = [], None
    while True:
        page = statements.payees(operator(), 2027, limit, cursor, ledger=world.ledger)
        assert len(page.items) <= limit
        seen += [(total.account_id, total.payouts) for total in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert seen == [(payee, 5) for payee in payees]


def test_what_others_were_paid_is_for_operators() -> None:
    for role in (Role.STUDENT, Role.EMPLOYER, Role.EDUCATOR):
        with pytest.raises(Forbidden):
            statements.payees(stranger(role), 2027, 10, None, ledger=World().ledger)

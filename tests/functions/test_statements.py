"""What is read of the ledger: one's own money and nobody else's, as JSON and as tables that no spreadsheet runs."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest

from microintern.adapters.dynamo import put_many
from microintern.adapters.ledger import _item
from microintern.domain.ledger import Phase, Transfer, TransferName, funding
from microintern.domain.payments import Operation, OperationKind, OperationStatus
from microintern.domain.states import Action, State
from tests.contract import tables
from tests.functions.world import (
    BRIEF,
    EMPLOYER,
    LATER,
    NEWCOMER,
    RIVAL,
    STRANGER,
    STUDENT,
    World,
    command,
    the_brief,
)

PAY, FEE = 30_000, 3_000


def paid_out(world: World) -> None:
    """The samples' brief, from collecting the money to paying it out."""
    world.seed(the_brief(State.POSTED, Action.REQUEST_FUNDING))
    world.call("settlement/funding_requested")
    world.call("settlement/payment_updated")
    world.seed(the_brief(State.APPROVED))
    world.clock.at += timedelta(seconds=1)
    world.call("settlement/from_workflow")
    world.clock.at += timedelta(seconds=1)
    assert world.call("settlement/from_sweeper") == {"outcome": "settled"}


def body_of(world: World, name: str, **changes: Any) -> Any:
    answer = world.call(name, command(name, **changes))
    assert answer["statusCode"] == 200, answer["body"]
    return json.loads(answer["body"])


def table_of(world: World, name: str, **changes: Any) -> list[dict[str, str]]:
    """The rows of an answer in CSV, which is a file to save."""
    answer = world.call(name, command(name, **changes))
    assert answer["statusCode"] == 200, answer["body"]
    headers = {key.lower(): value for key, value in answer["headers"].items()}
    assert headers["content-type"] == "text/csv; charset=utf-8"
    assert headers["content-disposition"].startswith("attachment; filename=")
    assert ("\n" in answer["body"]) == ("\r\n" in answer["body"]), "RFC 4180 ends lines so"
    return list(csv.DictReader(io.StringIO(answer["body"], newline="")))


def test_a_briefs_money_adds_up_and_is_the_same_as_a_table(world: World) -> None:
    paid_out(world)
    shown = body_of(world, "money_api/ledger_of")
    assert shown["balanced"]
    assert shown["balances_minor"] == {
        "provider": -PAY - FEE + PAY,
        f"escrow:{BRIEF}": 0,
        f"payable:{STUDENT}": 0,
        "platform:fees": FEE,
    }
    moved = [(row["name"], row["phase"], row["amount"]["amount_minor"]) for row in shown["transfers"]]
    assert moved == [
        ("fund", "pending", PAY + FEE),
        ("fund", "posted", PAY + FEE),
        ("release", "posted", PAY),
        ("fee", "posted", FEE),
        ("payout", "pending", PAY),
        ("payout", "posted", PAY),
    ]
    rows = table_of(world, "money_api/ledger_csv")
    assert [(row["name"], row["phase"], int(row["amount_amount_minor"])) for row in rows] == moved
    assert rows[0].keys() == {
        *("transfer_id", "name", "phase", "debit", "credit", "at", "reason"),
        *("amount_amount_minor", "amount_currency", "amount_written"),
    }


NAMES_OF = {("student", STUDENT): ["release", "payout"], ("employer", EMPLOYER): ["fund", "fee"]}


@pytest.mark.parametrize("who", NAMES_OF)
def test_a_statement_has_what_moved_for_oneself(world: World, who: tuple[str, str]) -> None:
    paid_out(world)
    role, account_id = who
    caller = {"role": role, "sub": account_id}
    shown = body_of(world, "money_api/statement", **caller)
    assert [row["name"] for row in shown["items"]] == NAMES_OF[who]
    assert shown["year"] == 2027
    rows = table_of(world, "money_api/statement_csv", **caller)
    assert [row["transfer_id"] for row in rows] == [row["transfer_id"] for row in shown["items"]]
    assert body_of(world, "money_api/statement", **caller, query={"year": "2026"})["items"] == []


def test_a_statement_is_of_nobody_else(world: World) -> None:
    paid_out(world)
    for role, account_id in (("student", STRANGER), ("employer", STRANGER), ("student", RIVAL)):
        assert body_of(world, "money_api/statement", role=role, sub=account_id)["items"] == []
        assert table_of(world, "money_api/statement_csv", role=role, sub=account_id) == []


def test_a_statement_leads_on_for_its_owner_only(world: World) -> None:
    paid_out(world)
    first = body_of(world, "money_api/statement", query={"year": "2027", "limit": "1"})
    onward = {"year": "2027", "limit": "1", "cursor": first["next_cursor"]}
    second = body_of(world, "money_api/statement", query=onward)
    assert [row["name"] for row in first["items"] + second["items"]] == ["release", "payout"]
    for change in ({"sub": RIVAL}, {"role": "employer", "sub": EMPLOYER}, {"query": onward | {"year": "2026"}}):
        answer = world.call("money_api/statement", command("money_api/statement", **{"query": onward, **change}))
        assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (400, "invalid_cursor")


HOSTILE = [
    '=HYPERLINK("http://example.com","click")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
]


@pytest.mark.parametrize("reason", HOSTILE)
def test_no_cell_is_taken_for_a_formula(world: World, reason: str) -> None:
    brief = the_brief(State.POSTED, Action.REQUEST_FUNDING)
    world.seed(brief)
    pending = funding(brief, LATER)
    said: dict[str, Any] = {
        "kind": OperationKind.COLLECT,
        "status": OperationStatus.FAILED,
        "reference": "r",
        "at": LATER,
    }
    money: dict[str, Any] = {"amount_minor": pending.amount_minor, "currency": pending.currency}
    world.ledger.begin(pending)
    world.ledger.record(pending.ended(Operation(key="k", reason=reason, **money, **said), LATER))
    _, voided = table_of(world, "money_api/ledger_csv")
    assert voided["reason"] == f"'{reason}"


def test_a_cell_may_hold_what_separates_cells(world: World) -> None:
    brief = the_brief(State.POSTED, Action.REQUEST_FUNDING)
    world.seed(brief)
    pending = funding(brief, LATER)
    world.ledger.begin(pending)
    world.ledger.record(pending.dropped('declined, "twice";\nagain', LATER))
    assert table_of(world, "money_api/ledger_csv")[1]["reason"] == 'declined, "twice";\nagain'


def payout(student_id: str, amount_minor: int, number: int, at: datetime = LATER, currency: str = "USD") -> Transfer:
    return Transfer(
        brief_id=f"brief-{number:08d}",
        name=TransferName.PAYOUT,
        phase=Phase.POSTED,
        debit=f"payable:{student_id}",
        credit="provider",
        amount_minor=amount_minor,
        currency=currency,
        party_id=student_id,
        at=at + timedelta(minutes=number),
    )


@pytest.fixture
def paid(world: World) -> World:
    """Three payees: one over the threshold by two payouts, one under it, one in another currency; and last year's."""
    last_year = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
    rows = [
        payout(STUDENT, 150_000, 1),
        payout(STUDENT, 50_000, 2),
        payout(RIVAL, 199_999, 3),
        payout(NEWCOMER, 900_000, 4, currency="EUR"),
        payout(RIVAL, 60_000, 5, at=last_year),
    ]
    put_many(world.clients["dynamodb"], tables.LEDGER, [_item(row) for row in rows])
    return world


def test_payees_are_held_against_the_threshold_of_the_year(paid: World) -> None:
    found = {row["account_id"]: row for row in body_of(paid, "money_api/payees")["items"]}
    totals = {
        account_id: (row["paid"]["amount_minor"], row["payouts"], row["threshold_minor"], row["reportable"])
        for account_id, row in found.items()
    }
    assert totals == {
        STUDENT: (200_000, 2, 200_000, True),
        RIVAL: (199_999, 1, 200_000, False),
        NEWCOMER: (900_000, 1, None, False),
    }
    (row,) = body_of(paid, "money_api/payees", query={"year": "2026"})["items"]
    assert (row["account_id"], row["paid"]["amount_minor"]) == (RIVAL, 60_000)


def test_the_table_of_payees_leads_on_by_its_header_until_it_ends(paid: World) -> None:
    name, seen = "money_api/payees_csv", []
    query: dict[str, str] | None = {"year": "2027", "limit": "1"}
    while query:
        answer = paid.call(name, command(name, query=query))
        seen += [row["account_id"] for row in csv.DictReader(io.StringIO(answer["body"]))]
        link = {key.lower(): value for key, value in answer["headers"].items()}.get("link")
        if link is None:
            break
        assert link.startswith("<?")
        assert link.endswith('>; rel="next"')
        query = dict(parse_qsl(link.removeprefix("<?").removesuffix('>; rel="next"')))
    assert seen == sorted([STUDENT, RIVAL, NEWCOMER])


def test_the_table_of_payees_has_the_totals(paid: World) -> None:
    rows = {row["account_id"]: row for row in table_of(paid, "money_api/payees_csv")}
    assert rows[STUDENT]["paid_written"] == "2000.00 USD"
    assert (rows[STUDENT]["reportable"], rows[RIVAL]["reportable"]) == ("True", "False")

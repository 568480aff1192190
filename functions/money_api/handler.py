"""What is read of the ledger: a brief's money, one's own statement, each payee's total of a year."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.ledger import DynamoLedger
from microintern.app import browsing, statements
from microintern.app.views.money import LedgerView, PayeePage, StatementOfAccount
from microintern.settings import MoneyApiSettings, load
from microintern.web.api import Api
from microintern.web.csv_body import as_csv
from microintern.web.parameters import BriefId, Cursor, Limit, Reader

settings = load(MoneyApiSettings)
briefs = DynamoBriefs(client("dynamodb"), settings.brief_table)
ledger = DynamoLedger(client("dynamodb"), settings.ledger_table, settings.brief_table)
app = Api()

Year = Annotated[int, Query(ge=2000, le=2999, description="A calendar year, in UTC.")]


@app.get("/briefs/<brief_id>/ledger", tags=["Money"], summary="A brief's money")
def ledger_of(brief_id: BriefId, by: Reader) -> LedgerView:
    """What was held, paid, refunded and kept as the fee, and whether it adds up."""
    return browsing.ledger_of(by, brief_id, briefs=briefs, ledger=ledger)


@app.get("/briefs/<brief_id>/ledger.csv", tags=["Money"], summary="A brief's money, as CSV")
def ledger_csv(brief_id: BriefId, by: Reader) -> Response[str]:
    """One row per transfer."""
    return as_csv(browsing.ledger_of(by, brief_id, briefs=briefs, ledger=ledger).transfers, "ledger.csv")


@app.get("/me/statement", tags=["Money"], summary="My statement")
def statement(by: Reader, year: Year, limit: Limit = 100, cursor: Cursor = None) -> StatementOfAccount:
    """An employer's charges, fees and refunds; what a student earned and was paid. The oldest first."""
    return statements.statement(by, year, limit, cursor, ledger=ledger)


@app.get("/me/statement.csv", tags=["Money"], summary="My statement, as CSV")
def statement_csv(by: Reader, year: Year) -> Response[str]:
    """The whole year in one file, up to ten thousand rows."""
    return as_csv(statements.whole_statement(by, year, ledger=ledger), f"statement-{year}.csv")


@app.get("/payees", tags=["Operators"], summary="What each payee was paid in a year")
def payees(by: Reader, year: Year, limit: Limit = 50, cursor: Cursor = None) -> PayeePage:
    """Per payee and currency, against the threshold from which it is to be reported."""
    return statements.payees(by, year, limit, cursor, ledger=ledger)


@app.get("/payees.csv", tags=["Operators"], summary="What each payee was paid in a year, as CSV")
def payees_csv(by: Reader, year: Year, limit: Limit = 100, cursor: Cursor = None) -> Response[str]:
    """A page as rows; the header `Link` leads on when there are more."""
    page = statements.payees(by, year, limit, cursor, ledger=ledger)
    beyond = {"year": year, "limit": limit, "cursor": page.next_cursor} if page.next_cursor else None
    return as_csv(page.items, f"payees-{year}.csv", next_page=beyond)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)

"""What is kept of a person: all of it for them to have, and the wish to be forgotten."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.accounts import DynamoAccounts
from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.clock import SystemClock
from microintern.adapters.cohorts import DynamoCohorts
from microintern.adapters.credentials import DynamoCredentials
from microintern.adapters.groups import CognitoGroups
from microintern.adapters.ledger import DynamoLedger
from microintern.adapters.mailing import DynamoMailings
from microintern.adapters.organisations import DynamoOrganisations
from microintern.adapters.portfolios import DynamoPortfolios
from microintern.adapters.records import DynamoRecords
from microintern.adapters.searches import DynamoSearches
from microintern.adapters.standings import DynamoStandings
from microintern.adapters.students import DynamoStudents
from microintern.adapters.talent import DynamoTalent
from microintern.adapters.threads import DynamoThreads
from microintern.adapters.webhooks import DynamoEndpoints
from microintern.app import erasing, exporting, requests
from microintern.app.archive import Archive
from microintern.app.views.accounts import StandingView
from microintern.app.views.export import Export
from microintern.settings import PersonalDataApiSettings, load
from microintern.web.api import Api
from microintern.web.parameters import AccountId, Commander, Cursor, Limit, Reader

settings = load(PersonalDataApiSettings)
archive = Archive(
    briefs=DynamoBriefs(client("dynamodb"), settings.brief_table, settings.account_table),
    accounts=DynamoAccounts(client("dynamodb"), settings.account_table),
    standings=DynamoStandings(client("dynamodb"), settings.account_table),
    organisations=DynamoOrganisations(client("dynamodb"), settings.account_table),
    records=DynamoRecords(client("dynamodb"), settings.record_table),
    credentials=DynamoCredentials(client("dynamodb"), settings.credential_table),
    endpoints=DynamoEndpoints(client("dynamodb"), settings.account_table),
    cohorts=DynamoCohorts(client("dynamodb"), settings.account_table),
    talent=DynamoTalent(client("dynamodb"), settings.account_table),
    searches=DynamoSearches(client("dynamodb"), settings.search_table, settings.account_table),
    students=DynamoStudents(client("dynamodb"), settings.account_table),
    threads=DynamoThreads(client("dynamodb"), settings.brief_table),
    mailings=DynamoMailings(client("dynamodb"), settings.account_table),
    portfolios=DynamoPortfolios(client("dynamodb"), settings.portfolio_table),
)
ledger = DynamoLedger(client("dynamodb"), settings.ledger_table, settings.brief_table)
groups = CognitoGroups(client("cognito-idp"), settings.user_pool_id)
clock = SystemClock()
app = Api()


@app.get("/me/export", tags=["Account"], summary="Everything kept of me")
def export(by: Reader, limit: Limit = 20, cursor: Cursor = None) -> Export:
    """Of the account itself on the first page, and of some of your briefs on each."""
    shared: dict[str, Any] = {"ledger": ledger, "clock": clock, "policy": settings.policy}
    return exporting.export(by, limit, cursor, archive=archive, **shared)


@app.post("/me/erasure", tags=["Account"], summary="Have my account erased", status_code=202)
def erase_me(body: Annotated[requests.ErasureRequest, Body()], by: Commander) -> StandingView:
    """Refused while briefs are under way. Nobody can use it from then on; what is kept is gone within minutes."""
    return StandingView.of(erasing.ask_own_erasure(by, body, archive=archive, clock=clock))


@app.post("/accounts/<account_id>/erasure", tags=["Operators"], summary="Have an account erased", status_code=202)
def erase_account(account_id: AccountId, by: Commander) -> StandingView:
    """For somebody who asked for it and cannot do it themselves."""
    erased = erasing.ask_erasure(by, account_id, archive=archive, groups=groups, clock=clock)
    return StandingView.of(erased)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)

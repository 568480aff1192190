"""Runs every few minutes: takes away what is kept of those who are to be forgotten, and finishes what broke off."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.accounts import DynamoAccounts
from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.cohorts import DynamoCohorts
from microintern.adapters.credentials import DynamoCredentials
from microintern.adapters.files import S3FileStore
from microintern.adapters.mailing import DynamoMailings
from microintern.adapters.organisations import DynamoOrganisations
from microintern.adapters.portfolios import DynamoPortfolios
from microintern.adapters.previews import S3Previews
from microintern.adapters.records import DynamoRecords
from microintern.adapters.searches import DynamoSearches
from microintern.adapters.standings import DynamoStandings
from microintern.adapters.students import DynamoStudents
from microintern.adapters.talent import DynamoTalent
from microintern.adapters.threads import DynamoThreads
from microintern.adapters.users import CognitoUsers
from microintern.adapters.webhooks import DynamoDeliveries, DynamoEndpoints
from microintern.app.archive import Archive
from microintern.app.forgetting import finish_erasures
from microintern.settings import EraseSettings, load

settings = load(EraseSettings)
archive = Archive(
    briefs=DynamoBriefs(client("dynamodb"), settings.brief_table),
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
    portfolios=DynamoPortfolios(client("dynamodb"), settings.portfolio_table, settings.account_table),
)
users = CognitoUsers(client("cognito-idp"), settings.user_pool_id)
files = S3FileStore(client("s3"), settings.files_bucket)
previews = S3Previews(client("s3"), settings.files_bucket)
deliveries = DynamoDeliveries(client("dynamodb"), settings.webhook_table)
logger = Logger()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """The event says nothing; the answer is how many were forgotten."""
    erased = finish_erasures(archive, users=users, files=files, previews=previews, deliveries=deliveries)
    logger.info("erased", accounts=erased)
    return {"erased": erased}

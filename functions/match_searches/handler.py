"""A brief that opens is told of to whoever saved a search that it fits."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.accounts import DynamoAccounts
from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.searches import DynamoSearches
from microintern.adapters.stemming import stem
from microintern.app.matching import match
from microintern.domain.events import CloudEvent
from microintern.settings import MatchSearchesSettings, load

settings = load(MatchSearchesSettings)
briefs = DynamoBriefs(client("dynamodb"), settings.brief_table)
searches = DynamoSearches(client("dynamodb"), settings.search_table, settings.account_table)
accounts = DynamoAccounts(client("dynamodb"), settings.account_table)
logger = Logger()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Tell whoever looks for such a brief."""
    published = CloudEvent.model_validate(event["detail"])
    told = match(published, briefs=briefs, searches=searches, accounts=accounts, stem=stem)
    logger.info("matched", event_id=published.id, notices=told)
    return {"notices": told}

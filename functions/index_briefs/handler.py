"""A brief that opens can be found."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.index import DynamoIndex
from microintern.adapters.stemming import stem
from microintern.app.indexing import index
from microintern.domain.events import CloudEvent
from microintern.settings import IndexBriefsSettings, load

settings = load(IndexBriefsSettings)
briefs = DynamoBriefs(client("dynamodb"), settings.brief_table)
found_by = DynamoIndex(client("dynamodb"), settings.search_table)
logger = Logger()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Have one brief found."""
    published = CloudEvent.model_validate(event["detail"])
    terms = index(published, briefs=briefs, found_by=found_by, stem=stem)
    logger.info("indexed", event_id=published.id, terms=terms)
    return {"terms": terms}

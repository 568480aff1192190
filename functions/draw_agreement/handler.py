"""A brief was awarded: the agreement of both sides is put on paper, once."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.accounts import DynamoAccounts
from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.organisations import DynamoOrganisations
from microintern.adapters.papers import S3Papers
from microintern.app.agreements import write_down
from microintern.domain.events import CloudEvent
from microintern.printing.agreement import pdf_of
from microintern.settings import DrawAgreementSettings, load

settings = load(DrawAgreementSettings)
briefs = DynamoBriefs(client("dynamodb"), settings.brief_table, settings.account_table)
accounts = DynamoAccounts(client("dynamodb"), settings.account_table)
organisations = DynamoOrganisations(client("dynamodb"), settings.account_table)
papers = S3Papers(client("s3"), settings.files_bucket)
logger = Logger()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Keep the paper that an event makes due."""
    published = CloudEvent.model_validate(event["detail"])
    shared: dict[str, Any] = {"briefs": briefs, "accounts": accounts, "organisations": organisations}
    edition = write_down(published, papers=papers, draw=pdf_of, **shared)
    logger.info("kept" if edition else "not due", event_id=published.id, edition=edition)
    return {"edition": edition}

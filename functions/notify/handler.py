"""Published events become notices for the people concerned."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.accounts import DynamoAccounts
from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.mailing import DynamoAgenda
from microintern.adapters.organisations import DynamoOrganisations
from microintern.app.telling import tell
from microintern.domain.events import CloudEvent
from microintern.settings import NotifySettings, load

settings = load(NotifySettings)
briefs = DynamoBriefs(client("dynamodb"), settings.brief_table)
accounts = DynamoAccounts(client("dynamodb"), settings.account_table)
organisations = DynamoOrganisations(client("dynamodb"), settings.account_table)
agenda = DynamoAgenda(client("dynamodb"), settings.account_table)
logger = Logger()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Tell whoever one event concerns."""
    published = CloudEvent.model_validate(event["detail"])
    shared: dict[str, Any] = {"accounts": accounts, "organisations": organisations, "agenda": agenda}
    told = tell(published, briefs=briefs, policy=settings.policy, **shared)
    logger.info("told", event_id=published.id, event_type=published.type, notices=told)
    return {"notices": told}

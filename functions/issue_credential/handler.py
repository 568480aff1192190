"""A brief that was approved leaves its student a credential, whatever repeats."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.clock import SystemClock
from microintern.adapters.credentials import DynamoCredentials
from microintern.adapters.organisations import DynamoOrganisations
from microintern.adapters.signing import KmsSigner
from microintern.app.crediting import Issuer, issue
from microintern.badging.canonical import canonical
from microintern.domain.events import CloudEvent
from microintern.domain.open_badges import Addresses
from microintern.settings import IssueCredentialSettings, load

settings = load(IssueCredentialSettings)
briefs = DynamoBriefs(client("dynamodb"), settings.brief_table)
organisations = DynamoOrganisations(client("dynamodb"), settings.account_table)
credentials = DynamoCredentials(client("dynamodb"), settings.credential_table, settings.account_table)
signer = KmsSigner(client("kms"), settings.credential_key)
clock = SystemClock()
logger = Logger()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Issue the credential that an event makes due, if it was not yet."""
    published = CloudEvent.model_validate(event["detail"])
    issuer = Issuer(Addresses(settings.public_url), signer, canonical)
    issued = issue(
        published, briefs=briefs, organisations=organisations, credentials=credentials, issuer=issuer, clock=clock
    )
    logger.info("issued" if issued else "not due", event_id=published.id, credential_id=issued)
    return {"credential_id": issued}

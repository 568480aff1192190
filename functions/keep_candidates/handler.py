"""Makes candidates of those who did a brief, once it is paid: the employer's pipeline begins with whom it knows."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.clock import SystemClock
from microintern.adapters.talent import DynamoTalent
from microintern.app.talent import keep_in_view
from microintern.domain.events import CloudEvent
from microintern.settings import KeepCandidatesSettings, load

settings = load(KeepCandidatesSettings)
briefs = DynamoBriefs(client("dynamodb"), settings.brief_table)
store = DynamoTalent(client("dynamodb"), settings.account_table)
clock = SystemClock()
logger = Logger()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Keep who did the brief that an event is about."""
    published = CloudEvent.model_validate(event["detail"])
    kept = keep_in_view(published.subject, talent=store, briefs=briefs, clock=clock, policy=settings.policy)
    logger.info("kept", event_id=published.id, new=kept)
    return {"kept": kept}

"""A brief's schedules call this: at a deadline what everyone was told of happens, at a check-in somebody is asked."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import TypeAdapter

from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.clock import SystemClock
from microintern.adapters.events import EventBridgeBus
from microintern.app.checking_in import remind
from microintern.app.lapsing import lapse
from microintern.domain.base import Instant
from microintern.settings import LapseSettings, load

settings = load(LapseSettings)
briefs = DynamoBriefs(client("dynamodb"), settings.brief_table)
bus = EventBridgeBus(client("events"), settings.event_bus)
instant = TypeAdapter(Instant)
logger = Logger()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Let the deadline `lapse_at` of `brief_id` take effect, unless somebody acted first; or ask how it is going."""
    brief_id, lapse_at = event["brief_id"], instant.validate_python(event["lapse_at"])
    answer = lapse(brief_id, lapse_at, briefs=briefs, clock=SystemClock(), policy=settings.policy)
    state = answer.state.value if answer else None
    logger.info("lapse", brief_id=brief_id, lapse_at=event["lapse_at"], lapsed=answer is not None, state=state)
    asked = answer is None and remind(brief_id, lapse_at, briefs=briefs, bus=bus)
    return {"lapsed": answer is not None, "state": state} | ({"asked": True} if asked else {})

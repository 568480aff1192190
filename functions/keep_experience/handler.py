"""Published events say which briefs students do and did."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.students import DynamoStudents
from microintern.app.experience import keep
from microintern.domain.events import CloudEvent
from microintern.settings import KeepExperienceSettings, load

settings = load(KeepExperienceSettings)
briefs = DynamoBriefs(client("dynamodb"), settings.brief_table)
students = DynamoStudents(client("dynamodb"), settings.account_table)
logger = Logger()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Note what a brief is now to whoever was awarded it."""
    published = CloudEvent.model_validate(event["detail"])
    noted = keep(published, briefs=briefs, students=students)
    logger.info("noted", event_id=published.id, event_type=published.type, notes=noted)
    return {"notes": noted}

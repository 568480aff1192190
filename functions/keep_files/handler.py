"""Locks what was handed in, where buckets have locks: until the brief is settled, then as long as files are kept."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.files import S3FileStore
from microintern.app.keeping import keep
from microintern.domain.events import CloudEvent
from microintern.settings import KeepFilesSettings, load

settings = load(KeepFilesSettings)
briefs = DynamoBriefs(client("dynamodb"), settings.brief_table)
store = S3FileStore(client("s3"), settings.files_bucket)
logger = Logger()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lock the files of the brief that an event is about."""
    published = CloudEvent.model_validate(event["detail"])
    count = keep(published, briefs=briefs, files=store, policy=settings.policy)
    logger.info("kept", event_id=published.id, files=count)
    return {"files": count}

"""Runs every day, and whenever somebody calls it: clears away versions of files that nobody wants any more."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client, copying
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.clock import SystemClock
from microintern.adapters.files import S3FileStore
from microintern.app.tidying import start_of, tidy
from microintern.settings import TidySettings, load

settings = load(TidySettings)
briefs = DynamoBriefs(client("dynamodb"), settings.brief_table)
store = S3FileStore(client("s3"), settings.files_bucket, copying)
clock = SystemClock()
logger = Logger()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """`{start}` is the key to begin at, one for each day unless said otherwise; the answer is what was done."""
    start = event.get("start", start_of(clock.now()))
    tidied = tidy(start, briefs=briefs, files=store, clock=clock, policy=settings.policy)
    logger.info("tidied", start=start, **tidied.model_dump())
    return tidied.model_dump()

"""What the functions behind a table's stream share: one record at a time, in order, and the day's journal."""

from collections.abc import Callable
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.domain.trail import Entry
from microintern.failures import facts_of
from microintern.ports.trail import Trail

Follow = Callable[[dict[str, Any]], Entry | None]
"""Does what follows from a record's images; the entry of the audit trail that came of it, if it is of its day."""

logger = Logger()


class LoggingProcessor(BatchProcessor):
    """One thing's records come in order within a shard; a batch is read again from the first record that failed."""

    def failure_handler(self, record: Any, exception: Any) -> Any:
        """Say why a record failed; what is reported to Lambda is only which."""
        logger.error("record failed", sequence=record.dynamodb.sequence_number, **facts_of(exception[1]))
        return super().failure_handler(record, exception)


_processor = LoggingProcessor(event_type=EventType.DynamoDBStreams)


def follow_all(event: dict[str, Any], context: LambdaContext, follow: Follow, trail: Trail) -> Any:
    """Let everything follow a batch, and note under its day what it brought to the audit trail."""
    kept: list[tuple[str, Entry]] = []
    one = partial(_follow_one, follow=follow, kept=kept)
    answer = process_partial_response(event=event, record_handler=one, processor=_processor, context=context)
    if kept:
        # After the records: a batch that fails here is read again as a whole, which changes nothing else.
        trail.journal(kept[0][0], [entry for _, entry in kept])
    return answer


def handle_all(event: dict[str, Any], context: LambdaContext, handle: Callable[[dict[str, Any]], None]) -> Any:
    """Do something with the images of each record of a batch; those that fail come again, with all after them."""

    def one(record: DynamoDBRecord) -> None:
        handle(record.raw_event["dynamodb"])

    return process_partial_response(event=event, record_handler=one, processor=_processor, context=context)


def _follow_one(record: DynamoDBRecord, follow: Follow, kept: list[tuple[str, Entry]]) -> None:
    if (entry := follow(record.raw_event["dynamodb"])) is not None:
        kept.append((record.raw_event["eventID"], entry))

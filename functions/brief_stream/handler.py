"""The brief table's stream: audit trail, published events, deadlines and the workflow follow each write."""

from functools import partial
from typing import Any

from aws_lambda_powertools import Logger, single_metric
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.briefs import CONTROL, application_of, change_of, file_of
from microintern.adapters.deadlines import SchedulerDeadlines
from microintern.adapters.events import EventBridgeBus
from microintern.adapters.trail import DynamoTrail
from microintern.adapters.workflow import StepFunctionsWorkflow
from microintern.app.following import Followed, follow, follow_application, follow_file
from microintern.domain.documents import Application, StoredFile
from microintern.domain.trail import Entry
from microintern.failures import facts_of
from microintern.settings import BriefStreamSettings, load

settings = load(BriefStreamSettings)
trail = DynamoTrail(client("dynamodb"), settings.trail_table)
bus = EventBridgeBus(client("events"), settings.event_bus)
workflow = StepFunctionsWorkflow(client("stepfunctions"), settings.state_machine_arn)
deadlines = SchedulerDeadlines(
    client("scheduler"),
    group=settings.schedule_group,
    target_arn=settings.lapse_function_arn,
    role_arn=settings.scheduler_role_arn,
    dead_letter_arn=settings.schedule_dlq_arn,
)
logger = Logger()


class LoggingProcessor(BatchProcessor):
    """One brief's records come in order within a shard; a batch is read again from the first record that failed."""

    def failure_handler(self, record: Any, exception: Any) -> Any:
        """Say why a record failed; what is reported to Lambda is only which."""
        logger.error("record failed", sequence=record.dynamodb.sequence_number, **facts_of(exception[1]))
        return super().failure_handler(record, exception)


processor = LoggingProcessor(event_type=EventType.DynamoDBStreams)


Kept = list[tuple[str, Entry]]
"""The entries that a batch brought, each with the id of the stream's record."""


def follow_record(record: DynamoDBRecord, kept: Kept) -> None:
    """Let everything follow one write."""
    raw = record.raw_event["dynamodb"]
    kind = raw.get("NewImage", {}).get("kind", {}).get("S")
    if kind == CONTROL:
        change = change_of(raw.get("OldImage"), raw["NewImage"])
        followed = follow(change, trail=trail, bus=bus, deadlines=deadlines, workflow=workflow)
    elif kind == Application.kind:
        followed = follow_application(application_of(raw["NewImage"]), trail=trail, bus=bus)
    elif kind == StoredFile.kind:
        followed = follow_file(file_of(raw["NewImage"]), bus=bus)
    else:
        return  # a batch that is handed over again has what the mapping's filter left out
    if followed.entry is not None:
        kept.append((record.raw_event["eventID"], followed.entry))
    _tell(followed)


def _tell(followed: Followed) -> None:
    if (published := followed.published) is None:
        return
    with single_metric(name="BriefTransition", unit=MetricUnit.Count, value=1) as metric:
        metric.add_dimension(name="event", value=published.type)
    logger.info("published", event_id=published.id, event_type=published.type)


def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Lambda's entry point."""
    kept: Kept = []
    follow_one = partial(follow_record, kept=kept)
    answer = process_partial_response(event=event, record_handler=follow_one, processor=processor, context=context)
    if kept:
        # After the records: a batch that fails here is read again as a whole, which changes nothing else.
        trail.journal(kept[0][0], [entry for _, entry in kept])
    return answer

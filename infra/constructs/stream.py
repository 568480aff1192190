"""A table's stream, consumed by a function."""

import json
from collections.abc import Mapping, Sequence

from aws_cdk import aws_lambda as lambda_

from infra.config import Stage
from infra.constructs.function import ServiceFunction
from infra.constructs.queue import DeadLetterQueue
from infra.constructs.table import KeyedTable


def consume_stream(
    table: KeyedTable, function: ServiceFunction, stage: Stage, writes: Sequence[Mapping[str, list[str]]]
) -> None:
    """Call the function with the writes that leave an item's attributes as one of these says, in order for each brief.

    One bad record must not stop the others for long: a failed batch is split and tried again, a bounded
    number of times, and what still fails is named in a queue, from where it can be replayed.
    """
    stream_arn = stream_of(table)
    actions = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
    function.allow([f"dynamodb:{action}" for action in actions], stream_arn)
    function.dead_letters = DeadLetterQueue(function, "DeadLetters", stage)
    function.dead_letters.grant_send_messages(function.role)
    mapping = lambda_.CfnEventSourceMapping(
        function,
        "Stream",
        event_source_arn=stream_arn,
        function_name=function.function.function_name,
        starting_position="TRIM_HORIZON",
        batch_size=100,
        parallelization_factor=10,
        bisect_batch_on_function_error=True,
        maximum_retry_attempts=20,
        maximum_record_age_in_seconds=stage.stream_record_age_s,
        function_response_types=["ReportBatchItemFailures"],
        filter_criteria=_filters(writes),
        destination_config=lambda_.CfnEventSourceMapping.DestinationConfigProperty(
            on_failure=lambda_.CfnEventSourceMapping.OnFailureProperty(destination=function.dead_letters.queue_arn)
        ),
    )
    # Creating the mapping fails unless the role may already read the stream.
    mapping.node.add_dependency(function.role)


def stream_of(table: KeyedTable) -> str:
    """The ARN of a table's stream."""
    stream_arn = table.table.table_stream_arn
    assert stream_arn, "the table has no stream"
    return stream_arn


def _filters(writes: Sequence[Mapping[str, list[str]]]) -> lambda_.CfnEventSourceMapping.FilterCriteriaProperty:
    images = [{name: {"S": values} for name, values in write.items()} for write in writes]
    patterns = [json.dumps({"dynamodb": {"NewImage": image}}) for image in images]
    filters = [lambda_.CfnEventSourceMapping.FilterProperty(pattern=pattern) for pattern in patterns]
    return lambda_.CfnEventSourceMapping.FilterCriteriaProperty(filters=filters)

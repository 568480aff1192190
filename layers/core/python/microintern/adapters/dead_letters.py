"""Dead letters in SQS: what a function could not handle is handed to it again, and goes only when that worked."""

import base64
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from microintern.ports.dead_letters import Redriven
from microintern.settings import DeadLetterQueue

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient

MOST_PER_CALL = 10
VISIBLE_AGAIN_AFTER_S = 600
"""A letter that failed again is left alone for so long."""


class CannotReplay(Exception):
    """What the letter tells of is no longer there."""


class SqsDeadLetters:
    """The DeadLetters port. The letters are of several kinds: Lambda's, EventBridge's, the Scheduler's, a stream's."""

    def __init__(
        self,
        sqs: "SQSClient",
        functions: "LambdaClient",
        streams: Any,
        queues: Mapping[str, DeadLetterQueue],
    ) -> None:
        self._sqs = sqs
        self._functions = functions
        self._streams = streams
        self._queues = queues

    def queues(self) -> list[str]:
        return list(self._queues)

    def redrive(self, queue: str, limit: int, most_tries: int | None = None) -> Redriven:
        where = self._queues[queue]
        redriven = failed = 0
        spent: list[str] = []
        while redriven + failed < limit:
            letters = self._receive(where.queue_url, min(limit - redriven - failed, MOST_PER_CALL))
            if not letters:
                break
            for letter in letters:
                tries = int(letter["Attributes"]["ApproximateReceiveCount"])
                if most_tries is not None and tries > most_tries:
                    spent.append(letter["ReceiptHandle"])
                    failed += 1
                elif self._handled(where, letter["Body"]):
                    self._sqs.delete_message(QueueUrl=where.queue_url, ReceiptHandle=letter["ReceiptHandle"])
                    redriven += 1
                else:
                    failed += 1
        for handle in spent:
            # For people, whose alarm and whose own attempt must find it.
            self._sqs.change_message_visibility(QueueUrl=where.queue_url, ReceiptHandle=handle, VisibilityTimeout=0)
        return Redriven(queue=queue, redriven=redriven, failed=failed, left=self._left(where.queue_url))

    def _receive(self, queue_url: str, count: int) -> list[Any]:
        answer = self._sqs.receive_message(
            QueueUrl=queue_url,
            MaxNumberOfMessages=count,
            VisibilityTimeout=VISIBLE_AGAIN_AFTER_S,
            MessageSystemAttributeNames=["ApproximateReceiveCount"],
        )
        return list(answer.get("Messages", []))

    def _handled(self, where: DeadLetterQueue, body: str) -> bool:
        if where.source_queue_url:
            self._sqs.send_message(QueueUrl=where.source_queue_url, MessageBody=body)
            return True
        try:
            payload = self._payload(json.loads(body))
        except CannotReplay:
            return False
        event = json.dumps(payload, default=_as_text)
        answer = self._functions.invoke(FunctionName=where.function, Payload=event.encode())
        result = json.loads(answer["Payload"].read() or b"null")
        failures = result.get("batchItemFailures") if isinstance(result, dict) else None
        return not (answer.get("FunctionError") or failures)

    def _payload(self, letter: Any) -> Any:
        """What the function was called with: inside what Lambda keeps, or the event as it was."""
        if "DDBStreamBatchInfo" in letter:
            return {"Records": self._records(letter["DDBStreamBatchInfo"])}
        return letter.get("requestPayload", letter)

    def _records(self, batch: dict[str, Any]) -> list[dict[str, Any]]:
        """The records of a batch, which the stream keeps for a day; those between them that were left out as well."""
        gone, last = self._streams.exceptions, int(batch["endSequenceNumber"])
        try:
            iterator: str | None = self._streams.get_shard_iterator(
                StreamArn=batch["streamArn"],
                ShardId=batch["shardId"],
                ShardIteratorType="AT_SEQUENCE_NUMBER",
                SequenceNumber=batch["startSequenceNumber"],
            )["ShardIterator"]
            found: list[Any] = []
            while iterator:
                answer = self._streams.get_records(ShardIterator=iterator)
                records = [r for r in answer["Records"] if _number(r) <= last]
                found += records
                if len(records) < len(answer["Records"]) or not records or _number(records[-1]) == last:
                    break
                iterator = answer.get("NextShardIterator")
        except (gone.TrimmedDataAccessException, gone.ResourceNotFoundException) as error:
            raise CannotReplay("the stream no longer has these records") from error
        if not found:
            raise CannotReplay("the stream no longer has these records")
        return [_as_event(record, batch["streamArn"]) for record in found]

    def _left(self, queue_url: str) -> int:
        names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        counts = self._sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)["Attributes"]
        return sum(int(count) for count in counts.values())


def _number(record: Any) -> int:
    return int(record["dynamodb"]["SequenceNumber"])


def _as_text(value: bytes) -> str:
    """Bytes of an item, as Lambda hands them to a function."""
    return base64.b64encode(value).decode()


def _as_event(record: Any, stream_arn: str) -> dict[str, Any]:
    """A record as Lambda hands it to a function: the same, but for its times."""
    images = {name: value for name, value in record["dynamodb"].items() if name != "ApproximateCreationDateTime"}
    return {**record, "eventSourceARN": stream_arn, "dynamodb": images}

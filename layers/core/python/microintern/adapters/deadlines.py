"""Deadlines as one-time schedules: EventBridge Scheduler fires them within the minute after, never before."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from microintern.domain.base import iso

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

MOST_RETRIES = 185
RETRY_FOR_S = 86_400


def schedule_name(brief_id: str, lapse_at: datetime) -> str:
    """One name per brief and instant, so that the same deadline is set once."""
    return f"{brief_id}-{int(lapse_at.timestamp())}"


class SchedulerDeadlines:
    """The Deadlines port on EventBridge Scheduler; each schedule removes itself when it has fired."""

    def __init__(
        self, client: "EventBridgeSchedulerClient", group: str, function_arn: str, role_arn: str, dlq_arn: str
    ) -> None:
        self._client = client
        self._group = group
        self._function_arn = function_arn
        self._role_arn = role_arn
        self._dlq_arn = dlq_arn

    def set(self, brief_id: str, lapse_at: datetime, version: int) -> None:
        try:
            self._client.create_schedule(
                GroupName=self._group,
                Name=schedule_name(brief_id, lapse_at),
                ScheduleExpression=f"at({lapse_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S})",
                ScheduleExpressionTimezone="UTC",
                FlexibleTimeWindow={"Mode": "OFF"},
                ActionAfterCompletion="DELETE",
                Target={
                    "Arn": self._function_arn,
                    "RoleArn": self._role_arn,
                    "DeadLetterConfig": {"Arn": self._dlq_arn},
                    "RetryPolicy": {
                        "MaximumEventAgeInSeconds": RETRY_FOR_S,
                        "MaximumRetryAttempts": MOST_RETRIES,
                    },
                    "Input": json.dumps(
                        {"brief_id": brief_id, "version": version, "lapse_at": iso(lapse_at)}
                    ),
                },
            )
        except self._client.exceptions.ConflictException:
            # It is set already, perhaps by an earlier version of the brief with the same deadline.
            return

    def drop(self, brief_id: str, lapse_at: datetime) -> None:
        try:
            self._client.delete_schedule(GroupName=self._group, Name=schedule_name(brief_id, lapse_at))
        except self._client.exceptions.ResourceNotFoundException:
            return

"""Deadlines as one-time schedules: EventBridge Scheduler fires them within the minute after, never before."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from microintern.adapters.clock import SystemClock
from microintern.domain.base import iso, whole_second
from microintern.ports.clock import Clock

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

MOST_RETRIES = 185
RETRY_FOR_S = 86_400
_SOON_S = 5


def schedule_name(brief_id: str, lapse_at: datetime) -> str:
    """One name per brief and instant, so that the same deadline is set once."""
    return f"{brief_id}-{int(lapse_at.timestamp())}"


class SchedulerDeadlines:
    """The Deadlines port on EventBridge Scheduler; each schedule removes itself when it has fired."""

    def __init__(
        self,
        client: "EventBridgeSchedulerClient",
        *,
        group: str,
        target_arn: str,
        role_arn: str,
        dead_letter_arn: str,
        clock: Clock | None = None,
    ) -> None:
        self._client = client
        self._group = group
        self._target_arn = target_arn
        self._role_arn = role_arn
        self._dead_letter_arn = dead_letter_arn
        self._clock = clock or SystemClock()

    def set(self, brief_id: str, lapse_at: datetime) -> None:
        now = self._clock.now()
        # A deadline can pass while its change waits in the stream. AWS does not say what it does with a
        # schedule in the past, so it fires soon instead; the brief says whether the deadline still stands.
        fires_at = lapse_at if lapse_at > now else whole_second(now, _SOON_S)
        try:
            self._client.create_schedule(
                GroupName=self._group,
                Name=schedule_name(brief_id, lapse_at),
                ScheduleExpression=f"at({fires_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S})",
                ScheduleExpressionTimezone="UTC",
                FlexibleTimeWindow={"Mode": "OFF"},
                ActionAfterCompletion="DELETE",
                Target={
                    "Arn": self._target_arn,
                    "RoleArn": self._role_arn,
                    "DeadLetterConfig": {"Arn": self._dead_letter_arn},
                    "RetryPolicy": {
                        "MaximumEventAgeInSeconds": RETRY_FOR_S,
                        "MaximumRetryAttempts": MOST_RETRIES,
                    },
                    "Input": json.dumps({"brief_id": brief_id, "lapse_at": iso(lapse_at)}),
                },
            )
        except self._client.exceptions.ConflictException:
            return

    def drop(self, brief_id: str, lapse_at: datetime) -> None:
        try:
            self._client.delete_schedule(GroupName=self._group, Name=schedule_name(brief_id, lapse_at))
        except self._client.exceptions.ResourceNotFoundException:
            return

"""The event bus: CloudEvents on EventBridge."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

SOURCE = "microintern"
MOST_ENTRIES_PER_CALL = 10


class NotTaken(Exception):
    """EventBridge did not take some events; publish all of them again, consumers know an event by its id."""


class EventBridgeBus:
    """The EventBus port on EventBridge."""

    def __init__(self, client: "EventBridgeClient", bus: str) -> None:
        self._client = client
        self._bus = bus

    def publish(self, events: Sequence[dict[str, Any]]) -> None:
        for start in range(0, len(events), MOST_ENTRIES_PER_CALL):
            self._put(events[start : start + MOST_ENTRIES_PER_CALL])

    def _put(self, events: Sequence[dict[str, Any]]) -> None:
        answer = self._client.put_events(
            Entries=[
                {
                    "EventBusName": self._bus,
                    "Source": SOURCE,
                    "DetailType": event["type"],
                    "Detail": json.dumps(event, separators=(",", ":")),
                }
                for event in events
            ]
        )
        if answer["FailedEntryCount"]:
            codes = sorted({entry["ErrorCode"] for entry in answer["Entries"] if "ErrorCode" in entry})
            raise NotTaken(f"{answer['FailedEntryCount']} of {len(events)} events: {', '.join(codes)}")

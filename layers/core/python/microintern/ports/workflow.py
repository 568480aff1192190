"""What moves a brief on by itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol


class EventBus(Protocol):
    """Where events are published."""

    def publish(self, events: Sequence[dict[str, Any]]) -> None:
        """Publish CloudEvents; raises when any of them was not taken."""


class Deadlines(Protocol):
    """One-time schedules, one per deadline, named after what they are for."""

    def set(self, brief_id: str, lapse_at: datetime) -> None:
        """Call the lapse at this instant; the same again changes nothing."""

    def drop(self, brief_id: str, lapse_at: datetime) -> None:
        """Take a deadline back; one that is gone is fine."""


class Workflow(Protocol):
    """The execution that carries each brief."""

    def start(self, brief_id: str) -> None:
        """Start the brief's one execution; one that runs or ran already is fine."""

    def died(self) -> list[str]:
        """The briefs whose newest executions failed, timed out or were stopped (of at most 100 each)."""

    def revive(self, brief_id: str, version: int) -> bool:
        """Start another execution if none of the brief's runs any more; it catches up with the brief by itself.

        At most one for each version of the brief, and one that was never started as `start` would; True when one was
        started.
        """

    def move(self, token: str, step: str, *, main: bool) -> None:
        """Answer a waiting task: go on along the main path, or branch to the step; one answered already is fine."""


class Settler(Protocol):
    """What moves money, elsewhere and soon."""

    def advance(self, brief_id: str) -> None:
        """Have what is due with a brief's money done."""

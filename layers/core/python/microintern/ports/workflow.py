"""What moves a brief on by itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from microintern.domain.base import Frozen


class Redriven(Frozen):
    """What became of a queue's dead letters."""

    queue: str
    redriven: int = 0
    failed: int = 0
    left: int = 0
    """How many are still there, as far as the queue can tell; those that failed are tried again later."""


class Redrive(Frozen):
    """What a request to have dead letters handled was answered, to be answered again."""

    key: str
    body: str
    queues: list[Redriven]


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


class DeadLetters(Protocol):
    """What functions could not handle, kept to be handled again."""

    def queues(self) -> list[str]:
        """The names of the queues, each that of the function whose failures it keeps."""

    def redrive(self, queue: str, limit: int, most_tries: int | None = None) -> Redriven:
        """Hand up to `limit` letters to their function once more, those tried too often left out if a bound is given.

        A letter goes when its function has handled it, and not before.
        """

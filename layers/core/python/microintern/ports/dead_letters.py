"""What functions could not handle, and what became of it."""

from typing import Protocol

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


class DeadLetters(Protocol):
    """What functions could not handle, kept to be handled again."""

    def queues(self) -> list[str]:
        """The names of the queues, each that of the function whose failures it keeps."""

    def redrive(self, queue: str, limit: int, most_tries: int | None = None) -> Redriven:
        """Hand up to `limit` letters to their function once more, those tried too often left out if a bound is given.

        A letter goes when its function has handled it, and not before.
        """

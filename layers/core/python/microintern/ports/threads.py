"""What is said on a brief."""

from typing import Protocol

from microintern.domain.messages import Message, Sent, Talk
from microintern.domain.quotas import MessageQuota
from microintern.ports.paging import Page, Position


class StaleTalk(Exception):
    """Somebody else wrote on the brief since it was read."""


class MessagesExhausted(Exception):
    """The account has written as many messages as it may in a day."""


class Threads(Protocol):
    """Where what is said on a brief is kept, beside the brief. Messages are read and forgotten by the port Briefs."""

    def post(self, message: Message, talk: Talk, sent: Sent, quota: MessageQuota) -> Sent | None:
        """Write a message with what is remembered of its command, or nothing when that is there; then what is there.

        With the talk over its version before, else StaleTalk; and counted, else MessagesExhausted.
        """

    def page(self, brief_id: str, thread: str, limit: int, after: Position | None = None) -> Page:
        """The messages of a thread in the order of their numbers; strongly consistent."""

    def of_author(self, account_id: str, limit: int, after: Position | None = None) -> Page:
        """What somebody said on any brief, the newest first."""

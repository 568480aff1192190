"""What is said about a brief: questions before the award, which all see, and a thread of the two sides after it.

A message never changes. It can be forgotten, when who wrote it wants to be, and goes by itself when its time is over.
"""

from datetime import datetime, timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from microintern.domain.base import Frozen, Id, Instant
from microintern.domain.brief import Brief
from microintern.domain.documents import Document
from microintern.domain.policy import Policy
from microintern.domain.problems import Conflict
from microintern.domain.states import Role, State
from microintern.domain.text import Paragraph
from microintern.domain.trail import Entry, Event

PUBLIC = "public"
"""The thread of questions and answers. A private thread is called by the application that was awarded: if the award is
given back, the next student reads nothing of it."""

FORGOTTEN = "(erased)"
"""What stands where somebody wrote something who is forgotten."""

Number = Annotated[int, Field(ge=1, le=999_999)]
"""Of a message in its thread; the first has 1."""


class Message(Document):
    """One thing that somebody said."""

    kind: ClassVar[str] = "message"
    message_id: Id
    brief_id: Id
    thread: str
    number: Number
    author_id: Id
    role: Role
    employer_id: Id
    student_id: Id | None = None
    """The student whom it is from or for; None for what an employer says to everybody."""
    answers: Number | None = None
    text: Paragraph
    forgotten: bool = False
    at: Instant
    keep_until: Instant
    """From then on nobody is shown it; the table drops it soon after."""
    event: Event

    @property
    def key(self) -> str:
        return self.key_of(self.thread, self.number)

    @property
    def is_public(self) -> bool:
        """Whether it is a question or an answer that all see."""
        return self.thread == PUBLIC

    @property
    def entry(self) -> Entry:
        """The step that it is in the audit trail, which has no word of it."""
        return Entry(scope=self.brief_id, subject=self.key, version=1, event=self.event).sealed()

    def erased(self) -> "Message":
        """The same, without what was said."""
        return self.model_copy(update={"text": FORGOTTEN, "forgotten": True})

    @staticmethod
    def key_of(thread: str, number: int) -> str:
        """The key of a message: in a thread, the order of keys is that of numbers."""
        return f"message#{thread}#{number:06d}"


class Asker(Frozen):
    """A student who asked on a brief. The place in the list is the name that others see: “Student 1”."""

    account_id: Id
    questions: int


class Talk(Document):
    """How much was said on a brief, and who asked; the next message is numbered by it."""

    kind: ClassVar[str] = "talk"
    key_of: ClassVar[str] = "talk#head"
    counts: dict[str, int] = {}
    """By thread."""
    askers: list[Asker] = []
    keep_until: Instant
    version: Annotated[int, Field(ge=0)] = 0

    @property
    def key(self) -> str:
        return self.key_of

    def alias_of(self, account_id: str) -> str | None:
        """What others call a student who asked."""
        places = [n for n, asker in enumerate(self.askers, start=1) if asker.account_id == account_id]
        return f"Student {places[0]}" if places else None

    def with_message(self, thread: str, asker_id: str | None, policy: Policy) -> "Talk":
        """The same with one more message; a Conflict when that is one too many."""
        count = self.counts.get(thread, 0) + 1
        if count > policy.most_messages_per_thread:
            detail = f"A thread has at most {policy.most_messages_per_thread} messages; this one is full."
            raise Conflict("thread_full", detail, most=policy.most_messages_per_thread)
        askers = self._asked_by(asker_id, policy) if asker_id else self.askers
        counts = {**self.counts, thread: count}
        return self.model_copy(update={"counts": counts, "askers": askers, "version": self.version + 1})

    def _asked_by(self, account_id: str, policy: Policy) -> list[Asker]:
        before = next((asker.questions for asker in self.askers if asker.account_id == account_id), 0)
        if before >= policy.most_questions_per_brief:
            detail = f"You have asked {before} questions on this brief, which is the most one may."
            raise Conflict("too_many_questions", detail, most=policy.most_questions_per_brief)
        now = Asker(account_id=account_id, questions=before + 1)
        if before:
            return [now if asker.account_id == account_id else asker for asker in self.askers]
        return [*self.askers, now]


class Sent(Document):
    """That a command wrote a message, so that it writes no second one when it is repeated."""

    kind: ClassVar[str] = "sent"
    command: str
    """Fingerprint of its idempotency key."""
    body: str
    thread: str
    number: Number
    at: Instant
    keep_until: Instant

    @property
    def key(self) -> str:
        return self.key_of(self.command)

    @staticmethod
    def key_of(command: str) -> str:
        """The key of what is remembered of a command."""
        return f"sent#{command}"


def keep_until(brief: Brief, policy: Policy) -> datetime:
    """How long what is said on a brief is kept: counted from a day that is known from the start and does not move."""
    return brief.submission_due_at + timedelta(seconds=policy.keep_messages_s)


def check_open_to_questions(brief: Brief, now: datetime) -> None:
    """Raise Conflict unless questions are asked and answered now."""
    if brief.state is not State.OPEN or now >= brief.applications_close_at:
        detail = "Questions are asked and answered while applications are open; after the award, write a message."
        raise Conflict("no_questions_now", detail, state=brief.state, version=brief.version)


def check_open_to_messages(brief: Brief) -> None:
    """Raise Conflict unless the two sides can write to each other now."""
    facts = {"state": brief.state, "version": brief.version}
    if brief.application_id is None:
        raise Conflict("not_awarded", "Nobody was awarded this brief; before the award, questions are public.", **facts)
    if brief.settled_at is not None:
        detail = "The money has moved and the brief is over; what was said can be read, and nothing is added."
        raise Conflict("thread_closed", detail, **facts)


def thread_kind(message: Message) -> Literal["public", "private"]:
    """Which of the two a message is in, without the name of the thread."""
    return "public" if message.is_public else "private"

"""What is said on a brief, as callers see it."""

from typing import Self

from pydantic import Field

from microintern.app.views.parts import Person
from microintern.domain.base import Frozen, Id, Instant
from microintern.domain.mentors import Mentor
from microintern.domain.messages import Message, Number, Sent
from microintern.domain.states import Role
from microintern.domain.text import Paragraph


class Posted(Frozen):
    """A message that was written, and its number in its thread."""

    brief_id: Id
    number: Number
    posted_at: Instant

    @classmethod
    def of(cls, brief_id: str, sent: Sent) -> Self:
        return cls(brief_id=brief_id, number=sent.number, posted_at=sent.at)


class QuestionView(Frozen):
    """A question or an answer.

    Everybody signed in sees it while the brief is open, afterwards its parties, applicants and operators; all of them
    until a year after the work was due.
    """

    number: Number
    by: Role = Field(description="`student` asks, `employer` answers.")
    alias: str | None = Field(
        description="What a student is called here by everybody, such as “Student 1”; null for the employer."
    )
    asker: Person | None = Field(
        description="Who asked. For the employer only, and on a blind brief for them only of who was awarded it."
    )
    mine: bool = Field(description="Whether you wrote it.")
    answers: Number | None = Field(description="The number of the question that it answers.")
    text: Paragraph = Field(description="Plain text; `(erased)` once who wrote it was forgotten.")
    posted_at: Instant


class QuestionPage(Frozen):
    """Some questions and answers, the oldest first, and the cursor that leads on."""

    items: list[QuestionView]
    next_cursor: str | None = None


class MessageView(Frozen):
    """A message between the two sides.

    They alone see it, and operators while the brief is disputed, which is recorded; for a year after the work was due.
    """

    number: Number
    by: Role
    author: Person = Field(description="Who wrote it: the student, or a member of the organisation.")
    mine: bool = Field(description="Whether you wrote it.")
    text: Paragraph = Field(description="Plain text; `(erased)` once who wrote it was forgotten.")
    posted_at: Instant


class MessagePage(Frozen):
    """Some messages, the oldest first, and the cursor that leads on."""

    items: list[MessageView]
    next_cursor: str | None = None


class MentorNamed(Frozen):
    """That somebody is the contact of a brief."""

    brief_id: Id
    account_id: Id
    version: int = Field(description="How often somebody was named on this brief.")

    @classmethod
    def of(cls, mentor: Mentor) -> Self:
        return cls.model_validate(mentor.model_dump(include=set(cls.model_fields)))


class MentorView(Frozen):
    """Whom the student can turn to, by a message.

    The organisation's members see it, and who was awarded the brief, while the contact belongs to the organisation.
    """

    mentor: Person | None = Field(description="Null while nobody is named, and once who was named has left.")
    has_left: bool = Field(description="Whether who was named does not belong to the organisation any more.")


class ExportedMessage(Frozen):
    """Something that one said on a brief."""

    brief_id: Id
    public: bool = Field(description="Whether it was a public question or answer.")
    number: Number
    answers: Number | None
    text: Paragraph
    posted_at: Instant

    @classmethod
    def of(cls, message: Message) -> Self:
        said = message.model_dump(include={"brief_id", "number", "answers", "text"})
        return cls(**said, public=message.is_public, posted_at=message.at)

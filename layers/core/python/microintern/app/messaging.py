"""Both sides talk: public questions before the award, a private thread after it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from microintern.app.commands import load, require_role, require_side
from microintern.app.cursors import decode, encode
from microintern.app.requests import MessageRequest, QuestionRequest
from microintern.app.views.messages import MessagePage, MessageView, Posted, QuestionPage, QuestionView
from microintern.app.views.parts import Person
from microintern.domain.audit import Finding, entry
from microintern.domain.base import derived_id, iso
from microintern.domain.brief import Brief, Command, key_reused
from microintern.domain.contact import check_public
from microintern.domain.documents import Application
from microintern.domain.messages import (
    PUBLIC,
    Message,
    Sent,
    Talk,
    check_open_to_messages,
    check_open_to_questions,
    keep_until,
)
from microintern.domain.policy import Policy
from microintern.domain.problems import Conflict, Forbidden, Invalid, no_such
from microintern.domain.quotas import message_quota, messages_exhausted
from microintern.domain.states import Role, State
from microintern.ports.accounts import Accounts
from microintern.ports.briefs import Briefs, Snapshot
from microintern.ports.clock import Clock
from microintern.ports.paging import Page
from microintern.ports.threads import MessagesExhausted, StaleTalk, Threads
from microintern.ports.trail import Audit

_TRIES = 6


@dataclass(frozen=True)
class Room:
    """Where both sides talk, and what that needs."""

    briefs: Briefs
    threads: Threads
    accounts: Accounts
    audit: Audit
    clock: Clock
    policy: Policy


def ask(by: Command, brief_id: str, request: QuestionRequest, *, room: Room) -> Posted:
    """Ask on an open brief as a student, or answer as its employer; everybody can read it."""
    require_role(by, Role.STUDENT, Role.EMPLOYER)
    asked = Message.key_of(PUBLIC, request.answers) if request.answers else None
    application = Application.key_for(brief_id, by.actor_id)

    def decide(snapshot: Snapshot, now: datetime) -> Message:
        _require_sight(snapshot, by, application)
        if by.role is Role.EMPLOYER:
            require_side(snapshot.brief, by, Role.EMPLOYER)
        elif asked:
            raise Forbidden("employers_answer", "The employer answers; ask a question of your own without `answers`.")
        check_open_to_questions(snapshot.brief, now)
        check_public(request.text, by.role)
        student_id = _asker_of(snapshot, asked) if asked else by.actor_id if by.role is Role.STUDENT else None
        concerns = {"student_id": student_id, "answers": request.answers}
        return _message(snapshot, PUBLIC, request, by, now, room).model_copy(update=concerns)

    keys = [application, *([asked] if asked else [])]
    return _post(by, brief_id, keys, decide, room)


def write(by: Command, brief_id: str, request: MessageRequest, *, room: Room) -> Posted:
    """Write to the other side of a brief that was awarded; nobody else reads it."""
    require_role(by, Role.STUDENT, Role.EMPLOYER)

    def decide(snapshot: Snapshot, now: datetime) -> Message:
        brief = snapshot.brief
        require_side(brief, by, Role.STUDENT, Role.EMPLOYER)
        check_open_to_messages(brief)
        assert brief.application_id is not None
        return _message(snapshot, brief.application_id, request, by, now, room)

    return _post(by, brief_id, [], decide, room)


def _post(
    by: Command, brief_id: str, keys: Sequence[str], decide: Callable[[Snapshot, datetime], Message], room: Room
) -> Posted:
    """Write the message that is decided on as the next of its thread; repeated, the answer that was given."""
    for _ in range(_TRIES):
        snapshot = load(room.briefs, brief_id, Talk.key_of, Sent.key_of(by.key), *keys)
        if before := snapshot.find(Sent, Sent.key_of(by.key)):
            return _repeated(before, brief_id, by)
        now = room.clock.now()
        message = decide(snapshot, now)
        asker_id = by.actor_id if message.is_public and by.role is Role.STUDENT else None
        talk = _talk(snapshot, room.policy).with_message(message.thread, asker_id, room.policy)
        told = message.model_dump(include={"thread", "number", "at", "keep_until"})
        sent = Sent(command=by.key, body=by.body, **told)
        try:
            there = room.threads.post(message, talk, sent, message_quota(by.actor_id, now, room.policy))
        except StaleTalk:
            continue  # somebody else was first: this one is the next after theirs
        except MessagesExhausted as exhausted:
            raise messages_exhausted(now, room.policy) from exhausted
        return _repeated(there, brief_id, by) if there else Posted.of(brief_id, sent)
    raise Conflict("changed_meanwhile", "Several people write here at this moment; send it again.")


def _repeated(before: Sent, brief_id: str, by: Command) -> Posted:
    if before.body != by.body:
        raise key_reused()
    return Posted.of(brief_id, before)


def _talk(snapshot: Snapshot, policy: Policy) -> Talk:
    return snapshot.find(Talk, Talk.key_of) or Talk(keep_until=keep_until(snapshot.brief, policy))


def _message(
    snapshot: Snapshot, thread: str, request: QuestionRequest | MessageRequest, by: Command, now: datetime, room: Room
) -> Message:
    """The next message of a thread, from or for the student who was awarded the brief."""
    brief = snapshot.brief
    number = _talk(snapshot, room.policy).counts.get(thread, 0) + 1
    return Message(
        message_id=derived_id("message", brief.brief_id, thread, str(number)),
        brief_id=brief.brief_id,
        thread=thread,
        number=number,
        author_id=by.actor_id,
        role=by.role,
        employer_id=brief.employer_id,
        student_id=brief.student_id,
        text=request.text,
        at=now,
        keep_until=keep_until(brief, room.policy),
        event=by.did("message.posted", now, brief.entry),
    )


def _require_sight(snapshot: Snapshot, by: Command, application_key: str) -> None:
    """Raise NotFound unless the caller can read the brief: an open one, one's own, or one that one applied for."""
    brief = snapshot.brief
    party = by.role is Role.OPERATOR or brief.side_of(by) is not None
    if not (party or brief.state is State.OPEN or snapshot.find(Application, application_key)):
        raise no_such("brief")


def _asker_of(snapshot: Snapshot, asked: str) -> str | None:
    """Whose question is answered; Invalid when there is no such question."""
    question = snapshot.find(Message, asked)
    if question is None or question.role is not Role.STUDENT or question.forgotten:
        raise Invalid.field("unknown_question", "/answers", "There is no question of this number to be answered.")
    return question.student_id


def questions(by: Command, brief_id: str, limit: int, cursor: str | None, *, room: Room) -> QuestionPage:
    """The questions and answers on a brief, for everybody who can read the brief."""
    application = Application.key_for(brief_id, by.actor_id)
    snapshot = load(room.briefs, brief_id, Talk.key_of, application)
    _require_sight(snapshot, by, application)
    scope = ("questions", by.actor_id, brief_id)
    page = room.threads.page(brief_id, PUBLIC, limit, decode(cursor, *scope))
    said, talk, brief = _still_kept(page, room.clock.now()), snapshot.find(Talk, Talk.key_of), snapshot.brief
    shown = {m.author_id for m in said if _may_see_asker(m, brief, by)}
    profiles = room.accounts.profiles(sorted(shown)) if shown else {}
    items = [
        QuestionView(
            **m.model_dump(include={"number", "answers", "text"}),
            by=m.role,
            alias=talk.alias_of(m.author_id) if talk and m.role is Role.STUDENT else None,
            asker=Person.of(m.author_id, profiles.get(m.author_id)) if m.author_id in shown else None,
            mine=m.author_id == by.actor_id,
            posted_at=m.at,
        )
        for m in said
    ]
    return QuestionPage(items=items, next_cursor=encode(page.next, *scope))


def _may_see_asker(message: Message, brief: Brief, by: Command) -> bool:
    """Who asked is for the employer, as who applied is: on a blind brief only of who was awarded it."""
    of_employer = brief.side_of(by) is Role.EMPLOYER
    return of_employer and message.role is Role.STUDENT and (not brief.blind or message.author_id == brief.student_id)


def messages(by: Command, brief_id: str, limit: int, cursor: str | None, *, room: Room) -> MessagePage:
    """What the two sides wrote to each other; for operators while they dispute, which is written down first."""
    brief = load(room.briefs, brief_id).brief
    judges = (Role.OPERATOR,) if brief.state is State.DISPUTED else ()
    require_side(brief, by, Role.EMPLOYER, Role.STUDENT, *judges)
    scope = ("messages", by.actor_id, brief_id, brief.application_id or "")
    after, now = decode(cursor, *scope), room.clock.now()
    if brief.application_id is None:
        return MessagePage(items=[])
    if by.role is Role.OPERATOR:
        facts = {"brief_id": brief_id, "operator_id": by.actor_id, "read_at": iso(now)}
        reason = "An operator read the messages of a disputed brief."
        room.audit.note(entry(Finding.EVIDENCE_READ, brief_id, reason, now, **facts))
    page = room.threads.page(brief_id, brief.application_id, limit, after)
    said = _still_kept(page, now)
    profiles = room.accounts.profiles(sorted({m.author_id for m in said})) if said else {}
    items = [
        MessageView(
            **m.model_dump(include={"number", "text"}),
            by=m.role,
            author=Person.of(m.author_id, profiles.get(m.author_id)),
            mine=m.author_id == by.actor_id,
            posted_at=m.at,
        )
        for m in said
    ]
    return MessagePage(items=items, next_cursor=encode(page.next, *scope))


def _still_kept(page: Page, now: datetime) -> list[Message]:
    """The table drops messages some time after their last moment; they are shown until then only."""
    return [message for message in page.items if message.keep_until > now]

"""The Threads port: numbered messages, each written once, counted, and found by who wrote them."""

from datetime import timedelta
from typing import Any

import pytest

from microintern.adapters.briefs import document_item
from microintern.domain.messages import PUBLIC, Message, Sent, Talk
from microintern.domain.quotas import MessageQuota
from microintern.domain.states import Role
from microintern.domain.trail import Event
from microintern.ports.paging import Position
from microintern.ports.threads import MessagesExhausted, StaleTalk
from tests.contract import examples
from tests.contract.conftest import Stores
from tests.contract.examples import EMPLOYER, NOW, STUDENT

BRIEF = examples.open_brief()
LATER = NOW + timedelta(days=400)
PRIVATE = "application-0001"


def a_message(number: int = 1, thread: str = PUBLIC, author_id: str = STUDENT, **changes: Any) -> Message:
    at = NOW + timedelta(minutes=number)
    fields: dict[str, Any] = {
        "message_id": f"message-{thread}-{number:04d}",
        "brief_id": BRIEF.brief_id,
        "thread": thread,
        "number": number,
        "author_id": author_id,
        "role": Role.STUDENT,
        "employer_id": EMPLOYER,
        "student_id": STUDENT,
        "text": f"Question {number}?",
        "at": at,
        "keep_until": LATER,
        "event": Event(type="message.posted", at=at, role=Role.STUDENT, actor_id=author_id),
    }
    return Message(**{**fields, **changes})


def a_talk(version: int, **counts: int) -> Talk:
    return Talk(counts=counts, keep_until=LATER, version=version)


def quota(most: int = 100, account_id: str = STUDENT, day: str = "2026-12-01") -> MessageQuota:
    return MessageQuota(account_id=account_id, day=day, most=most)


def post(stores: Stores, message: Message, version: int, key: str | None = None, **of: Any) -> Sent | None:
    told = message.model_dump(include={"thread", "number", "at", "keep_until"})
    sent = Sent(command=key or f"{message.thread}-{message.number}", body="body", **told)
    return stores.threads.post(message, a_talk(version, **{message.thread: version}), sent, quota(**of))


@pytest.fixture(autouse=True)
def _posted(stores: Stores) -> None:
    stores.briefs.create(BRIEF, examples.content())


def thread(stores: Stores, name: str = PUBLIC) -> list[Message]:
    found: list[Message] = stores.threads.page(BRIEF.brief_id, name, 100).items
    return found


def test_what_was_written_is_there_with_the_talk_and_what_is_remembered(stores: Stores) -> None:
    message = a_message()
    assert post(stores, message, 1) is None
    keys = (message.key, Talk.key_of, Sent.key_of("public-1"))
    snapshot = stores.briefs.read(BRIEF.brief_id, *keys)
    assert snapshot is not None
    assert snapshot.find(Message, message.key) == message
    assert snapshot.find(Talk, Talk.key_of) == a_talk(1, public=1)
    sent = snapshot.need(Sent, keys[2])
    assert (sent.thread, sent.number, sent.body) == (PUBLIC, 1, "body")


def test_the_same_command_writes_one_message_whatever_it_would_write_now(stores: Stores) -> None:
    post(stores, a_message(1), 1, key="key-1")
    there = post(stores, a_message(2), 2, key="key-1")
    assert there is not None
    assert there.number == 1
    assert thread(stores) == [a_message(1)]


def test_of_two_who_write_at_once_one_is_told(stores: Stores) -> None:
    post(stores, a_message(1), 1)
    for version in (1, 3):
        with pytest.raises(StaleTalk):
            post(stores, a_message(2), version)
    assert thread(stores) == [a_message(1)]
    snapshot = stores.briefs.read(BRIEF.brief_id, Sent.key_of("public-2"))
    assert snapshot is not None
    assert snapshot.documents == {}
    assert post(stores, a_message(2), 2) is None


def test_nothing_is_ever_written_over_a_message(stores: Stores) -> None:
    post(stores, a_message(1), 1)
    with pytest.raises(StaleTalk):
        post(stores, a_message(1, text="Another word."), 2, key="key-2")
    assert thread(stores) == [a_message(1)]


def test_so_many_a_day_and_what_is_one_too_many_is_not_written(stores: Stores) -> None:
    for number in (1, 2):
        assert post(stores, a_message(number), number, most=2) is None
    with pytest.raises(MessagesExhausted):
        post(stores, a_message(3), 3, most=2)
    assert len(thread(stores)) == 2
    post(stores, a_message(3), 3, most=2, day="2026-12-02")
    post(stores, a_message(4, author_id=EMPLOYER), 4, most=2, account_id=EMPLOYER)
    assert len(thread(stores)) == 4


def test_a_repeat_is_not_counted(stores: Stores) -> None:
    post(stores, a_message(1), 1, key="key-1", most=2)
    for _ in range(3):
        assert post(stores, a_message(2), 2, key="key-1", most=2) is not None
    assert post(stores, a_message(2), 2, key="key-2", most=2) is None


def test_a_thread_comes_in_pages_in_the_order_of_numbers_and_holds_nothing_of_another(stores: Stores) -> None:
    said = [a_message(number) for number in (1, 2, 3)] + [a_message(1, PRIVATE), a_message(2, PRIVATE)]
    for version, message in enumerate(said, start=1):
        post(stores, message, version)
    first = stores.threads.page(BRIEF.brief_id, PUBLIC, 2)
    assert first.items == said[:2]
    second = stores.threads.page(BRIEF.brief_id, PUBLIC, 2, first.next)
    assert (second.items, second.next) == (said[2:3], None)
    assert thread(stores, PRIVATE) == said[3:]
    assert thread(stores, "application") == []
    assert stores.threads.page("brief-000404", PUBLIC, 9).items == []


def test_a_position_that_somebody_made_up_leads_nowhere_else(stores: Stores) -> None:
    for version, message in enumerate((a_message(1), a_message(1, PRIVATE)), start=1):
        post(stores, message, version)
    for sort in ("", "000000", "zzz", "#"):
        found = stores.threads.page(BRIEF.brief_id, PUBLIC, 9, Position(sort=sort, item=PRIVATE)).items
        assert found in ([], [a_message(1)])


def test_what_somebody_said_is_found_on_all_briefs_the_newest_first(stores: Stores) -> None:
    other = examples.open_brief(2)
    stores.briefs.create(other, examples.content())
    said = [a_message(1), a_message(2, author_id=EMPLOYER), a_message(3)]
    for version, message in enumerate(said, start=1):
        post(stores, message, version)
    elsewhere = a_message(9, brief_id=other.brief_id, message_id="message-elsewhere")
    post(stores, elsewhere, 1)
    first = stores.threads.of_author(STUDENT, 2)
    assert first.items == [elsewhere, said[2]]
    second = stores.threads.of_author(STUDENT, 2, first.next)
    assert (second.items, second.next) == ([said[0]], None)
    assert stores.threads.of_author("student-0404", 2).items == []


def test_what_was_forgotten_is_still_in_its_place(stores: Stores) -> None:
    post(stores, a_message(1), 1)
    stores.briefs.overwrite(BRIEF.brief_id, a_message(1).erased())
    (found,) = thread(stores)
    assert (found.text, found.forgotten, found.entry) == ("(erased)", True, a_message(1).entry)
    assert stores.threads.of_author(STUDENT, 9).items == [found]


def test_everything_that_is_said_goes_by_itself_when_its_time_is_over() -> None:
    told = a_message().model_dump(include={"thread", "number", "at", "keep_until"})
    for document in (a_message(), a_talk(1), Sent(command="key", body="body", **told)):
        item = document_item(BRIEF.brief_id, document)
        assert item["forget_at"] == int(LATER.timestamp())
    assert "forget_at" not in document_item(BRIEF.brief_id, examples.application(BRIEF))

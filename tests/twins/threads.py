"""The twin of what is said on briefs; messages lie beside the briefs, as in the table."""

from microintern.domain.base import iso
from microintern.domain.messages import Message, Sent, Talk
from microintern.domain.quotas import MessageQuota
from microintern.ports.conditions import StaleDocument
from microintern.ports.paging import Page, Position
from microintern.ports.threads import MessagesExhausted, StaleTalk
from tests.twins.accounts import must_follow
from tests.twins.briefs import MemoryBriefs
from tests.twins.storing import kept, paged


class MemoryThreads:
    """The Threads port."""

    def __init__(self, briefs: MemoryBriefs) -> None:
        self._briefs = briefs
        self._counts: dict[tuple[str, str], int] = {}

    def post(self, message: Message, talk: Talk, sent: Sent, quota: MessageQuota) -> Sent | None:
        documents, brief_id = self._briefs._documents, message.brief_id
        with self._briefs.lock:
            if isinstance(there := documents.get((brief_id, sent.key)), Sent):
                return there
            before = documents.get((brief_id, talk.key))
            try:
                must_follow(before if isinstance(before, Talk) else None, talk)
            except StaleDocument as stale:
                raise StaleTalk from stale
            if (brief_id, message.key) in documents:
                raise StaleTalk
            count = self._counts.get((quota.account_id, quota.day), 0)
            if count and count >= quota.most:
                raise MessagesExhausted
            self._counts[quota.account_id, quota.day] = count + 1
            documents |= {(brief_id, document.key): kept(document) for document in (message, talk, sent)}
            return None

    def page(self, brief_id: str, thread: str, limit: int, after: Position | None = None) -> Page:
        rows = [
            (Position(sort=message.key.rpartition("#")[2], item=thread), message)
            for message in self._messages()
            if (message.brief_id, message.thread) == (brief_id, thread)
        ]
        return paged(rows, limit, after)

    def of_author(self, account_id: str, limit: int, after: Position | None = None) -> Page:
        rows = [
            (Position(sort=iso(message.at), item=f"{message.brief_id}/{message.key}"), message)
            for message in self._messages()
            if message.author_id == account_id
        ]
        return paged(rows, limit, after, newest_first=True)

    def _messages(self) -> list[Message]:
        return [document for document in self._briefs._documents.values() if isinstance(document, Message)]

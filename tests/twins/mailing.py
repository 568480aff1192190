"""The twins of what goes out by e-mail."""

import threading
from collections.abc import Iterator, Sequence
from datetime import datetime

from microintern.domain.base import derived_id, iso
from microintern.domain.mailing import DIGEST, Due, Mailing, NoticeKind, Subscription
from microintern.domain.standing import StandingState
from microintern.ports.conditions import AccountErased, StaleDocument
from microintern.ports.mailing import Mail, NotSent
from tests.twins.organisations import MemoryStandings
from tests.twins.storing import kept


class MemoryMailings:
    """The Mailings port."""

    def __init__(self, standings: MemoryStandings | None = None) -> None:
        self._lock = threading.RLock()
        self._standings = standings or MemoryStandings()
        self._mailings: dict[str, Mailing] = {}

    def of(self, account_id: str) -> Mailing:
        return self._mailings.get(account_id) or Mailing(account_id=account_id)

    def save(self, mailing: Mailing) -> None:
        with self._lock:
            if self._standings.read(mailing.account_id).state is StandingState.ERASED:
                raise AccountErased
            if self.of(mailing.account_id).version != mailing.version - 1:
                raise StaleDocument
            self._mailings[mailing.account_id] = kept(mailing)

    def drop(self, account_id: str) -> None:
        """What goes with the account itself."""
        self._mailings.pop(account_id, None)


class MemoryAgenda:
    """The Agenda port."""

    def __init__(self) -> None:
        self._due: dict[tuple[str, str, str, str], Due] = {}
        self._seen_to: dict[str, datetime] = {}

    def add(self, due: Sequence[Due]) -> None:
        self._due |= {(each.agenda, iso(each.at), each.subject, each.item): kept(each) for each in due}

    def between(self, agenda: str, after: datetime, until: datetime) -> Iterator[Due]:
        yield from [due for (name, *_), due in sorted(self._due.items()) if name == agenda and after < due.at <= until]

    def seen_to(self, name: str) -> datetime | None:
        return self._seen_to.get(name)

    def advance(self, name: str, until: datetime) -> None:
        self._seen_to[name] = until


class MemorySentMail:
    """The SentMail port."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._sent: set[tuple[str, str]] = set()

    def has(self, account_id: str, mail_id: str) -> bool:
        return (account_id, mail_id) in self._sent

    def claim(self, account_id: str, mail_id: str, at: datetime) -> bool:
        with self._lock:
            if self.has(account_id, mail_id):
                return False
            self._sent.add((account_id, mail_id))
            return True

    def drop(self, account_id: str, mail_id: str) -> None:
        self._sent.discard((account_id, mail_id))

    def forget(self, account_id: str) -> None:
        """What goes with the account itself."""
        self._sent = {at for at in self._sent if at[0] != account_id}


class MemoryMailer:
    """The Mailer port: what was sent, and the addresses that nothing is taken for."""

    def __init__(self, *refuses: str) -> None:
        self.sent: list[Mail] = []
        self.refuses = set(refuses)

    def send(self, mail: Mail) -> None:
        if mail.address in self.refuses:
            raise NotSent("MessageRejected")
        self.sent.append(mail)


class MemoryMailKeys:
    """The MailKeys port, without secrecy."""

    def token(self, account_id: str, subscription: Subscription) -> str:
        return f"{account_id}.{subscription}.{derived_id('link', account_id, subscription)}"

    def opened(self, token: str) -> tuple[str, Subscription] | None:
        account_id, named = [*token.split("."), ""][:2]
        known: dict[str, Subscription] = {DIGEST: "daily", **{kind.value: kind for kind in NoticeKind}}
        if named not in known or token != self.token(account_id, known[named]):
            return None
        return account_id, known[named]

    def hash_of(self, address: str) -> str:
        return f"hash-of-{address.strip().lower()}"

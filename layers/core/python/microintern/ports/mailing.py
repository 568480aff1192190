"""What goes out by e-mail: what people want, what is due, what was sent, and by whom."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal, Protocol

from microintern.domain.base import Frozen
from microintern.domain.mailing import Due, Mailing, Subscription


class Mailings(Protocol):
    """What each person wants by e-mail."""

    def of(self, account_id: str) -> Mailing:
        """What they said, strongly consistent; the defaults of one who said nothing."""

    def save(self, mailing: Mailing) -> None:
        """Write over the version before, else StaleDocument; AccountErased when it is to be forgotten, or is."""


class Agenda(Protocol):
    """What is to be seen to, and when. What is long past goes by itself."""

    def add(self, due: Sequence[Due]) -> None:
        """Note these; the same again changes nothing."""

    def between(self, agenda: Literal["digest", "feedback"], after: datetime, until: datetime) -> Iterator[Due]:
        """What is due after the one instant and until the other, the first due first; strongly consistent."""

    def seen_to(self, name: str) -> datetime | None:
        """Until when everything of this name was seen to."""

    def advance(self, name: str, until: datetime) -> None:
        """Everything until then was seen to."""


class SentMail(Protocol):
    """What was sent, so that it is not sent again. Kept for as long as anything can come again."""

    def has(self, account_id: str, mail_id: str) -> bool:
        """Whether this was sent, strongly consistent."""

    def claim(self, account_id: str, mail_id: str, at: datetime) -> bool:
        """Note that this is sent; False when that was noted already."""

    def drop(self, account_id: str, mail_id: str) -> None:
        """It was not sent after all."""


class Mail(Frozen):
    """One e-mail to one person."""

    account_id: str
    address: str
    address_hash: str
    """As a hold keeps it: it comes back with what becomes of the mail, so that nobody needs the address for that."""
    subject: str
    text: str
    html: str
    unsubscribe: str | None
    """The address that unsubscribes from the like of it; None for what cannot be switched off."""


class NotSent(Exception):
    """The service did not take the mail; anything else that is raised leaves open whether it did."""


class Mailer(Protocol):
    """Sends e-mails."""

    def send(self, mail: Mail) -> None:
        """Hand it over; raises NotSent when it surely was not taken."""


class MailKeys(Protocol):
    """What only this system can make: links that unsubscribe, and hashes of addresses."""

    def token(self, account_id: str, subscription: Subscription) -> str:
        """What a link says; the same for the same, and good for ever."""

    def opened(self, token: str) -> tuple[str, Subscription] | None:
        """The account and what it unsubscribes from; None for what was not made here."""

    def hash_of(self, address: str) -> str:
        """The same for every way of writing the same address."""

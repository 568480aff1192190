"""Notices go out by e-mail, at once or once a day, as each person wants it.

A notice that is told at once is sent first and noted afterwards: it may come twice when the function dies in between,
or when SES, which promises no more than at least once, sends it twice; it never gets lost. A digest is noted first and
sent afterwards: it never comes twice, and may get lost in the same moment. What it would have said is in the inbox.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Literal

from microintern.app.views.mail import Letter, Part, digest_of, letter_of
from microintern.domain.accounts import Notice
from microintern.domain.base import iso
from microintern.domain.mailing import ALWAYS, DIGEST, Cadence, Due, Mailing
from microintern.domain.notices import kind_of
from microintern.ports.accounts import Accounts, Users
from microintern.ports.briefs import Briefs
from microintern.ports.clock import Clock
from microintern.ports.mailing import Agenda, Mail, Mailer, Mailings, MailKeys, NotSent, SentMail

Outcome = Literal["sent", "repeated", "daily", "never", "no_address", "on_hold"]
LONGEST_AWAY = timedelta(days=1)
"""A digest that is later than this says nothing new."""
_MOMENT = timedelta(milliseconds=1)
"""The least by which instants differ as they are kept."""
_BRIEFS_PER_READ = 50


@dataclass(frozen=True)
class PostOffice:
    """What it takes to send a mail."""

    accounts: Accounts
    mailings: Mailings
    briefs: Briefs
    agenda: Agenda
    sent: SentMail
    users: Users
    mailer: Mailer
    keys: MailKeys
    clock: Clock
    public_url: str
    """Of this API: links that unsubscribe lead there."""
    web_origin: str
    """Of the pages for people, which other links lead to; empty where there are none."""


def mail(notice: Notice, *, by: PostOffice) -> Outcome:
    """Send a notice, or note it for the next digest, however often it comes; what became of it."""
    kind = kind_of(notice.type)
    mailing = by.mailings.of(notice.account_id)
    cadence = mailing.cadence_of(kind)
    if cadence is Cadence.NEVER:
        return "never"
    if cadence is Cadence.DAILY:
        at = mailing.next_digest(by.clock.now())
        by.agenda.add([Due(agenda="digest", at=at, subject=notice.account_id, item=notice.key)])
        return "daily"
    if by.sent.has(notice.account_id, notice.key):
        return "repeated"
    address = by.users.address(notice.account_id)
    if address is None:
        return "no_address"
    if mailing.holds(by.keys.hash_of(address)):
        return "on_hold"
    link = None if kind in ALWAYS else _link(by.keys.token(notice.account_id, kind), by)
    (part,) = _parts([notice], by.briefs)
    by.mailer.send(_addressed(notice.account_id, address, letter_of(part, kind, by.web_origin, link), link, by.keys))
    by.sent.claim(notice.account_id, notice.key, by.clock.now())
    return "sent"


def send_digests(*, by: PostOffice) -> int:
    """Send what came once a day and is due; the number of mails.

    One that cannot be sent keeps no other from being sent, and is tried again by the next run, with what is due since.
    """
    now = by.clock.now()
    after = max(by.agenda.seen_to("digests") or now - LONGEST_AWAY, now - LONGEST_AWAY)
    mails, failures, seen_to = 0, [], now
    due = by.agenda.between("digest", after, now)
    for (at, account_id), rows in groupby(due, key=lambda row: (row.at, row.subject)):
        try:
            mails += _send_digest(account_id, at, [row.item for row in rows], by)
        except NotSent as failure:
            failures.append(failure)
            seen_to = min(seen_to, at - _MOMENT)
    by.agenda.advance("digests", seen_to)
    if failures:
        raise ExceptionGroup(f"{len(failures)} digests could not be sent", failures)
    return mails


def _send_digest(account_id: str, at: datetime, keys: Sequence[str], by: PostOffice) -> bool:
    named = f"{DIGEST}#{iso(at)}"
    if by.sent.has(account_id, named):
        return False
    mailing = by.mailings.of(account_id)
    notices = [notice for notice in by.accounts.notices_at(account_id, keys) if _still_wanted(notice, mailing)]
    address = by.users.address(account_id) if notices else None
    if address is None or mailing.holds(by.keys.hash_of(address)):
        return False
    link = _link(by.keys.token(account_id, DIGEST), by)
    letter = digest_of(list(_parts(notices, by.briefs)), by.web_origin, link)
    written = _addressed(account_id, address, letter, link, by.keys)
    if not by.sent.claim(account_id, named, at):
        return False
    try:
        by.mailer.send(written)
    except NotSent:
        by.sent.drop(account_id, named)
        raise
    return True


def _still_wanted(notice: Notice, mailing: Mailing) -> bool:
    return mailing.cadence_of(kind_of(notice.type)) is not Cadence.NEVER


def _parts(notices: Sequence[Notice], briefs: Briefs) -> Iterator[Part]:
    """Each notice with the title of its brief."""
    titles: dict[str, str] = {}
    brief_ids = list(dict.fromkeys(notice.brief_id for notice in notices if notice.brief_id))
    for start in range(0, len(brief_ids), _BRIEFS_PER_READ):
        found = briefs.find(brief_ids[start : start + _BRIEFS_PER_READ])
        titles |= {brief_id: snapshot.posting.title for brief_id, snapshot in found.items()}
    for notice in notices:
        yield Part(notice, titles.get(notice.brief_id or ""))


def _link(token: str, by: PostOffice) -> str:
    return f"{by.public_url}/unsubscribe/{token}"


def _addressed(account_id: str, address: str, letter: Letter, unsubscribe: str | None, keys: MailKeys) -> Mail:
    said = {"subject": letter.subject, "text": letter.text, "html": letter.html, "unsubscribe": unsubscribe}
    return Mail.model_validate(
        {"account_id": account_id, "address": address, "address_hash": keys.hash_of(address), **said}
    )

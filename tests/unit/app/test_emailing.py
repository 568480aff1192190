"""Notices by e-mail: at once or once a day, as each wants it, once, and to nobody who cannot or will not have it."""

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from microintern.app.emailing import PostOffice, mail, send_digests
from microintern.app.mailing import put_on_hold
from microintern.app.views.mail import MOST_LISTED, MOST_OF_SUBJECT, Part, digest_of, letter_of
from microintern.domain.accounts import Notice
from microintern.domain.mailing import ALWAYS, Cadence, NoticeKind
from microintern.domain.notices import KIND_OF
from microintern.domain.states import State
from microintern.ports.mailing import Mail, NotSent
from tests.twins.mailing import MemoryMailer, MemoryMailKeys
from tests.twins.services import MemoryUsers
from tests.unit.app.world import World, a_world_in
from tests.unit.builders import EMPLOYER, NOW, STUDENT

ADDRESS = "amara@example.com"
TITLE = "Clean and chart a table of hourly pay floors"


class Post:
    """A post office on the twins, with a student who has an address."""

    def __init__(self, world: World | None = None, web_origin: str = "https://app.example.com") -> None:
        self.world = world or World()
        accounts = self.world.accounts
        self.users, self.mailer = MemoryUsers(STUDENT, EMPLOYER), MemoryMailer()
        self.users.addresses = {STUDENT: ADDRESS, EMPLOYER: "noor@example.com"}
        self.office = PostOffice(
            accounts=accounts,
            mailings=accounts.mailings,
            briefs=self.world.briefs,
            agenda=accounts.agenda,
            sent=accounts.sent_mail,
            users=self.users,
            mailer=self.mailer,
            keys=MemoryMailKeys(),
            clock=self.world.clock,
            public_url="https://api.example.com",
            web_origin=web_origin,
        )

    def give(self, kind: str = "brief.awarded", account_id: str = STUDENT, **changes: Any) -> Notice:
        """Somebody is told, as `notify` does it."""
        named = {"account_id": account_id, "notice_id": f"of-{kind}", "type": kind, "at": NOW}
        notice = Notice.model_validate({**named, "text": "You have been awarded this brief. See when.", **changes})
        self.world.accounts.tell([notice])
        return notice

    def want(self, **email: str) -> None:
        mailings = self.world.accounts.mailings
        before = mailings.of(STUDENT)
        wanted = {NoticeKind(kind): Cadence(cadence) for kind, cadence in email.items()}
        mailings.save(before.model_copy(update={"email": wanted, "version": before.version + 1}))

    def digest(self, days: int = 1) -> int:
        self.world.clock.forward(days=days)
        return send_digests(by=self.office)

    @property
    def sent(self) -> list[Mail]:
        return self.mailer.sent


class Unanswered:
    """Nobody knows whether SES took it."""

    def send(self, mail: Mail) -> None:
        raise ConnectionError(mail.account_id)


def test_a_notice_is_sent_once_however_often_it_comes() -> None:
    post = Post()
    notice = post.give()
    assert [mail(notice, by=post.office) for _ in range(3)] == ["sent", "repeated", "repeated"]
    (sent,) = post.sent
    assert (sent.address, sent.address_hash) == (ADDRESS, f"hash-of-{ADDRESS}")


@pytest.mark.parametrize("kind", sorted(KIND_OF))
def test_each_kind_goes_as_its_default_says_and_can_be_left_only_where_that_may_be(kind: str) -> None:
    post = Post()
    outcome = mail(post.give(kind), by=post.office)
    about = KIND_OF[kind]
    assert (
        outcome == {Cadence.AT_ONCE: "sent", Cadence.DAILY: "daily"}[post.office.mailings.of(STUDENT).cadence_of(about)]
    )
    if outcome == "sent":
        (sent,) = post.sent
        assert bool(sent.unsubscribe) == (about not in ALWAYS)
        assert ("cannot be switched off" in sent.text) == (about in ALWAYS)


def test_what_somebody_switched_off_is_not_sent_and_what_they_want_at_once_is() -> None:
    post = Post()
    post.want(work="never", searches="at_once")
    assert mail(post.give(), by=post.office) == "never"
    assert mail(post.give("search.matched"), by=post.office) == "sent"


def test_nothing_is_sent_to_who_has_no_address_that_was_verified() -> None:
    post = Post()
    post.users.addresses = {}
    assert mail(post.give(), by=post.office) == "no_address"


def test_nothing_is_sent_to_an_address_on_hold_but_to_another_one() -> None:
    post, hashed = Post(), f"hash-of-{ADDRESS}"
    put_on_hold(STUDENT, hashed, "bounced", mailings=post.office.mailings, clock=post.world.clock)
    notice = post.give()
    assert mail(notice, by=post.office) == "on_hold"
    mail(post.give("search.matched"), by=post.office)
    assert post.digest() == 0
    post.users.addresses[STUDENT] = "new@example.com"
    assert mail(notice, by=post.office) == "sent"


def test_what_ses_does_not_take_is_not_noted_as_sent() -> None:
    post = Post()
    post.mailer.refuses = {ADDRESS}
    notice = post.give()
    with pytest.raises(NotSent):
        mail(notice, by=post.office)
    post.mailer.refuses = set()
    assert mail(notice, by=post.office) == "sent"


def test_a_digest_has_what_came_and_comes_once_a_day_if_there_is_something() -> None:
    post = Post()
    for number in range(3):
        notice = post.give("search.matched", notice_id=f"search-{number}", text=f"A brief, number {number}.")
        assert [mail(notice, by=post.office) for _ in range(2)] == ["daily", "daily"]
    assert send_digests(by=post.office) == 0, "not yet"
    assert [post.digest(), send_digests(by=post.office), post.digest()] == [1, 0, 0]
    (sent,) = post.sent
    assert sent.subject == "Microintern: 3 notices of the last day"
    assert all(f"number {number}" in sent.text for number in range(3))
    assert sent.unsubscribe
    assert sent.unsubscribe.startswith(f"https://api.example.com/unsubscribe/{STUDENT}.daily.")


def test_each_gets_their_own_at_their_own_hour() -> None:
    post = Post()
    mailings = post.office.mailings
    for account_id, zone in ((STUDENT, "Asia/Tokyo"), (EMPLOYER, "America/New_York")):
        mailings.save(mailings.of(account_id).model_copy(update={"zone": zone, "version": 1}))
        mail(post.give("feedback.shown", account_id), by=post.office)
    times = []
    for _ in range(24):
        post.world.clock.forward(hours=1)
        if send_digests(by=post.office):
            times.append((post.sent[-1].account_id, post.world.clock.now().hour))
    assert sorted(times) == sorted([(STUDENT, 23), (EMPLOYER, 13)])


def test_what_was_switched_off_or_is_gone_since_is_left_out() -> None:
    post = Post()
    mail(post.give("search.matched", text="A brief fits."), by=post.office)
    mail(post.give("feedback.shown"), by=post.office)
    post.want(searches="never")
    assert post.digest() == 1
    assert "fits" not in post.sent[0].text
    other = Post()
    mail(other.give("search.matched"), by=other.office)
    other.world.accounts.forget(STUDENT)
    assert other.digest() == 0


def test_one_that_cannot_be_sent_keeps_no_other_and_is_tried_again() -> None:
    post = Post()
    for account_id in (STUDENT, EMPLOYER):
        mail(post.give("feedback.shown", account_id), by=post.office)
    post.mailer.refuses = {ADDRESS}
    post.world.clock.forward(days=1)
    with pytest.raises(ExceptionGroup):
        send_digests(by=post.office)
    post.mailer.refuses = set()
    assert send_digests(by=post.office) == 1
    assert sorted(sent.account_id for sent in post.sent) == sorted([STUDENT, EMPLOYER])


def test_while_one_cannot_be_sent_the_others_are_not_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    post = Post()
    asked: list[str] = []
    for account_id in (STUDENT, EMPLOYER):
        mail(post.give("feedback.shown", account_id), by=post.office)
    due = post.office.mailings.of(STUDENT).next_digest(post.world.clock.now())
    post.mailer.refuses = {ADDRESS}
    find = post.users.address

    def address(account_id: str) -> str | None:
        asked.append(account_id)
        return find(account_id)

    monkeypatch.setattr(post.users, "address", address)
    post.world.clock.forward(days=1)
    for _ in range(5):
        with pytest.raises(ExceptionGroup):
            send_digests(by=post.office)
        assert post.office.agenda.seen_to("digests") == due - timedelta(milliseconds=1)
        post.world.clock.forward(minutes=5)
    assert (asked.count(EMPLOYER), asked.count(STUDENT)) == (1, 5)
    post.mailer.refuses = set()
    assert send_digests(by=post.office) == 1
    assert post.office.agenda.seen_to("digests") == post.world.clock.now()


def test_what_is_due_before_the_one_that_cannot_be_sent_is_not_looked_for_again() -> None:
    post = Post()
    mailings = post.office.mailings
    mailings.save(mailings.of(EMPLOYER).model_copy(update={"digest_hour": 6, "version": 1}))
    for account_id in (STUDENT, EMPLOYER):
        mail(post.give("feedback.shown", account_id), by=post.office)
    post.mailer.refuses = {ADDRESS}
    post.world.clock.forward(days=1)
    with pytest.raises(ExceptionGroup):
        send_digests(by=post.office)
    seen_to = post.office.agenda.seen_to("digests")
    assert seen_to
    due = post.office.agenda.between("digest", seen_to, post.world.clock.now())
    assert [row.subject for row in due] == [STUDENT]


def test_a_digest_that_may_have_been_sent_is_not_sent_again() -> None:
    post = Post()
    mail(post.give("feedback.shown"), by=post.office)
    post.world.clock.forward(days=1)
    with pytest.raises(ConnectionError):
        send_digests(by=replace(post.office, mailer=Unanswered()))
    assert send_digests(by=post.office) == 0


def test_nobody_looks_for_digests_of_longer_ago_than_a_day() -> None:
    post = Post()
    mail(post.give("feedback.shown"), by=post.office)
    assert post.digest(days=3) == 0


def test_a_mail_names_the_brief_and_leads_to_it() -> None:
    world = a_world_in(State.AWARDED)
    post = Post(world)
    mail(post.give(brief_id=world.brief_id), by=post.office)
    (sent,) = post.sent
    assert sent.subject.endswith(": You have been awarded this brief")
    assert TITLE in sent.text
    links = re.findall(r'href="([^"]+)"', sent.html)
    assert links == [f"https://app.example.com/briefs/{world.brief_id}", sent.unsubscribe]


def test_without_pages_for_people_no_link_leads_anywhere() -> None:
    post = Post(web_origin="")
    mail(post.give(), by=post.office)
    assert re.findall(r'href="([^"]+)"', post.sent[0].html) == [post.sent[0].unsubscribe]


class Fetched(HTMLParser):
    """What a mail program would fetch, and what it would run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("img", "script", "link", "iframe", "object", "video", "audio", "style", "form", "base"):
            self.found.append(tag)
        self.found += [name for name, _ in attrs if name in ("src", "background", "srcset") or name.startswith("on")]


HOSTILE = 'Buy & "win" <img src=https://evil.example/x.png onerror=alert(1)> </title><script>'


@pytest.mark.parametrize("digest", [False, True])
def test_what_people_wrote_is_shown_as_it_is_and_nothing_is_fetched(digest: bool) -> None:
    notice = Post().give("search.matched", text=f"{HOSTILE} is open.", brief_id="a-brief-0001")
    part = Part(notice, HOSTILE)
    origin, leave = "https://app.example.com", "https://api.example.com/unsubscribe/x"
    letter = digest_of([part], origin, leave) if digest else letter_of(part, NoticeKind.SEARCHES, origin, leave)
    parser = Fetched()
    parser.feed(letter.html)
    assert parser.found == []
    assert "url(" not in letter.html
    assert HOSTILE in letter.text
    assert "\n" not in letter.subject


def test_both_forms_say_the_same() -> None:
    notice = Post().give(brief_id="a-brief-0001")
    letter = letter_of(Part(notice, TITLE), NoticeKind.WORK, "https://app.example.com", "https://api.example.com/u/x")
    for said in (TITLE, notice.text, "https://app.example.com/briefs/a-brief-0001", "https://api.example.com/u/x"):
        assert said in letter.text
        assert said in letter.html


def test_a_long_digest_says_how_many_more_there_are_and_a_subject_is_never_too_long() -> None:
    post = Post()
    parts = [Part(post.give("search.matched", notice_id=f"n-{n}", text=f"Brief {n}."), None) for n in range(60)]
    letter = digest_of(parts, "", "https://api.example.com/u")
    assert f"And {60 - MOST_LISTED} more" in letter.text
    long = Part(post.give(text=f"{'word ' * 60}. And more."), TITLE * 2)
    for part in (long, Part(post.give(), TITLE * 3), Part(post.give(), None)):
        assert len(letter_of(part, NoticeKind.WORK, "", None).subject) <= MOST_OF_SUBJECT
    one = digest_of(parts[:1], "", "https://api.example.com/u")
    assert one.subject == "Brief 0"


def test_a_notice_that_is_late_for_a_digest_is_in_the_next() -> None:
    post = Post()
    due = post.office.mailings.of(STUDENT).next_digest(post.world.clock.now())
    post.world.clock.at = due - timedelta(seconds=30)
    mail(post.give("feedback.shown"), by=post.office)
    post.world.clock.at = due
    assert send_digests(by=post.office) == 0
    assert post.digest() == 1

"""E-mails and reminders survive a crash at each of their calls: nothing is lost, nor comes twice, but what is said to.

A brief's journey does not come by here, so this has a sweep of its own: the same day, broken off once at every call of
a port, before or after it was made, with whatever triggered it coming again as it does on AWS.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from microintern.app import mailing
from microintern.app.emailing import mail, send_digests
from microintern.app.reminding import Reminding, remind
from microintern.app.requests import NoticeSettingsRequest
from microintern.domain.brief import Command
from microintern.domain.events import of_brief
from microintern.domain.problems import Conflict
from microintern.domain.states import State
from microintern.ports.conditions import StaleDocument
from tests.faults.calls import Faults, Faulty, Lost, Moment
from tests.unit.app.test_emailing import ADDRESS, Post
from tests.unit.app.world import a_world_in
from tests.unit.builders import EMPLOYER, POLICY, STUDENT, student

PORTS = ("accounts", "mailings", "briefs", "agenda", "sent", "users", "mailer", "keys")
Told = list[tuple[str, str]]


class Day:
    """A student says what they want, is awarded, paid, reminded and told of it all; leaves; and a mail bounces."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.post = Post(a_world_in(State.PAID))
        self.world = self.post.world
        self.ports: Any = {name: Faulty(name, getattr(self.post.office, name), self.faults) for name in PORTS}
        self.office = replace(self.post.office, **self.ports)
        others = {"organisations": self.world.organisations, "standings": self.world.standings}
        self.ports |= {name: Faulty(name, port, self.faults) for name, port in others.items()}

    def live(self) -> list[Any]:
        """The whole of it; what can be compared at its end."""
        self.save(student(key="wish"), {"feedback": "daily"})
        self.world.tell(of_brief(self.world.brief))
        self.world.clock.forward(days=POLICY.feedback_window_s / 86_400 - 0.9)
        self.again(lambda: remind(self.reminding))
        self.stream()
        self.world.clock.forward(days=1)
        self.again(lambda: send_digests(by=self.office))
        token = self.post.office.keys.token(STUDENT, "daily")
        wired = {"mailings": self.ports["mailings"], "clock": self.world.clock}
        self.again(lambda: mailing.unsubscribe(token, keys=self.ports["keys"], **wired))
        hashed = self.post.office.keys.hash_of(ADDRESS)
        self.again(lambda: mailing.put_on_hold(STUDENT, hashed, "bounced", **wired))
        said = self.post.office.mailings.of(STUDENT)
        told = sorted((notice.account_id, notice.type) for notice in self.world.accounts._notices.values())
        return [said.model_dump(exclude={"done", "event"}), told]

    @property
    def sent(self) -> Told:
        return [(sent.account_id, sent.subject) for sent in self.post.sent]

    @property
    def reminding(self) -> Reminding:
        ports = {name: self.ports[name] for name in ("briefs", "accounts", "organisations", "agenda")}
        return Reminding(**ports, clock=self.world.clock, policy=POLICY)

    def save(self, by: Command, email: dict[str, str]) -> None:
        request = NoticeSettingsRequest.model_validate({"email": email})
        self.again(lambda: mailing.save_settings(by, request, mailings=self.ports["mailings"], clock=self.world.clock))

    def stream(self) -> None:
        """Every notice comes by the table's stream, and again when the function failed."""
        for notice in sorted(self.world.accounts._notices.values(), key=lambda found: (found.key, found.account_id)):
            self.again(partial(mail, notice, by=self.office))

    def again(self, run: Callable[[], object]) -> None:
        for _ in range(3):
            try:
                run()
            except (Lost, StaleDocument, Conflict, ExceptionGroup):
                continue
            return
        raise AssertionError("one failure, and it failed three times")


def undisturbed() -> tuple[list[Any], Told, list[str]]:
    day = Day()
    kept = day.live()
    return kept, day.sent, [name for name, _ in day.faults.log]


KEPT, SENT, CALLS = undisturbed()


def test_the_day_comes_by_every_call() -> None:
    assert {
        *("mailings.of", "mailings.save", "agenda.add", "agenda.between", "agenda.seen_to", "agenda.advance"),
        *(
            "sent.has",
            "sent.claim",
            "users.address",
            "mailer.send",
            "accounts.tell",
            "accounts.notices_at",
            "keys.opened",
        ),
    } <= set(CALLS)
    assert {account_id for account_id, _ in SENT} == {STUDENT, EMPLOYER}


@pytest.mark.parametrize("moment", Moment)
@pytest.mark.parametrize("at", range(len(CALLS)), ids=[f"{n}-{name}" for n, name in enumerate(CALLS)])
def test_broken_off_once_all_is_told_and_only_what_is_sent_at_once_may_come_twice(at: int, moment: Moment) -> None:
    day = Day()
    day.faults.arm(at, moment)
    kept = day.live()
    assert day.faults.struck
    assert kept == KEPT
    more, fewer = _differences(day.sent)
    unsure = (("sent.claim", Moment.BEFORE), ("sent.claim", Moment.AFTER), ("mailer.send", Moment.AFTER))
    if (CALLS[at], moment) not in (*unsure, ("mailer.send", Moment.BEFORE)):
        assert (more, fewer) == ([], [])
    # At once, it is sent before that is noted: then it comes once more. A digest is noted first: then it is missing.
    assert len(more) + len(fewer) <= 1


def _differences(sent: Told) -> tuple[Told, Told]:
    more, fewer = list(sent), list(SENT)
    for each in SENT:
        if each in more:
            more.remove(each)
            fewer.remove(each)
    return more, fewer

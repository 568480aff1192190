"""What people say of e-mails: themselves, by a link in one, and by what became of one."""

from typing import Any

import pytest

from microintern.app import accounts as accounts_app
from microintern.app import mailing as app
from microintern.app.requests import NoticeSettingsRequest
from microintern.app.views.accounts import NoticeSettingsView
from microintern.domain.brief import Command
from microintern.domain.mailing import ALWAYS, DIGEST, Cadence, Mailing, NoticeKind
from microintern.domain.problems import Conflict, Invalid, NotFound
from microintern.domain.standing import StandingState
from microintern.domain.states import Role
from microintern.ports.conditions import StaleDocument
from tests.twins.mailing import MemoryMailings, MemoryMailKeys
from tests.unit.app.bureau import Bureau
from tests.unit.app.test_organisations import refusal
from tests.unit.app.world import World
from tests.unit.builders import NOW, STUDENT, student

KEYS = MemoryMailKeys()


class Interrupted(MemoryMailings):
    """Somebody else writes between what was read and what is written, so often."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def save(self, mailing: Mailing) -> None:
        if self.times:
            self.times -= 1
            before = self.of(mailing.account_id)
            super().save(before.model_copy(update={"version": before.version + 1, "digest_hour": 3}))
        super().save(mailing)


def ports(world: World) -> dict[str, Any]:
    return {"mailings": world.accounts.mailings, "clock": world.clock}


def save(world: World, by: Command | None = None, **said: Any) -> Mailing:
    request = NoticeSettingsRequest.model_validate(said)
    return app.save_settings(by or student(), request, mailings=world.accounts.mailings, clock=world.clock)


def unsubscribe(world: World, subscription: NoticeKind | str = NoticeKind.WORK) -> Any:
    token = KEYS.token(STUDENT, subscription)  # type: ignore[arg-type]
    return app.unsubscribe(token, keys=KEYS, **ports(world))


def test_who_said_nothing_goes_by_the_defaults() -> None:
    shown = NoticeSettingsView.of(app.settings_of(student(), mailings=MemoryMailings()))
    assert {choice.kind: choice.email for choice in shown.choices}[NoticeKind.WORK] is Cadence.AT_ONCE
    assert {choice.kind for choice in shown.choices if not choice.can_be_never} == ALWAYS
    assert (shown.zone, shown.digest_hour, shown.hold) == ("UTC", 8, None)


def test_what_is_said_replaces_what_was_said_and_a_repeat_changes_nothing() -> None:
    world = World()
    first = save(world, student(key="one"), email={"work": "never"}, zone="Asia/Tokyo", digest_hour=6)
    assert save(world, student(key="one"), email={"work": "never"}, zone="Asia/Tokyo", digest_hour=6) == first
    second = save(world, student(key="two"), email={"searches": "at_once"})
    assert (second.version, second.zone, second.cadence_of(NoticeKind.WORK)) == (2, "UTC", Cadence.AT_ONCE)
    entries = [mailing.entry for mailing in (first, second)]
    assert all(entries)
    assert second.event
    assert second.event.previous == entries[0].hash  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", sorted(ALWAYS))
def test_money_and_security_cannot_be_switched_off_but_can_wait_for_the_digest(kind: NoticeKind) -> None:
    world = World()
    with pytest.raises(Invalid, match="cannot be switched off; choose `at_once` or `daily`") as refused:
        save(world, email={kind: "never"})
    assert refused.value.members["errors"][0]["field"] == f"/email/{kind}"
    assert save(world, email={kind: "daily"}).cadence_of(kind) is Cadence.DAILY


def test_of_two_who_write_at_once_one_is_told_to_look_again() -> None:
    world = World()
    with pytest.raises(Conflict):
        app.save_settings(student(), NoticeSettingsRequest(), mailings=Interrupted(1), clock=world.clock)


def test_a_link_unsubscribes_however_often_it_is_opened_and_is_a_step_of_the_server() -> None:
    world = World()
    assert [unsubscribe(world) for _ in range(2)] == [NoticeKind.WORK] * 2
    mailing = world.accounts.mailings.of(STUDENT)
    assert (mailing.version, mailing.cadence_of(NoticeKind.WORK)) == (1, Cadence.NEVER)
    assert mailing.event
    assert (mailing.event.type, mailing.event.role, mailing.event.trigger) == (
        *("mailing.unsubscribed", Role.SERVER, "mail"),
    )
    assert unsubscribe(world, DIGEST) == DIGEST
    after = world.accounts.mailings.of(STUDENT)
    assert {kind for kind in NoticeKind if after.cadence_of(kind) is Cadence.DAILY} == set()
    assert after.cadence_of(NoticeKind.MESSAGES) is Cadence.AT_ONCE


@pytest.mark.parametrize("token", ["", "x", f"{STUDENT}.work.forged", f"{STUDENT}.nothing.{STUDENT}"])
def test_a_link_that_was_not_made_here_leads_nowhere(token: str) -> None:
    world = World()
    with pytest.raises(NotFound):
        app.unsubscribe(token, keys=KEYS, **ports(world))
    assert world.accounts.mailings.of(STUDENT).version == 0


def test_an_address_is_held_once_and_its_owner_sees_why_and_can_lift_it() -> None:
    world = World()
    assert [app.put_on_hold(STUDENT, "hash", "bounced", **ports(world)) for _ in range(2)] == [True, False]
    shared = {"accounts": world.accounts, "standings": world.standings, "mailings": world.accounts.mailings}
    seen = accounts_app.me(student(), **shared).email_hold  # type: ignore[arg-type]
    assert seen
    assert (seen.reason, seen.since) == ("bounced", NOW)
    assert save(world, email={}).hold, "said something else"
    assert save(world, student(key="lift"), lift_hold=True).hold is None
    assert accounts_app.me(student(), **shared).email_hold is None  # type: ignore[arg-type]


@pytest.mark.parametrize("times", [1, 3])
def test_what_somebody_else_wrote_meanwhile_stays(times: int) -> None:
    world, mailings = World(), Interrupted(times)
    assert app.put_on_hold(STUDENT, "hash", "complained", **{**ports(world), "mailings": mailings})
    assert (mailings.of(STUDENT).digest_hour, mailings.of(STUDENT).holds("hash")) == (3, True)


def test_who_is_interrupted_for_ever_gives_up() -> None:
    world = World()
    with pytest.raises(StaleDocument):
        app.put_on_hold(STUDENT, "hash", "complained", **{**ports(world), "mailings": Interrupted(99)})


def test_of_who_is_forgotten_nothing_is_kept_and_a_link_brings_nothing_back() -> None:
    world = World()
    save(world, email={"searches": "never"})
    world.accounts.sent_mail.claim(STUDENT, "a-mail", NOW)
    bureau = Bureau(world)
    exported = bureau.export(student())
    assert exported.account
    shown = exported.account.notice_settings
    assert [choice.email for choice in shown.choices if choice.kind is NoticeKind.SEARCHES] == [Cadence.NEVER]
    bureau.erase(student(key="go"))
    bureau.finish()
    assert world.standings.read(STUDENT).state is StandingState.ERASED
    unsubscribe(world)
    assert refusal(save, world, student(key="late")) == "not_found"
    assert not app.put_on_hold(STUDENT, "hash", "bounced", **ports(world))
    assert world.accounts.mailings.of(STUDENT).version == 0
    assert not world.accounts.sent_mail.has(STUDENT, "a-mail")

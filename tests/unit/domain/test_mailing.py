"""What people want by e-mail: defaults, what cannot be switched off, and when a digest goes out."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microintern.app import telling
from microintern.domain import notices
from microintern.domain.events import EventType
from microintern.domain.mailing import (
    ABOUT,
    ALWAYS,
    DAY,
    DEFAULTS,
    DIGEST,
    ON_ITS_WAY,
    Cadence,
    Hold,
    Mailing,
    NoticeKind,
)
from microintern.domain.notices import KIND_OF, kind_of
from tests.unit.builders import NOW, STUDENT

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Chatham", "Etc/GMT+12"]
instants = st.integers(0, 4 * 366 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes))
mailings = st.builds(
    Mailing,
    account_id=st.just(STUDENT),
    email=st.dictionaries(st.sampled_from(NoticeKind), st.sampled_from(Cadence)),
    zone=st.sampled_from(ZONES),
    digest_hour=st.integers(0, 23),
)


def test_every_kind_has_a_default_and_words_and_what_cannot_be_switched_off_is_not_off() -> None:
    assert DEFAULTS.keys() == ABOUT.keys() == set(NoticeKind)
    assert all(DEFAULTS[kind] is Cadence.AT_ONCE for kind in ALWAYS)


def test_every_type_of_notice_is_of_a_kind() -> None:
    told = {kind for kind, _ in telling._TEXTS} | {EventType.MESSAGE_POSTED, EventType.MENTOR_NAMED}
    own = {notices.AWAITED, notices.MATCHED, notices.HELD_BACK, notices.NEAR}
    assert KIND_OF.keys() == {str(kind) for kind in told} | own
    assert {kind_of(each) for each in KIND_OF} == set(NoticeKind)


@given(mailings, instants)
def test_a_digest_goes_out_within_a_day_at_the_hour_that_clocks_show_there(mailing: Mailing, now: datetime) -> None:
    at = mailing.next_digest(now)
    assert now + ON_ITS_WAY < at <= now + ON_ITS_WAY + DAY + timedelta(hours=1)
    shown = at.astimezone(ZoneInfo(mailing.zone))
    # Where clocks are put forward, an hour is left out: then it is the one after it.
    assert shown.hour in (mailing.digest_hour, (mailing.digest_hour + 1) % 24)


@given(mailings, instants, st.timedeltas(timedelta(0), DAY))
def test_whatever_comes_between_two_digests_is_in_the_same_one(
    mailing: Mailing, now: datetime, later: timedelta
) -> None:
    first, second = mailing.next_digest(now), mailing.next_digest(now + later)
    assert first <= second
    if now + later + ON_ITS_WAY < first:
        assert second == first


@pytest.mark.parametrize(
    ("zone", "hour", "wanted"),
    [
        ("UTC", 8, "2026-03-28T08:00"),
        ("America/New_York", 7, "2026-03-28T11:00"),
        ("Asia/Kolkata", 8, "2026-03-28T02:30"),
        ("Europe/Berlin", 8, "2026-03-28T07:00"),
    ],
)
def test_it_is_the_hour_of_the_zone(zone: str, hour: int, wanted: str) -> None:
    mailing = Mailing(account_id=STUDENT, zone=zone, digest_hour=hour)
    assert mailing.next_digest(datetime(2026, 3, 28, 1, 0, tzinfo=UTC)).isoformat()[:16] == wanted


def test_when_clocks_are_put_forward_it_comes_an_hour_sooner_by_the_sun() -> None:
    mailing = Mailing(account_id=STUDENT, zone="Europe/Berlin", digest_hour=8)
    first = mailing.next_digest(datetime(2026, 3, 28, 1, 0, tzinfo=UTC))
    assert mailing.next_digest(first) - first == timedelta(hours=23)


@given(mailings, st.sampled_from([*NoticeKind, DIGEST]))
def test_a_link_switches_off_what_it_is_for_and_nothing_else_and_never_what_cannot_be(
    mailing: Mailing, subscription: NoticeKind
) -> None:
    after = mailing.model_copy(update={"email": mailing.without(subscription)})
    for kind in NoticeKind:
        meant = mailing.cadence_of(kind) is Cadence.DAILY if subscription == DIGEST else kind is subscription
        wanted = Cadence.NEVER if meant else mailing.cadence_of(kind)
        if meant and kind in ALWAYS:
            wanted = Cadence.AT_ONCE if subscription == DIGEST else mailing.cadence_of(kind)
        assert after.cadence_of(kind) is wanted


@given(mailings)
def test_whoever_ends_the_digest_gets_none_any_more(mailing: Mailing) -> None:
    after = mailing.model_copy(update={"email": mailing.without(DIGEST)})
    assert Cadence.DAILY not in {after.cadence_of(kind) for kind in NoticeKind}


def test_only_the_address_that_is_held_is_held() -> None:
    held = Mailing(account_id=STUDENT, hold=Hold(reason="bounced", since=NOW, address="one"))
    assert held.holds("one")
    assert not held.holds("another")
    assert not Mailing(account_id=STUDENT).holds("one")

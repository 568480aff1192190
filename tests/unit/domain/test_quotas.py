"""How much one account may do."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microintern.domain.problems import Conflict, Invalid, TooMany
from microintern.domain.quotas import Desk, Slot, day_of, left_of_day_s, upload_quota
from tests.unit.builders import NOW, POLICY, STUDENT

FEW = POLICY.model_copy(update={"most_open_applications": 3, "most_applications_per_day": 5, "most_same_statements": 2})
WEEK = timedelta(days=7)


def applied(desk: Desk, number: int, now: datetime = NOW, text: str | None = None) -> Desk:
    slot = Slot(until=now + WEEK, version=1)
    return desk.applied(f"brief-{number:06d}", slot, text or f"I can do number {number}.", now, FEW)


def filled(number: int, now: datetime = NOW) -> Desk:
    desk = Desk(account_id=STUDENT)
    for n in range(number):
        desk = applied(desk, n, now)
    return desk


def test_so_many_applications_may_wait_and_each_counts_until_its_time() -> None:
    desk = filled(3)
    with pytest.raises(Conflict) as refused:
        applied(desk, 4)
    assert (refused.value.code, refused.value.members["most"]) == ("too_many_open_applications", 3)
    assert len(applied(desk, 2).open) == 3, "again for the same brief is the same slot"
    later = applied(desk, 4, NOW + WEEK)
    assert list(later.open) == ["brief-000004"], "what has passed is forgotten"


def test_so_many_applications_are_made_in_a_day() -> None:
    desk = Desk(account_id=STUDENT)
    for number in range(5):
        desk = applied(desk.model_copy(update={"open": {}}), number)
    with pytest.raises(TooMany) as refused:
        applied(desk.model_copy(update={"open": {}}), 9)
    assert refused.value.code == "too_many_applications"
    tomorrow = NOW + timedelta(seconds=refused.value.members["retry_after_s"])
    assert (tomorrow.hour, tomorrow.minute) == (0, 0)
    assert applied(desk.model_copy(update={"open": {}}), 9, tomorrow).today == 1


def test_one_text_goes_to_few_briefs_however_it_is_spaced_or_written() -> None:
    desk = applied(applied(Desk(account_id=STUDENT), 1, text="Pick me, I am keen."), 2, text="PICK  me, I am\nkeen.")
    with pytest.raises(Invalid) as refused:
        applied(desk, 3, text=" pick me, i am keen.")
    assert refused.value.code == "same_statement"
    assert refused.value.members["errors"][0]["field"] == "/statement"
    applied(desk, 3, text="I have read your brief.")
    assert "keen" not in desk.model_dump_json()


@given(st.floats(min_value=0, max_value=10**8))
def test_what_is_left_of_a_day_leads_into_the_next(later_s: float) -> None:
    now = NOW + timedelta(seconds=later_s)
    left_s = left_of_day_s(now)
    assert 0 < left_s <= 86_400
    assert day_of(now + timedelta(seconds=left_s)) > day_of(now)
    assert day_of(now + timedelta(seconds=left_s - 1)) == day_of(now)


def test_the_count_of_a_days_uploads_is_forgotten_when_it_is_of_no_use() -> None:
    quota = upload_quota(STUDENT, 7, NOW, POLICY)
    assert (quota.day, quota.size_bytes) == ("2027-02-20", 7)
    assert datetime.fromtimestamp(quota.forget_at, UTC) == datetime(2027, 2, 23, tzinfo=UTC)

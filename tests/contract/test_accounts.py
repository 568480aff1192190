"""The Accounts port."""

from datetime import timedelta

import pytest

from microintern.domain.accounts import Assignment, Mark, Notice, Profile
from microintern.domain.payments import PayoutStatus
from microintern.domain.states import Role
from microintern.domain.trail import Event
from microintern.ports.accounts import Accounts
from microintern.ports.conditions import StaleDocument
from tests.contract import examples
from tests.contract.examples import NOW, STUDENT


def notice(number: int, account_id: str = STUDENT) -> Notice:
    at = NOW + timedelta(minutes=number)
    return Notice(
        account_id=account_id,
        notice_id=f"notice-{number}",
        brief_id="brief-000001",
        type="brief.awarded",
        text=f"Notice {number}",
        at=at,
    )


def test_roles_are_written_over_their_version_before_and_steps_are_of_what_is_tracked(accounts: Accounts) -> None:
    event = Event(type="role.assigned", at=NOW, role=Role.OPERATOR, actor_id="operator-0001")
    first = Assignment(account_id=STUDENT, role=Role.EDUCATOR, event=event)
    assert accounts.assignment(STUDENT) is None
    with pytest.raises(StaleDocument):
        accounts.save_assignment(first.model_copy(update={"version": 2}))
    accounts.save_assignment(first)
    with pytest.raises(StaleDocument):
        accounts.save_assignment(first)
    assert accounts.assignment(STUDENT) == first
    accounts.save_profile(Profile(account_id=STUDENT, name="Ada", event=event.model_copy(update={"facts": {"n": 1}})))
    accounts.save_payout_account(examples.payout_account())
    steps = accounts.steps(STUDENT)
    assert [step.subject for step in steps] == ["profile", "role"], "what was saved without an event is no step"
    assert steps[1] == first.entry
    assert accounts.steps("account-0001") == []


def test_a_profile_is_written_over_its_version_before_only(accounts: Accounts) -> None:
    first = Profile(account_id=STUDENT, name="Ada", about="Likes tables.", done=["key body"])
    assert accounts.profile(STUDENT) is None
    with pytest.raises(StaleDocument):
        accounts.save_profile(first.model_copy(update={"version": 2}))
    accounts.save_profile(first)
    assert accounts.profile(STUDENT) == first
    second = first.model_copy(update={"version": 2, "about": None})
    accounts.save_profile(second)
    for late in (first, second, second.model_copy(update={"version": 4})):
        with pytest.raises(StaleDocument):
            accounts.save_profile(late)
    assert accounts.profile(STUDENT) == second


def test_profiles_come_by_id_and_only_those_that_exist(accounts: Accounts) -> None:
    known = {f"account-{n:04d}": Profile(account_id=f"account-{n:04d}", name=f"Person {n}") for n in range(60)}
    for profile in known.values():
        accounts.save_profile(profile)
    asked = [*known, *(f"nobody-{n:04d}" for n in range(39)), "account-0000"]
    assert accounts.profiles(asked) == known
    assert accounts.profiles([]) == {}


def test_a_payout_account_is_written_over_its_version_before_only(accounts: Accounts) -> None:
    first = examples.payout_account()
    assert accounts.payout_account(STUDENT) is None
    accounts.save_payout_account(first)
    for version in (1, 3):
        with pytest.raises(StaleDocument):
            accounts.save_payout_account(first.model_copy(update={"version": version}))
    news = {"destination": "sandbox-other", "status": PayoutStatus.BLOCKED, "reason": "closed"}
    second = first.model_copy(update={"version": 2, "usable_at": NOW + timedelta(days=3), **news})
    accounts.save_payout_account(second)
    assert accounts.payout_account(STUDENT) == second
    assert accounts.profile(STUDENT) is None


def test_whoever_said_that_they_are_paid_somewhere_is_found_by_it_ever_after(accounts: Accounts) -> None:
    assert accounts.payees("sandbox-bank") == []
    first = examples.payout_account()
    other = examples.payout_account(account_id="student-0002")
    for account in (other, first):
        accounts.save_payout_account(account)
    accounts.save_payout_account(first.model_copy(update={"version": 2, "destination": "sandbox-other"}))
    accounts.save_payout_account(first.model_copy(update={"version": 3, "destination": "sandbox-bank"}))
    assert accounts.payees("sandbox-bank") == [STUDENT, "student-0002"]
    assert accounts.payees("sandbox-other") == [STUDENT]
    assert accounts.payees("sandbox") == []


def test_a_refused_payout_account_makes_nobody_a_payee(accounts: Accounts) -> None:
    accounts.save_payout_account(examples.payout_account())
    with pytest.raises(StaleDocument):
        accounts.save_payout_account(examples.payout_account(destination="sandbox-other"))
    assert accounts.payees("sandbox-other") == []


def test_notices_page_newest_first_and_the_same_one_again_changes_nothing(accounts: Accounts) -> None:
    told = [notice(n) for n in (3, 1, 2)]
    accounts.tell([*told, notice(9, "student-0002")])
    accounts.tell(told)
    accounts.tell([told[0], told[0]])
    first = accounts.notices(STUDENT, 2)
    assert [item.notice_id for item in first.items] == ["notice-3", "notice-2"]
    last = accounts.notices(STUDENT, 2, first.next)
    assert last.items == [notice(1)]
    assert last.next is None
    accounts.tell([])


def test_more_notices_than_one_batch_holds(accounts: Accounts) -> None:
    accounts.tell([notice(n) for n in range(60)])
    page = accounts.notices(STUDENT, 60)
    assert len(page.items) == 60
    assert page.next is None


def test_a_mark_stays_as_it_was_first_set(accounts: Accounts) -> None:
    first = Mark(account_id=STUDENT, brief_id="brief-000001", reason="not_submitted", at=NOW)
    accounts.mark(first)
    accounts.mark(first.model_copy(update={"at": NOW + timedelta(days=1)}))
    accounts.mark(first.model_copy(update={"account_id": "student-0002"}))
    assert accounts.marks(STUDENT) == [first]
    assert accounts.marks("student-0404") == []

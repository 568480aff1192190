"""A brief's contact is written only over the version before, and only while they belong to the organisation."""

from datetime import timedelta
from typing import Any

import pytest

from microintern.domain.mentors import Mentor
from microintern.domain.organisations import MemberRole, Membership, Organisation
from microintern.domain.states import Role
from microintern.domain.trail import Event
from microintern.ports.conditions import Needs, NotMember, StaleDocument
from tests.contract import examples
from tests.contract.conftest import Stores
from tests.contract.examples import EMPLOYER, NOW

BRIEF = examples.open_brief()
OWNER, COLLEAGUE = "account-owner-1", "account-colleague"


def a_mentor(version: int = 1, account_id: str = OWNER) -> Mentor:
    event = Event(type="mentor.named", at=NOW, role=Role.EMPLOYER, actor_id=OWNER)
    own: dict[str, Any] = {"brief_id": BRIEF.brief_id, "employer_id": EMPLOYER, "account_id": account_id}
    return Mentor(**own, named_at=NOW, version=version, event=event, done={"key": "body"})


def write(stores: Stores, mentor: Mentor) -> None:
    stores.briefs.replace(mentor, needs=Needs(member=mentor.account_id, member_of=EMPLOYER))


def found(stores: Stores) -> Mentor | None:
    snapshot = stores.briefs.read(BRIEF.brief_id, Mentor.key_of)
    return snapshot.find(Mentor, Mentor.key_of) if snapshot else None


@pytest.fixture(autouse=True)
def _founded(stores: Stores) -> None:
    stores.briefs.create(BRIEF, examples.content())
    of: dict[str, Any] = {"organisation_id": EMPLOYER, "since": NOW}
    event = Event(type="member.joined", at=NOW, role=Role.EMPLOYER, actor_id=OWNER)
    owner = Membership(account_id=OWNER, role=MemberRole.OWNER, event=event, **of)
    named: dict[str, Any] = {"name": "Acme", "founded_by": OWNER, "founded_at": NOW, "body": "body"}
    stores.organisations.found(Organisation(**named, **of), owner)


def test_a_member_is_named_and_another_version_follows(stores: Stores) -> None:
    for version in (1, 2):
        write(stores, a_mentor(version))
        assert found(stores) == a_mentor(version)
    for version in (1, 2, 4):
        with pytest.raises(StaleDocument):
            write(stores, a_mentor(version))


def test_somebody_from_outside_is_not(stores: Stores) -> None:
    with pytest.raises(NotMember):
        write(stores, a_mentor(account_id=COLLEAGUE))
    assert found(stores) is None


def test_nor_is_somebody_who_has_left(stores: Stores) -> None:
    member = stores.organisations.membership(EMPLOYER, OWNER)
    assert member is not None
    stores.organisations.close(
        member, member.model_copy(update={"left_at": NOW + timedelta(days=1), "version": member.version + 1})
    )
    with pytest.raises(NotMember):
        write(stores, a_mentor())
    assert found(stores) is None

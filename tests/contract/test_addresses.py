"""Mailing addresses: an owner writes that of an organisation, and an award can need both sides'."""

from typing import Any

import pytest

from microintern.domain.accounts import Profile
from microintern.domain.organisations import MemberRole, Membership, Organisation
from microintern.domain.states import Role
from microintern.domain.trail import Event
from microintern.ports.conditions import EmployerAddressMissing, Needs, StaleDocument, StudentAddressMissing
from microintern.ports.organisations import NotOwner
from tests.contract import examples
from tests.contract.conftest import Stores
from tests.contract.examples import EMPLOYER, NOW, STUDENT

OWNER, MEMBER = "account-owner-1", "account-member-1"
NEEDS = Needs(addressed=(STUDENT, EMPLOYER))


@pytest.fixture
def organisation(stores: Stores) -> Organisation:
    """Founded by its owner."""
    event = Event(type="member.joined", at=NOW, role=Role.EMPLOYER, actor_id=OWNER)
    of: dict[str, Any] = {"organisation_id": EMPLOYER, "since": NOW}
    owner = Membership(account_id=OWNER, role=MemberRole.OWNER, event=event, **of)
    founded = Organisation(name="Acme", founded_by=OWNER, founded_at=NOW, body="body", **of)
    assert stores.organisations.found(founded, owner) is None
    return founded


def addressed(organisation: Organisation, version: int = 2) -> Organisation:
    event = Event(type="organisation.address_saved", at=NOW, role=Role.EMPLOYER, actor_id=OWNER)
    changes = {"mailing_address": "1 Main St", "version": version, "event": event, "done": ["key body"]}
    return organisation.model_copy(update=changes)


def test_an_owner_writes_it_over_the_version_before(stores: Stores, organisation: Organisation) -> None:
    stores.organisations.save_address(addressed(organisation), OWNER)
    assert stores.organisations.read(EMPLOYER) == addressed(organisation)
    for version in (2, 4):
        with pytest.raises(StaleDocument):
            stores.organisations.save_address(addressed(organisation, version), OWNER)


def test_it_goes_with_the_only_member_and_what_the_last_step_was_stays(
    stores: Stores, organisation: Organisation
) -> None:
    stores.organisations.save_address(addressed(organisation), OWNER)
    owner = stores.organisations.membership(EMPLOYER, OWNER)
    assert owner
    stores.organisations.close(owner, owner.model_copy(update={"left_at": NOW, "version": owner.version + 1}))
    closed = stores.organisations.read(EMPLOYER)
    assert closed == addressed(organisation).model_copy(update={"mailing_address": None, "members": 0, "owners": 0})
    assert closed.entry == addressed(organisation).entry


def test_nobody_else_writes_it(stores: Stores, organisation: Organisation) -> None:
    with pytest.raises(NotOwner):
        stores.organisations.save_address(addressed(organisation), MEMBER)
    assert stores.organisations.read(EMPLOYER) == organisation


def test_a_brief_can_need_both_addresses(stores: Stores, organisation: Organisation) -> None:
    brief = examples.open_brief()
    stores.briefs.create(brief, examples.content())
    moved = examples.moved(brief, hours=7)
    for address, missing in ((None, StudentAddressMissing), ("7 Elm St", EmployerAddressMissing)):
        before = stores.accounts.profile(STUDENT)
        version = before.version + 1 if before else 1
        named = Profile(account_id=STUDENT, name="Amara", mailing_address=address, version=version)
        stores.accounts.save_profile(named)
        with pytest.raises(missing):
            stores.briefs.save(brief, moved, needs=NEEDS)
    stores.organisations.save_address(addressed(organisation), OWNER)
    stores.briefs.save(brief, moved, needs=NEEDS)


def test_without_a_profile_there_is_no_address(stores: Stores, organisation: Organisation) -> None:
    brief = examples.open_brief()
    stores.briefs.create(brief, examples.content())
    stores.organisations.save_address(addressed(organisation), OWNER)
    with pytest.raises(StudentAddressMissing):
        stores.briefs.save(brief, examples.moved(brief, hours=7), needs=NEEDS)

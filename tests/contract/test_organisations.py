"""The Organisations port, and what rests on it: standings, and the needs of briefs."""

from datetime import timedelta
from typing import Any

import pytest

from microintern.domain.organisations import Invitation, MemberRole, Membership, Organisation, OrganisationState
from microintern.domain.standing import Standing, StandingState
from microintern.domain.states import Role, State
from microintern.domain.trail import Event
from microintern.ports.conditions import Needs, OrganisationNotApproved, SelfDealing, StaleDocument, StudentNotActive
from microintern.ports.organisations import BelongsAlready, Full, LastOwner, NotOwner, Organisations
from tests.contract import examples
from tests.contract.conftest import Stores
from tests.contract.examples import EMPLOYER, NOW, STUDENT

ACME, OTHER, NEW = "acme-000001", "other-00001", "new-0000001"
COLLEAGUE = "colleague-0001"
MOST = 3


def an_organisation(organisation_id: str = ACME, **changes: Any) -> Organisation:
    fields = {"organisation_id": organisation_id, "name": "Acme", "since": NOW, "founded_at": NOW}
    return Organisation.model_validate({**fields, "founded_by": EMPLOYER, "body": "body", **changes})


def a_member(account_id: str = EMPLOYER, role: MemberRole = MemberRole.OWNER, **changes: Any) -> Membership:
    fields = {"organisation_id": ACME, "account_id": account_id, "role": role, "since": NOW}
    return Membership.model_validate({**fields, **changes})


def an_invitation(number: int = 1, **changes: Any) -> Invitation:
    fields = {
        "organisation_id": ACME,
        "invitation_id": f"invitation-{number:04d}",
        "role": MemberRole.MEMBER,
        "code_hash": "hash",
        "body": "body",
        "invited_by": EMPLOYER,
        "invited_at": NOW,
        "expires_at": NOW + timedelta(days=7),
    }
    return Invitation.model_validate({**fields, **changes})


def accepted(invitation: Invitation, by: str = COLLEAGUE) -> Invitation:
    return invitation.model_copy(update={"accepted_by": by, "accepted_at": NOW})


def join(organisations: Organisations, account_id: str = COLLEAGUE, number: int = 1, **changes: Any) -> Membership:
    organisations.invite(an_invitation(number))
    member = a_member(account_id, MemberRole.MEMBER, **changes)
    organisations.join(accepted(an_invitation(number), account_id), member, MOST)
    return member


def left(member: Membership, days: int = 1) -> Membership:
    return member.model_copy(update={"left_at": NOW + timedelta(days=days), "version": member.version + 1})


@pytest.fixture(autouse=True)
def _founded(organisations: Organisations) -> None:
    assert organisations.found(an_organisation(), a_member()) is None


def belongs(stores: Stores, account_id: str) -> tuple[str | None, MemberRole | None]:
    standing = stores.standings.read(account_id)
    return standing.organisation_id, standing.member_role


def test_an_organisation_is_founded_once_by_somebody_who_belongs_to_none(stores: Stores) -> None:
    organisations = stores.organisations
    assert organisations.read(ACME) == an_organisation()
    assert belongs(stores, EMPLOYER) == (ACME, MemberRole.OWNER)
    assert organisations.found(an_organisation(name="Another"), a_member()) == an_organisation()
    with pytest.raises(BelongsAlready):
        organisations.found(an_organisation(OTHER), a_member(organisation_id=OTHER))
    assert organisations.read(OTHER) is None
    assert organisations.members(ACME) == [a_member()]
    assert organisations.membership(ACME, "nobody-0001") is None


def test_a_decision_is_written_over_its_version_before_only_and_listed(organisations: Organisations) -> None:
    approved = an_organisation(state=OrganisationState.APPROVED, reason="Fine.", version=2)
    assert organisations.in_state(OrganisationState.WAITING, 5).items == [an_organisation()]
    organisations.decide(approved)
    for late in (approved, approved.model_copy(update={"version": 4})):
        with pytest.raises(StaleDocument):
            organisations.decide(late)
    assert organisations.read(ACME) == approved
    assert organisations.in_state(OrganisationState.WAITING, 5).items == []
    assert organisations.in_state(OrganisationState.APPROVED, 5).items == [approved]
    with pytest.raises(StaleDocument):
        organisations.decide(an_organisation("nowhere-001", version=2))


def test_organisations_in_a_state_page_the_longest_first(organisations: Organisations) -> None:
    for number in (3, 1, 2):
        since = NOW + timedelta(hours=number)
        founder = a_member(f"founder-{number:04d}", organisation_id=f"more-{number:05d}")
        organisations.found(an_organisation(f"more-{number:05d}", since=since), founder)
    first = organisations.in_state(OrganisationState.WAITING, 3)
    assert [found.organisation_id for found in first.items] == [ACME, "more-00001", "more-00002"]
    last = organisations.in_state(OrganisationState.WAITING, 3, first.next)
    assert ([found.organisation_id for found in last.items], last.next) == (["more-00003"], None)


def test_a_decision_leaves_the_members_alone_and_they_it(organisations: Organisations) -> None:
    join(organisations)
    organisations.decide(an_organisation(state=OrganisationState.APPROVED, version=2))
    found = organisations.read(ACME)
    assert found is not None
    assert (found.members, found.owners, found.state) == (2, 1, OrganisationState.APPROVED)


def test_an_invitation_is_accepted_once_by_whoever_belongs_to_none(stores: Stores) -> None:
    organisations = stores.organisations
    member = join(organisations)
    assert belongs(stores, COLLEAGUE) == (ACME, MemberRole.MEMBER)
    assert organisations.members(ACME) == [member, a_member()]
    invitation, found = organisations.invitation(ACME, "invitation-0001", COLLEAGUE)
    assert (invitation, found) == (accepted(an_invitation()), member)
    assert organisations.invitations(ACME) == [invitation]
    with pytest.raises(StaleDocument):
        organisations.join(accepted(an_invitation()), a_member("third-0001", MemberRole.MEMBER), MOST)
    organisations.invite(an_invitation(2))
    with pytest.raises(BelongsAlready):
        organisations.join(accepted(an_invitation(2)), member, MOST)
    assert organisations.invitation(ACME, "invitation-0404", "nobody-0001") == (None, None)


def test_an_organisation_has_so_many_members_and_no_more(organisations: Organisations) -> None:
    for number in (1, 2):
        join(organisations, f"colleague-{number:04d}", number)
    with pytest.raises(Full):
        join(organisations, "colleague-0003", 3)
    assert len(organisations.members(ACME)) == MOST


def test_only_an_owner_invites_and_revokes_and_only_what_is_not_used(organisations: Organisations) -> None:
    with pytest.raises(NotOwner):
        organisations.invite(an_invitation(invited_by=STUDENT))
    join(organisations)
    with pytest.raises(NotOwner):
        organisations.invite(an_invitation(2, invited_by=COLLEAGUE))
    with pytest.raises(StaleDocument):
        organisations.invite(an_invitation(code_hash="another", version=2))
    organisations.invite(an_invitation(2))
    with pytest.raises(StaleDocument):
        organisations.invite(an_invitation(2))
    organisations.invite(an_invitation(2, code_hash="another", version=2))
    with pytest.raises(StaleDocument):
        organisations.join(accepted(an_invitation(2)), a_member("third-0001", MemberRole.MEMBER), MOST)
    with pytest.raises(StaleDocument):
        organisations.revoke(an_invitation(2, revoked_at=NOW, version=2), EMPLOYER)
    revoked = an_invitation(2, code_hash="another", revoked_at=NOW, version=3)
    with pytest.raises(NotOwner):
        organisations.revoke(revoked, COLLEAGUE)
    organisations.revoke(revoked, EMPLOYER)
    for used in (revoked, *(an_invitation(number, revoked_at=NOW, version=2) for number in (1, 404))):
        with pytest.raises(StaleDocument):
            organisations.revoke(used, EMPLOYER)
    with pytest.raises(StaleDocument):
        organisations.join(accepted(revoked), a_member("third-0001", MemberRole.MEMBER), MOST)
    for late in (an_invitation(2, version=3), an_invitation(2)):
        with pytest.raises(StaleDocument):
            organisations.invite(late)
    assert organisations.invitation(ACME, "invitation-0002", STUDENT) == (revoked, None)


def test_whoever_leaves_belongs_no_more_and_it_is_remembered_and_can_come_back(stores: Stores) -> None:
    organisations = stores.organisations
    member = join(organisations)
    organisations.leave(member, left(member), COLLEAGUE)
    assert belongs(stores, COLLEAGUE) == (None, None)
    assert organisations.members(ACME) == [a_member()]
    assert organisations.membership(ACME, COLLEAGUE) == left(member)
    standing = stores.standings.read(COLLEAGUE)
    assert standing.ties(NOW) == {ACME}
    assert standing.ties(NOW + timedelta(days=2)) == set()
    with pytest.raises(StaleDocument):
        organisations.leave(member, left(member), COLLEAGUE)
    join(organisations, number=2, version=3)
    assert belongs(stores, COLLEAGUE) == (ACME, MemberRole.MEMBER)
    found = organisations.read(ACME)
    assert found is not None
    assert (found.members, found.owners) == (2, 1)


def test_whoever_comes_back_does_so_over_the_membership_that_ended_only(organisations: Organisations) -> None:
    member = join(organisations)
    organisations.leave(member, left(member), COLLEAGUE)
    organisations.invite(an_invitation(2))
    for version in (1, 5):
        back = a_member(COLLEAGUE, MemberRole.MEMBER, version=version)
        with pytest.raises(StaleDocument):
            organisations.join(accepted(an_invitation(2)), back, MOST)
    with pytest.raises(StaleDocument):
        join(organisations, "third-0001", 3, version=2)
    assert organisations.members(ACME) == [a_member()]


def test_a_membership_that_ended_does_not_end_once_more(stores: Stores) -> None:
    organisations = stores.organisations
    member = join(organisations)
    organisations.leave(member, left(member), COLLEAGUE)
    with pytest.raises(StaleDocument):
        organisations.leave(left(member), left(left(member)), COLLEAGUE)
    found = organisations.read(ACME)
    assert found is not None
    assert found.members == 1


def test_the_last_member_closes_the_membership_as_it_was_read_only(stores: Stores) -> None:
    organisations = stores.organisations
    stale = a_member(version=2)
    with pytest.raises(StaleDocument):
        organisations.close(stale, left(stale))
    assert belongs(stores, EMPLOYER) == (ACME, MemberRole.OWNER)
    organisations.close(a_member(), left(a_member()))
    assert belongs(stores, EMPLOYER) == (None, None)


def test_somebody_else_is_removed_and_appointed_by_owners_only(stores: Stores) -> None:
    organisations = stores.organisations
    member = join(organisations)
    owner = member.model_copy(update={"role": MemberRole.OWNER, "version": 2})
    for by in (STUDENT, "third-0001"):
        with pytest.raises(NotOwner):
            organisations.leave(member, left(member), by)
        with pytest.raises(NotOwner):
            organisations.appoint(member, owner, by)
    organisations.appoint(member, owner, EMPLOYER)
    assert belongs(stores, COLLEAGUE) == (ACME, MemberRole.OWNER)
    with pytest.raises(StaleDocument):
        organisations.appoint(member, owner, EMPLOYER)
    organisations.leave(a_member(), left(a_member()), COLLEAGUE)
    assert organisations.members(ACME) == [owner]
    with pytest.raises(NotOwner):
        organisations.leave(owner, left(owner), EMPLOYER)


def test_an_organisation_keeps_an_owner(organisations: Organisations) -> None:
    join(organisations)
    as_member = a_member(role=MemberRole.MEMBER, version=2)
    with pytest.raises(LastOwner):
        organisations.leave(a_member(), left(a_member()), EMPLOYER)
    with pytest.raises(LastOwner):
        organisations.appoint(a_member(), as_member, EMPLOYER)
    found = organisations.read(ACME)
    assert found is not None
    assert (found.members, found.owners) == (2, 1)


def test_somebody_who_left_cannot_be_appointed(stores: Stores) -> None:
    organisations = stores.organisations
    member = join(organisations)
    gone = left(member)
    organisations.leave(member, gone, COLLEAGUE)
    back = gone.model_copy(update={"version": 3, "role": MemberRole.OWNER})
    with pytest.raises(StaleDocument):
        organisations.appoint(gone, back, EMPLOYER)


class TestNeeds:
    def test_an_organisation_that_is_not_approved_keeps_a_brief_from_moving(self, stores: Stores) -> None:
        brief, needs = examples.brief(), Needs(approved=ACME)
        stores.briefs.create(brief, examples.content())
        after = examples.moved(brief)
        for needed in (needs, Needs(approved="nowhere-001")):
            with pytest.raises(OrganisationNotApproved):
                stores.briefs.save(brief, after, needs=needed)
        stores.organisations.decide(an_organisation(state=OrganisationState.APPROVED, version=2))
        stores.briefs.save(brief, after, needs=needs)
        stores.organisations.decide(an_organisation(state=OrganisationState.SUSPENDED, version=3))
        with pytest.raises(OrganisationNotApproved):
            stores.briefs.save(after, examples.moved(after), needs=needs)

    def test_whoever_is_suspended_is_awarded_nothing(self, stores: Stores) -> None:
        brief, needs = examples.open_brief(), Needs(payee=STUDENT)
        stores.briefs.create(brief, examples.content())
        stores.accounts.save_payout_account(examples.payout_account())
        after = examples.moved(brief, state=State.AWARDED)
        suspended = Standing(account_id=STUDENT, state=StandingState.SUSPENDED, since=NOW, version=1)
        stores.standings.save(suspended)
        with pytest.raises(StudentNotActive):
            stores.briefs.save(brief, after, needs=needs)
        stores.standings.save(Standing(account_id=STUDENT, since=NOW, version=2))
        stores.briefs.save(brief, after, needs=needs)

    def test_nobody_is_awarded_a_brief_of_the_organisation_that_they_belong_or_lately_belonged_to(
        self, stores: Stores
    ) -> None:
        brief = examples.open_brief()
        stores.briefs.create(brief, examples.content())
        stores.accounts.save_payout_account(examples.payout_account())
        after = examples.moved(brief, state=State.AWARDED)
        member = join(stores.organisations, STUDENT)
        needs = Needs(payee=STUDENT, stranger_to=ACME, stranger_since=NOW)
        with pytest.raises(SelfDealing):
            stores.briefs.save(brief, after, needs=needs)
        stores.organisations.leave(member, left(member), STUDENT)
        with pytest.raises(SelfDealing):
            stores.briefs.save(brief, after, needs=needs)
        elsewhere = needs.model_copy(update={"stranger_to": OTHER})
        stores.briefs.save(brief, after, needs=elsewhere)
        later = needs.model_copy(update={"stranger_since": NOW + timedelta(days=2)})
        stores.briefs.save(after, examples.moved(after), needs=later)


def test_what_is_tracked_of_an_organisation_is_at_its_steps(stores: Stores) -> None:
    founded = Event(type="organisation.founded", at=NOW, role=Role.EMPLOYER, actor_id=EMPLOYER)
    joined = Event(type="member.joined", at=NOW, role=Role.EMPLOYER, actor_id=EMPLOYER)
    first = an_organisation(NEW, event=founded)
    stores.organisations.found(first, a_member(COLLEAGUE, organisation_id=NEW, event=joined))
    assert [(step.subject, step.event) for step in stores.accounts.steps(NEW)] == [
        (f"member#{COLLEAGUE}", joined),
        ("organisation", founded),
    ]
    decided = Event(type="organisation.approved", at=NOW, role=Role.OPERATOR, actor_id="operator-0001")
    stores.organisations.decide(an_organisation(NEW, state=OrganisationState.APPROVED, version=2, event=decided))
    assert [(step.version, step.event) for step in stores.accounts.steps(NEW)] == [(1, joined), (2, decided)]

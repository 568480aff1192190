"""Founding, inviting, joining, leaving; what members may; what operators decide; and nobody on both sides."""

import itertools
from datetime import timedelta
from typing import Any

import pytest

from microintern.app import browsing
from microintern.app import organisations as app
from microintern.app.requests import (
    AcceptanceRequest,
    InvitationRequest,
    MemberRequest,
    OrganisationDecisionRequest,
    OrganisationRequest,
)
from microintern.app.views.organisations import IssuedInvitation
from microintern.domain.brief import Command
from microintern.domain.organisations import MemberRole, Membership, Organisation, OrganisationState
from microintern.domain.problems import Conflict, Forbidden, NotFound, Problem
from microintern.domain.standing import Standing, StandingState
from microintern.domain.states import Role, State
from microintern.domain.trail import Entry, verify
from tests.unit.app.world import World, a_world_in, stranger
from tests.unit.builders import EMPLOYER, ORGANISATION, POLICY, command, employer, operator, student

COLLEAGUE = "colleague-00001"
OWNER = InvitationRequest(role=MemberRole.OWNER)


class Office:
    """An organisation that is approved, with one owner; and those who come and go."""

    def __init__(self, world: World | None = None) -> None:
        self.world = world or World()
        self.organisations, self.clock = self.world.organisations, self.world.clock
        self.numbers = itertools.count(1)

    def by(self, account_id: str, role: Role = Role.EMPLOYER, **given: Any) -> Command:
        """Somebody, with what the gate knows of them."""
        standing = self.world.standings.read(account_id)
        since = self.clock.now() - timedelta(seconds=POLICY.self_dealing_window_s)
        known = {"organisation_id": standing.organisation_id, "ties": frozenset(standing.ties(since))}
        return command(role, account_id, **given).model_copy(
            update=known if role is Role.EMPLOYER else {"ties": known["ties"]}
        )

    def found(self, by: Command, name: str = "Other") -> Organisation:
        request = OrganisationRequest(name=name)
        return app.found(by, request, organisations=self.organisations, clock=self.clock)

    def invite(self, by: Command | None = None, request: InvitationRequest | None = None) -> IssuedInvitation:
        ports: dict[str, Any] = {"organisations": self.organisations, "clock": self.clock, "policy": POLICY}
        request = request or InvitationRequest()
        return app.invite(by or self.by(EMPLOYER), ORGANISATION, request, codes=self.a_secret, **ports)

    def a_secret(self) -> str:
        return f"a-secret-that-is-long-{next(self.numbers):04d}"

    def accept(self, code: str, by: Command | None = None) -> Membership:
        ports: dict[str, Any] = {"organisations": self.organisations, "clock": self.clock, "policy": POLICY}
        return app.accept(by or self.by(COLLEAGUE), AcceptanceRequest(code=code), **ports)

    def join(self, account_id: str = COLLEAGUE, request: InvitationRequest | None = None) -> Command:
        """Somebody is invited and accepts."""
        self.accept(self.invite(request=request).code, self.by(account_id))
        return self.by(account_id)

    def leave(self, by: Command, account_id: str) -> Membership:
        return app.leave(by, ORGANISATION, account_id, organisations=self.organisations, clock=self.clock)

    def appoint(self, by: Command, account_id: str, role: MemberRole = MemberRole.OWNER) -> Membership:
        request = MemberRequest(role=role)
        return app.appoint(by, ORGANISATION, account_id, request, organisations=self.organisations, clock=self.clock)

    def decide(self, state: Any, by: Command | None = None) -> Organisation:
        request = OrganisationDecisionRequest(state=state, reason="We looked.")
        ports: dict[str, Any] = {"organisations": self.organisations, "clock": self.clock}
        return app.decide(by or operator(), ORGANISATION, request, **ports)


def refusal(call: Any, *given: Any, **named: Any) -> str:
    """The code with which a call is refused."""
    with pytest.raises(Problem) as refused:
        call(*given, **named)
    return refused.value.code


def test_whoever_founds_an_organisation_owns_it_and_waits_for_an_operator() -> None:
    office = Office()
    by = office.by(COLLEAGUE, key="found-key")
    founded = office.found(by)
    assert (founded.state, founded.owners, founded.members) == (OrganisationState.WAITING, 1, 1)
    assert office.found(by) == founded
    assert office.by(COLLEAGUE).organisation_id == founded.organisation_id
    assert refusal(office.found, office.by(COLLEAGUE)) == "belongs_already"
    assert refusal(office.found, office.by(COLLEAGUE, key="found-key", body="other")) == "idempotency_key_reused"
    waiting = app.in_state(operator(), OrganisationState.WAITING, 5, None, organisations=office.organisations)
    assert [found.organisation_id for found in waiting.items] == [founded.organisation_id]


def test_a_brief_is_funded_only_while_its_organisation_is_approved() -> None:
    world = World()
    office = Office(world)
    world.post()
    for state in ("rejected", "suspended"):
        office.decide(state)
        kept = world.kept()
        assert refusal(world.ask_for_funding) == "organisation_not_approved"
        assert world.kept() == kept
    office.decide("approved")
    world.ask_for_funding()
    office.decide("suspended")
    world.money_moves()
    assert world.brief.state is State.OPEN, "what was asked for in time goes on"


def test_without_an_organisation_nothing_is_posted_and_the_way_to_one_is_told() -> None:
    world = World()
    with pytest.raises(Conflict, match="create one, or accept an invitation") as refused:
        world.post(employer().model_copy(update={"organisation_id": None}))
    assert refused.value.code == "no_organisation"


def test_a_decision_can_be_repeated_and_is_for_operators() -> None:
    office = Office()
    first = office.decide("suspended", operator(key="the-key"))
    assert office.decide("suspended", operator(key="the-key")) == first
    assert (first.state, first.reason) == (OrganisationState.SUSPENDED, "We looked.")
    for role in (Role.STUDENT, Role.EMPLOYER, Role.EDUCATOR):
        with pytest.raises(Forbidden):
            office.decide("approved", stranger(role))
        with pytest.raises(Forbidden):
            app.in_state(stranger(role), OrganisationState.WAITING, 5, None, organisations=office.organisations)
    request = OrganisationDecisionRequest(state="approved", reason="We looked.")
    ports: dict[str, Any] = {"organisations": office.organisations, "clock": office.clock}
    assert refusal(app.decide, operator(), "nowhere-00001", request, **ports) == "not_found"


def test_a_code_lets_one_person_in_and_is_nowhere_kept() -> None:
    office = Office()
    issued = office.invite()
    assert issued.code not in repr(vars(office.organisations))
    assert issued.code.rpartition(".")[2] not in repr(vars(office.organisations))
    by = office.by(COLLEAGUE, key="join-key")
    member = office.accept(issued.code, by)
    assert office.accept(issued.code, by) == member
    assert (member.role, member.account_id) == (MemberRole.MEMBER, COLLEAGUE)
    assert refusal(office.accept, issued.code, office.by("somebody-else-1")) == "invitation_over"
    assert refusal(office.accept, office.invite().code) == "belongs_already"


def test_an_invitation_that_is_asked_for_again_has_a_new_code_and_the_old_one_is_good_for_nothing() -> None:
    office = Office()
    by = office.by(EMPLOYER, key="invite-key")
    first, second = office.invite(by), office.invite(by)
    assert first.invitation.invitation_id == second.invitation.invitation_id
    assert refusal(office.accept, first.code) == "unknown_code"
    office.accept(second.code)
    assert refusal(office.invite, by) == "invitation_over"
    steps = [entry for entry in office.world.accounts.steps(ORGANISATION) if entry.subject.startswith("invitation")]
    assert [(step.event.type, step.version, step.event.previous is None) for step in steps] == [
        ("invitation.issued", 2, False)
    ]
    other = office.by(EMPLOYER, key="invite-key", body="another")
    assert refusal(office.invite, other) == "idempotency_key_reused"


def test_a_code_is_good_for_so_long_and_until_it_is_revoked() -> None:
    office = Office()
    ports: dict[str, Any] = {"organisations": office.organisations, "clock": office.clock}
    issued = office.invite()
    where = (ORGANISATION, issued.invitation.invitation_id)
    revoked = app.revoke(office.by(EMPLOYER), *where, **ports)
    assert app.revoke(office.by(EMPLOYER), *where, **ports) == revoked
    assert refusal(office.accept, issued.code) == "invitation_over"
    old = office.invite()
    office.clock.forward(seconds=POLICY.invitation_window_s)
    assert refusal(office.accept, old.code) == "invitation_over"
    assert refusal(app.revoke, office.by(EMPLOYER), ORGANISATION, "nowhere-00001", **ports) == "not_found"
    made_up = f"{ORGANISATION}.nowhere-00001.a-secret-that-is-long-0001"
    assert refusal(office.accept, made_up) == "unknown_code"
    assert refusal(office.accept, office.invite().code, student()) == "wrong_role"


def test_every_member_is_on_the_employers_side_and_a_former_one_is_not() -> None:
    world = a_world_in(State.SUBMITTED)
    office = Office(world)
    colleague = office.join()
    ports: dict[str, Any] = {
        "briefs": world.briefs,
        "organisations": world.organisations,
        "students": world.students,
        "clock": world.clock,
    }
    seen = browsing.read(colleague, world.brief_id, **ports)
    assert (seen.progress is not None, seen.employer.name) == (True, "Acme and Sons")
    listed = browsing.mine(colleague, 5, None, briefs=world.briefs)
    assert [item.brief_id for item in listed.items] == [world.brief_id]
    world.request_changes(colleague)
    assert (world.brief.event.actor_id, world.brief.event.role) == (COLLEAGUE, Role.EMPLOYER)
    office.leave(colleague, COLLEAGUE)
    gone = office.by(COLLEAGUE)
    with pytest.raises(NotFound):
        browsing.read(gone, world.brief_id, **ports)
    assert browsing.mine(gone, 5, None, briefs=world.briefs).items == []
    with pytest.raises(NotFound):
        world.cancel(gone)


def test_members_are_all_told() -> None:
    world = a_world_in(State.OPEN)
    office = Office(world)
    colleague = office.join()
    office.leave(office.join("left-again-0001"), "left-again-0001")
    world.stream_delivers()
    world.events_arrive()
    told = {by: len(world.accounts.notices(by, 9).items) for by in (EMPLOYER, colleague.actor_id, "left-again-0001")}
    assert told == {EMPLOYER: 1, COLLEAGUE: 1, "left-again-0001": 0}


def test_nobody_from_outside_sees_or_changes_anything() -> None:
    office = Office()
    office.join()
    outsider, ports = stranger(Role.EMPLOYER), {"organisations": office.organisations}
    issued = office.invite()
    timed: dict[str, Any] = {**ports, "clock": office.clock}
    seen = (
        lambda by: app.read(by, ORGANISATION, **ports),
        lambda by: app.members(by, ORGANISATION, accounts=office.world.accounts, **ports),
        lambda by: app.invitations(by, ORGANISATION, **ports),
        lambda by: app.revoke(by, ORGANISATION, issued.invitation.invitation_id, **timed),
        office.invite,
        lambda by: office.leave(by, COLLEAGUE),
        lambda by: office.appoint(by, COLLEAGUE),
    )
    for look in seen:
        assert refusal(look, outsider) == "not_found"
        assert refusal(look, student()) == "wrong_role"
    assert refusal(office.leave, outsider, outsider.actor_id) == "not_found"
    for look in seen[:2]:
        look(operator())
        look(office.by(COLLEAGUE))


def test_members_see_each_other_and_open_invitations_without_codes() -> None:
    office = Office()
    office.join()
    issued = office.invite()
    by, ports = office.by(COLLEAGUE), {"organisations": office.organisations}
    shown = app.members(by, ORGANISATION, accounts=office.world.accounts, **ports)
    assert {member.account_id: member.role for member in shown.items} == {
        EMPLOYER: MemberRole.OWNER,
        COLLEAGUE: MemberRole.MEMBER,
    }
    listed = app.invitations(by, ORGANISATION, **ports)
    assert len(listed.items) == 2
    assert issued.code not in listed.model_dump_json()
    nowhere = operator()
    assert refusal(app.members, nowhere, "nowhere-00001", accounts=office.world.accounts, **ports) == "not_found"
    assert refusal(app.read, nowhere, "nowhere-00001", **ports) == "not_found"


def test_only_owners_invite_remove_and_appoint() -> None:
    office = Office()
    colleague = office.join()
    issued = office.invite()
    timed: dict[str, Any] = {"organisations": office.organisations, "clock": office.clock}
    assert refusal(office.invite, colleague) == "not_an_owner"
    assert refusal(office.leave, colleague, EMPLOYER) == "not_an_owner"
    assert refusal(office.appoint, colleague, EMPLOYER) == "not_an_owner"
    assert refusal(office.appoint, colleague, COLLEAGUE) == "not_an_owner"
    revoking = (colleague, ORGANISATION, issued.invitation.invitation_id)
    assert refusal(app.revoke, *revoking, **timed) == "not_an_owner"
    by = office.by(EMPLOYER, key="appoint-key")
    appointed = office.appoint(by, COLLEAGUE)
    assert office.appoint(by, COLLEAGUE) == appointed
    office.invite(colleague)
    removing = office.by(COLLEAGUE, key="remove-key")
    removed = office.leave(removing, EMPLOYER)
    assert office.leave(removing, EMPLOYER) == removed
    assert office.by(EMPLOYER).organisation_id is None
    assert refusal(office.invite, employer()) == "not_an_owner", "also while it is not yet known that one is gone"
    for again in (office.leave, office.appoint):
        assert refusal(again, office.by(COLLEAGUE), EMPLOYER) == "not_found"
        assert refusal(again, office.by(COLLEAGUE), "nobody-at-all") == "not_found"


def test_the_last_owner_stays() -> None:
    office = Office()
    office.join()
    by = office.by(EMPLOYER)
    assert refusal(office.leave, by, EMPLOYER) == "last_owner"
    assert refusal(office.appoint, by, EMPLOYER, MemberRole.MEMBER) == "last_owner"
    office.appoint(by, COLLEAGUE)
    office.leave(office.by(EMPLOYER), EMPLOYER)
    assert refusal(office.leave, office.by(COLLEAGUE), COLLEAGUE) == "last_owner"


def test_an_organisation_is_full_at_some_point() -> None:
    office = Office()
    for number in range(POLICY.most_members - 1):
        office.join(f"colleague-{number:05d}")
    assert refusal(office.join, "one-too-many-1") == "organisation_full"


def test_a_student_who_belongs_or_lately_belonged_to_the_organisation_neither_applies_nor_is_awarded() -> None:
    world = a_world_in(State.OPEN)
    office = Office(world)
    office.join()
    turned = office.by(COLLEAGUE, Role.STUDENT)
    assert refusal(world.apply, turned) == "self_dealing"
    office.leave(office.by(COLLEAGUE), COLLEAGUE)
    assert refusal(world.apply, office.by(COLLEAGUE, Role.STUDENT)) == "self_dealing"
    # What the gate remembers can be some seconds old; the award looks for itself.
    not_known_yet = command(Role.STUDENT, COLLEAGUE)
    world.be_payable(not_known_yet)
    world.apply(not_known_yet)
    kept = world.kept()
    assert refusal(world.award, student_id=COLLEAGUE) == "self_dealing"
    assert world.kept() == kept


def test_a_suspended_student_is_awarded_nothing() -> None:
    world = a_world_in(State.OPEN)
    world.be_payable()
    world.apply()
    suspended = Standing(account_id=student().actor_id, state=StandingState.SUSPENDED, reason="Spam.", version=1)
    world.standings.save(suspended)
    assert refusal(world.award) == "student_not_active"


def test_a_name_is_one_line_without_tricks() -> None:
    for name in ("Acme\u202eSons", "Acme\nSons", "<b>Acme</b>", "Acme\x00", " "):
        with pytest.raises(ValueError, match="name"):
            OrganisationRequest(name=name)
    assert OrganisationRequest(name="Caf\u0065\u0301").name == "Caf\u00e9"


def test_of_two_who_are_first_one_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office()
    office.join()
    really = office.organisations.leave

    def overtaken(before: Membership, after: Membership, by: str) -> None:
        monkeypatch.setattr(office.organisations, "leave", really)
        office.leave(office.by(COLLEAGUE), COLLEAGUE)
        really(before, after, by)

    monkeypatch.setattr(office.organisations, "leave", overtaken)
    assert refusal(office.leave, office.by(EMPLOYER), COLLEAGUE) == "changed_meanwhile"


def test_a_code_that_is_no_code_is_malformed() -> None:
    for code in ("", "a.b.c", f"{ORGANISATION}.invitation-1", "x" * 300):
        with pytest.raises(ValueError, match="code"):
            AcceptanceRequest(code=code)


def test_what_is_done_to_an_organisation_and_its_members_is_a_chain_of_steps_without_words() -> None:
    office = Office()
    entries: list[Entry] = []
    founded = office.found(office.by("founder-000001")).organisation_id

    def keep() -> list[Entry]:
        scopes = [*office.organisations.tracked(ORGANISATION), *office.organisations.tracked(founded)]
        found = [tracked.entry for tracked in scopes if tracked.entry]
        entries.extend(entry for entry in found if entry not in entries)
        return found

    keep()
    request = OrganisationDecisionRequest(state="approved", reason="We looked.")
    app.decide(operator(), founded, request, organisations=office.organisations, clock=office.clock)
    by = office.join()
    keep()
    office.appoint(office.by(EMPLOYER), COLLEAGUE)
    keep()
    office.leave(by, COLLEAGUE)
    heads = keep()
    for scope, told in {
        ORGANISATION: [
            "invitation.issued",
            "member.joined",
            "member.joined",
            "member.appointed",
            "member.left",
            "organisation.founded",
        ],
        founded: ["member.joined", "organisation.founded", "organisation.approved"],
    }.items():
        own = sorted((e for e in entries if e.scope == scope), key=lambda entry: (entry.subject, entry.version))
        now_at = [head for head in heads if head.scope == scope]
        assert [entry.event.type for entry in own] == told
        assert verify(scope, own, now_at, office.clock.now()).broken is None
        followed = next(one for one, next_one in itertools.pairwise(own) if one.subject == next_one.subject)
        without = [entry for entry in own if entry is not followed]
        assert verify(scope, without, now_at, office.clock.now()).broken
    assert "We looked" not in str(entries)

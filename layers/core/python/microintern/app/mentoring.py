"""A brief's contact at the employer: named by any member, shown to who was awarded the brief."""

from microintern.app.commands import load, require_role, require_side
from microintern.app.requests import MentorRequest
from microintern.app.views.messages import MentorNamed, MentorView
from microintern.app.views.parts import Person
from microintern.domain.brief import Command, key_reused
from microintern.domain.mentors import Mentor, check_not_over
from microintern.domain.problems import Conflict, Invalid
from microintern.domain.states import Role
from microintern.ports.accounts import Accounts
from microintern.ports.briefs import Briefs
from microintern.ports.clock import Clock
from microintern.ports.conditions import Needs, NotMember, StaleDocument
from microintern.ports.organisations import Organisations


def name(by: Command, brief_id: str, request: MentorRequest, *, briefs: Briefs, clock: Clock) -> MentorNamed:
    """Name a member of the organisation, oneself or another, in the place of who was named before."""
    require_role(by, Role.EMPLOYER)
    snapshot = load(briefs, brief_id, Mentor.key_of)
    brief, before = snapshot.brief, snapshot.find(Mentor, Mentor.key_of)
    require_side(brief, by, Role.EMPLOYER)
    if before and _repeated(before, by):
        return MentorNamed.of(before)
    check_not_over(brief)
    now = clock.now()
    mentor = Mentor(
        brief_id=brief_id,
        employer_id=brief.employer_id,
        student_id=brief.student_id,
        account_id=request.account_id,
        named_at=now,
        version=before.version + 1 if before else 1,
        event=by.did("mentor.named", now, (before or brief).entry, {"account_id": request.account_id}),
        done={**(before.done if before else {}), by.key: by.body},
    )
    return MentorNamed.of(_write(mentor, by, briefs))


def _write(mentor: Mentor, by: Command, briefs: Briefs) -> Mentor:
    needs = Needs(member=mentor.account_id, member_of=mentor.employer_id)
    try:
        briefs.replace(mentor, needs=needs)
    except NotMember as stranger:
        detail = "This account does not belong to your organisation; name one of its members."
        raise Invalid.field("not_a_member", "/account_id", detail) from stranger
    except StaleDocument as stale:
        meanwhile = load(briefs, mentor.brief_id, Mentor.key_of).find(Mentor, Mentor.key_of)
        if meanwhile and _repeated(meanwhile, by):
            return meanwhile
        raise Conflict("changed_meanwhile", "Another member named somebody at this moment; read it again.") from stale
    return mentor


def _repeated(mentor: Mentor, by: Command) -> bool:
    if by.key not in mentor.done:
        return False
    if mentor.done[by.key] != by.body:
        raise key_reused()
    return True


def read(by: Command, brief_id: str, *, briefs: Briefs, organisations: Organisations, accounts: Accounts) -> MentorView:
    """Who is named, for both sides; whoever does not belong to the organisation any more is nobody's contact."""
    snapshot = load(briefs, brief_id, Mentor.key_of)
    require_side(snapshot.brief, by, Role.EMPLOYER, Role.STUDENT)
    mentor = snapshot.find(Mentor, Mentor.key_of)
    if mentor is None:
        return MentorView(mentor=None, has_left=False)
    member = organisations.membership(mentor.employer_id, mentor.account_id)
    if member is None or member.left_at is not None:
        return MentorView(mentor=None, has_left=True)
    person = Person.of(mentor.account_id, accounts.profile(mentor.account_id))
    return MentorView(mentor=person, has_left=False)

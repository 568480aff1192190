"""What both sides accept of a brief, and the paper that is made of it once it is awarded."""

from collections.abc import Callable
from datetime import datetime

from microintern.app.commands import load, require_side
from microintern.app.views.agreements import AgreementView, ContractView
from microintern.domain.agreements import Agreed, Agreement, Party
from microintern.domain.amendments import Amendments
from microintern.domain.audit import Finding, entry
from microintern.domain.base import iso
from microintern.domain.brief import Command
from microintern.domain.documents import Application, Content
from microintern.domain.events import CloudEvent
from microintern.domain.policy import Policy
from microintern.domain.problems import NotFound, no_such
from microintern.domain.states import Role, State
from microintern.ports.accounts import Accounts
from microintern.ports.agreements import Papers
from microintern.ports.briefs import Briefs
from microintern.ports.clock import Clock
from microintern.ports.organisations import Organisations
from microintern.ports.trail import Audit

Draw = Callable[[Agreement], bytes]
"""Makes a PDF of an agreement, the same bytes of the same agreement."""


def contract(by: Command, brief_id: str, *, briefs: Briefs, policy: Policy) -> ContractView:
    """What applying to a brief, or awarding it, accepts; for whoever can read the brief.

    Who has applied is shown what was accepted then, and so are the employer and operators once somebody is awarded it.
    """
    key = Application.key_for(brief_id, by.actor_id)
    snapshot = load(briefs, brief_id, Content.key_of, key)
    application = snapshot.find(Application, key)
    party = by.role is Role.OPERATOR or snapshot.brief.side_of(by) is not None
    if not (party or application or snapshot.brief.state is State.OPEN):
        raise no_such("brief")
    if party and snapshot.brief.application_id:
        key = Application.key_of(snapshot.brief.application_id)
        application = application or load(briefs, brief_id, key).find(Application, key)
    awarded = application and application.application_id == snapshot.brief.application_id
    agreed = application.agreed if application and (awarded or application.withdrawn_at is None) else None
    posting = snapshot.posting
    return ContractView.of(brief_id, agreed or Agreed.now(brief_id, posting, policy), posting)


def agreement(
    by: Command, brief_id: str, *, briefs: Briefs, papers: Papers, audit: Audit, clock: Clock, policy: Policy
) -> AgreementView:
    """The agreement of an award, for its two parties; while they dispute for operators too, which is written down."""
    brief = load(briefs, brief_id).brief
    judges = (Role.OPERATOR,) if brief.state is State.DISPUTED else ()
    require_side(brief, by, Role.EMPLOYER, Role.STUDENT, *judges)
    if brief.application_id is None:
        detail = "Nobody is awarded this brief; its contract can be read, and an agreement is made of it by an award."
        raise NotFound("not_awarded", detail)
    if by.role is Role.OPERATOR:
        now = clock.now()
        facts = {"brief_id": brief_id, "operator_id": by.actor_id, "read_at": iso(now)}
        reason = "An operator read the agreement of a disputed brief."
        audit.note(entry(Finding.EVIDENCE_READ, brief_id, reason, now, **facts))
    key = Application.key_of(brief.application_id)
    snapshot = load(briefs, brief_id, Content.key_of, key)
    application = snapshot.need(Application, key)
    found = papers.editions(brief_id, application.application_id)
    life_s = policy.download_url_s
    links = [(paper, papers.url(brief_id, application.application_id, paper.edition, life_s)) for paper in found]
    return AgreementView.of(application, snapshot.posting, links, life_s)


def write_down(
    event: CloudEvent,
    *,
    briefs: Briefs,
    accounts: Accounts,
    organisations: Organisations,
    papers: Papers,
    draw: Draw,
) -> int | None:
    """Keep the paper of an award or an amendment, once; which edition it is, or None when there is nothing to keep.

    Names and addresses are those that are known when it is made; whatever repeats, the first paper stays.
    """
    application_id = event.data.get("application_id") or load(briefs, event.subject).brief.application_id
    if application_id is None:
        return None
    key = Application.key_of(application_id)
    snapshot = load(briefs, event.subject, Content.key_of, key, Amendments.key_of)
    brief, application = snapshot.brief, snapshot.find(Application, key)
    if application is None or brief.application_id != application_id:
        return None  # given back since
    if application.awarded_at is None or event.time < application.awarded_at:
        return None  # of an award before the one that stands
    amendments = snapshot.find(Amendments, Amendments.key_of)
    agreed = amendments.agreed_under(brief.award) if amendments else []
    made = Agreement(
        brief_id=brief.brief_id,
        application_id=application.application_id,
        edition=event.data["version"],
        made_at=event.time,
        posting=snapshot.posting,
        agreed=application.agreed,
        employer=_employer(application, briefs, organisations),
        student=_student(application, accounts),
        amendments=[each for each in agreed if each.accepted_at <= event.time],
    )
    papers.keep(made.brief_id, made.application_id, made.edition, draw(made))
    return made.edition


def _employer(application: Application, briefs: Briefs, organisations: Organisations) -> Party:
    organisation = organisations.read(application.employer_id)
    accepted_by, accepted_at = _accepted_for_employer(application, briefs)
    return Party(
        party_id=application.employer_id,
        name=organisation.name if organisation else None,
        mailing_address=organisation.mailing_address if organisation else None,
        accepted_by=accepted_by,
        accepted_at=accepted_at,
    )


def _student(application: Application, accounts: Accounts) -> Party:
    profile = accounts.profile(application.student_id)
    return Party(
        party_id=application.student_id,
        name=profile.name if profile else None,
        mailing_address=profile.mailing_address if profile else None,
        accepted_by=application.student_id,
        accepted_at=application.student_accepted_at,
    )


def _accepted_for_employer(application: Application, briefs: Briefs) -> tuple[str, datetime]:
    """Who awarded it; or who had offered it, where the student accepted an offer."""
    if application.came_of_offer:
        snapshot = briefs.read_offered(application.brief_id, application.student_id)
        if snapshot and snapshot.offer:
            return snapshot.offer.offered_by, snapshot.offer.offered_at
    assert application.awarded_at
    return application.awarded_by or application.employer_id, application.awarded_at

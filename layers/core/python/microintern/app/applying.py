"""Students apply and withdraw; the employer picks one."""

from datetime import datetime, timedelta

from microintern.app.commands import commit, load, require_role, require_side
from microintern.app.requests import ApplicationRequest, AwardRequest
from microintern.domain import lifecycle
from microintern.domain.agreements import Agreed, check_same, law_for
from microintern.domain.brief import Answer, Brief, Command, key_reused
from microintern.domain.documents import Application, ApplicationStatus, Content
from microintern.domain.policy import Policy
from microintern.domain.problems import Conflict, no_such
from microintern.domain.quotas import Desk, Slot
from microintern.domain.states import Role, State
from microintern.ports.briefs import Briefs, Snapshot
from microintern.ports.clock import Clock
from microintern.ports.conditions import Needs, StaleDesk, StaleDocument

_TRIES = 4


def apply(
    by: Command, brief_id: str, request: ApplicationRequest, *, briefs: Briefs, clock: Clock, policy: Policy
) -> Application:
    """Ask to do an open brief; one application per student, which can be renewed after it was withdrawn."""
    require_role(by, Role.STUDENT)
    for _ in range(_TRIES):
        try:
            return _apply(by, brief_id, request, briefs, clock.now(), policy)
        except StaleDesk:
            # The same student applies elsewhere at this moment, or something else was just decided.
            continue
    raise Conflict("changed_meanwhile", "You apply to several briefs at once; try again.")


def _apply(
    by: Command, brief_id: str, request: ApplicationRequest, briefs: Briefs, now: datetime, policy: Policy
) -> Application:
    key = Application.key_for(brief_id, by.actor_id)
    snapshot = load(briefs, brief_id, key, Content.key_of, desk_of=by.actor_id)
    brief, before = snapshot.brief, snapshot.find(Application, key)
    if before and _repeated(before, by):
        return before
    _check_open_to(brief, before, by, now)
    agreed = Agreed.now(brief_id, snapshot.posting, policy)
    check_same(agreed, request.contract_sha256)
    application = Application(
        application_id=Application.id_of(brief_id, by.actor_id),
        brief_id=brief_id,
        student_id=by.actor_id,
        employer_id=brief.employer_id,
        statement=request.statement,
        links=request.links,
        applied_at=now,
        version=before.version + 1 if before else 1,
        agreed=agreed,
        event=by.did("application.received", now, (before or brief).entry, {"contract_sha256": agreed.sha256}),
        done={**(before.done if before else {}), by.key: by.body},
    )
    slot = Slot(until=brief.applications_close_at, version=application.version)
    desk = (snapshot.desk or Desk(account_id=by.actor_id)).applied(brief_id, slot, request.statement, now, policy)
    return _write(briefs, application, by, desk)


def _check_open_to(brief: Brief, before: Application | None, by: Command, now: datetime) -> None:
    """Raise a Problem unless this student may apply to the brief now."""
    if brief.state is State.POSTED:
        raise no_such("brief")
    if brief.state is not State.OPEN or now >= brief.applications_close_at:
        raise Conflict("not_open", f"The brief takes no applications; it is {brief.state}.", **_state(brief))
    if brief.employer_id in by.ties:
        detail = "You belong to the organisation that posted this, or did until lately; nobody can be on both sides."
        raise Conflict("self_dealing", detail, **_state(brief))
    if before and before.withdrawn_at is None:
        raise Conflict("already_applied", "You have applied to this brief already.", **_state(brief))


def withdraw_application(by: Command, brief_id: str, *, briefs: Briefs, clock: Clock) -> Application:
    """Take an application back, as long as it was not awarded."""
    require_role(by, Role.STUDENT)
    brief, application = _own(briefs, brief_id, by)
    if application is None:
        raise no_such("application")
    if _repeated(application, by):
        return application
    status = application.status(brief)
    if status is not ApplicationStatus.APPLIED:
        detail = f"The application is {status}; only one that waits for a decision can be withdrawn."
        raise Conflict("application_not_open", detail, application_status=status, **_state(brief))
    withdrawn = _next(application, "application.withdrawn", by, now := clock.now(), withdrawn_at=now)
    return _write(briefs, withdrawn.model_copy(update={"done": {**application.done, by.key: by.body}}), by)


def award(by: Command, brief_id: str, request: AwardRequest, *, briefs: Briefs, clock: Clock, policy: Policy) -> Answer:
    """Give the brief to one applicant, who must be ready to be paid."""
    require_role(by, Role.EMPLOYER)
    key = Application.key_of(request.application_id)
    snapshot = load(briefs, brief_id, key, Content.key_of)
    brief = snapshot.brief
    require_side(brief, by, Role.EMPLOYER)
    if answer := brief.answer_to(by):
        return answer
    application = snapshot.need(Application, key)
    if application.withdrawn_at is not None:
        raise Conflict("application_withdrawn", "This application was withdrawn; pick another.", **_state(brief))
    check_same(application.agreed, request.contract_sha256)
    now = clock.now()
    after = lifecycle.award(brief, application, by, now, policy)
    picked = _next(application, "application.awarded", by, now, awarded_at=now, awarded_by=by.actor_id)
    return commit(briefs, brief, after, by, picked, needs=needs_of_award(snapshot, application, now, policy))


def needs_of_award(snapshot: Snapshot, application: Application, now: datetime, policy: Policy) -> Needs:
    """What must hold of whoever is awarded a brief, and of both where the law asks for mailing addresses."""
    since = now - timedelta(seconds=policy.self_dealing_window_s)
    return Needs(
        payee=application.student_id,
        stranger_to=snapshot.brief.employer_id,
        stranger_since=since,
        addressed=addresses_of(snapshot, application.student_id),
    )


def addresses_of(snapshot: Snapshot, student_id: str) -> tuple[str, str] | None:
    """Whose mailing addresses the law of the place of work asks for in the agreement, if there is such a law."""
    return (student_id, snapshot.brief.employer_id) if law_for(snapshot.posting) else None


def withdraw_award(by: Command, brief_id: str, *, briefs: Briefs, clock: Clock, policy: Policy) -> Answer:
    """Give an award back: the brief opens again while there is time, otherwise the employer is refunded."""
    require_role(by, Role.STUDENT)
    brief, application = _own(briefs, brief_id, by)
    if answer := brief.answer_to(by):
        return answer
    require_side(brief, by, Role.STUDENT)
    if application is None:
        raise no_such("application")
    now = clock.now()
    withdrawn = _next(application, "application.withdrawn", by, now, withdrawn_at=now)
    return commit(briefs, brief, lifecycle.withdraw(brief, by, now, policy), by, withdrawn)


def _next(application: Application, what: str, by: Command, now: datetime, **changes: object) -> Application:
    """The next version of an application."""
    event = by.did(what, now, application.entry)
    return application.model_copy(update={"version": application.version + 1, "event": event, **changes})


def _own(briefs: Briefs, brief_id: str, by: Command) -> tuple[Brief, Application | None]:
    key = Application.key_for(brief_id, by.actor_id)
    snapshot = load(briefs, brief_id, key)
    return snapshot.brief, snapshot.find(Application, key)


def _repeated(application: Application, by: Command) -> bool:
    if by.key not in application.done:
        return False
    if application.done[by.key] != by.body:
        raise key_reused()
    return True


def _write(briefs: Briefs, application: Application, by: Command, desk: Desk | None = None) -> Application:
    try:
        if application.version > 1:
            briefs.replace(application, desk=desk)
            return application
        there = briefs.add(application.brief_id, application, desk=desk)
    except StaleDocument as stale:
        _, meanwhile = _own(briefs, application.brief_id, by)
        if meanwhile and _repeated(meanwhile, by):
            return meanwhile
        raise Conflict("changed_meanwhile", "The application changed while you decided; read it again.") from stale
    if there is None or _repeated(there, by):
        return there or application
    raise Conflict("already_applied", "You have applied to this brief already.")


def _state(brief: Brief) -> dict[str, object]:
    return {"state": brief.state, "version": brief.version}

"""Rehire in two steps: an organisation offers a candidate its open brief, and the student who accepts has it.

The offer is the employer's decision, taken beforehand: accepting it is the award, in the same transaction with the same
checks. Whoever accepts first has the brief; an employer who picks somebody else meanwhile takes it from both.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from microintern.app.accounts import changed, remember, repeated
from microintern.app.applying import needs_of_award
from microintern.app.commands import commit, require_role
from microintern.app.cursors import decode, encode
from microintern.app.requests import OfferAcceptance, OfferRequest
from microintern.app.talent import next_version, require_inside
from microintern.app.views.talent import OfferPage, OfferView
from microintern.domain import lifecycle
from microintern.domain.agreements import Agreed, check_same
from microintern.domain.brief import Answer, Brief, Command
from microintern.domain.documents import Application, Content
from microintern.domain.policy import Policy
from microintern.domain.problems import Conflict, Problem, no_such
from microintern.domain.states import Role, State
from microintern.domain.talent import MOST_RESULTS, Candidate, Offer, OfferStatus, check_offerable, kept_until
from microintern.ports.briefs import Briefs, Snapshot
from microintern.ports.clock import Clock
from microintern.ports.conditions import OfferGone, StaleDocument
from microintern.ports.talent import Talent

NO_STATEMENT = "Accepted an offer of this brief."


def offer(
    by: Command,
    organisation_id: str,
    student_id: str,
    request: OfferRequest,
    *,
    talent: Talent,
    briefs: Briefs,
    clock: Clock,
    policy: Policy,
) -> OfferView:
    """Offer a candidate an open brief of one's own; they count as invited from then on."""
    require_inside(by, organisation_id)
    snapshot = _read(briefs, request.brief_id, student_id, organisation_id)
    candidate, before = snapshot.candidate, snapshot.offer
    if before and before.organisation_id == organisation_id and repeated(before.done, by):
        return OfferView.of(before, snapshot)
    if candidate is None or candidate.removed_at is not None:
        raise no_such("candidate")
    now = clock.now()
    _check_offerable(snapshot.brief, before, organisation_id, now)
    made = Offer(
        student_id=student_id,
        brief_id=request.brief_id,
        organisation_id=organisation_id,
        message=request.message,
        offered_at=now,
        offered_by=by.actor_id,
        kept_until=kept_until(now, policy),
        **_next(by, before, "offer.made", now),
    )
    invited = candidate.with_offer(request.brief_id, now)
    return _write(by, made, snapshot, talent, next_version(by, candidate, invited, "candidate.invited", now, policy))


def _check_offerable(brief: Brief, before: Offer | None, organisation_id: str, now: datetime) -> None:
    """Raise unless the brief is the organisation's, open, and not offered to this student already."""
    if brief.employer_id != organisation_id:
        raise no_such("brief")
    check_offerable(brief, now)
    if before and before.status(brief) is OfferStatus.OPEN:
        raise Conflict("already_offered", "This brief is offered to this student already, and waits for an answer.")


def offers_to(by: Command, organisation_id: str, student_id: str, *, talent: Talent, briefs: Briefs) -> OfferPage:
    """What one's organisation has offered a candidate."""
    require_inside(by, organisation_id)
    candidate = talent.candidate(organisation_id, student_id)
    if candidate is None or candidate.removed_at is not None:
        raise no_such("candidate")
    found = talent.find_offers([(student_id, brief_id) for brief_id in candidate.offered[-MOST_RESULTS:]])
    return OfferPage(items=_views(found.values(), briefs))


def own_offers(by: Command, limit: int, cursor: str | None, *, talent: Talent, briefs: Briefs) -> OfferPage:
    """What a student was offered, answered or not."""
    require_role(by, Role.STUDENT)
    scope = ("offers", by.actor_id)
    page = talent.offers(by.actor_id, limit, decode(cursor, *scope))
    return OfferPage(items=_views(page.items, briefs), next_cursor=encode(page.next, *scope))


def accept(
    by: Command,
    brief_id: str,
    request: OfferAcceptance,
    *,
    talent: Talent,
    briefs: Briefs,
    clock: Clock,
    policy: Policy,
) -> Answer:
    """Take an offered brief: it is awarded to whoever accepts, who must be ready to be paid."""
    require_role(by, Role.STUDENT)
    key = Application.key_for(brief_id, by.actor_id)
    snapshot = briefs.read(brief_id, key, Content.key_of)
    if snapshot is None:
        raise no_such("offer")
    brief, now = snapshot.brief, clock.now()
    if answer := brief.answer_to(by):
        return answer
    if brief.state is not State.OPEN:
        raise _gone(by, brief, talent)
    agreed = Agreed.now(brief_id, snapshot.posting, policy)
    check_same(agreed, request.contract_sha256)
    application = _application(by, brief, snapshot.find(Application, key), request.statement, agreed, now)
    after = lifecycle.award(brief, application, by, now, policy)
    # Whether it is offered at all, the write decides: nobody need read it first.
    needs = needs_of_award(snapshot, application, now, policy).model_copy(update={"offered": True})
    try:
        return commit(briefs, brief, after, by, application, needs=needs)
    except OfferGone as gone:
        raise _gone(by, brief, talent) from gone


def _gone(by: Command, brief: Brief, talent: Talent) -> Problem:
    """Why an offer cannot be accepted: whoever has none learns nothing of the brief."""
    offered = talent.offer(by.actor_id, brief.brief_id)
    return _not_open(offered, brief) if offered else no_such("offer")


def refuse(by: Command, brief_id: str, *, talent: Talent, briefs: Briefs, clock: Clock) -> OfferView:
    """Decline an offer; nothing is held against who does."""
    require_role(by, Role.STUDENT)
    snapshot = _read(briefs, brief_id, by.actor_id)
    if snapshot.offer is None:
        raise no_such("offer")
    return _end(by, snapshot.offer, snapshot, "offer.refused", "refused_at", talent, clock)


def withdraw(
    by: Command, organisation_id: str, student_id: str, brief_id: str, *, talent: Talent, briefs: Briefs, clock: Clock
) -> OfferView:
    """Take back an offer that was not answered."""
    require_inside(by, organisation_id)
    snapshot = _read(briefs, brief_id, student_id)
    if snapshot.offer is None or snapshot.offer.organisation_id != organisation_id:
        raise no_such("offer")
    return _end(by, snapshot.offer, snapshot, "offer.withdrawn", "withdrawn_at", talent, clock)


def _read(briefs: Briefs, brief_id: str, student_id: str, organisation_id: str | None = None) -> Snapshot:
    """The brief with its offer; a brief that does not exist was offered to nobody."""
    snapshot = briefs.read_offered(brief_id, student_id, organisation_id)
    if snapshot is None:
        raise no_such("brief" if organisation_id else "offer")
    return snapshot


def _end(
    by: Command, before: Offer, snapshot: Snapshot, what: str, when: str, talent: Talent, clock: Clock
) -> OfferView:
    if repeated(before.done, by):
        return OfferView.of(before, snapshot)
    if before.status(snapshot.brief) is not OfferStatus.OPEN:
        raise _not_open(before, snapshot.brief)
    now = clock.now()
    after = before.model_copy(update={when: now, **_next(by, before, what, now)})
    return _write(by, after, snapshot, talent)


def _write(
    by: Command, offer: Offer, snapshot: Snapshot, talent: Talent, candidate: Candidate | None = None
) -> OfferView:
    """Write an offer's next version, and its candidate's if there is one; a copy of the command may have been first."""
    try:
        if candidate:
            talent.save(candidate, offer)
        else:
            talent.save_offer(offer)
    except StaleDocument as stale:
        meanwhile = talent.offer(offer.student_id, offer.brief_id)
        if meanwhile and repeated(meanwhile.done, by):
            return OfferView.of(meanwhile, snapshot)
        raise changed() from stale
    return OfferView.of(offer, snapshot)


def _next(by: Command, before: Offer | None, what: str, now: datetime) -> dict[str, Any]:
    """What every version of an offer says of how it came about."""
    return {
        "version": before.version + 1 if before else 1,
        "event": by.did(what, now, before.entry if before else None),
        "done": remember(before.done if before else [], by),
    }


def _not_open(offered: Offer, brief: Brief) -> Conflict:
    """The offer can no longer be answered or taken back."""
    status = offered.status(brief)
    detail = f"The offer is {status}; only an open one can be answered or withdrawn."
    return Conflict("offer_not_open", detail, offer_status=status, state=brief.state, version=brief.version)


def _application(
    by: Command, brief: Brief, before: Application | None, statement: str | None, agreed: Agreed, now: datetime
) -> Application:
    """The application that is awarded: the student's own, or one that says it came of an offer."""
    event = by.did("application.awarded", now, (before or brief).entry)
    if before:
        renewed = {"awarded_at": now, "awarded_by": by.actor_id, "withdrawn_at": None, "agreed": agreed}
        renewed |= {"event": event, "version": before.version + 1}
        return before.model_copy(update=renewed | ({"statement": statement} if statement else {}))
    return Application(
        application_id=Application.id_of(brief.brief_id, by.actor_id),
        brief_id=brief.brief_id,
        student_id=by.actor_id,
        employer_id=brief.employer_id,
        statement=statement or NO_STATEMENT,
        applied_at=now,
        awarded_at=now,
        awarded_by=by.actor_id,
        agreed=agreed,
        event=event,
        done={by.key: by.body},
    )


def _views(found: Iterable[Offer], briefs: Briefs) -> list[OfferView]:
    offers = list(found)
    snapshots = briefs.find([each.brief_id for each in offers]) if offers else {}
    return [OfferView.of(each, snapshots[each.brief_id]) for each in offers if each.brief_id in snapshots]

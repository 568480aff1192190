"""Either side proposes a change of what was agreed; it takes effect when the other accepts, in one write."""

from datetime import datetime

from microintern.app.accounts import repeated
from microintern.app.applying import addresses_of
from microintern.app.award_log import next_version, place, write
from microintern.app.commands import commit, load, require_role, require_side
from microintern.app.requests import AmendmentRequest
from microintern.app.views.amendments import AmendmentList, AmendmentView, Proposed
from microintern.domain import lifecycle
from microintern.domain.amendments import (
    Amendment,
    Amendments,
    AmendmentStatus,
    check_floor,
    check_may_end,
    check_new_deadline,
    lapses_at,
)
from microintern.domain.audit import Finding, entry
from microintern.domain.base import iso, whole_second
from microintern.domain.brief import Answer, Brief, Command
from microintern.domain.documents import Content
from microintern.domain.policy import Policy
from microintern.domain.problems import Invalid, no_such
from microintern.domain.states import Role, State
from microintern.ports.briefs import Briefs, Snapshot
from microintern.ports.clock import Clock
from microintern.ports.conditions import Needs
from microintern.ports.trail import Audit

_MEANWHILE = "Somebody proposed or answered at this moment; read the amendments again."


def propose(
    by: Command, brief_id: str, request: AmendmentRequest, *, briefs: Briefs, clock: Clock, policy: Policy
) -> Proposed:
    """Propose another scope or deadline. Nothing changes until the other side accepts."""
    snapshot = _read(by, brief_id, briefs, Content.key_of)
    brief, before = snapshot.brief, snapshot.find(Amendments, Amendments.key_of)
    if before and repeated(before.done, by):
        return Proposed.of(brief_id, before.made_by(by))
    now = clock.now()
    lifecycle.check_amendable(brief, now)
    _check_request(request, snapshot, now, policy)
    if before:
        before.check_free(brief, now)
    amendment = Amendment(
        **place(before, by, brief),
        proposed_by=by.role,
        proposer_id=by.actor_id,
        reason=request.reason,
        scope=request.scope,
        submission_due_at=_whole(request),
        proposed_at=now,
        lapses_at=lapses_at(brief, now, policy),
    )
    items = [*(before.items if before else []), amendment]
    after = _next(before, items, "amendment.proposed", amendment.number, by, brief, now)
    return Proposed.of(brief_id, write(after, by, brief, briefs, _MEANWHILE).made_by(by))


def _check_request(request: AmendmentRequest, snapshot: Snapshot, now: datetime, policy: Policy) -> None:
    if request.pay is not None:
        detail = (
            "The pay is fixed: it was held before the award, and only so much is. For more work post another brief, "
            "and offer it to the same student."
        )
        raise Invalid.field("pay_is_fixed", "/pay", detail)
    due_at = _whole(request)
    if due_at is not None:
        check_new_deadline(due_at, snapshot.brief, now, policy)
        check_floor(due_at, snapshot.brief, snapshot.posting)


def _whole(request: AmendmentRequest) -> datetime | None:
    return whole_second(request.submission_due_at) if request.submission_due_at else None


def accept(by: Command, brief_id: str, number: int, *, briefs: Briefs, clock: Clock, policy: Policy) -> Answer:
    """Accept what the other side proposed: brief and amendment change together, or neither does."""
    require_role(by, Role.EMPLOYER, Role.STUDENT)
    snapshot = load(briefs, brief_id, Amendments.key_of, Content.key_of)
    brief = snapshot.brief
    if answer := brief.answer_to(by):
        return answer
    require_side(brief, by, Role.EMPLOYER, Role.STUDENT)
    now, (before, amendment) = clock.now(), _numbered(number, snapshot)
    check_may_end(amendment, brief, AmendmentStatus.ACCEPTED, by, now)
    if amendment.submission_due_at:
        check_floor(amendment.submission_due_at, brief, snapshot.posting)
    after = lifecycle.amend(brief, number, amendment.submission_due_at, by, now, policy)
    ended = _ended(before, amendment, AmendmentStatus.ACCEPTED, by, brief, now)
    # Another edition of the agreement is made of it, for which an address may have been taken back meanwhile.
    return commit(briefs, brief, after, by, ended, needs=Needs(addressed=addresses_of(snapshot, ended.student_id)))


def refuse(by: Command, brief_id: str, number: int, *, briefs: Briefs, clock: Clock) -> AmendmentView:
    """Leave everything as it was agreed."""
    return _end(by, brief_id, number, AmendmentStatus.REFUSED, briefs, clock)


def withdraw(by: Command, brief_id: str, number: int, *, briefs: Briefs, clock: Clock) -> AmendmentView:
    """Take back what one's own side proposed."""
    return _end(by, brief_id, number, AmendmentStatus.WITHDRAWN, briefs, clock)


def proposed(by: Command, brief_id: str, *, briefs: Briefs, audit: Audit, clock: Clock) -> AmendmentList:
    """All that was proposed, for both sides; while they dispute for operators too, which is written down."""
    snapshot, now = load(briefs, brief_id, Amendments.key_of), clock.now()
    brief = snapshot.brief
    judges = (Role.OPERATOR,) if brief.state is State.DISPUTED else ()
    require_side(brief, by, Role.EMPLOYER, Role.STUDENT, *judges)
    if by.role is Role.OPERATOR:
        facts = {"brief_id": brief_id, "operator_id": by.actor_id, "read_at": iso(now)}
        reason = "An operator read the amendments of a disputed brief."
        audit.note(entry(Finding.EVIDENCE_READ, brief_id, reason, now, **facts))
    found = snapshot.find(Amendments, Amendments.key_of)
    own = found.under(brief.award) if found else []
    return AmendmentList(items=[AmendmentView.of(each, brief, now) for each in own])


def _read(by: Command, brief_id: str, briefs: Briefs, *more: str) -> Snapshot:
    """The brief of one's own side, with what was proposed on it."""
    require_role(by, Role.EMPLOYER, Role.STUDENT)
    snapshot = load(briefs, brief_id, Amendments.key_of, *more)
    require_side(snapshot.brief, by, Role.EMPLOYER, Role.STUDENT)
    return snapshot


def _numbered(number: int, snapshot: Snapshot) -> tuple[Amendments, Amendment]:
    """The amendment of this number under the award that stands, among all that was proposed."""
    found = snapshot.find(Amendments, Amendments.key_of)
    if found is None:
        raise no_such("amendment")
    return found, found.numbered(number, snapshot.brief.award)


def _next(
    before: Amendments | None, items: list[Amendment], what: str, number: int, by: Command, brief: Brief, now: datetime
) -> Amendments:
    """The next version; its first step hangs on the brief's."""
    event = by.did(what, now, (before or brief).entry, {"number": number})
    return next_version(Amendments, before, items, event, by, brief)


def _ended(
    before: Amendments, amendment: Amendment, how: AmendmentStatus, by: Command, brief: Brief, now: datetime
) -> Amendments:
    ending = {"ended_as": how, "ended_by": by.actor_id, "ended_at": now}
    items = [each.model_copy(update=ending) if each == amendment else each for each in before.items]
    return _next(before, items, f"amendment.{how}", amendment.number, by, brief, now)


def _end(by: Command, brief_id: str, number: int, how: AmendmentStatus, briefs: Briefs, clock: Clock) -> AmendmentView:
    snapshot = _read(by, brief_id, briefs)
    brief, now = snapshot.brief, clock.now()
    before, amendment = _numbered(number, snapshot)
    if repeated(before.done, by):
        return AmendmentView.of(amendment, brief, now)
    check_may_end(amendment, brief, how, by, now)
    written = write(_ended(before, amendment, how, by, brief, now), by, brief, briefs, _MEANWHILE)
    return AmendmentView.of(written.numbered(number, brief.award), brief, now)

"""Educators make cohorts, and see how far the students are who consent to it.

Everything that is seen of a student passes `looked_at`: the student consents now, and what comes back is what was
consented to. It is read from the briefs as they are, and nothing is kept of it.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from microintern.app.accounts import changed, remember, repeated
from microintern.app.commands import require_role
from microintern.app.cursors import decode, encode
from microintern.app.requests import CohortRequest
from microintern.app.views.cohorts import (
    CohortPage,
    CohortView,
    IssuedCode,
    ProgressPage,
    ProgressView,
    TotalsView,
)
from microintern.domain.accounts import Profile
from microintern.domain.base import derived_id
from microintern.domain.brief import Brief, Command, key_reused
from microintern.domain.cohorts import (
    MOST_BRIEFS,
    Cohort,
    Enrolment,
    Progress,
    Terms,
    Totals,
    brief_progress,
    progress_of,
    seen_until,
)
from microintern.domain.credentials import APPROVALS
from microintern.domain.credits import CreditRules
from microintern.domain.fit import Experience
from microintern.domain.organisations import Organisation, OrganisationCategory, OrganisationState
from microintern.domain.policy import Policy
from microintern.domain.problems import Conflict, Forbidden, Invalid, no_such
from microintern.domain.states import Role
from microintern.ports.accounts import Accounts
from microintern.ports.briefs import Briefs, Snapshot
from microintern.ports.clock import Clock
from microintern.ports.cohorts import Cohorts
from microintern.ports.conditions import OrganisationNotApproved, StaleDocument
from microintern.ports.discovery import Students
from microintern.ports.organisations import Organisations
from microintern.ports.paging import Position

K = TypeVar("K")
T = TypeVar("T")

Codes = Callable[[], str]
"""Makes a new secret that nobody can guess."""
_MOST_TRIES = 3
_AT_ONCE = 50
_NOT_APPROVED = "An operator must approve your institution before it can have cohorts; see its state."
_PAGE = 100


class Desk(NamedTuple):
    """Where it is read how far students are."""

    cohorts: Cohorts
    students: Students
    briefs: Briefs
    accounts: Accounts
    clock: Clock
    policy: Policy


class Looked(NamedTuple):
    """What may be seen of a student, and the briefs that it was read from."""

    enrolment: Enrolment
    progress: Progress
    briefs: Mapping[str, Snapshot]


def make(
    by: Command,
    organisation_id: str,
    request: CohortRequest,
    *,
    cohorts: Cohorts,
    organisations: Organisations,
    clock: Clock,
    policy: Policy,
) -> Cohort:
    """Make a cohort of one's institution, which an operator must have approved."""
    require_inside(by, organisation_id)
    cohort_id = derived_id("cohort", organisation_id, by.key)
    there, _ = cohorts.read(organisation_id, cohort_id)
    if there:
        return _made_before(there, by)
    _check_employers(request, organisations)
    now = clock.now()
    cohort = Cohort(
        cohort_id=cohort_id,
        organisation_id=organisation_id,
        made_at=now,
        made_by=by.actor_id,
        body=by.body,
        event=by.did("cohort.made", now),
        **_asked(request, None, policy),
    )
    try:
        cohorts.save(cohort)
    except OrganisationNotApproved as refused:
        raise _not_approved() from refused
    except StaleDocument as stale:
        there, _ = cohorts.read(organisation_id, cohort_id)
        if there is None:
            raise changed() from stale
        return _made_before(there, by)
    return cohort


def _made_before(there: Cohort, by: Command) -> Cohort:
    # The id is made of the key: what is there was made by this command, or by another one under its key.
    if there.body != by.body:
        raise key_reused()
    return there


def change(
    by: Command,
    organisation_id: str,
    cohort_id: str,
    request: CohortRequest,
    *,
    cohorts: Cohorts,
    organisations: Organisations,
    clock: Clock,
    policy: Policy,
) -> Cohort:
    """Have a cohort be otherwise. Who consented before is seen by what they consented to, and by no more than now."""
    before = open_to(by, organisation_id, cohort_id, cohorts)[0]
    if repeated(before.done, by):
        return before
    _check_employers(request, organisations)
    now = clock.now()
    changes: dict[str, object] = {
        **_asked(request, before, policy),
        "event": by.did("cohort.changed", now, before.entry),
    }
    return _write(by, before, before.model_copy(update=changes), cohorts)


def issue_code(
    by: Command, organisation_id: str, cohort_id: str, *, cohorts: Cohorts, clock: Clock, policy: Policy, codes: Codes
) -> IssuedCode:
    """A code that students join by; it takes the place of the one before. Repeated, it is another one again.

    Only a hash of it is kept, so it cannot be shown again.
    """
    secret = codes()
    for _ in range(_MOST_TRIES):
        before, now = open_to(by, organisation_id, cohort_id, cohorts)[0], clock.now()
        repeated(before.done, by)
        issued = {
            "code_hash": hashed(secret),
            "code_expires_at": now + timedelta(seconds=policy.cohort_code_s),
            "event": by.did("cohort.code_issued", now, before.entry),
        }
        after = _next(by, before, before.model_copy(update=issued))
        try:
            cohorts.save(after)
        except OrganisationNotApproved as refused:
            raise _not_approved() from refused
        except StaleDocument:
            continue  # it was changed elsewhere at this moment
        return IssuedCode(cohort=CohortView.of(after, now), code=f"{organisation_id}.{cohort_id}.{secret}")
    raise changed()


def cohorts_of(
    by: Command, organisation_id: str, limit: int, cursor: str | None, *, cohorts: Cohorts, clock: Clock
) -> CohortPage:
    """The cohorts of one's institution."""
    require_inside(by, organisation_id)
    scope = ("cohorts", by.actor_id, organisation_id)
    page = cohorts.of_institution(organisation_id, limit, decode(cursor, *scope))
    items = [CohortView.of(cohort, clock.now()) for cohort in page.items]
    return CohortPage(items=items, next_cursor=encode(page.next, *scope))


def cohort(by: Command, organisation_id: str, cohort_id: str, *, cohorts: Cohorts) -> Cohort:
    """One cohort of one's institution."""
    require_inside(by, organisation_id)
    found, _ = cohorts.read(organisation_id, cohort_id)
    if found is None:
        raise no_such("cohort")
    return found


def students(
    by: Command, organisation_id: str, cohort_id: str, limit: int, cursor: str | None, *, desk: Desk
) -> ProgressPage:
    """How far the students of a cohort are who consent to it, in the order of their ids."""
    found, _ = open_to(by, organisation_id, cohort_id, desk.cohorts)
    scope = ("students", by.actor_id, cohort_id)
    page = desk.cohorts.students(cohort_id, limit, decode(cursor, *scope))
    looked = looked_at(found, page.items, desk)
    return ProgressPage(items=shown(looked, desk), next_cursor=encode(page.next, *scope))


def student(by: Command, organisation_id: str, cohort_id: str, student_id: str, *, desk: Desk) -> ProgressView:
    """How far one student of a cohort is."""
    found, _, enrolment = open_with(by, organisation_id, cohort_id, student_id, desk.cohorts)
    return progress(found, enrolment, desk)


def progress(found: Cohort, enrolment: Enrolment | None, desk: Desk) -> ProgressView:
    """What may be seen of one student of a cohort."""
    seen = consenting(enrolment, found, desk.clock.now())
    (view,) = shown(looked_at(found, [seen], desk), desk)
    return view


def totals(by: Command, organisation_id: str, cohort_id: str, *, desk: Desk) -> TotalsView:
    """What the whole cohort comes to; it is as large as one answer can be made of."""
    found, _ = open_to(by, organisation_id, cohort_id, desk.cohorts)
    sums = Totals()
    after: Position | None = None
    while True:
        page = desk.cohorts.students(cohort_id, _PAGE, after)
        for looked in looked_at(found, page.items, desk, with_content=False):
            sums = sums.plus(looked.progress)
        if (after := page.next) is None:
            return TotalsView.of(sums)


def remove(
    by: Command, organisation_id: str, cohort_id: str, student_id: str, *, cohorts: Cohorts, clock: Clock
) -> Enrolment:
    """Take a student out of a cohort: it is as if they had withdrawn their consent."""
    found, _, before = open_with(by, organisation_id, cohort_id, student_id, cohorts)
    if before and repeated(before.done, by):
        return before
    now = clock.now()
    return leave(by, consenting(before, found, now), "cohort.student_removed", now, cohorts)


def leave(by: Command, before: Enrolment, what: str, now: datetime, cohorts: Cohorts) -> Enrolment:
    """Write that nothing of a student is seen any more."""
    after = next_enrolment(by, before, what, now, withdrawn_at=now)
    try:
        cohorts.leave(after)
    except StaleDocument as stale:
        meanwhile = cohorts.enrolment(before.student_id, before.cohort_id)
        if meanwhile and repeated(meanwhile.done, by):
            return meanwhile
        raise changed() from stale
    return after


def next_enrolment(by: Command, before: Enrolment, what: str, now: datetime, **changes: object) -> Enrolment:
    """What a command writes over a student's consent."""
    event = by.did(what, now, before.entry)
    step = {"version": before.version + 1, "event": event, "done": remember(before.done, by)}
    return before.model_copy(update={**changes, **step})


def require_inside(by: Command, organisation_id: str) -> None:
    """Raise unless the caller belongs to the institution: nobody else learns that there is anything."""
    require_role(by, Role.EDUCATOR)
    if by.organisation_id != organisation_id:
        raise no_such("organisation")


def open_to(by: Command, organisation_id: str, cohort_id: str, cohorts: Cohorts) -> tuple[Cohort, Organisation]:
    """A cohort and its institution, for an educator of it; Forbidden while that is not approved."""
    require_inside(by, organisation_id)
    return _open(*cohorts.read(organisation_id, cohort_id))


def open_with(
    by: Command, organisation_id: str, cohort_id: str, student_id: str, cohorts: Cohorts
) -> tuple[Cohort, Organisation, Enrolment | None]:
    """As `open_to`, with what is kept of a student's consent: not to be shown before `consenting` has looked at it."""
    require_inside(by, organisation_id)
    found, institution, enrolment = cohorts.read_with(organisation_id, cohort_id, student_id)
    return *_open(found, institution), enrolment


def _open(found: Cohort | None, institution: Organisation | None) -> tuple[Cohort, Organisation]:
    if found is None or institution is None:
        raise no_such("cohort")
    if institution.state is not OrganisationState.APPROVED:
        raise Forbidden("institution_not_approved", _NOT_APPROVED)
    return found, institution


def consenting(enrolment: Enrolment | None, found: Cohort, now: datetime) -> Enrolment:
    """The consent of a student who is in a cohort; of all others nobody learns whether they ever were."""
    if enrolment is None or not enrolment.is_seen(found.terms, now):
        raise no_such("student")
    return enrolment


def looked_at(found: Cohort, enrolments: Sequence[Enrolment], desk: Desk, *, with_content: bool = True) -> list[Looked]:
    """What may be seen of those who consent now, each under what they consented to and what is asked for."""
    now = desk.clock.now()
    seen = [enrolment for enrolment in enrolments if enrolment.is_seen(found.terms, now)]
    terms = {enrolment.student_id: found.terms.narrowed(enrolment.terms) for enrolment in seen}
    known = desk.students.experiences(list(terms))
    ids = {student_id: _briefs_within(known[student_id], narrow) for student_id, narrow in terms.items()}
    wanted = [brief_id for each in ids.values() for brief_id in each]
    snapshots = _in_parts(wanted, lambda part: desk.briefs.find(part, with_content=with_content))
    scores = _scores([s.brief for s in snapshots.values()], terms, desk.briefs)
    looked = []
    for enrolment in seen:
        student_id, narrow = enrolment.student_id, terms[enrolment.student_id]
        theirs = [snapshots[brief_id].brief for brief_id in ids[student_id] if brief_id in snapshots]
        # A note may be older than the brief: whose it is, and when its work is due by now, the brief says.
        briefs = [
            brief_progress(brief, scores.get(brief.brief_id), narrow, found)
            for brief in theirs
            if brief.student_id == student_id and narrow.has(brief.submission_due_at)
        ]
        progress = progress_of(student_id, briefs, narrow, found, now, desk.policy)
        looked.append(Looked(enrolment, progress, snapshots if with_content else {}))
    return looked


def _briefs_within(experience: Experience, terms: Terms) -> list[str]:
    within = [(work.due_at, brief_id) for brief_id, work in experience.work.items() if terms.has(work.due_at)]
    return [brief_id for _, brief_id in sorted(within)[-MOST_BRIEFS:]]


def _scores(briefs: Iterable[Brief], terms: Mapping[str, Terms], port: Briefs) -> dict[str, int]:
    """The scores of approved briefs, of those students only who consent to have them seen."""
    wanted = [
        (brief.brief_id, brief.submissions)
        for brief in briefs
        if brief.outcome in APPROVALS and (narrow := terms.get(brief.student_id or "")) and narrow.scores
    ]
    reviews = _in_parts(wanted, port.find_reviews)
    return {at: review.score_percent for at, review in reviews.items() if review.score_percent is not None}


def _in_parts(wanted: Sequence[K], read: Callable[[Sequence[K]], Mapping[str, T]]) -> dict[str, T]:
    found: dict[str, T] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        found |= read(wanted[start : start + _AT_ONCE])
    return found


def shown(looked: Sequence[Looked], desk: Desk) -> list[ProgressView]:
    """The same for people, with names."""
    ids = [each.enrolment.student_id for each in looked]
    profiles: dict[str, Profile] = desk.accounts.profiles(ids) if ids else {}
    return [
        ProgressView.of(each.enrolment, each.progress, each.briefs, profiles.get(each.enrolment.student_id))
        for each in looked
    ]


def hashed(secret: str) -> str:
    """What is kept of a code."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _asked(request: CohortRequest, before: Cohort | None, policy: Policy) -> dict[str, Any]:
    """What a request says, with the versions of terms and rules that it makes."""
    terms = Terms(
        starts_on=request.starts_on,
        ends_on=request.ends_on,
        scores=request.scores,
        seen_until=seen_until(request.ends_on, policy),
    )
    rules = CreditRules.model_validate(request.rules.model_dump()) if request.rules else None
    if before:
        terms = terms.follows(before.terms)
        rules = rules.follows(before.rules) if rules else None
    said = request.model_dump(include={"name", "about", "employers", "hours_wanted"})
    return {**said, "terms": terms, "rules": rules}


def _check_employers(request: CohortRequest, organisations: Organisations) -> None:
    """Each on the list must be an employer that an operator has approved: a mistyped id would count for nothing."""
    wanted = request.employers or []
    found = organisations.find(wanted) if wanted else {}
    for position, organisation_id in enumerate(wanted):
        there = found.get(organisation_id)
        approved = there is not None and there.state is OrganisationState.APPROVED
        if there is None or there.category is not OrganisationCategory.EMPLOYER or not approved:
            detail = "No approved employer has this id; name organisations as their briefs do, with employer_id."
            raise Invalid.field("unknown_employer", f"/employers/{position}", detail)


def _next(by: Command, before: Cohort, after: Cohort) -> Cohort:
    return after.model_copy(update={"version": before.version + 1, "done": remember(before.done, by)})


def _write(by: Command, before: Cohort, after: Cohort, cohorts: Cohorts) -> Cohort:
    written = _next(by, before, after)
    try:
        cohorts.save(written)
    except OrganisationNotApproved as refused:
        raise _not_approved() from refused
    except StaleDocument as stale:
        meanwhile, _ = cohorts.read(before.organisation_id, before.cohort_id)
        if meanwhile and repeated(meanwhile.done, by):
            return meanwhile
        raise changed() from stale
    return written


def _not_approved() -> Conflict:
    return Conflict("organisation_not_approved", _NOT_APPROVED)

"""Students join cohorts: they are shown what would be seen, consent to it, see what is seen, and withdraw."""

import hmac
from datetime import datetime

from microintern.app.accounts import changed, remember, repeated
from microintern.app.cohorts import Desk, hashed, leave, next_enrolment, progress
from microintern.app.commands import require_role
from microintern.app.cursors import decode, encode
from microintern.app.requests import CohortCodeRequest, CohortConsentRequest, JoinRequest
from microintern.app.views.cohorts import CohortOffer, EnrolmentPage, EnrolmentView, ProgressView
from microintern.domain.brief import Command
from microintern.domain.cohorts import Cohort, Enrolment
from microintern.domain.organisations import Organisation, OrganisationState
from microintern.domain.policy import Policy
from microintern.domain.problems import Conflict, Invalid, no_such
from microintern.domain.states import Role
from microintern.ports.clock import Clock
from microintern.ports.cohorts import Cohorts
from microintern.ports.conditions import (
    CohortClosed,
    CohortFull,
    OrganisationNotApproved,
    StaleDocument,
    StudentErased,
)


def preview(by: Command, request: CohortCodeRequest, *, cohorts: Cohorts, clock: Clock) -> CohortOffer:
    """Who would see what of a student, and until when, for whoever has the code. Nothing is written."""
    require_role(by, Role.STUDENT)
    organisation_id, cohort_id, _ = request.code.split(".")
    return CohortOffer.of(*_by_code(request, *cohorts.read(organisation_id, cohort_id), clock.now()))


def join(by: Command, request: JoinRequest, *, cohorts: Cohorts, clock: Clock, policy: Policy) -> EnrolmentView:
    """Consent to the terms of a cohort, as they were read, and join it."""
    require_role(by, Role.STUDENT)
    organisation_id, cohort_id, _ = request.code.split(".")
    read, owner, before = cohorts.read_with(organisation_id, cohort_id, by.actor_id)
    now = clock.now()
    if before and repeated(before.done, by):
        return _view_of(before, (read, owner) if read and owner else None, now)
    found, institution = _by_code(request, read, owner, now)
    if before and before.withdrawn_at is None:
        raise Conflict("joined_already", "You are in this cohort already; see GET /me/cohorts.")
    _check_version(request.terms_version, found)
    enrolment = Enrolment(
        student_id=by.actor_id,
        cohort_id=found.cohort_id,
        organisation_id=found.organisation_id,
        terms=found.terms,
        consented_at=now,
        credits=before.credits if before else [],
        version=before.version + 1 if before else 1,
        event=by.did("cohort.joined", now, before.entry if before else None, {"terms": found.terms.version}),
        done=remember(before.done if before else [], by),
    )
    enrolment = _joined(by, found, enrolment, cohorts, policy)
    return EnrolmentView.of(enrolment, (found, institution), seen=True)


def _joined(by: Command, found: Cohort, enrolment: Enrolment, cohorts: Cohorts, policy: Policy) -> Enrolment:
    try:
        _join(found, enrolment, cohorts, policy)
    except CohortFull as full:
        raise Conflict("cohort_full", f"A cohort has at most {policy.most_students} students.") from full
    except (CohortClosed, OrganisationNotApproved) as closed:
        raise _changed_meanwhile() from closed
    except StudentErased as erased:
        raise no_such("account") from erased
    except StaleDocument as stale:
        meanwhile = cohorts.enrolment(by.actor_id, found.cohort_id)
        if meanwhile and repeated(meanwhile.done, by):
            return meanwhile
        raise changed() from stale
    return enrolment


def _join(found: Cohort, enrolment: Enrolment, cohorts: Cohorts, policy: Policy) -> None:
    try:
        cohorts.join(found, enrolment, policy.most_students)
    except CohortFull:
        # Whose consent has run out is counted until somebody needs the place.
        cohorts.recount(found, enrolment.consented_at)
        cohorts.join(found, enrolment, policy.most_students)


def renew(
    by: Command, cohort_id: str, request: CohortConsentRequest, *, cohorts: Cohorts, clock: Clock
) -> EnrolmentView:
    """Consent to the terms of one's cohort as they are now."""
    require_role(by, Role.STUDENT)
    now, before = clock.now(), _own(by, cohort_id, cohorts)
    if repeated(before.done, by):
        return _view(before, cohorts, now)
    if before.withdrawn_at is not None:
        raise Conflict("consent_withdrawn", "You are not in this cohort any more; join it again by its code.")
    found, institution = cohorts.read(before.organisation_id, cohort_id)
    if found is None or institution is None:
        raise no_such("cohort")
    _check_version(request.terms_version, found)
    after = next_enrolment(by, before, "cohort.consent_renewed", now, terms=found.terms, consented_at=now)
    try:
        cohorts.renew(found, after)
    except CohortClosed as closed:
        raise _changed_meanwhile() from closed
    except StudentErased as erased:
        raise no_such("account") from erased
    except StaleDocument as stale:
        after = _meanwhile(by, cohort_id, cohorts, stale)
    return _view_of(after, (found, institution), now)


def withdraw(by: Command, cohort_id: str, *, cohorts: Cohorts, clock: Clock) -> EnrolmentView:
    """Withdraw one's consent: from this write on nothing is seen any more. Repeating it changes nothing.

    Whoever gave it may, whatever their role is by now.
    """
    now, before = clock.now(), _own(by, cohort_id, cohorts)
    if not repeated(before.done, by) and before.withdrawn_at is None:
        before = leave(by, before, "cohort.consent_withdrawn", now, cohorts)
    return EnrolmentView.of(before, None, seen=False)


def own(by: Command, limit: int, cursor: str | None, *, cohorts: Cohorts, clock: Clock) -> EnrolmentPage:
    """The cohorts that a student is or was in, with what they consented to."""
    require_role(by, Role.STUDENT)
    scope = ("enrolments", by.actor_id)
    page = cohorts.enrolments(by.actor_id, limit, decode(cursor, *scope))
    items = views(page.items, cohorts, clock.now())
    return EnrolmentPage(items=items, next_cursor=encode(page.next, *scope))


def seen_of_me(by: Command, cohort_id: str, *, desk: Desk) -> ProgressView:
    """What the educators of a cohort see of a student, for the student."""
    require_role(by, Role.STUDENT)
    enrolment = _own(by, cohort_id, desk.cohorts)
    found, _ = desk.cohorts.read(enrolment.organisation_id, cohort_id)
    if found is None:
        raise no_such("cohort")
    return progress(found, enrolment, desk)


def views(enrolments: list[Enrolment], cohorts: Cohorts, now: datetime) -> list[EnrolmentView]:
    """What a student consented to, with the cohorts as they are now (at most 100)."""
    found: dict[str, tuple[Cohort, Organisation]] = {}
    for start in range(0, len(enrolments), 50):
        some = enrolments[start : start + 50]
        found |= cohorts.find([(each.organisation_id, each.cohort_id) for each in some])
    return [_view_of(each, found.get(each.cohort_id), now) for each in enrolments]


def _view_of(enrolment: Enrolment, cohort: tuple[Cohort, Organisation] | None, now: datetime) -> EnrolmentView:
    seen = cohort is not None and enrolment.is_seen(cohort[0].terms, now)
    return EnrolmentView.of(enrolment, cohort, seen=seen)


def _view(enrolment: Enrolment, cohorts: Cohorts, now: datetime) -> EnrolmentView:
    (view,) = views([enrolment], cohorts, now)
    return view


def _own(by: Command, cohort_id: str, cohorts: Cohorts) -> Enrolment:
    enrolment = cohorts.enrolment(by.actor_id, cohort_id)
    if enrolment is None:
        raise no_such("cohort")
    return enrolment


def _meanwhile(by: Command, cohort_id: str, cohorts: Cohorts, stale: StaleDocument) -> Enrolment:
    """What the same command has written elsewhere, or a refusal."""
    meanwhile = _own(by, cohort_id, cohorts)
    if not repeated(meanwhile.done, by):
        raise changed() from stale
    return meanwhile


def _by_code(
    request: CohortCodeRequest, found: Cohort | None, institution: Organisation | None, now: datetime
) -> tuple[Cohort, Organisation]:
    secret = request.code.rpartition(".")[2]
    if found is None or institution is None or not hmac.compare_digest(found.code_hash or "", hashed(secret)):
        raise Invalid.field("unknown_code", "/code", "No cohort has this code; ask your educator for a new one.")
    over = found.code_expires_at is None or now >= found.code_expires_at or now >= found.terms.seen_until
    if over or institution.state is not OrganisationState.APPROVED:
        detail = "This cohort takes nobody by this code any more; ask your educator for a new one."
        raise Invalid.field("code_expired", "/code", detail)
    return found, institution


def _check_version(version: int, found: Cohort) -> None:
    if version != found.terms.version:
        detail = f"The terms are at version {found.terms.version} by now; read them again before you consent."
        raise Conflict("terms_changed", detail, terms_version=found.terms.version)


def _changed_meanwhile() -> Conflict:
    return Conflict("terms_changed", "The cohort was changed while you decided; read its terms again.")

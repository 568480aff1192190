"""An organisation's pipeline of people to hire: whom it has met, how far it is with them, side by side.

A student becomes a candidate by a brief that was paid, or when a member puts them there who has their application in
front of them. Only members of the organisation see any of it; the student sees that it is there, and all of it in their
export; it is gone once they want to be forgotten, or when nobody has had to do with them for long.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from microintern.app.accounts import changed, remember, repeated
from microintern.app.commands import load, require_role, require_side
from microintern.app.cursors import decode, encode
from microintern.app.requests import CandidateRequest
from microintern.app.views.parts import Person
from microintern.app.views.talent import CandidatePage, CandidateView, Compared, Comparison
from microintern.domain.accounts import Profile
from microintern.domain.brief import Brief, Command
from microintern.domain.documents import Application, ApplicationStatus, Content, Review
from microintern.domain.policy import Policy
from microintern.domain.problems import Invalid, no_such
from microintern.domain.states import Role, State
from microintern.domain.talent import Candidate, Stage, by_server, kept_until, result_of
from microintern.ports.accounts import Accounts
from microintern.ports.briefs import Briefs
from microintern.ports.clock import Clock
from microintern.ports.conditions import StaleDocument
from microintern.ports.talent import Talent

_TRIES = 4
_MOST_REVIEWS = 20
_MOST_CRITERIA = 50
MOST_COMPARED = 20


def require_inside(by: Command, organisation_id: str) -> None:
    """Raise unless the caller belongs to the organisation: nobody else learns that there is anything."""
    require_role(by, Role.EMPLOYER)
    if by.organisation_id != organisation_id:
        raise no_such("organisation")


def candidates(
    by: Command,
    organisation_id: str,
    stage: Stage | None,
    limit: int,
    cursor: str | None,
    *,
    talent: Talent,
    accounts: Accounts,
) -> CandidatePage:
    """The candidates of one's organisation, all or those at a stage."""
    require_inside(by, organisation_id)
    scope = ("candidates", by.actor_id, organisation_id, stage or "")
    page = talent.list_candidates(organisation_id, stage, limit, decode(cursor, *scope))
    profiles = _profiles(page.items, accounts)
    items = [CandidateView.of(candidate, profiles) for candidate in page.items]
    return CandidatePage(items=items, next_cursor=encode(page.next, *scope))


def candidate(
    by: Command, organisation_id: str, student_id: str, *, talent: Talent, accounts: Accounts
) -> CandidateView:
    """One candidate of one's organisation."""
    require_inside(by, organisation_id)
    found = _kept(talent.candidate(organisation_id, student_id))
    return CandidateView.of(found, _profiles([found], accounts))


def move(
    by: Command,
    organisation_id: str,
    student_id: str,
    request: CandidateRequest,
    *,
    talent: Talent,
    briefs: Briefs,
    clock: Clock,
    policy: Policy,
) -> Candidate:
    """Say how far one is with a candidate, and add a note; who applied to a brief of one's own can be made one."""
    require_inside(by, organisation_id)
    before = talent.candidate(organisation_id, student_id)
    if before and repeated(before.done, by):
        return before
    now = clock.now()
    if before is None or before.removed_at is not None:
        _check_applied(by, student_id, request.brief_id, briefs)
    base = before or Candidate(
        organisation_id=organisation_id, student_id=student_id, stage_since=now, kept_until=kept_until(now, policy)
    )
    after = base.moved(request.stage, request.note, request.hire, by, now)
    return _write(by, before, after, "candidate.moved", now, talent, policy)


def remove(
    by: Command, organisation_id: str, student_id: str, *, talent: Talent, clock: Clock, policy: Policy
) -> Candidate:
    """Drop a candidate with all that was noted."""
    require_inside(by, organisation_id)
    before = talent.candidate(organisation_id, student_id)
    if before and repeated(before.done, by):
        return before
    before, now = _kept(before), clock.now()
    return _write(by, before, before.removed(now), "candidate.removed", now, talent, policy)


def next_version(
    by: Command, before: Candidate | None, after: Candidate, what: str, now: datetime, policy: Policy
) -> Candidate:
    """What a command writes over a candidate."""
    removed = {} if what == "candidate.removed" else {"removed_at": None}
    return after.model_copy(
        update={
            **removed,
            "kept_until": kept_until(now, policy),
            "version": before.version + 1 if before else 1,
            "event": by.did(what, now, before.entry if before else None, {"stage": after.stage.value}),
            "done": remember(before.done if before else [], by),
        }
    )


def _write(
    by: Command,
    before: Candidate | None,
    after: Candidate,
    what: str,
    now: datetime,
    talent: Talent,
    policy: Policy,
) -> Candidate:
    written = next_version(by, before, after, what, now, policy)
    try:
        talent.save(written)
    except StaleDocument as stale:
        meanwhile = talent.candidate(after.organisation_id, after.student_id)
        if meanwhile and repeated(meanwhile.done, by):
            return meanwhile
        raise changed() from stale
    return written


def _check_applied(by: Command, student_id: str, brief_id: str | None, briefs: Briefs) -> None:
    """A candidate is somebody whose application the organisation may read, with who made it."""
    if brief_id is None:
        detail = "Name the brief of yours that this student applied to; nobody else can be made a candidate."
        raise Invalid.field("brief_missing", "/brief_id", detail)
    key = Application.key_for(brief_id, student_id)
    snapshot = load(briefs, brief_id, key)
    require_side(snapshot.brief, by, Role.EMPLOYER)
    application = snapshot.find(Application, key)
    # On a blind brief nobody can know who applied; what is said of somebody who did not must not differ.
    if application is None or not _is_shown(application, snapshot.brief):
        raise Invalid.field("not_an_applicant", "/brief_id", "This student has not applied there, as far as is shown.")


def _is_shown(application: Application, brief: Brief) -> bool:
    return not brief.blind or application.status(brief) is ApplicationStatus.AWARDED


def compare(
    by: Command, organisation_id: str, student_ids: Sequence[str], *, talent: Talent, accounts: Accounts
) -> Comparison:
    """Candidates side by side, on all criteria that any of them was judged by."""
    require_inside(by, organisation_id)
    wanted = list(dict.fromkeys(student_ids))
    if not 1 < len(wanted) <= MOST_COMPARED:
        raise Invalid.field("number_to_compare", "/student", f"Name 2 to {MOST_COMPARED} different candidates.")
    found = talent.candidates(organisation_id, wanted)
    kept = [_kept(found.get(student_id)) for student_id in wanted]
    profiles = _profiles(kept, accounts)
    names = dict.fromkeys(name for each in kept for result in each.results for name in result.percent_of)
    criteria = list(names)[:_MOST_CRITERIA]
    compared = []
    for each in kept:
        person = Person.of(each.student_id, profiles.get(each.student_id))
        column = Compared(
            label=person.name or each.student_id, student=person, stage=each.stage, **_reached(each, criteria)
        )
        compared.append(column)
    return Comparison(criteria=criteria, compared=compared)


def compare_applicants(
    by: Command,
    brief_id: str,
    limit: int,
    cursor: str | None,
    *,
    talent: Talent,
    briefs: Briefs,
    accounts: Accounts,
) -> Comparison:
    """Who applied to a brief, side by side on its rubric, by what they reached on earlier briefs of one's own."""
    require_role(by, Role.EMPLOYER)
    snapshot = load(briefs, brief_id, Content.key_of)
    brief = snapshot.brief
    require_side(brief, by, Role.EMPLOYER)
    scope = ("comparison", by.actor_id, brief_id)
    page = briefs.list_documents(brief_id, Application, limit, decode(cursor, *scope))
    applied = [application for application in page.items if application.withdrawn_at is None]
    known = talent.candidates(brief.employer_id, [application.student_id for application in applied])
    profiles = accounts.profiles([application.student_id for application in applied]) if applied else {}
    criteria = [criterion.name for criterion in snapshot.posting.rubric]
    compared = [
        _column(application, brief, known.get(application.student_id), profiles, criteria) for application in applied
    ]
    return Comparison(criteria=criteria, compared=compared, next_cursor=encode(page.next, *scope))


def _column(
    application: Application,
    brief: Brief,
    known: Candidate | None,
    profiles: dict[str, Profile],
    criteria: list[str],
) -> Compared:
    """An applicant's column; of who applied to a blind brief, neither name nor stage."""
    alias, shown = f"Applicant {application.application_id[:4].upper()}", _is_shown(application, brief)
    student = Person.of(application.student_id, profiles.get(application.student_id)) if shown else None
    kept = known if known and known.removed_at is None else None
    return Compared(
        label=student.name if student and student.name else alias,
        student=student,
        application_id=application.application_id,
        stage=kept.stage if kept and shown else None,
        **_reached(kept, criteria),
    )


def _reached(candidate: Candidate | None, criteria: Iterable[str]) -> dict[str, Any]:
    if candidate is None:
        return {"briefs_done": 0, "score_percent": None, "percent_of": dict.fromkeys(criteria)}
    return {
        "briefs_done": len(candidate.results),
        "score_percent": candidate.score_percent,
        "percent_of": {name: candidate.percent_on(name) for name in criteria},
    }


def keep_in_view(brief_id: str, *, talent: Talent, briefs: Briefs, clock: Clock, policy: Policy) -> bool:
    """A brief was paid: whoever did it is a candidate from now on, with what was reached. False when known already."""
    snapshot = briefs.read(brief_id, Content.key_of)
    if snapshot is None or snapshot.brief.state is not State.PAID or snapshot.brief.student_id is None:
        return False
    brief, now = snapshot.brief, clock.now()
    reviews = briefs.list_documents(brief_id, Review, _MOST_REVIEWS).items
    result = result_of(brief, snapshot.posting, reviews, brief.settled_at or now)
    for _ in range(_TRIES):
        before = talent.candidate(brief.employer_id, snapshot.brief.student_id)
        if before and (before.removed_at or any(known.brief_id == brief_id for known in before.results)):
            return False  # told before; or dropped meanwhile, and then not to come back by itself
        base = before or Candidate(
            organisation_id=brief.employer_id,
            student_id=snapshot.brief.student_id,
            stage_since=now,
            kept_until=kept_until(now, policy),
        )
        event = by_server("candidate.met", brief_id, now, before.entry if before else None)
        news = {"version": before.version + 1 if before else 1, "event": event, "kept_until": kept_until(now, policy)}
        try:
            talent.save(base.with_result(result).model_copy(update=news))
        except StaleDocument:
            continue
        return True
    raise RuntimeError(f"candidate of {brief_id} was changed each time that it was to be written")


def _kept(found: Candidate | None) -> Candidate:
    if found is None or found.removed_at is not None:
        raise no_such("candidate")
    return found


def _profiles(found: Iterable[Candidate], accounts: Accounts) -> dict[str, Profile]:
    """The profiles of candidates and of those who noted something (at most 100)."""
    ids = dict.fromkeys(account_id for each in found for account_id in (each.student_id, *(n.by for n in each.notes)))
    wanted = list(ids)[:100]
    return accounts.profiles(wanted) if wanted else {}

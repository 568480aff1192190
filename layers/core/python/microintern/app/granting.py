"""Educators grant credit for approved briefs: a signed credential that stays the student's, also after withdrawal."""

from datetime import datetime

from microintern.app.accounts import changed, repeated
from microintern.app.cohorts import Desk, Looked, consenting, looked_at, next_enrolment, open_to, open_with
from microintern.app.crediting import Issuer, revoked
from microintern.app.cursors import decode, encode
from microintern.app.requests import CreditRequest, RevocationRequest
from microintern.app.views.cohorts import CreditPage, CreditView
from microintern.app.views.credentials import RevocationView
from microintern.app.views.parts import Person
from microintern.domain.base import derived_id
from microintern.domain.brief import Command
from microintern.domain.cohorts import MOST_CREDITS, Cohort, Enrolment
from microintern.domain.credentials import Choices, Credential, CredentialState, granted
from microintern.domain.credits import Credit
from microintern.domain.open_badges import credit_badge, hidden_identity
from microintern.domain.organisations import Organisation
from microintern.domain.problems import Conflict, no_such
from microintern.domain.status_lists import MOST_TRIES, Place, place_of
from microintern.ports.conditions import StaleDocument, StudentErased
from microintern.ports.credentials import Credentials, PlaceTaken


def grant(
    by: Command,
    organisation_id: str,
    cohort_id: str,
    student_id: str,
    request: CreditRequest,
    *,
    desk: Desk,
    credentials: Credentials,
    issuer: Issuer,
) -> CreditView:
    """Grant the credit that the rules give for a student's approved briefs, if it is what the educator was shown."""
    found, institution, enrolment = open_with(by, organisation_id, cohort_id, student_id, desk.cohorts)
    now = desk.clock.now()
    before, student = consenting(enrolment, found, now), Person.of(student_id, None)
    credential_id = derived_id("credit", cohort_id, student_id, by.key)
    if repeated(before.done, by):
        return CreditView.of(_there(credential_id, cohort_id, credentials), student)
    _check_none_stands(before, credentials)
    (looked,) = looked_at(found, [before], desk, with_content=False)
    credit = _credit(found, institution, looked, request)
    facts = {"credits": [*before.credits, credential_id]}
    after = next_enrolment(by, before, "credit.granted", now, **facts)
    credential = _issue(by, credential_id, credit, after, now, credentials, issuer)
    return CreditView.of(credential, student)


def _check_none_stands(before: Enrolment, credentials: Credentials) -> None:
    if len(before.credits) >= MOST_CREDITS:
        raise Conflict("too_many_credits", f"Credit is granted to a student {MOST_CREDITS} times in a cohort at most.")
    last = credentials.read(before.credits[-1]) if before.credits else None
    if last and last.state is CredentialState.ISSUED:
        detail = "This student was granted credit already; revoke that before you grant it anew."
        raise Conflict("credit_granted_already", detail, credential_id=last.credential_id)


def _credit(found: Cohort, institution: Organisation, looked: Looked, request: CreditRequest) -> Credit:
    if found.rules is None:
        raise Conflict("no_credit_rules", "This cohort grants no credit; give it rules first.")
    progress = looked.progress
    if progress.hundredths is None:
        detail = "The rules need scores, which this student has not consented to have seen."
        raise Conflict("consent_too_narrow", detail)
    if progress.hundredths != request.hundredths:
        detail = f"By the rules it is {progress.hundredths} hundredths of a credit now; look again before you grant it."
        raise Conflict("credit_differs", detail, hundredths=progress.hundredths)
    return Credit(
        organisation_id=found.organisation_id,
        institution_name=institution.name,
        cohort_id=found.cohort_id,
        cohort_name=found.name,
        starts_on=found.terms.starts_on,
        ends_on=found.terms.ends_on,
        hundredths=progress.hundredths,
        hours=sum(brief.hours for brief in progress.counted),
        briefs=len(progress.counted),
        rules=found.rules,
    )


def _issue(
    by: Command,
    credential_id: str,
    credit: Credit,
    enrolment: Enrolment,
    now: datetime,
    credentials: Credentials,
    issuer: Issuer,
) -> Credential:
    for attempt in range(MOST_TRIES):
        place = place_of(credential_id, attempt)
        signed = _signed(credential_id, enrolment.student_id, credit, place, now, issuer)
        credential = granted(credential_id, enrolment.student_id, credit, place, signed, by, now)
        try:
            there = credentials.issue(credential, enrolment)
        except PlaceTaken:
            continue
        except StudentErased as erased:
            raise no_such("student") from erased
        except StaleDocument as stale:
            raise changed() from stale
        return there or credential
    raise RuntimeError(f"no place for the credential {credential_id} in any list")


def _signed(credential_id: str, student_id: str, credit: Credit, place: Place, now: datetime, issuer: Issuer) -> str:
    hidden = hidden_identity(credential_id, student_id)
    document = credit_badge(credential_id, credit, now, place, Choices(), hidden, issuer.at).as_json()
    return issuer.signed(document, now)


def granted_credits(
    by: Command,
    organisation_id: str,
    cohort_id: str,
    limit: int,
    cursor: str | None,
    *,
    desk: Desk,
    credentials: Credentials,
) -> CreditPage:
    """The credit that was granted in a cohort, the newest first; whose it is, of those who consent now."""
    found, _ = open_to(by, organisation_id, cohort_id, desk.cohorts)
    scope = ("credits", by.actor_id, cohort_id)
    page = credentials.of_cohort(cohort_id, limit, decode(cursor, *scope))
    items = _views(found, page.items, desk)
    return CreditPage(items=items, next_cursor=encode(page.next, *scope))


def revoke_credit(
    by: Command,
    organisation_id: str,
    cohort_id: str,
    credential_id: str,
    request: RevocationRequest,
    *,
    desk: Desk,
    credentials: Credentials,
) -> RevocationView:
    """Revoke credit that was granted by mistake, for good; also of a student who has withdrawn."""
    open_to(by, organisation_id, cohort_id, desk.cohorts)
    before = _there(credential_id, cohort_id, credentials)
    return RevocationView.of(revoked(by, before, request, credentials=credentials, clock=desk.clock))


def _there(credential_id: str, cohort_id: str, credentials: Credentials) -> Credential:
    credential = credentials.read(credential_id)
    if credential is None or credential.cohort_id != cohort_id or credential.state is CredentialState.ERASED:
        raise no_such("credential")
    return credential


def _views(found: Cohort, credentials: list[Credential], desk: Desk) -> list[CreditView]:
    """With the students, of those who consent now."""
    wanted = [(each.student_id, found.cohort_id) for each in credentials if each.student_id]
    enrolments = desk.cohorts.find_enrolments(wanted).values() if wanted else ()
    seen = [each.student_id for each in enrolments if each.is_seen(found.terms, desk.clock.now())]
    profiles = desk.accounts.profiles(seen) if seen else {}
    people = {student_id: Person.of(student_id, profiles.get(student_id)) for student_id in seen}
    return [CreditView.of(credential, people.get(credential.student_id or "")) for credential in credentials]

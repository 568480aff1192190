"""What is kept of a person: all of it for them to have, and none of it once they want to be forgotten."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from microintern.app import records as counting
from microintern.app.commands import require_role
from microintern.app.crediting import erase, erase_credential
from microintern.app.cursors import decode, encode
from microintern.app.delivering import shut
from microintern.app.enrolling import views
from microintern.app.requests import ErasureRequest
from microintern.app.views.accounts import (
    MarkView,
    NoticeSettingsView,
    NoticeView,
    PayoutView,
    ProfileView,
    StandingView,
)
from microintern.app.views.amendments import AmendmentView
from microintern.app.views.briefs import brief_view, own_application_view
from microintern.app.views.check_ins import CheckInAnswered
from microintern.app.views.credentials import OwnCredential
from microintern.app.views.discovery import SavedSearchView, StrengthsView
from microintern.app.views.export import Export, ExportedAccount, ExportedBrief, ExportedCohort
from microintern.app.views.feedback import FeedbackView
from microintern.app.views.files import FileView
from microintern.app.views.messages import ExportedMessage
from microintern.app.views.money import StatementRow
from microintern.app.views.portfolios import ExportedPortfolio
from microintern.app.views.records import PartyRecord
from microintern.app.views.talent import KeptAsCandidate, OfferView
from microintern.app.views.webhooks import EndpointView
from microintern.domain.amendments import Amendment, Amendments, AmendmentStatus
from microintern.domain.base import derived_id
from microintern.domain.brief import Brief, Command
from microintern.domain.check_ins import CheckIn, CheckIns
from microintern.domain.credentials import credential_id_of
from microintern.domain.documents import Application, Document, Statement, StoredFile, Submission
from microintern.domain.feedback import TAKES_FEEDBACK, Feedback, Given, taken_until
from microintern.domain.mentors import Mentor
from microintern.domain.policy import Policy
from microintern.domain.problems import Conflict, Invalid
from microintern.domain.standing import Standing, StandingState
from microintern.domain.states import Role
from microintern.domain.trail import Event, Fact
from microintern.ports.accounts import Accounts, Groups, Standings, Users
from microintern.ports.briefs import Briefs, Snapshot
from microintern.ports.clock import Clock
from microintern.ports.cohorts import Cohorts
from microintern.ports.conditions import StaleDocument, StudentErased
from microintern.ports.credentials import Credentials
from microintern.ports.discovery import Searches, Students
from microintern.ports.files import FileStore, Previews
from microintern.ports.ledger import Ledger
from microintern.ports.mailing import Mailings
from microintern.ports.organisations import LastOwner, Organisations
from microintern.ports.paging import Page, Position
from microintern.ports.portfolios import Portfolios
from microintern.ports.records import Records
from microintern.ports.talent import Talent
from microintern.ports.threads import Threads
from microintern.ports.webhooks import Deliveries, Endpoints

D = TypeVar("D", bound=Document)
W = TypeVar("W", CheckIn, Amendment)
A = TypeVar("A", CheckIns, Amendments)

ERASED = "(erased)"
_PAGE = 100
_TRIES = 4
_BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
_JUST_NOW = timedelta(seconds=1)
_OFFERS_PER_READ = 50
MOST_LINES = 10_000


@dataclass(frozen=True)
class Archive:
    """Where something is kept of people."""

    briefs: Briefs
    accounts: Accounts
    standings: Standings
    organisations: Organisations
    records: Records
    credentials: Credentials
    endpoints: Endpoints
    talent: Talent
    cohorts: Cohorts
    searches: Searches
    students: Students
    threads: Threads
    mailings: Mailings
    portfolios: Portfolios


def export(
    by: Command, limit: int, cursor: str | None, *, archive: Archive, ledger: Ledger, clock: Clock, policy: Policy
) -> Export:
    """Everything kept of the caller: of the account on the first page, and of some of their briefs on each."""
    scope = ("export", by.actor_id)
    after = decode(cursor, *scope)
    page = _briefs_page(by.actor_id, by.organisation_id, limit, after, archive.briefs)
    now = clock.now()
    items = [_exported(snapshot, by, archive, policy, now) for snapshot in page.items]
    account = None if cursor else _account(by, archive, ledger, now)
    return Export(account=account, briefs=items, next_cursor=encode(page.next, *scope))


def _account(by: Command, archive: Archive, ledger: Ledger, now: datetime) -> ExportedAccount:
    profile, standing = archive.accounts.profile(by.actor_id), archive.standings.read(by.actor_id)
    payout = archive.accounts.payout_account(by.actor_id)
    party_id = by.organisation_id if by.role is Role.EMPLOYER else by.actor_id
    moved = (
        _all(lambda after: ledger.posted_of(party_id, _BEGINNING, now + _JUST_NOW, _PAGE, after))
        if party_id
        else iter(())
    )
    said = _all(lambda after: archive.threads.of_author(by.actor_id, _PAGE, after))
    notices = _all(lambda after: archive.accounts.notices(by.actor_id, _PAGE, after))
    endpoints = archive.endpoints.of(by.organisation_id) if by.organisation_id else []
    shown = set(NoticeView.model_fields)
    marked = set(MarkView.model_fields)
    return ExportedAccount(
        account_id=by.actor_id,
        role=by.role,
        standing=StandingView.of(standing),
        organisation_id=standing.organisation_id,
        member_role=standing.member_role,
        left=sorted(standing.left),
        profile=ProfileView.of(profile) if profile else None,
        payout_account=PayoutView.of(payout) if payout else None,
        notices=[NoticeView.model_validate(notice.model_dump(include=shown)) for notice in notices],
        notice_settings=NoticeSettingsView.of(archive.mailings.of(by.actor_id)),
        marks=[
            MarkView.model_validate(mark.model_dump(include=marked)) for mark in archive.accounts.marks(by.actor_id)
        ],
        statement=[StatementRow.of(transfer) for transfer in moved],
        record=_record(by, party_id, archive.records),
        webhooks=[EndpointView.of(endpoint) for endpoint in endpoints if endpoint.created_by == by.actor_id],
        offers=_offers(by.actor_id, archive),
        kept_as_candidate=list(_kept_as_candidate(by.actor_id, archive.talent)),
        cohorts=list(_cohorts(by.actor_id, archive, now)),
        saved_searches=[SavedSearchView.of(search) for search in archive.searches.of(by.actor_id).searches],
        strengths=StrengthsView.of(*archive.students.known_of(by.actor_id)) if by.role is Role.STUDENT else None,
        messages=[ExportedMessage.of(message) for message in said],
        portfolio=ExportedPortfolio.of(archive.portfolios.read(by.actor_id)) if by.role is Role.STUDENT else None,
    )


def _record(by: Command, party_id: str | None, records: Records) -> PartyRecord | None:
    if party_id is None or by.role not in (Role.EMPLOYER, Role.STUDENT):
        return None
    return PartyRecord.of(records.read(party_id, by.role))


def _offers(account_id: str, archive: Archive) -> list[OfferView]:
    found = list(_all(lambda after: archive.talent.offers(account_id, _OFFERS_PER_READ, after)))
    views = []
    for start in range(0, len(found), _OFFERS_PER_READ):
        some = found[start : start + _OFFERS_PER_READ]
        snapshots = archive.briefs.find([offer.brief_id for offer in some])
        views += [OfferView.of(offer, snapshots[offer.brief_id]) for offer in some if offer.brief_id in snapshots]
    return views


def _kept_as_candidate(account_id: str, talent: Talent) -> Iterator[KeptAsCandidate]:
    """What organisations have noted about somebody, who noted it left out."""
    for organisation_id in talent.keepers(account_id):
        candidate = talent.candidate(organisation_id, account_id)
        if candidate is not None and candidate.removed_at is None:
            yield KeptAsCandidate.of(candidate)


def _cohorts(account_id: str, archive: Archive, now: datetime) -> Iterator[ExportedCohort]:
    """What a student consented to, with the credit that was granted for it."""
    enrolments = list(_all(lambda after: archive.cohorts.enrolments(account_id, _PAGE, after)))
    for enrolment, view in zip(enrolments, views(enrolments, archive.cohorts, now), strict=True):
        found = [archive.credentials.read(credential_id) for credential_id in enrolment.credits]
        yield ExportedCohort(enrolment=view, credits=[OwnCredential.of(each) for each in found if each])


def _exported(snapshot: Snapshot, by: Command, archive: Archive, policy: Policy, now: datetime) -> ExportedBrief:
    brief, briefs = snapshot.brief, archive.briefs
    application = snapshot.find(Application, _application_key(brief.brief_id, by.actor_id))
    party = brief.side_of(by) is not None
    own = by.role is Role.STUDENT and party
    files = [file for file in _documents(brief.brief_id, StoredFile, briefs) if file.uploaded_by == by.actor_id]
    credential = archive.credentials.read(credential_id_of(brief.brief_id)) if own else None
    said = [s for s in _documents(brief.brief_id, Statement, briefs) if party and s.role is by.role]
    return ExportedBrief(
        brief=brief_view(brief, snapshot.posting, party=party, application=application),
        application=own_application_view(application) if application else None,
        files=[FileView.of(file) for file in files],
        submissions=list(_documents(brief.brief_id, Submission, briefs)) if own else [],
        statements=said,
        feedback=_feedback_view(brief, by, briefs, taken_until(brief, policy), now) if party else None,
        credential=OwnCredential.of(credential) if credential else None,
        agreed=application.agreed if application else None,
        amendments=_amendments(brief, by, briefs, now),
        check_ins=_check_ins(brief.brief_id, by.actor_id, briefs),
        is_contact=any(found.account_id == by.actor_id for found in _documents(brief.brief_id, Mentor, briefs)),
    )


def _amendments(brief: Brief, by: Command, briefs: Briefs, now: datetime) -> list[AmendmentView]:
    """What was proposed under the award that stands, for its sides; and what one proposed oneself at any time."""
    award = brief.award if brief.side_of(by) else None
    found = [item for each in _documents(brief.brief_id, Amendments, briefs) for item in each.items]
    own = [item for item in found if item.award == award or item.proposer_id == by.actor_id]
    return [AmendmentView.of(item, brief, now) for item in own]


def _check_ins(brief_id: str, account_id: str, briefs: Briefs) -> list[CheckInAnswered]:
    """What somebody said of the work, whether they still have it or not."""
    application_id = derived_id("application", brief_id, account_id)
    found = _documents(brief_id, CheckIns, briefs)
    own = [each for said in found for each in said.items if each.application_id == application_id]
    return [CheckInAnswered.of(brief_id, each) for each in own]


def _feedback_view(
    brief: Brief, by: Command, briefs: Briefs, until: datetime | None, now: datetime
) -> FeedbackView | None:
    """What was said of each other, as far as this side sees it."""
    found = next(_documents(brief.brief_id, Feedback, briefs), None)
    return FeedbackView.of(brief, found, until, brief.side_of(by), now) if found else None


def ask_own_erasure(by: Command, request: ErasureRequest, *, archive: Archive, clock: Clock) -> Standing:
    """Have one's own account forgotten; one has to say which it is, so that it does not happen by mistake."""
    if request.account_id != by.actor_id:
        detail = "Name your own account_id, as GET /me shows it: this cannot be undone."
        raise Invalid.field("not_confirmed", "/account_id", detail)
    return _erase(by, by.actor_id, archive, clock)


def ask_erasure(by: Command, account_id: str, *, archive: Archive, groups: Groups, clock: Clock) -> Standing:
    """Have an account forgotten as an operator whom its person has asked."""
    require_role(by, Role.OPERATOR)
    if account_id == by.actor_id:
        raise Conflict("own_erasure", "Ask for it as anybody else does, with POST /me/erasure.")
    if archive.standings.read(account_id).state is not StandingState.ERASED:
        groups.roles_of(account_id)
    return _erase(by, account_id, archive, clock)


def _erase(by: Command, account_id: str, archive: Archive, clock: Clock) -> Standing:
    """From here on nobody can use the account; what is kept of it is taken away within minutes."""
    standing = archive.standings.read(account_id)
    if standing.state is StandingState.ERASED:
        return standing
    _check_nothing_under_way(standing, archive)
    erased = _erased(standing, by, clock.now())
    try:
        archive.standings.erase(erased)
    except StaleDocument as stale:
        meanwhile = archive.standings.read(account_id)
        if meanwhile.state is StandingState.ERASED:
            return meanwhile
        raise Conflict("changed_meanwhile", "The account changed at this moment; ask again.") from stale
    return erased


def _erased(standing: Standing, by: Command, now: datetime) -> Standing:
    """Nothing that anybody wrote is left in it; that it was asked for, and by whom, is a step like any other."""
    gone: dict[str, object] = {"state": StandingState.ERASED, "reason": None, "since": now, "done": []}
    event = by.did("account.erased", now, standing.entry)
    return standing.model_copy(update={**gone, "version": standing.version + 1, "event": event})


def _check_nothing_under_way(standing: Standing, archive: Archive) -> None:
    account_id, organisation_id = standing.account_id, standing.organisation_id
    organisation = archive.organisations.read(organisation_id) if organisation_id else None
    alone = organisation is not None and organisation.members == 1
    if organisation and not alone and organisation.owners == 1 and standing.member_role == "owner":
        detail = "You are the last owner of your organisation; make another member an owner first."
        raise Conflict("last_owner", detail)
    open_ids = [
        snapshot.brief.brief_id
        for snapshot in _briefs_of(account_id, organisation_id if alone else None, archive.briefs)
        if _binds(snapshot, account_id, organisation_id)
    ]
    if open_ids:
        detail = (
            "Briefs are under way or their money has not moved: finish, cancel or withdraw from them first. "
            f"They are {', '.join(open_ids)}."
        )
        raise Conflict("briefs_under_way", detail, brief_ids=open_ids)


def _binds(snapshot: Snapshot, account_id: str, organisation_id: str | None) -> bool:
    """Whether somebody has still to do with a brief, or waits to be picked for it."""
    brief = snapshot.brief
    if account_id == brief.student_id or organisation_id == brief.employer_id:
        return brief.settled_at is None
    application = snapshot.find(Application, _application_key(brief.brief_id, account_id))
    return application is not None and application.withdrawn_at is None and brief.split is None and not brief.student_id


def finish_erasures(
    archive: Archive, *, users: Users, files: FileStore, previews: Previews, deliveries: Deliveries
) -> int:
    """Take away what is kept of those who are to be forgotten; how many are. Each step can be done again."""
    waiting = archive.standings.erasing(_PAGE)
    for account_id in waiting:
        users.delete(account_id)
        _leave(account_id, archive)
        standing = archive.standings.read(account_id)
        organisations = [entry.partition("#")[0] for entry in standing.left]
        for left in organisations:
            _shut(left, standing, archive, deliveries)
        for organisation_id in (None, *organisations):
            alone = organisation_id is not None and not archive.organisations.members(organisation_id)
            for snapshot in _briefs_of(account_id, organisation_id, archive.briefs):
                _forget_on(snapshot, account_id, archive.briefs, files, previews)
                _forget_feedback(snapshot.brief, account_id, archive, alone=alone)
                _forget_consent(snapshot.brief, standing, archive, alone=alone)
                if snapshot.brief.student_id == account_id and standing.since:
                    erase(snapshot.brief.brief_id, standing.since, credentials=archive.credentials)
                if organisation_id is None:
                    counting.forget_on(snapshot.brief, account_id, records=archive.records)
        counting.forget(account_id, records=archive.records)
        for organisation_id in archive.talent.keepers(account_id):
            archive.talent.forget_candidate(organisation_id, account_id)
        _forget_cohorts(standing, archive)
        archive.searches.forget(account_id)
        _forget_messages(account_id, archive)
        archive.portfolios.forget(account_id)
        archive.accounts.forget(account_id)
        archive.standings.erased(account_id)
    return len(waiting)


def _leave(account_id: str, archive: Archive) -> None:
    standing = archive.standings.read(account_id)
    if standing.organisation_id is None or standing.since is None:
        return
    before = archive.organisations.membership(standing.organisation_id, account_id)
    if before is None or before.left_at is not None:
        return
    previous = before.entry.hash if before.entry else None
    event = Event(type="member.left", at=standing.since, role=Role.SERVER, previous=previous)
    after = before.model_copy(
        update={"left_at": standing.since, "version": before.version + 1, "event": event, "done": []}
    )
    try:
        try:
            archive.organisations.leave(before, after, account_id)
        except LastOwner:
            archive.organisations.close(before, after)
    except StaleDocument:
        # Another run may have done it at this moment.
        if archive.standings.read(account_id).organisation_id is not None:
            raise


def _shut(organisation_id: str, standing: Standing, archive: Archive, deliveries: Deliveries) -> None:
    """Of an organisation that nobody belongs to any more, nothing is sent anywhere."""
    organisation = archive.organisations.read(organisation_id)
    if organisation is not None and organisation.members == 0 and standing.since is not None:
        shut(organisation_id, endpoints=archive.endpoints, deliveries=deliveries, at=standing.since)


def _forget_on(snapshot: Snapshot, account_id: str, briefs: Briefs, files: FileStore, previews: Previews) -> None:
    """Leave of somebody on a brief what they did and when, and nothing that they wrote or sent."""
    brief_id, as_student = snapshot.brief.brief_id, snapshot.brief.student_id == account_id
    application = snapshot.find(Application, _application_key(brief_id, account_id))
    if application:
        briefs.overwrite(brief_id, application.model_copy(update={"statement": ERASED, "links": []}))
    for file in _documents(brief_id, StoredFile, briefs):
        if file.uploaded_by == account_id:
            previews.erase(file)
            files.erase(file)
            briefs.overwrite(brief_id, file.model_copy(update={"name": ERASED}))
    _retried(lambda: _forget_on_awards(snapshot, account_id, briefs))
    if not as_student:
        return
    for submission in _documents(brief_id, Submission, briefs):
        named = [file.model_copy(update={"name": ERASED}) for file in submission.files]
        briefs.overwrite(brief_id, submission.model_copy(update={"files": named, "note": None}))
    for statement in _documents(brief_id, Statement, briefs):
        if statement.role is Role.STUDENT:
            briefs.overwrite(brief_id, statement.model_copy(update={"reason": ERASED}))


def _forget_on_awards(snapshot: Snapshot, account_id: str, briefs: Briefs) -> None:
    """Take a student's words out of check-ins and proposals. What both sides accepted is a contract, and stays."""
    brief_id = snapshot.brief.brief_id
    application_id = derived_id("application", brief_id, account_id)
    for said in _documents(brief_id, CheckIns, briefs):
        kept = [_silenced(each, application_id, note=None) for each in said.items]
        _rewrite(said, kept, briefs)
    for proposed in _documents(brief_id, Amendments, briefs):
        changes = [
            each
            if each.ended_as is AmendmentStatus.ACCEPTED or each.proposer_id != account_id
            else _silenced(each, application_id, reason=ERASED, scope=None)
            for each in proposed.items
        ]
        _rewrite(proposed, changes, briefs)


def _rewrite(found: A, items: list[Any], briefs: Briefs) -> None:
    """Over its version, if words are to go: so that neither what comes meanwhile is lost, nor the words come back."""
    if items != found.items:
        briefs.replace(found.model_copy(update={"items": items, "version": found.version + 1}))


def _silenced(each: W, application_id: str, **words: str | None) -> W:
    """The same without words, if it is of this award."""
    return each.model_copy(update=words) if each.application_id == application_id else each


def _forget_feedback(brief: Brief, account_id: str, archive: Archive, *, alone: bool) -> None:
    """Take away what an erased person wrote and what was written of them; numbers about the other side stay.

    Of an organisation's side, its author is whom the student's words are about, or its only member (`alone`).
    """
    _retried(lambda: _take_words(brief, account_id, archive.briefs, alone=alone))


def _retried(forgets: Callable[[], None]) -> None:
    """Somebody may write to the same at this moment: then what they wrote is looked at."""
    for _ in range(_TRIES - 1):
        with suppress(StaleDocument):
            return forgets()
    return forgets()


def _take_words(brief: Brief, account_id: str, briefs: Briefs, *, alone: bool) -> None:
    found = next(_documents(brief.brief_id, Feedback, briefs), None)
    as_student = brief.student_id == account_id
    if found is None:
        if as_student and brief.outcome in TAKES_FEEDBACK:
            parties = {"employer_id": brief.employer_id, "student_id": account_id}
            closed = Feedback.model_validate({"brief_id": brief.brief_id, "closed": True, "steps": 0, **parties})
            if briefs.add(brief.brief_id, closed) is not None:
                raise StaleDocument
        return
    as_author = found.employer is not None and found.employer.author_id == account_id
    if not (as_student or as_author or alone):
        return
    about_student = _wordless(found.employer)
    if about_student and as_student:
        about_student = about_student.model_copy(update={"ratings": {}})
    changes = {"employer": about_student, "student": _wordless(found.student), "closed": found.closed or as_student}
    after = found.model_copy(update=changes)
    if after != found:
        # Over its version, so that nothing which was about to be written comes after it.
        briefs.replace(after.model_copy(update={"version": found.version + 1}))


def _forget_consent(brief: Brief, standing: Standing, archive: Archive, *, alone: bool) -> None:
    """Have nothing of an erased person on the page of the student who worked for their organisation.

    What they wrote for it goes; where nobody is left who could take it back (`alone`), so does the rest.
    """
    for _ in range(_TRIES - 1):
        try:
            return _take_consent(brief, standing, archive.portfolios, alone=alone)
        except StaleDocument:
            # A colleague decided at this moment: what they wrote stays.
            continue
    return _take_consent(brief, standing, archive.portfolios, alone=alone)


def _take_consent(brief: Brief, standing: Standing, portfolios: Portfolios, *, alone: bool) -> None:
    if not brief.student_id or brief.student_id == standing.account_id or standing.since is None:
        return
    _, before = portfolios.of_brief(brief.student_id, brief.brief_id)
    if before is None or before.event is None or not (alone or before.event.actor_id == standing.account_id):
        return
    files = before.files and not alone
    if (before.files, before.quote) == (files, None):
        return
    previous = before.entry.hash if before.entry else None
    facts: dict[str, Fact] = {"brief_id": brief.brief_id, "files": int(files), "quote": 0}
    decided: dict[str, Any] = {"type": "consent.decided", "at": standing.since, "role": Role.SERVER, "facts": facts}
    event = Event(**decided, trigger="erasure", previous=previous)
    changes: dict[str, object] = {
        "files": files,
        "quote": None,
        "decided_at": standing.since,
        "event": event,
        "done": [],
    }
    # The page of a student who is erased at this moment goes as a whole.
    with suppress(StudentErased):
        portfolios.save(before.model_copy(update={**changes, "version": before.version + 1}))


def _wordless(given: Given | None) -> Given | None:
    return given.model_copy(update={"text": ERASED, "suggestions": []}) if given else None


def _forget_cohorts(standing: Standing, archive: Archive) -> None:
    """Have cohorts know nothing of somebody, and erase the credit that was granted; consent goes with the account."""
    for enrolment in _all(lambda after: archive.cohorts.enrolments(standing.account_id, _PAGE, after)):
        archive.cohorts.forget(enrolment)
        for credential_id in enrolment.credits:
            if standing.since:
                erase_credential(credential_id, standing.since, credentials=archive.credentials)


def _forget_messages(account_id: str, archive: Archive) -> None:
    """Leave that a student said something, and when; on any brief, also one that they did not apply for.

    What somebody said for an organisation is the organisation's, as its reviews are: the other side relies on it.
    """
    position: Position | None = None
    while True:
        page = archive.threads.of_author(account_id, _PAGE, position)
        for message in page.items:
            if message.role is Role.STUDENT:
                # One whose time is over at this moment is gone by itself.
                with suppress(StaleDocument):
                    archive.briefs.overwrite(message.brief_id, message.erased())
        if (position := page.next) is None:
            return


def _application_key(brief_id: str, account_id: str) -> str:
    return Application.key_of(derived_id("application", brief_id, account_id))


def _briefs_of(account_id: str, organisation_id: str | None, briefs: Briefs) -> Iterator[Snapshot]:
    """The briefs that somebody applied for, or those of an organisation if one is named."""
    yield from _all(lambda after: _briefs_page(account_id, organisation_id, _PAGE, after, briefs))


def _briefs_page(
    account_id: str, organisation_id: str | None, limit: int, after: Position | None, briefs: Briefs
) -> Page:
    if organisation_id:
        return briefs.list_of_employer(organisation_id, limit, after)
    return briefs.list_of_student(account_id, limit, after)


def _documents(brief_id: str, model: type[D], briefs: Briefs) -> Iterator[D]:
    yield from _all(lambda after: briefs.list_documents(brief_id, model, _PAGE, after))


def _all(page: Callable[[Position | None], Page]) -> Iterator[Any]:
    """Everything of a list that comes in pages, as far as one answer can hold."""
    position: Position | None = None
    for _ in range(MOST_LINES // _PAGE):
        part = page(position)
        yield from part.items
        if (position := part.next) is None:
            return

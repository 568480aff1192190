"""Everything that is kept of a person, for them to have."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from microintern.app.archive import PAGE, Archive, application_of, briefs_page, documents_of, every
from microintern.app.cursors import decode, encode
from microintern.app.enrolling import views
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
from microintern.domain.amendments import Amendments
from microintern.domain.brief import Brief, Command
from microintern.domain.check_ins import CheckIns
from microintern.domain.credentials import credential_id_of
from microintern.domain.documents import Application, Statement, StoredFile, Submission
from microintern.domain.feedback import Feedback, taken_until
from microintern.domain.mentors import Mentor
from microintern.domain.policy import Policy
from microintern.domain.states import Role
from microintern.ports.briefs import Briefs, Snapshot
from microintern.ports.clock import Clock
from microintern.ports.ledger import Ledger
from microintern.ports.records import Records
from microintern.ports.talent import Talent

_BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
_JUST_NOW = timedelta(seconds=1)
_OFFERS_PER_READ = 50


def export(
    by: Command, limit: int, cursor: str | None, *, archive: Archive, ledger: Ledger, clock: Clock, policy: Policy
) -> Export:
    """Everything kept of the caller: of the account on the first page, and of some of their briefs on each."""
    scope = ("export", by.actor_id)
    after = decode(cursor, *scope)
    page = briefs_page(by.actor_id, by.organisation_id, limit, after, archive.briefs)
    now = clock.now()
    items = [_exported(snapshot, by, archive, policy, now) for snapshot in page.items]
    account = None if cursor else _account(by, archive, ledger, now)
    return Export(account=account, briefs=items, next_cursor=encode(page.next, *scope))


def _account(by: Command, archive: Archive, ledger: Ledger, now: datetime) -> ExportedAccount:
    profile, standing = archive.accounts.profile(by.actor_id), archive.standings.read(by.actor_id)
    payout = archive.accounts.payout_account(by.actor_id)
    party_id = by.organisation_id if by.role is Role.EMPLOYER else by.actor_id
    moved = (
        every(lambda after: ledger.posted_of(party_id, _BEGINNING, now + _JUST_NOW, PAGE, after))
        if party_id
        else iter(())
    )
    said = every(lambda after: archive.threads.of_author(by.actor_id, PAGE, after))
    notices = every(lambda after: archive.accounts.notices(by.actor_id, PAGE, after))
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
    found = list(every(lambda after: archive.talent.offers(account_id, _OFFERS_PER_READ, after)))
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
    enrolments = list(every(lambda after: archive.cohorts.enrolments(account_id, PAGE, after)))
    for enrolment, view in zip(enrolments, views(enrolments, archive.cohorts, now), strict=True):
        found = [archive.credentials.read(credential_id) for credential_id in enrolment.credits]
        yield ExportedCohort(enrolment=view, credits=[OwnCredential.of(each) for each in found if each])


def _exported(snapshot: Snapshot, by: Command, archive: Archive, policy: Policy, now: datetime) -> ExportedBrief:
    brief, briefs = snapshot.brief, archive.briefs
    application = application_of(snapshot, by.actor_id)
    party = brief.side_of(by) is not None
    own = by.role is Role.STUDENT and party
    files = [file for file in documents_of(brief.brief_id, StoredFile, briefs) if file.uploaded_by == by.actor_id]
    credential = archive.credentials.read(credential_id_of(brief.brief_id)) if own else None
    said = [s for s in documents_of(brief.brief_id, Statement, briefs) if party and s.role is by.role]
    return ExportedBrief(
        brief=brief_view(brief, snapshot.posting, party=party, application=application),
        application=own_application_view(application) if application else None,
        files=[FileView.of(file) for file in files],
        submissions=list(documents_of(brief.brief_id, Submission, briefs)) if own else [],
        statements=said,
        feedback=_feedback_view(brief, by, briefs, taken_until(brief, policy), now) if party else None,
        credential=OwnCredential.of(credential) if credential else None,
        agreed=application.agreed if application else None,
        amendments=_amendments(brief, by, briefs, now),
        check_ins=_check_ins(brief.brief_id, by.actor_id, briefs),
        is_contact=any(found.account_id == by.actor_id for found in documents_of(brief.brief_id, Mentor, briefs)),
    )


def _amendments(brief: Brief, by: Command, briefs: Briefs, now: datetime) -> list[AmendmentView]:
    """What was proposed under the award that stands, for its sides; and what one proposed oneself at any time."""
    award = brief.award if brief.side_of(by) else None
    found = [item for each in documents_of(brief.brief_id, Amendments, briefs) for item in each.items]
    own = [item for item in found if item.award == award or item.proposer_id == by.actor_id]
    return [AmendmentView.of(item, brief, now) for item in own]


def _check_ins(brief_id: str, account_id: str, briefs: Briefs) -> list[CheckInAnswered]:
    """What somebody said of the work, whether they still have it or not."""
    application_id = Application.id_of(brief_id, account_id)
    found = documents_of(brief_id, CheckIns, briefs)
    own = [each for said in found for each in said.items if each.application_id == application_id]
    return [CheckInAnswered.of(brief_id, each) for each in own]


def _feedback_view(
    brief: Brief, by: Command, briefs: Briefs, until: datetime | None, now: datetime
) -> FeedbackView | None:
    """What was said of each other, as far as this side sees it."""
    found = next(documents_of(brief.brief_id, Feedback, briefs), None)
    return FeedbackView.of(brief, found, until, brief.side_of(by), now) if found else None

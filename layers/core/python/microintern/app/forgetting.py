"""What is kept of those who are to be forgotten is taken away."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from microintern.app import records as counting
from microintern.app.archive import PAGE, Archive, application_of, briefs_of, documents_of, every
from microintern.app.crediting import erase, erase_credential
from microintern.app.delivering import shut
from microintern.domain.amendments import Amendments, AmendmentStatus
from microintern.domain.award_log import Logged
from microintern.domain.brief import Brief
from microintern.domain.check_ins import CheckIns
from microintern.domain.documents import Application, Statement, StoredFile, Submission
from microintern.domain.feedback import TAKES_FEEDBACK, Feedback, Given
from microintern.domain.messages import FORGOTTEN
from microintern.domain.standing import Standing
from microintern.domain.states import Role
from microintern.domain.trail import Event, Fact
from microintern.ports.accounts import Users
from microintern.ports.briefs import Briefs, Snapshot
from microintern.ports.conditions import StaleDocument, StudentErased
from microintern.ports.files import FileStore, Previews
from microintern.ports.organisations import LastOwner
from microintern.ports.paging import Position
from microintern.ports.portfolios import Portfolios
from microintern.ports.webhooks import Deliveries

W = TypeVar("W", bound=Logged)

_TRIES = 4


def finish_erasures(
    archive: Archive, *, users: Users, files: FileStore, previews: Previews, deliveries: Deliveries
) -> int:
    """Take away what is kept of those who are to be forgotten; how many are. Each step can be done again."""
    waiting = archive.standings.erasing(PAGE)
    for account_id in waiting:
        users.delete(account_id)
        _leave(account_id, archive)
        standing = archive.standings.read(account_id)
        organisations = [entry.partition("#")[0] for entry in standing.left]
        for left in organisations:
            _shut(left, standing, archive, deliveries)
        for organisation_id in (None, *organisations):
            _forget_on_briefs(organisation_id, standing, archive, files, previews)
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


def _forget_on_briefs(
    organisation_id: str | None, standing: Standing, archive: Archive, files: FileStore, previews: Previews
) -> None:
    """Forget somebody on the briefs that they applied for, or on those of an organisation that they left."""
    account_id = standing.account_id
    alone = organisation_id is not None and not archive.organisations.members(organisation_id)
    for snapshot in briefs_of(account_id, organisation_id, archive.briefs):
        _forget_words_and_files(snapshot, account_id, archive.briefs, files, previews)
        _forget_feedback(snapshot.brief, account_id, archive, alone=alone)
        _forget_consent(snapshot.brief, standing, archive, alone=alone)
        if snapshot.brief.student_id == account_id and standing.since:
            erase(snapshot.brief.brief_id, standing.since, credentials=archive.credentials)
        if organisation_id is None:
            counting.forget_on(snapshot.brief, account_id, records=archive.records)


def _forget_words_and_files(
    snapshot: Snapshot, account_id: str, briefs: Briefs, files: FileStore, previews: Previews
) -> None:
    """Leave of somebody on a brief what they did and when, and nothing that they wrote or sent."""
    brief_id, as_student = snapshot.brief.brief_id, snapshot.brief.student_id == account_id
    application = application_of(snapshot, account_id)
    if application:
        briefs.overwrite(brief_id, application.model_copy(update={"statement": FORGOTTEN, "links": []}))
    for file in documents_of(brief_id, StoredFile, briefs):
        if file.uploaded_by == account_id:
            previews.erase(file)
            files.erase(file)
            briefs.overwrite(brief_id, file.model_copy(update={"name": FORGOTTEN}))
    _retried(lambda: _forget_on_awards(snapshot, account_id, briefs))
    if not as_student:
        return
    for submission in documents_of(brief_id, Submission, briefs):
        named = [file.model_copy(update={"name": FORGOTTEN}) for file in submission.files]
        briefs.overwrite(brief_id, submission.model_copy(update={"files": named, "note": None}))
    for statement in documents_of(brief_id, Statement, briefs):
        if statement.role is Role.STUDENT:
            briefs.overwrite(brief_id, statement.model_copy(update={"reason": FORGOTTEN}))


def _retried(forgets: Callable[[], None]) -> None:
    """Somebody may write to the same at this moment: then what they wrote is looked at."""
    for _ in range(_TRIES - 1):
        with suppress(StaleDocument):
            return forgets()
    return forgets()


def _forget_on_awards(snapshot: Snapshot, account_id: str, briefs: Briefs) -> None:
    """Take a student's words out of check-ins and proposals. What both sides accepted is a contract, and stays."""
    brief_id = snapshot.brief.brief_id
    application_id = Application.id_of(brief_id, account_id)
    for said in documents_of(brief_id, CheckIns, briefs):
        kept = [_silenced(each, application_id, note=None) for each in said.items]
        _rewrite(said, kept, briefs)
    for proposed in documents_of(brief_id, Amendments, briefs):
        changes = [
            each
            if each.ended_as is AmendmentStatus.ACCEPTED or each.proposer_id != account_id
            else _silenced(each, application_id, reason=FORGOTTEN, scope=None)
            for each in proposed.items
        ]
        _rewrite(proposed, changes, briefs)


def _rewrite(found: CheckIns | Amendments, items: list[Any], briefs: Briefs) -> None:
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


def _take_words(brief: Brief, account_id: str, briefs: Briefs, *, alone: bool) -> None:
    found = next(documents_of(brief.brief_id, Feedback, briefs), None)
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


def _wordless(given: Given | None) -> Given | None:
    return given.model_copy(update={"text": FORGOTTEN, "suggestions": []}) if given else None


def _forget_consent(brief: Brief, standing: Standing, archive: Archive, *, alone: bool) -> None:
    """Have nothing of an erased person on the page of the student who worked for their organisation.

    What they wrote for it goes, and what a colleague decides at this moment stays; where nobody is left who could take
    it back (`alone`), so does the rest.
    """
    _retried(lambda: _take_consent(brief, standing, archive.portfolios, alone=alone))


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


def _forget_cohorts(standing: Standing, archive: Archive) -> None:
    """Have cohorts know nothing of somebody, and erase the credit that was granted; consent goes with the account."""
    for enrolment in every(lambda after: archive.cohorts.enrolments(standing.account_id, PAGE, after)):
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
        page = archive.threads.of_author(account_id, PAGE, position)
        for message in page.items:
            if message.role is Role.STUDENT:
                # One whose time is over at this moment is gone by itself.
                with suppress(StaleDocument):
                    archive.briefs.overwrite(message.brief_id, message.erased())
        if (position := page.next) is None:
            return

"""Students set up their page, and employers say what may be shown on it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from microintern.app.accounts import changed, remember, repeated
from microintern.app.commands import load, require_role, require_side
from microintern.app.cursors import decode, encode
from microintern.app.requests import LinkRequest, PageConsentRequest, PortfolioRequest, ShownRequest
from microintern.app.views.portfolios import CompletedBrief, CompletedPage, ConsentView, GrowthView, ShownView, address
from microintern.domain.accounts import Profile
from microintern.domain.brief import Brief, Command
from microintern.domain.contact import ContactKind, contacts_in
from microintern.domain.documents import Content, Review, StoredFile, Submission
from microintern.domain.growth import Done, growth
from microintern.domain.portfolio import (
    MOST_LINKS,
    Consent,
    Facts,
    Kept,
    PageChoices,
    Portfolio,
    Shown,
    ShownFile,
    exhibits,
    facts_of,
    hashed,
)
from microintern.domain.posting import FieldOfWork
from microintern.domain.problems import Conflict, Invalid, no_such
from microintern.domain.records import COMPLETED, Row
from microintern.domain.resume import resume
from microintern.domain.states import Role
from microintern.ports.accounts import Accounts
from microintern.ports.briefs import Briefs, Snapshot
from microintern.ports.clock import Clock
from microintern.ports.conditions import StaleDocument, StudentErased
from microintern.ports.organisations import Organisations
from microintern.ports.paging import Position
from microintern.ports.portfolios import LinkTaken, Portfolios
from microintern.ports.records import Records

T = TypeVar("T", Portfolio, Shown, Consent)

_FOUND_AT_ONCE = 50
_ROWS = 100


def own(by: Command, *, portfolios: Portfolios) -> Portfolio:
    """A student's own page."""
    require_role(by, Role.STUDENT)
    return portfolios.page(by.actor_id)


def save(
    by: Command, request: PortfolioRequest, *, portfolios: Portfolios, accounts: Accounts, clock: Clock
) -> Portfolio:
    """Say what stands on the page besides briefs."""
    before = own(by, portfolios=portfolios)
    if repeated(before.done, by):
        return before
    profile = accounts.profile(by.actor_id) if request.show_name else None
    name = _name(profile) if request.show_name else None
    after = _next(by, before, "portfolio.saved", clock, about=request.about, name=name, show_growth=request.show_growth)
    return _write(by, after, portfolios)


def _name(profile: Profile | None) -> str:
    if profile is None:
        raise Conflict("profile_missing", "Write your name with PUT /me/profile before you have it shown.")
    return profile.name


def share(
    by: Command, request: LinkRequest, *, portfolios: Portfolios, clock: Clock, handles: Callable[[], str]
) -> Portfolio:
    """Share the page under a link; the one before leads nowhere from then on.

    `handles` makes one that nobody can guess: of 128 bits at least.
    """
    before = own(by, portfolios=portfolios)
    if repeated(before.done, by):
        return before
    handle = request.handle or handles()
    link = hashed(handle)
    taken = before.taken if link in before.taken else [*before.taken, link]
    if len(taken) > MOST_LINKS:
        detail = f"You have had {MOST_LINKS} links; choose one of those again, or keep the one that you have."
        raise Conflict("too_many_links", detail)
    try:
        return _write(by, _next(by, before, "portfolio.shared", clock, handle=handle, taken=taken), portfolios, link)
    except LinkTaken as taken_already:
        detail = "Somebody has, or had, this handle: choose another, or none for one that nobody can guess."
        raise Conflict("handle_taken", detail) from taken_already


def unshare(by: Command, *, portfolios: Portfolios, clock: Clock) -> Portfolio:
    """Make the page private: its link leads nowhere any more. Whoever has one may, whatever their role is by now."""
    before = portfolios.page(by.actor_id)
    if repeated(before.done, by) or before.handle is None:
        return before
    return _write(by, _next(by, before, "portfolio.unshared", clock, handle=None), portfolios)


def completed(
    by: Command, limit: int, cursor: str | None, *, portfolios: Portfolios, records: Records, briefs: Briefs
) -> CompletedPage:
    """The briefs that a student completed, with what is chosen and consented to."""
    require_role(by, Role.STUDENT)
    scope = ("completed", by.actor_id)
    page = records.rows(by.actor_id, min(limit, _FOUND_AT_ONCE), decode(cursor, *scope))
    done = [row for row in page.items if _is_completed(row)]
    found = briefs.find([row.brief_id for row in done]) if done else {}
    kept = portfolios.read(by.actor_id)
    items = [_completed(row, found[row.brief_id], kept) for row in done if row.brief_id in found]
    return CompletedPage(items=items, next_cursor=encode(page.next, *scope))


def _is_completed(row: Row) -> bool:
    return row.end is not None and row.end.outcome in COMPLETED


def _completed(row: Row, snapshot: Snapshot, kept: Kept) -> CompletedBrief:
    assert row.end
    brief_id, consent = row.brief_id, kept.consents.get(row.brief_id)
    shown = kept.shown.get(brief_id) or Shown(account_id=kept.portfolio.account_id, brief_id=brief_id)
    return CompletedBrief(
        **snapshot.posting.model_dump(include={"title", "field", "skills", "hours"}),
        brief_id=brief_id,
        accepted_at=row.end.at,
        shown=ShownView.of(shown, consent),
        consent=ConsentView.of(brief_id, consent),
    )


def choose(
    by: Command,
    brief_id: str,
    request: ShownRequest,
    *,
    portfolios: Portfolios,
    briefs: Briefs,
    organisations: Organisations,
    clock: Clock,
) -> ShownView:
    """Say what is shown of a completed brief; what is shown is taken down as it is now."""
    require_role(by, Role.STUDENT)
    snapshot = load(briefs, brief_id, Content.key_of)
    require_side(snapshot.brief, by, Role.STUDENT)
    before, consent = portfolios.of_brief(by.actor_id, brief_id)
    if before and repeated(before.done, by):
        return ShownView.of(before, consent)
    check_completed(snapshot.brief)
    choices = PageChoices.model_validate(request.model_dump())
    facts = _facts(snapshot, choices, briefs, organisations)
    base = before or Shown(account_id=by.actor_id, brief_id=brief_id)
    after = _next(by, base, "portfolio.chosen", clock, {"public": int(choices.public)}, choices=choices, facts=facts)
    return ShownView.of(_write(by, after, portfolios), consent)


def check_completed(brief: Brief) -> None:
    """Raise Conflict unless the work was accepted: nothing else is anything to show."""
    if brief.outcome not in COMPLETED:
        detail = "Only briefs whose work was approved, or won its dispute, can be shown."
        raise Conflict("not_completed", detail, state=brief.state, version=brief.version)


def _facts(snapshot: Snapshot, choices: PageChoices, briefs: Briefs, organisations: Organisations) -> Facts | None:
    if not choices.public:
        return None
    brief = snapshot.brief
    keys = (Review.key_of(brief.submissions), Submission.key_of(brief.submissions))
    handed_in = load(briefs, brief.brief_id, *keys)
    submission = handed_in.find(Submission, keys[1])
    files = list(_files(brief.brief_id, submission, choices.file_ids, briefs)) if choices.file_ids else []
    organisation = organisations.read(brief.employer_id)
    if organisation is None:
        raise no_such("organisation")
    review = handed_in.find(Review, keys[0])
    return facts_of(brief, snapshot.posting, review, organisation.name, choices, files)


def _files(
    brief_id: str, submission: Submission | None, file_ids: Sequence[str], briefs: Briefs
) -> Iterator[ShownFile]:
    """The chosen files, each of the accepted submission and clean."""
    pinned = {file.file_id: file for file in submission.files} if submission else {}
    stored: dict[Any, StoredFile] = briefs.find_files([(brief_id, file_id) for file_id in file_ids])
    for place, file_id in enumerate(file_ids):
        if file_id not in pinned:
            detail = (
                "This file is not part of the submission that was accepted; GET …/submissions lists those that are."
            )
            raise Invalid.field("not_accepted_work", f"/file_ids/{place}", detail)
        shared = set(ShownFile.model_fields)
        file = ShownFile.model_validate(pinned[file_id].model_dump(include=shared))
        if not file.is_still(stored.get((brief_id, file_id))):
            detail = "This file is not there any more, or not clean; only clean files can be shown."
            raise Invalid.field("file_not_clean", f"/file_ids/{place}", detail)
        yield file


def consent(
    by: Command, brief_id: str, request: PageConsentRequest, *, portfolios: Portfolios, briefs: Briefs, clock: Clock
) -> Consent:
    """Say, for the employer, what the student of a completed brief may show; it can be taken back at any time."""
    require_role(by, Role.EMPLOYER)
    brief = load(briefs, brief_id).brief
    require_side(brief, by, Role.EMPLOYER)
    check_completed(brief)
    assert brief.student_id
    _, before = portfolios.of_brief(brief.student_id, brief_id)
    if before and repeated(before.done, by):
        return before
    _check_quote(request.quote)
    who: dict[str, Any] = {"account_id": brief.student_id, "brief_id": brief_id, "employer_id": brief.employer_id}
    base = before or Consent(**who, files=False, decided_at=clock.now())
    decided: dict[str, Any] = {**request.model_dump(), "decided_at": clock.now()}
    noted = {"brief_id": brief_id, "files": int(request.files), "quote": int(request.quote is not None)}
    return _write(by, _next(by, base, "consent.decided", clock, noted, **decided), portfolios)


def _check_quote(quote: str | None) -> None:
    found = {ContactKind.EMAIL, ContactKind.PHONE} & set(contacts_in(quote or ""))
    if found:
        detail = f"There is {' and '.join(sorted(found))} in it, and anybody may read this: leave it out."
        raise Invalid.field("contact_data", "/quote", detail)


def consent_of(by: Command, brief_id: str, *, portfolios: Portfolios, briefs: Briefs) -> ConsentView:
    """What may be shown of a brief, for its two sides."""
    brief = load(briefs, brief_id).brief
    require_side(brief, by, Role.EMPLOYER, Role.STUDENT)
    _, found = portfolios.of_brief(brief.student_id, brief_id) if brief.student_id else (None, None)
    return ConsentView.of(brief_id, found)


def own_growth(by: Command, *, records: Records) -> GrowthView:
    """All that a student completed, by quarter, field and skill; nobody else sees this."""
    require_role(by, Role.STUDENT)
    return GrowthView.of(growth(_done(by.actor_id, records)))


def _done(student_id: str, records: Records) -> Iterator[Done]:
    position: Position | None = None
    while True:
        page = records.rows(student_id, _ROWS, position)
        for row in page.items:
            if _is_completed(row) and row.end and (work := row.end.work):
                yield Done(
                    at=row.end.at,
                    field=work.field or FieldOfWork.OTHER,
                    skills=work.skills,
                    hours=work.hours or 0,
                    score_percent=work.score_percent,
                )
        if (position := page.next) is None:
            return


@dataclass(frozen=True)
class Resume:
    """What a résumé is made of."""

    name: str
    kept: Kept
    url: str | None
    at: datetime

    def as_json(self) -> dict[str, Any]:
        """JSON Resume."""
        return resume(self.name, self.kept.portfolio.about, self.url, exhibits(self.kept), self.at)


def own_resume(by: Command, *, portfolios: Portfolios, accounts: Accounts, clock: Clock, public_url: str) -> Resume:
    """A student's résumé: what they chose for the page, whether or not it has a link, under their own name."""
    require_role(by, Role.STUDENT)
    kept = portfolios.read(by.actor_id)
    handle = kept.portfolio.handle
    url = address(public_url, handle) if handle else None
    return Resume(_name(accounts.profile(by.actor_id)), kept, url, clock.now())


def _next(by: Command, before: T, what: str, clock: Clock, noted: dict[str, Any] | None = None, **changes: Any) -> T:
    event = by.did(what, clock.now(), before.entry, noted)
    done = remember(before.done, by)
    return before.model_copy(update={**changes, "version": before.version + 1, "event": event, "done": done})


def _write(by: Command, after: T, portfolios: Portfolios, link: str | None = None) -> T:
    """Over the version before. Two copies of one command may race: the one that loses finds what the other wrote."""
    try:
        portfolios.save(after, link)
    except StudentErased as erased:
        raise Conflict("student_erased", "The student's account was erased; there is no page any more.") from erased
    except StaleDocument as stale:
        meanwhile = _as_it_is(after, portfolios)
        if meanwhile is None or not repeated(meanwhile.done, by):
            raise changed() from stale
        return meanwhile
    return after


def _as_it_is(document: T, portfolios: Portfolios) -> T | None:
    found: tuple[Any, ...] = (portfolios.page(document.account_id),)
    if not isinstance(document, Portfolio):
        found = portfolios.of_brief(document.account_id, document.brief_id)
    return next((each for each in found if isinstance(each, type(document))), None)

"""How students find briefs: searches, those that they save, and what their fit rests on."""

from dataclasses import dataclass

from microintern.app.accounts import changed, remember, repeated
from microintern.app.commands import require_role
from microintern.app.cursors import decode, encode
from microintern.app.requests import SearchRequest, StrengthsRequest
from microintern.app.views.briefs import BriefPage, brief_view
from microintern.app.views.discovery import SavedSearchPage, SavedSearchView, StrengthsView
from microintern.domain.base import derived_id
from microintern.domain.brief import Command
from microintern.domain.fit import Fit, Strengths, fit
from microintern.domain.policy import Policy
from microintern.domain.problems import Conflict, no_such
from microintern.domain.searching import EVERYTHING, SavedSearch, SavedSearches, Wanted, with_words
from microintern.domain.states import Role
from microintern.domain.wording import Stem
from microintern.ports.briefs import Briefs, Snapshot
from microintern.ports.clock import Clock
from microintern.ports.conditions import StaleDocument
from microintern.ports.discovery import Index, Searches, Students

_READS_PER_PAGE = 3
"""Of the index, to fill up a page of which some are not open any longer; then it is handed out as it is."""


@dataclass(frozen=True)
class Catalogue:
    """What searches go by."""

    index: Index
    stem: Stem
    clock: Clock


def search(
    by: Command,
    wanted: Wanted,
    limit: int,
    cursor: str | None,
    *,
    catalogue: Catalogue,
    briefs: Briefs,
    students: Students,
) -> BriefPage:
    """The open briefs that fit, the next to close first; for a student, each with how well they fit it and why.

    The index says which fit; that they are open, the briefs themselves do.
    """
    asked, now = with_words(wanted, catalogue.stem), catalogue.clock.now()
    scope = ("search", by.actor_id, asked.model_dump_json())
    found: list[Snapshot] = []
    position = decode(cursor, *scope)
    for _ in range(_READS_PER_PAGE):
        page = catalogue.index.find(asked, now, limit - len(found), position)
        found += [s for s in briefs.find_open(page.items) if s.brief.applications_close_at > now]
        position = page.next
        if position is None or len(found) == limit:
            break
    known = students.known_of(by.actor_id) if by.role is Role.STUDENT and found else None
    items = [
        brief_view(s.brief, s.posting, party=False, fit=fit(s.brief, *known, now) if known else None) for s in found
    ]
    return BriefPage(items=items, next_cursor=encode(position, *scope))


def fit_of(by: Command, snapshot: Snapshot, *, students: Students, clock: Clock) -> Fit | None:
    """How well a student who reads an open brief fits it; of nobody else."""
    if by.role is not Role.STUDENT:
        return None
    return fit(snapshot.brief, *students.known_of(by.actor_id), clock.now())


def my_searches(by: Command, *, searches: Searches) -> SavedSearchPage:
    """The searches that a student has saved, the oldest first."""
    require_role(by, Role.STUDENT)
    return _page(searches.of(by.actor_id))


def save_search(
    by: Command,
    request: SearchRequest,
    *,
    searches: Searches,
    catalogue: Catalogue,
    policy: Policy,
) -> SavedSearch:
    """Keep a search, to be told of briefs that open and fit it."""
    require_role(by, Role.STUDENT)
    before, now = searches.of(by.actor_id), catalogue.clock.now()
    wanted = with_words(Wanted.model_validate(request.model_dump(exclude={"name"})), catalogue.stem)
    named = {"search_id": derived_id("search", by.actor_id, by.key), "name": request.name, "wanted": wanted}
    if repeated(before.done, by):
        return before.find(str(named["search_id"])) or SavedSearch.model_validate({**named, "filed_under": EVERYTHING})
    if len(before.searches) >= policy.most_saved_searches:
        detail = f"You have {len(before.searches)} saved searches, the most one can have; take one away first."
        raise Conflict("too_many_searches", detail, most=policy.most_saved_searches)
    filed = {"filed_under": catalogue.index.rarest(wanted.terms, now)}
    saved = SavedSearch.model_validate({**named, **filed})
    event = by.did("search.saved", now, before.entry, {"search_id": saved.search_id})
    news = {"searches": [*before.searches, saved], "version": before.version + 1, "event": event}
    after = before.model_copy(update={**news, "done": remember(before.done, by)})
    return _saved(by, after, saved, searches)


def remove_search(by: Command, search_id: str, *, searches: Searches, clock: Clock) -> SavedSearchPage:
    """Take a saved search away; those that are left."""
    require_role(by, Role.STUDENT)
    before = searches.of(by.actor_id)
    if repeated(before.done, by):
        return _page(before)
    gone = before.find(search_id)
    if gone is None:
        raise no_such("search")
    event = by.did("search.removed", clock.now(), before.entry, {"search_id": search_id})
    left = [search for search in before.searches if search.search_id != search_id]
    news = {"searches": left, "version": before.version + 1, "event": event}
    after = before.model_copy(update={**news, "done": remember(before.done, by)})
    _saved(by, after, gone, searches)
    return _page(after)


def _page(saved: SavedSearches) -> SavedSearchPage:
    return SavedSearchPage(items=[SavedSearchView.of(search) for search in saved.searches])


def _saved(by: Command, after: SavedSearches, changing: SavedSearch, searches: Searches) -> SavedSearch:
    try:
        searches.save(after, changing)
    except StaleDocument as stale:
        if repeated(searches.of(by.actor_id).done, by):
            return changing
        raise changed() from stale
    return changing


def read_strengths(by: Command, *, students: Students) -> StrengthsView:
    """What one's fit rests on."""
    require_role(by, Role.STUDENT)
    return StrengthsView.of(*students.known_of(by.actor_id))


def save_strengths(by: Command, request: StrengthsRequest, *, students: Students, clock: Clock) -> StrengthsView:
    """Say what one can do and has time for."""
    require_role(by, Role.STUDENT)
    before, experience = students.known_of(by.actor_id)
    if before and repeated(before.done, by):
        return StrengthsView.of(before, experience)
    after = Strengths(
        account_id=by.actor_id,
        version=before.version + 1 if before else 1,
        event=by.did("strengths.saved", clock.now(), before.entry if before else None),
        done=remember(before.done if before else [], by),
        **request.model_dump(),
    )
    try:
        students.save_strengths(after)
    except StaleDocument as stale:
        meanwhile, experience = students.known_of(by.actor_id)
        if meanwhile and repeated(meanwhile.done, by):
            return StrengthsView.of(meanwhile, experience)
        raise changed() from stale
    return StrengthsView.of(after, experience)

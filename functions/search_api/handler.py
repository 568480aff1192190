"""How students find briefs: searches, those that they save, and what their fit rests on."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.clock import SystemClock
from microintern.adapters.index import DynamoIndex
from microintern.adapters.searches import DynamoSearches
from microintern.adapters.stemming import stem
from microintern.adapters.students import DynamoStudents
from microintern.app import discovering, requests
from microintern.app.views.briefs import BriefPage
from microintern.app.views.discovery import SavedSearchPage, SavedSearchView, StrengthsView
from microintern.domain.searching import Wanted
from microintern.domain.text import Line
from microintern.settings import SearchApiSettings, load
from microintern.web.api import Api
from microintern.web.filters import AskingFor, At, Hours, InField, PaidIn, PayAtLeast
from microintern.web.parameters import ID, Commander, Cursor, Limit, Reader

settings = load(SearchApiSettings)
briefs = DynamoBriefs(client("dynamodb"), settings.brief_table)
searches = DynamoSearches(client("dynamodb"), settings.search_table, settings.account_table)
students = DynamoStudents(client("dynamodb"), settings.account_table)
clock = SystemClock()
catalogue = discovering.Catalogue(index=DynamoIndex(client("dynamodb"), settings.search_table), stem=stem, clock=clock)
app = Api()


@app.get("/search/briefs", tags=["Discovery"], summary="Search open briefs")
def search_briefs(
    by: Reader,
    text: Annotated[Line | None, Query(description="Words that all stand in it, whatever their endings.")] = None,
    field: InField = None,
    skill: AskingFor = None,
    currency: PaidIn = None,
    pay_at_least_minor: PayAtLeast = None,
    hours_at_least: Hours = None,
    hours_at_most: Hours = None,
    closes_after: At = None,
    closes_before: At = None,
    for_first_timers: Annotated[bool, Query(description="Only briefs that keep places for first-timers.")] = False,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> BriefPage:
    """The next to close first; a student sees how well they fit each and why.

    A page may hold fewer items than asked for and still lead on.
    """
    wanted = Wanted(
        text=text,
        field=field,
        skill=skill,
        currency=currency,
        pay_at_least_minor=pay_at_least_minor,
        hours_at_least=hours_at_least,
        hours_at_most=hours_at_most,
        closes_after=closes_after,
        closes_before=closes_before,
        for_first_timers=for_first_timers,
    )
    return discovering.search(by, wanted, limit, cursor, catalogue=catalogue, briefs=briefs, students=students)


@app.get("/me/searches", tags=["Discovery"], summary="My saved searches")
def my_searches(by: Reader) -> SavedSearchPage:
    """All of them, the oldest first; nobody else sees them."""
    return discovering.my_searches(by, searches=searches)


@app.post("/me/searches", tags=["Discovery"], summary="Save a search", status_code=201)
def save_search(body: Annotated[requests.SearchRequest, Body()], by: Commander) -> SavedSearchView:
    """From then on a notice tells you of every brief that opens and fits it, once however many searches it fits."""
    saved = discovering.save_search(by, body, searches=searches, catalogue=catalogue, policy=settings.policy)
    return SavedSearchView.of(saved)


@app.post("/me/searches/<search_id>/removal", tags=["Discovery"], summary="Take a saved search away")
def remove_search(
    search_id: Annotated[str, Path(pattern=ID, description="The search's id.")], by: Commander
) -> SavedSearchPage:
    """Those that are left; from now on it tells you of nothing."""
    return discovering.remove_search(by, search_id, searches=searches, clock=clock)


@app.get("/me/strengths", tags=["Discovery"], summary="What my fit rests on")
def read_strengths(by: Reader) -> StrengthsView:
    """What you say you can do and have time for, and what the briefs of yours say; nobody else sees it."""
    return discovering.read_strengths(by, students=students)


@app.put("/me/strengths", tags=["Discovery"], summary="Say what I can do and have time for")
def save_strengths(body: Annotated[requests.StrengthsRequest, Body()], by: Commander) -> StrengthsView:
    """Your skills, and how many hours a week you have; nobody else sees it."""
    return discovering.save_strengths(by, body, students=students, clock=clock)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)

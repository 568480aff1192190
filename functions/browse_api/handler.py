"""Everything that is only read: open briefs, one brief, one's own, and what belongs to a brief."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.accounts import DynamoAccounts
from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.clock import SystemClock
from microintern.adapters.organisations import DynamoOrganisations
from microintern.adapters.students import DynamoStudents
from microintern.adapters.trail import DynamoTrail
from microintern.app import auditing, browsing
from microintern.app.views.briefs import (
    ApplicationPage,
    BriefPage,
    BriefView,
    FloorView,
    ReviewPage,
    StatementPage,
    SubmissionPage,
)
from microintern.app.views.files import FilePage
from microintern.app.views.trail import TimelinePage, TrailPage
from microintern.domain.base import Day
from microintern.domain.documents import Review, Statement, Submission
from microintern.domain.posting import PLACE
from microintern.ports.briefs import BrowseFilter
from microintern.settings import BrowseApiSettings, load
from microintern.web.api import Api
from microintern.web.filters import AskingFor, At, Hours, InField, PaidIn, PayAtLeast
from microintern.web.parameters import BriefId, Cursor, Limit, Reader

settings = load(BrowseApiSettings)
briefs = DynamoBriefs(client("dynamodb"), settings.brief_table, settings.account_table)
accounts = DynamoAccounts(client("dynamodb"), settings.account_table)
trail = DynamoTrail(client("dynamodb"), settings.trail_table)
organisations = DynamoOrganisations(client("dynamodb"), settings.account_table)
students = DynamoStudents(client("dynamodb"), settings.account_table)
clock = SystemClock()
app = Api()


@app.get("/briefs", tags=["Browsing"], summary="Browse open briefs")
def browse(
    by: Reader,
    field: InField = None,
    skill: AskingFor = None,
    currency: PaidIn = None,
    pay_at_least_minor: PayAtLeast = None,
    hours_at_least: Hours = None,
    hours_at_most: Hours = None,
    closes_after: At = None,
    closes_before: At = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> BriefPage:
    """The next to close first. A page may hold fewer items than asked for and still lead on."""
    only = BrowseFilter(
        field=field,
        skill=skill,
        currency=currency,
        pay_at_least_minor=pay_at_least_minor,
        hours_at_least=hours_at_least,
        hours_at_most=hours_at_most,
        closes_after=closes_after,
        closes_before=closes_before,
    )
    return browsing.browse(by, only, limit, cursor, briefs=briefs)


@app.get("/pay-floors/<place>", tags=["Posting"], summary="The least that a brief may pay")
def pay_floor(
    place: Annotated[str, Path(pattern=PLACE, description="Where the work is done, such as US-NY-NYC.")],
    by: Reader,
    hours: Annotated[int, Query(ge=5, le=40, description="Estimated hours.")] = 10,
    last_day: Annotated[Day | None, Query(description="When the work is due; a rate may rise before.")] = None,
) -> FloorView:
    """The highest rate of the place, or of a larger one it lies in, in force on some day until then."""
    return browsing.pay_floor(place, hours, last_day, clock=clock)


@app.get("/briefs/<brief_id>", tags=["Browsing"], summary="Read a brief")
def read_brief(brief_id: BriefId, by: Reader) -> BriefView:
    """Open to everyone signed in while it is open; afterwards to its parties, its applicants and operators."""
    stores: dict[str, Any] = {"briefs": briefs, "organisations": organisations, "students": students}
    return browsing.read(by, brief_id, **stores, clock=clock)


@app.get("/me/briefs", tags=["Browsing"], summary="My briefs")
def my_briefs(by: Reader, limit: Limit = 20, cursor: Cursor = None) -> BriefPage:
    """An employer's own; for a student, those applied for, each with what became of the application."""
    return browsing.mine(by, limit, cursor, briefs=briefs)


@app.get("/disputes", tags=["Disputes"], summary="Disputed briefs")
def disputes(by: Reader, limit: Limit = 20, cursor: Cursor = None) -> BriefPage:
    """For operators; the next to lapse first."""
    return browsing.disputes(by, limit, cursor, briefs=briefs)


@app.get("/briefs/<brief_id>/timeline", tags=["Browsing"], summary="A brief's timeline")
def timeline(brief_id: BriefId, by: Reader, limit: Limit = 100, cursor: Cursor = None) -> TimelinePage:
    """Who did what when, with every deadline's exact time and zone."""
    return browsing.timeline(by, brief_id, limit, cursor, briefs=briefs, trail=trail)


@app.get("/briefs/<brief_id>/audit", tags=["Browsing"], summary="A brief's audit trail")
def brief_trail(brief_id: BriefId, by: Reader, limit: Limit = 100, cursor: Cursor = None) -> TrailPage:
    """Every step with who, when and by which request, for the parties; `chain` says if anything was tampered with."""
    return auditing.trail_of(by, brief_id, limit, cursor, briefs=briefs, trail=trail, clock=clock)


@app.get("/briefs/<brief_id>/applications", tags=["Applying"], summary="Who applied")
def applications(brief_id: BriefId, by: Reader, limit: Limit = 50, cursor: Cursor = None) -> ApplicationPage:
    """For the employer; on a blind brief without names until the award. Places kept for first-timers come first."""
    stores: dict[str, Any] = {"briefs": briefs, "accounts": accounts, "students": students}
    return browsing.applications(by, brief_id, limit, cursor, **stores)


@app.get("/briefs/<brief_id>/files", tags=["Files"], summary="A brief's files")
def files(brief_id: BriefId, by: Reader, limit: Limit = 100, cursor: Cursor = None) -> FilePage:
    """What was announced and what was received, for the two parties."""
    return browsing.files(by, brief_id, limit, cursor, briefs=briefs)


@app.get("/briefs/<brief_id>/submissions", tags=["Reviewing"], summary="What was handed in")
def submissions(brief_id: BriefId, by: Reader, limit: Limit = 50, cursor: Cursor = None) -> SubmissionPage:
    """Each a numbered set of files, pinned to the versions that were received."""
    items, next_cursor = browsing.documents(by, brief_id, Submission, limit, cursor, briefs=briefs)
    return SubmissionPage(items=items, next_cursor=next_cursor)


@app.get("/briefs/<brief_id>/reviews", tags=["Reviewing"], summary="What was decided on it")
def reviews(brief_id: BriefId, by: Reader, limit: Limit = 50, cursor: Cursor = None) -> ReviewPage:
    """Scores and feedback, or the changes that were asked for."""
    items, next_cursor = browsing.documents(by, brief_id, Review, limit, cursor, briefs=briefs)
    return ReviewPage(items=items, next_cursor=next_cursor)


@app.get("/briefs/<brief_id>/dispute", tags=["Disputes"], summary="What was said in a dispute")
def dispute(brief_id: BriefId, by: Reader, limit: Limit = 50, cursor: Cursor = None) -> StatementPage:
    """The statements of both sides and the operator's decision."""
    items, next_cursor = browsing.documents(by, brief_id, Statement, limit, cursor, briefs=briefs)
    return StatementPage(items=items, next_cursor=next_cursor)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)

"""Help before posting: briefs to start from, and a check of what was written. Reads and writes no brief."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.clock import SystemClock
from microintern.app import drafting
from microintern.app.views.drafting import CheckView, TemplatePage, TemplateView
from microintern.domain.posting import PLACE, FieldOfWork, Posting, Zone
from microintern.settings import DraftingApiSettings, load
from microintern.web.api import Api
from microintern.web.parameters import Cursor, Limit, Reader

settings = load(DraftingApiSettings)
clock = SystemClock()
app = Api()


@app.get("/templates", tags=["Posting"], summary="Briefs to start from")
def templates(
    by: Reader,
    field: Annotated[FieldOfWork | None, Query(description="The field of work.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> TemplatePage:
    """Each was thought through to the end: goals, deliverables, rubric, hours. In the order of their fields."""
    return drafting.templates(by, field, limit, cursor)


@app.get("/templates/<template_id>", tags=["Posting"], summary="Read a template")
def read_template(
    template_id: Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$", description="The template's id.")],
    by: Reader,
    place: Annotated[str, Query(pattern=PLACE, description="Where the work is done, such as US-NY-NYC.")],
    zone: Annotated[Zone, Query(description="The IANA time zone that you read deadlines in.")] = "UTC",
) -> TemplateView:
    """As a posting for a place: dated from today, and paid by its pay floor for the template's hours. Change both."""
    return drafting.read_template(template_id, place, zone, clock=clock)


@app.post("/briefs/check", tags=["Posting"], summary="Check a posting")
def check_posting(body: Annotated[Posting, Body()], by: Reader) -> CheckView:
    """What is vague, missing or too much for the hours, what it costs, and the pay floor. Writes nothing; no key."""
    return drafting.check(body, clock=clock, policy=settings.policy)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)

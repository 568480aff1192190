"""What anybody with the link sees of a student's page."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.aws import client
from microintern.adapters.portfolios import DynamoPortfolios
from microintern.app import exhibiting
from microintern.app.views.portfolios import PublicPortfolio
from microintern.settings import PublicPortfoliosSettings, load
from microintern.web.api import Api
from microintern.web.parameters import PageHandle
from microintern.web.portfolio_page import POLICY, page

settings = load(PublicPortfoliosSettings)
pages = DynamoPortfolios(client("dynamodb"), settings.portfolio_table)
app = Api()


_ANSWER: Any = {200: {"description": "The page", "content": {"application/json": {"model": PublicPortfolio}}}}


@app.get("/portfolios/<handle>", tags=["Portfolio"], summary="A student's page", responses=_ANSWER)
def public_portfolio(handle: PageHandle) -> Response[str]:
    """As a page for browsers, as JSON for programs: what its student chose, and employers consent to, just now."""
    shown = exhibiting.page(handle, portfolios=pages, public_url=settings.public_url)
    headers: dict[str, str | list[str]] = {"Vary": "Accept"}
    if "text/html" in app.current_event.headers.get("accept", ""):
        headers |= {"Content-Security-Policy": POLICY, "X-Robots-Tag": "noindex"}
        return Response(200, "text/html; charset=utf-8", page(shown), headers=headers)
    return Response(200, "application/json", shown.model_dump_json(), headers=headers)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)

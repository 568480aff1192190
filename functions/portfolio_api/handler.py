"""Students set up a page of completed briefs, and employers say what may be shown there."""

import secrets
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.accounts import DynamoAccounts
from microintern.adapters.aws import client
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.clock import SystemClock
from microintern.adapters.organisations import DynamoOrganisations
from microintern.adapters.portfolios import DynamoPortfolios
from microintern.adapters.records import DynamoRecords
from microintern.app import portfolios, requests
from microintern.app.views.portfolios import CompletedPage, ConsentView, GrowthView, PortfolioView, ShownView
from microintern.domain.portfolio import Portfolio
from microintern.settings import PortfolioApiSettings, load
from microintern.web.api import Api
from microintern.web.parameters import BriefId, Commander, Cursor, Limit, Reader

settings = load(PortfolioApiSettings)
pages = DynamoPortfolios(client("dynamodb"), settings.portfolio_table, settings.account_table)
briefs = DynamoBriefs(client("dynamodb"), settings.brief_table)
accounts = DynamoAccounts(client("dynamodb"), settings.account_table)
organisations = DynamoOrganisations(client("dynamodb"), settings.account_table)
records = DynamoRecords(client("dynamodb"), settings.record_table)
clock = SystemClock()
app = Api()


@app.get("/me/portfolio", tags=["Portfolio"], summary="My page")
def own_portfolio(by: Reader) -> PortfolioView:
    """How your page is set up. It is private while it has no link."""
    return _view(portfolios.own(by, portfolios=pages))


@app.put("/me/portfolio", tags=["Portfolio"], summary="Set up my page")
def save_portfolio(body: Annotated[requests.PortfolioRequest, Body()], by: Commander) -> PortfolioView:
    """What stands there besides briefs: a few words, your name, your growth."""
    return _view(portfolios.save(by, body, portfolios=pages, accounts=accounts, clock=clock))


@app.post("/me/portfolio/link", tags=["Portfolio"], summary="Share my page under a new link")
def share_portfolio(body: Annotated[requests.LinkRequest, Body()], by: Commander) -> PortfolioView:
    """With a handle of your choice, or one that nobody can guess. The link before leads nowhere from then on."""
    return _view(portfolios.share(by, body, portfolios=pages, clock=clock, handles=lambda: secrets.token_hex(16)))


@app.post("/me/portfolio/link/revocation", tags=["Portfolio"], summary="Make my page private")
def unshare_portfolio(by: Commander) -> PortfolioView:
    """Its link leads nowhere any more. Nobody else can ever have the handle."""
    return _view(portfolios.unshare(by, portfolios=pages, clock=clock))


@app.get("/me/portfolio/briefs", tags=["Portfolio"], summary="What I can show")
def completed_briefs(by: Reader, limit: Limit = 20, cursor: Cursor = None) -> CompletedPage:
    """The briefs that you completed, in no particular order, with what you show and what the employer consents to."""
    return portfolios.completed(by, limit, cursor, portfolios=pages, records=records, briefs=briefs)


@app.put("/me/portfolio/briefs/<brief_id>", tags=["Portfolio"], summary="Show or hide a brief")
def show_brief(brief_id: BriefId, body: Annotated[requests.ShownRequest, Body()], by: Commander) -> ShownView:
    """What you choose is taken down as it is now. Files and the quote show for as long as the employer consents."""
    wired: dict[str, Any] = {"portfolios": pages, "briefs": briefs, "organisations": organisations, "clock": clock}
    return portfolios.choose(by, brief_id, body, **wired)


@app.get("/me/portfolio/growth", tags=["Portfolio"], summary="How my work grew")
def own_growth(by: Reader) -> GrowthView:
    """Briefs, hours and scores by quarter, field and skill, of all that you completed. Nobody else sees this."""
    return portfolios.own_growth(by, records=records)


@app.get("/me/portfolio/resume", tags=["Portfolio"], summary="My page as JSON Resume")
def own_resume(by: Reader) -> dict[str, Any]:
    """What you chose to show, under your own name, in the form of jsonresume.org (1.0.0)."""
    wired: dict[str, Any] = {"portfolios": pages, "accounts": accounts, "clock": clock}
    return portfolios.own_resume(by, public_url=settings.public_url, **wired).as_json()


@app.get("/briefs/<brief_id>/consent", tags=["Portfolio"], summary="What may be shown of a brief")
def read_consent(brief_id: BriefId, by: Reader) -> ConsentView:
    """For the two sides of the brief."""
    return portfolios.consent_of(by, brief_id, portfolios=pages, briefs=briefs)


@app.put("/briefs/<brief_id>/consent", tags=["Portfolio"], summary="Say what may be shown of a brief")
def decide_consent(
    brief_id: BriefId, body: Annotated[requests.PageConsentRequest, Body()], by: Commander
) -> ConsentView:
    """Whether its student may show files of the accepted work, and words of yours, to anybody. Can be taken back."""
    decided = portfolios.consent(by, brief_id, body, portfolios=pages, briefs=briefs, clock=clock)
    return ConsentView.of(brief_id, decided)


def _view(portfolio: Portfolio) -> PortfolioView:
    return PortfolioView.of(portfolio, settings.public_url)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)

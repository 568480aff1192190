"""One's own account: profile, notices, record."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.adapters.accounts import DynamoAccounts
from microintern.adapters.aws import client
from microintern.adapters.clock import SystemClock
from microintern.adapters.mailing import DynamoMailings
from microintern.adapters.standings import DynamoStandings
from microintern.app import accounts, mailing, requests
from microintern.app.views.accounts import Me, NoticePage, NoticeSettingsView, ProfileView, RecordView
from microintern.settings import AccountsApiSettings, load
from microintern.web.api import Api
from microintern.web.parameters import Commander, Cursor, Limit, Reader

settings = load(AccountsApiSettings)
store = DynamoAccounts(client("dynamodb"), settings.account_table)
standings = DynamoStandings(client("dynamodb"), settings.account_table)
mailings = DynamoMailings(client("dynamodb"), settings.account_table)
clock = SystemClock()
app = Api()


@app.get("/me", tags=["Account"], summary="Who am I")
def me(by: Reader) -> Me:
    """The account, its role, whether it may act, and what it still lacks."""
    return accounts.me(by, accounts=store, standings=standings, mailings=mailings)


@app.put("/me/profile", tags=["Account"], summary="Write my profile")
def save_profile(body: Annotated[requests.ProfileRequest, Body()], by: Commander) -> ProfileView:
    """What the other side of a brief may know of you."""
    return ProfileView.of(accounts.save_profile(by, body, accounts=store, clock=clock))


@app.get("/me/notices", tags=["Account"], summary="What I have been told")
def notices(by: Reader, limit: Limit = 20, cursor: Cursor = None) -> NoticePage:
    """The newest first."""
    return accounts.notices(by, limit, cursor, accounts=store)


@app.get("/me/notice-settings", tags=["Account"], summary="What I want by e-mail")
def notice_settings(by: Reader) -> NoticeSettingsView:
    """How soon notices of each kind come by e-mail; your inbox has all of them."""
    return NoticeSettingsView.of(mailing.settings_of(by, mailings=mailings))


@app.put("/me/notice-settings", tags=["Account"], summary="Say what I want by e-mail")
def save_notice_settings(body: Annotated[requests.NoticeSettingsRequest, Body()], by: Commander) -> NoticeSettingsView:
    """At once, once a day, or never; what is about money or security cannot be switched off."""
    return NoticeSettingsView.of(mailing.save_settings(by, body, mailings=mailings, clock=clock))


@app.get("/me/record", tags=["Account"], summary="Marks on my record")
def record(by: Reader) -> RecordView:
    """Briefs that were awarded and not handed in."""
    return accounts.record(by, accounts=store)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.answer(event, context)

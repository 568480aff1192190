"""Students' pages through the functions: what anybody gets with a link, as a page, as JSON, as a file, as a sheet."""

import base64
import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pypdfium2 import PdfDocument

from microintern.domain.portfolio import hashed
from microintern.domain.states import Role, State
from tests.contract import tables
from tests.functions.cases import HTTP
from tests.functions.test_credentials import Page, erasure, settled
from tests.functions.test_operators import kept_by_stream, put, redriven, stream
from tests.functions.world import (
    BRIEF,
    BUCKET,
    EMPLOYER,
    PUBLIC_URL,
    STUDENT,
    World,
    application,
    command,
    sample,
    the_brief,
)
from tests.unit.builders import BODIES

HANDLE = sample("public_portfolios/public_portfolio")["pathParameters"]["handle"]
FILE = sample("portfolio_files/public_file")["pathParameters"]["file_id"]
QUOTE = BODIES["put /briefs/{brief_id}/consent"]["quote"]


def opened(world: World, accept: str = "application/json") -> Any:
    event = sample("public_portfolios/public_portfolio")
    event["headers"]["accept"] = accept
    return world.call("public_portfolios/public_portfolio", event)


def file_answer(world: World) -> Any:
    return world.call("portfolio_files/public_file")


def do(world: World, name: str, key: str, body: dict[str, Any] | None = None) -> Any:
    given = {"body": body} if body is not None else {}
    answer = world.call(f"portfolio_api/{name}", command(f"portfolio_api/{name}", key=key, **given))
    assert answer["statusCode"] == 200, answer["body"]
    return json.loads(answer["body"])


@pytest.fixture
def shown(world: World) -> World:
    world.show()
    return world


def test_no_link_an_old_link_and_somebodys_page_without_one_look_alike(world: World) -> None:
    missing = opened(world), file_answer(world)
    world.show()
    assert opened(world)["statusCode"] == 200
    do(world, "unshare_portfolio", "to-make-it-private")
    assert (opened(world), file_answer(world)) == missing
    assert [answer["statusCode"] for answer in missing] == [404, 404]


def test_programs_get_json_and_browsers_a_page_that_runs_nothing(shown: World) -> None:
    document, page = opened(shown), opened(shown, "text/html,*/*;q=0.8")
    assert document["headers"]["Content-Type"] == "application/json"
    (brief,) = json.loads(document["body"])["briefs"]
    assert (brief["quote"]["text"], len(brief["files"])) == (QUOTE, 1)
    for answer in (document, page):
        assert answer["headers"]["Cache-Control"] == "no-store", "what is taken back is gone at once"
        assert answer["headers"]["Vary"] == "Accept"
    html = Page(page["body"])
    texts = (
        "Amara Okafor",
        brief["title"],
        "Open Wages Institute",
        "92 of 100",
        QUOTE,
        "Growth",
        brief["files"][0]["name"],
    )
    assert [text for text in texts if text not in html.text] == []
    assert "script" not in html.tags
    assert html.loads == []
    policy = page["headers"]["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert html.tags.count("h1") == html.tags.count("main") == 1
    assert page["headers"]["X-Robots-Tag"] == "noindex"


def test_a_page_shows_what_is_written_and_none_of_it_as_markup(shown: World) -> None:
    do(shown, "save_portfolio", "with-signs", {"about": "a < b && c > d", "show_name": False, "show_growth": False})
    html = opened(shown, "text/html")["body"]
    assert "a &lt; b &amp;&amp; c &gt; d" in html
    assert "Amara" not in html


def test_ids_of_people_and_briefs_are_nowhere_on_a_page(shown: World) -> None:
    for accept in ("application/json", "text/html"):
        body = opened(shown, accept)["body"]
        assert [one for one in (STUDENT, EMPLOYER, BRIEF, hashed(HANDLE)) if one in body] == []


def test_a_file_on_the_page_is_had_by_a_link_of_a_minute_until_something_is_taken_back(shown: World) -> None:
    (address,) = (file["url"] for file in json.loads(opened(shown)["body"])["briefs"][0]["files"])
    assert address == f"{PUBLIC_URL}/portfolios/{HANDLE}/files/{FILE}"
    answer = file_answer(shown)
    assert answer["statusCode"] == 303
    link = urlsplit(answer["headers"]["Location"])
    assert f"{BUCKET}" in link.netloc + link.path
    asked = parse_qs(link.query)
    assert (asked["versionId"], asked["X-Amz-Expires"]) == (["v1"], ["60"])
    assert asked["response-content-disposition"][0].startswith("attachment")
    do(shown, "decide_consent", "to-take-it-back", {"files": False, "quote": None})
    assert file_answer(shown)["statusCode"] == 404
    (brief,) = json.loads(opened(shown)["body"])["briefs"]
    assert (brief["quote"], brief["files"]) == (None, [])


def test_a_sheet_is_one_page_with_name_and_brief(shown: World) -> None:
    answer = shown.call("resume_api/printed_resume")
    assert answer["headers"]["Content-Type"] == "application/pdf"
    pdf = PdfDocument(base64.b64decode(answer["body"]))
    text = pdf[0].get_textpage().get_text_range()
    assert len(pdf) == 1
    title = json.loads(opened(shown)["body"])["briefs"][0]["title"]
    assert [each for each in ("Amara Okafor", title, f"/portfolios/{HANDLE}") if each not in text] == []


@pytest.mark.parametrize("name", ["resume_api/printed_resume", "portfolio_api/own_resume"])
def test_who_has_written_no_name_is_told_to(world: World, name: str) -> None:
    world.seed(the_brief(State.APPROVED))
    answer = world.call(name)
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (409, "profile_missing")


@pytest.mark.parametrize("handle", ["four", "Amara", "a--b-c-d", "x" * 65, "%2e%2e"])
def test_what_can_be_no_handle_is_refused(world: World, handle: str) -> None:
    event = sample("public_portfolios/public_portfolio")
    event["pathParameters"]["handle"] = handle
    event["rawPath"] = event["requestContext"]["http"]["path"] = f"/portfolios/{handle}"
    assert world.call("public_portfolios/public_portfolio", event)["statusCode"] in (404, 422)


def erased(shown: World, asked: dict[str, Any]) -> None:
    """Somebody asks for it, and what runs every few minutes does it."""
    assert shown.call("personal_data_api/erase_me", asked)["statusCode"] == 202
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(shown.functions["erase"].users, "delete", lambda _: None)
        patched.setattr(shown.functions["erase"].files, "erase", lambda _: True)
        assert shown.call("erase/scheduled") == {"erased": 1}


def test_an_organisation_that_nobody_is_left_of_has_no_words_and_no_files_on_a_page(shown: World) -> None:
    shown.seed(settled(shown), application(STUDENT))
    body = {"account_id": EMPLOYER}
    erased(shown, command("personal_data_api/erase_me", sub=EMPLOYER, role=Role.EMPLOYER.value, body=body))
    (brief,) = json.loads(opened(shown)["body"])["briefs"]
    assert (brief["quote"], brief["files"]) == (None, [])
    assert file_answer(shown)["statusCode"] == 404
    assert [row for row in shown.everything() if QUOTE in row] == []


def test_who_is_erased_leaves_no_page_and_nothing_that_names_them(shown: World) -> None:
    shown.seed(settled(shown), application(STUDENT))
    erased(shown, erasure())
    assert opened(shown)["statusCode"] == file_answer(shown)["statusCode"] == 404
    rows = [row for row in shown.everything() if QUOTE in row or HANDLE in row or "draw charts" in row]
    assert rows == []
    again = shown.call("portfolio_api/decide_consent", command("portfolio_api/decide_consent", key="after-it-all"))
    assert (again["statusCode"], json.loads(again["body"])["code"]) == (409, "student_erased")


def test_what_the_stream_of_pages_kept_is_read_again(world: World) -> None:
    before = len(stream(world, tables.PORTFOLIOS)[2])
    world.show()
    arn, shard, records = stream(world, tables.PORTFOLIOS)
    letter = kept_by_stream(arn, shard, records[before], records[-1], size=len(records) - before)
    letter["requestContext"]["functionArn"] = letter["requestContext"]["functionArn"].replace(
        "brief_stream", "portfolio_stream"
    )
    put(world, "portfolio_stream", letter)
    assert redriven(world) == {"portfolio_stream": (1, 0, 0)}
    shown = json.loads(world.call("operations_api/commands_of_day")["body"])["items"]
    steps = [(s["subject"].partition("#")[0], s["action"]) for s in shown if s["scope"] == STUDENT]
    assert sorted(steps) == [
        ("consent", "consent.decided"),
        ("portfolio", "portfolio.saved"),
        ("portfolio", "portfolio.shared"),
        ("shown", "portfolio.chosen"),
    ]
    assert not re.search("Amara|Okafor|cleaner", json.dumps(shown))


def test_only_the_public_routes_of_pages_need_no_token() -> None:
    names = {name for name in HTTP if "portfolio" in name or "resume" in name}
    public = {name for name in names if "authorizer" not in sample(name)["requestContext"]}
    assert public == {"public_portfolios/public_portfolio", "portfolio_files/public_file"}

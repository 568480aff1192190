"""A network that is slow, fails or is not there: what is under way is shown, what failed says so, nothing is lost."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.console.visitors import Served, offered, signed_in

pytestmark = pytest.mark.local_stack

Fate = Callable[[Route], object]
NOBODY = "Nobody answers"
WAITING, DONE = "Sending …", "Send"


@dataclass
class Line:
    """Between a page and one part of the API: what becomes of each request, and which keys commands had."""

    page: Page
    path: str
    of: str | None = None
    """The method of the requests that this is about; all commands, if none is named."""
    keys: list[str] = field(default_factory=list)
    held: list[Route] = field(default_factory=list)
    fate: Fate = Route.continue_

    def __post_init__(self) -> None:
        self.page.route(self.path, self.carry)

    def carry(self, route: Route) -> None:
        method, key = route.request.method, route.request.headers.get("idempotency-key")
        is_meant = method == self.of if self.of else key is not None
        self.keys += [key] if is_meant and key else []
        (self.fate if is_meant else Route.continue_)(route)

    def hold(self) -> None:
        self.fate = self.held.append

    def let_go(self) -> None:
        self.fate = Route.continue_
        for route in self.held:
            route.continue_()
        self.held.clear()


def lost_on_its_way(route: Route) -> None:
    route.abort()


def answer_is_lost(route: Route) -> None:
    """The API does it, but nobody hears of that."""
    assert route.fetch().ok
    route.abort()


def api_is_in_trouble(route: Route) -> None:
    route.fulfill(status=503, headers={"Access-Control-Allow-Origin": "*"})


@dataclass
class Letter:
    """A message of the student's, to the employer."""

    served: Served
    brief_id: str
    page: Page
    line: Line

    def write(self, text: str) -> None:
        self.page.get_by_label("Your message").fill(text)
        self.button.click()

    @property
    def button(self) -> Locator:
        return self.page.locator("form").get_by_role("button")

    def arrived(self, text: str) -> int:
        """How often the employer has it."""
        messages = self.served.people.employer.pages(f"/briefs/{self.brief_id}/messages")
        return [message["text"] for message in messages].count(text)

    def is_sent(self, text: str, times: int = 1) -> None:
        """Once it stands among the messages, and the field is free for the next one."""
        expect(self.page.locator(".talk .mine").filter(has_text=text)).to_have_count(times)
        expect(self.page.get_by_label("Your message")).to_have_value("")
        expect(self.button).to_have_text(DONE)
        assert self.arrived(text) == times


@pytest.fixture
def letter(served: Served, chrome: Browser, awarded: str) -> Letter:
    page = signed_in(served, chrome, "student").at(f"/briefs/{awarded}/talk")
    return Letter(served, awarded, page, Line(page, "**/messages"))


@pytest.mark.parametrize(
    ("fate", "says"), [(lost_on_its_way, NOBODY), (answer_is_lost, NOBODY), (api_is_in_trouble, "went wrong (503)")]
)
def test_a_command_that_failed_says_so_keeps_what_was_typed_and_is_done_once_when_tried_again(
    letter: Letter, fate: Callable[[Route], None], says: str
) -> None:
    text, page, line = f"I begin on Monday ({fate.__name__}).", letter.page, letter.line
    line.fate = fate
    letter.write(text)
    expect(page.get_by_role("alert")).to_contain_text(says)
    expect(page.get_by_label("Your message")).to_have_value(text)
    line.fate = Route.continue_
    letter.button.click()
    letter.is_sent(text)
    expect(page.get_by_role("alert")).to_have_count(0)
    assert len(line.keys) == 2
    assert len(set(line.keys)) == 1, "tried again under another key"
    letter.write(text)
    letter.is_sent(text, 2)
    assert len(set(line.keys)) == 2, "said again, not sent again: that is another command"


@pytest.mark.parametrize("fate", [lost_on_its_way, answer_is_lost])
def test_a_command_that_failed_is_kept_over_a_reload_and_done_once_when_tried_again(
    letter: Letter, fate: Callable[[Route], None]
) -> None:
    text, line = f"I begin on Tuesday ({fate.__name__}).", letter.line
    line.fate = fate
    letter.write(text)
    expect(letter.page.get_by_role("alert")).to_contain_text(NOBODY)
    letter.page.reload()
    expect(letter.page.get_by_label("Your message")).to_have_value(text)
    line.fate = Route.continue_
    letter.button.click()
    letter.is_sent(text)
    letter.write(text)
    letter.is_sent(text, 2)
    assert len(line.keys) == 3
    assert len(set(line.keys)) == 2, "sent again under another key, or said again under the same"


def test_an_endpoint_whose_answer_was_lost_before_a_reload_is_added_once_and_its_secret_shown(
    served: Served, chrome: Browser
) -> None:
    url, page = "https://hooks.example.com/lost", signed_in(served, chrome, "employer").at("/organisation/webhooks")
    line, add = Line(page, "**/webhooks"), page.get_by_role("button", name="Add an endpoint")
    line.fate = answer_is_lost
    page.get_by_label("Address").fill(url)
    add.click()
    expect(page.get_by_role("alert")).to_contain_text(NOBODY)
    page.reload()
    expect(page.get_by_label("Address")).to_have_value(url)
    line.fate = Route.continue_
    add.click()
    expect(page.get_by_role("status").filter(has_text=f"The secret of {url}")).to_contain_text("whsec_")
    employer = served.people.employer
    endpoints = employer.get(f"/organisations/{employer.get('/me')['organisation_id']}/webhooks")["items"]
    assert [endpoint["url"] for endpoint in endpoints].count(url) == 1
    assert len(line.keys) == 2
    assert len(set(line.keys)) == 1


def test_a_command_that_takes_long_is_seen_to_be_under_way_and_sent_once(letter: Letter) -> None:
    letter.line.hold()
    letter.write("I begin on Wednesday.")
    expect(letter.button).to_have_text(WAITING)
    letter.button.click(force=True)
    expect(letter.button).to_have_text(WAITING)
    assert letter.arrived("I begin on Wednesday.") == 0
    letter.line.let_go()
    letter.is_sent("I begin on Wednesday.")
    assert len(letter.line.keys) == 1


def test_what_is_sent_without_a_network_is_told_and_goes_once_there_is_one(letter: Letter) -> None:
    offline = letter.page.get_by_role("status").filter(has_text="offline")
    letter.page.context.set_offline(True)
    expect(offline).to_be_visible()
    letter.write("I begin on Thursday.")
    expect(letter.button).to_have_text(WAITING)
    letter.page.context.set_offline(False)
    expect(offline).to_be_hidden()
    letter.is_sent("I begin on Thursday.")
    assert len(letter.line.keys) == 1


# reading


def test_what_is_being_read_is_said_until_it_is_there(served: Served, chrome: Browser, paid: str) -> None:
    student = signed_in(served, chrome, "student")
    reads = Line(student.page, "**/me/briefs*", of="GET")
    reads.hold()
    student.page.goto(f"{served.origin}/")
    mine = student.page.locator(".card").filter(has_text="Your briefs")
    expect(mine.get_by_role("status")).to_have_text("Loading …")
    expect(student.page.locator(".card").filter(has_text="What happened").get_by_role("listitem").first).to_be_visible()
    reads.let_go()
    expect(mine.locator(f'a[href="/briefs/{paid}"]')).to_be_visible()
    expect(mine.get_by_role("status")).to_have_count(0)


def one_more_page(route: Route) -> None:
    """The first page of a list says that there is another, which does not come."""
    if "cursor=" in route.request.url:
        route.abort()
        return
    answer = route.fetch()
    route.fulfill(response=answer, json={**answer.json(), "next_cursor": "more"})


def test_what_could_not_be_read_says_so_and_is_read_when_tried_again(
    served: Served, chrome: Browser, paid: str
) -> None:
    """Reads are tried again for some seconds before anybody is told: both pages fail at the same time."""
    nothing, more = signed_in(served, chrome, "student"), signed_in(served, chrome, "student")
    api = f"{served.stack.outputs.api_url}/**"
    nothing.page.route(api, lost_on_its_way)
    nothing.page.goto(f"{served.origin}/briefs/{paid}")
    more.page.route("**/me/notices*", one_more_page)
    happened = more.at("/").locator(".card").filter(has_text="What happened")
    happened.get_by_role("button", name="Show more").click()

    expect(nothing.page.get_by_role("alert")).to_contain_text(NOBODY)
    assert nothing.violations() == []
    nothing.page.unroute(api)
    nothing.page.get_by_role("button", name="Try again").click()
    expect(nothing.page.get_by_text("It is over")).to_be_visible()

    expect(happened.get_by_role("alert")).to_contain_text(NOBODY)
    expect(happened.get_by_role("listitem").first).to_be_visible()


def test_a_page_whose_script_does_not_arrive_says_so_and_the_others_go_on(served: Served, chrome: Browser) -> None:
    page = signed_in(served, chrome, "student").at("/")
    menu = page.get_by_role("navigation", name="Main")
    page.route("**/assets/Find-*.js", lost_on_its_way)
    menu.get_by_role("link", name="Find briefs").click()
    expect(page.get_by_role("alert")).to_contain_text("This page could not be shown")
    menu.get_by_role("link", name="Offers").click()
    expect(page.get_by_role("heading", name="Offers", level=1)).to_be_visible()
    menu.get_by_role("link", name="Find briefs").click()
    page.unroute("**/assets/Find-*.js")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="Find briefs", level=1)).to_be_visible()


# buttons that save or open something


class Fetched(NamedTuple):
    """A button that has the browser save a file, and the request that this begins with."""

    role: str
    path: str
    button: str
    request: str


FETCHED = [
    Fetched("student", "/earnings", "Save as CSV", "**/me/statement.csv*"),
    Fetched("student", "/credentials", "Save the badge", "**/badge"),
    Fetched("student", "/portfolio", "Save as PDF", "**/resume.pdf"),
    Fetched("student", "/me", "Save everything (JSON)", "**/me/export*"),
    Fetched("student", "/briefs/{paid}/work", "Download answer.txt", "**/download"),
    Fetched("student", "/briefs/{paid}/agreement", "The agreement, edition 1 (PDF)", "**/agreement"),
    Fetched("educator", "/cohorts/{cohort}", "Save as CSV", "**/students.csv"),
]


@pytest.mark.parametrize("fetched", FETCHED, ids=lambda fetched: f"{fetched.role}: {fetched.button}")
def test_what_could_not_be_saved_says_so(served: Served, chrome: Browser, paid: str, fetched: Fetched) -> None:
    page = signed_in(served, chrome, fetched.role).at(fetched.path.format(paid=paid, cohort=served.cohort_id))
    button = page.get_by_role("button", name=fetched.button, exact=True).first
    button.wait_for()
    page.route(fetched.request, lost_on_its_way)
    button.click()
    expect(page.get_by_role("alert")).to_contain_text(NOBODY)
    page.unroute(fetched.request)
    with page.expect_download():
        button.click()
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.usefixtures("paid")
def test_a_button_beside_a_form_says_when_it_failed(served: Served, chrome: Browser) -> None:
    student, brief_id = served.people.student, offered(served)
    student.post("/me/searches", {"name": "To be removed", "field": "data"})

    page = signed_in(served, chrome, "student").at("/offers")
    line = Line(page, "**/refusal", fate=lost_on_its_way)
    page.get_by_role("button", name="Decline").click()
    expect(page.get_by_role("alert")).to_contain_text(NOBODY)
    line.fate = Route.continue_
    page.get_by_role("button", name="Decline").click()
    expect(page.get_by_text("declined")).to_be_visible()
    assert len(set(line.keys)) == 1
    assert [each["status"] for each in student.pages("/me/offers") if each["brief_id"] == brief_id] == ["refused"]

    page.goto(f"{served.origin}/find")
    line = Line(page, "**/removal", fate=lost_on_its_way)
    saved = page.get_by_role("listitem").filter(has_text="To be removed")
    saved.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("alert")).to_contain_text(NOBODY)
    line.fate = Route.continue_
    saved.get_by_role("button", name="Remove").click()
    expect(saved).to_have_count(0)
    assert "To be removed" not in {each["name"] for each in student.get("/me/searches")["items"]}

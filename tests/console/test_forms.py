"""Forms that are sent in a browser by whoever they are for; what came of it is asked of the API."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from infra.local.caller import Caller
from tests.console.visitors import Newcomer, Served, let_in, newcomer, signed_in
from tests.e2e.test_accounts import is_erased

pytestmark = pytest.mark.local_stack

ASKED_AFTER_S = 30
"""A check-in is due when a third of the time between award and deadline is over."""


@pytest.fixture(scope="module", autouse=True)
def soon_due(served: Served) -> str:
    """A brief so short that its student is asked within half a minute how it is going: begun before all else here."""
    due_at = datetime.now(UTC) + timedelta(seconds=3 * ASKED_AFTER_S)
    timeline = {"zone": "America/New_York", "submission_due_at": due_at.isoformat()}
    timeline["applications_close_at"] = (due_at - timedelta(seconds=ASKED_AFTER_S)).isoformat()
    return served.people.awarded(timeline=timeline)


def save(page: Page, heading: str) -> None:
    """Send the form of one card; what was sent has arrived once the button says so no more."""
    card = page.locator(".card").filter(has=page.get_by_role("heading", name=heading, exact=True))
    with page.expect_response(lambda response: response.request.method == "PUT"):
        card.get_by_role("button", name="Save", exact=True).click()
    expect(card.get_by_role("button", name="Save", exact=True)).to_be_visible()


# on a brief


def test_what_one_side_proposes_holds_once_the_other_accepts(served: Served, chrome: Browser, awarded: str) -> None:
    at, employer = f"/briefs/{awarded}", served.people.employer
    before = employer.get(at)
    zone = ZoneInfo(before["zone"])
    day = (datetime.fromisoformat(before["submission_due"]["due_at"]) + timedelta(days=2)).date()
    due_at = datetime(day.year, day.month, day.day, 17, 30, tzinfo=zone)

    student = signed_in(served, chrome, "student").at(f"{at}/agreement")
    student.get_by_role("button", name="Propose a change").click()
    dialog = student.get_by_role("dialog")
    dialog.get_by_label("What changes of the work").fill("The answer may be longer.")
    dialog.get_by_label("Work is due").fill(f"{day}T17:30")
    dialog.get_by_label("Why").fill("Two of the sources answered late.")
    dialog.get_by_role("button", name="Propose a change").click()
    expect(dialog).to_be_hidden()
    expect(student.get_by_role("button", name="Take it back")).to_be_visible()
    assert employer.get(at)["submission_due"] == before["submission_due"]

    other = signed_in(served, chrome, "employer").at(f"{at}/agreement")
    expect(other.get_by_text("Two of the sources answered late.")).to_be_visible()
    other.get_by_role("button", name="Accept").click()
    expect(other.get_by_text("accepted", exact=True)).to_be_visible()
    assert datetime.fromisoformat(employer.get(at)["submission_due"]["due_at"]) == due_at
    (amendment,) = employer.get(f"{at}/amendments")["items"]
    assert (amendment["status"], amendment["scope"]) == ("accepted", "The answer may be longer.")
    # Without a reload: the side that proposed it sees it by itself.
    expect(student.get_by_text("accepted", exact=True)).to_be_visible()


def test_a_check_in_is_answered_and_read(served: Served, chrome: Browser, soon_due: str) -> None:
    at = f"/briefs/{soon_due}"
    student = signed_in(served, chrome, "student").at(f"{at}/agreement")
    student.get_by_label("How is the work going?").select_option("Blocked")
    student.get_by_label("In a line").fill("The link is dead.")
    student.get_by_role("button", name="Tell the employer").click()
    expect(student.locator("li").filter(has_text="Blocked")).to_contain_text("The link is dead.")
    answered = [each for each in served.people.employer.get(f"{at}/check-ins")["items"] if each["status"] == "answered"]
    assert [(each["going"], each["note"]) for each in answered] == [("blocked", "The link is dead.")]
    employer = signed_in(served, chrome, "employer").at(f"{at}/agreement")
    expect(employer.get_by_text("The link is dead.")).to_be_visible()


QUOTE = "Every change was explained, and the table is cleaner than we had hoped."


def make_private(served: Served, portfolio: Page) -> None:
    left = served.people.student.get("/me/portfolio")["links_left"]
    portfolio.get_by_role("button", name="Make it private").click()
    portfolio.get_by_role("dialog").get_by_role("button", name="Make it private").click()
    expect(portfolio.get_by_text("Your page is private")).to_be_visible()
    portfolio.reload()  # what was sent along with it would be through by then
    expect(portfolio.get_by_text("Your page is private")).to_be_visible()
    page = served.people.student.get("/me/portfolio")
    assert (page["url"], page["links_left"]) == (None, left), "the form around the dialog was sent as well"


def test_what_an_employer_says_is_on_the_students_page_once_the_student_wants_it(
    served: Served, chrome: Browser, paid: str
) -> None:
    employer = signed_in(served, chrome, "employer").at(f"/briefs/{paid}/agreement")
    employer.get_by_label("Words of yours to be quoted").fill(QUOTE)
    employer.get_by_label("Files of the accepted work").check()
    save(employer, "What the student may show")
    consent = served.people.student.get(f"/briefs/{paid}/consent")
    assert (consent["quote"], consent["files"]) == (QUOTE, True)

    student = signed_in(served, chrome, "student").at("/portfolio")
    student.get_by_role("button", name="Share my page").click()
    link = student.get_by_role("link", name="http")
    url = link.get_attribute("href") or ""
    anybody = chrome.new_page()
    anybody.goto(url)
    expect(anybody.locator("main")).not_to_contain_text(QUOTE)

    student.get_by_text("Choose what shows").first.click()
    student.get_by_label("It is on my page").check()
    expect(student.get_by_label("With what the employer said")).to_be_checked()
    student.get_by_label("With the file answer.txt").check()
    student.locator("details").get_by_role("button", name="Save", exact=True).click()
    expect(student.get_by_text("on the page", exact=True)).to_be_visible()
    anybody.reload()
    expect(anybody.locator("main")).to_contain_text(QUOTE)
    expect(anybody.get_by_role("link", name="answer.txt")).to_be_visible()
    (shown,) = [each for each in served.people.student.pages("/me/portfolio/briefs") if each["brief_id"] == paid]
    assert shown["shown"]["choices"]["public"] is True

    make_private(served, student)
    answer = anybody.goto(url)
    assert answer is not None
    assert answer.status == 404


# of one's own account


@pytest.fixture
def somebody(served: Served) -> Newcomer:
    """A student who is in nobody else's way."""
    found = newcomer(served, "student")
    found.caller.put("/me/profile", {"name": "Zora Neu"})
    return found


def cadence(caller: Caller, kind: str) -> str:
    choices = caller.get("/me/notice-settings")["choices"]
    found: str = next(choice["email"] for choice in choices if choice["kind"] == kind)
    return found


def test_notices_come_by_e_mail_as_they_are_wanted(served: Served, chrome: Browser, somebody: Newcomer) -> None:
    page = let_in(served, chrome, somebody.email).at("/me")
    page.get_by_label("Messages", exact=True).select_option("Once a day")
    page.get_by_label("Once a day means at").select_option("7:00 AM")
    page.get_by_label("On the clocks of").select_option("America/New_York")
    save(page, "E-mail")
    said = somebody.caller.get("/me/notice-settings")
    assert (cadence(somebody.caller, "messages"), said["digest_hour"], said["zone"]) == ("daily", 7, "America/New_York")
    # Changed elsewhere meanwhile: what was sent from here is no draft any more.
    somebody.caller.put("/me/notice-settings", {"email": {"messages": "never"}})
    page.reload()
    expect(page.get_by_label("Messages", exact=True)).to_have_value("never")


def test_everything_that_is_kept_of_somebody_can_be_taken_along(
    served: Served, chrome: Browser, paid: str, tmp_path: Path
) -> None:
    page = signed_in(served, chrome, "student").at("/me")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save everything (JSON)").click()
    assert saved.value.suggested_filename == "microintern.json"
    saved.value.save_as(tmp_path / "export.json")
    export = json.loads((tmp_path / "export.json").read_text(encoding="utf-8"))
    assert export["account"]["account_id"] == served.people.student.get("/me")["account_id"]
    mine = {brief["brief_id"] for brief in served.people.student.pages("/me/briefs")}
    assert paid in mine
    assert mine <= {kept["brief"]["brief_id"] for kept in export["briefs"]}


def test_whoever_has_their_account_erased_is_told_and_leaves_nothing_in_the_browser(
    served: Served, chrome: Browser, somebody: Newcomer
) -> None:
    page = let_in(served, chrome, somebody.email).at("/me")
    page.get_by_label("About you").fill("A draft that nobody else is to find.")
    page.get_by_role("button", name="Erase my account").click()
    dialog = page.get_by_role("dialog")
    erase = dialog.get_by_role("button", name="Erase my account")
    dialog.get_by_label("type the id of your account").fill("somebody else")
    expect(erase).to_be_disabled()
    dialog.get_by_label("type the id of your account").fill(somebody.account_id)
    erase.click()
    expect(page.get_by_role("status")).to_contain_text("Your account is erased")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]") == []
    somebody.caller.wait_until("the API knows", lambda: is_erased(somebody.caller))
    page.reload()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.get_by_role("status")).to_have_count(0)

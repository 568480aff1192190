"""What goes wrong between somebody and the console: sessions that end, refusals, and whoever was faster."""

import re

import pytest
from playwright.sync_api import Browser, expect

from infra.local.accounts import PASSWORD
from infra.local.browsing import Visitor
from tests.console.visitors import Served, hold_token, let_in, newcomer, refresh_token, signed_in

pytestmark = pytest.mark.local_stack


def test_what_was_typed_outlives_a_session(served: Served, chrome: Browser) -> None:
    employer = signed_in(served, chrome, "employer")
    employer.go("/post/new")
    employer.page.get_by_label("Title").fill("Typed before the session ended")
    expect(employer.page.get_by_role("heading", name="What could be better")).to_be_visible()
    hold_token(employer, "one that is no good")
    employer.page.reload()
    expect(employer.page.get_by_role("alert")).to_contain_text("Your session has ended")
    employer.page.get_by_role("button", name="Sign in").click()
    employer.page.locator("input[name=username]").fill(served.emails["employer"])
    employer.page.locator("input[name=password]").fill(PASSWORD)
    employer.page.locator("button[type=submit]").click()
    expect(employer.page.get_by_label("Title")).to_have_value("Typed before the session ended")
    assert employer.page.url.endswith("/post/new")


def test_what_was_typed_is_not_there_for_whoever_signs_in_next(served: Served, chrome: Browser) -> None:
    first, second = newcomer(served, "student"), newcomer(served, "student")
    tab = let_in(served, chrome, first.email)
    about = tab.at("/me").get_by_label("About you")
    about.fill("I look for work near home.")
    tab.page.reload()
    expect(about).to_have_value("I look for work near home.")
    hold_token(tab, refresh_token(served, second.email))
    tab.page.reload()
    expect(tab.page.get_by_text(second.account_id).first).to_be_visible()
    expect(about).to_have_value("")


def test_what_the_api_refuses_stands_at_its_field_and_what_was_typed_stays(served: Served, chrome: Browser) -> None:
    student = signed_in(served, chrome, "student")
    student.go("/earnings")
    field = student.page.get_by_label("Payout account")
    field.fill("!")
    student.page.get_by_role("button", name="Save", exact=True).click()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value("!")


def cancel_in_dialog(employer: Visitor) -> None:
    employer.page.get_by_role("dialog").get_by_role("button", name="Cancel the brief").click()


def test_the_slower_of_two_tabs_is_told_and_shown_how_it_stands(served: Served, chrome: Browser) -> None:
    brief_id = served.people.opened()
    first, second = signed_in(served, chrome, "employer"), signed_in(served, chrome, "employer")
    for tab in (first, second):
        tab.go(f"/briefs/{brief_id}")
        tab.page.get_by_role("button", name="Cancel the brief").click()
    # What the second one sees is old: the brief is not read again there until it has acted.
    reading = re.compile(rf"/briefs/{brief_id}$")
    second.page.route(reading, lambda route: route.abort())
    cancel_in_dialog(first)
    expect(first.page.locator(".way .now")).to_contain_text("Cancelled")
    cancel_in_dialog(second)
    expect(second.page.get_by_role("dialog").get_by_role("alert")).to_contain_text("what you see now is how it stands")
    second.page.unroute(reading)
    expect(second.page.locator(".way .now")).to_contain_text("Cancelled")
    expect(second.page.get_by_text("It is over")).to_be_visible()


def test_what_is_not_yours_looks_as_if_it_were_not_there(served: Served, chrome: Browser) -> None:
    brief_id = served.people.posted()
    student = signed_in(served, chrome, "student")
    for path in (f"/briefs/{brief_id}", "/briefs/never-was-there"):
        student.go(path)
        expect(student.page.get_by_role("heading", name="There is nothing here")).to_be_visible()

"""The way of all four in Chromium: from signing up to pay and credit."""

from datetime import date

import pytest
from playwright.sync_api import Browser, FilePayload, expect

from infra.local.accounts import PASSWORD
from infra.local.browsing import Visitor, visit
from infra.local.sample.work import first_attempt
from tests.console.visitors import Served
from tests.e2e.people import TEXT

pytestmark = pytest.mark.local_stack

TITLE = "A brief that was posted in a browser"
SENT_CODE = "123456"
"""Of every mail that the local Cognito would send."""
WORK = [*first_attempt(date(2026, 11, 1)), TEXT]


def sign_up(person: Visitor, role: str, email: str) -> None:
    """As it begins: an account, its confirmation, and a name."""
    page = person.page
    page.goto(person.origin)
    page.get_by_role("button", name="Create an account").click()
    page.get_by_label("I am").select_option(role)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("form").get_by_role("button", name="Create an account").click()
    page.get_by_label("Code from the e-mail").fill(SENT_CODE)
    page.get_by_role("button", name="Confirm your address").click()
    person.enter(email)
    page.get_by_role("link", name="Say who you are").click()
    page.get_by_label("Name", exact=True).fill(f"Somebody new ({role})")
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_role("link", name=f"Somebody new ({role})")).to_be_visible()


def found_organisation(employer: Visitor, operator: Visitor) -> None:
    employer.go("/organisation")
    employer.page.get_by_label("Name").fill("Newly Founded")
    employer.page.get_by_role("button", name="Found an organisation").click()
    expect(employer.page.get_by_text("waits for approval")).to_be_visible()

    operator.go("/operate/approvals")
    waiting = operator.page.get_by_role("listitem").filter(has_text="Newly Founded")
    waiting.get_by_role("button", name="Approve").click()
    operator.page.get_by_label("Reason").fill("Registered, and its people are known.")
    operator.page.get_by_role("dialog").get_by_role("button", name="Approve").click()
    expect(waiting).to_be_hidden()


def post_from_template(employer: Visitor) -> str:
    page = employer.page
    employer.go("/post")
    page.get_by_role("button", name="Use this").first.click()
    expect(page.get_by_role("heading", name="What it costs")).to_be_visible()
    page.get_by_label("Title").fill(TITLE)
    page.get_by_label("Pay", exact=True).fill("612.50")
    expect(page.get_by_text("$673.75")).to_be_visible()
    page.get_by_role("button", name="Post", exact=True).click()
    page.get_by_role("button", name="Hold $673.75").click()
    expect(page.get_by_text("choose somebody among those who applied")).to_be_visible()
    return page.url.removeprefix(employer.origin)


def join_cohort(student: Visitor, educator: Visitor, cohort_id: str) -> None:
    educator.go(f"/cohorts/{cohort_id}")
    educator.page.get_by_role("button", name="Make a code").click()
    code = educator.page.get_by_role("status").get_by_role("code").inner_text()

    student.go("/my-cohorts")
    student.page.get_by_label("Code").fill(code)
    student.page.get_by_role("button", name="See what it would see").click()
    student.page.get_by_role("button", name="Consent and join").click()
    expect(student.page.get_by_text("sees you")).to_be_visible()


def apply(student: Visitor) -> None:
    student.go("/earnings")
    student.page.get_by_label("Payout account").fill("sandbox-new")
    student.page.get_by_role("button", name="Save", exact=True).click()
    expect(student.page.get_by_text("Usable from")).to_be_visible()

    student.go("/find")
    student.page.get_by_label("Words").fill(TITLE)
    student.page.get_by_role("link", name=TITLE).click()
    student.page.get_by_label("Why you").fill("I did something like it last summer.")
    student.page.get_by_role("button", name="Apply").click()
    expect(student.page.get_by_text("You have applied.")).to_be_visible()


def award(employer: Visitor) -> None:
    employer.page.get_by_role("link", name="Choose among the applicants").click()
    employer.page.get_by_role("button", name="Award").click()
    employer.page.get_by_role("dialog").get_by_role("button", name="Award").click()
    expect(employer.page.get_by_text("do the work and hand it in")).to_be_visible()


def hand_in(student: Visitor, path: str) -> None:
    page = student.page
    student.go(path)
    expect(page.get_by_text("Your turn: do the work and hand it in")).to_be_visible()
    page.get_by_role("link", name="Hand in work").click()
    # A chooser makes room for its progress while it sends: each is looked for in its own row.
    rows = page.get_by_role("listitem").filter(has=page.locator(".uploader"))
    rows.first.wait_for()
    for row in rows.all():
        chooser = row.locator("input[type=file]")
        chooser.set_input_files(work_of(chooser.get_attribute("accept") or ""))
    submit = page.get_by_role("button", name="Hand in these files")
    expect(submit).to_be_enabled()
    submit.click()
    expect(page.get_by_text("The employer is to review the work")).to_be_visible()


def work_of(accepted: str) -> FilePayload:
    """A file of a type that is taken."""
    found = next(file for file in WORK if file.media_type in accepted.split(","))
    return {"name": found.name, "mimeType": found.media_type, "buffer": found.content}


def approve(employer: Visitor, path: str) -> None:
    page = employer.page
    employer.go(f"{path}/review")
    levels = page.get_by_role("radiogroup")
    levels.first.wait_for()
    for level in levels.all():
        level.get_by_role("radio").first.check(force=True)
    for why in page.get_by_label("Why (").all():
        why.fill("As the brief asks.")
    page.get_by_label("Feedback on the whole").fill("Careful work.")
    page.get_by_role("button", name="Approve and pay").click()
    expect(page.locator(".way .now")).to_contain_text("Paid")


def grant_credit(educator: Visitor, student: Visitor) -> None:
    theirs = educator.page.get_by_role("listitem").filter(has_text="Somebody new (student)").first
    theirs.get_by_role("button", name="Grant credit").click()
    educator.page.get_by_role("dialog").get_by_role("button", name="Grant").click()
    expect(theirs.get_by_text("granted", exact=True)).to_be_visible()

    student.go("/credentials")
    expect(student.page.get_by_text("only you see it")).to_have_count(2)


def test_from_signing_up_to_pay_and_credit(served: Served, chrome: Browser) -> None:
    employer, student = visit(chrome, served.origin), visit(chrome, served.origin)
    operator, educator = visit(chrome, served.origin), visit(chrome, served.origin)
    operator.sign_in(served.emails["operator"])
    educator.sign_in(served.emails["educator"])
    sign_up(employer, "employer", "new-employer@example.com")
    found_organisation(employer, operator)
    sign_up(student, "student", "new-student@example.com")
    join_cohort(student, educator, served.cohort_id)

    path = post_from_template(employer)
    apply(student)
    award(employer)
    hand_in(student, path)
    approve(employer, path)
    # Without a reload: what the others look at follows by itself.
    expect(student.page.locator(".way .now")).to_contain_text("Paid")
    grant_credit(educator, student)
    assert [each.complaints for each in (employer, student, operator, educator)] == [[], [], [], []]

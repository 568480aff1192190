"""A brief from a template to its payout and credential, by clicks alone."""

import pytest
from playwright.sync_api import Browser, expect

from infra.local.browsing import Visitor, visit
from tests.console.conftest import Served
from tests.e2e.people import TEXT

pytestmark = pytest.mark.local_stack


def brief_url(visitor: Visitor) -> str:
    return visitor.page.url.removeprefix(visitor.origin).split("?")[0]


def post_from_template(employer: Visitor) -> str:
    page = employer.page
    employer.go("/post")
    page.get_by_role("button", name="Use this").first.click()
    expect(page.get_by_role("heading", name="What it costs")).to_be_visible()
    page.get_by_label("Title").fill("A brief that was posted in a browser")
    page.get_by_label("Pay", exact=True).fill("612.50")
    expect(page.get_by_text("$673.75")).to_be_visible()
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.get_by_role("heading", name="A brief that was posted in a browser")).to_be_visible()
    return brief_url(employer)


def hand_in(student: Visitor) -> None:
    page = student.page
    page.get_by_role("link", name="Hand in work").click()
    for chooser in page.locator(".drop input[type=file]").all():
        accepted = (chooser.get_attribute("accept") or "text/plain").split(",")[0]
        chooser.set_input_files({"name": TEXT.name, "mimeType": accepted, "buffer": TEXT.content})


@pytest.mark.slow
def test_a_brief_is_posted_funded_won_done_and_paid(served: Served, chrome: Browser) -> None:
    employer, student = visit(chrome, served.origin), visit(chrome, served.origin)
    employer.sign_in(served.emails["employer"])
    student.sign_in(served.emails["student"])

    path = post_from_template(employer)
    employer.page.get_by_role("button", name="Hold $673.75").click()
    expect(employer.page.get_by_text("choose somebody among those who applied")).to_be_visible()

    student.go("/find")
    student.page.get_by_label("Words").fill("posted in a browser")
    student.page.get_by_role("link", name="A brief that was posted in a browser").click()
    student.page.get_by_label("Why you").fill("I did something like it last summer.")
    student.page.get_by_role("button", name="Apply").click()
    expect(student.page.get_by_text("You have applied.")).to_be_visible()

    employer.page.get_by_role("link", name="Choose among the applicants").click()
    employer.page.get_by_role("button", name="Award").click()
    employer.page.get_by_role("dialog").get_by_role("button", name="Award").click()
    expect(employer.page.get_by_text("do the work and hand it in")).to_be_visible()

    student.go(path)
    expect(student.page.get_by_text("Your turn: do the work and hand it in")).to_be_visible()
    assert employer.complaints + student.complaints == []


def test_work_is_handed_in_reviewed_and_paid(served: Served, chrome: Browser) -> None:
    brief_id = served.people.awarded()
    student, employer = visit(chrome, served.origin), visit(chrome, served.origin)
    student.sign_in(served.emails["student"])
    student.go(f"/briefs/{brief_id}")
    hand_in(student)
    submit = student.page.get_by_role("button", name="Hand in these files")
    expect(submit).to_be_enabled()
    submit.click()
    expect(student.page.get_by_text("The employer is to review the work")).to_be_visible()

    employer.sign_in(served.emails["employer"])
    employer.go(f"/briefs/{brief_id}/review")
    for level in employer.page.get_by_role("radiogroup").all():
        level.get_by_text("Excellent").click()
    for why in employer.page.get_by_label("Why (").all():
        why.fill("As the brief asks.")
    employer.page.get_by_label("Feedback on the whole").fill("Careful work.")
    employer.page.get_by_role("button", name="Approve and pay").click()
    expect(employer.page.locator(".way .now")).to_contain_text("Paid")

    # Without a reload: the student's page follows by itself.
    expect(student.page.locator(".way .now")).to_contain_text("Paid")
    served.people.credited(brief_id)
    student.go("/credentials")
    expect(student.page.get_by_text("only you see it").first).to_be_visible()
    assert employer.complaints + student.complaints == []

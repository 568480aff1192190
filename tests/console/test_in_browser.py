"""The console as people use it, in Chromium: a brief's way, every page for everybody, and what goes wrong."""

import re

import pytest
from playwright.sync_api import Browser, Page, Response, Route, expect

from infra.local.accounts import PASSWORD
from infra.local.browsing import DESKTOP, PHONE, Visitor, visit
from infra.local.steps import LOCAL
from tests.console.conftest import Served
from tests.e2e.people import TEXT

pytestmark = pytest.mark.local_stack

PICTURES = LOCAL / "screenshots"
PAGES = {
    "employer": ["/", "/post", "/post/new", "/talent", "/earnings", "/organisation", "/me"],
    "student": ["/", "/find", "/offers", "/earnings", "/credentials", "/my-cohorts", "/portfolio", "/me"],
    "educator": ["/", "/cohorts", "/cohorts/{cohort_id}", "/organisation", "/me"],
    "operator": ["/", "/operate/approvals", "/operate/disputes", "/operate/money", "/operate/trail"],
}
OF_A_BRIEF = {
    "employer": ["", "/applicants", "/work", "/review", "/talk", "/agreement", "/trail"],
    "student": ["", "/work", "/talk", "/agreement", "/trail"],
    "educator": [],
    "operator": ["", "/work", "/talk", "/trail"],
}
NO_PATH = str.maketrans("/", "-", "{}")
SIZES = {"desktop": (DESKTOP, "light"), "phone": (PHONE, "dark")}


# a brief on its way


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
    choosers = page.locator(".drop input[type=file]")
    choosers.first.wait_for(state="attached")
    for chooser in choosers.all():
        accepted = (chooser.get_attribute("accept") or "text/plain").split(",")[0]
        chooser.set_input_files({"name": TEXT.name, "mimeType": accepted, "buffer": TEXT.content})


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


# every page


@pytest.fixture(scope="module")
def brief_id(served: Served) -> str:
    found: str = served.people.submitted()
    return found


def looked_at(visitor: Visitor, path: str, name: str) -> list[str]:
    visitor.go(path)
    visitor.page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
    wrong = [f"{path}: {found}" for found in visitor.violations()]
    return wrong + ([f"{path} is too wide"] if visitor.is_too_wide() else [])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("role", PAGES)
def test_every_page_can_be_used_by_everybody(
    served: Served, chrome: Browser, brief_id: str, role: str, size: str
) -> None:
    viewport, colours = SIZES[size]
    visitor = visit(chrome, served.origin, viewport, color_scheme=colours)
    visitor.sign_in(served.emails[role])
    ids = {"brief_id": brief_id, "cohort_id": served.cohort_id}
    wrong = []
    for path in PAGES[role] + [f"/briefs/{{brief_id}}{part}" for part in OF_A_BRIEF[role]]:
        name = f"{size}-{role}" + path.replace("_id", "").translate(NO_PATH)
        wrong += looked_at(visitor, path.format(**ids), name)
    assert wrong == []
    assert visitor.complaints == []


def test_whoever_is_not_signed_in_sees_the_ways_in(served: Served, chrome: Browser) -> None:
    visitor = visit(chrome, served.origin)
    assert looked_at(visitor, "/briefs/somebody-elses", "desktop-nobody") == []
    visitor.page.get_by_role("button", name="Sign in").wait_for()


# what goes wrong


def signed_in(served: Served, chrome: Browser, role: str, zone: str = "Europe/Berlin") -> Visitor:
    visitor = visit(chrome, served.origin, timezone_id=zone)
    visitor.sign_in(served.emails[role])
    return visitor


def test_what_was_typed_outlives_a_session(served: Served, chrome: Browser) -> None:
    employer = signed_in(served, chrome, "employer")
    employer.go("/post/new")
    employer.page.get_by_label("Title").fill("Typed before the session ended")
    expect(employer.page.get_by_role("heading", name="What could be better")).to_be_visible()
    employer.page.evaluate("sessionStorage.setItem('microintern.refresh', 'one that is no good')")
    employer.page.reload()
    expect(employer.page.get_by_role("alert")).to_contain_text("Your session has ended")
    employer.page.get_by_role("button", name="Sign in").click()
    employer.page.locator("input[name=username]").fill(served.emails["employer"])
    employer.page.locator("input[name=password]").fill(PASSWORD)
    employer.page.locator("button[type=submit]").click()
    expect(employer.page.get_by_label("Title")).to_have_value("Typed before the session ended")
    assert employer.page.url.endswith("/post/new")


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


PART = re.compile(r"partNumber=(\d+)")


class Line:
    """A connection that carries a few parts of an upload and is then cut, until it is mended."""

    def __init__(self, page: Page) -> None:
        self.sent: list[str] = []
        self.arrived: list[str] = []
        self.most: int | None = 3
        page.route("**/*partNumber=*", self.carry)
        page.on("response", self.note)

    def carry(self, route: Route) -> None:
        number = PART.search(route.request.url)
        if route.request.method != "PUT" or number is None:
            route.continue_()
        elif self.most is not None and len(self.sent) >= self.most:
            route.abort()
        else:
            self.sent.append(number[1])
            route.continue_()

    def note(self, response: Response) -> None:
        number = PART.search(response.url)
        if response.request.method == "PUT" and number is not None and response.ok:
            self.arrived.append(number[1])

    def mend(self) -> set[str]:
        """Carry everything from now on; what had arrived by then."""
        self.most = None
        self.sent.clear()
        return set(self.arrived)


def test_a_large_file_that_was_cut_off_goes_on_where_it_was(served: Served, chrome: Browser) -> None:
    most = 80 * 1_048_576
    deliverables = [{"name": "answer", "description": "Long.", "media_types": ["text/plain"], "most_bytes": most}]
    brief_id = served.people.awarded(deliverables=deliverables)
    path = served.stack.emulator.state_dir / "long.txt"
    path.write_bytes(b"A line of text that is repeated.\n" * (66 * 1_048_576 // 33))
    student = signed_in(served, chrome, "student")
    line = Line(student.page)
    student.go(f"/briefs/{brief_id}/work")
    chooser = student.page.locator(".drop input[type=file]").first
    with student.page.expect_response(lambda _: len(line.arrived) == line.most):
        chooser.set_input_files(path)
        expect(student.page.get_by_role("progressbar")).to_be_visible()
    student.page.get_by_role("button", name="Stop").click()
    expect(student.page.get_by_role("alert")).to_contain_text("goes on where it was")
    before = line.mend()
    student.page.reload()
    chooser.set_input_files(path)
    expect(student.page.get_by_role("button", name="Hand in these files")).to_be_enabled(timeout=180_000)
    assert line.sent
    assert not before & set(line.sent), "what had arrived was sent again"


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("America/New_York", ["Mar 12, 2027, 5:00 PM EST", "Mar 26, 2027, 5:00 PM EDT"]),
        ("Europe/Berlin", ["Mar 12, 2027, 11:00 PM GMT+1", "Mar 26, 2027, 10:00 PM GMT+1"]),
    ],
)
def test_deadlines_are_right_on_every_clock_over_a_change(
    served: Served, chrome: Browser, zone: str, shown: list[str]
) -> None:
    timeline = {
        "zone": "America/New_York",
        "applications_close_at": "2027-03-12T17:00:00.000-05:00",
        "submission_due_at": "2027-03-26T17:00:00.000-04:00",
    }
    brief_id = served.people.posted(timeline=timeline)
    employer = signed_in(served, chrome, "employer", zone)
    employer.go(f"/briefs/{brief_id}")
    for text in shown:
        expect(employer.page.get_by_text(text).first).to_be_visible()


def test_what_is_not_yours_looks_as_if_it_were_not_there(served: Served, chrome: Browser) -> None:
    brief_id = served.people.posted()
    student = signed_in(served, chrome, "student")
    for path in (f"/briefs/{brief_id}", "/briefs/never-was-there"):
        student.go(path)
        expect(student.page.get_by_role("heading", name="There is nothing here")).to_be_visible()


def test_whoever_is_offline_is_told(served: Served, chrome: Browser) -> None:
    student = signed_in(served, chrome, "student")
    student.page.context.set_offline(True)
    expect(student.page.get_by_role("status").filter(has_text="offline")).to_be_visible()
    student.page.context.set_offline(False)
    expect(student.page.get_by_role("status").filter(has_text="offline")).to_be_hidden()

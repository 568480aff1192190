"""The console as people use it, in Chromium: a brief's way, every page for everybody, and what goes wrong."""

import re
from datetime import date
from typing import Literal

import pytest
from playwright.sync_api import Browser, FilePayload, Page, Response, Route, expect

from infra.local.accounts import PASSWORD
from infra.local.browsing import DESKTOP, PHONE, Visitor, visit
from infra.local.sample.work import first_attempt
from infra.local.steps import LOCAL
from tests.console.conftest import Served
from tests.e2e.people import TEXT

pytestmark = pytest.mark.local_stack

TITLE = "A brief that was posted in a browser"
SENT_CODE = "123456"
"""Of every mail that the local Cognito would send."""
WORK = [*first_attempt(date(2026, 11, 1)), TEXT]
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
SIZES: dict[str, tuple[tuple[int, int], Literal["light", "dark"]]] = {
    "desktop": (DESKTOP, "light"),
    "phone": (PHONE, "dark"),
}


def signed_in(served: Served, chrome: Browser, role: str, zone: str = "Europe/Berlin") -> Visitor:
    visitor = visit(chrome, served.origin, timezone_id=zone)
    visitor.sign_in(served.emails[role])
    return visitor


# the way of all four, from signing up to pay and credit


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
    operator, educator = signed_in(served, chrome, "operator"), signed_in(served, chrome, "educator")
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


# every page


@pytest.fixture(scope="module")
def brief_id(served: Served) -> str:
    found: str = served.people.submitted()
    return found


def looked_at(visitor: Visitor, path: str, name: str) -> list[str]:
    """What is wrong with a page, by day on a screen and by night on a phone; pictures of both are kept."""
    visitor.go(path)
    wrong: list[str] = []
    for size, ((width, height), colours) in SIZES.items():
        visitor.page.set_viewport_size({"width": width, "height": height})
        visitor.page.emulate_media(color_scheme=colours, reduced_motion="reduce")
        visitor.page.screenshot(path=PICTURES / f"{size}-{name}.png", full_page=True)
        wrong += [f"{path} ({size}): {found}" for found in visitor.violations()]
        wrong += [f"{path} ({size}) is too wide"] if visitor.is_too_wide() else []
    return wrong


@pytest.mark.parametrize("role", PAGES)
def test_every_page_can_be_used_by_everybody(served: Served, chrome: Browser, brief_id: str, role: str) -> None:
    visitor = signed_in(served, chrome, role)
    ids = {"brief_id": brief_id, "cohort_id": served.cohort_id}
    wrong: list[str] = []
    for path in PAGES[role] + [f"/briefs/{{brief_id}}{part}" for part in OF_A_BRIEF[role]]:
        name = role + path.replace("_id", "").translate(NO_PATH)
        wrong += looked_at(visitor, path.format(**ids), name)
    assert wrong == []
    assert visitor.complaints == []


def test_whoever_is_not_signed_in_sees_the_ways_in(served: Served, chrome: Browser) -> None:
    visitor = visit(chrome, served.origin)
    assert looked_at(visitor, "/briefs/somebody-elses", "nobody") == []
    visitor.page.get_by_role("button", name="Sign in").wait_for()


# what goes wrong


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
    expect(student.page.get_by_role("button", name="Hand in these files")).to_be_enabled()
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


# how fast it is


MEASURED = """
() => {
  const {responseEnd, domContentLoadedEventEnd} = performance.getEntriesByType("navigation")[0];
  const painted = performance.getEntriesByName("first-contentful-paint")[0];
  const scripts = performance.getEntriesByType("resource").filter(({name}) => name.endsWith(".js"));
  return {
    "page ms": Math.round(responseEnd),
    "scripts ready ms": Math.round(domContentLoadedEventEnd),
    "first paint ms": Math.round(painted?.startTime ?? 0),
    "scripts": scripts.length,
  };
}
"""
PRESSED = """
button => new Promise(resolve => {
  const pressed = performance.now();
  button.click();
  requestAnimationFrame(() => setTimeout(() => resolve(Math.round(performance.now() - pressed))));
})
"""


def test_what_a_visit_takes_is_measured(served: Served, chrome: Browser, capsys: pytest.CaptureFixture[str]) -> None:
    """By the browser's own clock. Times depend on the machine, so they are printed and decide nothing."""
    somebody = visit(chrome, served.origin)
    somebody.page.goto(served.origin)
    button = somebody.page.get_by_role("button", name="Create an account")
    button.wait_for()
    measured = {"first visit": somebody.page.evaluate(MEASURED), "press to paint ms": button.evaluate(PRESSED)}
    employer = signed_in(served, chrome, "employer")
    employer.go("/post")
    measured["posting"] = employer.page.evaluate(MEASURED)
    with capsys.disabled():
        print(f"\n  {measured}")
    assert measured["first visit"]["scripts"] > 0

"""Files that are sent from a browser over a line that fails."""

import re

import pytest
from playwright.sync_api import Browser, Page, Response, Route, expect

from tests.console.visitors import Served, signed_in
from tests.e2e.people import TEXT

pytestmark = pytest.mark.local_stack


def test_a_file_that_did_not_get_through_is_sent_again_by_itself(served: Served, chrome: Browser, awarded: str) -> None:
    sent: list[str] = []

    def carry(route: Route) -> None:
        """The first form does not arrive."""
        if "multipart/form-data" not in route.request.headers.get("content-type", ""):
            route.continue_()
            return
        sent.append(route.request.url)
        if len(sent) == 1:
            route.abort()
        else:
            route.continue_()

    page = signed_in(served, chrome, "student").at(f"/briefs/{awarded}/work")
    page.route("**/*", carry)
    page.locator(".drop input[type=file]").set_input_files(
        {"name": TEXT.name, "mimeType": TEXT.media_type, "buffer": TEXT.content}
    )
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_role("button", name="Hand in these files")).to_be_enabled()
    assert len(sent) == 2
    files = served.people.student.pages(f"/briefs/{awarded}/files")
    assert [(file["name"], file["scan"]) for file in files] == [(TEXT.name, "clean")]


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

"""Every page for whom it is: nothing that axe-core finds, nothing too wide for a phone, and a picture of each."""

import pytest
from playwright.sync_api import Browser

from infra.local.browsing import DESKTOP, PHONE, Visitor, visit
from infra.local.steps import LOCAL
from tests.console.conftest import Served

pytestmark = pytest.mark.local_stack

PICTURES = LOCAL / "screenshots"
PAGES = {
    "employer": ["/", "/post", "/post/new", "/talent", "/earnings", "/organisation", "/me"],
    "student": ["/", "/find", "/offers", "/earnings", "/credentials", "/me"],
    "operator": ["/", "/operate/approvals", "/operate/disputes", "/operate/money", "/operate/trail"],
}
OF_A_BRIEF = {
    "employer": ["", "/applicants", "/work", "/review", "/talk", "/trail"],
    "student": ["", "/work", "/talk", "/trail"],
    "operator": ["", "/work", "/talk", "/trail"],
}
SIZES = {"desktop": (DESKTOP, "light"), "phone": (PHONE, "dark")}


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
    paths = PAGES[role] + [f"/briefs/{brief_id}{part}" for part in OF_A_BRIEF[role]]
    names = [f"{size}-{role}{path.replace(brief_id, 'brief').replace('/', '-')}" for path in paths]
    wrong = [found for path, name in zip(paths, names, strict=True) for found in looked_at(visitor, path, name)]
    assert wrong == []
    assert visitor.complaints == []


def test_whoever_is_not_signed_in_sees_the_ways_in(served: Served, chrome: Browser) -> None:
    visitor = visit(chrome, served.origin)
    assert looked_at(visitor, "/briefs/somebody-elses", "desktop-nobody") == []
    visitor.page.get_by_role("button", name="Sign in").wait_for()

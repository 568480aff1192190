"""What a visit takes."""

import pytest
from playwright.sync_api import Browser

from infra.local.browsing import visit
from tests.console.visitors import Served, signed_in

pytestmark = pytest.mark.local_stack

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

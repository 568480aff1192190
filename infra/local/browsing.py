"""Chromium as somebody uses the console with it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from infra.local.accounts import PASSWORD
from infra.local.steps import ROOT

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
DESKTOP, PHONE = (1280, 900), (390, 844)
SLOW_MS = 180_000
"""Emulated functions start slowly the first time, more so on a busy machine."""
TOO_WIDE = """
() => [document.documentElement, ...document.querySelectorAll(".modal")].some(
  ({scrollWidth, clientWidth}) => scrollWidth > clientWidth)
"""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


def chromium() -> str | None:
    """Where the machine's own Chromium is; none is downloaded."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser without windows, for as long as this block."""
    expect.set_options(timeout=SLOW_MS)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        try:
            yield launched
        finally:
            launched.close()


@dataclass
class Visitor:
    """Somebody with a browser of their own; what the page complains of is kept."""

    page: Page
    origin: str
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open a page of the console, and wait until it has read what it shows."""
        self.page.goto(self.origin + path)
        self.ready()

    def at(self, path: str) -> Page:
        """The same, for whoever goes on with the page itself."""
        self.go(path)
        return self.page

    def ready(self) -> None:
        """Wait until nothing is being read any more."""
        self.page.locator("main").wait_for()
        self.page.locator(".loading").first.wait_for(state="detached")

    def sign_in(self, email: str) -> None:
        """Go through Cognito's page."""
        self.page.goto(self.origin)
        self.page.get_by_role("button", name="Sign in").click()
        self.enter(email)

    def enter(self, email: str) -> None:
        """Fill Cognito's page, and wait until the console has been reached."""
        self.page.locator("input[name=username]").fill(email)
        self.page.locator("input[name=password]").fill(PASSWORD)
        self.page.locator("button[type=submit]").click()
        self.page.get_by_role("button", name="Sign out").wait_for()
        self.ready()

    def violations(self) -> list[str]:
        """What axe-core finds on the page as it is."""
        if not self.page.evaluate("'axe' in window"):
            # Run as a debugger does, which the page's own policy does not hinder.
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: dict[str, Any] = self.page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
        return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]]

    def is_too_wide(self) -> bool:
        """Whether the page, or a dialog before it, has to be moved sideways."""
        wide: bool = self.page.evaluate(TOO_WIDE)
        return wide


def visit(browser: Browser, origin: str, size: tuple[int, int] = DESKTOP, **options: Any) -> Visitor:
    """A new person, whom no other session of this browser knows."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, **{"locale": "en-US", "timezone_id": "Europe/Berlin", **options}
    )
    context.set_default_timeout(SLOW_MS)
    visitor = Visitor(context.new_page(), origin)
    visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
    visitor.page.on(
        "console",
        lambda said: (
            visitor.complaints.append(said.text)
            if said.type == "error" and "Failed to load resource" not in said.text
            else None
        ),
    )
    return visitor

"""People before the console: how they get in, and what is looked at on each of its pages."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from playwright.sync_api import Browser, Locator, expect

from infra.local.accounts import PASSWORD, create_account
from infra.local.browsing import DESKTOP, PHONE, Visitor, visit
from infra.local.caller import Caller
from infra.local.stack import LocalStack
from infra.local.steps import LOCAL
from tests.e2e.people import People

PICTURES = LOCAL / "screenshots"
SIZES: dict[str, tuple[tuple[int, int], Literal["light", "dark"]]] = {
    "desktop": (DESKTOP, "light"),
    "phone": (PHONE, "dark"),
}
OPENERS = "main button[aria-expanded=false]"
"""Whatever opens a dialog; most of these are React Aria's, which says so by this."""
UNFOLD = """
() => new Promise(done => {
  document.querySelectorAll("main details").forEach(each => { each.open = true; });
  requestAnimationFrame(() => requestAnimationFrame(done));
})
"""
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Served:
    """Where the console is, and the people of the stack behind it."""

    origin: str
    stack: LocalStack
    people: People
    educator: Caller
    emails: dict[str, str]
    cohort_id: str

    def caller(self, role: str) -> Caller:
        """Whoever signs in with this role, as a user of the API."""
        if role == "educator":
            return self.educator
        found: Caller = getattr(self.people, role)
        return found


@dataclass(frozen=True)
class Newcomer:
    """Somebody with an account of their own and nothing else."""

    email: str
    account_id: str
    caller: Caller


def newcomer(served: Served, role: str) -> Newcomer:
    account = create_account(served.stack, role, f"new-{role}{next(_numbers)}@example.com")
    caller = Caller(served.stack.outputs.api_url, account.access_token, role)
    return Newcomer(account.email, account.account_id, caller)


def offered(served: Served) -> str:
    """An open brief that the employer offers to the student, who has done one for them already."""
    employer, student_id = served.people.employer, served.people.student.get("/me")["account_id"]
    at = f"/organisations/{employer.get('/me')['organisation_id']}/candidates"

    def is_known() -> bool:
        return student_id in {each["student"]["account_id"] for each in employer.pages(at)}

    employer.wait_until("the student is a candidate", is_known)
    offer = {"brief_id": served.people.opened(), "message": "Would you do this one for us, too?"}
    employer.post(f"{at}/{student_id}/offers", offer)
    return offer["brief_id"]


def refresh_token(served: Served, email: str) -> str:
    """What signing in leaves in a tab."""
    answer = served.stack.client("cognito-idp").initiate_auth(
        ClientId=served.stack.outputs.user_pool_client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": email, "PASSWORD": PASSWORD},
    )
    token: str = answer["AuthenticationResult"]["RefreshToken"]
    return token


def hold_token(visitor: Visitor, token: str) -> None:
    """Have a tab of the console be somebody's from the next page on."""
    visitor.page.evaluate("token => sessionStorage.setItem('microintern.refresh', token)", token)


def let_in(served: Served, chrome: Browser, email: str, zone: str = "Europe/Berlin") -> Visitor:
    """Somebody whose tab has what signing in leaves there; Cognito's own page is gone through in test_journey.py."""
    visitor = visit(chrome, served.origin, timezone_id=zone)
    visitor.page.goto(f"{served.origin}/icon.svg")
    hold_token(visitor, refresh_token(served, email))
    return visitor


def signed_in(served: Served, chrome: Browser, role: str, zone: str = "Europe/Berlin") -> Visitor:
    return let_in(served, chrome, served.emails[role], zone)


@dataclass
class Sweep:
    """Everybody before the console, one browser each, and what was found wrong with the pages that they looked at."""

    served: Served
    chrome: Browser
    visitors: dict[str, Visitor] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    """The names of the buttons whose dialogs were looked into."""
    wrong: list[str] = field(default_factory=list)

    def by(self, role: str) -> Visitor:
        if role not in self.visitors:
            self.visitors[role] = signed_in(self.served, self.chrome, role)
        return self.visitors[role]

    def look(self, role: str, path: str, name: str, says: str = "", opens: Sequence[str] = ()) -> None:
        """Look at a page, at all that can be unfolded on it, and at each dialog that no page before had."""
        visitor = self.by(role)
        fit(visitor, "desktop")
        visitor.go(path)
        expect(visitor.page.locator("main")).to_contain_text(says)
        for said in opens:
            expect(opener(visitor, said)).to_be_visible()
        self.wrong += faults(visitor, f"{role}-{name}", "desktop")
        visitor.page.evaluate(UNFOLD)
        visitor.ready()
        self.wrong += faults(visitor, f"{role}-{name}", "phone")
        for said in dict.fromkeys(visitor.page.locator(OPENERS).all_inner_texts()):
            if said not in self.opened:
                self.look_into(role, said, f"{role}-{name}-{said.lower().replace(' ', '-')}")

    def look_into(self, role: str, said: str, name: str) -> None:
        """Open a dialog, look at it, and close it: whoever does that by keyboard is where they were."""
        visitor = self.by(role)
        self.opened.add(said)
        opener(visitor, said).click()
        dialog = visitor.page.get_by_role("dialog")
        dialog.wait_for()
        visitor.ready()
        for size in SIZES:
            self.wrong += faults(visitor, name, size)
        visitor.page.keyboard.press("Escape")
        dialog.wait_for(state="detached")
        expect(opener(visitor, said)).to_be_focused()

    def found(self) -> list[str]:
        """What was wrong since this was last asked, with what the pages themselves complained of."""
        found, self.wrong = self.wrong, []
        for visitor in self.visitors.values():
            found += visitor.complaints
            visitor.complaints.clear()
        return found


def opener(visitor: Visitor, said: str) -> Locator:
    """The first button that says this and opens a dialog."""
    return visitor.page.locator(OPENERS).filter(has_text=re.compile(f"^{re.escape(said)}$")).first


def faults(visitor: Visitor, name: str, size: str) -> list[str]:
    """What is wrong with a page as it stands, at one size and in its colours; a picture of it is kept."""
    fit(visitor, size)
    # A picture of the whole page would show what is behind a dialog once more below it.
    is_whole = visitor.page.get_by_role("dialog").count() == 0
    visitor.page.screenshot(path=PICTURES / f"{size}-{name}.png", full_page=is_whole)
    found = [f"{name} ({size}): {each}" for each in visitor.violations()]
    return found + ([f"{name} ({size}) is too wide"] if visitor.is_too_wide() else [])


def fit(visitor: Visitor, size: str) -> None:
    """By day on a screen, by night on a phone."""
    (width, height), colours = SIZES[size]
    visitor.page.set_viewport_size({"width": width, "height": height})
    visitor.page.emulate_media(color_scheme=colours, reduced_motion="reduce")

"""Where students' pages are kept."""

from typing import Protocol

from microintern.domain.portfolio import Consent, Kept, Portfolio, Shown
from microintern.domain.trail import Entry


class LinkTaken(Exception):
    """Somebody else has, or had, this handle."""


class Portfolios(Protocol):
    """Pages, what is chosen for them, what employers consent to, and the links that lead there."""

    def read(self, account_id: str) -> Kept:
        """All of a page, strongly consistent; an empty one where there is none."""

    def page(self, account_id: str) -> Portfolio:
        """The page without its briefs, strongly consistent."""

    def of_brief(self, account_id: str, brief_id: str) -> tuple[Shown | None, Consent | None]:
        """What a student shows of a brief and its employer consents to, in one call; strongly consistent."""

    def save(self, document: Portfolio | Shown | Consent, link: str | None = None) -> None:
        """Write over the version before, else StaleDocument; StudentErased when the page's account was erased.

        With `link`, the hash of a handle, that becomes the account's in the same write; LinkTaken when it cannot.
        """

    def linked(self, link: str) -> str | None:
        """The account that has, or had, the handle with this hash; whether it still leads there, the page says."""

    def steps(self, scope: str) -> list[Entry]:
        """The steps that all of an account's page is at; strongly consistent."""

    def forget(self, account_id: str) -> None:
        """Take the page away, with choices and consents; that its handles are taken stays, without saying by whom."""

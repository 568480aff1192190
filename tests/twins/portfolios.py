"""The twin of the table of students' pages."""

import threading

from microintern.domain.portfolio import Consent, Kept, Portfolio, Shown
from microintern.domain.standing import StandingState
from microintern.domain.trail import Entry
from microintern.ports.conditions import StaleDocument, StudentErased
from microintern.ports.portfolios import LinkTaken
from tests.twins.accounts import MemoryAccounts
from tests.twins.storing import kept


class MemoryPortfolios:
    """The Portfolios port."""

    def __init__(self, accounts: MemoryAccounts) -> None:
        self._accounts = accounts
        self._lock = threading.RLock()
        self._documents: dict[str, dict[str, Portfolio | Shown | Consent]] = {}
        self._links: dict[str, str | None] = {}

    def read(self, account_id: str) -> Kept:
        with self._lock:
            own = list(self._documents.get(account_id, {}).values())
        page = next((each for each in own if isinstance(each, Portfolio)), Portfolio(account_id=account_id))
        return Kept(
            page,
            {each.brief_id: each for each in own if isinstance(each, Shown)},
            {each.brief_id: each for each in own if isinstance(each, Consent)},
        )

    def page(self, account_id: str) -> Portfolio:
        return self.read(account_id).portfolio

    def of_brief(self, account_id: str, brief_id: str) -> tuple[Shown | None, Consent | None]:
        own = self.read(account_id)
        return own.shown.get(brief_id), own.consents.get(brief_id)

    def save(self, document: Portfolio | Shown | Consent, link: str | None = None) -> None:
        account_id = document.account_id
        with self._lock:
            before = self._documents.get(account_id, {}).get(document.key)
            if self._accounts.standings.read(account_id).state is StandingState.ERASED:
                raise StudentErased
            if (before.version if before else 0) != document.version - 1:
                raise StaleDocument
            if link and self._links.get(link, account_id) != account_id:
                raise LinkTaken
            if link:
                self._links[link] = account_id
            self._documents.setdefault(account_id, {})[document.key] = kept(document)

    def linked(self, link: str) -> str | None:
        return self._links.get(link)

    def steps(self, scope: str) -> list[Entry]:
        with self._lock:
            own = list(self._documents.get(scope, {}).values())
        return [each.entry for each in own if each.entry]

    def tracked(self) -> list[tuple[str, Portfolio | Shown | Consent]]:
        """Everything that has a trail, each with what it is known by."""
        with self._lock:
            kept = [(account_id, each) for account_id, own in self._documents.items() for each in own.values()]
        return [(f"{account_id} {each.key}", each) for account_id, each in kept]

    def forget(self, account_id: str) -> None:
        with self._lock:
            self._links |= dict.fromkeys(self.read(account_id).portfolio.taken)
            self._documents.pop(account_id, None)

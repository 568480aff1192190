"""Where something is kept of people, and how all of it is come by: to be given out, or taken away."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from microintern.domain.documents import Application, Document
from microintern.ports.accounts import Accounts, Standings
from microintern.ports.briefs import Briefs, Snapshot
from microintern.ports.cohorts import Cohorts
from microintern.ports.credentials import Credentials
from microintern.ports.discovery import Searches, Students
from microintern.ports.mailing import Mailings
from microintern.ports.organisations import Organisations
from microintern.ports.paging import Page, Position
from microintern.ports.portfolios import Portfolios
from microintern.ports.records import Records
from microintern.ports.talent import Talent
from microintern.ports.threads import Threads
from microintern.ports.webhooks import Endpoints

D = TypeVar("D", bound=Document)

PAGE = 100
_MOST_LINES = 10_000


@dataclass(frozen=True)
class Archive:
    """Where something is kept of people."""

    briefs: Briefs
    accounts: Accounts
    standings: Standings
    organisations: Organisations
    records: Records
    credentials: Credentials
    endpoints: Endpoints
    talent: Talent
    cohorts: Cohorts
    searches: Searches
    students: Students
    threads: Threads
    mailings: Mailings
    portfolios: Portfolios


def briefs_of(account_id: str, organisation_id: str | None, briefs: Briefs) -> Iterator[Snapshot]:
    """The briefs that somebody applied for, or those of an organisation if one is named."""
    yield from every(lambda after: briefs_page(account_id, organisation_id, PAGE, after, briefs))


def briefs_page(
    account_id: str, organisation_id: str | None, limit: int, after: Position | None, briefs: Briefs
) -> Page:
    """Part of the briefs that somebody applied for, or of an organisation's."""
    if organisation_id:
        return briefs.list_of_employer(organisation_id, limit, after)
    return briefs.list_of_student(account_id, limit, after)


def documents_of(brief_id: str, model: type[D], briefs: Briefs) -> Iterator[D]:
    """The brief's documents of one kind."""
    yield from every(lambda after: briefs.list_documents(brief_id, model, PAGE, after))


def application_of(snapshot: Snapshot, account_id: str) -> Application | None:
    """What somebody applied with, if they did."""
    key = Application.key_for(snapshot.brief.brief_id, account_id)
    return snapshot.find(Application, key)


def every(page: Callable[[Position | None], Page]) -> Iterator[Any]:
    """Everything of a list that comes in pages, as far as one answer can hold."""
    position: Position | None = None
    for _ in range(_MOST_LINES // PAGE):
        part = page(position)
        yield from part.items
        if (position := part.next) is None:
            return

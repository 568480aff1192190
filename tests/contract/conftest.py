"""Every port twice: the in-memory twin, and the adapter on an AWS that moto plays."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

import pytest
from moto import mock_aws

from microintern.adapters import aws as clients
from microintern.adapters.accounts import DynamoAccounts
from microintern.adapters.audit import DynamoAudit
from microintern.adapters.briefs import DynamoBriefs
from microintern.adapters.cohorts import DynamoCohorts
from microintern.adapters.credentials import DynamoCredentials
from microintern.adapters.index import DynamoIndex
from microintern.adapters.ledger import DynamoLedger
from microintern.adapters.mailing import DynamoAgenda, DynamoMailings, DynamoSentMail
from microintern.adapters.organisations import DynamoOrganisations
from microintern.adapters.payments.sandbox import DynamoSandboxStore, SandboxStore
from microintern.adapters.portfolios import DynamoPortfolios
from microintern.adapters.records import DynamoRecords
from microintern.adapters.searches import DynamoSearches
from microintern.adapters.standings import DynamoStandings
from microintern.adapters.students import DynamoStudents
from microintern.adapters.talent import DynamoTalent
from microintern.adapters.threads import DynamoThreads
from microintern.adapters.trail import DynamoTrail
from microintern.adapters.webhooks import DynamoDeliveries, DynamoEndpoints
from microintern.ports.accounts import Accounts, Standings
from microintern.ports.briefs import Briefs
from microintern.ports.cohorts import Cohorts
from microintern.ports.credentials import Credentials
from microintern.ports.discovery import Index, Searches, Students
from microintern.ports.ledger import Ledger
from microintern.ports.mailing import Agenda, Mailings, SentMail
from microintern.ports.organisations import Organisations
from microintern.ports.portfolios import Portfolios
from microintern.ports.records import Records
from microintern.ports.talent import Talent
from microintern.ports.threads import Threads
from microintern.ports.trail import Audit, Trail
from microintern.ports.webhooks import Deliveries, Endpoints
from tests.contract import tables
from tests.twins.accounts import MemoryAccounts
from tests.twins.briefs import MemoryBriefs
from tests.twins.credentials import MemoryCredentials
from tests.twins.discovery import MemoryIndex
from tests.twins.money import MemoryLedger, MemorySandboxStore
from tests.twins.portfolios import MemoryPortfolios
from tests.twins.records import MemoryRecords
from tests.twins.threads import MemoryThreads
from tests.twins.trail import MemoryAudit, MemoryTrail
from tests.twins.webhooks import MemoryDeliveries

REGION = "eu-west-1"
BOTH = ("memory", "aws")


class Stores(NamedTuple):
    """The ports that keep things, all on the same side."""

    briefs: Briefs
    accounts: Accounts
    ledger: Ledger
    audit: Audit
    sandbox: SandboxStore
    standings: Standings
    trail: Trail
    organisations: Organisations
    records: Records
    credentials: Credentials
    endpoints: Endpoints
    deliveries: Deliveries
    talent: Talent
    cohorts: Cohorts
    found_by: Index
    searches: Searches
    students: Students
    threads: Threads
    mailings: Mailings
    agenda: Agenda
    sent_mail: SentMail
    portfolios: Portfolios


@cache
def service(name: str) -> Any:
    """The client that the functions use for a service. Making one takes longer than most tests."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_DEFAULT_REGION", REGION)
        environment.setenv("AWS_ACCESS_KEY_ID", "test")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "test")
        environment.delenv("AWS_ENDPOINT_URL", raising=False)
        return clients.connect.__wrapped__(name)


@contextmanager
def calls_of(client: Any) -> Iterator[list[str]]:
    """The operations that a client sends meanwhile."""
    sent: list[str] = []

    def note(model: Any, **_: Any) -> None:
        sent.append(model.name)

    client.meta.events.register("before-call", note)
    yield sent
    client.meta.events.unregister("before-call", note)


@pytest.fixture
def aws() -> Iterator[None]:
    """An empty AWS."""
    with mock_aws():
        yield


@pytest.fixture
def dynamodb(aws: None) -> Any:
    """The DynamoDB client, on tables that are empty."""
    client = service("dynamodb")
    tables.make(client)
    return client


def on_dynamodb(client: Any) -> Stores:
    """The adapters."""
    return Stores(
        DynamoBriefs(client, tables.BRIEFS, tables.ACCOUNTS),
        DynamoAccounts(client, tables.ACCOUNTS),
        DynamoLedger(client, tables.LEDGER, tables.BRIEFS),
        DynamoAudit(client, tables.AUDIT),
        DynamoSandboxStore(client, tables.SANDBOX),
        DynamoStandings(client, tables.ACCOUNTS),
        DynamoTrail(client, tables.TRAIL),
        DynamoOrganisations(client, tables.ACCOUNTS),
        DynamoRecords(client, tables.RECORDS),
        DynamoCredentials(client, tables.CREDENTIALS, tables.ACCOUNTS),
        DynamoEndpoints(client, tables.ACCOUNTS),
        DynamoDeliveries(client, tables.WEBHOOKS),
        DynamoTalent(client, tables.ACCOUNTS),
        DynamoCohorts(client, tables.ACCOUNTS),
        DynamoIndex(client, tables.SEARCH),
        DynamoSearches(client, tables.SEARCH, tables.ACCOUNTS),
        DynamoStudents(client, tables.ACCOUNTS),
        DynamoThreads(client, tables.BRIEFS, tables.ACCOUNTS),
        DynamoMailings(client, tables.ACCOUNTS),
        DynamoAgenda(client, tables.ACCOUNTS),
        DynamoSentMail(client, tables.ACCOUNTS),
        DynamoPortfolios(client, tables.PORTFOLIOS, tables.ACCOUNTS),
    )


def in_memory() -> Stores:
    """Their twins."""
    accounts = MemoryAccounts()
    briefs = MemoryBriefs(accounts)
    ledger = MemoryLedger(briefs)
    return Stores(
        briefs,
        accounts,
        ledger,
        MemoryAudit(),
        MemorySandboxStore(),
        accounts.standings,
        MemoryTrail(),
        accounts.organisations,
        MemoryRecords(),
        MemoryCredentials(accounts),
        accounts.endpoints,
        MemoryDeliveries(),
        accounts.talent,
        accounts.cohorts,
        MemoryIndex(),
        accounts.searches,
        accounts.students,
        MemoryThreads(briefs),
        accounts.mailings,
        accounts.agenda,
        accounts.sent_mail,
        MemoryPortfolios(accounts),
    )


@pytest.fixture(params=BOTH)
def stores(request: pytest.FixtureRequest) -> Stores:
    """The stores, once in memory and once on DynamoDB."""
    return in_memory() if request.param == "memory" else on_dynamodb(request.getfixturevalue("dynamodb"))


@pytest.fixture
def briefs(stores: Stores) -> Briefs:
    """The Briefs port."""
    return stores.briefs


@pytest.fixture
def accounts(stores: Stores) -> Accounts:
    """The Accounts port."""
    return stores.accounts


@pytest.fixture
def ledger(stores: Stores) -> Ledger:
    """The Ledger port."""
    return stores.ledger


@pytest.fixture
def audit(stores: Stores) -> Audit:
    """The Audit port."""
    return stores.audit


@pytest.fixture
def sandbox(stores: Stores) -> SandboxStore:
    """The memory of the sandbox provider."""
    return stores.sandbox


@pytest.fixture
def standings(stores: Stores) -> Standings:
    """The Standings port."""
    return stores.standings


@pytest.fixture
def trail(stores: Stores) -> Trail:
    """The Trail port."""
    return stores.trail


@pytest.fixture
def threads(stores: Stores) -> Threads:
    """The Threads port."""
    return stores.threads


@pytest.fixture
def portfolios(stores: Stores) -> Portfolios:
    """The Portfolios port."""
    return stores.portfolios


@pytest.fixture
def organisations(stores: Stores) -> Organisations:
    """The Organisations port."""
    return stores.organisations


@pytest.fixture
def records(stores: Stores) -> Records:
    """The Records port."""
    return stores.records


@pytest.fixture
def credentials(stores: Stores) -> Credentials:
    """The Credentials port."""
    return stores.credentials


@pytest.fixture
def endpoints(stores: Stores) -> Endpoints:
    """The Endpoints port."""
    return stores.endpoints


@pytest.fixture
def deliveries(stores: Stores) -> Deliveries:
    """The Deliveries port."""
    return stores.deliveries


@pytest.fixture
def talent(stores: Stores) -> Talent:
    """The Talent port."""
    return stores.talent


@pytest.fixture
def cohorts(stores: Stores) -> Cohorts:
    """The Cohorts port."""
    return stores.cohorts


@pytest.fixture
def found_by(stores: Stores) -> Index:
    """The Index port."""
    return stores.found_by


@pytest.fixture
def searches(stores: Stores) -> Searches:
    """The Searches port."""
    return stores.searches


@pytest.fixture
def students(stores: Stores) -> Students:
    """The Students port."""
    return stores.students

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
from microintern.adapters.ledger import DynamoLedger
from microintern.adapters.organisations import DynamoOrganisations
from microintern.adapters.payments.sandbox import DynamoSandboxStore, SandboxStore
from microintern.adapters.standings import DynamoStandings
from microintern.adapters.threads import DynamoThreads
from microintern.adapters.trail import DynamoTrail
from microintern.ports import Accounts, Audit, Briefs, Ledger, Organisations, Standings, Threads, Trail
from tests.contract import tables
from tests.twins.accounts import MemoryAccounts
from tests.twins.briefs import MemoryBriefs
from tests.twins.money import MemoryLedger, MemorySandboxStore
from tests.twins.threads import MemoryThreads
from tests.twins.trail import MemoryAudit, MemoryTrail

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
    threads: Threads


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
        DynamoThreads(client, tables.BRIEFS, tables.ACCOUNTS),
    )


def in_memory() -> Stores:
    """Their twins."""
    accounts = MemoryAccounts()
    briefs = MemoryBriefs(accounts)
    ledger = MemoryLedger(briefs)
    rest = (MemoryAudit(), MemorySandboxStore(), accounts.standings, MemoryTrail())
    return Stores(briefs, accounts, ledger, *rest, accounts.organisations, MemoryThreads(briefs))


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
def organisations(stores: Stores) -> Organisations:
    """The Organisations port."""
    return stores.organisations

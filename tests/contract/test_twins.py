"""What a twin must hold that an emulator cannot show: a condition decides between threads."""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from microintern.domain.ledger import escrow_account
from microintern.domain.payout_matrix import Split
from microintern.domain.states import State
from microintern.ports.briefs import Briefs
from microintern.ports.conditions import Stale
from microintern.ports.ledger import Ledger
from tests.contract import examples
from tests.contract.conftest import in_memory

THREADS = 8
ROUNDS = 10


@pytest.fixture(autouse=True)
def _threads_take_turns_often() -> Iterator[None]:
    usual_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual_s)


def winners(attempt: Callable[[int], object]) -> int:
    """How many of the attempts that start at once are not refused."""
    start = Barrier(THREADS)

    def wins(number: int) -> bool:
        start.wait()
        try:
            attempt(number)
        except Stale:
            return False
        return True

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(wins, range(THREADS)))


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_one_save_wins(_round: int) -> None:
    briefs: Briefs = in_memory().briefs
    brief = examples.brief()
    briefs.create(brief, examples.content())
    assert winners(lambda number: briefs.save(brief, examples.moved(brief, hours=5 + number))) == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_one_funding_or_cancellation_wins(_round: int) -> None:
    stores = in_memory()
    ledger: Ledger = stores.ledger
    brief = examples.brief()
    stores.briefs.create(brief, examples.content())
    opened, cancelled = (examples.moved(brief, state=state) for state in (State.OPEN, State.CANCELLED))

    def attempt(number: int) -> None:
        if number % 2:
            ledger.record(examples.ended(examples.fund(brief)), brief, opened)
        else:
            stores.briefs.save(brief, cancelled)

    assert winners(attempt) == 1
    snapshot = stores.briefs.read(brief.brief_id)
    assert snapshot is not None
    assert len(ledger.transfers(brief.brief_id)) == (1 if snapshot.brief.state is State.OPEN else 0)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_one_claim_is_what_everybody_gets(_round: int) -> None:
    stores = in_memory()
    brief = examples.brief()
    stores.briefs.create(brief, examples.content())
    stores.ledger.record(examples.ended(examples.fund(brief)))
    claims = [
        examples.settlement(brief, split=Split(student_minor=n, employer_minor=45_375 - n, fee_minor=0))
        for n in range(1, THREADS + 1)
    ]
    with ThreadPoolExecutor(THREADS) as pool:
        given = list(pool.map(lambda claim: stores.ledger.claim(claim, brief), claims))
    assert len({claim.split.student_minor for claim in given}) == 1
    assert len(stores.ledger.transfers(brief.brief_id)) == 2


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_what_many_record_at_once_is_posted_once(_round: int) -> None:
    ledger = in_memory().ledger
    brief = examples.brief()
    posted = examples.ended(examples.fund(brief))
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda _: ledger.record(posted), range(THREADS)))
    assert ledger.balances(brief.brief_id) == {escrow_account(brief.brief_id): brief.escrow_minor}


def test_one_document_is_added() -> None:
    briefs = in_memory().briefs
    brief = examples.brief()
    with ThreadPoolExecutor(THREADS) as pool:
        there = list(pool.map(lambda _: briefs.add(brief.brief_id, examples.submission()), range(200)))
    assert there.count(None) == 1

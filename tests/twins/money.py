"""The twins of the ledger, and of what the sandbox provider keeps and sends."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from microintern.adapters.ledger import held_accounts, other_movement
from microintern.adapters.payments.sandbox import Asked, Message
from microintern.domain.base import iso
from microintern.domain.brief import Brief
from microintern.domain.ledger import (
    Book,
    Hold,
    Phase,
    Settlement,
    Transfer,
    TransferName,
    brief_of_transfer,
    dividing,
)
from microintern.ports.ledger import OutOfBalance
from microintern.ports.paging import Page, Position
from tests.twins.briefs import MemoryBriefs
from tests.twins.storing import kept, paged


class MemorySandboxStore:
    """The sandbox's memory."""

    def __init__(self) -> None:
        self._asked: dict[str, Asked] = {}
        self._seen: dict[str, datetime] = {}

    def remember(self, asked: Asked) -> Asked:
        return self._asked.setdefault(asked.key, asked)

    def recall(self, key: str) -> Asked | None:
        return self._asked.get(key)

    def of_brief(self, brief_id: str) -> list[Asked]:
        return [asked for asked in self._asked.values() if brief_of_transfer(asked.key) == brief_id]

    def since(self, asked_at: datetime, now: datetime) -> Iterator[Asked]:
        return iter([asked for asked in self._asked.values() if asked.asked_at >= asked_at])

    def first_seen(self, destination: str, now: datetime) -> datetime:
        return self._seen.setdefault(destination, now)


class MemoryOutbox:
    """Messages of the sandbox that nobody has delivered yet, and after how many seconds to."""

    def __init__(self) -> None:
        self.messages: list[tuple[Message, int]] = []

    def send(self, message: Message, delay_s: int) -> None:
        self.messages.append((message, delay_s))


class MemoryLedger:
    """The Ledger port; shares the lock of the briefs, as the two change together."""

    def __init__(self, briefs: MemoryBriefs) -> None:
        self._briefs = briefs
        self._transfers: dict[tuple[str, bool], Transfer] = {}
        """By the transfer's id, and whether it is the record of its end."""
        self._settlements: dict[str, Settlement] = {}
        self._balances: dict[tuple[str, str], int] = {}
        self._holds: dict[tuple[str, TransferName], Hold] = {}

    def transfers(self, brief_id: str) -> list[Transfer]:
        return Book(t for t in self._transfers.values() if t.brief_id == brief_id).transfers

    def balances(self, brief_id: str) -> dict[str, int]:
        return {account: minor for (owner, account), minor in self._balances.items() if owner == brief_id}

    def begin(self, pending: Transfer, brief: Brief | None = None) -> None:
        with self._briefs.lock:
            if brief is not None:
                self._briefs.check_current(brief)
            if not self._is_there(pending):
                self._write([pending])

    def record(self, ended: Transfer, before: Brief | None = None, after: Brief | None = None) -> None:
        with self._briefs.lock:
            if before is not None:
                self._briefs.check_current(before)
            if not self._is_there(ended):
                self._write([ended])
            if after is not None:
                self._briefs.put(after)

    def claim(self, settlement: Settlement, brief: Brief) -> Settlement:
        with self._briefs.lock:
            if settlement.brief_id in self._settlements:
                return self._settlements[settlement.brief_id]
            self._briefs.check_current(brief)
            divided = dividing(settlement)
            if any(_record(transfer) in self._transfers for transfer in divided):
                raise OutOfBalance(f"{brief.brief_id} was divided before")
            self._write(divided)
            self._settlements[settlement.brief_id] = kept(settlement)
            return settlement

    def hold(self, hold: Hold) -> bool:
        there = self._holds.get((hold.brief_id, hold.name))
        if there and there.says_the_same(hold):
            return False
        self._holds[hold.brief_id, hold.name] = kept(hold)
        return True

    def drop_hold(self, brief_id: str, name: TransferName) -> None:
        self._holds.pop((brief_id, name), None)

    def holds(self, limit: int, after: Position | None = None) -> Page:
        rows = [
            (Position(sort=iso(hold.since), item=f"{brief_id}/hold#{name}"), hold)
            for (brief_id, name), hold in self._holds.items()
        ]
        return paged(rows, limit, after)

    def posted_of(
        self, party_id: str, since: datetime, until: datetime, limit: int, after: Position | None = None
    ) -> Page:
        found = [t for t in self._posted() if t.party_id == party_id and since <= t.at < until]
        return paged([(_place(t, iso(t.at)), t) for t in found], limit, after)

    def posted_in(self, month: str, limit: int, after: Position | None = None) -> Page:
        return paged([(_place(t, iso(t.at)), t) for t in self._posted() if iso(t.at).startswith(month)], limit, after)

    def paid_in(self, year: int, limit: int, after: Position | None = None, *, beyond: str | None = None) -> Page:
        found = [t for t in self._posted() if t.name is TransferName.PAYOUT and t.at.year == year]
        found = [t for t in found if t.party_id > (beyond or "")]
        return paged([(_place(t, f"{t.party_id}#{iso(t.at)}"), t) for t in found], limit, after)

    def _posted(self) -> list[Transfer]:
        return [transfer for transfer in self._transfers.values() if transfer.phase is Phase.POSTED]

    def _is_there(self, transfer: Transfer) -> bool:
        there = self._transfers.get(_record(transfer))
        if there is not None and not transfer.tells_the_same(there):
            raise other_movement(transfer)
        return there is not None

    def _write(self, transfers: Sequence[Transfer]) -> None:
        """Keep the records and the balances that follow, unless an account would fall below zero."""
        balances = dict(self._balances)
        for transfer in transfers:
            for account, change_minor in held_accounts(transfer).items():
                at = (transfer.brief_id, account)
                balances[at] = balances.get(at, 0) + change_minor
        if any(minor < 0 for minor in balances.values()):
            raise OutOfBalance("an account would fall below zero")
        self._balances = balances
        self._transfers |= {_record(transfer): kept(transfer) for transfer in transfers}


def _record(transfer: Transfer) -> tuple[str, bool]:
    return transfer.transfer_id, transfer.phase is not Phase.PENDING


def _place(transfer: Transfer, sort: str) -> Position:
    return Position(sort=sort, item=transfer.transfer_id)

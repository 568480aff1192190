"""The twins of the services around the tables: bus, schedules, workflow, user pool, signing key."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from microintern.domain.manifest import PublicKey
from microintern.domain.problems import no_such


class MemorySigner:
    """The Signer port, with a key that it makes up."""

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()

    def public_key(self) -> PublicKey:
        return PublicKey.of(self._key.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)

    def is_signature(self, message: bytes, signature: bytes) -> bool:
        try:
            self._key.public_key().verify(signature, message)
        except InvalidSignature:
            return False
        return True


class MemoryBus:
    """The EventBus port."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def publish(self, events: Sequence[dict[str, Any]]) -> None:
        self.events += events


class MemoryDeadlines:
    """The Deadlines port."""

    def __init__(self) -> None:
        self.pending: set[tuple[str, datetime]] = set()

    def set(self, brief_id: str, lapse_at: datetime) -> None:
        self.pending.add((brief_id, lapse_at))

    def drop(self, brief_id: str, lapse_at: datetime) -> None:
        self.pending.discard((brief_id, lapse_at))


class MemoryWorkflow:
    """The Workflow port."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.running: set[str] = set()
        """Briefs of which an execution runs; a test takes one out when it dies."""
        self.revived: set[tuple[str, int]] = set()
        self.answers: dict[str, tuple[str, bool]] = {}
        """Task token to the step it was sent to, and whether that was along the main path."""

    def start(self, brief_id: str) -> None:
        if brief_id not in self.started:
            self.started.append(brief_id)
            self.running.add(brief_id)

    def revive(self, brief_id: str, version: int) -> bool:
        if brief_id in self.running or (brief_id, version) in self.revived:
            return False
        if brief_id not in self.started:
            self.start(brief_id)
            return True
        self.revived.add((brief_id, version))
        self.running.add(brief_id)
        return True

    def died(self) -> list[str]:
        known = [*self.started, *(brief_id for brief_id, _ in self.revived)]
        return [brief_id for brief_id in dict.fromkeys(known) if brief_id not in self.running]

    def move(self, token: str, step: str, *, main: bool) -> None:
        self.answers.setdefault(token, (step, main))


class MemoryGroups:
    """The Groups port."""

    def __init__(self, roles: dict[str, list[str]]) -> None:
        self._roles = roles

    def roles_of(self, account_id: str) -> list[str]:
        if account_id not in self._roles:
            raise no_such("account")
        return list(self._roles[account_id])

    def assign(self, account_id: str, role: str) -> None:
        self.roles_of(account_id)
        self._roles[account_id] = [role]


class MemoryUsers:
    """The Users port."""

    def __init__(self, *account_ids: str) -> None:
        self.can_sign_in = dict.fromkeys(account_ids, True)
        self.addresses: dict[str, str] = {}
        """Those that were verified."""

    def shut_out(self, account_id: str) -> None:
        self._set(account_id, can=False)

    def let_in(self, account_id: str) -> None:
        self._set(account_id, can=True)

    def address(self, account_id: str) -> str | None:
        return self.addresses.get(account_id)

    def delete(self, account_id: str) -> None:
        self.can_sign_in.pop(account_id, None)
        self.addresses.pop(account_id, None)

    def _set(self, account_id: str, *, can: bool) -> None:
        if account_id not in self.can_sign_in:
            raise no_such("account")
        self.can_sign_in[account_id] = can

"""The payment provider."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Protocol

from microintern.domain.payments import Hint, Operation, OperationKind, Payee, ProviderName


class KeyReused(Exception):
    """The key of an earlier operation came with another kind, amount or currency; take a new key."""


class PaymentUnavailable(Exception):
    """The provider could not be reached, or did not say what became of it: ask again under the same key."""


class WebhookRefused(Exception):
    """Not the provider's message as it was sent, or not of this time, or not for this platform; says why."""


class PaymentProvider(Protocol):
    """Moves real money, in its own time. The key makes each operation happen once: the same key asks for the same one.

    What comes back is final when it is settled or failed; what is accepted is told of by webhook, or found by asking.
    Each call may raise PaymentUnavailable, after which nobody knows whether it happened: repeating it is safe.
    """

    @property
    def name(self) -> ProviderName:
        """Which provider it is."""

    def collect(self, key: str, amount_minor: int, currency: str, payment_method: str) -> Operation:
        """Take money from an employer and hold it."""

    def pay_out(self, key: str, amount_minor: int, currency: str, destination: str, collected: str) -> Operation:
        """Send money to a student's destination, out of what was collected under this reference."""

    def refund(self, key: str, amount_minor: int, currency: str, collected: str) -> Operation:
        """Send money back to where it was collected under this reference."""

    def find(self, kind: OperationKind, key: str, reference: str | None = None) -> Operation | None:
        """What became of an operation; None when it was never asked for. The reference, if known, finds it sooner."""

    def of_brief(self, kind: OperationKind, brief_id: str) -> list[Operation]:
        """Everything of this kind that may have moved money for a brief, whichever key it was asked for under."""

    def payee(self, destination: str) -> Payee:
        """Whether a destination can be paid at present."""

    def operations(self, since: datetime) -> Iterator[Operation]:
        """Every operation asked for since then, in no order."""


class Webhooks(Protocol):
    """Tells a provider's own messages from everybody else's."""

    def verify(self, headers: Mapping[str, str], body: str, now: datetime) -> Hint:
        """What the message is about; WebhookRefused when it is unsigned, forged, too old or not for this platform."""

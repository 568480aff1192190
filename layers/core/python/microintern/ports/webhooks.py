"""Where organisations want to be told of events."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from microintern.domain.webhooks import Attempt, Delivery, Endpoint
from microintern.ports.paging import Page, Position


class TooManyEndpoints(Exception):
    """The organisation has as many webhook endpoints as one may have."""


class Endpoints(Protocol):
    """Where organisations want their events sent. Reads are strongly consistent."""

    def create(self, endpoint: Endpoint, most: int) -> Endpoint | None:
        """Write a new one on behalf of who created it, or nothing when its id is taken; then the one that is there.

        NotOwner, or TooManyEndpoints when the organisation has `most` that are not deleted.
        """

    def read(self, organisation_id: str, endpoint_id: str) -> Endpoint | None:
        """One endpoint, also one that is deleted."""

    def of(self, organisation_id: str) -> list[Endpoint]:
        """Those of an organisation that are not deleted."""

    def save(self, endpoint: Endpoint, by: str | None) -> None:
        """Write it over its version before, else StaleDocument; on behalf of `by`, else NotOwner, or of the server."""

    def disable(self, endpoint: Endpoint) -> None:
        """Write that the server has disabled it over its version before, else StaleDocument."""

    def failing(self, endpoint: Endpoint, since: datetime | None) -> None:
        """Note since when it takes nothing, or that it does again. No step: of one that has changed, nothing."""


class Deliveries(Protocol):
    """The log of what was sent to endpoints; each entry goes by itself when its time has come."""

    def add(self, delivery: Delivery) -> Delivery | None:
        """Keep a new one, or nothing when it is known already; then what is there."""

    def read(self, endpoint_id: str, delivery_id: str) -> Delivery | None:
        """One delivery, strongly consistent."""

    def save(self, delivery: Delivery) -> None:
        """Write it over its version before, else StaleDocument."""

    def newest(self, endpoint_id: str, limit: int, after: Position | None = None) -> Page:
        """An endpoint's deliveries, those of the newest events first."""

    def between(self, endpoint_id: str, since: datetime, until: datetime, limit: int) -> list[Delivery]:
        """Those of events from `since` to before `until`, the oldest first."""

    def forget(self, endpoint_id: str) -> None:
        """Take away all of an endpoint's."""


class DeliveryQueue(Protocol):
    """What is to be tried, and when."""

    def send(self, delivery: Delivery, now: datetime) -> None:
        """Have a pending delivery tried when it is due, or looked at sooner to be put back."""


class Receivers(Protocol):
    """Other people's systems, out on the internet."""

    def hand_over(self, url: str, headers: Mapping[str, str], body: str, at: datetime) -> Attempt:
        """Send a message to a public address, within bounds of time and of what is read; what came of it, always."""


class Sealer(Protocol):
    """Encrypts what is kept secret; what was sealed for one thing cannot be opened as another's."""

    def seal(self, text: str, what: Mapping[str, str]) -> str:
        """Encrypted, for these names of what it belongs to."""

    def open(self, sealed: str, what: Mapping[str, str]) -> str:
        """The text again."""

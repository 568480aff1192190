"""The twins of webhooks: endpoints, the log of deliveries, their queue, receivers, and what encrypts secrets."""

import json
import threading
from collections.abc import Mapping
from datetime import datetime

from microintern.domain.trail import Entry
from microintern.domain.webhooks import Attempt, Delivery, Endpoint, EndpointState, Message, place_of
from microintern.ports.conditions import StaleDocument
from microintern.ports.organisations import NotOwner
from microintern.ports.paging import Page, Position
from microintern.ports.webhooks import TooManyEndpoints
from tests.twins.organisations import MemoryOrganisations
from tests.twins.storing import kept, paged


class MemoryEndpoints:
    """The Endpoints port."""

    def __init__(self, organisations: MemoryOrganisations) -> None:
        self._organisations = organisations
        self._lock = threading.RLock()
        self._endpoints: dict[tuple[str, str], Endpoint] = {}

    def create(self, endpoint: Endpoint, most: int) -> Endpoint | None:
        with self._lock:
            if there := self.read(endpoint.organisation_id, endpoint.endpoint_id):
                return there
            self._check_owner(endpoint.organisation_id, endpoint.created_by)
            if len(self.of(endpoint.organisation_id)) >= most:
                raise TooManyEndpoints
            self._endpoints[endpoint.organisation_id, endpoint.endpoint_id] = kept(endpoint)
            return None

    def read(self, organisation_id: str, endpoint_id: str) -> Endpoint | None:
        return self._endpoints.get((organisation_id, endpoint_id))

    def of(self, organisation_id: str) -> list[Endpoint]:
        found = [endpoint for (owner, _), endpoint in sorted(self._endpoints.items()) if owner == organisation_id]
        return [endpoint for endpoint in found if endpoint.state is not EndpointState.DELETED]

    def save(self, endpoint: Endpoint, by: str | None) -> None:
        with self._lock:
            self._check_before(endpoint)
            if by is not None:
                self._check_owner(endpoint.organisation_id, by)
            self._endpoints[endpoint.organisation_id, endpoint.endpoint_id] = kept(endpoint)

    def disable(self, endpoint: Endpoint) -> None:
        with self._lock:
            there = self._check_before(endpoint)
            news = {name: getattr(endpoint, name) for name in ("state", "reason", "version", "event")}
            self._endpoints[endpoint.organisation_id, endpoint.endpoint_id] = kept(there.model_copy(update=news))

    def failing(self, endpoint: Endpoint, since: datetime | None) -> None:
        with self._lock:
            there = self.read(endpoint.organisation_id, endpoint.endpoint_id)
            if there and there.version == endpoint.version:
                noted = there.model_copy(update={"failing_since": since})
                self._endpoints[endpoint.organisation_id, endpoint.endpoint_id] = kept(noted)

    def steps(self, scope: str) -> list[Entry]:
        """What of an organisation's endpoints has a trail."""
        found = [endpoint.entry for (owner, _), endpoint in sorted(self._endpoints.items()) if owner == scope]
        return [entry for entry in found if entry]

    def _check_before(self, endpoint: Endpoint) -> Endpoint:
        there = self.read(endpoint.organisation_id, endpoint.endpoint_id)
        if there is None or there.version != endpoint.version - 1:
            raise StaleDocument
        return there

    def _check_owner(self, organisation_id: str, account_id: str) -> None:
        member = self._organisations.membership(organisation_id, account_id)
        if member is None or not member.is_owner:
            raise NotOwner


class MemoryDeliveries:
    """The Deliveries port."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._deliveries: dict[tuple[str, str], Delivery] = {}

    def add(self, delivery: Delivery) -> Delivery | None:
        with self._lock:
            at = (delivery.endpoint_id, delivery.delivery_id)
            if at in self._deliveries:
                return self._deliveries[at]
            self._deliveries[at] = kept(delivery)
            return None

    def read(self, endpoint_id: str, delivery_id: str) -> Delivery | None:
        return self._deliveries.get((endpoint_id, delivery_id))

    def save(self, delivery: Delivery) -> None:
        with self._lock:
            there = self.read(delivery.endpoint_id, delivery.delivery_id)
            if there is None or there.version != delivery.version - 1:
                raise StaleDocument
            self._deliveries[delivery.endpoint_id, delivery.delivery_id] = kept(delivery)

    def newest(self, endpoint_id: str, limit: int, after: Position | None = None) -> Page:
        rows = [
            (Position(sort=id_, item=id_), d) for (owner, id_), d in self._deliveries.items() if owner == endpoint_id
        ]
        return paged(rows, limit, after, newest_first=True)

    def between(self, endpoint_id: str, since: datetime, until: datetime, limit: int) -> list[Delivery]:
        found = sorted((id_, d) for (owner, id_), d in self._deliveries.items() if owner == endpoint_id)
        return [d for id_, d in found if place_of(since) <= id_ <= place_of(until)][:limit]

    def forget(self, endpoint_id: str) -> None:
        self._deliveries = {at: found for at, found in self._deliveries.items() if at[0] != endpoint_id}


class MemoryDeliveryQueue:
    """The DeliveryQueue port. What is taken out of it comes as it would from SQS: as text."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def send(self, delivery: Delivery, now: datetime) -> None:
        self.messages.append(Message.of(delivery).model_dump_json())

    def take(self) -> list[Message]:
        """Everything that is in it."""
        taken, self.messages = self.messages, []
        return [Message.model_validate_json(text) for text in taken]


class MemoryReceivers:
    """The Receivers port: answers as it is told to, the last answer for ever."""

    def __init__(self, *answers: int | str) -> None:
        self.answers = list(answers) or [204]
        self.heard: list[tuple[str, dict[str, str], str]] = []

    def hand_over(self, url: str, headers: Mapping[str, str], body: str, at: datetime) -> Attempt:
        self.heard.append((url, dict(headers), body))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, str):
            return Attempt(at=at, ms=1, error=answer)
        return Attempt(at=at, ms=1, status=answer)


class MemorySealer:
    """The Sealer port: encrypts nothing, and opens what was sealed for the same thing only."""

    def seal(self, text: str, what: Mapping[str, str]) -> str:
        return json.dumps([sorted(what.items()), text[::-1]])

    def open(self, sealed: str, what: Mapping[str, str]) -> str:
        belongs_to, turned = json.loads(sealed)
        if belongs_to != [list(pair) for pair in sorted(what.items())]:
            raise ValueError("it was sealed for something else")
        text: str = turned[::-1]
        return text

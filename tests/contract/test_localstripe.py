"""The Stripe adapter on localstripe, a Stripe that others wrote, for the calls that it implements.

What it lacks is listed in test_stripe.py. It refuses fields that it does not know: a relay in front of it leaves those
out, and adds the one that the adapter needs and localstripe does not send. It is GPL, and only run, never imported.
"""

import http.client
import json
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import stripe

from infra.local.process import free_port
from microintern.adapters.payments.stripe import StripeKeys, StripeProvider, StripeWebhooks
from microintern.domain.payments import Operation, OperationKind, OperationStatus
from microintern.ports.payments import PaymentUnavailable

# One server for all of them: each worker would start its own.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("localstripe")]

START_LIMIT_S = 20.0
LIMIT_S = 10.0
SECRET = "whsec_localstripe"
KEYS = StripeKeys(api_key="sk_test_12345", webhook_secrets=[SECRET], livemode=False)
FUND, REFUND = "brief-000001#fund", "brief-000001#refund"
UNKNOWN_TO_IT = ("automatic_payment_methods", "transfer_group", "cancellation_reason", "created")

# Its own command listens on every address, and keeps its objects in a file that all its runs share.
_LAUNCHER = """
import sys
from aiohttp import web
from localstripe import resources, server
resources.store.dump_to_disk = lambda: None
web.run_app(server.app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
"""


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


class Relay(BaseHTTPRequestHandler):
    """Hands requests on to localstripe, without the fields that it would refuse."""

    wbufsize = -1
    port: int

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing."""

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        self._relay(f"{url.path}?{_known(url.query)}", None)

    def do_POST(self) -> None:
        self._relay(self.path, _known(self.rfile.read(int(self.headers["Content-Length"])).decode()))

    def _relay(self, path: str, body: str | None) -> None:
        upstream = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT_S)
        headers = {name: self.headers[name] for name in ("Authorization", "Content-Type") if name in self.headers}
        upstream.request(self.command, path, body, headers)
        response = upstream.getresponse()
        answer = json.dumps(_with_amount_received(json.loads(response.read()))).encode()
        upstream.close()
        self.send_response(response.status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


def _known(form: str) -> str:
    return urlencode([(name, value) for name, value in parse_qsl(form) if not name.startswith(UNKNOWN_TO_IT)])


def _with_amount_received(answer: dict[str, Any]) -> dict[str, Any]:
    for thing in answer.get("data", [answer]):
        if thing.get("object") == "payment_intent":
            thing["amount_received"] = thing["amount"] if thing["status"] == "succeeded" else 0
    return answer


@pytest.fixture(scope="module")
def localstripe() -> Iterator[int]:
    """Its port."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-W", "ignore", "-c", _LAUNCHER, str(port)])
    try:
        _wait_for(port, process)
        yield port
    finally:
        process.kill()
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_LIMIT_S
    while time.monotonic() < until:
        assert process.poll() is None, "localstripe ended"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=2).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"localstripe did not answer within {START_LIMIT_S:.0f} s")


@pytest.fixture(scope="module")
def relay(localstripe: int) -> Iterator[str]:
    with serving(type("RelayTo", (Relay,), {"port": localstripe})) as url:
        yield url


@pytest.fixture
def provider(relay: str) -> StripeProvider:
    return StripeProvider(lambda: KEYS, relay)


@pytest.fixture
def v1(relay: str) -> Any:
    """Stripe's own client, for what an employer does and for looking behind the adapter's back."""
    return stripe.StripeClient(KEYS.api_key, base_addresses={"api": relay}).v1


def card(v1: Any, number: str = "4242424242424242") -> str:
    details = {"number": number, "exp_month": 12, "exp_year": 2030, "cvc": "123"}
    return str(v1.payment_methods.create({"type": "card", "card": details}).id)


def debit(v1: Any, iban: str) -> str:
    return str(v1.payment_methods.create({"type": "sepa_debit", "sepa_debit": {"iban": iban}}).id)


def test_a_card_is_charged_and_the_charge_is_found_again(provider: StripeProvider, v1: Any) -> None:
    charged = provider.collect(FUND, 33_000, "USD", card(v1))
    assert (charged.key, charged.kind, charged.status) == (FUND, OperationKind.COLLECT, OperationStatus.SETTLED)
    assert (charged.amount_minor, charged.currency, charged.reason) == (33_000, "USD", None)
    assert abs(charged.at - datetime.now(UTC)) < timedelta(minutes=5)
    assert provider.find(OperationKind.COLLECT, FUND, charged.reference) == charged


def test_a_saved_card_is_charged_for_its_customer(provider: StripeProvider, v1: Any) -> None:
    saved, customer = card(v1), v1.customers.create({}).id
    v1.payment_methods.attach(saved, {"customer": customer})
    charged = provider.collect(FUND, 33_000, "USD", saved)
    assert charged.status is OperationStatus.SETTLED
    assert v1.payment_intents.retrieve(charged.reference).customer == customer


def test_a_declined_card_fails(provider: StripeProvider, v1: Any) -> None:
    declined = provider.collect(FUND, 33_000, "USD", card(v1, "4000000000000341"))
    assert (declined.status, declined.reason) == (OperationStatus.FAILED, "The payment method was declined.")


def test_a_payment_method_that_is_none_fails(provider: StripeProvider) -> None:
    assert provider.collect(FUND, 33_000, "USD", "pm_nobody").status is OperationStatus.FAILED


def test_a_card_that_asks_its_owner_is_cancelled(provider: StripeProvider, v1: Any) -> None:
    asked = provider.collect(FUND, 33_000, "EUR", card(v1, "4000002500003155"))
    assert asked.status is OperationStatus.FAILED
    assert asked.reason is not None
    assert "confirm" in asked.reason
    assert v1.payment_intents.retrieve(asked.reference).status == "canceled"


def test_a_debit_that_bounces_fails_in_the_end(provider: StripeProvider, v1: Any) -> None:
    """One that goes through has settled at once here, which it has not at Stripe."""
    debited = provider.collect(FUND, 33_000, "EUR", debit(v1, "DE62370400440532013001"))
    assert debited.status is OperationStatus.ACCEPTED
    assert later(provider, debited).status is OperationStatus.FAILED
    assert v1.payment_intents.retrieve(debited.reference).status == "canceled"


def later(provider: StripeProvider, accepted: Operation) -> Operation:
    """What becomes of it."""
    until = time.monotonic() + LIMIT_S
    while time.monotonic() < until:
        found = provider.find(accepted.kind, accepted.key, accepted.reference)
        if found and found.status is not OperationStatus.ACCEPTED:
            return found
        time.sleep(0.1)
    raise TimeoutError(f"{accepted.key} stayed {accepted.status}")


def test_part_of_a_charge_goes_back(provider: StripeProvider, v1: Any) -> None:
    charged = provider.collect(FUND, 33_000, "USD", card(v1))
    refunded = provider.refund(REFUND, 3_000, "USD", charged.reference)
    assert (refunded.key, refunded.kind, refunded.status) == (REFUND, OperationKind.REFUND, OperationStatus.SETTLED)
    assert (refunded.amount_minor, refunded.currency) == (3_000, "USD")
    assert provider.find(OperationKind.REFUND, REFUND, refunded.reference) == refunded


def test_what_was_not_paid_is_not_refunded(provider: StripeProvider, v1: Any) -> None:
    assert provider.refund(REFUND, 3_000, "USD", "pi_nobody").status is OperationStatus.FAILED
    # A reference of something else is not believed; the lists that are looked at next are not there.
    charged = provider.collect(FUND, 33_000, "USD", card(v1))
    with pytest.raises(PaymentUnavailable):
        provider.find(OperationKind.COLLECT, "brief-000002#fund", charged.reference)


@pytest.mark.parametrize(("amount_minor", "currency", "amount"), [(5_000, "JPY", 5_000), (5, "ISK", 500)])
def test_amounts_are_in_stripes_units(
    provider: StripeProvider, v1: Any, amount_minor: int, currency: str, amount: int
) -> None:
    charged = provider.collect(FUND, amount_minor, currency, card(v1))
    assert (charged.amount_minor, charged.currency) == (amount_minor, currency)
    intent = v1.payment_intents.retrieve(charged.reference)
    assert (intent.amount, intent.currency) == (amount, currency.lower())


def test_what_was_charged_is_listed(provider: StripeProvider, v1: Any) -> None:
    charged = [provider.collect(f"brief-{n:06d}#fund", 33_000, "USD", card(v1)) for n in range(2, 5)]
    # It has no transfers, which would be listed after the payments.
    payments = len(list(v1.payment_intents.list({"limit": 100}).auto_paging_iter()))
    listed = list(islice(provider.operations(datetime.now(UTC) - timedelta(days=1)), payments))
    assert [operation for operation in charged if operation not in listed] == []


def test_its_webhooks_are_verified(provider: StripeProvider, v1: Any, localstripe: int) -> None:
    received: list[tuple[dict[str, str], str]] = []

    class Endpoint(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Nothing."""

        def do_POST(self) -> None:
            received.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self.send_response(202)
            self.end_headers()

    with serving(Endpoint) as url:
        config = json.dumps({"url": url, "secret": SECRET, "events": ["payment_intent.succeeded"]}).encode()
        urllib.request.urlopen(f"http://127.0.0.1:{localstripe}/_config/webhooks/ours", config, timeout=LIMIT_S).close()
        charged = provider.collect("brief-000009#fund", 33_000, "USD", card(v1))
        until = time.monotonic() + LIMIT_S
        while time.monotonic() < until and charged.reference not in "".join(body for _, body in received):
            time.sleep(0.05)
    headers, body = next(message for message in received if charged.reference in message[1])
    hint = StripeWebhooks(KEYS).verify(headers, body, datetime.now(UTC))
    assert (hint.key, hint.reference, hint.destination) == ("brief-000009#fund", charged.reference, None)
    assert hint.event_id.startswith("evt_")

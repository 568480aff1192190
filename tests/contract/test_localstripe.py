"""StripeProvider against localstripe, an independent stand-in for Stripe, for the calls that it implements.

It has PaymentIntents and refunds, but no Connect (transfers, accounts), no search, and ignores idempotency keys: those
are tested against the local double in test_stripe.py.
"""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe

from infra.local.process import free_port
from microintern.adapters.payments.stripe import StripeKeys, StripeProvider
from microintern.domain.payments import OperationKind, OperationStatus

pytestmark = pytest.mark.slow

START_LIMIT_S = 20.0
KEYS = StripeKeys(api_key="sk_test_12345", webhook_secrets=["whsec_unused"], livemode=False)
FUND, REFUND = "izpvetqplsktagopjkniojm45j#fund", "izpvetqplsktagopjkniojm45j#refund"

# Its own command listens on every address, and keeps its objects in a file that all its runs share.
_LAUNCHER = """
import sys
from aiohttp import web
from localstripe import resources, server
resources.store.dump_to_disk = lambda: None
web.run_app(server.app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
"""


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-W", "ignore", "-c", _LAUNCHER, str(port)])
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url, process)
        yield url
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def provider(base: str) -> StripeProvider:
    return StripeProvider(KEYS, api_base=base)


def card(base: str, number: str) -> str:
    """A card that a customer has left, as an employer's would be."""
    addresses: Any = {"api": base}
    client = stripe.StripeClient(KEYS.api_key, base_addresses=addresses)
    details: Any = {"number": number, "exp_month": 12, "exp_year": 2030, "cvc": "123"}
    return client.v1.payment_methods.create({"type": "card", "card": details}).id


def test_a_card_is_charged_and_the_charge_is_found_again(base: str, provider: StripeProvider) -> None:
    charged = provider.collect(FUND, 33_000, "USD", card(base, "4242424242424242"))
    assert (charged.status, charged.amount_minor, charged.currency) == (OperationStatus.SETTLED, 33_000, "USD")
    assert provider.find(OperationKind.COLLECT, FUND, charged.reference) == charged
    assert provider.find(OperationKind.COLLECT, "another#fund", charged.reference) is None


def test_a_declined_card_fails_with_a_reason(base: str, provider: StripeProvider) -> None:
    charged = provider.collect(FUND, 33_000, "USD", card(base, "4000000000000341"))
    assert charged.status is OperationStatus.FAILED
    assert charged.reason is not None
    assert charged.reason.startswith("The card failed: ")


def test_part_of_a_charge_goes_back(base: str, provider: StripeProvider) -> None:
    charged = provider.collect(FUND, 33_000, "USD", card(base, "4242424242424242"))
    refunded = provider.refund(REFUND, 3_000, "USD", charged.reference)
    assert (refunded.key, refunded.status) == (REFUND, OperationStatus.SETTLED)
    assert (refunded.amount_minor, refunded.currency) == (3_000, "USD")


def test_what_was_charged_is_listed(base: str, provider: StripeProvider) -> None:
    charged = provider.collect(FUND, 33_000, "USD", card(base, "4242424242424242"))
    client = provider._client
    listed = {intent.id for intent in client.v1.payment_intents.list({"limit": 100}).auto_paging_iter()}
    assert charged.reference in listed
    assert abs(charged.at - datetime.now(UTC)) < timedelta(minutes=5)


def test_a_yen_is_a_yen(base: str, provider: StripeProvider) -> None:
    charged = provider.collect(FUND, 5_000, "JPY", card(base, "4242424242424242"))
    assert (charged.amount_minor, charged.currency) == (5_000, "JPY")
    intent = provider._client.v1.payment_intents.retrieve(charged.reference)
    assert (intent.amount, intent.currency) == (5_000, "jpy")


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline_s = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline_s:
        assert process.poll() is None, "localstripe ended"
        try:
            with urllib.request.urlopen(f"{url}/v1/balance", timeout=2):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"localstripe did not answer within {START_LIMIT_S:.0f} s")

"""The PaymentProvider and Webhooks ports on Stripe.

| call | tested against |
| --- | --- |
| PaymentIntent create with confirm, retrieve, list; Refund create, retrieve, list | localstripe (test_localstripe.py) |
| search, idempotency keys, the exact form of every request, what goes wrong | the local double, here |
| Transfer create and list, Account retrieve | the local double, here: localstripe does not have them |
| webhook signatures | Stripe's own package on both sides |
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from microintern.adapters.payments.stripe import (
    API_VERSION,
    StripeKeys,
    StripeProvider,
    StripeWebhooks,
    Unrepresentable,
    from_stripe,
    to_stripe,
)
from microintern.domain.money import CURRENCY_EXPONENTS
from microintern.domain.payments import Hint, OperationKind, OperationStatus, PayoutStatus
from microintern.ports import KeyReused, PaymentUnavailable, WebhookRefused
from tests.contract.stripe_double import CREATED_S, StripeDouble, serving

KEYS = StripeKeys(api_key="sk_test_double", webhook_secrets=["whsec_new", "whsec_old"], livemode=False)
BRIEF = "izpvetqplsktagopjkniojm45j"
FUND, PAYOUT, REFUND = f"{BRIEF}#fund", f"{BRIEF}#payout", f"{BRIEF}#refund"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def double() -> StripeDouble:
    return StripeDouble()


@pytest.fixture
def provider(double: StripeDouble, monkeypatch: pytest.MonkeyPatch) -> Iterator[StripeProvider]:
    # The package waits between its own attempts; how long is not what is tested here.
    monkeypatch.setattr(stripe.HTTPClient, "_sleep_time_seconds", lambda *args: 0)
    with serving(double) as base:
        yield StripeProvider(KEYS, api_base=base)


def collected(provider: StripeProvider) -> str:
    return provider.collect(FUND, 33_000, "USD", "pm_card").reference


def test_a_collection_has_exactly_this_form(provider: StripeProvider, double: StripeDouble) -> None:
    operation = provider.collect(FUND, 33_000, "USD", "pm_card")
    [request] = double.requests
    assert (request.method, request.path) == ("POST", "/v1/payment_intents")
    assert request.form == {
        "amount": "33000",
        "currency": "usd",
        "payment_method": "pm_card",
        "confirm": "true",
        "off_session": "true",
        "payment_method_types[0]": "card",
        "metadata[transfer_id]": FUND,
        "metadata[brief_id]": BRIEF,
    }
    assert request.headers["authorization"] == "Bearer sk_test_double"
    assert request.headers["idempotency-key"] == FUND
    assert request.headers["stripe-version"] == API_VERSION
    assert (operation.key, operation.kind, operation.amount_minor) == (FUND, OperationKind.COLLECT, 33_000)
    assert (operation.status, operation.currency, operation.reason) == (OperationStatus.SETTLED, "USD", None)


def test_a_payout_draws_on_the_very_charge(provider: StripeProvider, double: StripeDouble) -> None:
    reference = collected(provider)
    operation = provider.pay_out(PAYOUT, 30_000, "USD", "acct_student", reference)
    assert double.requests[-1].path == "/v1/transfers"
    assert double.requests[-1].form == {
        "amount": "30000",
        "currency": "usd",
        "destination": "acct_student",
        "source_transaction": "ch_1",
        "transfer_group": BRIEF,
        "metadata[transfer_id]": PAYOUT,
        "metadata[brief_id]": BRIEF,
    }
    assert double.requests[-1].headers["idempotency-key"] == PAYOUT
    assert operation.status is OperationStatus.SETTLED


def test_a_refund_goes_back_to_where_it_came_from(provider: StripeProvider, double: StripeDouble) -> None:
    reference = collected(provider)
    operation = provider.refund(REFUND, 3_000, "USD", reference)
    assert double.requests[-1].form == {
        "payment_intent": reference,
        "amount": "3000",
        "metadata[transfer_id]": REFUND,
        "metadata[brief_id]": BRIEF,
    }
    assert (operation.status, operation.currency) == (OperationStatus.SETTLED, "USD")


@pytest.mark.parametrize(
    ("says", "status", "reason"),
    [
        ("succeeded", OperationStatus.SETTLED, None),
        ("processing", OperationStatus.ACCEPTED, None),
        ("requires_payment_method", OperationStatus.FAILED, "The card failed: requires_payment_method."),
        ("canceled", OperationStatus.FAILED, "The card failed: canceled."),
        ("declined", OperationStatus.FAILED, "The card failed: insufficient_funds."),
    ],
)
def test_what_an_intent_says(
    provider: StripeProvider, double: StripeDouble, says: str, status: OperationStatus, reason: str | None
) -> None:
    double.statuses["payment_intents"] = says
    first = provider.collect(FUND, 33_000, "USD", "pm_card")
    assert (first.status, first.reason) == (status, reason)
    found = provider.find(OperationKind.COLLECT, FUND)
    assert found is not None
    assert (found.status, found.reason, found.reference) == (status, reason, first.reference)


def test_an_intent_that_must_be_confirmed_is_cancelled(provider: StripeProvider, double: StripeDouble) -> None:
    double.statuses["payment_intents"] = "requires_action"
    operation = provider.collect(FUND, 33_000, "USD", "pm_card")
    assert operation.status is OperationStatus.FAILED
    assert [intent["status"] for intent in double.of("payment_intents")] == ["canceled"]


@pytest.mark.parametrize(
    ("says", "status"),
    [
        ("succeeded", OperationStatus.SETTLED),
        ("pending", OperationStatus.ACCEPTED),
        ("requires_action", OperationStatus.ACCEPTED),
        ("failed", OperationStatus.FAILED),
        ("canceled", OperationStatus.FAILED),
    ],
)
def test_what_a_refund_says(provider: StripeProvider, double: StripeDouble, says: str, status: OperationStatus) -> None:
    reference = collected(provider)
    double.statuses["refunds"] = says
    assert provider.refund(REFUND, 33_000, "USD", reference).status is status
    found = provider.find(OperationKind.REFUND, REFUND)
    assert found is not None
    assert found.status is status


def test_a_reversed_transfer_has_failed(provider: StripeProvider, double: StripeDouble) -> None:
    provider.pay_out(PAYOUT, 30_000, "USD", "acct_student", collected(provider))
    double.of("transfers")[0]["reversed"] = True
    found = provider.find(OperationKind.PAY_OUT, PAYOUT)
    assert found is not None
    assert found.status is OperationStatus.FAILED


@pytest.mark.parametrize("fault", ["lost", "500", "429"])
def test_what_goes_wrong_on_the_way_is_asked_again_and_happens_once(
    provider: StripeProvider, double: StripeDouble, fault: str
) -> None:
    double.faults = [fault]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(provider._client._requestor._options, "max_network_retries", 0)
        with pytest.raises(PaymentUnavailable) as unavailable:
            collected(provider)
    assert "somebody" not in str(unavailable.value)
    assert len(double.of("payment_intents")) == (1 if fault == "lost" else 0)
    assert provider.collect(FUND, 33_000, "USD", "pm_card").status is OperationStatus.SETTLED
    assert len(double.of("payment_intents")) == 1


def test_a_lost_answer_is_repeated_by_itself_under_the_same_key(provider: StripeProvider, double: StripeDouble) -> None:
    double.faults = ["lost"]
    assert provider.collect(FUND, 33_000, "USD", "pm_card").status is OperationStatus.SETTLED
    assert [request.headers["idempotency-key"] for request in double.requests] == [FUND, FUND]
    assert len(double.of("payment_intents")) == 1


def test_a_key_for_other_money_is_refused(provider: StripeProvider) -> None:
    collected(provider)
    with pytest.raises(KeyReused):
        provider.collect(FUND, 33_001, "USD", "pm_card")


def test_nothing_is_found_that_was_not_asked_for(provider: StripeProvider) -> None:
    assert [provider.find(kind, f"{BRIEF}#{kind}") for kind in OperationKind] == [None, None, None]


def test_only_what_this_platform_asked_for_is_listed(provider: StripeProvider, double: StripeDouble) -> None:
    reference = collected(provider)
    provider.pay_out(PAYOUT, 20_000, "USD", "acct_student", reference)
    provider.refund(REFUND, 10_000, "USD", reference)
    double._create("payment_intents", {"amount": "5", "currency": "usd"})
    since = datetime.fromtimestamp(CREATED_S, UTC)
    assert sorted(operation.key for operation in provider.operations(since)) == sorted([FUND, PAYOUT, REFUND])
    assert list(provider.operations(since + timedelta(seconds=1))) == []


@pytest.mark.parametrize(
    ("account", "status"),
    [
        ({"capabilities": {"transfers": "active"}, "payouts_enabled": True}, PayoutStatus.READY),
        ({"capabilities": {"transfers": "pending"}, "payouts_enabled": True}, PayoutStatus.PENDING),
        ({"capabilities": {"transfers": "active"}, "payouts_enabled": False}, PayoutStatus.PENDING),
        ({"payouts_enabled": False, "requirements": {"disabled_reason": "rejected.fraud"}}, PayoutStatus.BLOCKED),
    ],
)
def test_a_connected_account_is_ready_pending_or_blocked(
    provider: StripeProvider, double: StripeDouble, account: dict[str, Any], status: PayoutStatus
) -> None:
    whole = {"capabilities": {}, "requirements": {"disabled_reason": None}, **account}
    double.objects["acct_student"] = {"id": "acct_student", "object": "account", **whole}
    payee = provider.payee("acct_student")
    assert payee.status is status
    assert (payee.reason is None) == (status is PayoutStatus.READY)


def test_an_account_that_stripe_does_not_know_is_blocked(provider: StripeProvider) -> None:
    assert provider.payee("acct_nobody").status is PayoutStatus.BLOCKED


@pytest.mark.parametrize(
    ("amount_minor", "currency", "theirs"),
    [
        (41_250, "USD", 41_250),
        (5_000, "JPY", 5_000),
        (5, "ISK", 500),
        (5, "UGX", 500),
        (500, "MGA", 5),
        (5_120, "KWD", 5_120),
    ],
)
def test_amounts_are_counted_as_stripe_does(amount_minor: int, currency: str, theirs: int) -> None:
    assert to_stripe(amount_minor, currency) == theirs
    assert from_stripe(theirs, currency) == amount_minor


@given(amount=st.integers(0, 10**9), currency=st.sampled_from(sorted(CURRENCY_EXPONENTS)))
def test_an_amount_comes_back_as_it_went_or_does_not_go(amount: int, currency: str) -> None:
    try:
        theirs = to_stripe(amount, currency)
    except Unrepresentable:
        assert currency in ("BHD", "JOD", "KWD", "MGA", "OMR", "TND")
    else:
        assert from_stripe(theirs, currency) == amount


def test_an_amount_that_cannot_be_moved_fails_with_the_reason(provider: StripeProvider, double: StripeDouble) -> None:
    operation = provider.collect(FUND, 5_124, "KWD", "pm_card")
    assert (operation.status, double.requests) == (OperationStatus.FAILED, [])
    assert operation.reason == "In KWD, Stripe moves only amounts whose last digit is zero."


def event(kind: str = "payment_intent.succeeded", **changes: Any) -> str:
    about = {"id": "pi_1", "metadata": {"transfer_id": FUND}}
    return json.dumps({"id": "evt_1", "type": kind, "livemode": False, "data": {"object": about}, **changes})


def signed(body: str, secret: str = "whsec_new", at: datetime = NOW) -> dict[str, str]:
    header = stripe.WebhookSignature.generate_signature_header(body, secret, int(at.timestamp()))
    return {"Stripe-Signature": header}


@pytest.mark.parametrize("secret", KEYS.webhook_secrets)
def test_a_signed_event_says_which_transfer_to_look_at(secret: str) -> None:
    hint = StripeWebhooks(KEYS).verify(signed(event(), secret), event(), NOW)
    assert hint == Hint(event_id="evt_1", key=FUND, reference="pi_1")


def test_an_event_of_a_connected_account_says_whose_standing_changed() -> None:
    body = event("account.updated", account="acct_student", data={"object": {"id": "acct_student"}})
    assert StripeWebhooks(KEYS).verify(signed(body), body, NOW).destination == "acct_student"


def test_an_event_about_something_else_says_nothing() -> None:
    body = event("customer.created")
    assert StripeWebhooks(KEYS).verify(signed(body), body, NOW) == Hint(event_id="evt_1")


@pytest.mark.parametrize(
    ("headers", "body", "why"),
    [
        ({}, event(), "not signed"),
        (signed(event(), "whsec_other"), event(), "not the provider's"),
        (signed(event()), event(kind="refund.updated"), "not the provider's"),
        (signed(event(), at=NOW - timedelta(seconds=301)), event(), "more than 300 s"),
        (signed(event(), at=NOW + timedelta(seconds=301)), event(), "more than 300 s"),
        (signed(event(livemode=True)), event(livemode=True), "other mode"),
        (signed(event(account="acct_else")), event(account="acct_else"), "another account"),
        (signed("[]"), "[]", "cannot be read"),
    ],
)
def test_what_is_not_stripes_now_and_for_us_is_refused(headers: dict[str, str], body: str, why: str) -> None:
    with pytest.raises(WebhookRefused, match=why):
        StripeWebhooks(KEYS).verify(headers, body, NOW)

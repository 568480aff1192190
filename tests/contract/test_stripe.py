"""The Stripe adapter, on two stand-ins for Stripe.

`localstripe` is a Stripe that others wrote, but it has no Connect and takes no notice of idempotency keys; what it
lacks is tried on `stripe_double`, which checks every request's exact form. Nothing here is Stripe itself.

| call | on localstripe (test_localstripe.py) | on the double (here) |
| --- | --- | --- |
| PaymentMethod retrieve | yes | yes |
| PaymentIntent create and confirm, declines | yes; the double's fields that it does not know are left out | yes |
| PaymentIntent retrieve, cancel | yes | yes |
| PaymentIntent list | yes, but neither pages of a period nor search | yes |
| Refund create, retrieve | yes; it refunds more than was paid | yes |
| Refund list, Charge list | no: not by what the adapter lists them | yes |
| Transfer, Account | no: it has no Connect | yes |
| idempotency keys, timeouts, 401 to 503 | no | yes |
| webhooks: signature and shape | payment_intent.succeeded and .payment_failed | all, made here |
"""

import hashlib
import hmac
import json
import logging
import time
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from microintern.adapters.payments import stripe as adapter
from microintern.adapters.payments.stripe import CannotBeMoved, StripeKeys, StripeProvider, StripeWebhooks
from microintern.domain.money import CURRENCY_EXPONENTS
from microintern.domain.payments import Hint, Operation, OperationKind, OperationStatus, PayoutStatus
from microintern.ports.payments import KeyReused, PaymentProvider, PaymentUnavailable, WebhookRefused, Webhooks
from tests.contract import stripe_double
from tests.contract.stripe_double import API_KEY, PERSON, STALL_S, Fault, Refused, StripeDouble, running_double

BRIEF = "brief-000001"
FUND, PAYOUT, REFUND = f"{BRIEF}#fund", f"{BRIEF}#payout", f"{BRIEF}#refund"
CARD = "pm_card"
STUDENT = "acct_student01"
OLD_SECRET, SECRET = "whsec_old01234567", "whsec_new01234567"
PLATFORM = "acct_platform1"
NOW = datetime(2031, 3, 4, 5, 6, 7, tzinfo=UTC)
ALL = tuple(OperationKind)
UNLISTED = frozenset({"CLF", "IQD", "LYD", "UYI", "UYW"})


def keys(**changes: Any) -> StripeKeys:
    fields = {"api_key": API_KEY, "webhook_secrets": [SECRET], "livemode": False, "platform_account": PLATFORM}
    return StripeKeys.model_validate({**fields, **changes})


@pytest.fixture
def double() -> Iterator[StripeDouble]:
    with running_double() as running:
        running.method(CARD)
        running.account(STUDENT)
        yield running


def provider_on(double: StripeDouble, **changes: Any) -> StripeProvider:
    return StripeProvider(keys, double.url, **{"timeout_s": (5.0, 5.0), "retries": 0, **changes})


def impatient(double: StripeDouble) -> StripeProvider:
    """One that does not wait for what is stalled."""
    return provider_on(double, timeout_s=(5.0, STALL_S / 2))


@pytest.fixture
def provider(double: StripeDouble) -> StripeProvider:
    return provider_on(double)


def test_a_key_that_was_replaced_is_the_one_that_is_used(double: StripeDouble) -> None:
    in_force = [keys(api_key="sk_test_replaced0123")]
    provider = StripeProvider(lambda: in_force[-1], double.url, timeout_s=(5.0, 5.0), retries=0)
    with pytest.raises(PaymentUnavailable):
        provider.payee(STUDENT)
    in_force.append(keys())
    assert provider.payee(STUDENT).destination == STUDENT


def collected(provider: PaymentProvider, amount_minor: int = 50_000, currency: str = "USD") -> str:
    return provider.collect(FUND, amount_minor, currency, CARD).reference


def ask(provider: PaymentProvider, kind: OperationKind, amount_minor: int = 41_250) -> Operation:
    """One operation of this kind; what it draws on is collected first."""
    match kind:
        case OperationKind.COLLECT:
            return provider.collect(FUND, amount_minor, "USD", CARD)
        case OperationKind.PAY_OUT:
            return provider.pay_out(PAYOUT, amount_minor, "USD", STUDENT, collected(provider))
        case OperationKind.REFUND:
            return provider.refund(REFUND, amount_minor, "USD", collected(provider))


KEY = {OperationKind.COLLECT: FUND, OperationKind.PAY_OUT: PAYOUT, OperationKind.REFUND: REFUND}
OBJECT = {
    OperationKind.COLLECT: "payment_intent",
    OperationKind.PAY_OUT: "transfer",
    OperationKind.REFUND: "refund",
}
PATH = {kind: f"/v1/{name}s" for kind, name in OBJECT.items()}


def test_it_is_the_port(provider: StripeProvider) -> None:
    port: PaymentProvider = provider
    webhooks: Webhooks = StripeWebhooks(keys())
    assert (port.name, bool(webhooks)) == ("stripe", True)


def test_the_pinned_version_is_the_one_that_the_package_describes() -> None:
    assert adapter.API_VERSION == stripe_double.VERSION == stripe.api_version


# What is asked for.


def test_collecting_confirms_without_anybody_there(double: StripeDouble, provider: StripeProvider) -> None:
    operation = provider.collect(FUND, 41_250, "USD", CARD)
    (request,) = double.sent("POST", "/v1/payment_intents")
    assert request.form == {
        "amount": "41250",
        "currency": "usd",
        "payment_method": CARD,
        "confirm": "true",
        "off_session": "true",
        "automatic_payment_methods[enabled]": "true",
        "automatic_payment_methods[allow_redirects]": "never",
        "transfer_group": BRIEF,
        "metadata[transfer_id]": FUND,
    }
    assert request.headers["idempotency-key"] == FUND
    assert request.headers["stripe-version"] == stripe_double.VERSION
    intent = double.things[operation.reference]
    assert operation == Operation(
        key=FUND,
        kind=OperationKind.COLLECT,
        status=OperationStatus.SETTLED,
        amount_minor=41_250,
        currency="USD",
        reference=intent["id"],
        at=datetime.fromtimestamp(intent["created"], UTC),
    )


def test_a_payment_method_of_a_customer_is_charged_for_that_customer(
    double: StripeDouble, provider: StripeProvider
) -> None:
    saved = double.method("pm_saved", customer="cus_1")
    assert provider.collect(FUND, 41_250, "USD", saved).status is OperationStatus.SETTLED
    assert double.sent("POST", "/v1/payment_intents")[0].form["customer"] == "cus_1"


def test_a_payout_comes_out_of_the_charge(double: StripeDouble, provider: StripeProvider) -> None:
    reference = collected(provider)
    operation = provider.pay_out(PAYOUT, 41_250, "USD", STUDENT, reference)
    (request,) = double.sent("POST", "/v1/transfers")
    assert request.form == {
        "amount": "41250",
        "currency": "usd",
        "destination": STUDENT,
        "source_transaction": double.things[reference]["latest_charge"],
        "transfer_group": BRIEF,
        "metadata[transfer_id]": PAYOUT,
    }
    assert request.headers["idempotency-key"] == PAYOUT
    assert (operation.kind, operation.status) == (OperationKind.PAY_OUT, OperationStatus.SETTLED)
    assert (operation.reference[:3], operation.destination) == ("tr_", STUDENT)


def test_a_refund_goes_back_to_the_payment(double: StripeDouble, provider: StripeProvider) -> None:
    reference = collected(provider)
    operation = provider.refund(f"{REFUND}#2", 41_250, "USD", reference)
    (request,) = double.sent("POST", "/v1/refunds")
    assert request.form == {
        "payment_intent": reference,
        "amount": "41250",
        "metadata[transfer_id]": f"{REFUND}#2",
    }
    assert request.headers["idempotency-key"] == f"{REFUND}#2"
    assert (operation.kind, operation.status) == (OperationKind.REFUND, OperationStatus.SETTLED)


# What becomes of it.


def test_a_debit_is_under_way_until_it_is_not(double: StripeDouble, provider: StripeProvider) -> None:
    operation = provider.collect(FUND, 41_250, "EUR", double.method("pm_debit", "processes"))
    assert operation.status is OperationStatus.ACCEPTED
    double.things[operation.reference].update(status="succeeded", amount_received=41_250)
    found = provider.find(OperationKind.COLLECT, FUND, operation.reference)
    assert found == operation.model_copy(update={"status": OperationStatus.SETTLED})
    # Asked for again, Stripe repeats its first answer; it is looked up what is now.
    assert provider.collect(FUND, 41_250, "EUR", "pm_debit") == found


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("insufficient_funds", "There is not enough money on the payment method."),
        ("expired_card", "The card has expired."),
        (
            "authentication_required",
            "The bank wants the card's owner to confirm the payment. Use another payment method.",
        ),
        ("stolen_card", "The payment method was declined."),
        ("a_code_of_next_year", "The payment method was declined."),
    ],
)
def test_a_decline_fails_for_good(double: StripeDouble, provider: StripeProvider, code: str, reason: str) -> None:
    declined = double.method("pm_declined", f"declined:{code}")
    operation = provider.collect(FUND, 41_250, "USD", declined)
    assert (operation.status, operation.reason) == (OperationStatus.FAILED, reason)
    (intent,) = double.of_kind("payment_intent")
    assert operation.reference == intent["id"]
    assert intent["status"] == "canceled"  # else a new card would settle it after all
    assert provider.collect(FUND, 41_250, "USD", declined) == operation
    assert len(double.of_kind("payment_intent")) == 1


def test_what_its_owner_would_have_to_confirm_is_cancelled(double: StripeDouble, provider: StripeProvider) -> None:
    asks = double.method("pm_asks", "asks")
    operation = provider.collect(FUND, 41_250, "USD", asks)
    assert operation.status is OperationStatus.FAILED
    assert operation.reason is not None
    assert "confirm" in operation.reason
    (intent,) = double.of_kind("payment_intent")
    assert (intent["status"], intent["cancellation_reason"]) == ("canceled", "abandoned")
    # Stripe repeats that it waits for its owner, which it does no longer.
    assert provider.collect(FUND, 41_250, "USD", asks).status is OperationStatus.FAILED


def test_finding_one_that_waits_for_its_owner_ends_it(double: StripeDouble, provider: StripeProvider) -> None:
    double.method("pm_asks", "asks")
    double.fail("/v1/payment_intents", Fault.LOST_AFTER)
    with pytest.raises(PaymentUnavailable):
        provider.collect(FUND, 41_250, "USD", "pm_asks")
    (intent,) = double.of_kind("payment_intent")
    assert intent["status"] == "requires_action"
    found = provider.find(OperationKind.COLLECT, FUND)
    assert found is not None
    assert (found.status, intent["status"]) == (OperationStatus.FAILED, "canceled")


def test_one_that_was_confirmed_just_before_it_is_cancelled_has_settled(
    double: StripeDouble, provider: StripeProvider
) -> None:
    def confirmed_first(intent_id: str, form: dict[str, str]) -> dict[str, Any]:
        double.things[intent_id].update(status="succeeded", amount_received=41_250)
        raise Refused(400, "payment_intent_unexpected_state", param="intent")

    double.answer_by("POST", r"/v1/payment_intents/(\w+)/cancel", confirmed_first)
    operation = provider.collect(FUND, 41_250, "USD", double.method("pm_asks", "asks"))
    assert (operation.status, operation.reason) == (OperationStatus.SETTLED, None)


def test_a_declined_one_that_cannot_be_looked_at_has_not_failed(double: StripeDouble, provider: StripeProvider) -> None:
    def missing(intent_id: str, form: dict[str, str]) -> dict[str, Any]:
        raise Refused(404, "resource_missing", param="intent")

    double.answer_by("GET", r"/v1/payment_intents/(pi\w+)", missing)
    with pytest.raises(PaymentUnavailable, match="somebody must look: InvalidRequestError, 404, resource_missing"):
        provider.collect(FUND, 41_250, "USD", double.method("pm_declined", "declined:expired_card"))


@pytest.mark.parametrize("outcome", ["asks", "declined:expired_card"])
def test_it_has_not_failed_before_it_is_cancelled(double: StripeDouble, provider: StripeProvider, outcome: str) -> None:
    method = double.method("pm_not", outcome)
    double.fail(r"/v1/payment_intents/\w+/cancel", Fault.UNAVAILABLE)
    with pytest.raises(PaymentUnavailable):
        provider.collect(FUND, 41_250, "USD", method)
    (intent,) = double.of_kind("payment_intent")
    assert intent["status"].startswith("requires_")
    double.forget_keys()
    found = provider.find(OperationKind.COLLECT, FUND)
    assert found is not None
    assert (found.status, intent["status"]) == (OperationStatus.FAILED, "canceled")


@pytest.mark.parametrize(
    ("fields", "status", "reason"),
    [
        ({"status": "pending"}, OperationStatus.ACCEPTED, None),
        ({"status": "requires_action"}, OperationStatus.ACCEPTED, None),
        ({"status": "succeeded"}, OperationStatus.SETTLED, None),
        ({"status": "canceled"}, OperationStatus.FAILED, "The refund was cancelled at Stripe."),
        ({"status": "failed"}, OperationStatus.FAILED, "The bank could not take the refund."),
        (
            {"status": "failed", "failure_reason": "lost_or_stolen_card"},
            OperationStatus.FAILED,
            "The card was reported as lost.",
        ),
        (
            {"status": "failed", "failure_reason": "unknown"},
            OperationStatus.FAILED,
            "The bank could not take the refund.",
        ),
    ],
)
def test_refunds_take_their_time(
    double: StripeDouble, provider: StripeProvider, fields: dict[str, Any], status: OperationStatus, reason: str | None
) -> None:
    operation = ask(provider, OperationKind.REFUND)
    double.things[operation.reference].update(fields)
    found = provider.find(OperationKind.REFUND, REFUND, operation.reference)
    assert found is not None
    assert (found.status, found.reason) == (status, reason)
    assert ask(provider, OperationKind.REFUND) == found


def test_a_reversed_transfer_has_failed(double: StripeDouble, provider: StripeProvider) -> None:
    operation = ask(provider, OperationKind.PAY_OUT)
    double.things[operation.reference].update(reversed=True, amount_reversed=41_250)
    found = provider.find(OperationKind.PAY_OUT, PAYOUT)
    assert found is not None
    assert (found.status, found.amount_minor) == (OperationStatus.FAILED, 41_250)
    assert found.reason == "The transfer was reversed at Stripe."
    assert ask(provider, OperationKind.PAY_OUT) == found


def test_a_transfer_that_was_taken_back_in_part_is_less(double: StripeDouble, provider: StripeProvider) -> None:
    operation = ask(provider, OperationKind.PAY_OUT)
    double.things[operation.reference].update(amount_reversed=1_000)
    found = provider.find(OperationKind.PAY_OUT, PAYOUT, operation.reference)
    assert found is not None
    assert (found.status, found.amount_minor) == (OperationStatus.SETTLED, 40_250)


def test_another_amount_than_was_asked_for_is_told_as_it_is(double: StripeDouble, provider: StripeProvider) -> None:
    reference = collected(provider)
    double.things[reference].update(amount_received=49_999, currency="eur")
    found = provider.find(OperationKind.COLLECT, FUND, reference)
    assert found is not None
    assert (found.amount_minor, found.currency) == (49_999, "EUR")


# What Stripe refuses.


@pytest.mark.parametrize(
    ("amount_minor", "currency", "method", "reason"),
    [
        (49, "USD", CARD, "The amount is smaller than Stripe takes."),
        (100_000_000, "USD", CARD, "The amount is larger than Stripe takes."),
        (5_000, "KPW", CARD, "Stripe refused it (without a code)."),
        (5_000, "USD", "pm_nobody", "Stripe knows no such payment method."),
    ],
)
def test_what_cannot_be_collected_fails(
    provider: StripeProvider, amount_minor: int, currency: str, method: str, reason: str
) -> None:
    operation = provider.collect(FUND, amount_minor, currency, method)
    assert (operation.status, operation.reason) == (OperationStatus.FAILED, reason)
    assert (operation.amount_minor, operation.currency, operation.key) == (amount_minor, currency, FUND)
    assert operation.reference.startswith("req_")
    assert provider.find(OperationKind.COLLECT, FUND, operation.reference) is None


def test_more_than_was_collected_cannot_be_refunded(double: StripeDouble, provider: StripeProvider) -> None:
    reference = collected(provider)
    operation = provider.refund(REFUND, 50_001, "USD", reference)
    assert (operation.status, operation.reason) == (OperationStatus.FAILED, "The payment was refunded before.")
    assert double.of_kind("refund") == []
    unknown = provider.refund(f"{REFUND}#2", 1, "USD", "pi_nobody")
    assert unknown.reason == "Stripe knows no such payment."


@pytest.mark.parametrize("fields", [None, {"capabilities": {"transfers": "inactive"}}])
def test_an_account_that_cannot_be_paid_fails_the_payout(
    double: StripeDouble, provider: StripeProvider, fields: dict[str, Any] | None
) -> None:
    if fields is not None:
        double.account("acct_other001", **fields)
    operation = provider.pay_out(PAYOUT, 41_250, "USD", "acct_other001", collected(provider))
    assert operation.status is OperationStatus.FAILED
    assert operation.reason is not None
    assert "account" in operation.reason
    assert double.of_kind("transfer") == []


def test_what_is_no_fault_of_the_account_does_not_fail_it(double: StripeDouble, provider: StripeProvider) -> None:
    """A failed payout blocks the student's account: more than was collected, or nothing, is for a person to see."""
    reference = collected(provider)
    with pytest.raises(PaymentUnavailable, match=r"somebody must look: InvalidRequestError, 400, balance_insufficient"):
        provider.pay_out(PAYOUT, 50_001, "USD", STUDENT, reference)
    with pytest.raises(PaymentUnavailable, match="somebody must look"):
        provider.pay_out(f"{PAYOUT}#2", 1, "USD", STUDENT, "pi_nobody")
    waiting = provider.collect("brief-000002#fund", 50_000, "EUR", double.method("pm_debit", "processes"))
    with pytest.raises(PaymentUnavailable, match="processing"):
        provider.pay_out("brief-000002#payout", 1_000, "EUR", STUDENT, waiting.reference)
    assert double.of_kind("transfer") == []


# Once, whatever happens.


@pytest.mark.parametrize("kind", ALL)
def test_the_same_key_is_the_same_operation(
    double: StripeDouble, provider: StripeProvider, kind: OperationKind
) -> None:
    first = ask(provider, kind)
    assert ask(provider, kind) == first
    assert len(double.of_kind(OBJECT[kind])) == 1


def test_the_same_money_to_another_party_is_what_was_done_first(double: StripeDouble, provider: StripeProvider) -> None:
    first = ask(provider, OperationKind.PAY_OUT)
    other = double.account("acct_other001")
    assert provider.pay_out(PAYOUT, 41_250, "USD", other, collected(provider)) == first
    assert len(double.of_kind("transfer")) == 1


@pytest.mark.parametrize("kind", ALL)
def test_other_money_under_a_key_is_refused(
    double: StripeDouble, provider: StripeProvider, kind: OperationKind
) -> None:
    ask(provider, kind)
    with pytest.raises(KeyReused):
        ask(provider, kind, 41_251)
    assert len(double.of_kind(OBJECT[kind])) == 1


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("kind", ALL)
def test_after_any_fault_asking_again_does_it_once(
    double: StripeDouble, provider: StripeProvider, kind: OperationKind, fault: Fault
) -> None:
    if kind is not OperationKind.COLLECT:
        collected(provider)
    double.fail(PATH[kind], fault)
    with pytest.raises(PaymentUnavailable):
        ask(impatient(double), kind)
    assert patiently(lambda: ask(provider, kind)).status is OperationStatus.SETTLED
    assert len(double.of_kind(OBJECT[kind])) == 1
    asked = double.sent("POST", PATH[kind])
    assert {request.headers["idempotency-key"] for request in asked} == {KEY[kind]}


def patiently(act: Callable[[], Operation]) -> Operation:
    """What it gives, once Stripe is no longer at an earlier request."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        try:
            return act()
        except PaymentUnavailable:
            time.sleep(0.1)
    return act()


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("fault", [Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.BROKEN, Fault.IN_USE])
def test_one_fault_is_not_even_noticed(double: StripeDouble, kind: OperationKind, fault: Fault) -> None:
    """The package repeats the request by itself, under the same key."""
    provider = provider_on(double, retries=1)
    double.fail(PATH[kind], fault)
    assert ask(provider, kind).status is OperationStatus.SETTLED
    assert len(double.of_kind(OBJECT[kind])) == 1


@pytest.mark.parametrize("fault", [Fault.BROKEN, Fault.WRONG_KEY, Fault.NOT_ALLOWED, Fault.GARBLED])
def test_not_knowing_is_not_none(double: StripeDouble, provider: StripeProvider, fault: Fault) -> None:
    """A `find` that says there is nothing lets it be asked for once more."""
    for path, kind in (("/v1/charges", OperationKind.COLLECT), ("/v1/charges", OperationKind.REFUND)):
        double.fail(path, fault)
        with pytest.raises(PaymentUnavailable):
            provider.find(kind, KEY[kind])
    double.fail("/v1/transfers", fault)
    with pytest.raises(PaymentUnavailable):
        provider.find(OperationKind.PAY_OUT, PAYOUT)
    double.fail("/v1/payment_intents/search", fault)
    with pytest.raises(PaymentUnavailable):
        provider.find(OperationKind.COLLECT, FUND)
    for kind, path in zip(ALL, ("/v1/charges", "/v1/transfers", "/v1/charges"), strict=True):
        double.fail(path, fault)
        with pytest.raises(PaymentUnavailable):
            provider.of_brief(kind, BRIEF)


@pytest.mark.parametrize("fault", [Fault.WRONG_KEY, Fault.NOT_ALLOWED])
def test_a_wrong_api_key_says_so(double: StripeDouble, provider: StripeProvider, fault: Fault) -> None:
    double.fail(f"/v1/accounts/{STUDENT}", fault)
    with pytest.raises(PaymentUnavailable, match=r"does not accept the API key.*somebody must look"):
        provider.payee(STUDENT)


@pytest.mark.parametrize("fault", Fault)
def test_what_stripe_says_of_people_stays_there(
    double: StripeDouble, provider: StripeProvider, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    double.fail("/v1/payment_intents", fault)
    with pytest.raises(PaymentUnavailable) as unavailable:
        ask(impatient(double), OperationKind.COLLECT)
    told = "".join(traceback.format_exception(unavailable.value)) + caplog.text
    refused = [
        provider.collect(f"{FUND}#2", 49, "USD", CARD),
        provider.collect(f"{FUND}#3", 4_900, "USD", double.method("pm_declined", "declined:stolen_card")),
    ]
    told += "".join(operation.model_dump_json() for operation in refused)
    assert [secret for secret in (PERSON, "jane", API_KEY, "stolen") if secret in told] == []


# Finding.


@pytest.mark.parametrize("kind", ALL)
def test_nothing_is_found_that_was_not_asked_for(provider: StripeProvider, kind: OperationKind) -> None:
    collected(provider)
    assert provider.find(kind, f"{KEY[kind]}#2") is None
    assert provider.find(kind, f"{KEY[kind]}#2", "pi_nobody") is None
    assert provider.find(kind, KEY[kind].upper()) is None


@pytest.mark.parametrize("kind", ALL)
def test_it_is_found_a_day_later_and_at_once(
    double: StripeDouble, provider: StripeProvider, kind: OperationKind
) -> None:
    operation = ask(provider, kind)
    double.search_is_behind = True
    double.forget_keys()
    assert provider.find(kind, KEY[kind]) == operation
    assert provider.find(kind, KEY[kind], operation.reference) == operation
    assert provider.find(kind, KEY[kind], "pi_nobody") == operation


@pytest.mark.parametrize("kind", ALL)
def test_a_reference_of_something_else_is_not_believed(
    double: StripeDouble, provider: StripeProvider, kind: OperationKind
) -> None:
    operation = ask(provider, kind)
    other = {**double.things[operation.reference], "id": "xx_other", "metadata": {"transfer_id": "brief-000002#fund"}}
    double.things["xx_other"] = {**other, "transfer_group": "brief-000002"}
    assert provider.find(kind, KEY[kind], "xx_other") == operation


def test_attempts_are_told_apart(double: StripeDouble, provider: StripeProvider) -> None:
    first = provider.collect(FUND, 50_000, "USD", double.method("pm_declined", "declined:expired_card"))
    second = provider.collect(f"{FUND}#2", 50_000, "USD", CARD)
    refunds = [provider.refund(key, 100, "USD", second.reference) for key in (REFUND, f"{REFUND}#2")]
    payouts = [
        provider.pay_out(key, 100, "USD", STUDENT, second.reference) for key in (PAYOUT, f"{PAYOUT}#2", f"{PAYOUT}#3")
    ]
    for operation in (second, *refunds, *payouts):
        assert provider.find(operation.kind, operation.key) == operation
    found = provider.find(OperationKind.COLLECT, FUND)
    assert found is not None
    assert (found.reference, found.status) == (first.reference, OperationStatus.FAILED)


def test_lists_are_read_to_their_end(
    double: StripeDouble, provider: StripeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "_PAGE", 2)
    reference = collected(provider)
    asked = [provider.refund(f"{REFUND}#{n}", 100, "USD", reference) for n in range(2, 9)]
    assert [provider.find(OperationKind.REFUND, operation.key) for operation in asked] == asked


def test_a_briefs_operations_are_listed_whichever_keys_they_have(
    double: StripeDouble, provider: StripeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once, and long after the keys were forgotten; attempts that left nothing leave gaps."""
    monkeypatch.setattr(adapter, "_PAGE", 2)
    provider.collect(FUND, 49, "USD", CARD)
    declined = provider.collect(f"{FUND}#2", 50_000, "USD", double.method("pm_declined", "declined:expired_card"))
    paid = provider.collect(f"{FUND}#4", 50_000, "USD", CARD)
    payouts = [provider.pay_out(f"{PAYOUT}#{n}", 100, "USD", STUDENT, paid.reference) for n in (3, 7, 9)]
    refunds = [provider.refund(f"{REFUND}#{n}", 100, "USD", paid.reference) for n in (2, 5, 6)]
    other = provider.collect("brief-000002#fund", 50_000, "USD", CARD)
    provider.refund("brief-000002#refund", 100, "USD", other.reference)
    foreign = {"amount": 1, "currency": "usd", "metadata": {}, "created": stripe_double.FIRST_CREATED_S}
    intent = double._new("pi", "payment_intent", **foreign, status="succeeded")["id"]
    double._new("ch", "charge", **foreign, payment_intent=intent, transfer_group=BRIEF, paid=False)
    double._new("tr", "transfer", **foreign, transfer_group=BRIEF)
    double._new("re", "refund", **foreign, charge=double.things[paid.reference]["latest_charge"])
    double.search_is_behind = True
    double.forget_keys()
    of_brief = {kind: sorted(provider.of_brief(kind, BRIEF), key=by_key) for kind in ALL}
    assert of_brief[OperationKind.PAY_OUT] == payouts
    assert of_brief[OperationKind.REFUND] == refunds
    fund = of_brief[OperationKind.COLLECT]
    assert [(each.key, each.reference, each.status) for each in fund] == [
        (f"{FUND}#2", declined.reference, OperationStatus.FAILED),
        (f"{FUND}#4", paid.reference, OperationStatus.SETTLED),
    ]
    assert [provider.of_brief(kind, "brief-000003") for kind in ALL] == [[], [], []]


# Reconciling.


def test_everything_of_ours_since_then_is_listed(
    double: StripeDouble, provider: StripeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "_PAGE", 2)
    asked = [provider.collect(f"brief-{n:06d}#fund", 50_000, "USD", CARD) for n in range(5)]
    asked += [provider.refund(f"brief-{n:06d}#refund", 100, "USD", asked[n].reference) for n in range(3)]
    asked += [provider.pay_out(f"brief-{n:06d}#payout", 100, "USD", STUDENT, asked[n].reference) for n in range(3)]
    foreign: list[dict[str, str]] = [{}, {"transfer_id": "an-order"}, {"transfer_id": ""}, {"order": "1"}]
    for metadata in foreign:
        double._new("pi", "payment_intent", amount=1, currency="usd", status="succeeded", metadata=metadata)
        double._new("re", "refund", amount=1, currency="usd", status="succeeded", metadata=metadata)
    start = min(operation.at for operation in asked)
    assert sorted(provider.operations(start), key=by_key) == sorted(asked, key=by_key)
    later = [operation for operation in asked if operation.at > start]
    assert sorted(provider.operations(start + timedelta(seconds=1)), key=by_key) == sorted(later, key=by_key)


def by_key(operation: Operation) -> str:
    return operation.key


def test_listing_ends_nothing(double: StripeDouble, provider: StripeProvider) -> None:
    double.fail("/v1/payment_intents", Fault.LOST_AFTER)
    with pytest.raises(PaymentUnavailable):
        provider.collect(FUND, 41_250, "USD", double.method("pm_asks", "asks"))
    (operation,) = provider.operations(NOW - timedelta(days=10_000))
    assert operation.status is OperationStatus.ACCEPTED
    assert double.of_kind("payment_intent")[0]["status"] == "requires_action"


def test_a_list_that_breaks_off_is_not_taken_for_all(
    double: StripeDouble, provider: StripeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "_PAGE", 2)
    for n in range(3):
        provider.collect(f"brief-{n:06d}#fund", 50_000, "USD", CARD)
    operations = provider.operations(NOW - timedelta(days=10_000))
    next(operations)
    double.fail("/v1/payment_intents", Fault.RATE_LIMITED)
    with pytest.raises(PaymentUnavailable):
        list(operations)


# Payees.


def requirements(reason: str | None = None, *due: str) -> dict[str, Any]:
    return {"disabled_reason": reason, "currently_due": list(due), "past_due": [], "pending_verification": []}


@pytest.mark.parametrize(
    ("fields", "status", "reason"),
    [
        ({}, PayoutStatus.READY, None),
        # What will be due some day does not stop a payout.
        ({"requirements": requirements(None, "individual.id_number")}, PayoutStatus.READY, None),
        (
            {"requirements": requirements("rejected.fraud"), "payouts_enabled": False},
            PayoutStatus.BLOCKED,
            "Stripe has rejected the account. Ask Stripe why, or name another one.",
        ),
        (
            {"requirements": requirements("under_review"), "payouts_enabled": False},
            PayoutStatus.PENDING,
            "Stripe is reviewing the account.",
        ),
        (
            {"requirements": requirements("a_reason_of_next_year")},
            PayoutStatus.PENDING,
            "Stripe does not let the account pay out to a bank account yet.",
        ),
        (
            {"payouts_enabled": False, "requirements": requirements(None, "external_account")},
            PayoutStatus.PENDING,
            "Stripe is waiting for details of the account's owner.",
        ),
        (
            {"payouts_enabled": False},
            PayoutStatus.PENDING,
            "Stripe does not let the account pay out to a bank account yet.",
        ),
        (
            {"capabilities": {"transfers": "pending"}},
            PayoutStatus.PENDING,
            "Stripe does not let the account receive transfers yet.",
        ),
        ({"capabilities": {}}, PayoutStatus.PENDING, "Stripe does not let the account receive transfers yet."),
        (
            {"capabilities": None, "requirements": None, "payouts_enabled": None},
            PayoutStatus.PENDING,
            "Stripe does not let the account receive transfers yet.",
        ),
    ],
)
def test_a_payee_is_what_stripe_says(
    double: StripeDouble, provider: StripeProvider, fields: dict[str, Any], status: PayoutStatus, reason: str | None
) -> None:
    double.account(STUDENT, **fields)
    payee = provider.payee(STUDENT)
    assert (payee.destination, payee.status, payee.reason) == (STUDENT, status, reason)


def test_an_account_that_stripe_does_not_know_is_blocked(provider: StripeProvider) -> None:
    payee = provider.payee("acct_nobody01")
    assert (payee.status, payee.reason) == (PayoutStatus.BLOCKED, "Stripe knows no such account of this platform.")


@pytest.mark.parametrize("destination", [PLATFORM, "ba_1234", "", "acct_", "acct_x/../../v1/balance"])
def test_what_is_no_students_account_is_blocked_unasked(
    double: StripeDouble, provider: StripeProvider, destination: str
) -> None:
    double.account(destination)
    payee = provider.payee(destination)
    assert (payee.status, double.requests) == (PayoutStatus.BLOCKED, [])
    assert payee.reason


# Amounts.


@pytest.mark.parametrize(
    ("amount_minor", "currency", "amount"),
    [
        (41_250, "USD", "41250"),
        (5_000, "JPY", "5000"),
        (5_120, "KWD", "5120"),
        (5, "ISK", "500"),
        (5, "UGX", "500"),
        (500, "MGA", "5"),
        (1_045, "HUF", "1045"),
        (80_045, "TWD", "80045"),
    ],
)
def test_amounts_are_sent_in_stripes_units(
    double: StripeDouble, provider: StripeProvider, amount_minor: int, currency: str, amount: str
) -> None:
    """The examples of docs.stripe.com/currencies: 500 JPY, 5.120 KWD, 5 ISK, 5 UGX."""
    operation = provider.collect(FUND, amount_minor, currency, CARD)
    refund = provider.refund(REFUND, amount_minor, currency, operation.reference)
    payout = provider.pay_out(PAYOUT, amount_minor, currency, STUDENT, operation.reference)
    sent = [double.sent("POST", PATH[kind])[0].form["amount"] for kind in ALL]
    assert sent == [amount] * 3
    told = [(each.status, each.amount_minor, each.currency) for each in (operation, refund, payout)]
    assert told == [(OperationStatus.SETTLED, amount_minor, currency)] * 3


@pytest.mark.parametrize(
    ("amount_minor", "currency", "reason"),
    [
        (5_124, "KWD", "Stripe moves KWD in steps of 0.010 KWD only."),
        (550, "MGA", "Stripe moves MGA in steps of 1.00 MGA only."),
        (10_000, "CLF", "Stripe does not move CLF."),
    ],
)
def test_an_amount_that_stripe_lacks_fails_unasked(
    double: StripeDouble, provider: StripeProvider, amount_minor: int, currency: str, reason: str
) -> None:
    operations = [
        provider.collect(FUND, amount_minor, currency, CARD),
        provider.pay_out(PAYOUT, amount_minor, currency, STUDENT, "pi_any"),
        provider.refund(REFUND, amount_minor, currency, "pi_any"),
    ]
    assert [(each.status, each.reason) for each in operations] == [(OperationStatus.FAILED, reason)] * 3
    assert [(each.amount_minor, each.currency) for each in operations] == [(amount_minor, currency)] * 3
    assert double.requests == []


def test_a_fraction_that_nobody_asked_for_is_not_rounded(double: StripeDouble, provider: StripeProvider) -> None:
    operation = provider.collect(FUND, 5, "UGX", CARD)
    double.things[operation.reference]["amount_received"] = 550
    with pytest.raises(PaymentUnavailable, match="no whole amount"):
        provider.find(OperationKind.COLLECT, FUND, operation.reference)


@given(st.sampled_from(sorted(CURRENCY_EXPONENTS)), st.integers(min_value=0, max_value=10**12))
def test_what_is_sent_comes_back_the_same(currency: str, amount_minor: int) -> None:
    try:
        amount = adapter.to_stripe(amount_minor, currency)
    except CannotBeMoved:
        assert currency in UNLISTED or amount_minor % (100 if currency == "MGA" else 10)
    else:
        assert adapter.from_stripe(amount, currency) == amount_minor


# Keys.


@pytest.mark.parametrize(
    "wrong",
    [
        {"api_key": ""},
        {"api_key": "pk_test_0123456789"},
        {"livemode": True},
        {"api_key": "sk_live_0123456789"},
        {"webhook_secrets": []},
        {"webhook_secrets": [SECRET, ""]},
        {"platform_account": "somebody"},
        {"replace_all_of_this": "what-aws-made-up"},
    ],
)
def test_keys_that_cannot_be_right_are_refused_and_not_shown(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        keys(**wrong)
    shown = str(refused.value) + repr(keys())
    assert [secret for secret in (API_KEY, SECRET, "0123456789", "made-up") if secret in shown] == []


def test_keys_of_both_modes_and_kinds_are_taken() -> None:
    assert keys(api_key="rk_live_0123456789", livemode=True).livemode
    assert keys(api_key="rk_test_0123456789", platform_account=None).platform_account is None


# Webhooks. Signed here as docs.stripe.com/webhooks/signatures says, not by the package that verifies them.


def signed(body: str, secret: str = SECRET, at: datetime = NOW, scheme: str = "v1") -> dict[str, str]:
    timestamp = int(at.timestamp())
    digest = hmac.new(secret.encode(), f"{timestamp}.{body}".encode(), hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={timestamp},{scheme}={digest}"}


def event(kind: str = "payment_intent.succeeded", **changes: Any) -> str:
    subject = {"id": "pi_1", "object": "payment_intent", "metadata": {"transfer_id": FUND}}
    content = {"id": "evt_1", "object": "event", "type": kind, "livemode": False, "data": {"object": subject}}
    return json.dumps({**content, **changes})


def hint(body: str, **changes: Any) -> Hint:
    return StripeWebhooks(keys(**changes)).verify(signed(body), body, NOW)


def refusal(headers: dict[str, str], body: str, **changes: Any) -> str:
    with pytest.raises(WebhookRefused) as refused:
        StripeWebhooks(keys(**changes)).verify(headers, body, NOW)
    return str(refused.value)


@pytest.mark.parametrize(
    "kind",
    [
        *("payment_intent.succeeded", "payment_intent.payment_failed", "payment_intent.canceled"),
        *("payment_intent.processing", "charge.refund.updated", "refund.created", "refund.updated", "refund.failed"),
        *("transfer.created", "transfer.reversed", "transfer.updated"),
    ],
)
def test_an_event_about_money_names_the_operation(kind: str) -> None:
    assert hint(event(kind)) == Hint(event_id="evt_1", key=FUND, reference="pi_1")


def test_an_event_about_an_account_names_the_destination() -> None:
    about = {"object": {"id": STUDENT, "object": "account", "metadata": {"transfer_id": FUND}}}
    told = Hint(event_id="evt_1", destination=STUDENT)
    assert hint(event("account.updated", data=about, account=STUDENT)) == told
    assert hint(event("account.updated", data=about)) == told


@pytest.mark.parametrize(
    "body",
    [
        event("charge.succeeded"),
        event("payout.paid"),
        event(data={"object": {"id": "pi_1", "metadata": {}}}),
        event(data={"object": {"id": "pi_1", "metadata": None}}),
        event(data={"object": {"id": "pi_1", "metadata": {"transfer_id": "an order of something else"}}}),
        event("v2.core.event_destination.ping", object="v2.core.event", data={}),
        event("v1.billing.meter.no_meter_found", object="v2.core.event", data={"object": None}),
    ],
)
def test_an_event_about_nothing_of_ours_has_only_its_id(body: str) -> None:
    assert hint(body) == Hint(event_id="evt_1")


def test_an_unsigned_message_is_refused() -> None:
    assert refusal({}, event()) == "it is not signed"
    assert refusal({"stripe-signature": ""}, event()) == "it is not signed"


@pytest.mark.parametrize(
    "header",
    [
        "nonsense",
        "t=,v1=",
        "t=1930000000",
        f"t={int(NOW.timestamp())},v1=" + "0" * 64,
        f"t={int(NOW.timestamp())},v1=é",
        "t=" + "9" * 5_000 + ",v1=" + "0" * 64,
        signed(event(), scheme="v0")["Stripe-Signature"],
        signed(event(), secret="whsec_of_somebody_else")["Stripe-Signature"],
        signed(event(id="evt_2"))["Stripe-Signature"],
        signed(event(), at=NOW - timedelta(hours=1))["Stripe-Signature"].replace("t=19", "t=20"),
    ],
)
def test_a_forged_message_is_refused(header: str) -> None:
    assert refusal({"Stripe-Signature": header}, event()) == "its signature is not the provider's"


def test_a_body_that_is_no_text_is_refused() -> None:
    assert refusal({"Stripe-Signature": "t=1,v1=0"}, "\ud800") == "its signature is not the provider's"


@pytest.mark.parametrize("late_s", [-(10**6), -301, 301, 10**6])
def test_a_message_of_another_time_is_refused(late_s: int) -> None:
    body = event()
    headers = signed(body, at=NOW - timedelta(seconds=late_s))
    assert refusal(headers, body) == "it was signed more than 300 s from now"


@pytest.mark.parametrize("late_s", [-300, -1, 0, 300])
def test_a_message_may_be_a_little_late(late_s: int) -> None:
    body = event()
    headers = signed(body, at=NOW - timedelta(seconds=late_s))
    assert StripeWebhooks(keys()).verify(headers, body, NOW).key == FUND


def test_the_time_is_the_one_that_is_given_and_not_this_machines() -> None:
    body, long_ago = event(), NOW - timedelta(days=5_000)
    assert StripeWebhooks(keys()).verify(signed(body, at=long_ago), body, long_ago).key == FUND


def test_a_second_timestamp_does_not_make_it_young() -> None:
    body = event()
    old = signed(body, at=NOW - timedelta(hours=1))["Stripe-Signature"]
    young = f"t={int(NOW.timestamp())}"
    assert refusal({"Stripe-Signature": f"{old},{young}"}, body).startswith("it was signed more than")
    assert refusal({"Stripe-Signature": f"{young},{old}"}, body) == "its signature is not the provider's"


def test_old_and_new_secrets_hold_while_one_replaces_the_other() -> None:
    body = event()
    rolling = StripeWebhooks(keys(webhook_secrets=[SECRET, OLD_SECRET]))
    both = f"{signed(body)['Stripe-Signature']},{signed(body, OLD_SECRET)['Stripe-Signature'].partition(',')[2]}"
    for headers in (signed(body), signed(body, OLD_SECRET), {"STRIPE-SIGNATURE": both}):
        assert rolling.verify(headers, body, NOW).key == FUND
    assert refusal(signed(body, OLD_SECRET), body) == "its signature is not the provider's"


def test_a_message_of_the_wrong_mode_is_refused() -> None:
    live = event(livemode=True)
    assert refusal(signed(live), live) == "it is not of the test mode"
    body = event()
    assert refusal(signed(body), body, api_key="sk_live_0123456789", livemode=True) == "it is not of the live mode"
    without = event(livemode=None)
    assert refusal(signed(without), without) == "it is not of the test mode"


def test_a_message_of_another_account_is_refused() -> None:
    other = event(account="acct_other001")
    assert refusal(signed(other), other) == "it is for another account"
    assert refusal(signed(other), other, platform_account=None) == "it is for another account"
    about = {"object": {"id": STUDENT, "object": "account"}}
    unlike = event("account.updated", data=about, account="acct_other001")
    assert refusal(signed(unlike), unlike) == "it is for another account"
    assert hint(event(account=PLATFORM)).key == FUND


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        "null",
        "1",
        '{"id": 1}',
        event(id=None),
        event(type=7),
        event(data={"object": 7}),
        event(data={"object": {"id": 7}}),
        event(data=[]),
    ],
)
def test_a_signed_body_that_is_no_event_is_refused(body: str) -> None:
    assert refusal(signed(body), body) == "its body cannot be read"


def test_the_same_message_says_the_same_again() -> None:
    """Who receives it notes which events were applied; verifying changes nothing."""
    body = event()
    webhooks = StripeWebhooks(keys())
    assert len({webhooks.verify(signed(body), body, NOW) for _ in range(3)}) == 1

"""Stripe: PaymentIntents collect, Connect transfers pay out, refunds go back to the card.

Every object carries `metadata.transfer_id`, the key it was asked for under, and is found by it: Stripe itself forgets
an idempotency key after a day.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Literal

import stripe
from pydantic import Field

from microintern.domain.base import Frozen
from microintern.domain.ledger import brief_of_transfer
from microintern.domain.money import CURRENCY_EXPONENTS
from microintern.domain.payments import Hint, Operation, OperationKind, OperationStatus, Payee, PayoutStatus
from microintern.ports import KeyReused, PaymentUnavailable, WebhookRefused

API_VERSION = "2026-10-28.endive"
API_BASE = "https://api.stripe.com"
TIMEOUT_S = 8.0
MOST_RETRIES = 2
TOLERANCE_S = 300
_PAGE = 100

# Where Stripe counts a currency's smallest unit otherwise than ISO 4217: docs.stripe.com/currencies, "Zero-decimal
# currencies" and "Special cases" (read 2026-11).
_EXPONENTS = {"ISK": 2, "UGX": 2, "MGA": 0}
_LAST_DIGIT_ZERO = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})

_INTENT = {
    "succeeded": OperationStatus.SETTLED,
    "processing": OperationStatus.ACCEPTED,
    "requires_capture": OperationStatus.ACCEPTED,
}
_REFUND = {"succeeded": OperationStatus.SETTLED, "failed": OperationStatus.FAILED, "canceled": OperationStatus.FAILED}
_ASKS_FOR_MORE = "The card asks its owner to confirm; use another one, or confirm it first."
_HEARD = ("payment_intent.", "refund.", "charge.refund.", "transfer.")


class StripeKeys(Frozen):
    """What Stripe's dashboard shows: the secret key, and the signing secret of each webhook endpoint."""

    api_key: str = Field(min_length=1)
    webhook_secrets: list[str] = Field(min_length=1)
    livemode: bool
    platform_account: str | None = None
    """The platform's own account id, where webhooks name it."""


class Unrepresentable(Exception):
    """Stripe cannot move this amount of this currency; says why, for the person who chose it."""


def to_stripe(amount_minor: int, currency: str) -> int:
    """ISO 4217 minor units as Stripe counts them; raises Unrepresentable."""
    if currency in _LAST_DIGIT_ZERO and amount_minor % 10:
        raise Unrepresentable(f"In {currency}, Stripe moves only amounts whose last digit is zero.")
    theirs, ours = _units(currency)
    scaled, left = divmod(amount_minor * theirs, ours)
    if left:
        raise Unrepresentable(f"Stripe moves {currency} in whole units only.")
    return scaled


def from_stripe(amount: int, currency: str) -> int:
    """Stripe's amount in ISO 4217 minor units."""
    theirs, ours = _units(currency)
    return amount * ours // theirs


def _units(currency: str) -> tuple[int, int]:
    """How many of Stripe's and of ISO 4217's smallest units make one of the currency."""
    exponent = CURRENCY_EXPONENTS[currency]
    return int(10 ** _EXPONENTS.get(currency, exponent)), int(10**exponent)


@contextmanager
def _asking() -> Iterator[None]:
    """Stripe's errors as ours. Its messages stay here: they may quote a person's data."""
    try:
        yield
    except stripe.IdempotencyError as error:
        raise KeyReused("Stripe knows this key for another request") from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise PaymentUnavailable("Stripe does not accept the API key, or not for this; look at the secret") from error
    except (stripe.APIConnectionError, stripe.RateLimitError, stripe.APIError) as error:
        raise PaymentUnavailable(f"Stripe did not say what became of it: {type(error).__name__}") from error


class StripeProvider:
    """The PaymentProvider port."""

    name: Literal["stripe"] = "stripe"

    def __init__(self, keys: StripeKeys, api_base: str = API_BASE) -> None:
        http = stripe.RequestsClient(timeout=TIMEOUT_S)
        self._client = stripe.StripeClient(
            keys.api_key,
            stripe_version=API_VERSION,
            base_addresses={"api": api_base},
            max_network_retries=MOST_RETRIES,
            http_client=http,
        )

    def collect(self, key: str, amount_minor: int, currency: str, payment_method: str) -> Operation:
        """Charge the card without its owner being there; one that has to be confirmed is cancelled, and so failed."""
        try:
            params: Any = {
                **_money(key, amount_minor, currency),
                "payment_method": payment_method,
                "confirm": True,
                "off_session": True,
                # Nobody is there who could be sent to a bank's page and come back.
                "payment_method_types": ["card"],
            }
            with _asking():
                intent = self._client.v1.payment_intents.create(params, _once(key))
        except stripe.CardError as declined:
            return _declined(key, OperationKind.COLLECT, amount_minor, currency, declined)
        except (stripe.InvalidRequestError, Unrepresentable) as wrong:
            return _refused(key, OperationKind.COLLECT, amount_minor, currency, wrong)
        if intent.status == "requires_action":
            # It could be confirmed, and settle, long after the employer has been told that it failed.
            with _asking():
                intent = self._client.v1.payment_intents.cancel(intent.id)
        return _of_intent(intent)

    def pay_out(self, key: str, amount_minor: int, currency: str, destination: str, collected: str) -> Operation:
        """Transfer to the connected account, out of the very charge that was collected."""
        try:
            with _asking():
                charge = self._client.v1.payment_intents.retrieve(collected).latest_charge
                params: Any = {
                    **_money(key, amount_minor, currency),
                    "destination": destination,
                    "source_transaction": charge,
                    "transfer_group": brief_of_transfer(key),
                }
                return _of_transfer(self._client.v1.transfers.create(params, _once(key)))
        except (stripe.InvalidRequestError, Unrepresentable) as wrong:
            return _refused(key, OperationKind.PAY_OUT, amount_minor, currency, wrong)

    def refund(self, key: str, amount_minor: int, currency: str, collected: str) -> Operation:
        """Send part or all of what was collected back to the card."""
        try:
            money = _money(key, amount_minor, currency)
            # A refund is in the currency of its charge; naming one is an error.
            params: Any = {"payment_intent": collected, "amount": money["amount"], "metadata": money["metadata"]}
            with _asking():
                return _of_refund(self._client.v1.refunds.create(params, _once(key)))
        except (stripe.InvalidRequestError, Unrepresentable) as wrong:
            return _refused(key, OperationKind.REFUND, amount_minor, currency, wrong)

    def find(self, kind: OperationKind, key: str, reference: str | None = None) -> Operation | None:
        with _asking():
            match kind:
                case OperationKind.COLLECT:
                    found = self._intents(key, reference)
                case OperationKind.PAY_OUT:
                    listed = self._client.v1.transfers.list({"transfer_group": brief_of_transfer(key), "limit": _PAGE})
                    found = (_of_transfer(transfer) for transfer in listed.auto_paging_iter() if _key(transfer))
                case OperationKind.REFUND:
                    found = self._refunds(key)
            return next((operation for operation in found if operation.key == key), None)

    def payee(self, destination: str) -> Payee:
        """A connected account is ready when it may receive transfers and Stripe pays it out."""
        try:
            with _asking():
                account = self._client.v1.accounts.retrieve(destination)
        except stripe.InvalidRequestError:
            reason = "Stripe knows no such account of this platform."
            return Payee(destination=destination, status=PayoutStatus.BLOCKED, reason=reason)
        about = account.to_dict()
        transfers = (about.get("capabilities") or {}).get("transfers")
        if transfers == "active" and about.get("payouts_enabled"):
            return Payee(destination=destination, status=PayoutStatus.READY)
        disabled = (about.get("requirements") or {}).get("disabled_reason") or ""
        if disabled.startswith("rejected"):
            reason = "Stripe has closed this account to payouts."
            return Payee(destination=destination, status=PayoutStatus.BLOCKED, reason=reason)
        reason = "Stripe still needs details of the account holder; complete them with Stripe."
        return Payee(destination=destination, status=PayoutStatus.PENDING, reason=reason)

    def operations(self, since: datetime) -> Iterator[Operation]:
        created: Any = {"created": {"gte": int(since.timestamp())}, "limit": _PAGE}
        with _asking():
            for intent in self._client.v1.payment_intents.list(created).auto_paging_iter():
                if _key(intent):
                    yield _of_intent(intent)
            for transfer in self._client.v1.transfers.list(created).auto_paging_iter():
                if _key(transfer):
                    yield _of_transfer(transfer)
            for refund in self._client.v1.refunds.list(created).auto_paging_iter():
                if _key(refund):
                    yield _of_refund(refund)

    def _intents(self, key: str, reference: str | None) -> Iterator[Operation]:
        """By Stripe's id where it is known, else by search, which sees what is new within a minute."""
        if reference:
            yield _of_intent(self._client.v1.payment_intents.retrieve(reference))
            return
        # What is younger than the search's delay is found by the key that it was made under.
        found = self._client.v1.payment_intents.search({"query": f"metadata['transfer_id']:'{key}'"})
        yield from (_of_intent(intent) for intent in found.auto_paging_iter())

    def _refunds(self, key: str) -> Iterator[Operation]:
        """Refunds are listed by what they refund: the intents of the same brief."""
        group = f"metadata['brief_id']:'{brief_of_transfer(key)}'"
        for intent in self._client.v1.payment_intents.search({"query": group}).auto_paging_iter():
            listed = self._client.v1.refunds.list({"payment_intent": intent.id, "limit": _PAGE})
            yield from (_of_refund(refund) for refund in listed.auto_paging_iter() if _key(refund))


class StripeWebhooks:
    """The Webhooks port, for the platform's own endpoint and for that of its connected accounts."""

    def __init__(self, keys: StripeKeys) -> None:
        self._keys = keys

    def verify(self, headers: Mapping[str, str], body: str, now: datetime) -> Hint:
        given = {name.lower(): value for name, value in headers.items()}
        signature = given.get("stripe-signature", "")
        if not any(_is_signed(body, signature, secret) for secret in self._keys.webhook_secrets):
            raise WebhookRefused("its signature is not the provider's" if signature else "it is not signed")
        if abs(now.timestamp() - _signed_at(signature)) > TOLERANCE_S:
            raise WebhookRefused(f"it was signed more than {TOLERANCE_S} s from now")
        try:
            event = dict(json.loads(body))
            kind, event_id, about = str(event["type"]), str(event["id"]), dict(event["data"]["object"])
        except (ValueError, KeyError, TypeError) as error:
            raise WebhookRefused("its body cannot be read") from error
        self._check_ours(event, kind)
        if kind == "account.updated":
            return Hint(event_id=event_id, destination=about.get("id"))
        key = (about.get("metadata") or {}).get("transfer_id")
        if not kind.startswith(_HEARD) or not isinstance(key, str):
            return Hint(event_id=event_id)
        return Hint(event_id=event_id, key=key, reference=about.get("id"))

    def _check_ours(self, event: dict[str, Any], kind: str) -> None:
        """Events of connected accounts name them; of those, only their own standing is of interest here."""
        if event.get("livemode") is not self._keys.livemode:
            raise WebhookRefused("it is of the other mode, live or test")
        account = event.get("account")
        if account and account != self._keys.platform_account and kind != "account.updated":
            raise WebhookRefused("it is for another account")


def _money(key: str, amount_minor: int, currency: str) -> dict[str, Any]:
    return {
        "amount": to_stripe(amount_minor, currency),
        "currency": currency.lower(),
        "metadata": {"transfer_id": key, "brief_id": brief_of_transfer(key)},
    }


def _once(key: str) -> Any:
    return {"idempotency_key": key}


def _key(found: stripe.StripeObject) -> str | None:
    key = (found.to_dict().get("metadata") or {}).get("transfer_id")
    return str(key) if key else None


def _of_intent(intent: stripe.PaymentIntent) -> Operation:
    status = _INTENT.get(intent.status, OperationStatus.FAILED)
    error = intent.to_dict().get("last_payment_error") or {}
    code = error.get("decline_code") or error.get("code") or intent.status
    reason = _ASKS_FOR_MORE if code in ("authentication_required", "requires_action") else f"The card failed: {code}."
    return _operation(OperationKind.COLLECT, intent, status, reason)


def _of_transfer(transfer: stripe.Transfer) -> Operation:
    status = OperationStatus.FAILED if transfer.reversed else OperationStatus.SETTLED
    return _operation(OperationKind.PAY_OUT, transfer, status, "The transfer was reversed.")


def _of_refund(refund: stripe.Refund) -> Operation:
    status = _REFUND.get(refund.status or "", OperationStatus.ACCEPTED)
    reason = f"The refund failed: {refund.to_dict().get('failure_reason') or refund.status}."
    return _operation(OperationKind.REFUND, refund, status, reason)


def _operation(kind: OperationKind, found: Any, status: OperationStatus, reason: str) -> Operation:
    currency = found.currency.upper()
    return Operation(
        key=_key(found) or "",
        kind=kind,
        status=status,
        amount_minor=from_stripe(found.amount, currency),
        currency=currency,
        reference=found.id,
        reason=reason if status is OperationStatus.FAILED else None,
        at=datetime.fromtimestamp(found.created, UTC),
    )


def _declined(key: str, kind: OperationKind, amount_minor: int, currency: str, error: stripe.CardError) -> Operation:
    """What a declined card answers; the intent that Stripe made all the same can be found by its metadata."""
    body: Any = error.json_body or {}
    code = body.get("error", {}).get("decline_code") or error.code or "declined"
    intent = body.get("error", {}).get("payment_intent") or {}
    reason = _ASKS_FOR_MORE if code == "authentication_required" else f"The card failed: {code}."
    return _failed(key, kind, amount_minor, currency, str(intent.get("id") or "none"), reason)


def _refused(key: str, kind: OperationKind, amount_minor: int, currency: str, error: Exception) -> Operation:
    """What Stripe will not do as it was asked, whenever it is asked."""
    code = getattr(error, "code", None)
    reason = str(error) if isinstance(error, Unrepresentable) else f"Stripe refused it: {code or 'invalid request'}."
    return _failed(key, kind, amount_minor, currency, "none", reason)


def _failed(key: str, kind: OperationKind, amount_minor: int, currency: str, reference: str, reason: str) -> Operation:
    return Operation(
        key=key,
        kind=kind,
        status=OperationStatus.FAILED,
        amount_minor=amount_minor,
        currency=currency,
        reference=reference,
        reason=reason,
        at=datetime.now(UTC),
    )


def _is_signed(body: str, signature: str, secret: str) -> bool:
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret)
    except stripe.SignatureVerificationError:
        return False
    return True


def _signed_at(signature: str) -> float:
    """The time that a header whose signature was verified names."""
    return float(next(part.partition("=")[2] for part in signature.split(",") if part.startswith("t=")))

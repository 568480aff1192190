"""Stripe: PaymentIntents collect, Connect transfers pay out, refunds give back.

Everything that is asked for carries `metadata.transfer_id`, the operation's key, and is asked for under the key as
Stripe's idempotency key. Stripe forgets that one after a day; by then what it did is found by its metadata. Until then
asking again answers as the first time, so a search that runs behind costs nothing.

What Stripe's account needs: Connect with separate charges and transfers, a balance in every currency that briefs are
paid in (`source_transaction` cannot convert), and not to be in India, where there is no search. A restricted key needs:
read PaymentMethods, Charges and Accounts; write PaymentIntents, Refunds and Transfers.

Sources, read in November 2026: docs.stripe.com/currencies, /api/idempotent_requests, /api/payment_intents/search,
/connect/separate-charges-and-transfers, /connect/webhooks, /error-codes, /declines/codes.
"""

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol, Self, TypeVar

import stripe
from pydantic import ConfigDict, Field, StringConstraints, model_validator

from microintern.domain.base import Frozen
from microintern.domain.ledger import brief_of_transfer
from microintern.domain.money import CURRENCY_EXPONENTS, written
from microintern.domain.payments import Hint, Operation, OperationKind, OperationStatus, Payee, PayoutStatus
from microintern.ports.payments import KeyReused, PaymentUnavailable, WebhookRefused

if TYPE_CHECKING:
    from stripe.params import PaymentIntentCreateParams

T = TypeVar("T")

API_VERSION = "2026-10-28.endive"
"""The shapes that this module was written for; the account's own default plays no part."""
API_BASE = "https://api.stripe.com"
CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 8.0
RETRIES = 1
"""Of what was lost on the way, under the same key: a connection that Lambda froze is often gone."""
TOLERANCE_S = 300
_PAGE = 100
_NO_REFERENCE = "none"

# At INFO, Stripe's package logs what Stripe says of a request that failed: it may name people.
logging.getLogger("stripe").setLevel(logging.WARNING)


class StripeKeys(Frozen):
    """The secret that whoever deploys this fills in; an error about it shows nothing of it."""

    model_config = ConfigDict(hide_input_in_errors=True)

    api_key: Annotated[str, StringConstraints(pattern=r"^(sk|rk)_(live|test)_\w+$")] = Field(repr=False)
    """Secret, or restricted to what the module's docstring lists."""
    webhook_secrets: list[Annotated[str, StringConstraints(pattern=r"^whsec_\S{8,}$")]] = Field(
        min_length=1, repr=False
    )
    """One for each endpoint (the account's own, and that for connected accounts), and old ones while they roll."""
    livemode: bool
    """Whether real money moves."""
    platform_account: Annotated[str, StringConstraints(pattern=r"^acct_\w+$")] | None = None
    """The platform's own account: no student can be paid there."""

    @model_validator(mode="after")
    def _key_is_of_the_mode(self) -> Self:
        if self.livemode != ("_live_" in self.api_key[:8]):
            raise ValueError("the API key is not of the mode (live or test) that `livemode` says")
        return self


_STRIPE_EXPONENTS = {"ISK": 2, "UGX": 2, "MGA": 0}
_STEPS_MINOR = {"BHD": 10, "JOD": 10, "KWD": 10, "OMR": 10, "TND": 10, "MGA": 100}
_NOT_AT_STRIPE = frozenset({"CLF", "IQD", "LYD", "UYI", "UYW"})


class CannotBeMoved(Exception):
    """Stripe moves no such amount; says why in words."""


def to_stripe(amount_minor: int, currency: str) -> int:
    """An amount in ISO 4217 minor units in the units that Stripe's API takes; CannotBeMoved for what it lacks.

    The two differ where docs.stripe.com/currencies says so: ISK and UGX have no minor unit but are written with two
    decimals that are 00 (UGX is on the page's zero-decimal list as well: the special case has the example), MGA is
    written without decimals, and the last digit of a three-decimal amount must be 0. HUF and TWD are whole only in
    payouts to a bank, which Stripe makes of its own accord; a transfer may have decimals. For the codes that Stripe
    has not got and ISO gives other than two decimals, no scale is documented.
    """
    if currency in _NOT_AT_STRIPE:
        raise CannotBeMoved(f"Stripe does not move {currency}.")
    step_minor = _STEPS_MINOR.get(currency, 1)
    if amount_minor % step_minor:
        raise CannotBeMoved(f"Stripe moves {currency} in steps of {written(step_minor, currency)} only.")
    theirs, ours = _units(currency)
    return amount_minor * theirs // ours


def from_stripe(amount: int, currency: str) -> int:
    """Stripe's amount in ISO 4217 minor units; PaymentUnavailable for a fraction of one, which was never asked for."""
    theirs, ours = _units(currency)
    amount_minor, fraction = divmod(amount * ours, theirs)
    if fraction:
        raise PaymentUnavailable(f"Stripe has {amount} {currency} in its units, which is no whole amount: have a look")
    return amount_minor


def _units(currency: str) -> tuple[int, int]:
    """How many of Stripe's and of ISO 4217's smallest units one of the currency is."""
    exponent = CURRENCY_EXPONENTS[currency]
    return int(10 ** _STRIPE_EXPONENTS.get(currency, exponent)), int(10**exponent)


_DECLINED = "The payment method was declined."
_CONFIRM = "The bank wants the card's owner to confirm the payment. Use another payment method."
_NOT_COMPLETED = "The payment was declined, or the bank wanted the card's owner to confirm it."
_WHY_REFUSED = {
    "authentication_required": _CONFIRM,
    "payment_intent_authentication_failure": _CONFIRM,
    "insufficient_funds": "There is not enough money on the payment method.",
    "expired_card": "The card has expired.",
    "incorrect_cvc": "The card's security code is wrong.",
    "invalid_cvc": "The card's security code is wrong.",
    "incorrect_number": "The card's number is wrong.",
    "invalid_number": "The card's number is wrong.",
    "card_velocity_exceeded": "The card's limit has been reached.",
    "withdrawal_count_limit_exceeded": "The card's limit has been reached.",
    "currency_not_supported": "The payment method cannot pay in this currency.",
    "card_not_supported": "The card cannot pay for this.",
    "issuer_not_available": "The card's bank could not be reached. Try again later.",
    "processing_error": "The card's bank had a problem. Try again later.",
    "try_again_later": "The card's bank had a problem. Try again later.",
    "amount_too_small": "The amount is smaller than Stripe takes.",
    "amount_too_large": "The amount is larger than Stripe takes.",
    "charge_already_refunded": "The payment was refunded before.",
    "charge_disputed": "The card's owner disputes the payment, and the bank holds the money.",
    "balance_insufficient": "The platform's balance at Stripe is too low.",
    "insufficient_capabilities_for_transfer": "Stripe does not let the account receive money.",
    "transfers_not_allowed": "Stripe does not let the account receive money.",
    "account_closed": "The account is closed.",
    "account_invalid": "Stripe knows no such account of this platform.",
}
# Stripe asks its users not to tell a thief that a card was reported: what is not listed is simply declined.
_WHY_MISSING = {
    "destination": "Stripe knows no such account of this platform.",
    "payment_method": "Stripe knows no such payment method.",
    "payment_intent": "Stripe knows no such payment.",
}
_OF_DESTINATION = frozenset(
    {"insufficient_capabilities_for_transfer", "transfers_not_allowed", "account_closed", "account_invalid"}
)


class _Refused(Exception):
    """Stripe refuses this, and would again. Holds ids and codes only, as Stripe's own words may name people."""

    def __init__(self, error: stripe.StripeError) -> None:
        super().__init__(_where(error))
        details = error.error
        self.code = _code(error)
        self.param = (details.param if details else None) or ""
        self.is_decline = isinstance(error, stripe.CardError)
        self.decline_code = (details.decline_code if details else None) or ""
        intent = details.payment_intent if details else None
        self.intent_id = intent.id if intent else None
        self.request_id = error.request_id or _NO_REFERENCE

    @property
    def is_of_destination(self) -> bool:
        """Whether it is the fault of the account that was to be paid."""
        return self.param == "destination" or self.code in _OF_DESTINATION

    @property
    def reason(self) -> str:
        """Why, in words for whoever can do something about it."""
        if self.is_decline:
            return _why_declined(self.decline_code, self.code)
        if self.code == "resource_missing" and self.param in _WHY_MISSING:
            return _WHY_MISSING[self.param]
        return _WHY_REFUSED.get(self.code, f"Stripe refused it ({self.code or 'without a code'}).")


class _OtherParameters(Exception):
    """The key was used before, with something else in the request."""


def _asked(call: Callable[[], T]) -> T:
    """What Stripe answers. Raises _Refused, _OtherParameters, or PaymentUnavailable when asking again may help.

    None of them carries Stripe's own words, nor does the traceback.
    """
    try:
        return call()
    except (stripe.CardError, stripe.InvalidRequestError) as error:
        raise _Refused(error) from None
    except stripe.IdempotencyError as error:
        if _code(error) == "idempotency_key_in_use":
            raise PaymentUnavailable(f"Stripe is still at this key: {_where(error)}") from None
        raise _OtherParameters(_where(error)) from None
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        if _code(error) == "account_invalid":
            raise _Refused(error) from None
        unfit = "Stripe does not accept the API key, or not for this; somebody must look at the provider's secret"
        raise PaymentUnavailable(f"{unfit}: {_where(error)}") from None
    except stripe.StripeError as error:
        raise PaymentUnavailable(f"Stripe did not say what became of it: {_where(error)}") from None


def _read(call: Callable[[], T]) -> T:
    """What Stripe answers to what it cannot well refuse; PaymentUnavailable if it does, and somebody must look."""
    try:
        return _asked(call)
    except _Refused as refused:
        raise PaymentUnavailable(f"Stripe does not show what it must know, somebody must look: {refused}") from None


def _code(error: stripe.StripeError) -> str:
    code = error.code or (error.error.code if error.error else None) or ""
    return code if re.fullmatch(r"[a-z0-9_]{1,80}", code) else ""


def _where(error: stripe.StripeError) -> str:
    """What Stripe's support can find it by."""
    status = error.http_status or "no answer"
    return f"{type(error).__name__}, {status}, {_code(error) or 'no code'}, request {error.request_id or 'unknown'}"


def _why_declined(*codes: str | None) -> str:
    return next((_WHY_REFUSED[code] for code in codes if code in _WHY_REFUSED), _DECLINED)


@dataclass(frozen=True)
class _Wanted:
    """What is asked for; amounts are in ISO 4217 minor units."""

    kind: OperationKind
    key: str
    amount_minor: int
    currency: str

    @property
    def metadata(self) -> dict[str, str]:
        return {"transfer_id": self.key}

    @property
    def stripe_amount(self) -> int:
        return to_stripe(self.amount_minor, self.currency)

    def failed(self, reason: str, reference: str = _NO_REFERENCE) -> Operation:
        """The operation that never came to be."""
        return Operation(
            key=self.key,
            kind=self.kind,
            status=OperationStatus.FAILED,
            amount_minor=self.amount_minor,
            currency=self.currency,
            reference=reference,
            reason=reason,
            at=datetime.now(UTC),
        )


_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}#[a-z]+(#[0-9]+)?")

_REFUND_STATUS = {
    "succeeded": OperationStatus.SETTLED,
    "failed": OperationStatus.FAILED,
    "canceled": OperationStatus.FAILED,
}
_WHY_NOT_REFUNDED = {
    "lost_or_stolen_card": "The card was reported as lost.",
    "expired_or_canceled_card": "The card is no longer in use.",
    "charge_for_pending_refund_disputed": "The card's owner disputes the payment, and the bank holds the money.",
    "insufficient_funds": "The platform's balance at Stripe is too low.",
    "declined": "The bank declined the refund.",
    "merchant_request": "The refund was cancelled at Stripe.",
}


class _Moved(Protocol):
    """What PaymentIntents, transfers and refunds have in common."""

    id: str
    currency: str
    created: int


def _key_of(moved: object) -> str | None:
    """The key of an operation of ours; None for whatever else the account is used for."""
    key = getattr(getattr(moved, "metadata", None), "transfer_id", None)
    return key if isinstance(key, str) and _KEY.fullmatch(key) else None


def _operation(moved: _Moved, kind: OperationKind, status: OperationStatus, amount: int, reason: str) -> Operation:
    currency = moved.currency.upper()
    return Operation(
        key=_key_of(moved) or "",
        kind=kind,
        status=status,
        amount_minor=from_stripe(amount, currency),
        currency=currency,
        reference=moved.id,
        reason=reason if status is OperationStatus.FAILED else None,
        at=datetime.fromtimestamp(moved.created, UTC),
    )


def _collection(intent: stripe.PaymentIntent) -> Operation:
    """Only `succeeded` and `canceled` are final: all others can still be confirmed by whoever has the client secret."""
    status = OperationStatus.ACCEPTED
    amount = intent.amount
    if intent.status == "succeeded":
        status, amount = OperationStatus.SETTLED, intent.amount_received
    elif intent.status == "canceled":
        status = OperationStatus.FAILED
    return _operation(intent, OperationKind.COLLECT, status, amount, _why_not_collected(intent))


def _why_not_collected(intent: stripe.PaymentIntent) -> str:
    error = intent.last_payment_error
    if error:
        return _why_declined(getattr(error, "decline_code", None), getattr(error, "code", None))
    if intent.status == "requires_action":
        return _CONFIRM
    abandoned = getattr(intent, "cancellation_reason", None) == "abandoned"
    return _NOT_COMPLETED if abandoned else "The payment was cancelled at Stripe."


def _payout(transfer: stripe.Transfer) -> Operation:
    """A transfer is done when it is made. One that was taken back in part is less than was asked for."""
    status = OperationStatus.FAILED if transfer.reversed else OperationStatus.SETTLED
    amount = transfer.amount if transfer.reversed else transfer.amount - transfer.amount_reversed
    reason = "The transfer was reversed at Stripe."
    made = _operation(transfer, OperationKind.PAY_OUT, status, amount, reason)
    return made.model_copy(update={"destination": _id_of(transfer.destination)})


def _refund(refund: stripe.Refund) -> Operation:
    status = _REFUND_STATUS.get(refund.status or "", OperationStatus.ACCEPTED)
    why = (
        "The refund was cancelled at Stripe." if refund.status == "canceled" else "The bank could not take the refund."
    )
    reason = _WHY_NOT_REFUNDED.get(getattr(refund, "failure_reason", None) or "", why)
    return _operation(refund, OperationKind.REFUND, status, refund.amount, reason)


def _id_of(reference: str | object | None) -> str | None:
    """The id of what Stripe names by its id, or shows whole."""
    return reference if isinstance(reference, str) else getattr(reference, "id", None)


def _is_replay(answered: stripe.StripeObject) -> bool:
    """Whether Stripe repeated what it had answered the first time: it may be otherwise by now."""
    response = answered.last_response
    return response is not None and response.headers.get("Idempotent-Replayed") == "true"


def _paged(listed: Callable[[], stripe.ListObject[Any]]) -> Iterator[Any]:
    """Everything that a list has, page by page."""
    items = _read(listed).auto_paging_iter()
    while (item := _read(lambda: next(items, None))) is not None:
        yield item


def _referred(retrieve: Callable[[str], T], reference: str | None, key: str) -> T | None:
    """What has this reference, if it is the operation of this key."""
    if not reference or reference == _NO_REFERENCE:
        return None
    try:
        found = _asked(lambda: retrieve(reference))
    except _Refused:
        return None
    return found if _key_of(found) == key else None


class StripeProvider:
    """The PaymentProvider port."""

    name: Literal["stripe"] = "stripe"

    def __init__(
        self,
        keys: Callable[[], StripeKeys],
        api_base: str = API_BASE,
        timeout_s: tuple[float, float] = (CONNECT_TIMEOUT_S, READ_TIMEOUT_S),
        retries: int = RETRIES,
    ) -> None:
        """`keys` are asked for anew at each call: they may have been replaced. Tests come with their own `api_base`.

        `timeout_s` is for connecting and for reading.
        """
        self._keys = keys
        self._api_base, self._retries = api_base, retries
        # Of Stripe's own clients, the one on the standard library has no timeout. Connections outlive a key.
        self._http = stripe.RequestsClient(timeout=timeout_s)

    @property
    def _v1(self) -> stripe.V1Services:
        client = stripe.StripeClient(
            self._keys().api_key,
            stripe_version=API_VERSION,
            base_addresses={"api": self._api_base},
            max_network_retries=self._retries,
            http_client=self._http,
        )
        return client.v1

    @property
    def _platform_account(self) -> str | None:
        return self._keys().platform_account

    def collect(self, key: str, amount_minor: int, currency: str, payment_method: str) -> Operation:
        """Charge a saved payment method while its owner is away. What they would have to confirm is cancelled."""
        wanted = _Wanted(OperationKind.COLLECT, key, amount_minor, currency)
        return self._once(wanted, lambda: self._collect(wanted, payment_method))

    def pay_out(self, key: str, amount_minor: int, currency: str, destination: str, collected: str) -> Operation:
        """Transfer to a connected account, out of the charge itself: it cannot outrun the money.

        Failed means that this account cannot be paid. What is no fault of the account's is PaymentUnavailable.
        """
        wanted = _Wanted(OperationKind.PAY_OUT, key, amount_minor, currency)
        return self._once(wanted, lambda: self._pay_out(wanted, destination, collected))

    def refund(self, key: str, amount_minor: int, currency: str, collected: str) -> Operation:
        """Give back part or all of a payment, in its own currency."""
        wanted = _Wanted(OperationKind.REFUND, key, amount_minor, currency)
        return self._once(wanted, lambda: self._refund(wanted, collected))

    def find(self, kind: OperationKind, key: str, reference: str | None = None) -> Operation | None:
        """What became of an operation. A collection that waits for somebody is cancelled, so that the answer holds."""
        match kind:
            case OperationKind.COLLECT:
                intent = self._find_intent(key, reference)
                return self._seen_to_its_end(intent) if intent else None
            case OperationKind.PAY_OUT:
                transfer = _referred(self._v1.transfers.retrieve, reference, key) or self._find_transfer(key)
                return _payout(transfer) if transfer else None
            case OperationKind.REFUND:
                refund = _referred(self._v1.refunds.retrieve, reference, key) or self._find_refund(key)
                return _refund(refund) if refund else None

    def of_brief(self, kind: OperationKind, brief_id: str) -> list[Operation]:
        """By lists only, which show what is a moment old: what has no charge moved no money, and is left out."""
        match kind:
            case OperationKind.COLLECT:
                intents = (charge.payment_intent for charge in self._charges(brief_id))
                ours = {i.id: i for i in intents if isinstance(i, stripe.PaymentIntent) and _key_of(i)}
                return [_collection(intent) for intent in ours.values()]
            case OperationKind.PAY_OUT:
                listed = _paged(lambda: self._v1.transfers.list({"transfer_group": brief_id, "limit": _PAGE}))
                return [_payout(transfer) for transfer in listed if _key_of(transfer)]
            case OperationKind.REFUND:
                paid = [charge.id for charge in self._charges(brief_id) if charge.paid]
                refunds = (refund for charge_id in paid for refund in self._refunds_of(charge_id))
                return [_refund(refund) for refund in refunds if _key_of(refund)]

    def payee(self, destination: str) -> Payee:
        """Whether a connected account can receive transfers, and Stripe pays them out to its owner."""
        if not re.fullmatch(r"acct_\w+", destination) or destination == self._platform_account:
            reason = "This is not the id of a Stripe account that you can be paid on; it begins with acct_."
            return Payee(destination=destination, status=PayoutStatus.BLOCKED, reason=reason)
        try:
            account = _asked(lambda: self._v1.accounts.retrieve(destination))
        except _Refused:
            reason = "Stripe knows no such account of this platform."
            return Payee(destination=destination, status=PayoutStatus.BLOCKED, reason=reason)
        status, reason_why = _standing(account)
        return Payee(destination=destination, status=status, reason=reason_why)

    def operations(self, since: datetime) -> Iterator[Operation]:
        """Every collection, payout and refund of ours created since then, in no order; shows them and ends none."""
        since_s = int(since.timestamp())
        for intent in _paged(lambda: self._v1.payment_intents.list({"created": {"gte": since_s}, "limit": _PAGE})):
            if _key_of(intent):
                yield _collection(intent)
        for transfer in _paged(lambda: self._v1.transfers.list({"created": {"gte": since_s}, "limit": _PAGE})):
            if _key_of(transfer):
                yield _payout(transfer)
        for refund in _paged(lambda: self._v1.refunds.list({"created": {"gte": since_s}, "limit": _PAGE})):
            if _key_of(refund):
                yield _refund(refund)

    def _once(self, wanted: _Wanted, ask: Callable[[], Operation]) -> Operation:
        """Ask; what is refused has failed. A key may come with another party, but not with other money."""
        try:
            return ask()
        except CannotBeMoved as impossible:
            return wanted.failed(str(impossible))
        except _Refused as refused:
            if wanted.kind is OperationKind.PAY_OUT and not refused.is_of_destination:
                raise PaymentUnavailable(f"Stripe refuses the transfer, somebody must look: {refused}") from None
            return wanted.failed(refused.reason, refused.request_id)
        except _OtherParameters:
            found = self.find(wanted.kind, wanted.key)
            if found is None or (found.amount_minor, found.currency) != (wanted.amount_minor, wanted.currency):
                raise KeyReused(f"{wanted.key} stands for another operation; take a new key") from None
            return found

    def _collect(self, wanted: _Wanted, payment_method: str) -> Operation:
        amount = wanted.stripe_amount
        method = _asked(lambda: self._v1.payment_methods.retrieve(payment_method))
        params: PaymentIntentCreateParams = {
            "amount": amount,
            "currency": wanted.currency.lower(),
            "payment_method": payment_method,
            "confirm": True,
            "off_session": True,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "transfer_group": brief_of_transfer(wanted.key),
            "metadata": wanted.metadata,
        }
        if customer := _id_of(method.customer):
            # A payment method that was saved for a customer can be charged for that customer only.
            params["customer"] = customer
        try:
            intent = _asked(lambda: self._v1.payment_intents.create(params, {"idempotency_key": wanted.key}))
        except _Refused as refused:
            if (intent_id := refused.intent_id) is None:
                raise
            declined = _read(lambda: self._v1.payment_intents.retrieve(intent_id))
            return self._seen_to_its_end(declined, refused.reason)
        if _is_replay(intent):
            intent = _read(lambda: self._v1.payment_intents.retrieve(intent.id))
        return self._seen_to_its_end(intent)

    def _seen_to_its_end(self, intent: stripe.PaymentIntent, reason: str | None = None) -> Operation:
        """Cancel a collection that waits for somebody: confirmed later, it would settle after it was called failed."""
        why = reason or _why_not_collected(intent)
        if intent.status.startswith("requires_"):
            intent = self._cancelled(intent.id)
        operation = _collection(intent)
        return operation.model_copy(update={"reason": why}) if operation.status is OperationStatus.FAILED else operation

    def _cancelled(self, intent_id: str) -> stripe.PaymentIntent:
        """The PaymentIntent after the attempt to cancel it; it may have moved on just before."""
        try:
            return _asked(lambda: self._v1.payment_intents.cancel(intent_id, {"cancellation_reason": "abandoned"}))
        except _Refused:
            return _read(lambda: self._v1.payment_intents.retrieve(intent_id))

    def _pay_out(self, wanted: _Wanted, destination: str, collected: str) -> Operation:
        amount = wanted.stripe_amount
        intent = _read(lambda: self._v1.payment_intents.retrieve(collected))
        charge = _id_of(intent.latest_charge)
        if intent.status != "succeeded" or charge is None:
            raise PaymentUnavailable(f"Stripe has {collected} as {intent.status}: there is nothing to pay out of")
        transfer = _asked(
            lambda: self._v1.transfers.create(
                {
                    "amount": amount,
                    "currency": wanted.currency.lower(),
                    "destination": destination,
                    "source_transaction": charge,
                    "transfer_group": brief_of_transfer(wanted.key),
                    "metadata": wanted.metadata,
                },
                {"idempotency_key": wanted.key},
            )
        )
        if _is_replay(transfer):
            transfer = _read(lambda: self._v1.transfers.retrieve(transfer.id))
        return _payout(transfer)

    def _refund(self, wanted: _Wanted, collected: str) -> Operation:
        amount = wanted.stripe_amount
        refund = _asked(
            lambda: self._v1.refunds.create(
                {"payment_intent": collected, "amount": amount, "metadata": wanted.metadata},
                {"idempotency_key": wanted.key},
            )
        )
        if _is_replay(refund):
            refund = _read(lambda: self._v1.refunds.retrieve(refund.id))
        return _refund(refund)

    def _find_intent(self, key: str, reference: str | None) -> stripe.PaymentIntent | None:
        """By reference; by the brief's charges, which are listed at once; last by search, up to an hour behind.

        Only a collection without a charge needs the search, and of those no money has moved.
        """
        if referred := _referred(self._v1.payment_intents.retrieve, reference, key):
            return referred
        for charge in self._charges(key):
            intent = charge.payment_intent
            if isinstance(intent, stripe.PaymentIntent) and _key_of(intent) == key:
                return intent
        query = f"metadata['transfer_id']:'{key}'"
        found = _read(lambda: self._v1.payment_intents.search({"query": query, "limit": _PAGE}))
        # The search does not tell cases apart, and may show what it was a while ago.
        exact = next((intent for intent in found.data if _key_of(intent) == key), None)
        return _read(lambda: self._v1.payment_intents.retrieve(exact.id)) if exact else None

    def _find_transfer(self, key: str) -> stripe.Transfer | None:
        brief_id = brief_of_transfer(key)
        listed: Iterator[stripe.Transfer] = _paged(
            lambda: self._v1.transfers.list({"transfer_group": brief_id, "limit": _PAGE})
        )
        return next((transfer for transfer in listed if _key_of(transfer) == key), None)

    def _find_refund(self, key: str) -> stripe.Refund | None:
        """Refunds are listed by what they refund: the brief's charges that went through."""
        for charge_id in [charge.id for charge in self._charges(key) if charge.paid]:
            listed: Iterator[stripe.Refund] = self._refunds_of(charge_id)
            if found := next((refund for refund in listed if _key_of(refund) == key), None):
                return found
        return None

    def _refunds_of(self, charge_id: str) -> Iterator[stripe.Refund]:
        return _paged(lambda: self._v1.refunds.list({"charge": charge_id, "limit": _PAGE}))

    def _charges(self, key: str) -> Iterator[stripe.Charge]:
        """The charges of the brief that the key belongs to, each with its PaymentIntent."""
        brief_id = brief_of_transfer(key)
        return _paged(
            lambda: self._v1.charges.list(
                {"transfer_group": brief_id, "limit": _PAGE, "expand": ["data.payment_intent"]}
            )
        )


_WHY_PENDING = {
    "requirements.past_due": "Stripe is waiting for details of the account's owner that are overdue.",
    "requirements.pending_verification": "Stripe is checking the details of the account's owner.",
    "under_review": "Stripe is reviewing the account.",
    "listed": "Stripe is checking the account's owner against a list.",
    "platform_paused": "The platform has paused the account.",
    "action_required.requested_capabilities": "The account has not been set up to receive transfers.",
}


def _standing(account: stripe.Account) -> tuple[PayoutStatus, str | None]:
    """Whether a connected account can be paid, and in words for its owner why not."""
    requirements = account.requirements
    disabled = (getattr(requirements, "disabled_reason", None) if requirements else None) or ""
    if disabled.startswith("rejected."):
        return PayoutStatus.BLOCKED, "Stripe has rejected the account. Ask Stripe why, or name another one."
    transfers = getattr(account.capabilities, "transfers", None)
    if transfers == "active" and account.payouts_enabled and not disabled:
        return PayoutStatus.READY, None
    if disabled in _WHY_PENDING:
        return PayoutStatus.PENDING, _WHY_PENDING[disabled]
    if getattr(requirements, "currently_due", None):
        return PayoutStatus.PENDING, "Stripe is waiting for details of the account's owner."
    missing = "receive transfers" if transfers != "active" else "pay out to a bank account"
    return PayoutStatus.PENDING, f"Stripe does not let the account {missing} yet."


_ABOUT_MONEY = frozenset(
    {
        *(f"payment_intent.{what}" for what in ("succeeded", "payment_failed", "canceled", "processing")),
        *("refund.created", "refund.updated", "refund.failed", "charge.refund.updated"),
        *("transfer.created", "transfer.updated", "transfer.reversed"),
    }
)
_ABOUT_PAYEE = "account.updated"


class StripeWebhooks:
    """The Webhooks port. Tells the same of the same message every time: who listens must expect repeats.

    Two endpoints at Stripe lead here: one for the account itself, with the events about money, and one for connected
    accounts, with `account.updated` only; the events of that one name their account.
    """

    def __init__(self, keys: StripeKeys) -> None:
        self._keys = keys

    def verify(self, headers: Mapping[str, str], body: str, now: datetime) -> Hint:
        """What the message is about: an operation or an account of ours, or nothing but its id."""
        given = {name.lower(): value for name, value in headers.items()}
        signature = given.get("stripe-signature", "")
        if not signature:
            raise WebhookRefused("it is not signed")
        if not any(_is_signed(body, signature, secret) for secret in self._keys.webhook_secrets):
            raise WebhookRefused("its signature is not the provider's")
        if abs(now.timestamp() - _signed_at_s(signature)) > TOLERANCE_S:
            raise WebhookRefused(f"it was signed more than {TOLERANCE_S} s from now")
        return self._hint(_Event.read(body))

    def _hint(self, event: "_Event") -> Hint:
        if event.livemode is not self._keys.livemode:
            raise WebhookRefused(f"it is not of the {'live' if self._keys.livemode else 'test'} mode")
        own = event.account in (None, self._keys.platform_account)
        if not own and not (event.type == _ABOUT_PAYEE and event.account == event.subject_id):
            raise WebhookRefused("it is for another account")
        if event.type == _ABOUT_PAYEE:
            return Hint(event_id=event.event_id, destination=event.subject_id)
        if event.type in _ABOUT_MONEY and event.key:
            return Hint(event_id=event.event_id, key=event.key, reference=event.subject_id)
        return Hint(event_id=event.event_id)


@dataclass(frozen=True)
class _Event:
    """What counts of a message whose signature was verified."""

    event_id: str
    type: str
    livemode: bool | None
    account: str | None
    subject_id: str | None
    key: str | None

    @classmethod
    def read(cls, body: str) -> "_Event":
        """The event; WebhookRefused for a body that is none."""
        try:
            content: dict[str, Any] = dict(json.loads(body))
            # Events of Stripe's second API are about nothing here, and have no such data.
            subject: dict[str, Any] = dict(content.get("data", {}).get("object") or {})
            key = dict(subject.get("metadata") or {}).get("transfer_id")
            return cls(
                event_id=_text(content["id"]),
                type=_text(content["type"]),
                livemode=content.get("livemode"),
                account=content.get("account"),
                subject_id=_text(subject["id"]) if "id" in subject else None,
                key=key if isinstance(key, str) and _KEY.fullmatch(key) else None,
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            raise WebhookRefused("its body cannot be read") from None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a string")
    return value


def _is_signed(body: str, signature: str, secret: str) -> bool:
    try:
        # Stripe's own check of the age goes by its own clock, and takes what comes from the future.
        stripe.WebhookSignature.verify_header(body, signature, secret, tolerance=None)
    except (stripe.SignatureVerificationError, TypeError, UnicodeError):
        # It stumbles over signatures outside ASCII and bodies that are not text: anybody can send those.
        return False
    return True


def _signed_at_s(signature: str) -> int:
    """The time that a verified signature is for, in seconds: the first one, as Stripe's check takes it."""
    return int(next(part for part in signature.split(",") if part.startswith("t="))[2:])

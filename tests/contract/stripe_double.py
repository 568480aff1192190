"""A Stripe on 127.0.0.1 that knows the calls of the adapter, and no others, as Stripe's API reference describes them.

It checks each request (method, path, version, key, form) and refuses what Stripe would refuse: fields it does not
know, amounts that a currency lacks, refunds and transfers beyond the charge, transfers to accounts that cannot take
them. It keeps idempotency keys as docs.stripe.com/api/idempotent_requests says: the same request gets the first
answer again, another one under the same key is an error, one that is still under way is a conflict.

Its error messages quote a person, as Stripe's may; nothing of that may come out of the adapter.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

VERSION = "2026-10-28.endive"
API_KEY = "sk_test_double0123"
PERSON = "Jane Roe, jane.roe@example.org"
FIRST_CREATED_S = 1_796_000_000
STALL_S = 1.0

ZERO_DECIMAL = frozenset({"jpy", "krw", "mga", "vnd"})
IN_HUNDREDS = frozenset({"isk", "ugx"})
IN_TENS = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})
CURRENCIES = ZERO_DECIMAL | IN_HUNDREDS | IN_TENS | {"usd", "eur", "gbp", "huf", "twd"}
MOST_AMOUNT = 99_999_999

Form = dict[str, str]
Thing = dict[str, Any]

_INTENT_FIELDS = {
    *("amount", "currency", "payment_method", "confirm", "off_session", "transfer_group", "metadata[transfer_id]"),
    *("automatic_payment_methods[enabled]", "automatic_payment_methods[allow_redirects]"),
}
_TRANSFER_FIELDS = {"amount", "currency", "destination", "source_transaction", "transfer_group"}
_TRANSFER_FIELDS |= {"metadata[transfer_id]"}
_REFUND_FIELDS = {"payment_intent", "amount", "metadata[transfer_id]"}


class Fault(StrEnum):
    """What goes wrong with one request."""

    LOST_BEFORE = "the connection closes before anything is done"
    LOST_AFTER = "it is done, and the connection closes without an answer"
    STALLED = "it is done, and the answer takes a while"
    GARBLED = "the answer is no JSON"
    RATE_LIMITED = "429"
    BROKEN = "500"
    UNAVAILABLE = "503"
    IN_USE = "409"
    WRONG_KEY = "401"
    NOT_ALLOWED = "403"


class Request(NamedTuple):
    """One that came in; the form is the query's for a GET. Names of headers are in lower case."""

    method: str
    path: str
    form: Form
    headers: dict[str, str]


class Answer(NamedTuple):
    """What goes out."""

    status: int
    body: Thing
    headers: dict[str, str] = {}


class Refused(Exception):
    """An error as Stripe words it. One found before anything was done is not kept for the key."""

    def __init__(self, status: int, code: str | None, *, param: str | None = None, **more: Any) -> None:
        super().__init__(code)
        self.kept = more.pop("kept", True)
        kind = more.pop("type", "card_error" if status == 402 else "invalid_request_error")
        error = {"type": kind, "code": code, "param": param, "message": f"No: {PERSON}.", **more}
        self.answer = Answer(status, {"error": {name: value for name, value in error.items() if value is not None}})


class StripeDouble:
    """The state, and what tests do to it."""

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[Request] = []
        self.things: dict[str, Thing] = {}
        self.methods: dict[str, tuple[str, str | None]] = {}
        self.search_is_behind = False
        self._faults: dict[str, list[Fault]] = {}
        self._answers: dict[str, tuple[Request, Answer]] = {}
        self._under_way: set[str] = set()
        self._numbers = count(1)
        self._lock = threading.Lock()
        self.routes: list[tuple[str, str, Callable[..., Thing]]] = [
            ("GET", r"/v1/payment_methods/(\w+)", self._get_method),
            ("POST", r"/v1/payment_intents", self._create_intent),
            ("GET", r"/v1/payment_intents/search", self._search_intents),
            ("POST", r"/v1/payment_intents/(\w+)/cancel", self._cancel_intent),
            ("POST", r"/v1/transfers", self._create_transfer),
            ("POST", r"/v1/refunds", self._create_refund),
            ("GET", r"/v1/accounts/(\w+)", self._get_account),
            ("GET", r"/v1/(payment_intents|transfers|refunds|charges)", self._list),
            ("GET", r"/v1/(payment_intents|transfers|refunds)/(\w+)", self._get),
        ]

    # What tests do.

    def method(self, method_id: str, outcome: str = "succeeds", customer: str | None = None) -> str:
        """A payment method; the outcome is `succeeds`, `processes`, `asks` or `declined:CODE`."""
        self.methods[method_id] = (outcome, customer)
        return method_id

    def account(self, account_id: str, **fields: Any) -> str:
        """A connected account that can be paid, unless the fields say otherwise."""
        requirements: Thing = {"disabled_reason": None, "currently_due": [], "past_due": [], "pending_verification": []}
        account = {"capabilities": {"transfers": "active"}, "payouts_enabled": True, "requirements": requirements}
        self.things[account_id] = {"id": account_id, "object": "account", **account, **fields}
        return account_id

    def fail(self, path: str, *faults: Fault) -> None:
        """The next requests to this path, which is a pattern, go wrong in this order."""
        self._faults.setdefault(path, []).extend(faults)

    def answer_by(self, method: str, path: str, act: Callable[..., Thing]) -> None:
        """Have these requests answered in another way; it gets what is in the path, and the form."""
        self.routes.insert(0, (method, path, act))

    def forget_keys(self) -> None:
        """A day passes: Stripe has pruned its idempotency keys."""
        self._answers.clear()

    def of_kind(self, kind: str) -> list[Thing]:
        """The objects of one kind, the newest first as Stripe lists them."""
        found = [thing for thing in self.things.values() if thing["object"] == kind]
        return sorted(found, key=lambda thing: thing["created"], reverse=True)

    def sent(self, method: str, path: str) -> list[Request]:
        """The requests of one kind, the oldest first."""
        return [request for request in self.requests if (request.method, request.path) == (method, path)]

    # What the server does.

    def take_fault(self, path: str) -> Fault | None:
        """What is to go wrong with this request."""
        with self._lock:
            waiting = [faults for pattern, faults in self._faults.items() if faults and re.fullmatch(pattern, path)]
            return waiting[0].pop(0) if waiting else None

    def handle(self, request: Request) -> Answer:
        """Answer a request; of a key that stands for another one, or is under way, nothing is done."""
        headers = {"Request-Id": f"req_{next(self._numbers)}"}
        with self._lock:
            self.requests.append(request)
            try:
                answer = self._keyed(request)
            except Refused as refused:
                answer = refused.answer
        return answer._replace(headers={**headers, **answer.headers})

    @contextmanager
    def under_way(self, request: Request) -> Iterator[None]:
        """While it lasts, the request's key is in use."""
        key = request.headers.get("idempotency-key", "")
        self._under_way.add(key)
        try:
            yield
        finally:
            self._under_way.discard(key)

    def _keyed(self, request: Request) -> Answer:
        self._check_headers(request)
        key = request.headers.get("idempotency-key")
        if request.method != "POST" or key is None:
            return Answer(200, self._routed(request))
        if key in self._under_way:
            raise Refused(409, "idempotency_key_in_use", type="idempotency_error")
        if key in self._answers:
            first, answer = self._answers[key]
            if (first.path, first.form) != (request.path, request.form):
                raise Refused(400, None, type="idempotency_error")
            return answer._replace(headers={"Idempotent-Replayed": "true"})
        try:
            # What is answered is how things were then: later changes are not in a repetition.
            answer = Answer(200, json.loads(json.dumps(self._routed(request))))
        except Refused as refused:
            if not refused.kept:
                raise
            answer = refused.answer
        self._answers[key] = (request, answer)
        return answer

    def _check_headers(self, request: Request) -> None:
        given = request.headers
        if given.get("authorization") != f"Bearer {API_KEY}":
            raise Refused(401, "api_key_expired", kept=False)
        if given.get("stripe-version") != VERSION:
            raise Refused(400, "invalid_version", kept=False)
        if request.method == "POST" and given.get("content-type") != "application/x-www-form-urlencoded":
            raise Refused(400, "invalid_content_type", kept=False)
        if request.method == "POST" and not given.get("idempotency-key"):
            raise Refused(400, "no_idempotency_key", kept=False)

    def _routed(self, request: Request) -> Thing:
        for method, pattern, act in self.routes:
            match = re.fullmatch(pattern, request.path)
            if method == request.method and match:
                return act(*match.groups(), request.form)
        raise Refused(404, "unknown_path", kept=False)

    # PaymentIntents.

    def _get_method(self, method_id: str, form: Form) -> Thing:
        _only(form, set())
        if method_id not in self.methods:
            raise Refused(404, "resource_missing", param="payment_method")
        return {"id": method_id, "object": "payment_method", "type": "card", "customer": self.methods[method_id][1]}

    def _create_intent(self, form: Form) -> Thing:
        _only(form, _INTENT_FIELDS | {"customer"}, required=_INTENT_FIELDS)
        flags = [form[name] for name in ("confirm", "off_session", "automatic_payment_methods[enabled]")]
        if flags != ["true"] * 3 or form["automatic_payment_methods[allow_redirects]"] != "never":
            raise Refused(400, "parameter_invalid", kept=False)
        amount = _checked_amount(form)
        if form["payment_method"] not in self.methods:
            raise Refused(400, "resource_missing", param="payment_method")
        outcome, customer = self.methods[form["payment_method"]]
        if form.get("customer") != customer:
            raise Refused(400, "payment_method_customer_mismatch", param="customer")
        intent = self._new(
            "pi",
            "payment_intent",
            amount=amount,
            amount_received=0,
            cancellation_reason=None,
            currency=form["currency"],
            customer=customer,
            last_payment_error=None,
            latest_charge=None,
            metadata={"transfer_id": form["metadata[transfer_id]"]},
            status="requires_confirmation",
            transfer_group=form["transfer_group"],
        )
        self._confirm(intent, outcome)
        return intent

    def _confirm(self, intent: Thing, outcome: str) -> None:
        if outcome == "asks":
            intent["status"] = "requires_action"
            return
        status = {"succeeds": "succeeded", "processes": "pending"}.get(outcome, "failed")
        charge = self._new(
            "ch",
            "charge",
            status=status,
            paid=status == "succeeded",
            payment_intent=intent["id"],
            **{name: intent[name] for name in ("amount", "currency", "metadata", "transfer_group")},
        )
        intent["latest_charge"] = charge["id"]
        if status == "succeeded":
            intent.update(status="succeeded", amount_received=intent["amount"])
        elif status == "pending":
            intent["status"] = "processing"
        else:
            code = outcome.removeprefix("declined:")
            error = {"type": "card_error", "code": "card_declined", "decline_code": code, "message": PERSON}
            intent.update(status="requires_payment_method", last_payment_error=error)
            raise Refused(402, "card_declined", decline_code=code, charge=charge["id"], payment_intent=intent)

    def _cancel_intent(self, intent_id: str, form: Form) -> Thing:
        _only(form, {"cancellation_reason"}, required={"cancellation_reason"})
        intent = self._get("payment_intents", intent_id, {})
        if not intent["status"].startswith("requires_"):
            raise Refused(400, "payment_intent_unexpected_state", payment_intent=intent)
        # Stripe clears the error of a PaymentIntent that is updated.
        intent.update(status="canceled", last_payment_error=None, **form)
        return intent

    def _search_intents(self, form: Form) -> Thing:
        _only(form, {"query", "limit"}, required={"query"})
        match = re.fullmatch(r"metadata\['transfer_id'\]:'([^']*)'", form["query"])
        if match is None:
            raise Refused(400, "invalid_search_query", kept=False)
        wanted = match[1].lower()  # as Stripe's search does not tell cases apart
        found = [] if self.search_is_behind else self.of_kind("payment_intent")
        found = [intent for intent in found if intent["metadata"].get("transfer_id", "").lower() == wanted]
        return {"object": "search_result", "url": "/v1/payment_intents/search", "has_more": False, "data": found}

    # Transfers, refunds, accounts.

    def _create_transfer(self, form: Form) -> Thing:
        _only(form, _TRANSFER_FIELDS, required=_TRANSFER_FIELDS)
        amount = _checked_amount(form)
        account = self.things.get(form["destination"], {})
        if account.get("object") != "account":
            raise Refused(400, "resource_missing", param="destination")
        if account["capabilities"].get("transfers") != "active":
            raise Refused(400, "insufficient_capabilities_for_transfer")
        charge = self.things.get(form["source_transaction"], {})
        if charge.get("status") != "succeeded" or charge["transfer_group"] != form["transfer_group"]:
            raise Refused(400, "resource_missing", param="source_transaction")
        sent = sum(thing["amount"] for thing in self.of_kind("transfer") if thing["source_transaction"] == charge["id"])
        if charge["currency"] != form["currency"] or sent + amount > charge["amount"]:
            raise Refused(400, "balance_insufficient", param="amount")
        return self._new(
            "tr",
            "transfer",
            amount=amount,
            amount_reversed=0,
            metadata={"transfer_id": form["metadata[transfer_id]"]},
            reversed=False,
            **{name: form[name] for name in ("currency", "destination", "source_transaction", "transfer_group")},
        )

    def _create_refund(self, form: Form) -> Thing:
        _only(form, _REFUND_FIELDS, required=_REFUND_FIELDS)
        intent = self.things.get(form["payment_intent"], {})
        if intent.get("status") != "succeeded":
            raise Refused(404, "resource_missing", param="payment_intent")
        amount = _checked_amount({**form, "currency": intent["currency"]})
        given = [thing for thing in self.of_kind("refund") if thing["payment_intent"] == intent["id"]]
        if sum(thing["amount"] for thing in given if thing["status"] != "failed") + amount > intent["amount"]:
            raise Refused(400, "charge_already_refunded")
        return self._new(
            "re",
            "refund",
            amount=amount,
            charge=intent["latest_charge"],
            currency=intent["currency"],
            metadata={"transfer_id": form["metadata[transfer_id]"]},
            payment_intent=intent["id"],
            status="succeeded",
        )

    def _get_account(self, account_id: str, form: Form) -> Thing:
        _only(form, set())
        if account_id not in self.things:
            raise Refused(403, "account_invalid")
        return self.things[account_id]

    # All of them.

    def _new(self, prefix: str, kind: str, **fields: Any) -> Thing:
        number = next(self._numbers)
        thing = {"id": f"{prefix}_{number:08d}", "object": kind, "created": FIRST_CREATED_S + number, **fields}
        self.things[thing["id"]] = {**thing, "livemode": False}
        return self.things[thing["id"]]

    def _get(self, kind: str, thing_id: str, form: Form) -> Thing:
        _only(form, set())
        thing = self.things.get(thing_id)
        if thing is None or thing["object"] != kind.removesuffix("s"):
            raise Refused(404, "resource_missing", param="id")
        return thing

    def _list(self, kind: str, form: Form) -> Thing:
        filters = {"payment_intents": set[str](), "refunds": {"charge"}}.get(kind, {"transfer_group"})
        _only(
            form,
            filters | {"limit", "starting_after", "created[gte]"} | ({"expand[0]"} if kind == "charges" else set()),
        )
        found = self.of_kind(kind.removesuffix("s"))
        found = [thing for thing in found if all(thing[name] == form[name] for name in filters & form.keys())]
        found = [thing for thing in found if thing["created"] >= int(form.get("created[gte]", "0"))]
        if after := form.get("starting_after"):
            found = found[[thing["id"] for thing in found].index(after) + 1 :]
        limit = int(form.get("limit", "10"))
        page = found[:limit]
        if form.get("expand[0]") == "data.payment_intent":
            page = [{**charge, "payment_intent": self.things[charge["payment_intent"]]} for charge in page]
        return {"object": "list", "url": f"/v1/{kind}", "has_more": len(found) > limit, "data": page}


def _only(form: Form, known: set[str], required: set[str] | None = None) -> None:
    if unknown := form.keys() - known:
        raise Refused(400, "parameter_unknown", param=min(unknown), kept=False)
    if missing := (required or set()) - form.keys():
        raise Refused(400, "parameter_missing", param=min(missing), kept=False)


def _checked_amount(form: Form) -> int:
    """An amount that the currency has, in Stripe's units (docs.stripe.com/currencies)."""
    currency, amount = form["currency"], int(form["amount"])
    if currency not in CURRENCIES:
        raise Refused(400, None, param="currency")
    step = 100 if currency in IN_HUNDREDS else 10 if currency in IN_TENS else 1
    if amount <= 0 or amount % step:
        raise Refused(400, "parameter_invalid_integer", param="amount")
    if amount > MOST_AMOUNT:
        raise Refused(400, "amount_too_large", param="amount")
    if currency == "usd" and amount < 50:
        raise Refused(400, "amount_too_small", param="amount")
    return amount


_BEFORE = {
    Fault.RATE_LIMITED: Refused(429, "rate_limit", type="invalid_request_error"),
    Fault.BROKEN: Refused(500, None, type="api_error"),
    Fault.UNAVAILABLE: Refused(503, None, type="api_error"),
    Fault.IN_USE: Refused(409, "idempotency_key_in_use", type="idempotency_error"),
    Fault.WRONG_KEY: Refused(401, None),
    Fault.NOT_ALLOWED: Refused(403, "more_permissions_required"),
}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body in one packet, or each answer waits 40 ms for an acknowledgement
    disable_nagle_algorithm = True
    double: StripeDouble

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing: the tests' output is theirs."""

    def _handle(self) -> None:
        url = urlsplit(self.path)
        sent = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        pairs = parse_qsl(sent if self.command == "POST" else url.query, keep_blank_values=True)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, unquote(url.path), dict(pairs), headers)
        fault = self.double.take_fault(request.path)
        if fault is Fault.LOST_BEFORE:
            self.double.requests.append(request)
            self.close_connection = True
        elif fault in _BEFORE:
            self.double.requests.append(request)
            self._answer(_BEFORE[fault].answer)
        else:
            self._do(request, fault)

    def _do(self, request: Request, fault: Fault | None) -> None:
        answer = self.double.handle(request)
        if fault is Fault.LOST_AFTER:
            self.close_connection = True
            return
        if fault is Fault.STALLED:
            with self.double.under_way(request):
                time.sleep(STALL_S)
        self._answer(answer, garbled=fault is Fault.GARBLED)

    def _answer(self, answer: Answer, *, garbled: bool = False) -> None:
        body = b"<html>" if garbled else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in {**answer.headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        with suppress(OSError):  # nobody may be waiting any more
            self.wfile.flush()


@contextmanager
def running_double() -> Iterator[StripeDouble]:
    """A double that listens on a free port of 127.0.0.1, until the end of the block."""
    double = StripeDouble()
    handler = type("Handler", (_Handler,), {"double": double})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    double.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)

"""A local HTTP server that answers as Stripe's API reference says, for the calls that localstripe does not have.

It keeps each request as it came, so that tests can check its exact form. It honours idempotency keys: the same key with
the same parameters gives the stored answer, with others an error. It fails on demand, before or after it has
done what it was asked.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

CREATED_S = 1_795_000_000
Form = dict[str, str]


@dataclass
class Request:
    """One request: query parameters and form fields together, as Stripe reads them."""

    method: str
    path: str
    form: Form
    headers: dict[str, str]


@dataclass
class StripeDouble:
    """What Stripe would know."""

    requests: list[Request] = field(default_factory=list)
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    statuses: dict[str, str] = field(default_factory=dict)
    """What becomes of the next object of a kind: `payment_intents` to `processing`, say."""
    faults: list[str] = field(default_factory=list)
    """What goes wrong with the next requests that create something: `lost` (done, not answered), `429`, `500`."""
    _answers: dict[str, tuple[Form, int, Any]] = field(default_factory=dict)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [found for id_, found in self.objects.items() if id_.startswith(_PREFIX[kind])]

    def answer(self, request: Request) -> tuple[int, Any]:
        self.requests.append(request)
        if request.method == "GET":
            return self._read(request)
        if request.path.endswith("/cancel"):
            intent = self.objects[request.path.split("/")[3]]
            intent["status"] = "canceled"
            return 200, intent
        key = request.headers.get("idempotency-key", "")
        if key in self._answers:
            form, status, body = self._answers[key]
            return (status, body) if form == request.form else (400, _error("idempotency_error", "keys"))
        status, body = self._create(request.path.split("/")[2], request.form)
        if key:
            self._answers[key] = (request.form, status, body)
        return status, body

    def _create(self, kind: str, form: Form) -> tuple[int, Any]:
        status = self.statuses.pop(kind, "succeeded")
        made = {
            "id": f"{_PREFIX[kind]}{len(self.objects) + 1}",
            "object": kind.removesuffix("s"),
            "amount": int(form["amount"]),
            "currency": form.get("currency", "usd"),
            "created": CREATED_S,
            "metadata": _nested(form, "metadata"),
            "status": "requires_payment_method" if status == "declined" else status,
            **_DETAILS[kind](form, status),
        }
        if kind == "refunds":
            made["currency"] = self.objects[form["payment_intent"]]["currency"]
        self.objects[made["id"]] = made
        if status == "declined":
            return 402, _error("card_error", "card_declined", decline_code="insufficient_funds", payment_intent=made)
        return 200, made

    def _read(self, request: Request) -> tuple[int, Any]:
        parts = request.path.strip("/").split("/")
        if len(parts) == 3 and parts[2] != "search":
            found = self.objects.get(parts[2])
            return (200, found) if found else (404, _error("invalid_request_error", "resource_missing"))
        rows = [row for row in self.of(parts[1]) if _matches(row, request.form)]
        kind = "search_result" if parts[-1] == "search" else "list"
        return 200, {"object": kind, "data": rows, "has_more": False, "url": request.path, "next_page": None}


_PREFIX = {"payment_intents": "pi_", "transfers": "tr_", "refunds": "re_", "accounts": "acct_"}
_DETAILS: dict[str, Any] = {
    "payment_intents": lambda form, status: {
        "latest_charge": "ch_1",
        "last_payment_error": {"decline_code": "insufficient_funds"} if status == "declined" else None,
    },
    "transfers": lambda form, status: {
        "reversed": status == "reversed",
        "transfer_group": form.get("transfer_group"),
        "destination": form["destination"],
    },
    "refunds": lambda form, status: {
        "payment_intent": form["payment_intent"],
        "failure_reason": "lost_or_stolen_card" if status == "failed" else None,
    },
}


def _nested(form: Form, name: str) -> dict[str, str]:
    return {key[len(name) + 1 : -1]: value for key, value in form.items() if key.startswith(f"{name}[")}


def _matches(row: dict[str, Any], form: Form) -> bool:
    for name in ("transfer_group", "payment_intent"):
        if name in form and row.get(name) != form[name]:
            return False
    if int(form.get("created[gte]", "0")) > row["created"]:
        return False
    if "query" not in form:
        return True
    name, _, value = form["query"].partition(":")
    return bool(row["metadata"].get(name.split("'")[1]) == value.strip("'"))


def _error(kind: str, code: str, **more: Any) -> dict[str, Any]:
    return {"error": {"type": kind, "code": code, "message": "a message that quotes somebody", **more}}


@contextmanager
def serving(double: StripeDouble) -> Iterator[str]:
    """Serve on a free port of this machine; the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve("")

        def do_POST(self) -> None:
            self._serve(self.rfile.read(int(self.headers.get("content-length", "0"))).decode())

        def _serve(self, body: str) -> None:
            where = urlsplit(self.path)
            fields = {**parse_qs(where.query), **parse_qs(body)}
            form = {name: values[0] for name, values in fields.items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            fault = double.faults.pop(0) if double.faults and self.command == "POST" else ""
            if fault.isdigit():
                self._send(int(fault), _error("api_error", "fault"))
                return
            status, answer = double.answer(Request(self.command, where.path, form, headers))
            if fault == "lost":
                self.close_connection = True
                return
            self._send(status, answer)

        def _send(self, status: int, answer: Any) -> None:
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)

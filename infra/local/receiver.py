"""An organisation's own system, on this machine: takes webhooks in, and verifies each with the published library."""

import threading
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, NamedTuple, Self

from standardwebhooks.webhooks import Webhook, WebhookVerificationError


class Heard(NamedTuple):
    """A message that came, verified."""

    message_id: str
    signatures: int
    content: dict[str, Any]

    @property
    def event(self) -> dict[str, Any]:
        """The published event that it is about."""
        event: dict[str, Any] = self.content["data"]
        return event


class Receiver:
    """Listens on a port of its own while in a `with` block."""

    def __init__(self) -> None:
        """Answers 204 to what is signed with the secret, unless told otherwise."""
        self.secret = ""
        self.answers: list[int] = []
        """Statuses to answer with first, one for each message."""
        self.heard: list[Heard] = []
        self.refused = 0
        """Messages that the library did not verify."""
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                self.send_response(owner.take({n.lower(): v for n, v in self.headers.items()}, body))
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Nothing is printed of each request."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hooks"

    def take(self, headers: dict[str, str], body: str) -> int:
        """The status that a message is answered with."""
        try:
            content = Webhook(self.secret).verify(body, headers)
        except (WebhookVerificationError, ValueError):
            self.refused += 1
            return 400
        signatures = len(headers["webhook-signature"].split())
        self.heard.append(Heard(headers["webhook-id"], signatures, content))
        return self.answers.pop(0) if self.answers else 204

    def of(self, brief_id: str) -> list[Heard]:
        """What was heard of a brief."""
        return [heard for heard in self.heard if heard.event["subject"] == brief_id]

    def has(self, brief_id: str, types: Iterable[str]) -> bool:
        """Whether these types of events of a brief have come."""
        return set(types) <= {heard.content["type"] for heard in self.of(brief_id)}

    def __enter__(self) -> Self:
        """Begin to listen."""
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()

"""Serves the console on this machine, with the headers that CloudFront sends and the settings of the local stack."""

import json
import threading
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from infra.constructs.page_headers import kept, of_page
from infra.local.stack import Outputs
from infra.local.steps import ROOT, StepFailed

BUILT = ROOT / "web" / "dist"


class Console:
    """A server of the built files; `origin` is known before the stack is, which is told of it."""

    def __init__(self, port: int = 0) -> None:
        """Take a port; nothing is served before `serve`."""
        if not (BUILT / "index.html").exists():
            raise StepFailed("The console is not built: run `make console`.")
        self._server = ThreadingHTTPServer(("127.0.0.1", port), partial(_Pages, directory=str(BUILT)))
        self._server.daemon_threads = True
        self._serving = False
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"

    def serve(self, outputs: Outputs, endpoint: str) -> None:
        """Answer from now on, for this stack."""
        _Pages.settings = settings(outputs, endpoint)
        _Pages.sent = of_page([], endpoint)
        self._serving = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self) -> Self:
        """Use it in a `with` block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop answering."""
        if self._serving:
            self._server.shutdown()
        self._server.server_close()


def settings(outputs: Outputs, endpoint: str) -> dict[str, str]:
    """What the page reads first: here, one address is everything."""
    return {
        "stage": "local",
        "apiUrl": outputs.api_url,
        "authUrl": endpoint,
        "accountsUrl": f"{endpoint}/",
        "clientId": outputs.user_pool_client_id,
    }


class _Pages(SimpleHTTPRequestHandler):
    """A path that names no file is a page of the console, which finds out itself what is meant."""

    protocol_version = "HTTP/1.1"
    timeout = 30
    settings: dict[str, str]
    sent: dict[str, str]

    def do_GET(self) -> None:
        """One file, the settings, or the page."""
        path = self.path.partition("?")[0]
        if path == "/config.json":
            self._answer_settings()
            return
        if not Path(self.translate_path(path)).is_file():
            self.path = "/index.html"
        super().do_GET()

    def _answer_settings(self) -> None:
        body = json.dumps(self.settings).encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self) -> None:
        """Add what every answer carries."""
        for name, value in {**self.sent, "Cache-Control": kept(self.path.lstrip("/"))}.items():
            if name != "Strict-Transport-Security":  # browsers take that by TLS only
                self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as the base class has it
        """Say nothing: `make run` prints what people need."""

"""A proxy between the functions and the local AWS that makes calls fail as they do on a network and at a busy service.

It is microburst, adjusted: by itself it gives requests another Host header than the one that a function has signed.
"""

import importlib
import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from types import TracebackType
from typing import Any, Self

from infra.local.process import free_port
from infra.local.steps import ROOT, StepFailed

START_LIMIT_S = 30.0
_MOST_EVENTS = 2_000

Rule = dict[str, Any]


class Proxy:
    """A running proxy. Use it in a `with` block; its rules can be changed from many threads."""

    def __init__(self, upstream: str) -> None:
        self.upstream, self.port = upstream, free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it, and wait until it answers."""
        command = [sys.executable, "-m", "tests.faults.proxy", self.upstream, str(self.port)]
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,  # never written to: its end tells the proxy that this process is gone
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until_s = time.monotonic() + START_LIMIT_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until_s:
                self.stop()
                raise StepFailed("the proxy in front of the local AWS did not start")
            time.sleep(0.05)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it at once, whatever it still holds back."""
        self.stop()

    def stop(self) -> None:
        """End the process."""
        if process := self._process:
            process.kill()
            process.wait()
            if process.stdin:
                process.stdin.close()

    def add(self, rules: list[Rule]) -> list[int]:
        """Have more rules, after those that are there; their ids. The first that matches a call decides."""
        return [rule["id"] for rule in self._control("PATCH", "rules", rules)]

    def drop(self, rules: list[Rule]) -> None:
        """Forget rules that have all these members."""
        if rules:
            self._control("DELETE", "rules", rules)

    def forget_fired(self) -> None:
        """Begin the audit log anew."""
        self._control("DELETE", "fired")

    def fired(self) -> list[dict[str, Any]]:
        """The audit log: what matched a rule, with the rule's id."""
        events: list[dict[str, Any]] = self._control("GET", f"fired?limit={_MOST_EVENTS}")
        return events

    def _answers(self) -> bool:
        try:
            self._control("GET", "health")
        except OSError:
            return False
        return True

    def _control(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"}
        request = urllib.request.Request(f"{self.endpoint}/_microburst/{path}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())


def main(upstream: str, port: str) -> None:
    """Serve until the process that started this one is gone."""
    # Only this process needs them, and they are slow to import.
    forward: Any = importlib.import_module("microburst.forward")
    cli: Any = importlib.import_module("microburst.cli")
    outbound = forward.Upstream._outbound_headers
    forward.Upstream._outbound_headers = lambda self, request: {
        **outbound(self, request),
        "host": request.headers["Host"],
    }
    # SQS's throttling has no namespace in the SDK's list of what to try again: with one, it would be given up at once.
    importlib.import_module("microburst.models")._QUERY_ERROR_NAMESPACE.pop("sqs")
    # Without the length, the answer to a HEAD says nothing.
    forward.HOP_BY_HOP -= {"content-length"}
    threading.Thread(target=_end_with_parent, daemon=True).start()
    cli.main(["-u", upstream, "-p", port, "--no-resign"])


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:3])

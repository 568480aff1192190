"""A line between the upload client and the stack that is cut after so many bytes, and counts what goes over it."""

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self

import httpx

_CHUNK_BYTES = 65_536


class BrokenLine:
    """A TCP relay on this machine. Once cut, it takes no more connections, and those that there were are dead."""

    def __init__(self, port: int, cut_after_bytes: int | None = None) -> None:
        self._to, self._cut_after_bytes = ("127.0.0.1", port), cut_after_bytes
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.sent_bytes = 0
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cut()
        self._thread.join(5)

    @property
    def transport(self) -> httpx.BaseTransport:
        """Leads every request over this line; the address that was signed stays in its `Host`."""
        return _Over(self.port)

    def cut(self) -> None:
        """Nothing goes through any more."""
        with self._lock:
            ends, self._open = [self._listening, *self._open], []
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(self._to)
                with self._lock:
                    self._open += [near, far]
                for one, other, counted in ((near, far, True), (far, near, False)):
                    threading.Thread(target=self._relay, args=(one, other, counted), daemon=True).start()

    def _relay(self, one: socket.socket, other: socket.socket, counted: bool) -> None:
        with contextlib.suppress(OSError):
            while chunk := one.recv(_CHUNK_BYTES):
                if counted and self._is_cut_by(len(chunk)):
                    self.cut()
                    return
                other.sendall(chunk)
            other.shutdown(socket.SHUT_WR)

    def _is_cut_by(self, more_bytes: int) -> bool:
        with self._lock:
            self.sent_bytes += more_bytes
            return self._cut_after_bytes is not None and self.sent_bytes > self._cut_after_bytes


class _Over(httpx.HTTPTransport):
    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(host="127.0.0.1", port=self._port)
        return super().handle_request(request)

"""Messages to other people's systems: to addresses that were looked at, and to none that leads back inside.

The name is resolved here, once. Every address that it has must be public, else nothing is connected to; then one of
the very addresses that were looked at is, with the name only as what its certificate must be for (so nobody can answer
with another address in between). No redirect is followed, no proxy of the environment is asked, the answer is read to
a bound, and one clock runs over all of it: a receiver that drips is cut off.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from functools import cached_property
from http.client import HTTPException

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.exceptions import TimeoutError as TooSlow
from urllib3.response import HTTPResponse

from microintern.domain.addresses import LOOPBACK_HOSTS, Target, is_public, target_of
from microintern.domain.problems import Invalid
from microintern.domain.webhooks import Attempt

CONNECT_TIMEOUT_S = 3.0
TIME_LIMIT_S = 10.0
"""For everything together, from the name to the last byte that is read."""
MOST_ANSWER_BYTES = 1_024
MOST_ANSWER_CHARACTERS = 200
MOST_ADDRESSES_TRIED = 2
_SHORTEST_S = 0.001
USER_AGENT = "microintern-webhooks/1"

Resolve = Callable[[str, int], Sequence[str]]
"""The numeric addresses that a name has."""


def resolve(host: str, port: int) -> list[str]:
    """What the system's resolver says, IPv4 first: functions have no way out by IPv6 where there is no network."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = dict.fromkeys(str(entry[4][0]) for entry in found)
    return sorted(addresses, key=lambda address: ":" in address)


_FAILURES = (HTTPError, HTTPException, OSError, ValueError)
"""Whatever can go wrong with a connection."""


class _Refused(Exception):
    """The name leads to an address that nothing is sent to."""


class PublicReceivers:
    """The Receivers port."""

    def __init__(
        self,
        *,
        loopback: bool = False,
        resolve: Resolve = resolve,
        may_connect: Callable[[str], bool] = is_public,
        trusted: ssl.SSLContext | None = None,
        time_limit_s: float = TIME_LIMIT_S,
    ) -> None:
        """With `loopback`, plain HTTP to this machine is fine as well; the rest is for tests."""
        self._loopback, self._resolve, self._may_connect = loopback, resolve, may_connect
        self._given, self._time_limit_s = trusted, time_limit_s
        self._resolvers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="resolve")

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        return self._given or ssl.create_default_context()

    def hand_over(self, url: str, headers: Mapping[str, str], body: str, at: datetime) -> Attempt:
        started_s = time.monotonic()
        status, error, answer = None, None, None
        try:
            status, answer = self._send(url, headers, body.encode(), started_s + self._time_limit_s)
        except (*_FAILURES, Invalid, _Refused) as failure:
            error = _code(failure, overdue=time.monotonic() - started_s >= self._time_limit_s)
        ms = round((time.monotonic() - started_s) * 1_000)
        return Attempt(at=at, ms=ms, status=status, error=error, answer=answer)

    def _send(self, url: str, headers: Mapping[str, str], body: bytes, until_s: float) -> tuple[int, str | None]:
        target = target_of(url, loopback=self._loopback)
        connection = self._connected(target, self._addresses(target, until_s), until_s)
        connection.timeout = max(_SHORTEST_S, until_s - time.monotonic())
        with closing(connection), _cut_off(connection.sock, connection.timeout):
            connection.request("POST", target.path, body, _headers(target, headers), preload_content=False)
            answer = connection.getresponse()
            return answer.status, _beginning_of(answer)

    def _addresses(self, target: Target, until_s: float) -> Sequence[str]:
        if not target.secure and target.host in LOOPBACK_HOSTS:
            return ["127.0.0.1"]
        # The system's resolver has no time limit of its own that could be set.
        pending = self._resolvers.submit(self._resolve, target.host, target.port)
        addresses = pending.result(timeout=max(0.0, until_s - time.monotonic()))
        if not addresses:
            raise socket.gaierror(f"{target.host} has no address")
        if not all(map(self._may_connect, addresses)):
            raise _Refused
        return addresses

    def _connected(self, target: Target, addresses: Sequence[str], until_s: float) -> HTTPConnection:
        """A connection to the first of the addresses that takes one, with the handshake behind it."""
        tried = addresses[:MOST_ADDRESSES_TRIED]
        for address in tried:
            connection = self._connection(target, address, until_s)
            try:
                connection.connect()
            except _FAILURES:
                connection.close()
                if address == tried[-1]:
                    raise
            else:
                return connection
        raise AssertionError("there is an address")

    def _connection(self, target: Target, address: str, until_s: float) -> HTTPConnection:
        """Not connected yet. The host is a number: nothing is resolved a second time."""
        timeout_s = max(_SHORTEST_S, min(CONNECT_TIMEOUT_S, until_s - time.monotonic()))
        if not target.secure:
            return HTTPConnection(address, target.port, timeout=timeout_s)
        # The certificate must be for the name, which is also what the other side is asked for (SNI).
        return HTTPSConnection(
            address, target.port, timeout=timeout_s, server_hostname=target.host, ssl_context=self._trusted
        )


@contextmanager
def _cut_off(sock: socket.socket | None, after_s: float) -> Iterator[None]:
    """End whatever is read from or written to the socket when time is up: its own timeout is for each byte anew."""

    def end() -> None:
        with suppress(OSError):
            if sock is not None:
                sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(after_s, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _beginning_of(answer: HTTPResponse) -> str | None:
    """What an answer says first; a receiver that has said its status has the message, however it goes on."""
    try:
        # Never decompressed: what a receiver sends is looked at, and not unpacked.
        return _prefix(answer.read(MOST_ANSWER_BYTES, decode_content=False))
    except _FAILURES:
        return None


def _headers(target: Target, headers: Mapping[str, str]) -> dict[str, str]:
    usual = 443 if target.secure else 80
    host = target.host if target.port == usual else f"{target.host}:{target.port}"
    own = {"host": host, "content-type": "application/json", "user-agent": USER_AGENT, "connection": "close"}
    return {**own, **headers}


def _prefix(content: bytes) -> str | None:
    """The beginning of an answer, as one line of text that can be shown anywhere."""
    text = "".join(c if c.isprintable() else " " for c in content.decode("utf-8", errors="replace"))
    return " ".join(text.split())[:MOST_ANSWER_CHARACTERS] or None


def _code(failure: Exception, *, overdue: bool) -> str:
    """Why there was no answer; stable, and without what an exception's text may tell of this side."""
    if overdue:
        return "timed_out"
    for kinds, code in _CODES:
        if isinstance(failure, kinds):
            return code
    return "not_reached"


_CODES: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((_Refused,), "address_refused"),
    ((Invalid,), "url_refused"),
    ((socket.gaierror, UnicodeError), "name_not_found"),
    ((ssl.SSLError,), "not_trusted"),
    ((NewConnectionError,), "not_reached"),  # one of the next kind, though it says nothing of time
    ((TimeoutError, TooSlow), "timed_out"),
)

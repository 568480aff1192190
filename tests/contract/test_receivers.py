"""Messages to the outside, over real sockets: whom nothing is sent to, and what a bad receiver can do to us."""

import datetime as dates
import http.server
import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from microintern.adapters.receivers import MOST_ANSWER_CHARACTERS, PublicReceivers, resolve
from microintern.adapters.standard_webhooks import headers
from microintern.domain.webhooks import Attempt
from tests.unit.builders import NOW

HOST = "hooks.example.com"
BODY = '{"type":"brief.paid"}'
SIGNED = {"webhook-id": "m-1"}


class Certificates:
    """An authority of our own, and a certificate for the host."""

    def __init__(self, folder: Path, host: str = HOST) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Tests")])
        now = dates.datetime.now(dates.UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now - dates.timedelta(days=1))
            .not_valid_after(now + dates.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(_key_usage(), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.path = folder / f"{host}.pem"
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self.path.write_bytes(private + made.public_bytes(Encoding.PEM))
        self.trusted = ssl.create_default_context(cadata=made.public_bytes(Encoding.PEM).decode())


def _key_usage() -> x509.KeyUsage:
    no = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only"), False
    )
    return x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, decipher_only=False, **no)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


class Server(http.server.ThreadingHTTPServer):
    """What came, and how to answer."""

    daemon_threads = True

    def __init__(self, answer: Callable[[Any], None], certificates: Certificates | None) -> None:
        self.heard: list[tuple[str, dict[str, str], str]] = []
        self.names: list[str | None] = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(handler) -> None:  # noqa: N805 - two of them
                body = handler.rfile.read(int(handler.headers["content-length"])).decode()
                self.heard.append((handler.path, {k.lower(): v for k, v in handler.headers.items()}, body))
                answer(handler)

            def log_message(self, *_: Any) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        if certificates:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificates.path)
            context.sni_callback = lambda _sock, name, _context: self.names.append(name)
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, *_: Any) -> None:
        """The other side hung up, which is what some tests are about."""


@contextmanager
def listening(answer: Callable[[Any], None], certificates: Certificates | None = None) -> Iterator[Server]:
    server = Server(answer, certificates)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def status(code: int, content: bytes = b"", **more: str) -> Callable[[Any], None]:
    def answer(handler: Any) -> None:
        handler.send_response(code)
        for name, value in more.items():
            handler.send_header(name, value)
        handler.send_header("content-length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def raw(*parts: bytes, pause_s: float = 0.0) -> Callable[[Any], None]:
    def answer(handler: Any) -> None:
        for part in parts:
            try:
                handler.wfile.write(part)
                handler.wfile.flush()
            except OSError:
                return
            time.sleep(pause_s)

    return answer


def post(url: str, receivers: PublicReceivers) -> Attempt:
    return receivers.hand_over(url, SIGNED, BODY, NOW)


def on_laptop(time_limit_s: float = 5.0) -> PublicReceivers:
    return PublicReceivers(loopback=True, time_limit_s=time_limit_s)


def to_loopback(certificates: Certificates, *addresses: str) -> PublicReceivers:
    """As on AWS, but that this machine's address is let through, and our authority trusted."""
    found = addresses or ("127.0.0.1",)
    return PublicReceivers(
        resolve=lambda host, port: found,
        may_connect=lambda address: address == "127.0.0.1",
        trusted=certificates.trusted,
        time_limit_s=5.0,
    )


def test_a_message_is_sent_to_the_address_that_was_looked_at_under_the_hosts_name(certificates: Certificates) -> None:
    with listening(status(200, b"thank you"), certificates) as server:
        attempt = post(f"https://{HOST}:{server.server_port}/in?a=b", to_loopback(certificates))
    assert (attempt.status, attempt.error, attempt.answer, attempt.at) == (200, None, "thank you", NOW)
    ((path, heard, body),) = server.heard
    assert (path, body) == ("/in?a=b", BODY)
    assert heard["host"] == f"{HOST}:{server.server_port}"
    assert heard["content-type"] == "application/json"
    assert heard["user-agent"] == "microintern-webhooks/1"
    assert heard["webhook-id"] == "m-1"
    assert server.names == [HOST], "the certificate is asked for by the name"


def test_a_name_is_resolved_once(certificates: Certificates) -> None:
    """Whoever answers with another address the second time is not asked a second time."""
    asked: list[str] = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    receivers = PublicReceivers(
        resolve=rebinding, may_connect=lambda address: True, trusted=certificates.trusted, time_limit_s=5.0
    )
    with listening(status(204), certificates) as server, pytest.MonkeyPatch.context() as patch:
        port = server.server_port
        original = socket.getaddrinfo

        def numeric_only(host: str, *args: Any, **named: Any) -> Any:
            ipaddress.ip_address(host)  # a name would be resolved here once more
            return original(host, *args, **named)

        patch.setattr(socket, "getaddrinfo", numeric_only)
        assert post(f"https://{HOST}:{port}/", receivers).status == 204
    assert asked == [HOST]


def test_a_certificate_for_another_name_is_not_trusted(certificates: Certificates, tmp_path: Path) -> None:
    other = Certificates(tmp_path, "other.example.com")
    receivers = PublicReceivers(
        resolve=lambda host, port: ["127.0.0.1"], may_connect=lambda address: True, trusted=other.trusted
    )
    with listening(status(200), other) as server:
        assert post(f"https://{HOST}:{server.server_port}/", receivers).error == "not_trusted"
        unknown = to_loopback(certificates)
        assert post(f"https://{HOST}:{server.server_port}/", unknown).error == "not_trusted"
    assert server.heard == []


INNER = ["10.0.0.1", "127.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1", "fd00:ec2::254", "64:ff9b::7f00:1"]


@pytest.mark.parametrize("inner", INNER)
@pytest.mark.parametrize("before", [[], ["93.184.216.34"], ["2606:4700:4700::1111", "8.8.8.8"]])
def test_a_name_with_any_inner_address_is_not_connected_to(inner: str, before: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "socket", None)  # nothing can be connected to
        receivers = PublicReceivers(resolve=lambda host, port: [*before, inner])
        assert post(f"https://{HOST}/", receivers).error == "address_refused"


@given(st.ip_addresses().filter(lambda address: not address.is_global).map(str))
def test_nothing_that_is_not_global_is_connected_to(inner: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "socket", None)
        assert post(f"https://{HOST}/", PublicReceivers(resolve=lambda h, p: [inner])).error == "address_refused"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9001/", "http://hooks.example.com/", "https://10.0.0.1/", "https://localhost/"]
)
def test_an_address_that_was_let_in_by_mistake_is_not_called_either(url: str) -> None:
    assert post(url, PublicReceivers(resolve=lambda host, port: ["8.8.8.8"])).error == "url_refused"


def test_a_name_without_addresses_or_with_a_resolver_that_hangs_is_not_found() -> None:
    def fails(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror("no such name")

    def hangs(host: str, port: int) -> Sequence[str]:
        time.sleep(1)
        return []

    assert post(f"https://{HOST}/", PublicReceivers(resolve=fails)).error == "name_not_found"
    assert post(f"https://{HOST}/", PublicReceivers(resolve=lambda h, p: [])).error == "name_not_found"
    assert post(f"https://{HOST}/", PublicReceivers(resolve=hangs, time_limit_s=0.1)).error == "timed_out"


def test_the_next_address_is_tried_when_the_first_takes_no_connection(certificates: Certificates) -> None:
    with listening(status(204), certificates) as server:
        receivers = PublicReceivers(
            resolve=lambda host, port: ["127.0.0.9", "127.0.0.1"],
            may_connect=lambda address: True,
            trusted=certificates.trusted,
        )
        assert post(f"https://{HOST}:{server.server_port}/", receivers).status == 204


def test_who_listens_to_nothing_is_not_reached() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        assert post(f"http://127.0.0.1:{port}/", on_laptop()).error == "not_reached"


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(code: int) -> None:
    with listening(status(200)) as inner:
        elsewhere = status(code, location=f"http://127.0.0.1:{inner.server_port}/")
        with listening(elsewhere) as server:
            attempt = post(f"http://127.0.0.1:{server.server_port}/", on_laptop())
    assert (attempt.status, attempt.taken) == (code, False)
    assert inner.heard == []


def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(status(200)) as proxy, listening(status(204)) as server:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.server_port}")
        assert post(f"http://127.0.0.1:{server.server_port}/", on_laptop()).status == 204
    assert proxy.heard == []


HEAD = b"HTTP/1.1 200 OK\r\n"
DRIPS = {
    "the headers": raw(*[b"H"] * 200, pause_s=0.05),
    "nothing": raw(b"", pause_s=3),
}


AFTER_ITS_STATUS = {
    "headers": raw(HEAD, *[b"x: y\r\n"] * 90, pause_s=0.05),
    "of a length": raw(HEAD + b"content-length: 500\r\n\r\n", *[b"y"] * 200, pause_s=0.05),
    "without an end": raw(HEAD + b"\r\n", *[b"y"] * 200, pause_s=0.05),
    "in chunks": raw(HEAD + b"transfer-encoding: chunked\r\n\r\n", *[b"1\r\ny\r\n"] * 90, pause_s=0.05),
}


@pytest.mark.parametrize("what", [*DRIPS, *AFTER_ITS_STATUS])
@pytest.mark.parametrize("secure", [False, True])
def test_a_receiver_that_drips_is_cut_off(what: str, secure: bool, certificates: Certificates) -> None:
    with listening((DRIPS | AFTER_ITS_STATUS)[what], certificates if secure else None) as server:
        started_s = time.monotonic()
        if secure:
            receivers = to_loopback(certificates)
            receivers._time_limit_s = 0.5
            attempt = post(f"https://{HOST}:{server.server_port}/", receivers)
        else:
            attempt = post(f"http://127.0.0.1:{server.server_port}/", on_laptop(0.5))
        assert time.monotonic() - started_s < 2
    taken = (200, None)  # who says so has the message, however the answer goes on
    assert (attempt.status, attempt.error) == (taken if what in AFTER_ITS_STATUS else (None, "timed_out"))


def test_a_server_that_never_shakes_hands_is_cut_off(certificates: Certificates) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        receivers = to_loopback(certificates)
        receivers._time_limit_s = 0.5
        started_s = time.monotonic()
        attempt = post(f"https://{HOST}:{silent.getsockname()[1]}/", receivers)
    assert attempt.error == "timed_out"
    assert time.monotonic() - started_s < 2


def test_no_more_is_read_of_an_answer_than_its_beginning() -> None:
    endless = raw(HEAD + b"\r\n", *[b"y" * 65_536] * 200)
    with listening(endless) as server:
        attempt = post(f"http://127.0.0.1:{server.server_port}/", on_laptop())
    assert attempt.answer == "y" * MOST_ANSWER_CHARACTERS
    assert attempt.status == 200


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b"", None),
        (b" fine\r\n\t thank\x00you ", "fine thank you"),
        (b"\xff\xfe\x1b[2J", "\ufffd\ufffd [2J"),
        ("\u202egnp.exe".encode(), "gnp.exe"),
    ],
)
def test_of_an_answer_only_plain_text_is_kept(content: bytes, shown: str | None) -> None:
    with listening(status(500, content)) as server:
        assert post(f"http://127.0.0.1:{server.server_port}/", on_laptop()).answer == shown


def test_an_answer_that_claims_to_be_compressed_is_not_unpacked() -> None:
    with listening(status(200, b"\x1f\x8b not gzip", **{"content-encoding": "gzip"})) as server:
        assert post(f"http://127.0.0.1:{server.server_port}/", on_laptop()).status == 200


@given(st.binary(max_size=300))
def test_whatever_is_answered_an_attempt_comes_of_it(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answers() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(answer)

        thread = threading.Thread(target=answers)
        thread.start()
        attempt = post(f"http://127.0.0.1:{listener.getsockname()[1]}/", on_laptop())
        thread.join()
    assert (attempt.status is None) == (attempt.error is not None)


def test_the_system_resolver_gives_numbers_the_fourth_version_first() -> None:
    found = resolve("localhost", 443)
    assert found
    assert [ipaddress.ip_address(address).version for address in found] == sorted(
        ipaddress.ip_address(address).version for address in found
    )


OLD, NEW = "whsec_b2xkIHNlY3JldCBvZiAyNCBieXRlcyE=", "whsec_bmV3IHNlY3JldCBvZiAyNCBieXRlcyE="


def test_the_published_library_verifies_what_is_sent_with_either_secret(certificates: Certificates) -> None:
    now = dates.datetime.now(dates.UTC)
    with listening(status(204), certificates) as server:
        sent = headers([NEW, OLD], "m-1", BODY, now)
        to_loopback(certificates).hand_over(f"https://{HOST}:{server.server_port}/", sent, BODY, now)
    ((_, heard, body),) = server.heard
    assert heard["webhook-signature"].count("v1,") == 2
    for secret in (NEW, OLD):
        assert Webhook(secret).verify(body, heard) == json.loads(BODY)

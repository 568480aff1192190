"""Which addresses on the internet may be connected to on somebody's wish: public ones, and nothing else."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple

from microintern.domain.problems import Invalid

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])")
"""A host by a name of two labels at least, in ASCII; the last begins with a letter, so it is no address in disguise."""
_ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]+)(:(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[\w.~!$&'()*+,;=:@%/-]*)?(?P<query>\?[\w.~!$&'()*+,;=:@%/?-]*)?",
    re.ASCII | re.IGNORECASE,
)
"""What RFC 3986 allows and nothing that two readers could read in two ways."""
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost"})
HTTPS_PORT, FIRST_UNPRIVILEGED_PORT, LAST_PORT = 443, 1_024, 65_535
MOST_HOST_LENGTH = 253

_NOT_PUBLIC_4 = tuple(
    ip_network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' own
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, and with it every cloud's metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",  # for examples, like two more below
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",  # relays to IPv6
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
)
"""IANA's special-purpose registry. Written out: what the standard library calls global changes with its version."""
_PUBLIC_6 = ip_network("2000::/3")
"""All that has been given out; IPv4 in disguise, NAT64, unique local, link-local and multicast lie outside."""
_NOT_PUBLIC_6 = tuple(
    ip_network(block)
    for block in (
        "2001::/23",  # of protocols, Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4: IPv4 in disguise
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)


def is_public(address: str) -> bool:
    """Whether a connection to this numeric address leads out into the internet, whatever it looks like."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv4Address):
        return not any(parsed in block for block in _NOT_PUBLIC_4)
    return _is_public_6(parsed)


def _is_public_6(address: IPv6Address) -> bool:
    return address.scope_id is None and address in _PUBLIC_6 and not any(address in block for block in _NOT_PUBLIC_6)


class Target(NamedTuple):
    """Where a message goes, taken apart."""

    secure: bool
    host: str
    port: int
    path: str


def target_of(url: str, *, loopback: bool) -> Target:
    """The parts of an address that may be called; Invalid says what is wrong with any other.

    With `loopback`, on the laptop, plain HTTP to this machine is fine as well.
    """
    parts = _ADDRESS.fullmatch(url)
    if parts is None:
        raise _bad("Write it as https://host:port/path?query, without user, password, fragment or backslash.")
    scheme, host, named = parts["scheme"].lower(), parts["host"].lower(), parts["port"]
    port, path = int(named) if named else None, (parts["path"] or "/") + (parts["query"] or "")
    if loopback and host in LOOPBACK_HOSTS and scheme == "http":
        return Target(secure=False, host=host, port=port or 80, path=path)
    if scheme != "https":
        raise _bad("Messages are sent by https only.")
    if len(host) > MOST_HOST_LENGTH or not _NAME.fullmatch(host):
        raise _bad("Name a host by its full name in ASCII, such as hooks.example.com; no IP address.")
    port = HTTPS_PORT if port is None else port
    if port != HTTPS_PORT and not FIRST_UNPRIVILEGED_PORT <= port <= LAST_PORT:
        raise _bad(f"The port is {HTTPS_PORT}, or one from {FIRST_UNPRIVILEGED_PORT} on.")
    return Target(secure=True, host=host, port=port, path=path)


def _bad(detail: str) -> Invalid:
    return Invalid.field("webhook_url", "/url", detail)

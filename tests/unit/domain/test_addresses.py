"""Nothing inside can be named, and nothing inside can be resolved to: hostile addresses, made up by the hundred."""

import ipaddress
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from microintern.domain.addresses import FIRST_UNPRIVILEGED_PORT, HTTPS_PORT, is_public, target_of
from microintern.domain.problems import Invalid

INSIDE_4 = [
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
    *("192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4"),
]
INSIDE_6 = [
    *("::/128", "::1/128", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
    *("::ffff:0:0/96", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "100::/64"),
]
"""IPv4-mapped, IPv4-compatible, NAT64 and 6to4 are IPv4 in disguise: whatever it is that they hide."""
PUBLIC = ["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e", "2620:fe::fe"]


def within(blocks: list[str]) -> st.SearchStrategy[str]:
    networks = [ipaddress.ip_network(block) for block in blocks]
    addresses: Any = st.sampled_from(networks).flatmap(
        lambda net: st.integers(int(net.network_address), int(net.broadcast_address)).map(type(net.network_address))
    )
    return addresses.map(str)  # type: ignore[no-any-return]


@given(within(INSIDE_4))
@example("169.254.169.254")
@example("127.0.0.1")
@example("255.255.255.255")
@example("100.100.100.200")
def test_no_inner_ipv4_address_is_public(address: str) -> None:
    assert not is_public(address)


@given(within(INSIDE_6))
@example("fd00:ec2::254")
@example("::ffff:169.254.169.254")
@example("::ffff:8.8.8.8")
@example("::127.0.0.1")
@example("64:ff9b::a9fe:a9fe")
@example("2002:a9fe:a9fe::1")
@example("fe80::1%eth0")
def test_no_inner_ipv6_address_is_public(address: str) -> None:
    assert not is_public(address)


@given(within(INSIDE_4).flatmap(lambda four: st.sampled_from([f"::ffff:{four}", f"::{four}", f"64:ff9b::{four}"])))
def test_an_inner_address_is_not_public_in_any_disguise(address: str) -> None:
    assert not is_public(address)


@given(st.ip_addresses())
def test_what_is_public_is_so_for_the_standard_library_too(address: Any) -> None:
    if is_public(str(address)):
        assert address.is_global
        assert not address.is_multicast
        assert not any((address.is_private, address.is_loopback, address.is_link_local, address.is_reserved))


@given(st.text())
@example("")
@example("2130706433")
@example("0x7f000001")
@example("0177.0.0.1")
@example("127.1")
@example("8.8.8.8 ")
@example("2606:4700:4700::1111%1")
def test_what_is_no_plain_address_is_not_public(text: str) -> None:
    if is_public(text):
        assert str(ipaddress.ip_address(text))
        assert text.strip() == text
        assert "%" not in text


@pytest.mark.parametrize("address", PUBLIC)
def test_the_rest_of_the_internet_is(address: str) -> None:
    assert is_public(address)


HOSTILE = [
    *("http://hooks.example.com/", "ftp://hooks.example.com/", "file:///etc/passwd", "gopher://hooks.example.com/"),
    *("https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://169.254.169.254/latest/meta-data/"),
    *("https://2130706433/", "https://0x7f.1/", "https://0177.0.0.1/", "https://127.1/", "https://0x7f000001/"),
    *("https://metadata/", "https://a.b.1/", "https://10.0.0.1.0x1/", "https://hooks.example.com./"),
    *("https://user@hooks.example.com/", "https://user:word@hooks.example.com/", "https://@hooks.example.com/"),
    *(
        "https://hooks.example.com@127.0.0.1/",
        "https://127.0.0.1\\@hooks.example.com/",
        "https://hooks.example.com\\x/",
    ),
    *("https://hooks.example.com:22/", "https://hooks.example.com:80/", "https://hooks.example.com:0/"),
    *("https://hooks.example.com:99999/", "https://hooks.example.com:x/", "https://hooks.example.com:-1/"),
    *("https://hooks.example.com/#a", "https://hooks.example.com#@127.0.0.1/", "https:/hooks.example.com/"),
    *("https:///path", "https://", "//hooks.example.com/", "hooks.example.com", "https://[::ffff:127.0.0.1]/"),
    *("https://-hooks.example.com/", "https://hooks_.example.com/", "https://höoks.example.com/", "https://.com/"),
    *("https://ⓔxample.com/", "https://example。com/", "https://[fe80::1%25eth0]/", "https://hooks..example.com/"),
    *("http://127.0.0.1:9001/2018-06-01/runtime/invocation/next", "https://" + "a." * 130 + "com/"),
]


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_address_is_refused_with_the_reason(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        target_of(url, loopback=False)
    assert refused.value.code == "webhook_url"
    assert refused.value.members["errors"][0]["field"] == "/url"


@given(st.text(max_size=80) | st.text("htps:/.@[]%#?\\0127.ax", max_size=40).map(lambda rest: f"https://{rest}"))
def test_whatever_is_taken_is_https_to_a_name_with_a_dot_and_no_number(url: str) -> None:
    try:
        target = target_of(url, loopback=False)
    except Invalid:
        return
    assert target.secure
    assert target.host.isascii()
    assert target.host.count(".") >= 1
    assert target.host.rpartition(".")[2][0].isalpha()
    assert target.port == HTTPS_PORT or target.port >= FIRST_UNPRIVILEGED_PORT
    assert target.path.startswith("/")


@pytest.mark.parametrize(
    ("url", "host", "port", "path"),
    [
        ("https://hooks.example.com", "hooks.example.com", 443, "/"),
        ("https://HOOKS.example.com:8443/a/b?c=d", "hooks.example.com", 8_443, "/a/b?c=d"),
        ("https://xn--hks-sna.example.com?a", "xn--hks-sna.example.com", 443, "/?a"),
    ],
)
def test_a_usual_address_is_taken_apart(url: str, host: str, port: int, path: str) -> None:
    assert target_of(url, loopback=False) == (True, host, port, path)


def test_this_machine_can_be_named_on_a_laptop_and_nothing_else_inside() -> None:
    assert target_of("http://127.0.0.1:8000/x", loopback=True) == (False, "127.0.0.1", 8_000, "/x")
    assert target_of("http://localhost/", loopback=True).port == 80
    for url in ("http://127.0.0.2/", "http://10.0.0.1/", "http://example.com/", "http://169.254.169.254/"):
        with pytest.raises(Invalid):
            target_of(url, loopback=True)

"""Bits of status lists: where they are, and how they are written."""

import base64
import gzip
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from microintern.domain.status_lists import (
    BITS,
    TRIES_PER_LIST,
    encoded,
    place_of,
    since,
)

KEPT_S = 300


def decoded(text: str) -> set[int]:
    """As the standard reads a list: the first bit is the leftmost."""
    assert text[0] == "u"
    bits = gzip.decompress(base64.urlsafe_b64decode(text[1:] + "=" * (-len(text[1:]) % 4)))
    assert len(bits) * 8 == BITS
    return {8 * at + bit for at, byte in enumerate(bits) if byte for bit in range(8) if byte & 0x80 >> bit}


@given(st.sets(st.integers(0, BITS - 1), max_size=50))
def test_exactly_the_bits_that_are_revoked_are_set(revoked: set[int]) -> None:
    assert decoded(encoded(revoked)) == revoked


def test_the_same_bits_give_the_same_text() -> None:
    assert encoded([3, 131_071]) == encoded([131_071, 3])


def test_a_place_follows_from_the_credential_and_the_attempt() -> None:
    first = place_of("a-credential", 0)
    assert (first, first.number) == (place_of("a-credential", 0), 0)
    others = [place_of("a-credential", attempt) for attempt in range(1, TRIES_PER_LIST + 1)]
    assert len({first, *others}) == TRIES_PER_LIST + 1
    assert [place.number for place in others] == [0] * (TRIES_PER_LIST - 1) + [1]


def test_places_are_all_over_the_list() -> None:
    found = [place_of(f"credential-{number}", 0).index for number in range(2_000)]
    assert len(set(found)) > 1_950
    quarters = [sum(at * BITS // 4 <= index < (at + 1) * BITS // 4 for index in found) for at in range(4)]
    assert all(400 < count < 600 for count in quarters)


@given(st.integers(0, 10**9))
def test_a_list_counts_from_the_same_instant_for_a_while(seconds: int) -> None:
    now = datetime(2026, 12, 1, tzinfo=UTC) + timedelta(seconds=seconds, milliseconds=seconds % 1_000)
    begins = since(now, KEPT_S)
    assert timedelta(0) <= now - begins < timedelta(seconds=KEPT_S)
    assert since(begins + timedelta(seconds=KEPT_S - 1), KEPT_S) == begins

"""Cursors are opaque, and good for the one list that they were given for."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microintern.app.cursors import decode, encode
from microintern.domain.problems import Malformed
from microintern.ports.paging import Position

texts = st.text(max_size=30)
positions = st.builds(Position, sort=texts, item=texts)
scopes = st.lists(st.text(alphabet="abc-#{}:", min_size=1, max_size=8), min_size=1, max_size=4)


@given(positions, scopes)
def test_a_cursor_leads_back_to_where_the_list_was_left(position: Position, scope: list[str]) -> None:
    assert decode(encode(position, *scope), *scope) == position


def test_without_a_cursor_a_list_starts_at_its_beginning_and_ends_without_one() -> None:
    assert decode(None, "open", "me") is None
    assert encode(None, "open", "me") is None


@given(positions, scopes, scopes)
def test_a_cursor_of_another_list_caller_or_filter_is_refused(
    position: Position, scope: list[str], other: list[str]
) -> None:
    if scope == other:
        return
    with pytest.raises(Malformed) as refused:
        decode(encode(position, *scope), *other)
    assert refused.value.code == "invalid_cursor"


def packed(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        "!",
        "garbage",
        "a" * 999,
        "ÿ",
        packed({}),
        packed(None),
        packed(7),
        packed("abc"),
        packed([]),
        packed(["x", "y"]),
        packed([1, 2, 3]),
        packed(["x", None, {}]),
        packed(["x", "y", "z", "w"]),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
    ],
)
def test_garbage_is_refused(garbage: str) -> None:
    with pytest.raises(Malformed) as refused:
        decode(garbage, "open", "me")
    assert refused.value.code == "invalid_cursor"


@given(st.text())
def test_no_text_makes_a_cursor_fail_in_another_way(text: str) -> None:
    with pytest.raises(Malformed):
        decode(text, "open", "me")

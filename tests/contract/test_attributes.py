"""Items as DynamoDB takes them: nothing is lost on the way there and back, and it is as the SDK itself writes it."""

from base64 import b64encode
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from microintern.adapters.dynamo import packed, unpacked

NUMBERS = st.integers(min_value=-(10**37), max_value=10**37)
PLAIN = st.none() | st.booleans() | NUMBERS | st.text() | st.binary()
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(min_size=1), inner), max_leaves=12)
ITEMS = st.dictionaries(st.text(min_size=1), VALUES | st.sets(st.text(min_size=1), min_size=1))


@given(ITEMS)
def test_an_item_comes_back_as_it_was(item: dict[str, Any]) -> None:
    back = unpacked(packed(item))
    assert back == item
    assert repr(back) == repr(item) or any(isinstance(value, set) for value in item.values()), "True is not 1"


@given(ITEMS)
def test_the_sdk_writes_it_alike_and_can_read_it(item: dict[str, Any]) -> None:
    ours = packed(item)
    theirs = {name: TypeSerializer().serialize(value) for name, value in item.items()}
    assert _sorted(ours) == _sorted(theirs)
    assert {name: TypeDeserializer().deserialize(value) for name, value in ours.items()} == item


@given(st.binary())
def test_bytes_come_by_a_call_as_they_are_and_by_a_stream_in_base64(value: bytes) -> None:
    assert unpacked({"a": {"B": value}}) == unpacked({"a": {"B": b64encode(value).decode()}}) == {"a": value}


def _sorted(item: dict[str, Any]) -> dict[str, Any]:
    return {name: {"SS": sorted(value["SS"])} if "SS" in value else value for name, value in item.items()}


@pytest.mark.parametrize("value", [1.5, object()])
def test_what_is_never_kept_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="no attribute holds"):
        packed({"a": value})


def test_what_was_never_written_here_is_not_taken_for_something_else() -> None:
    with pytest.raises(ValueError, match="kept as BS"):
        unpacked({"a": {"BS": [b"bytes"]}})

"""JSON as it is accepted: nothing that two readers could read in two ways."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microintern.domain.problems import Malformed
from microintern.web.json_body import parse

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=20,
)


@given(values)
def test_plain_json_is_read_as_it_is(value: object) -> None:
    assert parse(json.dumps(value)) == value


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_json"),
        ("{", "not_json"),
        ("{'a': 1}", "not_json"),
        ('{"a": 1} {"a": 2}', "not_json"),
        ("[NaN]", "not_json"),
        ("[Infinity]", "not_json"),
        ("[-Infinity]", "not_json"),
        ('{"pay": 1, "pay": 2}', "duplicate_key"),
        ('{"a": {"b": 1, "c": 2, "b": 1}}', "duplicate_key"),
        (f"[{'9' * 31}]", "number_too_long"),
        (f"[0.{'1' * 31}]", "number_too_long"),
        (f"[1{'0' * 400}]", "number_too_long"),
        (f"[1{'0' * 400}.0]", "number_too_long"),
        ("[1e400]", "number_too_large"),
        ("[-1e400]", "number_too_large"),
        ("[" * 33 + "]" * 33, "json_too_deep"),
        ('{"a\\"]":' * 33 + "1" + "}" * 33, "json_too_deep"),
        ("[" * 100_000, "json_too_deep"),
        ('{"a":' * 100_000, "json_too_deep"),
    ],
)
def test_anything_doubtful_is_refused_with_its_reason(text: str, code: str) -> None:
    with pytest.raises(Malformed) as refused:
        parse(text)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "text", ["[" * 32 + "]" * 32, '"[[[[' + "[" * 40 + '"', '["\\\\", {"a": "\\"' + "{" * 40 + '"}]']
)
def test_what_is_not_nested_too_deeply_passes(text: str) -> None:
    assert parse(text) == json.loads(text)


@given(st.text())
def test_no_text_fails_in_another_way(text: str) -> None:
    with contextlib.suppress(Malformed):
        parse(text)

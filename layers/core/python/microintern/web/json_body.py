"""JSON as it is accepted: no duplicate keys, no NaN, no numbers beyond reason, no bottomless nesting."""

import json
import math
from typing import Any

from microintern.domain.problems import Malformed

_MOST_DIGITS = 30
MOST_DEPTH = 32
"""Of lists and objects within each other; the deepest body of a command has six."""


def parse(text: str) -> Any:
    """The value of a JSON text; raises Malformed with the reason."""
    if _depth(text) > MOST_DEPTH:
        detail = f"The JSON body is nested too deeply: at most {MOST_DEPTH} lists and objects within each other."
        raise Malformed("json_too_deep", detail)
    try:
        return json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer, parse_float=_float
        )
    except json.JSONDecodeError as error:
        detail = f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        raise Malformed("not_json", detail) from error


def _depth(text: str) -> int:
    """How deep a text is nested at its deepest; brackets within strings do not count."""
    deepest = depth = 0
    in_string = escaped = False
    for character in text:
        if in_string:
            in_string = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise Malformed("duplicate_key", f"The key {twice[:40]!r} stands twice in one JSON object.")
    return value


def _constant(name: str) -> Any:
    raise Malformed("not_json", f"{name} is not JSON.")


def _integer(digits: str) -> int:
    return int(_short(digits))


def _float(digits: str) -> float:
    value = float(_short(digits))
    if math.isinf(value):
        raise Malformed("number_too_large", f"The number {digits} is too large.")
    return value


def _short(digits: str) -> str:
    if len(digits) > _MOST_DIGITS:
        raise Malformed("number_too_long", f"A number has more than {_MOST_DIGITS} characters.")
    return digits

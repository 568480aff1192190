"""JSON as it is accepted: no duplicate keys, no NaN, no numbers beyond reason, no bottomless nesting."""

import json
from typing import Any

from microintern.domain.problems import Malformed

_MOST_DIGITS = 30


def parse(text: str) -> Any:
    """The value of a JSON text; raises Malformed with the reason."""
    try:
        return json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer, parse_float=_float
        )
    except RecursionError as error:
        raise Malformed("json_too_deep", "The JSON body is nested too deeply.") from error
    except json.JSONDecodeError as error:
        detail = f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        raise Malformed("not_json", detail) from error


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
    return float(_short(digits))


def _short(digits: str) -> str:
    if len(digits) > _MOST_DIGITS:
        raise Malformed("number_too_long", f"A number has more than {_MOST_DIGITS} characters.")
    return digits

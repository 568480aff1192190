"""Whether a request came through the edge, which alone knows the key that it adds to each."""

import hmac
from collections.abc import Mapping

from microintern.adapters.secrets import read_secret
from microintern.domain.problems import Forbidden

HEADER = "x-origin-key"


def check_origin(secret_arn: str, headers: Mapping[str, str]) -> None:
    """Raise Forbidden unless the request carries a key that is in force; where there is no edge, all may come.

    Two keys can be in force at a time, so that one can take the other's place without a request being refused.
    """
    if not secret_arn:
        return
    given = headers.get(HEADER, "").encode()
    keys = read_secret(secret_arn)
    if not any(hmac.compare_digest(given, key.encode()) for key in (keys["key"], keys.get("other_key")) if key):
        raise Forbidden("not_through_the_edge", "Send requests to the public address of this API.")

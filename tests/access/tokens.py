"""Tokens that should open nothing. Each is made of a good one and differs from it in one thing."""

import base64
import json
import time
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

from infra.local.accounts import Account, claims
from infra.local.stack import LocalStack

HOUR_S = 3_600


class Forger:
    """Knows the pool's own signing key, which the local AWS keeps in a file, and can so make any token well signed."""

    def __init__(self, stack: LocalStack) -> None:
        folder = stack.emulator.state_dir / "cognito-pool-keys"
        self._own = RSAKey.import_key(Path(folder / f"{stack.outputs.user_pool_id}-access.pem").read_bytes())
        self._foreign = RSAKey.generate_key(2048, private=True, auto_kid=True)

    def tokens_of(self, account: Account) -> dict[str, str | None]:
        """The bad tokens in this person's name, by what is wrong with them."""
        good = account.access_token
        now_s = int(time.time())
        return {
            "anonymous": None,
            "expired": self.signed(good, iat=now_s - 2 * HOUR_S, exp=now_s - 1),
            "forged": self.signed(good, key=self._foreign),
            "unsigned": _unsigned(good),
            "tampered": _tampered(good),
            "other_pool": self.signed(good, iss=claims(good)["iss"] + "x"),
            "other_client": self.signed(good, client_id="another-client"),
            "id_token": account.id_token,
        }

    def signed(self, good: str, *, key: RSAKey | None = None, **changed: Any) -> str:
        """The good token's claims with some changed, signed by the pool's key or another, under the good key's id."""
        head = {"alg": "RS256", "kid": _part(good, 0)["kid"]}
        return jwt.encode(head, {**claims(good), **changed}, key or self._own)


def _unsigned(good: str) -> str:
    head = {"alg": "none", "kid": _part(good, 0)["kid"]}
    return f"{_encoded(head)}.{good.split('.')[1]}."


def _tampered(good: str) -> str:
    """The good signature, over another role and another hour."""
    head, _, signature = good.split(".")
    more = {"cognito:groups": ["operator"], "exp": claims(good)["exp"] + HOUR_S}
    return f"{head}.{_encoded({**claims(good), **more})}.{signature}"


def _part(token: str, index: int) -> dict[str, Any]:
    part = token.split(".")[index]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def _encoded(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

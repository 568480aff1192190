"""Who is calling, from the token that API Gateway has verified, and under which idempotency key."""

from typing import Any

from aws_lambda_powertools.event_handler.request import Request

from microintern.domain.base import fingerprint
from microintern.domain.brief import Command
from microintern.domain.problems import Forbidden, Malformed
from microintern.domain.states import Role


def reader(request: Request) -> Command:
    """The caller of a route that only reads."""
    account_id, role = _identity(request)
    return Command(actor_id=account_id, role=role, key="", body="")


def commander(request: Request) -> Command:
    """The caller of a route that changes something. Keys are the caller's own: two callers cannot collide."""
    account_id, role = _identity(request)
    event = request.resolved_event
    key = event.headers.get("Idempotency-Key", "").strip('"')
    if not key:
        raise Malformed("idempotency_key_missing", "Send an Idempotency-Key header, such as a new UUID per command.")
    if not 8 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
        detail = "An Idempotency-Key has 8 to 255 visible ASCII characters; a UUID is fine."
        raise Malformed("idempotency_key_malformed", detail)
    body = fingerprint(request.method, event.raw_event["rawPath"], event.body or "")
    request_id = event.raw_event["requestContext"]["requestId"]
    return Command(actor_id=account_id, role=role, key=fingerprint(account_id, key), body=body, request_id=request_id)


def _identity(request: Request) -> tuple[str, Role]:
    claims = request.resolved_event.raw_event["requestContext"]["authorizer"]["jwt"]["claims"]
    if claims.get("token_use") != "access":
        raise Forbidden("not_an_access_token", "Send the access token; the id token is not for this API.")
    roles = [role for role in Role if role is not Role.SERVER and role.value in _groups(claims)]
    if not roles:
        detail = (
            "This account has no role; roles come with sign-up or from an operator. Sign in again to see a new one."
        )
        raise Forbidden("no_role", detail)
    return claims["sub"], roles[0]


def _groups(claims: dict[str, Any]) -> list[str]:
    """API Gateway hands the list on as text such as `[student]`."""
    groups = claims.get("cognito:groups", "")
    return groups if isinstance(groups, list) else groups.strip("[]").replace(",", " ").split()

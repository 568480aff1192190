"""Who is calling, from the token that API Gateway has verified, and under which idempotency key."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Header
from aws_lambda_powertools.event_handler.request import Request

from microintern.domain.base import fingerprint
from microintern.domain.brief import Command
from microintern.domain.problems import Forbidden, Malformed
from microintern.domain.states import Role


def reader(request: Request) -> Command:
    """The caller of a route that only reads."""
    account_id, role = _identity(request)
    return Command(actor_id=account_id, role=role, key="", body="")


def commander(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description=(
                "Required. A key of your own for this command, 8 to 255 visible ASCII characters, such as a UUID. "
                "The same key with the same body gives the stored answer, however much later; with another body, 422."
            ),
        ),
    ] = None,
) -> Command:
    """The caller of a route that changes something. Keys are the caller's own: two callers cannot collide."""
    account_id, role = _identity(request)
    if idempotency_key is None:
        raise Malformed("idempotency_key_missing", "Send an Idempotency-Key header, such as a new UUID per command.")
    key = idempotency_key.strip('"')
    if not 8 <= len(key) <= 255 or not key.isascii() or not key.isprintable():  # noqa: PLR2004 - stated in the header's description
        detail = "An Idempotency-Key has 8 to 255 visible ASCII characters; a UUID is fine."
        raise Malformed("idempotency_key_malformed", detail)
    event = request.resolved_event
    body = fingerprint(request.method, event.raw_event["rawPath"], event.body or "")
    return Command(actor_id=account_id, role=role, key=fingerprint(account_id, key), body=body)


def _identity(request: Request) -> tuple[str, Role]:
    claims = request.resolved_event.raw_event["requestContext"]["authorizer"]["jwt"]["claims"]
    if claims.get("token_use") != "access":
        raise Forbidden("not_an_access_token", "Send the access token; the id token is not for this API.")
    roles = [role for role in Role if role is not Role.SERVER and role.value in _groups(claims)]
    if not roles:
        detail = "This account has no role; roles come with sign-up or from an operator. Sign in again to see a new one."
        raise Forbidden("no_role", detail)
    return claims["sub"], roles[0]


def _groups(claims: dict[str, Any]) -> list[str]:
    """API Gateway hands the list on as text such as `[student]`."""
    groups = claims.get("cognito:groups", "")
    return groups if isinstance(groups, list) else groups.strip("[]").replace(",", " ").split()

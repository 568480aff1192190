"""Who is calling, from the token that API Gateway has verified, and under which idempotency key."""

from typing import Any, NamedTuple

from aws_lambda_powertools.event_handler.request import Request

from microintern.domain.base import fingerprint
from microintern.domain.brief import Command
from microintern.domain.organisations import CATEGORY_OF
from microintern.domain.problems import Forbidden, Malformed
from microintern.domain.standing import Standing
from microintern.domain.states import Role
from microintern.web.gate import gate

OPEN_TO_SUSPENDED = frozenset(
    {"GET /me", "GET /me/export", "POST /me/cohorts/{cohort_id}/withdrawal", "POST /me/portfolio/link/revocation"}
)
"""What a suspended account may still do: see what is kept of it, and why it is suspended, and have no more seen."""


NEEDS_NO_ORGANISATION = frozenset({"POST /organisations", "POST /me/organisation"})
"""What an employer or an educator does to get one."""


class Caller(NamedTuple):
    """Somebody whose token is good and who may act, or at least ask this."""

    account_id: str
    role: Role
    standing: Standing
    ties: frozenset[str]

    def command(self, key: str = "", body: str = "", request_id: str | None = None) -> Command:
        """What they ask for."""
        return Command(
            actor_id=self.account_id,
            role=self.role,
            key=key,
            body=body,
            request_id=request_id,
            organisation_id=self.standing.acts_for(self.role),
            ties=self.ties,
        )


def admitted(event: dict[str, Any]) -> Caller | None:
    """Who sends this request, if they may; None where no token is asked for."""
    authorizer = event["requestContext"].get("authorizer")
    if authorizer is None:
        return None
    account_id, role = _identity(authorizer["jwt"]["claims"])
    also_suspended = event["routeKey"] in OPEN_TO_SUSPENDED
    acts_for_one = role in CATEGORY_OF and event["routeKey"] not in NEEDS_NO_ORGANISATION
    standing = gate().admit(account_id, also_suspended=also_suspended, for_organisation=acts_for_one)
    return Caller(account_id, role, standing, gate().ties(standing))


def reader(request: Request) -> Command:
    """The caller of a route that only reads."""
    caller: Caller = request.context["caller"]
    return caller.command()


def commander(request: Request) -> Command:
    """The caller of a route that changes something. Keys are the caller's own: two callers cannot collide."""
    caller: Caller = request.context["caller"]
    event = request.resolved_event
    key = event.headers.get("Idempotency-Key", "").strip('"')
    if not key:
        raise Malformed("idempotency_key_missing", "Send an Idempotency-Key header, such as a new UUID per command.")
    if not 8 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
        detail = "An Idempotency-Key has 8 to 255 visible ASCII characters; a UUID is fine."
        raise Malformed("idempotency_key_malformed", detail)
    body = fingerprint(request.method, event.raw_event["rawPath"], event.body or "")
    request_id = event.raw_event["requestContext"]["requestId"]
    return caller.command(fingerprint(caller.account_id, key), body, request_id)


def _identity(claims: dict[str, Any]) -> tuple[str, Role]:
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

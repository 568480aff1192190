"""Who is calling, from the token's claims as HTTP API hands them on."""

from types import SimpleNamespace
from typing import Any

import pytest
from aws_lambda_powertools.event_handler.request import Request
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from microintern.domain.brief import Command
from microintern.domain.problems import Forbidden, Malformed
from microintern.domain.standing import Standing, StandingState
from microintern.domain.states import Role
from microintern.web import caller
from microintern.web.caller import admitted, commander, reader
from microintern.web.gate import Gate
from tests.twins.clock import MemoryClock
from tests.twins.organisations import MemoryStandings
from tests.unit.builders import NOW, POLICY, STUDENT

REQUEST_ID = "JKJaXmPLvHcESHA="
KEY = "1f0c2c1e-7f0a-4a52-9a8e-3d0f4a4f3b57"


def a_request(
    groups: object = "[student]",
    token_use: str | None = "access",
    headers: dict[str, str] | None = None,
    body: str | None = "{}",
    path: str = "/me/profile",
) -> Request:
    claims: dict[str, Any] = {"sub": STUDENT, "token_use": token_use, "cognito:groups": groups}
    claims = {name: value for name, value in claims.items() if value is not None}
    raw = {
        "rawPath": path,
        "headers": {"idempotency-key": KEY} if headers is None else headers,
        "body": body,
        "requestContext": {
            "requestId": REQUEST_ID,
            "http": {"method": "PUT", "path": path},
            "authorizer": {"jwt": {"claims": claims, "scopes": None}},
        },
    }
    raw["routeKey"] = f"PUT {path}"
    event = APIGatewayProxyEventV2(raw)
    return SimpleNamespace(resolved_event=event, method="PUT", context={"caller": admitted(raw)})  # type: ignore[return-value]


@pytest.fixture(autouse=True)
def standings(monkeypatch: pytest.MonkeyPatch) -> MemoryStandings:
    """How people stand, as the gate finds it."""
    kept = MemoryStandings()
    gate = Gate(kept, MemoryClock(NOW), POLICY)
    monkeypatch.setattr(caller, "gate", lambda: gate)
    return kept


def test_who_is_suspended_is_refused_but_for_what_is_open_to_them(standings: MemoryStandings) -> None:
    standings.save(Standing(account_id=STUDENT, state=StandingState.SUSPENDED, reason="Spam.", since=NOW, version=1))
    with pytest.raises(Forbidden) as refused:
        reader(a_request())
    assert (refused.value.code, refused.value.members["reason"]) == ("account_suspended", "Spam.")
    who = admitted(a_request_event("GET /me"))
    assert who is not None
    assert who.standing.state is StandingState.SUSPENDED
    assert admitted({"requestContext": {}}) is None


def a_request_event(route: str) -> dict[str, Any]:
    claims = {"sub": STUDENT, "token_use": "access", "cognito:groups": "[student]"}
    return {"routeKey": route, "requestContext": {"authorizer": {"jwt": {"claims": claims}}}}


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        ("[student]", Role.STUDENT),
        ("[employer]", Role.EMPLOYER),
        ("[educator]", Role.EDUCATOR),
        ("[operator]", Role.OPERATOR),
        ("[testers student]", Role.STUDENT),
        (["student"], Role.STUDENT),
    ],
)
def test_the_role_is_the_group_of_the_account(groups: object, role: Role) -> None:
    assert reader(a_request(groups)) == Command(actor_id=STUDENT, role=role, key="", body="")


@pytest.mark.parametrize("groups", ["[]", "", None, "[testers]", "[server]", "[students]", "[STUDENT]"])
def test_without_one_of_the_four_roles_nothing_is_possible(groups: object) -> None:
    with pytest.raises(Forbidden) as refused:
        reader(a_request(groups))
    assert refused.value.code == "no_role"


@pytest.mark.parametrize("token_use", ["id", None, ""])
def test_only_an_access_token_will_do(token_use: str | None) -> None:
    with pytest.raises(Forbidden) as refused:
        reader(a_request(token_use=token_use))
    assert refused.value.code == "not_an_access_token"


def test_the_key_and_the_body_are_kept_as_fingerprints_only() -> None:
    command = commander(a_request(body='{"name": "Amara Okafor"}'))
    assert KEY not in repr(command)
    assert "Amara" not in repr(command)


def test_the_same_command_has_the_same_fingerprints_and_another_has_not() -> None:
    assert commander(a_request()) == commander(a_request())
    assert commander(a_request()).body != commander(a_request(body='{"name": "A"}')).body
    assert commander(a_request()).body != commander(a_request(path="/me/payout-account")).body
    assert commander(a_request()).key != commander(a_request(headers={"idempotency-key": KEY + "x"})).key


@pytest.mark.parametrize("name", ["idempotency-key", "Idempotency-Key"])
def test_the_header_is_found_in_any_case_and_with_quotes_as_its_draft_writes_them(name: str) -> None:
    assert commander(a_request(headers={name: f'"{KEY}"'})).key == commander(a_request()).key


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "idempotency_key_missing"),
        ({"idempotency-key": ""}, "idempotency_key_missing"),
        ({"idempotency-key": "short"}, "idempotency_key_malformed"),
        ({"idempotency-key": "x" * 256}, "idempotency_key_malformed"),
        ({"idempotency-key": "clé-du-monde"}, "idempotency_key_malformed"),
        ({"idempotency-key": "tab\tin-it-"}, "idempotency_key_malformed"),
    ],
)
def test_a_command_needs_a_key_that_can_be_told_apart(headers: dict[str, str], code: str) -> None:
    with pytest.raises(Malformed) as refused:
        commander(a_request(headers=headers))
    assert refused.value.code == code


def test_a_command_knows_the_request_that_it_came_with() -> None:
    assert commander(a_request()).request_id == REQUEST_ID
    assert reader(a_request()).request_id is None

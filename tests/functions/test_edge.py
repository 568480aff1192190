"""What every answer says to a browser, and that nobody goes around the edge."""

import json
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest

from microintern.adapters import secrets
from microintern.web.headers import NOT_KEPT, SECURITY
from microintern.web.origin import HEADER
from tests.functions.world import World, command, sample

NAME = "origin-key"
READ, DESCRIPTION, KEYS = "browse_api/pay_floor", "openapi/read_description", "signing_keys/read_signing_keys"
FOR_ANYBODY = (DESCRIPTION, KEYS)
ROUTES = (READ, *FOR_ANYBODY, "payments_webhook/payments_webhook", "briefs_api/post_brief")


def headers_of(answer: dict[str, Any]) -> dict[str, Any]:
    return {name.lower(): value for name, value in answer["headers"].items()}


@pytest.mark.parametrize(
    ("name", "status", "changes"),
    [
        (READ, 200, {}),
        (READ, 422, {"query": {"hours": "x"}}),
        ("money_api/statement_csv", 200, {}),
        ("briefs_api/post_brief", 403, {"role": "student"}),
        ("briefs_api/post_brief", 413, {"body": "x" * 70_000}),
    ],
)
def test_every_answer_is_neither_kept_nor_guessed_at_nor_framed(
    world: World, name: str, status: int, changes: dict[str, Any]
) -> None:
    answer = world.call(name, command(name, **changes))
    assert answer["statusCode"] == status
    wanted = {name.lower(): value for name, value in {**SECURITY, **NOT_KEPT}.items()}
    found = headers_of(answer)
    assert {name: found.get(name) for name in wanted} == wanted


def test_the_description_may_be_kept_for_a_while(world: World) -> None:
    found = headers_of(world.call(DESCRIPTION))
    assert found["cache-control"] == "public, max-age=300"
    assert found["x-content-type-options"] == "nosniff"


class Key:
    """The secret that the edge shows, kept by the functions for as long as they keep secrets."""

    def __init__(self, world: World) -> None:
        self._secrets = world.clients["secretsmanager"]

    def set(self, key: str, other_key: str = "") -> None:
        text = json.dumps({"key": key, "other_key": other_key})
        self._secrets.put_secret_value(SecretId=NAME, SecretString=text)

    def minutes_pass(self) -> None:
        """What was kept for a while is too old."""
        secrets._kept.clear()


@pytest.fixture
def key(world: World) -> Iterator[Key]:
    """An edge stands before the functions; its key is `first`."""
    created = world.clients["secretsmanager"].create_secret(Name=NAME, SecretString="{}")
    behind = [
        mock.patch.object(world.functions[name.partition("/")[0]].app, "_origin_secret_arn", created["ARN"])
        for name in ROUTES
        if name not in FOR_ANYBODY
    ]
    for module in (world.functions[name.partition("/")[0]] for name in FOR_ANYBODY):
        changed = module.settings.model_copy(update={"origin_secret_arn": created["ARN"]})
        behind.append(mock.patch.object(module, "settings", changed))
    made = Key(world)
    made.set("first")
    made.minutes_pass()
    for patch in behind:
        patch.start()
    yield made
    for patch in behind:
        patch.stop()
    made.minutes_pass()
    world.clients["secretsmanager"].delete_secret(SecretId=NAME, ForceDeleteWithoutRecovery=True)


def asked(world: World, name: str, shown: str | None) -> dict[str, Any]:
    event = sample(name)
    event["headers"] |= {HEADER: shown} if shown is not None else {}
    answer: dict[str, Any] = world.call(name, event)
    return answer


@pytest.mark.parametrize("shown", [None, "", "secnd", "firs", "first "])
@pytest.mark.parametrize("name", ROUTES)
def test_who_goes_around_the_edge_is_refused_before_anything_else(
    world: World, key: Key, name: str, shown: str | None
) -> None:
    answer = asked(world, name, shown)
    problem = json.loads(answer["body"])
    assert (answer["statusCode"], problem["code"]) == (403, "not_through_the_edge")
    assert headers_of(answer)["content-type"] == "application/problem+json"
    assert headers_of(answer)["cache-control"] == "no-store"
    assert world.published == []


@pytest.mark.parametrize("name", [READ, *FOR_ANYBODY])
def test_who_comes_through_it_is_served(world: World, key: Key, name: str) -> None:
    assert asked(world, name, "first")["statusCode"] == 200


def test_keys_change_without_a_request_being_refused_and_without_a_deployment(world: World, key: Key) -> None:
    assert asked(world, READ, "first")["statusCode"] == 200
    key.set("first", other_key="second")
    key.minutes_pass()
    assert [asked(world, READ, shown)["statusCode"] for shown in ("first", "second")] == [200, 200]
    key.set("second", other_key="first")
    key.minutes_pass()
    assert [asked(world, READ, shown)["statusCode"] for shown in ("first", "second")] == [200, 200]
    key.set("second")
    assert asked(world, READ, "first")["statusCode"] == 200, "a secret is kept for a while"
    key.minutes_pass()
    assert [asked(world, READ, shown)["statusCode"] for shown in ("first", "second")] == [403, 200]


def test_secrets_are_kept_for_minutes_and_no_longer() -> None:
    assert 60 <= secrets.KEPT_FOR_S <= 600

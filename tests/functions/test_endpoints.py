"""Webhooks through the functions: from a request to the message that somebody's own system verifies."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from infra.local.receiver import Receiver
from microintern.adapters.users import CognitoUsers
from microintern.domain.states import State
from tests.functions.test_bad_input import refused
from tests.functions.world import (
    BRIEF,
    EMPLOYER,
    ENDPOINT,
    NEWCOMER,
    WEBHOOK_QUEUE,
    World,
    changed_body,
    command,
    documents_of,
    sample,
    the_brief,
)

CREATE = "webhooks_api/create_webhook"


def queue_event(world: World) -> dict[str, Any]:
    """What SQS hands to the function: everything that waits, taken out."""
    event: dict[str, Any] = sample("webhook_delivery/due")
    bodies = world.messages(WEBHOOK_QUEUE)
    event["Records"] = [{**event["Records"][0], "body": body} for body in bodies]
    url = f"https://sqs.eu-west-1.amazonaws.com/123456789012/{WEBHOOK_QUEUE}"
    world.clients["sqs"].purge_queue(QueueUrl=url)
    return event


def test_from_the_command_to_a_message_that_the_published_library_verifies(world: World, monkeypatch: Any) -> None:
    world.seed(the_brief(State.OPEN), *documents_of(State.OPEN))
    with Receiver() as receiver:
        body = {"url": receiver.url, "event_types": ["application.received"]}
        created = world.call(CREATE, command(CREATE, body=body))
        assert created["statusCode"] == 201
        issued = json.loads(created["body"])
        receiver.secret = issued["secret"]
        event = sample("webhook_dispatch/application_received")
        event["detail"]["time"] = world.clock.now().isoformat()
        assert world.call("webhook_dispatch/application_received", event) == {"deliveries": 1}
        monkeypatch.setattr(Webhook, "_Webhook__verify_timestamp", lambda _, text: _at(text))  # samples are of 2027
        assert world.call("webhook_delivery/due", queue_event(world)) == {"batchItemFailures": []}
    ((message_id, signatures, content),) = receiver.heard
    assert (signatures, content["type"], content["data"]["subject"]) == (1, "application.received", BRIEF)
    listed = command("webhooks_api/webhook_deliveries")
    at = issued["endpoint"]["endpoint_id"]
    listed["pathParameters"]["endpoint_id"], listed["rawPath"] = at, listed["rawPath"].replace(ENDPOINT, at)
    (delivery,) = json.loads(world.call("webhooks_api/webhook_deliveries", listed)["body"])["items"]
    assert (delivery["delivery_id"], delivery["state"]) == (message_id, "delivered")
    assert [attempt["status"] for attempt in delivery["attempts"]] == [204]


def _at(text: str) -> datetime:
    return datetime.fromtimestamp(int(text), UTC)


def test_nothing_secret_is_stored_logged_or_shown_again(world: World) -> None:
    secret = json.loads(world.call(CREATE)["body"])["secret"]
    assert secret.startswith("whsec_")
    shown = world.call("webhooks_api/webhooks")["body"]
    kept = json.dumps(world.everything())
    for text in (shown, kept, world.logs.getvalue()):
        assert secret.removeprefix("whsec_") not in text
    assert "sealed" not in shown
    assert "hooks.example.com" not in world.logs.getvalue()


@pytest.mark.parametrize(
    "url",
    ["http://hooks.example.com/", "https://169.254.169.254/latest/", "https://localhost/", "https://a@b.example/"],
)
def test_an_address_that_is_not_public_is_refused_by_its_field(world: World, url: str) -> None:
    refused(world, CREATE, command(CREATE, body=changed_body(CREATE, ("url",), url)), 422, "webhook_url")


def test_a_type_of_event_that_is_nobodys_is_refused(world: World) -> None:
    for kind in ("payment.updated", "webhook.test", "brief.vanished"):
        body = changed_body(CREATE, ("event_types",), [kind])
        refused(world, CREATE, command(CREATE, body=body), 422, "invalid")


@pytest.mark.parametrize("name", ["webhooks", "create_webhook", "rotate_webhook", "webhook_deliveries"])
def test_a_member_who_is_no_owner_may_not(world: World, name: str) -> None:
    world.queued()
    world.invite()
    world.join()
    refused(world, f"webhooks_api/{name}", command(f"webhooks_api/{name}", sub=NEWCOMER), 403, "not_an_owner")


def test_an_export_has_the_endpoints_that_somebody_created(world: World) -> None:
    world.connect()
    mine = command("personal_data_api/export", sub=EMPLOYER, role="employer")
    (found,) = json.loads(world.call("personal_data_api/export", mine)["body"])["account"]["webhooks"]
    assert (found["endpoint_id"], found["created_by"]) == (ENDPOINT, EMPLOYER)
    world.invite()
    world.join()
    theirs = command("personal_data_api/export", sub=NEWCOMER, role="employer")
    assert json.loads(world.call("personal_data_api/export", theirs)["body"])["account"]["webhooks"] == []


def test_the_last_of_an_organisation_takes_its_endpoints_along(world: World, monkeypatch: Any) -> None:
    users = CognitoUsers(world.clients["cognito-idp"], world.pool_id)
    monkeypatch.setattr(world.functions["erase"], "users", users)
    world.queued()
    asked = command("personal_data_api/erase_me", sub=EMPLOYER, role="employer", body={"account_id": EMPLOYER})
    assert world.call("personal_data_api/erase_me", asked)["statusCode"] == 202
    for erased in (1, 0):
        assert world.call("erase/scheduled") == {"erased": erased}
    assert (world.endpoint.state, world.endpoint.url, world.endpoint.secrets) == ("deleted", "", [])
    assert world.deliveries.newest(ENDPOINT, 9).items == []
    assert world.call("webhook_delivery/due") == {"batchItemFailures": []}

"""Anyone can call the webhook: only what the provider signed, now, for this platform, is acted on, and only once."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from microintern.adapters.standard_webhooks import signed
from microintern.domain.audit import Finding
from microintern.domain.states import Action, State
from tests.functions.test_bad_input import MEMBERS
from tests.functions.world import (
    BRIEF,
    LATER,
    PROVIDER_ACCOUNT,
    SECRET,
    World,
    metrics,
    sample,
    the_brief,
)

NAME = "payments_webhook/payments_webhook"
KEY = f"{BRIEF}#fund"


def message(content: Any, secret: str = SECRET, late_s: int = 0, message_id: str = "message-1") -> dict[str, Any]:
    """A request with this body (a value or a text), signed as said."""
    event: dict[str, Any] = sample(NAME)
    event["body"] = content if isinstance(content, str) else json.dumps(content)
    event["headers"] |= signed(secret, message_id, event["body"], LATER - timedelta(seconds=late_s))
    return event


def about(data: dict[str, Any], account: str = PROVIDER_ACCOUNT) -> dict[str, Any]:
    return {"type": "operation.updated", "account": account, "data": data}


def without(*headers: str) -> dict[str, Any]:
    event: dict[str, Any] = sample(NAME)
    event["headers"] = {name: value for name, value in event["headers"].items() if name not in headers}
    return event


def tampered() -> dict[str, Any]:
    event: dict[str, Any] = sample(NAME)
    event["body"] = event["body"].replace("settled", "failed")
    return event


def renamed() -> dict[str, Any]:
    event: dict[str, Any] = sample(NAME)
    event["headers"]["webhook-id"] = "another-message"
    return event


REFUSED = {
    "unsigned": (without("webhook-id", "webhook-timestamp", "webhook-signature"), "not signed"),
    "without its id": (without("webhook-id"), "not signed"),
    "without a time": (without("webhook-timestamp"), "not signed"),
    "signed by somebody else": (
        message(about({"key": KEY}), secret="whsec_c29tZWJvZHkgZWxzZQ=="),
        "not the provider's",
    ),
    "changed on the way": (tampered(), "not the provider's"),
    "under another id": (renamed(), "not the provider's"),
    "old": (message(about({"key": KEY}), late_s=301), "more than 300 s"),
    "of the future": (message(about({"key": KEY}), late_s=-301), "more than 300 s"),
    "for another account": (message(about({"key": KEY}, account="microintern-other")), "another account"),
    "of no account": (message({"data": {"key": KEY}}), "cannot be read"),
    "not JSON": (message("it worked"), "cannot be read"),
    "no object": (message("[]"), "cannot be read"),
    "of no body": (message(""), "cannot be read"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_message_that_is_not_the_providers_is_refused_noted_and_counted(
    world: World, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    event, why = REFUSED[what]
    world.seed(the_brief(State.POSTED, Action.REQUEST_FUNDING))
    answer = world.call(NAME, event)
    problem = json.loads(answer["body"])
    assert (answer["statusCode"], problem["code"]) == (400, "webhook_refused")
    assert problem.keys() >= MEMBERS
    assert "application/problem+json" in str(answer)
    assert why in problem["detail"]
    assert world.published == []
    assert metrics(capsys.readouterr().out) == {"WebhookRefused": [1]}
    (noted,) = json.loads(world.call("operations_api/audit_trail")["body"])["items"]
    assert (noted["finding"], noted["subject"]) == ("webhook_refused", "sandbox")
    assert why in noted["reason"]
    assert event["body"] not in world.logs.getvalue() or event["body"] == ""


def test_a_flood_of_the_same_refused_message_is_one_line_in_the_trail(world: World) -> None:
    for _ in range(3):
        world.call(NAME, REFUSED["changed on the way"][0])
    assert [entry.finding for entry in world.findings(needs_person=False)] == [Finding.WEBHOOK_REFUSED]


def test_a_signature_holds_for_some_minutes_and_one_of_several_is_enough(world: World) -> None:
    event = message(about({"key": KEY}), late_s=299)
    event["headers"]["webhook-signature"] = f"v1,bm90IHRoaXMgb25l {event['headers']['webhook-signature']}"
    assert world.call(NAME, event)["statusCode"] == 202


def test_a_replayed_message_is_published_once_and_noted(world: World) -> None:
    answers = [world.call(NAME)["statusCode"] for _ in range(3)]
    assert answers == [202, 202, 202], "the provider must not send it again"
    assert [event["type"] for event in world.published] == ["payment.updated"]
    noted = [entry.finding for entry in world.findings(needs_person=False)]
    assert sorted(noted) == [Finding.WEBHOOK_APPLIED, Finding.WEBHOOK_REPLAYED]


def test_a_message_in_base64_is_the_same_message(world: World) -> None:
    assert world.call(NAME)["statusCode"] == world.call("payments_webhook/base64_body")["statusCode"] == 202
    assert len(world.published) == 1
    event = sample("payments_webhook/base64_body")
    event["body"] = base64.b64encode(b"\xff\xfe").decode()
    assert world.call("payments_webhook/base64_body", event)["statusCode"] == 400


IGNORED: dict[str, dict[str, Any]] = {
    "about nothing": {},
    "about a payment of somebody else": {"key": "pi_1"},
    "about a destination that is none here": {"destination": "DE89 3704"},
    "about no text": {"key": 7},
}


@pytest.mark.parametrize("what", IGNORED)
def test_a_message_about_nothing_of_this_platform_is_taken_and_ignored(world: World, what: str) -> None:
    assert world.call(NAME, message(about(IGNORED[what])))["statusCode"] == 202
    assert world.published == []
    (noted,) = json.loads(world.call("operations_api/audit_trail")["body"])["items"]
    assert (noted["finding"], noted["reason"]) == ("webhook_ignored", "it is about nothing of this platform")


def test_a_crash_before_it_is_noted_publishes_it_twice_rather_than_never(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError("gone")

    with monkeypatch.context() as broken:
        broken.setattr(world.functions["payments_webhook"].audit, "note", crash)
        assert world.call(NAME)["statusCode"] == 500, "so that the provider sends it again"
    assert world.call(NAME)["statusCode"] == 202
    assert [event["id"] for event in world.published] == [world.published[0]["id"]] * 2


def test_it_calls_dynamodb_twice_for_a_message_and_believes_nothing_in_it(world: World) -> None:
    world.seed(the_brief(State.POSTED, Action.REQUEST_FUNDING))
    with world.counting() as sent:
        world.call(NAME)
    assert sent == ["GetItem", "PutItem"]
    assert world.transfers == []
    assert world.published[0]["data"] == {"brief_id": BRIEF, "transfer_id": KEY}, "a hint, no status and no amount"


BATCH = "sandbox_delivery/batch"


@pytest.mark.parametrize("statuses", [(202, 503), (500, 202), (400, 202)])
def test_a_message_that_is_not_taken_goes_back_to_the_queue(world: World, statuses: tuple[int, ...]) -> None:
    with world.hearing(*statuses) as heard:
        failed = world.call(BATCH)["batchItemFailures"]
    assert len(heard) == 2
    ids = [record["messageId"] for record in sample(BATCH)["Records"]]
    lost = [message_id for message_id, status in zip(ids, statuses, strict=True) if status != 202]
    assert [failure["itemIdentifier"] for failure in failed] == lost


def test_when_nobody_answers_the_whole_batch_goes_back(world: World) -> None:
    with pytest.raises(Exception, match="All records failed"):
        world.call(BATCH)


def test_what_the_sandbox_sends_is_what_the_webhook_takes(world: World) -> None:
    world.seed(the_brief(State.POSTED, Action.REQUEST_FUNDING))
    world.call("settlement/funding_requested")
    event = sample(NAME)
    with world.hearing() as heard:
        world.call("sandbox_delivery/operation_updated")
    ((headers, event["body"]),) = heard
    event["headers"] = headers
    assert world.call(NAME, event)["statusCode"] == 202
    assert [published["type"] for published in world.published] == ["payment.updated"]

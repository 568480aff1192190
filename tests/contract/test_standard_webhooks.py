"""Signing and verifying webhooks, against the example that the specification's own libraries are tested with."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from microintern.adapters.payments.sandbox import Asked, Message
from microintern.adapters.payments.sandbox_delivery import body_of
from microintern.adapters.payments.sandbox_webhooks import SandboxWebhooks
from microintern.adapters.standard_webhooks import TOLERANCE_S, signed
from microintern.domain.payments import Hint, OperationKind
from microintern.ports.payments import WebhookRefused
from tests.contract.examples import NOW
from tests.twins.money import MemorySandboxStore

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEXT_SECRET = "whsec_" + base64.b64encode(b"the one that comes after it ....").decode()
ACCOUNT = "microintern-test"
BODY = json.dumps({"type": "operation.updated", "account": ACCOUNT, "data": {"key": "brief-000001#fund"}})


def verify(headers: dict[str, str], body: str = BODY, now: datetime = NOW, *secrets: str) -> Hint:
    return SandboxWebhooks(secrets or [SECRET], ACCOUNT).verify(headers, body, now)


def test_the_signature_is_that_of_the_published_example() -> None:
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = signed(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", '{"test": 2432232314}', at)
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_what_was_signed_is_verified_and_says_what_it_is_about() -> None:
    assert verify(signed(SECRET, "m-1", BODY, NOW)) == Hint(event_id="m-1", key="brief-000001#fund")


def test_header_names_may_come_in_any_case() -> None:
    headers = {name.title(): value for name, value in signed(SECRET, "m-1", BODY, NOW).items()}
    assert verify(headers).event_id == "m-1"


def test_one_right_signature_among_several_is_enough() -> None:
    headers = signed(SECRET, "m-1", BODY, NOW)
    old = signed(NEXT_SECRET, "m-1", BODY, NOW)["webhook-signature"]
    headers["webhook-signature"] = f"{old} v1a,c29tZXRoaW5n {headers['webhook-signature']}"
    assert verify(headers).event_id == "m-1"


def test_while_a_secret_is_replaced_both_are_believed() -> None:
    for secret in (SECRET, NEXT_SECRET):
        assert verify(signed(secret, "m-1", BODY, NOW), BODY, NOW, SECRET, NEXT_SECRET).key
    with pytest.raises(WebhookRefused):
        verify(signed(NEXT_SECRET, "m-1", BODY, NOW))


@pytest.mark.parametrize("wrong", ["", "v1,", "v2,{right}", "{right}x", "v1,grüße", "{right},v1"])
def test_any_other_signature_is_refused(wrong: str) -> None:
    headers = signed(SECRET, "m-1", BODY, NOW)
    right = headers["webhook-signature"].removeprefix("v1,")
    headers["webhook-signature"] = wrong.replace("{right}", right)
    with pytest.raises(WebhookRefused, match="not the provider's"):
        verify(headers)


@pytest.mark.parametrize("timestamp", ["", "soon", "1e9", "9" * 30, "-" + "9" * 30])
def test_a_time_that_is_none_is_refused(timestamp: str) -> None:
    with pytest.raises(WebhookRefused, match="not signed"):
        verify(signed(SECRET, "m-1", BODY, NOW) | {"webhook-timestamp": timestamp})


def test_the_tolerance_counts_both_ways_and_to_the_second() -> None:
    at = NOW.replace(microsecond=0)
    headers = signed(SECRET, "m-1", BODY, at)
    for off_s in (-TOLERANCE_S, TOLERANCE_S):
        assert verify(headers, BODY, at + timedelta(seconds=off_s)).key
        with pytest.raises(WebhookRefused, match="signed more than"):
            verify(headers, BODY, at + timedelta(seconds=off_s * 1.01))


@pytest.mark.parametrize(
    "body", ["", "no json", "[]", "null", "{}", '{"data": {}}', f'{{"account": "{ACCOUNT}", "data": 7}}', '"x"']
)
def test_a_signed_body_that_says_nothing_is_refused(body: str) -> None:
    with pytest.raises(WebhookRefused, match="cannot be read"):
        verify(signed(SECRET, "m-1", body, NOW), body)


def test_a_message_of_another_account_is_refused() -> None:
    body = BODY.replace(ACCOUNT, "somebody-else")
    with pytest.raises(WebhookRefused, match="another account"):
        verify(signed(SECRET, "m-1", body, NOW), body)


def test_only_text_is_taken_for_an_id_and_what_else_it_says_is_passed_over() -> None:
    data = {"key": 7, "destination": "acct_1", "reference": None, "status": "settled", "amount": 5}
    body = json.dumps({"account": ACCOUNT, "data": data})
    assert verify(signed(SECRET, "m-1", body, NOW), body) == Hint(event_id="m-1", destination="acct_1")


def test_a_secret_that_is_none_is_a_fault_of_the_setting() -> None:
    with pytest.raises(ValueError, match="a webhook secret is"):
        signed("whsec_not base64!", "m-1", BODY, NOW)


def test_what_the_sandbox_sends_is_what_is_verified() -> None:
    store = MemorySandboxStore()
    key = "brief-000001#fund"
    store.remember(
        Asked(key=key, kind=OperationKind.COLLECT, amount_minor=5, currency="USD", party="c", asked_at=NOW, due_at=NOW)
    )
    for message in (Message(message_id="m-1", key=key), Message(message_id="m-2", destination="sandbox-pending")):
        body = body_of(message, store, ACCOUNT, NOW)
        hint = verify(signed(SECRET, message.message_id, body, NOW), body)
        assert (hint.event_id, hint.key, hint.destination) == (message.message_id, message.key, message.destination)
        assert bool(hint.reference) == (message.key is not None)

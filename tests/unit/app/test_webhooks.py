"""Anyone can send a message: it is believed if the provider signed it, now, for this platform, and done once."""

import json

import pytest

from microintern.adapters.payments.sandbox import Message
from microintern.adapters.standard_webhooks import TOLERANCE_S, signed
from microintern.domain.audit import Finding
from microintern.domain.problems import Malformed
from microintern.domain.states import State
from tests.unit.app.world import PLATFORM, SECRET, World, a_world_in
from tests.unit.builders import seconds

OTHER_SECRET = "whsec_YW5vdGhlciBzZWNyZXQgb2YgdGhlIHNhbmRib3gh"


def collecting() -> tuple[World, Message]:
    """The provider has collected and is about to say so."""
    world = a_world_in(State.POSTED)
    world.ask_for_funding()
    world.advance()
    (message,) = world.outbox.due()
    return world, message


def refused(world: World, headers: dict[str, str], body: str) -> str:
    """Why a message is refused; nothing else may come of it."""
    published = len(world.bus.events)
    with pytest.raises(Malformed) as malformed:
        world.receive_signed(headers, body)
    assert malformed.value.code == "webhook_refused"
    assert len(world.bus.events) == published
    assert world.findings(needs_person=False) == [Finding.WEBHOOK_REFUSED]
    return malformed.value.detail


def a_body(**data: str) -> str:
    return json.dumps({"type": "operation.updated", "account": PLATFORM, "data": data})


def test_a_verified_message_is_published_as_what_it_is_about_and_noted() -> None:
    world, message = collecting()
    assert world.receive_webhook(message) is Finding.WEBHOOK_APPLIED
    (event,) = [event for event in world.bus.events if event["type"] == "payment.updated"]
    assert event["data"] == {"brief_id": world.brief_id, "transfer_id": f"{world.brief_id}#fund"}
    (entry,) = world.audit.entries(needs_person=False, limit=5).items
    assert entry.subject == f"sandbox#{message.message_id}"


def test_a_message_says_only_where_to_look_and_what_it_claims_is_not_believed() -> None:
    """Signed, but claiming a status: the provider is asked, and knows of no such collection."""
    world = a_world_in(State.POSTED)
    body = a_body(key=f"{world.brief_id}#fund", status="settled", amount_minor="33000")
    world.receive_signed(signed(SECRET, "m-1", body, world.clock.now()), body)
    assert "settled" not in json.dumps(world.bus.events[-1]["data"])
    assert world.advance() == "nothing_to_do"
    assert (world.brief.state, world.moved) == (State.POSTED, [])


def test_an_unsigned_message_is_refused() -> None:
    world, _ = collecting()
    assert "not signed" in refused(world, {}, a_body(key=f"{world.brief_id}#fund"))


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_message_that_lacks_a_part_of_its_signature_is_refused(missing: str) -> None:
    world, _ = collecting()
    body = a_body(key=f"{world.brief_id}#fund")
    headers = signed(SECRET, "m-1", body, world.clock.now())
    del headers[missing]
    assert "not signed" in refused(world, headers, body)


def test_a_forged_message_is_refused() -> None:
    world, _ = collecting()
    body = a_body(key=f"{world.brief_id}#fund")
    assert "not the provider's" in refused(world, signed(OTHER_SECRET, "m-1", body, world.clock.now()), body)


@pytest.mark.parametrize("part", ["body", "webhook-id", "webhook-timestamp"])
def test_a_message_of_which_anything_was_changed_is_refused(part: str) -> None:
    world, _ = collecting()
    body = a_body(key=f"{world.brief_id}#fund")
    headers = signed(SECRET, "m-1", body, world.clock.now())
    if part == "body":
        body = body.replace("#fund", "#payout")
    else:
        headers[part] = str(int(world.clock.now().timestamp()) + 1)
    assert "not the provider's" in refused(world, headers, body)


@pytest.mark.parametrize("off_s", [-TOLERANCE_S - 1, TOLERANCE_S + 1])
def test_a_message_from_long_ago_or_from_the_future_is_refused(off_s: int) -> None:
    world, _ = collecting()
    body = a_body(key=f"{world.brief_id}#fund")
    headers = signed(SECRET, "m-1", body, world.clock.now() + seconds(off_s))
    assert "signed more than 300 s from now" in refused(world, headers, body)


@pytest.mark.parametrize("off_s", [-TOLERANCE_S, TOLERANCE_S])
def test_clocks_may_differ_by_a_little(off_s: int) -> None:
    world, _ = collecting()
    body = a_body(key=f"{world.brief_id}#fund")
    headers = signed(SECRET, "m-1", body, world.clock.now() + seconds(off_s))
    assert world.receive_signed(headers, body) is Finding.WEBHOOK_APPLIED


def test_a_message_for_another_account_of_the_provider_is_refused() -> None:
    world, message = collecting()
    with pytest.raises(Malformed, match="another account"):
        world.receive_webhook(message, account="somebody-else")
    assert world.findings(needs_person=False) == [Finding.WEBHOOK_REFUSED]


def test_whatever_is_sent_unsigned_is_noted_once_an_hour_for_each_reason() -> None:
    world, _ = collecting()
    for hour in range(2):
        for number in range(5):
            for headers in ({}, signed(OTHER_SECRET, f"m-{number}", "{}", world.clock.now())):
                with pytest.raises(Malformed):
                    world.receive_signed(headers, f'{{"number": {number}}}')
        assert len(world.findings(needs_person=False)) == 2 * (hour + 1)
        world.clock.forward(hours=1)


def test_a_refused_message_that_is_sent_again_and_again_is_noted_once() -> None:
    world, _ = collecting()
    for _ in range(3):
        refused(world, {}, "{}")
        world.clock.forward(seconds=30)


def test_a_message_that_comes_again_is_published_no_more() -> None:
    world, message = collecting()
    assert world.receive_webhook(message) is Finding.WEBHOOK_APPLIED
    published = len(world.bus.events)
    for _ in range(2):
        world.clock.forward(hours=1)
        assert world.receive_webhook(message) is Finding.WEBHOOK_REPLAYED
    assert len(world.bus.events) == published
    assert set(world.findings(needs_person=False)) == {Finding.WEBHOOK_APPLIED, Finding.WEBHOOK_REPLAYED}
    assert len(world.findings(needs_person=False)) == 2


def test_a_crash_between_publishing_and_noting_publishes_again_rather_than_never(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world, message = collecting()
    note = world.audit.note

    def goes_away(entry: object) -> bool:
        monkeypatch.setattr(world.audit, "note", note)
        raise RuntimeError

    monkeypatch.setattr(world.audit, "note", goes_away)
    with pytest.raises(RuntimeError):
        world.receive_webhook(message)
    assert world.receive_webhook(message) is Finding.WEBHOOK_APPLIED
    ids = [event["id"] for event in world.bus.events if event["type"] == "payment.updated"]
    assert len(ids) == 2
    assert len(set(ids)) == 1


def test_a_message_about_nothing_of_this_platform_is_ignored_and_noted() -> None:
    world, _ = collecting()
    for number, body in enumerate((a_body(), a_body(reference="ch_1"), a_body(key="order-7"))):
        headers = signed(SECRET, f"m-{number}", body, world.clock.now())
        assert world.receive_signed(headers, body) is Finding.WEBHOOK_IGNORED
    assert world.findings(needs_person=False) == [Finding.WEBHOOK_IGNORED] * 3


@pytest.mark.parametrize("brief_id", ["brief-that-is-not-there", None])
def test_a_message_about_a_transfer_that_the_ledger_does_not_know_is_left_to_a_person(brief_id: str | None) -> None:
    world = a_world_in(State.PAID)
    key = f"{brief_id or world.brief_id}#payout#7"
    world.outbox.send(Message(message_id="m-1", key=key), 0)
    moved = list(world.moved)
    assert world.provider_tells() == ["unknown"]
    assert set(world.findings()) == {Finding.UNKNOWN_TRANSFER}
    assert world.moved == moved


def test_messages_in_the_wrong_order_and_late_lead_to_the_same_end() -> None:
    world = a_world_in(State.RESOLVED)
    world.advance()
    messages = world.outbox.due()
    assert len(messages) == 2
    world.clock.forward(days=2)
    for message in reversed(messages):
        world.outbox.send(message, 0)
        world.provider_tells()
    assert world.brief.settled_at is not None
    assert len(world.moved) == 3
    assert world.book.is_balanced(settled=True)

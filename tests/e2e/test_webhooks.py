"""Webhooks on the deployed stack: an organisation's own system hears of its briefs, verifies, and fails."""

from collections.abc import Iterator
from contextlib import suppress
from copy import copy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.local.accounts import create_account
from infra.local.caller import Caller, Refused, posting
from infra.local.receiver import Receiver
from tests.e2e.people import ONE_DELIVERABLE, People
from tests.e2e.test_accounts import refusal

pytestmark = pytest.mark.local_stack

OF_BRIEFS = ["brief.posted", "brief.opened", "application.received", "brief.cancelled", "brief.settled"]


class Hook:
    """The employer's endpoint, and what listens there."""

    def __init__(self, people: People, receiver: Receiver, event_types: list[str] | None = None) -> None:
        self.people, self.owner, self.receiver = people, people.employer, receiver
        self.organisation = f"/organisations/{self.owner.get('/me')['organisation_id']}"
        body = {"url": receiver.url, "event_types": event_types or OF_BRIEFS}
        issued = self.owner.post(f"{self.organisation}/webhooks", body)
        receiver.secret = issued["secret"]
        self.at = f"{self.organisation}/webhooks/{issued['endpoint']['endpoint_id']}"
        self.body = body

    @property
    def now(self) -> dict[str, Any]:
        """The endpoint as it is listed."""
        items = self.owner.get(f"{self.organisation}/webhooks")["items"]
        found: dict[str, Any] = next(item for item in items if self.at.endswith(item["endpoint_id"]))
        return found

    def deliveries(self, state: str | None = None) -> list[dict[str, Any]]:
        """What the log has, the newest first; or so much of it as is in a state."""
        return [d for d in self.owner.pages(f"{self.at}/deliveries", limit=2) if state in (None, d["state"])]

    def heard(self, count: int) -> None:
        """Wait until so much has come."""
        self.owner.wait_until("it is heard", lambda: len(self.receiver.heard) >= count)

    def change(self, **changes: Any) -> Any:
        """Say something of it anew."""
        return self.owner.put(self.at, {**self.body, "state": "enabled", **changes})


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening
        assert listening.refused == 0, "the library did not verify something that was sent"


@pytest.fixture
def hook(people: People, receiver: Receiver) -> Iterator[Hook]:
    own = copy(people)
    own.employer = people.someone("employer")  # of an organisation whose briefs are this test's alone
    made = Hook(own, receiver)
    yield made
    made.owner.post(f"{made.at}/removal")


def test_what_happens_to_its_briefs_comes_signed_with_ids_only_and_of_nobody_elses(hook: Hook) -> None:
    other = hook.people.someone("employer")
    elsewhere = other.post("/briefs", posting(deliverables=ONE_DELIVERABLE))["brief_id"]
    brief_id = hook.people.opened()
    hook.people.applied(brief_id)
    hook.people.employer.post(f"/briefs/{brief_id}/cancellation")
    hook.owner.wait_until("all of it came", lambda: hook.receiver.has(brief_id, OF_BRIEFS))
    assert hook.receiver.of(elsewhere) == []
    for heard in hook.receiver.of(brief_id):
        event = heard.event
        assert heard.content["type"] == event["type"]
        assert heard.content["timestamp"] == event["time"]
        assert (event["specversion"], event["source"]) == ("1.0", "microintern")
        assert event["data"]["brief_id"] == brief_id
    (applied,) = [h.event["data"] for h in hook.receiver.of(brief_id) if h.content["type"] == "application.received"]
    assert "student_id" not in applied, "the brief is blind"
    listed = {d["delivery_id"]: d for d in hook.deliveries() if d["subject"] == brief_id}
    assert {heard.message_id for heard in hook.receiver.of(brief_id)} == listed.keys()
    hook.owner.wait_until("all are written down", lambda: hook.deliveries("pending") == [])
    assert {attempt["status"] for d in hook.deliveries() for attempt in d["attempts"]} == {204}
    other.post(f"/briefs/{elsewhere}/cancellation")


def test_what_fails_is_tried_again_under_the_same_id_and_each_attempt_is_logged(hook: Hook) -> None:
    hook.receiver.answers = [500, 503]
    hook.owner.post(f"{hook.at}/test")
    hook.heard(3)
    assert len({heard.message_id for heard in hook.receiver.heard}) == 1
    assert {heard.content["type"] for heard in hook.receiver.heard} == {"webhook.test"}
    hook.owner.wait_until("it is delivered", lambda: hook.deliveries("delivered"))
    (delivery,) = hook.deliveries()
    assert [attempt["status"] for attempt in delivery["attempts"]] == [500, 503, 204]
    assert hook.now["failing_since"] is None


def test_a_receiver_that_is_gone_is_told_nothing_more_until_it_is_wanted_again(hook: Hook) -> None:
    before = datetime.now(UTC) - timedelta(minutes=1)
    hook.receiver.answers = [410]
    hook.owner.post(f"{hook.at}/test")
    hook.owner.wait_until("it is disabled", lambda: hook.now["state"] == "disabled")
    assert hook.now["reason"] == "gone"
    assert refusal(hook.owner.post, f"{hook.at}/test") == (409, "webhook_disabled")

    def is_told() -> bool:
        return any(notice["type"] == "webhook.disabled" for notice in hook.owner.get("/me/notices")["items"])

    hook.owner.wait_until("the owner is told", is_told)
    brief_id = hook.people.posted()
    hook.owner.wait_until("the event is held", lambda: hook.deliveries("held"))
    hook.people.employer.post(f"/briefs/{brief_id}/cancellation")
    assert len(hook.receiver.heard) == 1
    hook.change()
    hook.owner.post(f"{hook.at}/replay", {"since": before.isoformat()})
    hook.owner.wait_until("what was held came", lambda: hook.receiver.has(brief_id, ["brief.posted"]))
    hook.owner.wait_until("all is delivered", lambda: not hook.deliveries("held") and not hook.deliveries("failed"))
    last = hook.deliveries()[0]
    count = sum(heard.message_id == last["delivery_id"] for heard in hook.receiver.heard)
    hook.owner.post(f"{hook.at}/deliveries/{last['delivery_id']}/replay")
    hook.owner.wait_until(
        "one came again", lambda: sum(h.message_id == last["delivery_id"] for h in hook.receiver.heard) > count
    )


def test_a_receiver_that_takes_nothing_for_long_is_disabled(hook: Hook) -> None:
    hook.receiver.answers = [500] * 100
    hook.owner.post(f"{hook.at}/test")
    hook.owner.wait_until("the first is given up", lambda: hook.deliveries("failed"), 60)
    assert hook.now["state"] == "enabled", "not after one alone"
    assert hook.now["failing_since"]

    def is_disabled() -> bool:
        if hook.now["state"] == "enabled" and not hook.deliveries("pending"):
            with suppress(Refused):  # it may be disabled in between
                hook.owner.post(f"{hook.at}/test")
        return bool(hook.now["state"] == "disabled")

    hook.owner.wait_until("it is disabled", is_disabled, 60)
    assert hook.now["reason"] == "failing"


def test_both_secrets_sign_for_a_while_after_a_rotation(hook: Hook) -> None:
    former, key = hook.receiver.secret, "rotation-of-the-secret"
    issued = hook.owner.post(f"{hook.at}/rotation", key=key)
    assert hook.owner.post(f"{hook.at}/rotation", key=key) == issued, "whoever lost the answer gets it once more"
    assert issued["secret"] != former
    for number, secret in enumerate((former, issued["secret"]), start=1):
        hook.receiver.secret = secret
        hook.owner.post(f"{hook.at}/test")
        hook.heard(number)
        assert hook.receiver.heard[-1].signatures == 2
    until = datetime.fromisoformat(issued["endpoint"]["signs_until"][0])
    hook.owner.wait_until("the former one is over", lambda: datetime.now(UTC) > until)
    hook.owner.post(f"{hook.at}/test")
    hook.heard(3)
    assert hook.receiver.heard[-1].signatures == 1


def test_only_owners_see_and_change_endpoints(hook: Hook) -> None:
    code = hook.owner.post(f"{hook.organisation}/invitations", {"role": "member"})["code"]
    account = create_account(hook.people.stack, "employer", "member-of-hook@example.com")
    member = Caller(hook.people.stack.outputs.api_url, account.access_token)
    member.post("/me/organisation", {"code": code})
    assert refusal(member.get, f"{hook.organisation}/webhooks") == (403, "not_an_owner")
    assert refusal(member.get, f"{hook.at}/deliveries") == (403, "not_an_owner")
    for part in ("test", "rotation", "removal"):
        assert refusal(member.post, f"{hook.at}/{part}") == (403, "not_an_owner")
    outsider = hook.people.someone("employer")
    assert refusal(outsider.get, f"{hook.organisation}/webhooks") == (404, "not_found")
    assert refusal(outsider.post, f"{hook.at}/rotation") == (404, "not_found")
    hook.owner.post(f"{hook.organisation}/members/{account.account_id}/removal")


def test_nothing_inside_can_be_named_and_every_step_stands_in_the_trail(hook: Hook) -> None:
    for url in (
        "https://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "https://localhost/",
        "http://a.example/",
    ):
        assert refusal(hook.owner.put, hook.at, {**hook.body, "url": url, "state": "enabled"}) == (422, "webhook_url")
    endpoint_id = hook.at.rpartition("/")[2]
    hook.owner.post(f"{hook.at}/test")

    def steps() -> list[str]:
        done = hook.people.operator.pages("/audit/commands", day=datetime.now(UTC).date().isoformat(), limit=100)
        return [step["action"] for step in done if step["subject"] == f"webhook#{endpoint_id}"]

    hook.owner.wait_until("the steps are kept", lambda: sorted(steps()) == ["webhook.created", "webhook.test"])
    assert hook.people._call(hook.people.stack.outputs.function_check_trails)["broken"] == 0

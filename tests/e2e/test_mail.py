"""E-mails and reminders on the deployed stack: sent as people want, ended by a link, held when they come back."""

import json
import re
import uuid
from typing import Any

import httpx
import pytest

from infra.local.accounts import create_account
from infra.local.caller import Caller
from tests.e2e.mails import mail_keys_of, mails_to
from tests.e2e.people import People

pytestmark = pytest.mark.local_stack
LINK = re.compile(r"https?://\S+/unsubscribe/\S+")


class Reader:
    """A student who can be paid, with an address of their own."""

    def __init__(self, people: People) -> None:
        self.stack, self.address = people.stack, f"reader-{uuid.uuid4().hex[:12]}@example.com"
        account = create_account(people.stack, "student", self.address)
        self.caller = Caller(people.stack.outputs.api_url, account.access_token, "reader")
        self.caller.put("/me/profile", {"name": "A reader"})
        self.caller.put("/me/payout-account", {"destination": "sandbox-account"})
        self.account_id = account.account_id

    def got(self, words: str) -> list[dict[str, Any]]:
        """The mails that say this."""
        return [mail for mail in mails_to(self.stack, self.address) if words in mail["BodyText"]]

    def wait_for(self, words: str) -> dict[str, Any]:
        self.caller.wait_until(f"an e-mail says {words!r}", lambda: bool(self.got(words)), limit_s=60)
        return self.got(words)[0]

    def choice(self, kind: str) -> str:
        choices = self.caller.get("/me/notice-settings")["choices"]
        found: str = next(choice["email"] for choice in choices if choice["kind"] == kind)
        return found


@pytest.fixture
def reader(people: People) -> Reader:
    return Reader(people)


def test_a_notice_is_mailed_once_and_its_link_ends_it(people: People, reader: Reader) -> None:
    people.awarded(reader.caller)
    mail = reader.wait_for("You have been awarded this brief")
    assert mail["Source"] == "Microintern <notices@example.com>"
    assert "You have been awarded this brief" in mail["BodyHtml"]
    (url,) = LINK.findall(mail["BodyText"])
    page = httpx.get(url, timeout=30)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "No more e-mails about what happens to your briefs?" in page.text
    assert reader.choice("work") == "at_once", "opening the link changes nothing"
    for _ in range(2):
        done = httpx.post(url, data={"List-Unsubscribe": "One-Click"}, timeout=30)
        assert (done.status_code, "No more e-mails about" in done.text) == (200, True)
    assert reader.choice("work") == "never"
    forged = httpx.post(url.replace(".work.", ".messages."), data={"List-Unsubscribe": "One-Click"}, timeout=30)
    assert forged.status_code == 404
    assert len(reader.got("You have been awarded this brief")) == 1


def test_an_address_that_bounced_is_held_and_its_owner_sees_it(people: People, reader: Reader) -> None:
    # Only AWS publishes as SES, so what its rule hands on is handed on here; the rule itself test_mail_needs.py tries.
    tags = {"account": [reader.account_id], "address": [mail_keys_of(people.stack).hash_of(reader.address)]}
    told = {"what": "Email Bounced", **tags}
    function = people.stack.outputs.function_mail_returns
    people.stack.client("lambda").invoke(FunctionName=function, Payload=json.dumps(told).encode())
    reader.caller.wait_until("the address is held", lambda: bool(reader.caller.get("/me")["email_hold"]), limit_s=60)
    assert reader.caller.get("/me")["email_hold"]["reason"] == "bounced"
    assert "@" not in json.dumps(reader.caller.get("/me")["email_hold"])
    people.awarded(reader.caller)

    def has_it() -> bool:
        return any(notice["type"] == "brief.awarded" for notice in reader.caller.pages("/me/notices"))

    reader.caller.wait_until("the inbox has it", has_it, limit_s=60)
    # Notices are seen to in turn: once one that was told later is out, this one was held, whenever the hold is lifted.
    another = Reader(people)
    people.awarded(another.caller)
    another.wait_for("You have been awarded this brief")
    reader.caller.put("/me/notice-settings", {"lift_hold": True})
    assert reader.caller.get("/me")["email_hold"] is None
    assert reader.got("You have been awarded this brief") == []


def test_who_has_to_act_is_reminded_before_the_deadline(people: People) -> None:
    brief_id = people.posted()

    def is_reminded() -> bool:
        answer = people.stack.client("lambda").invoke(FunctionName=people.stack.outputs.function_remind, Payload=b"{}")
        assert "FunctionError" not in answer
        told = people.employer.pages("/me/notices")
        return any(n["type"] == "deadline.near" and n["brief_id"] == brief_id for n in told)

    people.employer.wait_until("the employer is reminded to fund it", is_reminded, limit_s=30)
    told = [n for n in people.employer.pages("/me/notices") if n["type"] == "deadline.near"]
    (own,) = [n for n in told if n["brief_id"] == brief_id]  # other tests' briefs may come near a deadline, too
    assert "Fund it by" in own["text"]

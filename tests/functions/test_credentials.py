"""Credentials through the functions: who sees them where, in which form, and for how long others may keep them."""

import base64
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from microintern.adapters.credentials import DynamoCredentials
from microintern.badging.picture import unbaked
from microintern.domain.brief import Brief
from microintern.domain.credentials import Credential, CredentialState, credential_id_of
from microintern.domain.policy import Policy
from tests.contract import tables
from tests.functions.test_operators import kept_by_stream, put, redriven, stream
from tests.functions.world import BRIEF, PUBLIC_URL, STUDENT, World, application, command, sample
from tests.unit.builders import BODIES
from tests.unit.domain.test_status_lists import decoded

CREDENTIAL = credential_id_of(BRIEF)
CHOICES = BODIES["put /me/credentials/{credential_id}/visibility"]

KEPT_S = Policy().status_list_kept_s // 2


def kept(world: World) -> Credential:
    found = DynamoCredentials(world.clients["dynamodb"], tables.CREDENTIALS).read(CREDENTIAL)
    assert found is not None
    return found


def choose(world: World, key: str, **choices: bool) -> dict[str, Any]:
    event = command("credentials_api/choose", key=key, body={**CHOICES, **choices})
    answer = world.call("credentials_api/choose", event)
    assert answer["statusCode"] == 200, answer["body"]
    body: dict[str, Any] = json.loads(answer["body"])
    return body


def opened(world: World, name: str = "public_credential", accept: str = "application/vc", **changes: Any) -> Any:
    event = sample(f"public_credentials/{name}") | changes
    event["headers"]["accept"] = accept
    return world.call(f"public_credentials/{name}", event)


def sent(world: World, body: str, media_type: str = "application/json", *, encoded: bool = False) -> Any:
    event = sample("public_credentials/verify") | {"body": body, "isBase64Encoded": encoded}
    event["headers"]["content-type"] = media_type
    return world.call("public_credentials/verify", event)


@pytest.fixture
def public(world: World) -> World:
    world.credit(public=True)
    return world


@pytest.mark.parametrize("name", ["public_credential", "public_badge", "verification"])
def test_what_is_not_public_is_as_if_it_were_not_there(world: World, name: str) -> None:
    missing = opened(world, name)
    world.credit(public=False)
    hidden = opened(world, name)
    choose(world, "to-show-it")
    assert opened(world, name)["statusCode"] == 200
    choose(world, "to-hide-it-again", public=False)
    taken_back = opened(world, name)
    assert missing == hidden == taken_back
    assert missing["statusCode"] == 404
    assert missing["headers"]["Cache-Control"] == "no-store"


def test_programs_get_the_signed_document_and_browsers_a_page(public: World) -> None:
    document, page = opened(public), opened(public, accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert document["headers"]["Content-Type"] == "application/vc"
    assert json.loads(document["body"]) == json.loads(kept(public).signed or "")
    assert page["headers"]["Content-Type"] == "text/html; charset=utf-8"
    for answer in (document, page):
        assert answer["headers"]["Cache-Control"] == "public, max-age=60"
        assert answer["headers"]["Vary"] == "Accept"
        assert answer["headers"]["X-Content-Type-Options"] == "nosniff"


class Page(HTMLParser):
    """What stands on a page, and what it would load."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.loads: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [value or "" for name, value in attrs if name == "src" or name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_says_what_was_done_by_whom_and_for_whom_as_the_student_chose(public: World) -> None:
    page = Page(opened(public, accept="text/html")["body"])
    work = kept(public).work
    assert work is not None
    shown = ("Valid", work.title, work.goals[:40], "Amara Okafor", "Open Wages Institute", "excellent", "of 100")
    assert [text for text in shown if text not in page.text] == []
    choose(public, "to-hide-it-all", show_name=False, show_employer=False, show_scores=False)
    page = Page(opened(public, accept="text/html")["body"])
    hidden = ("Amara", "Open Wages Institute", "excellent", "of 100")
    assert [text for text in hidden if text in page.text] == []
    assert page.text.count("as its holder chose") == 3


def test_the_page_runs_nothing_and_loads_nothing_from_elsewhere(public: World) -> None:
    answer = opened(public, accept="text/html")
    page = Page(answer["body"])
    assert "script" not in page.tags
    assert page.loads == [f"{CREDENTIAL}/badge"]
    policy = answer["headers"]["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert page.tags.count("h1") == page.tags.count("main") == 1


def test_the_badge_carries_the_credential_and_is_verified_as_it_is(public: World) -> None:
    answer = opened(public, "public_badge")
    assert answer["isBase64Encoded"]
    assert answer["headers"]["Content-Type"] == "image/png"
    assert unbaked(base64.b64decode(answer["body"])) == kept(public).signed
    found = json.loads(sent(public, answer["body"], "image/png", encoded=True)["body"])
    assert (found["valid"], found["id"]) == (True, f"{PUBLIC_URL}/credentials/{CREDENTIAL}")


def test_one_that_is_not_public_can_be_verified_by_whoever_holds_it(world: World) -> None:
    world.credit(public=False)
    assert json.loads(sent(world, kept(world).signed or "")["body"])["valid"]


def test_the_sample_of_the_description_is_really_signed(world: World) -> None:
    assert json.loads(world.call("public_credentials/verify")["body"])["valid"]


@pytest.mark.parametrize(
    ("body", "media_type", "encoded", "status", "code"),
    [
        ("{", "application/json", False, 400, "not_json"),
        ("[]", "application/json", False, 422, "invalid"),
        (base64.b64encode(b"GIF89a").decode(), "image/png", True, 400, "not_a_png"),
        ("text", "text/plain", False, 415, "not_sent_as_json"),
        ('"' + "a" * 600_000 + '"', "application/json", False, 413, "body_too_large"),
        (base64.b64encode(b"a" * 1_200_000).decode(), "image/png", True, 413, "body_too_large"),
    ],
)
def test_what_cannot_be_read_is_refused(
    world: World, body: str, media_type: str, encoded: bool, status: int, code: str
) -> None:
    answer = sent(world, body, media_type, encoded=encoded)
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (status, code)


def test_a_revoked_one_says_so_everywhere(public: World) -> None:
    signed = kept(public).signed or ""
    assert public.call("credentials_api/revoke")["statusCode"] == 200
    for answer in (sent(public, signed), opened(public, "verification")):
        assert json.loads(answer["body"])["problem"] == "revoked"
    page = Page(opened(public, accept="text/html")["body"])
    assert "Revoked on" in page.text
    assert "Valid" not in page.text
    assert "somebody else's" not in page.text, "the reason is for the student"
    own = json.loads(public.call("credentials_api/own_credential")["body"])["about"]
    assert own["reason"] == BODIES["post /credentials/{credential_id}/revocation"]["reason"]


def listed(world: World) -> set[int]:
    answer = world.call("status_lists/status_list")
    assert answer["headers"]["Cache-Control"] == f"public, max-age={KEPT_S}"
    return decoded(json.loads(answer["body"])["credentialSubject"]["encodedList"])


def test_a_status_list_is_remembered_for_a_while_and_no_longer(public: World) -> None:
    assert kept(public).place.number == 0
    with public.counting() as sent:
        assert listed(public) == set()
        calls = len(sent)
        assert listed(public) == set()
        assert len(sent) == calls, "not everybody who asks has it read and signed"
    public.call("credentials_api/revoke")
    public.clock.forward(seconds=KEPT_S + 1)
    assert listed(public) == {kept(public).place.index}


def test_a_list_that_nobody_stands_in_is_not_there(world: World) -> None:
    event = sample("status_lists/status_list")
    assert world.call("status_lists/status_list", event)["statusCode"] == 404


def test_the_issuer_names_the_key_that_credentials_are_signed_with(public: World) -> None:
    issuer = json.loads(opened(public, "issuer_document")["body"])
    document = json.loads(kept(public).signed or "")
    (method,) = issuer["verificationMethod"]
    assert document["proof"]["verificationMethod"] == method["id"]
    assert issuer["assertionMethod"] == [method["id"]]
    assert document["issuer"]["id"] == issuer["id"] == method["controller"]


def test_who_is_erased_leaves_no_page_and_no_name(public: World) -> None:
    signed = kept(public).signed or ""
    public.seed(settled(public), application(STUDENT))
    assert public.call("personal_data_api/erase_me", erasure())["statusCode"] == 202
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(public.functions["erase"].users, "delete", lambda _: None)
        assert public.call("erase/scheduled") == {"erased": 1}
    assert opened(public)["statusCode"] == 404
    assert json.loads(sent(public, signed)["body"])["problem"] == "revoked"
    assert kept(public).state is CredentialState.ERASED
    rows = [row for row in public.everything() if CREDENTIAL in row]
    assert [row for row in rows if "Amara" in row or STUDENT in row] == []
    assert public.call("issue_credential/brief_approved") == {"credential_id": None}


def settled(world: World) -> Brief:
    """The brief once its money has moved."""
    snapshot = world.briefs.read(BRIEF)
    assert snapshot is not None
    return snapshot.brief.model_copy(update={"settled_at": world.clock.now(), "version": snapshot.brief.version + 1})


def erasure() -> dict[str, Any]:
    return command("personal_data_api/erase_me", sub=STUDENT, role="student", body={"account_id": STUDENT})


def test_what_the_stream_of_credentials_kept_is_read_again(world: World) -> None:
    before = len(stream(world, tables.CREDENTIALS)[2])
    world.credit(public=True)
    arn, shard, records = stream(world, tables.CREDENTIALS)
    own = [r for r in records[before:] if "kind" in r["dynamodb"]["NewImage"]]
    letter = kept_by_stream(arn, shard, records[before], own[-1], size=len(records) - before)
    letter["requestContext"]["functionArn"] = letter["requestContext"]["functionArn"].replace(
        "brief_stream", "credential_stream"
    )
    put(world, "credential_stream", letter)
    assert redriven(world) == {"credential_stream": (1, 0, 0)}
    assert [event["type"] for event in world.published] == ["credential.issued", "credential.shown"]
    assert not re.search("Amara|Okafor", json.dumps(world.published))

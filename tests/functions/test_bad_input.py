"""Bad input is refused with problem details that name the field and the rule, and nothing changes."""

import json
from typing import Any

import pytest

from microintern.domain.audit import Finding
from tests.contract import tables
from tests.functions.cases import COMMANDS, prepare
from tests.functions.world import World, changed_body, command, sample

POST, ANNOUNCE, BROWSE = "briefs_api/post_brief", "files_api/announce", "browse_api/browse"
APPLY, APPROVE = "briefs_api/apply", "briefs_api/approve"
RESOLVE, REOPEN = "briefs_api/resolve_dispute", "briefs_api/reopen_dispute"
DECISIONS = (RESOLVE, REOPEN)
"""What an operator decides about held money: what is refused of it is in the audit trail."""
MEMBERS = {"type", "title", "status", "code", "detail", "instance", "request_id"}


def refused(
    world: World, name: str, event: dict[str, Any], status: int, code: str, field: str | None = None
) -> dict[str, Any]:
    """The problem that a request meets; nothing was written, and nobody was told."""
    before = world.everything(without=tables.AUDIT)
    answer = world.call(name, event)
    problem: dict[str, Any] = json.loads(answer["body"])
    assert (answer["statusCode"], problem.get("code")) == (status, code), problem
    headers = {k.lower(): v for k, v in (answer["headers"] | answer.get("multiValueHeaders", {})).items()}
    assert headers["content-type"] in ("application/problem+json", ["application/problem+json"])
    assert problem.keys() >= MEMBERS
    assert problem["status"] == status
    assert problem["type"] == f"urn:microintern:problem:{code}"
    assert problem["instance"] == event["rawPath"]
    assert problem["request_id"] == event["requestContext"]["requestId"]
    if field is not None:
        assert [error["field"] for error in problem["errors"]] == [field], problem
        assert all(error["rule"] and error["detail"] for error in problem["errors"])
    assert world.everything(without=tables.AUDIT) == before
    assert world.published == []
    decides = name in DECISIONS and status in (409, 422) and code != "invalid"
    noted = [(entry.finding, entry.reason) for entry in world.findings(needs_person=False)]
    assert noted == ([(Finding.DECISION_REFUSED, problem["detail"])] if decides else [])
    return problem


INVALID_BODIES: list[tuple[str, str, tuple[str | int, ...], Any, str, str]] = [
    ("unknown field", POST, ("colour",), "red", "invalid", "/colour"),
    ("unknown field inside", POST, ("pay", "tip"), 1, "invalid", "/pay/tip"),
    ("wrong type", POST, ("hours",), "12", "invalid", "/hours"),
    ("no boolean", POST, ("blind",), "yes", "invalid", "/blind"),
    ("null", POST, ("title",), None, "invalid", "/title"),
    ("float money", POST, ("pay", "amount_minor"), 30000.5, "invalid", "/pay/amount_minor"),
    ("whole float money", POST, ("pay", "amount_minor"), 30000.0, "invalid", "/pay/amount_minor"),
    ("money as text", POST, ("pay", "amount_minor"), "30000", "invalid", "/pay/amount_minor"),
    ("negative money", POST, ("pay", "amount_minor"), -30000, "invalid", "/pay/amount_minor"),
    ("no money", POST, ("pay", "amount_minor"), 0, "invalid", "/pay/amount_minor"),
    ("wrong exponent", POST, ("pay", "exponent"), 0, "invalid", "/pay"),
    ("unknown currency", POST, ("pay", "currency"), "XXQ", "invalid", "/pay/currency"),
    ("another currency", POST, ("pay", "currency"), "EUR", "currency_not_of_place", "/pay/currency"),
    ("under the floor", POST, ("pay", "amount_minor"), 100, "pay_under_floor", "/pay/amount_minor"),
    ("no floor known", POST, ("place_of_work",), "ZZ", "pay_floor_unknown", "/place_of_work"),
    ("unknown zone", POST, ("timeline", "zone"), "Mars/Base", "invalid", "/timeline/zone"),
    (
        "instant without offset",
        POST,
        ("timeline", "submission_due_at"),
        "2027-03-26T17:00:00",
        "invalid",
        "/timeline/submission_due_at",
    ),
    (
        "instant as number",
        POST,
        ("timeline", "submission_due_at"),
        1806094800,
        "invalid",
        "/timeline/submission_due_at",
    ),
    (
        "deadline in the past",
        POST,
        ("timeline", "applications_close_at"),
        "2027-02-01T17:00:00Z",
        "deadline_in_the_past",
        "/timeline/applications_close_at",
    ),
    (
        "deadlines out of order",
        POST,
        ("timeline", "applications_close_at"),
        "2027-03-27T17:00:00Z",
        "invalid",
        "/timeline",
    ),
    (
        "deadline too far",
        POST,
        ("timeline", "submission_due_at"),
        "2028-03-26T17:00:00Z",
        "deadline_too_far",
        "/timeline/submission_due_at",
    ),
    ("weights", POST, ("rubric", 0, "weight"), 49, "invalid", "/rubric"),
    ("HTML", POST, ("title",), "<script>alert(1)</script>", "invalid", "/title"),
    ("control character", POST, ("goals",), "clean\x00 it", "invalid", "/goals"),
    ("direction override", POST, ("title",), "clean \u202e it", "invalid", "/title"),
    ("blank text", POST, ("title",), "   ", "invalid", "/title"),
    ("too many rounds", POST, ("revision_rounds",), 5, "too_many_rounds", "/revision_rounds"),
    ("half a surrogate pair", POST, ("title",), "clean \ud800 it", "invalid", "/title"),
    ("link", APPLY, ("links", 0), "javascript:alert(1)", "invalid", "/links/0"),
    ("HTML inside", APPROVE, ("scores", 1, "feedback"), "<b>good</b>", "invalid", "/scores/1/feedback"),
    ("unknown level", APPROVE, ("scores", 1, "level"), "superb", "unknown_level", "/scores"),
    ("unknown criterion", APPROVE, ("scores", 1, "criterion"), "size", "scores_do_not_match_rubric", "/scores"),
    ("file too large", ANNOUNCE, ("size_bytes",), 1_048_577, "file_too_large", "/size_bytes"),
    ("file far too large", ANNOUNCE, ("size_bytes",), 10**12, "invalid", "/size_bytes"),
    ("empty file", ANNOUNCE, ("size_bytes",), 0, "invalid", "/size_bytes"),
    ("media type", ANNOUNCE, ("media_type",), "image/png", "media_type_not_accepted", "/media_type"),
    ("no media type", ANNOUNCE, ("media_type",), "csv", "invalid", "/media_type"),
    ("no SHA-256", ANNOUNCE, ("sha256",), "abc", "invalid", "/sha256"),
    ("unknown deliverable", ANNOUNCE, ("deliverable",), "poem", "unknown_deliverable", "/deliverable"),
    ("split too small", RESOLVE, ("split", "fee_minor"), 1999, "split_does_not_add_up", "/split"),
    ("split too large", RESOLVE, ("split", "student_minor"), 20001, "split_does_not_add_up", "/split"),
    ("negative split", RESOLVE, ("split", "fee_minor"), -1, "invalid", "/split/fee_minor"),
    ("fraction of a cent", RESOLVE, ("split", "student_minor"), 20000.5, "invalid", "/split/student_minor"),
    ("split and shares", RESOLVE, ("shares",), {"student": 1, "employer": 1}, "invalid", ""),
    ("neither split nor shares", RESOLVE, ("split",), None, "invalid", ""),
    ("no reason", RESOLVE, ("reason",), "", "invalid", "/reason"),
    ("no reason to reopen", REOPEN, ("reason",), "  ", "invalid", "/reason"),
    (
        "criterion of no rubric",
        "briefs_api/request_changes",
        ("points", 0, "criterion"),
        "size",
        "unknown_criterion",
        "/points",
    ),
    ("unknown file", "briefs_api/submit", ("files", 0, "file_id"), "zzzzzzzzzz", "unknown_file", "/files/0/file_id"),
    ("unknown evidence", "briefs_api/open_dispute", ("file_ids", 0), "zzzzzzzzzz", "unknown_file", "/file_ids/0"),
    ("unknown role", "roles_api/assign_role", ("role",), "server", "invalid", "/role"),
    ("name on two lines", "accounts_api/save_profile", ("name",), "a\nb", "invalid", "/name"),
    ("card number", "briefs_api/fund_brief", ("payment_method",), "4111 1111", "invalid", "/payment_method"),
    (
        "bank account",
        "payout_account_api/save_payout_account",
        ("destination",),
        "DE89 3704 0044",
        "invalid",
        "/destination",
    ),
]


@pytest.mark.parametrize(
    ("name", "at", "value", "code", "field"),
    [row[1:] for row in INVALID_BODIES],
    ids=[row[0] for row in INVALID_BODIES],
)
def test_a_broken_rule_is_named_with_its_field(
    world: World, name: str, at: tuple[str | int, ...], value: Any, code: str, field: str
) -> None:
    prepare(world, name)
    refused(world, name, command(name, body=changed_body(name, at, value)), 422, code, field)


def test_every_broken_field_is_named(world: World) -> None:
    body = changed_body(POST, ("hours",), 4) | {"title": "", "colour": "red"}
    problem = refused(world, POST, command(POST, body=body), 422, "invalid")
    assert {error["field"] for error in problem["errors"]} == {"/hours", "/title", "/colour"}


def test_pay_under_the_floor_says_what_would_pass(world: World) -> None:
    body = changed_body(POST, ("pay", "amount_minor"), 20000)
    problem = refused(world, POST, command(POST, body=body), 422, "pay_under_floor", "/pay/amount_minor")
    assert problem["hours"] == 12
    assert problem["lowest_pay_minor"] == problem["floor_rate_minor"] * 12 > 20000
    assert problem["floor_source"] in problem["detail"]
    assert problem["floor_jurisdiction"] == "US-NY-NYC"
    body["pay"]["amount_minor"] = problem["lowest_pay_minor"]
    assert world.call(POST, command(POST, body=body))["statusCode"] == 201


UNREADABLE = {
    "not JSON": ("title: x", "not_json"),
    "cut off": ('{"title": "x"', "not_json"),
    "NaN": ('{"hours": NaN}', "not_json"),
    "infinite": ('{"hours": -Infinity}', "not_json"),
    "duplicate key": ('{"pay": {"currency": "USD", "currency": "EUR"}}', "duplicate_key"),
    "depth": ("[" * 30_000 + "]" * 30_000, "json_too_deep"),
    "depth 10,000": ('{"a":' * 10_000 + "1" + "}" * 10_000, "json_too_deep"),
    "endless number": ('{"hours": ' + "9" * 5_000 + "}", "number_too_long"),
    "10^400": ('{"hours": 1' + "0" * 400 + "}", "number_too_long"),
    "10^400 as a fraction": ('{"hours": 1' + "0" * 400 + ".0}", "number_too_long"),
    "1e400": ('{"hours": 1e400}', "number_too_large"),
}


@pytest.mark.parametrize("what", UNREADABLE)
@pytest.mark.parametrize("name", [*COMMANDS, "operations_api/redrive"])
def test_an_unreadable_body_is_refused_whatever_the_command(world: World, name: str, what: str) -> None:
    text, code = UNREADABLE[what]
    problem = refused(world, name, command(name, body=text), 400, code)
    assert problem["detail"]


@pytest.mark.parametrize("name", [*COMMANDS, "operations_api/redrive"])
def test_a_body_that_is_too_large_is_refused_whatever_the_command(world: World, name: str) -> None:
    refused(world, name, command(name, body='{"a": "' + "x" * 65_536 + '"}'), 413, "body_too_large")


@pytest.mark.parametrize("text", ["[]", "null", '"text"', "1", ""])
def test_a_body_that_is_no_object_is_refused(world: World, text: str) -> None:
    refused(world, POST, command(POST, body=text), 422, "invalid")


def test_a_missing_body_is_refused(world: World) -> None:
    event = sample(POST)
    del event["body"]
    refused(world, POST, event, 422, "invalid")


def test_a_body_over_64_kibibytes_is_refused(world: World) -> None:
    # Two bytes for each character: what counts are bytes.
    refused(world, POST, command(POST, body=json.dumps("é" * 33_000, ensure_ascii=False)), 413, "body_too_large")


SHARES: dict[str, tuple[dict[str, Any], str]] = {
    "of nothing": ({"student": 0, "employer": 0}, ""),
    "negative": ({"student": -1, "employer": 2}, "/shares/student"),
    "in parts": ({"student": 0.5, "employer": 1}, "/shares/student"),
    "of one side only": ({"student": 1}, "/shares/employer"),
    "of somebody else": ({"student": 1, "employer": 1, "operator": 1}, "/shares/operator"),
}


@pytest.mark.parametrize("what", SHARES)
def test_shares_that_divide_nothing_or_the_wrong_way_are_refused(world: World, what: str) -> None:
    shares, field = SHARES[what]
    prepare(world, RESOLVE)
    body = {"shares": shares, "reason": "Half of it is done."}
    refused(world, RESOLVE, command(RESOLVE, body=body), 422, "invalid", field)


QUERIES = {
    "limit": {"limit": "0"},
    "limit above": {"limit": "101"},
    "limit as word": {"limit": "many"},
    "field": {"field": "poetry"},
    "currency": {"currency": "XXQ"},
    "pay_at_least_minor": {"pay_at_least_minor": "-1"},
    "pay": {"pay_at_least_minor": "1.5"},
    "closes_after": {"closes_after": "tomorrow"},
    "closes_before": {"closes_before": "2027-03-01T00:00:00"},
    "hours": {"hours_at_least": "0"},
}


@pytest.mark.parametrize("what", QUERIES)
def test_a_bad_query_parameter_is_named(world: World, what: str) -> None:
    [name] = QUERIES[what]
    refused(world, BROWSE, command(BROWSE, query=QUERIES[what]), 422, "invalid", f"query:/{name}")


@pytest.mark.parametrize("name", ["money_api/statement", "money_api/payees", "money_api/payees_csv"])
@pytest.mark.parametrize("year", ["1999", "3000", "2027.5", "now"])
def test_a_year_that_is_none_is_named(world: World, name: str, year: str) -> None:
    refused(world, name, command(name, query={"year": year}), 422, "invalid", "query:/year")


def test_a_statement_is_of_some_year(world: World) -> None:
    refused(world, "money_api/statement", command("money_api/statement", query={}), 422, "invalid", "query:/year")


PAGED = ["money_api/statement", "money_api/payees", "operations_api/holds", "operations_api/audit_trail"]


@pytest.mark.parametrize("name", PAGED)
@pytest.mark.parametrize("cursor", ["x", "WzEsMiwzXQ"])
def test_a_bad_cursor_of_a_list_of_money_is_refused(world: World, name: str, cursor: str) -> None:
    query = sample(name).get("queryStringParameters", {}) | {"cursor": cursor}
    refused(world, name, command(name, query=query), 400, "invalid_cursor")


@pytest.mark.parametrize("cursor", ["x", "!!!", "bnVsbA", "WzEsMiwzXQ", "W10", "eyJhIjoxfQ", "-_8"])
def test_a_bad_cursor_is_refused(world: World, cursor: str) -> None:
    refused(world, BROWSE, command(BROWSE, query={"cursor": cursor}), 400, "invalid_cursor")


@pytest.mark.parametrize("brief_id", ["\x84", "甬𻢿rú", ""])
def test_what_can_be_no_id_is_not_there(world: World, brief_id: str) -> None:
    """API Gateway matches more than our own routes do: what it hands on is answered all the same."""
    name, path = "browse_api/read_brief", f"/briefs/{brief_id}"
    event = sample(name) | {"rawPath": path, "pathParameters": {"brief_id": brief_id}}
    event["requestContext"]["http"]["path"] = path
    refused(world, name, event, 404, "not_found")


def test_a_bad_path_parameter_is_named(world: World) -> None:
    name = "browse_api/read_brief"
    event = sample(name) | {"rawPath": "/briefs/short", "pathParameters": {"brief_id": "short"}}
    event["requestContext"]["http"]["path"] = "/briefs/short"
    refused(world, name, event, 422, "invalid", "path:/brief_id")


@pytest.mark.parametrize("name", [POST, "accounts_api/save_profile"])
def test_when_the_tables_do_not_answer_the_caller_may_try_again(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no answer")

    with monkeypatch.context() as broken:
        for operation in ("get_item", "put_item", "transact_write_items"):
            broken.setattr(world.clients["dynamodb"], operation, fail)
        answer = world.call(name)
    problem = json.loads(answer["body"])
    assert (answer["statusCode"], problem["code"]) == (500, "internal")
    assert "no answer" not in answer["body"]
    assert world.call(name)["statusCode"] in (200, 201)


def test_what_people_wrote_is_not_logged_even_when_it_cannot_be_read_back(world: World) -> None:
    name = "accounts_api/me"
    world.call("accounts_api/save_profile")
    item = {"pk": {"S": sample(name)["requestContext"]["authorizer"]["jwt"]["claims"]["sub"]}, "sk": {"S": "profile"}}
    update = {"TableName": "accounts", "Key": item, "UpdateExpression": "SET #n = :n"}
    names, values = {"#n": "name"}, {":n": {"S": "Amara Okafor " * 20}}
    world.clients["dynamodb"].update_item(**update, ExpressionAttributeNames=names, ExpressionAttributeValues=values)
    assert world.call(name)["statusCode"] == 500
    assert '"level":"ERROR"' in world.logs.getvalue()


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded"])
def test_a_body_that_is_not_sent_as_json_is_refused(world: World, media_type: str) -> None:
    event = sample("briefs_api/post_brief")
    event["headers"]["content-type"] = media_type
    before = world.everything()
    answer = world.call("briefs_api/post_brief", event)
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (415, "not_sent_as_json")
    assert world.everything() == before

"""From the request to the audit trail: what the API was asked for, the stream brings, and the check recomputes."""

import json
from typing import Any

import pytest

from microintern.adapters import dynamo
from microintern.adapters.dead_letters import _as_event
from microintern.domain.audit import Finding
from microintern.domain.trail import BRIEF
from tests.contract import tables
from tests.functions.test_bad_input import refused
from tests.functions.test_operators import stream
from tests.functions.world import EMPLOYER, RIVAL, World, command, metrics, sample

POST, FUND = "briefs_api/post_brief", "briefs_api/fund_brief"


def asked(world: World, name: str, brief_id: str | None = None, **changes: Any) -> Any:
    """What a sample's command answers, about another brief than the sample's if one is given."""
    event = command(name, **changes)
    if brief_id:
        event["rawPath"] = event["rawPath"].replace(event["pathParameters"]["brief_id"], brief_id)
        event["pathParameters"]["brief_id"] = brief_id
    answer = world.call(name, event)
    assert answer["statusCode"] < 300, answer["body"]
    return json.loads(answer["body"])


def follows(world: World, since: int, times: int = 1) -> None:
    """The stream is read from there on, as often as said."""
    arn, _, records = stream(world)
    event = {"Records": [_as_event(record, arn) for record in records[since:]]}
    for _ in range(times):
        assert world.functions["brief_stream"].handler(event, None) == {"batchItemFailures": []}


@pytest.fixture
def brief_id(world: World) -> str:
    """A brief that was posted and asked to be funded, and what the stream made of it, twice."""
    since = len(stream(world)[2])
    found: str = asked(world, POST)["brief_id"]
    asked(world, FUND, found)
    follows(world, since, times=2)
    return found


def shown(world: World, brief_id: str, **changes: Any) -> Any:
    return asked(world, "browse_api/brief_trail", brief_id, role="employer", sub=EMPLOYER, **changes)


def test_a_step_names_the_request_that_asked_for_it(world: World, brief_id: str) -> None:
    page = shown(world, brief_id)
    assert [(step["action"], step["version_before"], step["version"]) for step in page["items"]] == [
        ("brief.posted", 0, 1),
        ("brief.funding_requested", 1, 2),
    ]
    requests = [sample(name)["requestContext"]["requestId"] for name in (POST, FUND)]
    assert [step["request_id"] for step in page["items"]] == requests
    assert {step["actor_id"] for step in page["items"]} == {EMPLOYER}
    assert page["items"][1]["previous"] == page["items"][0]["hash"]
    assert page["chain"] == {"entries": 2, "on_their_way": 0, "broken": None}


def test_a_command_that_is_repeated_or_refused_adds_no_step(world: World, brief_id: str) -> None:
    before, since = shown(world, brief_id), len(stream(world)[2])
    asked(world, FUND, brief_id)
    again = command(FUND, key="another-key-0001")
    again["pathParameters"]["brief_id"] = brief_id
    assert world.call(FUND, again)["statusCode"] == 409
    follows(world, since - 1)
    assert shown(world, brief_id) == before


def test_operators_find_it_under_its_day_and_who_did_it(world: World, brief_id: str) -> None:
    name = "operations_api/commands_of_day"
    everything = asked(world, name)["items"]
    assert [(step["scope"], step["version"]) for step in everything] == [(brief_id, 2), (brief_id, 1)]
    day = sample(name)["queryStringParameters"]
    assert asked(world, name, query=day | {"actor_id": EMPLOYER})["items"] == everything
    assert asked(world, name, query=day | {"actor_id": RIVAL})["items"] == []
    assert asked(world, name, query={"day": "2027-02-21"})["items"] == []
    world.published.clear()
    refused(world, name, command(name, query={"day": "yesterday"}), 422, "invalid")


def tampered(world: World, brief_id: str, **changes: Any) -> None:
    at = dynamo.key(brief_id, f"{BRIEF}#000001")
    client = world.clients["dynamodb"]
    item = client.get_item(TableName=tables.TRAIL, Key=at)["Item"]
    client.put_item(TableName=tables.TRAIL, Item=item | dynamo.packed(changes))


def test_a_trail_that_was_tampered_with_is_told_found_and_counted(
    world: World, brief_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert world.call("check_trails/scheduled") == {"trails": 1, "broken": 0}
    tampered(world, brief_id, state="paid")
    broken = {"subject": BRIEF, "version": 1, "fault": "changed"}
    assert shown(world, brief_id)["chain"]["broken"] == broken
    assert world.call("check_trails/scheduled") == {"trails": 1, "broken": 1}
    assert metrics(capsys.readouterr().out)["TrailBroken"] == [0.0, 1.0]
    (found,) = world.findings(needs_person=True)
    assert (found.finding, found.subject) == (Finding.TRAIL_BROKEN, brief_id)
    assert found.reason == "changed at brief, version 1"


def test_what_a_trail_leads_to_and_cannot_be_read_stops_no_other_check(world: World, brief_id: str) -> None:
    at = {"pk": {"S": brief_id}, "sk": {"S": "application#poisoned"}}
    world.clients["dynamodb"].put_item(TableName=tables.BRIEFS, Item={**at, "kind": {"S": "application"}})
    assert world.call("check_trails/scheduled") == {"trails": 1, "broken": 1}
    (found,) = world.findings(needs_person=True)
    assert (found.subject, found.reason) == (brief_id, "what it leads to cannot be read")


def test_an_entry_that_cannot_even_be_read_breaks_nothing_else(world: World, brief_id: str) -> None:
    tampered(world, brief_id, event="gone", hash=7)
    page = shown(world, brief_id)
    assert page["chain"]["broken"] == {"subject": BRIEF, "version": 1, "fault": "changed"}
    assert len(page["items"]) == 2

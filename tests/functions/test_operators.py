"""What operators alone see and have done: held money, the audit trail, and dead letters handled again."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from microintern.adapters import dead_letters
from microintern.domain.audit import Finding
from microintern.domain.states import Action, State
from tests.contract import tables
from tests.functions.test_bad_input import refused
from tests.functions.test_money_moves import HELD, funded
from tests.functions.world import (
    BRIEF,
    DELIVERIES,
    OPERATOR,
    STUDENT,
    UNDELIVERED,
    WEBHOOK_QUEUE,
    WEBHOOKS_UNDELIVERED,
    World,
    command,
    queue_url,
    sample,
    the_brief,
)

REDRIVE = "operations_api/redrive"
FAILED = {"condition": "RetriesExhausted", "approximateInvokeCount": 3}


def kept_by_lambda(function: str, payload: Any) -> dict[str, Any]:
    """What an on-failure destination is sent."""
    arn = f"arn:aws:lambda:eu-west-1:123456789012:function:{function}:$LATEST"
    return {
        "version": "1.0",
        "timestamp": "2027-02-20T15:00:00.000Z",
        "requestContext": {"requestId": "e4b46cbf-b738-xmpl-8880-a18cdf61200e", "functionArn": arn, **FAILED},
        "requestPayload": payload,
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "responsePayload": {"errorMessage": "no", "errorType": "NotSettled"},
    }


def stream(world: World, table: str = tables.BRIEFS) -> tuple[str, str, list[Any]]:
    """A table's stream: its ARN, its shard and all its records."""
    streams = world.clients["dynamodbstreams"]
    arn = streams.list_streams(TableName=table)["Streams"][0]["StreamArn"]
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    start = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    return arn, shard, streams.get_records(ShardIterator=start["ShardIterator"])["Records"]


def kept_by_stream(arn: str, shard: str, first: Any, last: Any, size: int) -> dict[str, Any]:
    """What a mapping's on-failure destination is sent: where the batch is to be found, and not what was in it."""
    batch = {
        "shardId": shard,
        "startSequenceNumber": first["dynamodb"]["SequenceNumber"],
        "endSequenceNumber": last["dynamodb"]["SequenceNumber"],
        "approximateArrivalOfFirstRecord": "2027-02-20T15:00:00Z",
        "approximateArrivalOfLastRecord": "2027-02-20T15:00:01Z",
        "batchSize": size,
        "streamArn": arn,
    }
    context = {"functionArn": "arn:aws:lambda:eu-west-1:123456789012:function:brief_stream", **FAILED}
    return {"requestContext": context, "version": "1.0", "DDBStreamBatchInfo": batch}


def put(world: World, queue: str, letter: Any) -> None:
    body = letter if isinstance(letter, str) else json.dumps(letter)
    world.clients["sqs"].send_message(QueueUrl=queue_url(queue), MessageBody=body)


def redriven(world: World, key: str | None = None) -> dict[str, tuple[int, int, int]]:
    """What an operator's request made of each queue that held something: handled, failed, left."""
    answer = world.call(REDRIVE, command(REDRIVE, key=key or str(uuid4())))
    assert answer["statusCode"] == 200, answer["body"]
    queues = json.loads(answer["body"])["queues"]
    found = {q["queue"]: (q["redriven"], q["failed"], q["left"]) for q in queues}
    return {queue: counts for queue, counts in found.items() if any(counts)}


def test_what_lambda_kept_is_handed_to_its_function_again(world: World) -> None:
    world.seed(the_brief(State.POSTED, Action.REQUEST_FUNDING))
    put(world, "settlement", kept_by_lambda("settlement", sample("settlement/from_sweeper")))
    assert redriven(world) == {"settlement": (1, 0, 0)}
    assert [transfer.transfer_id for transfer in world.transfers] == [f"{BRIEF}#fund"]
    assert redriven(world) == {}


def test_what_eventbridge_kept_is_handed_on_as_it_was(world: World) -> None:
    world.seed(the_brief(State.AWARDED))
    put(world, "notify", sample("notify/brief_awarded"))
    assert redriven(world) == {"notify": (1, 0, 0)}
    assert len(world.accounts.notices(STUDENT, 10).items) == 1


def test_what_the_scheduler_kept_lapses_the_deadline(world: World) -> None:
    brief = the_brief(State.AWARDED)
    world.seed(brief)
    assert brief.lapse_at
    world.clock.at = brief.lapse_at
    put(world, "lapse", sample("lapse/submission_deadline"))
    assert redriven(world) == {"lapse": (1, 0, 0)}
    assert world.control(BRIEF)["state"] == {"S": "expired"}


def test_what_the_stream_kept_is_read_again_from_the_stream(world: World) -> None:
    before = len(stream(world)[2])
    for state in (State.OPEN, State.AWARDED, State.SUBMITTED):
        world.seed(the_brief(state))
    arn, shard, records = stream(world)
    own = records[before:]
    kinds = [record["dynamodb"]["NewImage"]["kind"]["S"] for record in own[:3]]
    assert kinds == ["control", "content", "control"], "what the mapping's filter leaves out lies in between"
    put(world, "brief_stream", kept_by_stream(arn, shard, own[0], own[2], size=2))
    assert redriven(world) == {"brief_stream": (1, 0, 0)}
    assert [event["type"] for event in world.published] == ["brief.opened", "brief.awarded"], "and nothing after it"


def test_a_removed_item_does_not_hold_a_batch_up(world: World) -> None:
    world.seed(the_brief(State.OPEN))
    key: Any = {"pk": {"S": BRIEF}, "sk": {"S": "control"}}
    world.clients["dynamodb"].delete_item(TableName=tables.BRIEFS, Key=key)
    arn, shard, records = stream(world)
    assert records[-1]["eventName"] == "REMOVE"
    put(world, "brief_stream", kept_by_stream(arn, shard, records[-1], records[-1], size=1))
    assert redriven(world) == {"brief_stream": (1, 0, 0)}


def test_a_batch_that_the_stream_has_forgotten_stays_for_a_person(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    streams = world.clients["dynamodbstreams"]

    def trimmed(**_: Any) -> None:
        raise streams.exceptions.TrimmedDataAccessException({"Error": {"Code": "Trimmed"}}, "GetShardIterator")

    world.seed(the_brief(State.OPEN))
    arn, shard, records = stream(world)
    put(world, "brief_stream", kept_by_stream(arn, shard, records[-1], records[-1], size=1))
    monkeypatch.setattr(streams, "get_shard_iterator", trimmed)
    assert redriven(world) == {"brief_stream": (0, 1, 1)}


def test_what_the_sandbox_could_not_deliver_goes_back_to_its_queue(world: World) -> None:
    body = sample("sandbox_delivery/operation_updated")["Records"][0]["body"]
    put(world, UNDELIVERED, body)
    assert redriven(world) == {UNDELIVERED: (1, 0, 0)}
    assert world.messages(DELIVERIES) == [body]


def test_a_webhook_that_failed_on_our_side_goes_back_to_its_queue(world: World) -> None:
    body = sample("webhook_delivery/due")["Records"][0]["body"]
    put(world, WEBHOOKS_UNDELIVERED, body)
    assert redriven(world) == {WEBHOOKS_UNDELIVERED: (1, 0, 0)}
    assert world.messages(WEBHOOK_QUEUE) == [body]


def test_a_letter_that_fails_again_stays_and_is_left_alone_for_a_while(world: World) -> None:
    world.seed(the_brief(State.AWARDED))
    put(world, "lapse", sample("lapse/submission_deadline"))  # its time has not come
    put(world, "notify", sample("notify/brief_awarded"))
    assert redriven(world) == {"lapse": (0, 1, 1), "notify": (1, 0, 0)}
    assert redriven(world) == {"lapse": (0, 0, 1)}
    assert world.messages("lapse") == [json.dumps(sample("lapse/submission_deadline"))]


def test_a_batch_of_which_a_part_fails_stays_too(world: World) -> None:
    broken = sample("brief_stream/batch")
    broken["Records"][1]["dynamodb"]["NewImage"].pop("student_id")
    world.seed(the_brief(State.OPEN))
    put(world, "brief_stream", kept_by_lambda("brief_stream", broken))
    assert redriven(world) == {"brief_stream": (0, 1, 1)}


def test_a_redrive_is_in_the_trail_with_who_asked_for_it(world: World) -> None:
    assert redriven(world) == {}
    assert world.findings(needs_person=False) == [], "nothing to do is nothing to note"
    world.seed(the_brief(State.AWARDED))
    put(world, "notify", sample("notify/brief_awarded"))
    redriven(world)
    (noted,) = world.findings(needs_person=False)
    assert (noted.finding, noted.subject, noted.facts) == (Finding.REDRIVEN, "notify", {"redriven": 1, "failed": 0})
    assert OPERATOR in noted.reason


def test_a_redrive_under_the_same_key_is_answered_as_before(world: World) -> None:
    world.seed(the_brief(State.AWARDED))
    put(world, "notify", sample("notify/brief_awarded"))
    assert redriven(world, "the-very-same-key") == {"notify": (1, 0, 0)}
    put(world, "notify", sample("notify/brief_awarded"))
    assert redriven(world, "the-very-same-key") == {"notify": (1, 0, 0)}
    assert len(world.messages("notify")) == 1, "and nothing was handled"
    refused_body = command(REDRIVE, key="the-very-same-key", body={"more": 1})
    assert json.loads(world.call(REDRIVE, refused_body)["body"])["code"] == "idempotency_key_reused"


def test_the_sweeper_leaves_what_failed_too_often_where_people_find_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_letters, "VISIBLE_AGAIN_AFTER_S", 0)
    world.seed(the_brief(State.AWARDED))
    put(world, "lapse", sample("lapse/submission_deadline"))
    for _ in range(3):
        assert world.call("sweep/scheduled")["redriven"] == 0
    monkeypatch.setattr(dead_letters, "VISIBLE_AGAIN_AFTER_S", 600)
    world.call("sweep/scheduled")
    count = "ApproximateNumberOfMessages"
    asked = {"QueueUrl": queue_url("lapse"), "AttributeNames": [count]}
    assert world.clients["sqs"].get_queue_attributes(**asked)["Attributes"][count] == "1", "the alarm counts these"
    deadline = the_brief(State.AWARDED).lapse_at
    assert deadline
    world.clock.at = deadline
    assert redriven(world) == {"lapse": (1, 0, 0)}, "an operator may try however often that was tried before"


@pytest.mark.parametrize("name", ["operations_api/holds", "operations_api/audit_trail", "money_api/payees", REDRIVE])
@pytest.mark.parametrize("role", ["student", "employer", "educator"])
def test_only_operators_see_and_do_this(world: World, name: str, role: str) -> None:
    put(world, "notify", sample("notify/brief_awarded"))
    refused(world, name, command(name, role=role), 403, "wrong_role")
    assert len(world.messages("notify")) == 1


def test_holds_and_the_trail_lead_on(world: World) -> None:
    funded(world)
    account, _ = HELD["blocked"]
    assert account
    world.payable(*account, version=2)
    world.seed(the_brief(State.APPROVED))
    world.call("settlement/from_sweeper")
    shown = json.loads(world.call("operations_api/holds")["body"])
    assert [(hold["brief_id"], hold["name"]) for hold in shown["items"]] == [(BRIEF, "payout")]
    for at in range(3):
        event = sample("payments_webhook/payments_webhook")
        event["headers"]["webhook-id"] = f"message-{at}"
        event["body"] += " " * at
        world.clock.at += timedelta(hours=1)
        assert world.call("payments_webhook/payments_webhook", event)["statusCode"] == 400
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        query = {"needs_person": "false", "limit": "1", **cursor}
        page = json.loads(
            world.call("operations_api/audit_trail", command("operations_api/audit_trail", query=query))["body"]
        )
        seen += [item["at"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert len(seen) == 3
    assert seen == sorted(seen, reverse=True), "the newest first"
    wrong = command("operations_api/audit_trail", query={"needs_person": "true", **cursor})
    assert world.call("operations_api/audit_trail", wrong)["statusCode"] == 400, "a cursor is good for its own list"

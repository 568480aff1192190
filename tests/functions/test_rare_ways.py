"""Ways through the handlers that no journey takes, and that need permissions of their own."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from microintern.adapters.dead_letters import _as_event
from microintern.domain.documents import FileStatus, ScanStatus, StoredFile, Verdict
from microintern.domain.policy import Policy
from microintern.domain.states import Action, State
from tests.contract import tables
from tests.functions.test_operators import kept_by_stream, put, redriven, stream
from tests.functions.world import BRIEF, BUCKET, DELIVERIES, STUDENT, World, command, file, sample, the_brief
from tests.unit.builders import NOW
from tests.unit.contents import TABLE, facts_of

FILE_ID = sample("file_received/from_sweeper")["file_id"]
AT = f"briefs/{BRIEF}/{FILE_ID}"


def test_the_sweeper_stirs_up_a_brief_that_should_have_moved_on(world: World) -> None:
    brief = the_brief(State.AWARDED)
    world.seed(brief)
    assert brief.lapse_at is not None
    world.clock.at = brief.lapse_at + timedelta(hours=1)
    before = world.control(brief.brief_id)
    assert world.call("sweep/scheduled")["nudged"] == 1
    assert world.control(brief.brief_id) != before


def test_the_sweeper_asks_once_more_for_a_file_that_did_not_come(world: World) -> None:
    awaited = file("report", FILE_ID, FileStatus.EXPECTED).model_copy(update={"settle_by": NOW})
    world.seed(the_brief(State.AWARDED), awaited)
    assert world.call("sweep/scheduled")["chased"] == 1
    assert world.document(awaited.key)["rescans"] == 1
    assert world.asked == [("file_received", {"brief_id": BRIEF, "file_id": FILE_ID})]


def test_an_account_that_is_being_checked_is_told_of_later(world: World) -> None:
    name = "payout_account_api/save_payout_account"
    answer = world.call(name, command(name, body={"destination": "sandbox-pending-account"}))
    assert (answer["statusCode"], json.loads(answer["body"])["status"]) == (200, "pending")
    (message,) = world.messages(DELIVERIES)
    assert "sandbox-pending-account" in message


def test_an_upload_that_is_completed_too_late_is_dropped(world: World) -> None:
    brief = the_brief(State.AWARDED)
    world.seed(brief)
    large = world.begin_upload()
    world.send_parts(large)
    assert brief.lapse_at
    world.clock.at = brief.lapse_at + timedelta(days=1)
    answer = world.call("files_api/complete_upload")
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (409, "deadline_passed")
    assert "Uploads" not in world.clients["s3"].list_multipart_uploads(Bucket=BUCKET)


# --- files that nobody may have, or that were kept for long enough -------------------------------------------


def stored(world: World) -> str:
    """The version that S3 has of the samples' file."""
    return str(world.clients["s3"].put_object(Bucket=BUCKET, Key=AT, Body=TABLE)["VersionId"])


def lying(world: World) -> list[str]:
    """Where something lies."""
    return [v["Key"] for v in world.clients["s3"].list_object_versions(Bucket=BUCKET).get("Versions", [])]


def of_the_samples(**facts: Any) -> StoredFile:
    """The samples' file, of which this is known."""
    return file("report", FILE_ID, FileStatus.EXPECTED).model_copy(update={**facts_of(TABLE), **facts})


def test_what_was_found_infected_before_its_receipt_is_put_away_with_it(world: World) -> None:
    version = stored(world)
    verdict = Verdict(version_id=version, scan=ScanStatus.INFECTED, at=NOW)
    infected = of_the_samples(early=verdict)
    world.seed(the_brief(State.AWARDED), infected)
    event = sample("file_received/object_created")
    event["detail"]["object"]["version-id"] = version
    assert world.call("file_received/object_created", event) == {"recorded": True}
    assert world.document(infected.key)["scan"] == "infected"
    assert lying(world) == [f"quarantine/{BRIEF}/{FILE_ID}/{version}"]


def kept(world: World, scan: ScanStatus) -> tuple[str, StoredFile]:
    """A file that came as its brief was submitted, which was approved and settled."""
    version = stored(world)
    found = of_the_samples(status=FileStatus.RECEIVED, version_id=version, received_at=NOW, scan=scan, scanned_at=NOW)
    now = datetime.now(UTC)  # S3 has a clock of its own
    world.seed(the_brief(State.SUBMITTED, Action.APPROVE).model_copy(update={"settled_at": now}), found)
    world.clock.at = now
    return version, found


def test_what_was_left_of_an_infected_file_is_put_away_when_the_bucket_is_tidied(world: World) -> None:
    version, _ = kept(world, ScanStatus.INFECTED)
    assert world.call("tidy/asked_for", {"start": ""}) == {"seen": 1, "strays": 1, "outlived": 0}
    assert lying(world) == [f"quarantine/{BRIEF}/{FILE_ID}/{version}"]


def test_a_file_that_was_kept_for_long_enough_is_removed_and_its_record_says_so(world: World) -> None:
    _, found = kept(world, ScanStatus.CLEAN)
    assert world.call("tidy/asked_for", {"start": ""})["outlived"] == 0
    world.clock.forward(seconds=Policy().keep_files_s + 60)
    assert world.call("tidy/asked_for", {"start": ""}) == {"seen": 1, "strays": 0, "outlived": 1}
    assert (world.document(found.key)["status"], lying(world)) == ("removed", [])


# --- the stream of accounts -----------------------------------------------------------------------------------


@pytest.fixture
def profile_saved(world: World) -> tuple[str, str, Any]:
    """The record of a profile that was saved: the stream's ARN, its shard and the record."""
    assert world.call("accounts_api/save_profile")["statusCode"] == 200
    arn, shard, records = stream(world, tables.ACCOUNTS)
    return arn, shard, records[-1]


def test_the_check_recomputes_the_trail_of_an_account(world: World, profile_saved: tuple[str, str, Any]) -> None:
    arn, _, record = profile_saved
    assert world.call("account_stream/any", {"Records": [_as_event(record, arn)]}) == {"batchItemFailures": []}
    assert world.call("check_trails/scheduled") == {"trails": 1, "broken": 0}


@pytest.mark.parametrize("by", ["operations_api", "sweep"])
def test_what_the_stream_of_accounts_kept_is_read_again(
    world: World, profile_saved: tuple[str, str, Any], by: str
) -> None:
    arn, shard, record = profile_saved
    put(world, "account_stream", kept_by_stream(arn, shard, record, record, size=1))
    if by == "sweep":
        assert world.call("sweep/scheduled")["redriven"] == 1
    else:
        assert redriven(world, str(uuid4())) == {"account_stream": (1, 0, 0)}
    day = sample("operations_api/commands_of_day")
    day["queryStringParameters"] = {"day": world.clock.at.date().isoformat()}
    shown = json.loads(world.call("operations_api/commands_of_day", day)["body"])["items"]
    assert [(step["scope"], step["action"]) for step in shown] == [(STUDENT, "profile.saved")]

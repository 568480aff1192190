"""Every sample in events/samples goes through its function."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from PIL import Image

from infra.local.sample.malware import EICAR
from microintern.adapters.accounts import notice_of
from microintern.adapters.briefs import feedback_of
from microintern.adapters.papers import S3Papers
from microintern.domain.accounts import Profile
from microintern.domain.audit import Finding
from microintern.domain.credentials import credential_id_of
from microintern.domain.documents import Application, FileStatus, ScanStatus, StoredFile
from microintern.domain.feedback import Feedback
from microintern.domain.payments import PayoutStatus
from microintern.domain.states import Action, Role, State
from microintern.domain.webhooks import Message
from microintern.ports.agreements import Edition
from tests.contract import tables
from tests.functions.cases import HTTP, prepare
from tests.functions.world import (
    APPLICATION,
    BRIEF,
    BUCKET,
    DELIVERIES,
    ENDPOINT,
    GROUP,
    LATE_S,
    LATER,
    MACHINE,
    NAMES,
    NEWCOMER,
    ORGANISATION,
    RIVAL,
    STUDENT,
    World,
    application,
    documents_of,
    file,
    sample,
    sources,
    the_brief,
    the_submission,
)
from tests.unit.builders import ROOT
from tests.unit.contents import LOCKED_ZIP, TABLE, facts_of

DOCUMENT: dict[str, Any] = json.loads((ROOT / "functions/openapi/openapi.json").read_text(encoding="utf-8"))


def assert_valid(event: dict[str, Any]) -> None:
    """The event is what its schema promises to consumers."""
    schema = json.loads((ROOT / f"events/schemas/{event['type']}.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(event)


def followed(world: World, name: str, *types: str, executions: int = 0, schedules: int = 0) -> None:
    world.seed(the_brief(State.OPEN))
    assert world.call(name) == {"batchItemFailures": []}
    assert [event["type"] for event in world.published] == list(types)
    for event in world.published:
        assert_valid(event)
    running = world.clients["stepfunctions"].list_executions(stateMachineArn=MACHINE)["executions"]
    assert [execution["name"] for execution in running] == [BRIEF] * executions
    assert len(world.clients["scheduler"].list_schedules(GroupName=GROUP)["Schedules"]) == schedules


def posted(world: World) -> None:
    followed(world, "brief_stream/brief_posted", "brief.posted", executions=1, schedules=1)


def applied(world: World) -> None:
    followed(world, "brief_stream/application_received", "application.received")


def said(world: World) -> None:
    followed(world, "brief_stream/message_posted", "message.posted")
    again = sample("brief_stream/message_posted")
    again["Records"][0]["dynamodb"]["OldImage"] = again["Records"][0]["dynamodb"]["NewImage"]
    assert world.call("brief_stream/message_posted", again) == {"batchItemFailures": []}
    assert len(world.published) == 1, "what is forgotten is said no second time"


def mentor_named(world: World) -> None:
    followed(world, "brief_stream/mentor_named", "mentor.named")


def file_infected(world: World) -> None:
    followed(world, "brief_stream/file_infected", "file.infected")


def awarded(world: World) -> None:
    with world.counting("stepfunctions") as sent:
        followed(world, "brief_stream/brief_awarded", "brief.awarded", schedules=3)
    assert sent[0] == "SendTaskSuccess"


def waits(world: World) -> None:
    with world.counting("stepfunctions") as sent:
        followed(world, "brief_stream/wait_registered_late")
    assert sent[0] == "SendTaskSuccess"


def money_settled(world: World) -> None:
    with world.counting("stepfunctions") as sent:
        followed(world, "brief_stream/money_settled", "brief.paid")
    assert sent[0] == "SendTaskSuccess"


def nudged(world: World) -> None:
    with world.counting("stepfunctions") as sent:
        followed(world, "brief_stream/nudged", "brief.awarded", schedules=3)
    assert sent[0] == "SendTaskSuccess"


def batch(world: World) -> None:
    kinds = ("brief.posted", "application.received", "brief.awarded")
    followed(world, "brief_stream/batch", *kinds, executions=1, schedules=4)


def lapsed(world: World) -> None:
    brief = the_brief(State.AWARDED)
    world.seed(brief)
    assert brief.lapse_at is not None
    world.clock.at = brief.lapse_at
    assert world.call("lapse/submission_deadline") == {"lapsed": True, "state": "expired"}
    assert world.call("lapse/submission_deadline") == {"lapsed": False, "state": None}


def collected(world: World) -> None:
    world.seed(the_brief(State.POSTED, Action.REQUEST_FUNDING))
    assert_valid(sample("settlement/funding_requested")["detail"])
    assert world.call("settlement/funding_requested") == {"outcome": "waiting"}
    assert world.messages(DELIVERIES) == [sample("sandbox_delivery/operation_updated")["Records"][0]["body"]]
    assert world.call("settlement/payment_updated") == {"outcome": "opened"}
    assert world.control(BRIEF)["state"] == {"S": "open"}
    after = world.everything()
    for name in ("settlement/funding_requested", "settlement/payment_updated", "settlement/from_sweeper"):
        assert world.call(name) == {"outcome": "nothing_to_do"}
    assert world.everything() == after


def settled(world: World) -> None:
    collected(world)
    world.seed(the_brief(State.APPROVED))
    assert world.call("settlement/from_workflow") == {"outcome": "waiting"}
    token = sample("settlement/from_workflow")["token"]
    assert world.control(BRIEF)["wait"] == {"M": {"state": {"S": "approved"}, "token": {"S": token}}}
    assert world.call("settlement/from_sweeper") == {"outcome": "settled"}
    assert world.control(BRIEF)["state"] == {"S": "paid"}
    assert "wait" in world.control(BRIEF), "the stream answers it"
    after = world.everything(without=tables.BRIEFS)
    assert world.call("settlement/from_workflow") == {"outcome": "nothing_to_do"}
    assert world.everything(without=tables.BRIEFS) == after
    assert world.control(BRIEF)["wait"]["M"]["state"] == {"S": "paid"}, "a late token is answered by its own write"


def payee_is_checked(world: World) -> None:
    assert_valid(sample("settlement/payee_updated")["detail"])
    assert world.call("settlement/payee_updated") == {"refreshed": 0}, "nobody is paid there"
    world.payable("sandbox-pending-account", PayoutStatus.PENDING)
    for later_s, status in ((0, PayoutStatus.PENDING), (LATE_S, PayoutStatus.READY)):
        world.clock.at += timedelta(seconds=later_s)
        assert world.call("settlement/payee_updated") == {"refreshed": 1}
        account = world.accounts.payout_account(STUDENT)
        assert account
        assert account.status is status


def webhook_is_taken(name: str, heard_as: str) -> Callable[[World], None]:
    def take(world: World) -> None:
        answer = world.call(name)
        assert (answer["statusCode"], answer["body"]) == (202, "{}")
        (published,) = world.published
        assert_valid(published)
        assert published | {"time": ""} == sample(heard_as)["detail"] | {"time": ""}
        (noted,) = world.findings(needs_person=False)
        assert noted.finding is Finding.WEBHOOK_APPLIED

    return take


def delivered(name: str) -> Callable[[World], None]:
    def deliver(world: World) -> None:
        collected(world)
        event = sample(name)
        with world.hearing() as heard:
            assert world.call(name) == {"batchItemFailures": []}
        assert [headers["webhook-id"] for headers, _ in heard] == [
            json.loads(record["body"])["message_id"] for record in event["Records"]
        ]
        assert heard[0][1] == sample("payments_webhook/payments_webhook")["body"]

    return deliver


def swept(world: World) -> None:
    nothing = {"overdue": 0, "nudged": 0, "advanced": 0, "revived": 0, "redriven": 0, "oldest_unsettled_s": 0}
    nothing["chased"] = 0
    assert world.call("sweep/scheduled") == nothing
    world.seed(the_brief(State.APPROVED))
    found = {"overdue": 1, "nudged": 0, "advanced": 1, "revived": 1, "oldest_unsettled_s": 3_600}
    assert world.call("sweep/scheduled") == nothing | found
    assert world.asked == [("settlement", sample("settlement/from_sweeper"))]
    running = world.clients["stepfunctions"].list_executions(stateMachineArn=MACHINE)["executions"]
    assert [execution["name"] for execution in running] == [BRIEF]


def reconciled(name: str) -> Callable[[World], None]:
    def reconcile(world: World) -> None:
        collected(world)
        before = world.everything()
        found = {"operations": 1, "transfers": 2, "behind": 0, "differences": 0}
        assert world.call(name) == found
        assert world.everything() == before
        world.clock.at += timedelta(days=10)
        asked_for = name == "reconcile/asked_for"
        assert world.call(name)["operations"] == asked_for, "it looks back three days, or as many as it is asked to"

    return reconcile


def account_step_kept(world: World) -> None:
    for _ in range(2):
        assert world.call("account_stream/profile_saved") == {"batchItemFailures": []}
    shown = json.loads(world.call("operations_api/commands_of_day")["body"])["items"]
    assert [(s["scope"], s["subject"], s["action"], s["version"]) for s in shown] == [
        (STUDENT, "profile", "profile.saved", 1)
    ]


def endpoint_step_published(world: World) -> None:
    for _ in range(2):
        assert world.call("account_stream/webhook_test_asked_for") == {"batchItemFailures": []}
    first, again = world.published
    assert first == again == sample("webhook_dispatch/test_asked_for")["detail"]
    assert_valid(first)


def dispatched(name: str, deliveries: int = 1) -> Callable[[World], None]:
    def dispatch(world: World) -> None:
        assert world.call(name) == {"deliveries": 0}, "nobody has asked for it"
        world.seed(the_brief(State.OPEN), *documents_of(State.OPEN))
        world.connect()
        for _ in range(2):
            assert world.call(name) == {"deliveries": deliveries}
        assert len(world.deliveries.newest(ENDPOINT, 9).items) == deliveries, "a repeat is the same delivery"
        for body in world.messages("webhooks"):
            assert Message.model_validate_json(body).endpoint_id == ENDPOINT

    return dispatch


def sent_again(world: World) -> None:
    delivery = world.queued()
    world.deliveries.save(delivery.held())
    for _ in range(2):
        assert world.call("webhook_dispatch/replay_asked_for") == {"deliveries": 0}, "it happened at that very instant"
    event = sample("webhook_dispatch/replay_asked_for")
    event["detail"]["time"] = "2027-02-20T15:00:01.000Z"
    assert world.call("webhook_dispatch/replay_asked_for", event) == {"deliveries": 1}
    (found,) = world.deliveries.newest(ENDPOINT, 9).items
    assert (found.state, found.version) == ("pending", 3)


def sent_out(world: World) -> None:
    delivery = world.queued()
    with mock.patch("socket.getaddrinfo", return_value=[(0, 0, 0, "", ("10.0.0.8", 443))]):
        assert world.call("webhook_delivery/due") == {"batchItemFailures": []}
    (found,) = world.deliveries.newest(ENDPOINT, 9).items
    assert [attempt.error for attempt in found.attempts] == ["address_refused"]
    assert (found.delivery_id, found.state, found.tries) == (delivery.delivery_id, "pending", 1)
    assert [Message.model_validate_json(body).version for body in world.messages("webhooks")] == [2]


def trails_checked(world: World) -> None:
    assert world.call("check_trails/scheduled") == {"trails": 0, "broken": 0}
    world.seed(the_brief(State.POSTED))
    world.call("brief_stream/brief_posted")
    assert world.call("check_trails/scheduled") == {"trails": 1, "broken": 1}, "this is not how that brief was posted"


def received(world: World) -> None:
    event = sample("file_received/object_created")
    at = event["detail"]["object"]
    file_id = at["key"].rpartition("/")[2]
    announced = file("report", file_id, FileStatus.EXPECTED).model_copy(update=facts_of(TABLE))
    world.seed(the_brief(State.AWARDED), announced)
    assert world.call("file_received/object_created") == {"recorded": False}, "S3 has no such version"
    put = world.clients["s3"].put_object(Bucket=BUCKET, Key=at["key"], Body=TABLE)
    at["version-id"] = put["VersionId"]
    assert world.call("file_received/object_created", event) == {"recorded": True}
    assert world.document(announced.key)["status"] == "received"
    assert world.call("file_received/object_created", event) == {"recorded": False}, "the first receipt counts"


def announced(world: World) -> StoredFile:
    """The file of the samples, expected and longer overdue than it may be."""
    file_id = sample("file_received/from_sweeper")["file_id"]
    expected = file("report", file_id, FileStatus.EXPECTED)
    expected = expected.model_copy(update={**facts_of(TABLE), "rescans": 1})
    world.seed(the_brief(State.AWARDED), expected)
    return expected


def looked_for(world: World) -> None:
    expected = announced(world)
    assert world.call("file_received/from_sweeper") == {"recorded": True}
    assert world.document(expected.key)["status"] == "expired", "S3 has nothing"
    announced(world)
    world.clients["s3"].put_object(Bucket=BUCKET, Key=f"briefs/{BRIEF}/{expected.file_id}", Body=TABLE)
    assert world.call("file_received/from_sweeper") == {"recorded": True}
    assert world.document(expected.key)["status"] == "received"
    assert world.call("file_received/from_sweeper") == {"recorded": False}


def received_in_parts(world: World) -> None:
    expected = announced(world)
    at: dict[str, Any] = {"Bucket": BUCKET, "Key": f"briefs/{BRIEF}/{expected.file_id}"}
    s3, event = world.clients["s3"], sample("file_received/multipart_completed")
    upload_id = s3.create_multipart_upload(**at)["UploadId"]
    part = s3.upload_part(**at, UploadId=upload_id, PartNumber=1, Body=TABLE)
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    done = s3.complete_multipart_upload(**at, UploadId=upload_id, MultipartUpload=parts)
    event["detail"]["object"]["version-id"] = done["VersionId"]
    assert world.call("file_received/multipart_completed", event) == {"recorded": True}
    found = world.document(expected.key)
    assert found["status"] == "received"
    assert found["received_at"] >= event["time"][:19], "S3 itself dates it from when the upload began"


def tidied(name: str) -> Callable[[World], None]:
    def tidy(world: World) -> None:
        key = f"briefs/{BRIEF}/file-of-nobody-1"
        world.clients["s3"].put_object(Bucket=BUCKET, Key=key, Body=TABLE)
        fresh = {"seen": 1, "strays": 0, "outlived": 0}
        world.clock.at = datetime.now(UTC) + timedelta(hours=23)  # S3 has a clock of its own
        assert world.call(name).keys() == fresh.keys()
        if name == "tidy/asked_for":  # moto leaves out what comes next to a key that is not there
            assert world.call(name) == fresh
            world.clock.forward(hours=2)
            assert world.call(name) == fresh | {"strays": 1}
            assert world.call(name) == fresh | {"seen": 0}

    return tidy


def files_kept(world: World) -> None:
    assert_valid(sample("keep_files/brief_submitted")["detail"])
    brief, submitted, s3 = the_brief(State.SUBMITTED), the_submission(), world.clients["s3"]
    keys = [f"briefs/{BRIEF}/{handed.file_id}" for handed in submitted.files]
    versions = [s3.put_object(Bucket=BUCKET, Key=key, Body=TABLE)["VersionId"] for key in keys]
    files = [f.model_copy(update={"version_id": v}) for f, v in zip(submitted.files, versions, strict=True)]
    documents = submitted.model_copy(update={"files": files})

    def locked() -> list[tuple[bool, bool]]:
        heads = [s3.head_object(Bucket=BUCKET, Key=k, VersionId=v) for k, v in zip(keys, versions, strict=True)]
        return [(h.get("ObjectLockLegalHoldStatus") == "ON", "ObjectLockRetainUntilDate" in h) for h in heads]

    world.seed(brief, documents)
    assert world.call("keep_files/brief_submitted") == {"files": len(files)}
    assert locked() == [(True, False)] * len(files)
    world.seed(brief.model_copy(update={"settled_at": datetime.now(UTC)}), documents)
    assert world.call("keep_files/brief_submitted") == {"files": len(files)}
    assert locked() == [(False, True)] * len(files), "an event that comes late holds nothing for ever"


def candidate_kept(world: World) -> None:
    assert_valid(sample("keep_candidates/brief_paid")["detail"])
    world.seed(the_brief(State.APPROVED))
    assert world.call("keep_candidates/brief_paid") == {"kept": False}
    world.seed(the_brief(State.PAID))
    for kept in (True, False):
        assert world.call("keep_candidates/brief_paid") == {"kept": kept}
    found = world.talent.candidate(ORGANISATION, STUDENT)
    assert found is not None
    assert [result.brief_id for result in found.results] == [BRIEF]


def offer_published(world: World) -> None:
    assert world.call("account_stream/offer_made") == {"batchItemFailures": []}
    (event,) = world.published
    assert_valid(event)
    assert event["type"] == "offer.made"
    assert event["data"] == sample("notify/offer_made")["detail"]["data"]


def scanned_again(world: World) -> None:
    event = sample("scan/from_sweeper")
    at = event["detail"]["object"]
    put = world.clients["s3"].put_object(Bucket=BUCKET, Key=at["key"], Body=TABLE)
    at["version-id"] = put["VersionId"]
    assert world.call("scan/from_sweeper", event) == {"result": "NO_THREATS_FOUND"}


def previewed(world: World) -> None:
    event = sample("preview/found_clean")
    at = event["detail"]["s3ObjectDetails"]
    out = io.BytesIO()
    Image.new("RGB", (20, 10), "teal").save(out, "PNG")
    made = (
        (out.getvalue(), "image/png", 1, None),
        (b"PK", "application/zip", 0, "No preview is made of application/zip."),
    )
    for content, media_type, parts, reason in made:
        put = world.clients["s3"].put_object(Bucket=BUCKET, Key=at["objectKey"], Body=content, ContentType=media_type)
        at["versionId"] = put["VersionId"]
        for _ in range(2):
            assert world.call("preview/found_clean", event) == {"parts": parts, "reason": reason}
        prefix = at["objectKey"].replace("briefs/", "previews/", 1) + f"/{put['VersionId']}/"
        kept = world.clients["s3"].list_objects_v2(Bucket=BUCKET, Prefix=prefix)["Contents"]
        names = [found["Key"].removeprefix(prefix) for found in kept]
        assert names == [*(f"page-{n + 1}.webp" for n in range(parts)), "preview.json"]


def scan(world: World) -> None:
    event = sample("scan/object_created")
    at = event["detail"]["object"]
    for content, result in ((b"a table", "NO_THREATS_FOUND"), (EICAR, "THREATS_FOUND"), (LOCKED_ZIP, "UNSUPPORTED")):
        put = world.clients["s3"].put_object(Bucket=BUCKET, Key=at["key"], Body=content)
        at["version-id"] = put["VersionId"]
        assert world.call("scan/object_created", event) == {"result": result}
        assert world.scanned[-1]["scanResultDetails"]["scanResultStatus"] == result
        assert world.scanned[-1]["s3ObjectDetails"]["versionId"] == put["VersionId"]
    shape = sample("scan_result/infected")["detail"]
    assert [said.keys() for said in world.scanned] == [shape.keys()] * 3
    inner = ("s3ObjectDetails", "scanResultDetails")
    assert all(said[part].keys() == shape[part].keys() for said in world.scanned for part in inner)


def judged(name: str, scan: ScanStatus | None) -> Callable[[World], None]:
    def judge(world: World) -> None:
        at = sample(name)["detail"]["s3ObjectDetails"]
        file_id = at["objectKey"].rpartition("/")[2]
        waiting = file("report", file_id, FileStatus.RECEIVED).model_copy(
            update={"version_id": at["versionId"], "scan": ScanStatus.PENDING, "scanned_at": None}
        )
        world.seed(the_brief(State.AWARDED), waiting)
        said = {"scan": scan.value if scan else None, "recorded": scan is not None}
        assert world.call(name) == said
        assert world.document(waiting.key)["scan"] == (scan or "pending")
        assert world.call(name) == said | {"recorded": False}, "it comes at least once"

    return judge


def told(name: str, notices: int, marks: int = 0) -> Callable[[World], None]:
    def tell(world: World) -> None:
        assert_valid(sample(name)["detail"])
        world.seed(the_brief(State.AWARDED), application(STUDENT), application(RIVAL))
        assert world.call(name) == {"notices": notices}
        after = world.everything()
        assert world.call(name) == {"notices": notices}
        assert world.everything() == after, "a repeated event tells nobody twice"
        assert len(world.accounts.marks(STUDENT)) == marks

    return tell


def feedback_given(world: World) -> None:
    followed(world, "brief_stream/feedback_given", "feedback.given", "feedback.shown")


def spoken_of(world: World) -> Feedback:
    """Both sides have given feedback on the samples' brief, which has been paid."""
    image = sample("brief_stream/feedback_given")["Records"][0]["dynamodb"]["NewImage"]
    feedback = feedback_of(image)
    world.seed(the_brief(State.PAID), *documents_of(State.PAID), the_submission(), feedback)
    return feedback


def told_of_both(world: World) -> None:
    assert_valid(sample("notify/feedback_shown")["detail"])
    assert world.call("notify/feedback_shown") == {"notices": 2}


def told_what_is_awaited(world: World) -> None:
    world.seed(the_brief(State.PAID), application(STUDENT))
    for _ in range(2):
        assert world.call("notify/brief_paid") == {"notices": 4}
    told = world.accounts.notices(STUDENT, 9).items
    assert sum("is awaited until 2027-02-27T15:00:00.000Z" in notice.text for notice in told) == 1
    assert len(told) == 2


def feedback_counted(world: World) -> None:
    spoken_of(world)
    assert world.call("records/feedback_shown") == {"records": 2}
    counted = world.everything()
    assert world.call("records/feedback_shown") == {"records": 0}
    assert world.everything() == counted
    assert world.records.read(STUDENT, Role.STUDENT).counts["rating/quality"] == 4
    assert world.records.read(ORGANISATION, Role.EMPLOYER).counts["rating/clarity"] == 5


def approval_counted(world: World) -> None:
    world.seed(the_brief(State.APPROVED), *documents_of(State.APPROVED), the_submission())
    for changed in (2, 0):
        assert world.call("records/brief_approved") == {"records": changed}
    assert world.records.read(STUDENT, Role.STUDENT).counts["completed"] == 1
    assert world.records.read(ORGANISATION, Role.EMPLOYER).counts["accepted"] == 1


def due_feedback_counted(world: World) -> None:
    """One side's, whose window is over."""
    assert world.call("records/scheduled") == {"records": 0}
    one_sided = spoken_of(world).model_copy(update={"shown_at": None, "employer": None})
    world.briefs.overwrite(BRIEF, one_sided)
    assert world.call("records/feedback_shown") == {"records": 1}
    assert world.call("records/scheduled") == {"records": 0}
    assert "rating/clarity" not in world.records.read(ORGANISATION, Role.EMPLOYER).counts
    world.clock.at += timedelta(days=8)
    assert world.call("records/scheduled") == {"records": 1}
    assert world.records.read(ORGANISATION, Role.EMPLOYER).counts["rating/clarity"] == 5
    assert world.call("records/scheduled") == {"records": 0}


def found(world: World) -> list[str]:
    page = json.loads(world.call("search_api/search_briefs")["body"])
    return [item["brief_id"] for item in page["items"]]


def agreement_drawn(world: World) -> None:
    name = "draw_agreement/brief_awarded"
    assert_valid(sample(name)["detail"])
    world.seed(the_brief(State.OPEN), *documents_of(State.OPEN))
    assert world.call(name) == {"edition": None}, "given back since"
    assert papers_of(world) == []
    world.seed(the_brief(State.AWARDED), *documents_of(State.AWARDED))
    assert world.call(name) == {"edition": 4}
    (first,) = papers_of(world)
    world.accounts.save_profile(Profile(account_id=STUDENT, name="Somebody else by now"))
    assert world.call(name) == {"edition": 4}
    assert papers_of(world) == [first], "whatever repeats, the first paper stays"


def amendment_drawn(world: World) -> None:
    name = "draw_agreement/brief_amended"
    assert_valid(sample(name)["detail"])
    world.seed(the_brief(State.OPEN), *documents_of(State.OPEN))
    assert world.call(name) == {"edition": None}, "given back since"
    world.seed(the_brief(State.AWARDED), *documents_of(State.AWARDED))
    world.amend()
    world.call("amendments_api/accept_amendment")
    assert world.call("draw_agreement/brief_awarded") == {"edition": 4}
    assert world.call(name) == {"edition": 5}
    first, second = papers_of(world)
    assert second.size_bytes > first.size_bytes


def not_followed_without_step(world: World, name: str) -> None:
    """Words were taken away from it, which leaves its event as it was."""
    again = sample(name)
    image = again["Records"][0]["dynamodb"]["NewImage"]
    again["Records"][0]["dynamodb"]["OldImage"] = image
    again["Records"][0]["dynamodb"]["NewImage"] = image | {"version": {"N": "2"}}
    assert world.call(name, again) == {"batchItemFailures": []}
    assert len(world.published) == 1, "nothing happened that could be told once more"


def check_in_answered(world: World) -> None:
    followed(world, "brief_stream/check_in_answered", "check_in.answered")
    not_followed_without_step(world, "brief_stream/check_in_answered")


def asked(world: World) -> None:
    name = "lapse/check_in_due"
    world.seed(the_brief(State.AWARDED), *documents_of(State.AWARDED))
    world.until_asked()
    for _ in range(2):
        assert world.call(name) == {"lapsed": False, "state": None, "asked": True}
    (first, again) = world.published
    assert_valid(first)
    assert first == again, "one id, however often the clock says so"
    assert world.call("messages_api/check_in")["statusCode"] == 201
    assert world.call(name) == {"lapsed": False, "state": None}, "answered by now"


def amendment_proposed(world: World) -> None:
    followed(world, "brief_stream/amendment_proposed", "amendment.proposed")
    not_followed_without_step(world, "brief_stream/amendment_proposed")


def papers_of(world: World) -> list[Edition]:
    return S3Papers(world.clients["s3"], BUCKET).editions(BRIEF, APPLICATION)


def brief_is_found(world: World) -> None:
    assert_valid(sample("index_briefs/brief_opened")["detail"])
    world.seed(the_brief(State.OPEN))
    assert found(world) == []
    told = world.call("index_briefs/brief_opened")
    assert told["terms"] > 10
    assert found(world) == [BRIEF]
    after = world.everything()
    assert world.call("index_briefs/brief_opened") == told
    assert world.everything() == after
    world.seed(the_brief(State.AWARDED))
    assert found(world) == [], "at once"


def search_is_matched(world: World) -> None:
    assert_valid(sample("match_searches/brief_opened")["detail"])
    world.seed(the_brief(State.OPEN))
    assert world.call("match_searches/brief_opened") == {"notices": 0}
    world.call("search_api/save_search")
    assert world.call("match_searches/brief_opened") == {"notices": 1}
    after = world.everything()
    assert world.call("match_searches/brief_opened") == {"notices": 1}
    assert world.everything() == after, "a repeat tells nobody twice"
    (notice,) = world.accounts.notices(STUDENT, 10).items
    assert (notice.type, notice.brief_id) == ("search.matched", BRIEF)


def experience_is_kept(name: str, state: State, *, under_way: bool) -> Callable[[World], None]:
    def keep(world: World) -> None:
        assert_valid(sample(name)["detail"])
        world.seed(the_brief(state))
        assert world.call(name) == {"notes": 1}
        assert world.call(name) == {"notes": 0}, "heard again"
        (work,) = world.students.experiences([STUDENT])[STUDENT].work.values()
        assert (work.under_way, work.completed) == (under_way, not under_way)

    return keep


def moved_deadline_is_noted(world: World) -> None:
    assert_valid(sample("keep_experience/brief_amended")["detail"])
    world.seed(the_brief(State.AWARDED), *documents_of(State.AWARDED))
    assert world.call("keep_experience/brief_awarded") == {"notes": 1}
    world.amend()
    world.call("amendments_api/accept_amendment")
    assert world.call("keep_experience/brief_amended") == {"notes": 1}
    (work,) = world.students.experiences([STUDENT])[STUDENT].work.values()
    found = world.briefs.read(BRIEF)
    assert found
    brief = found.brief
    assert (work.due_at, work.version) == (brief.submission_due_at, brief.version)
    assert brief.submission_due_at != brief.posted_due_at


def award_is_given_back(world: World) -> None:
    assert_valid(sample("keep_experience/award_withdrawn")["detail"])
    gave_back = application(STUDENT).model_copy(update={"awarded_at": LATER, "withdrawn_at": LATER})
    world.seed(the_brief(State.AWARDED, Action.WITHDRAW), gave_back, application(RIVAL))
    assert world.call("keep_experience/award_withdrawn") == {"notes": 1}
    assert world.call("keep_experience/brief_awarded") == {"notes": 0}, "heard late"
    (work,) = world.students.experiences([STUDENT])[STUDENT].work.values()
    assert (work.under_way, work.completed) == (False, False)
    assert world.students.experiences([RIVAL])[RIVAL].work == {}


def signed_up(name: str, groups: list[str]) -> Callable[[World], None]:
    def sign_up(world: World) -> None:
        event = sample(name) | {"userPoolId": world.pool_id}
        assert world.call(name, event) == event
        assert world.groups() == groups

    return sign_up


def wrong_role(world: World) -> None:
    with pytest.raises(ValueError, match="custom:role must be student or employer"):
        world.call("sign_up/pre_sign_up_wrong_role")


def erased(world: World) -> None:
    assert world.call("erase/scheduled") == {"erased": 0}


def credential_issued(world: World) -> None:
    assert_valid(sample("issue_credential/brief_approved")["detail"])
    world.seed(the_brief(State.SUBMITTED))
    assert world.call("issue_credential/brief_approved") == {"credential_id": None}, "not approved as it is"
    world.seed(the_brief(State.APPROVED))
    assert world.call("issue_credential/brief_approved") == {"credential_id": credential_id_of(BRIEF)}
    after = world.everything()
    assert world.call("issue_credential/brief_approved") == {"credential_id": None}
    assert world.everything() == after


def credential_followed(world: World) -> None:
    for _ in range(2):
        assert world.call("credential_stream/credential_issued") == {"batchItemFailures": []}
    first, again = world.published
    assert first == again
    assert first["type"] == "credential.issued"
    assert_valid(first)
    shown = json.loads(world.call("operations_api/commands_of_day")["body"])["items"]
    assert [(s["scope"], s["action"], s["version"]) for s in shown] == [
        (credential_id_of(BRIEF), "credential.issued", 1)
    ]


def notice_is_mailed(world: World) -> None:
    world.mailable()
    world.seed(the_brief(State.AWARDED), *documents_of(State.AWARDED))
    for _ in range(2):
        assert world.call("send_mail/notice_given") == {"batchItemFailures": []}
    (mail,) = world.mails
    assert mail["Destination"] == {"ToAddresses": ["amara@example.com"]}
    assert "You have been awarded this brief." in mail["Content"]["Simple"]["Body"]["Text"]["Data"]


def notice_waits_for_digest(world: World) -> None:
    world.mailable()
    event = sample("send_mail/notice_for_digest")
    notice = notice_of(None, event["Records"][0]["dynamodb"]["NewImage"])
    assert notice
    world.accounts.tell([notice])
    world.seed(the_brief(State.OPEN), *documents_of(State.OPEN))
    for _ in range(2):
        assert world.call("send_mail/notice_for_digest") == {"batchItemFailures": []}
    assert world.mails == []
    assert world.call("send_mail/scheduled") == {"sent": 0}
    world.clock.at += timedelta(days=1)
    assert world.call("send_mail/scheduled") == {"sent": 1}
    assert world.call("send_mail/scheduled") == {"sent": 0}
    (mail,) = world.mails
    assert "fits your saved search “Charts”" in mail["Content"]["Simple"]["Body"]["Text"]["Data"]


def nobody_is_written_to(world: World) -> None:
    assert world.call("send_mail/scheduled") == {"sent": 0}


def reminded(world: World) -> None:
    assert world.call("remind/scheduled") == {"notices": 0}
    brief = the_brief(State.AWARDED)
    world.seed(brief, application(STUDENT))
    assert brief.lapse_at
    world.clock.at = brief.lapse_at - timedelta(hours=23)
    assert world.call("remind/scheduled") == {"notices": 1}
    assert world.call("remind/scheduled") == {"notices": 0}
    (notice,) = world.accounts.notices(STUDENT, 9).items
    assert notice.type == "deadline.near"


def address_is_held(name: str, reason: str) -> Callable[[World], None]:
    def hold(world: World) -> None:
        world.mailable()
        for held in (True, False):
            assert world.call(name) == {"held": held}
        shown = json.loads(world.call("accounts_api/me")["body"])["email_hold"]
        assert shown["reason"] == reason
        world.seed(the_brief(State.AWARDED), *documents_of(State.AWARDED))
        world.call("send_mail/notice_given")
        assert world.mails == []
        world.mailable(email="another@example.com")
        world.call("send_mail/notice_given")
        assert len(world.mails) == 1, "another address is not held"

    return hold


def page_step_kept(world: World) -> None:
    for _ in range(2):
        assert world.call("portfolio_stream/portfolio_saved") == {"batchItemFailures": []}
    shown = json.loads(world.call("operations_api/commands_of_day")["body"])["items"]
    assert [(s["scope"], s["subject"], s["action"], s["version"]) for s in shown] == [
        (STUDENT, "portfolio", "portfolio.saved", 1)
    ]


OUTCOMES: dict[str, Callable[[World], None]] = {
    "brief_stream/brief_posted": posted,
    "brief_stream/application_received": applied,
    "brief_stream/message_posted": said,
    "brief_stream/mentor_named": mentor_named,
    "brief_stream/brief_awarded": awarded,
    "brief_stream/wait_registered_late": waits,
    "brief_stream/batch": batch,
    "lapse/submission_deadline": lapsed,
    "brief_stream/money_settled": money_settled,
    "brief_stream/nudged": nudged,
    "settlement/funding_requested": collected,
    "settlement/payment_updated": collected,
    "settlement/from_workflow": settled,
    "settlement/from_sweeper": settled,
    "settlement/payee_updated": payee_is_checked,
    "payments_webhook/base64_body": webhook_is_taken("payments_webhook/base64_body", "settlement/payment_updated"),
    "payments_webhook/payee_updated": webhook_is_taken("payments_webhook/payee_updated", "settlement/payee_updated"),
    "sandbox_delivery/operation_updated": delivered("sandbox_delivery/operation_updated"),
    "sandbox_delivery/batch": delivered("sandbox_delivery/batch"),
    "sweep/scheduled": swept,
    "erase/scheduled": erased,
    "check_trails/scheduled": trails_checked,
    "account_stream/profile_saved": account_step_kept,
    "account_stream/webhook_test_asked_for": endpoint_step_published,
    "webhook_dispatch/application_received": dispatched("webhook_dispatch/application_received"),
    "webhook_dispatch/brief_awarded": dispatched("webhook_dispatch/brief_awarded"),
    "webhook_dispatch/test_asked_for": dispatched("webhook_dispatch/test_asked_for"),
    "webhook_dispatch/replay_asked_for": sent_again,
    "webhook_delivery/due": sent_out,
    "notify/webhook_disabled": told("notify/webhook_disabled", 1),
    "reconcile/scheduled": reconciled("reconcile/scheduled"),
    "reconcile/asked_for": reconciled("reconcile/asked_for"),
    "file_received/object_created": received,
    "scan/object_created": scan,
    "preview/found_clean": previewed,
    "scan_result/clean": judged("scan_result/clean", ScanStatus.CLEAN),
    "scan_result/clean_by_local_scanner": judged("scan_result/clean_by_local_scanner", ScanStatus.CLEAN),
    "scan_result/infected": judged("scan_result/infected", ScanStatus.INFECTED),
    "scan_result/unsupported": judged("scan_result/unsupported", ScanStatus.ERROR),
    "scan_result/failed": judged("scan_result/failed", None),
    "brief_stream/file_infected": file_infected,
    "file_received/from_sweeper": looked_for,
    "file_received/multipart_completed": received_in_parts,
    "scan/from_sweeper": scanned_again,
    "tidy/scheduled": tidied("tidy/scheduled"),
    "tidy/asked_for": tidied("tidy/asked_for"),
    "keep_files/brief_submitted": files_kept,
    "brief_stream/feedback_given": feedback_given,
    "brief_stream/amendment_proposed": amendment_proposed,
    "brief_stream/check_in_answered": check_in_answered,
    "notify/check_in_due": told("notify/check_in_due", 1),
    "lapse/check_in_due": asked,
    "notify/amendment_proposed": told("notify/amendment_proposed", 1),
    "draw_agreement/brief_amended": amendment_drawn,
    "notify/feedback_shown": told_of_both,
    "notify/brief_paid": told_what_is_awaited,
    "records/feedback_shown": feedback_counted,
    "records/brief_approved": approval_counted,
    "records/scheduled": due_feedback_counted,
    "keep_candidates/brief_paid": candidate_kept,
    "account_stream/offer_made": offer_published,
    "notify/offer_made": told("notify/offer_made", 1),
    "notify/file_infected": told("notify/file_infected", 2),
    "notify/file_refused": told("notify/file_refused", 1),
    "notify/brief_awarded": told("notify/brief_awarded", 2),
    "notify/brief_expired_not_submitted": told("notify/brief_expired_not_submitted", 2, marks=1),
    "notify/application_received": told("notify/application_received", 1),
    "notify/credential_issued": told("notify/credential_issued", 1),
    "issue_credential/brief_approved": credential_issued,
    "credential_stream/credential_issued": credential_followed,
    "draw_agreement/brief_awarded": agreement_drawn,
    "portfolio_stream/portfolio_saved": page_step_kept,
    "index_briefs/brief_opened": brief_is_found,
    "match_searches/brief_opened": search_is_matched,
    "keep_experience/brief_awarded": experience_is_kept("keep_experience/brief_awarded", State.AWARDED, under_way=True),
    "keep_experience/brief_approved": experience_is_kept(
        "keep_experience/brief_approved", State.APPROVED, under_way=False
    ),
    "notify/message_posted": told("notify/message_posted", 1),
    "notify/mentor_named": told("notify/mentor_named", 1),
    "keep_experience/brief_amended": moved_deadline_is_noted,
    "keep_experience/award_withdrawn": award_is_given_back,
    "send_mail/notice_given": notice_is_mailed,
    "send_mail/notice_for_digest": notice_waits_for_digest,
    "send_mail/scheduled": nobody_is_written_to,
    "remind/scheduled": reminded,
    "mail_returns/bounced": address_is_held("mail_returns/bounced", "bounced"),
    "mail_returns/complained": address_is_held("mail_returns/complained", "complained"),
    "sign_up/pre_sign_up": signed_up("sign_up/pre_sign_up", []),
    "sign_up/pre_sign_up_by_admin": signed_up("sign_up/pre_sign_up_by_admin", []),
    "sign_up/pre_sign_up_wrong_role": wrong_role,
    "sign_up/post_confirmation": signed_up("sign_up/post_confirmation", ["student"]),
}


@pytest.mark.parametrize("name", NAMES)
def test_its_function_takes_the_sample(world: World, name: str) -> None:
    if name in OUTCOMES:
        OUTCOMES[name](world)
        return
    prepare(world, name)
    answer = world.call(name)
    assert answer["statusCode"] == HTTP[name].status, answer["body"]
    operation = operations()[name]
    assert str(answer["statusCode"]) in operation["responses"]
    for line in world.logs.getvalue().splitlines():
        assert json.loads(line)["level"] == "INFO"


def operations() -> dict[str, Any]:
    """By function and operationId, which is how the samples are named."""
    every = [operation for path in DOCUMENT["paths"].values() for operation in path.values()]
    return {f"{operation['x-function']}/{operation['operationId']}": operation for operation in every}


def test_every_function_and_every_operation_has_a_sample_and_every_sample_an_expectation() -> None:
    assert set(NAMES) == set(HTTP) | set(OUTCOMES)
    assert set(HTTP) == set(operations())
    assert {name.partition("/")[0] for name in NAMES} == {path.parent.name for path in sources()}


@pytest.mark.parametrize("name", HTTP)
def test_a_sample_says_what_api_gateway_says(name: str) -> None:
    event = sample(name)
    method, path = event["routeKey"].split(" ")
    assert DOCUMENT["paths"][path][method.lower()]["operationId"] == name.partition("/")[2]
    assert event["rawPath"] == path.format(**event.get("pathParameters", {}))
    assert event["requestContext"]["http"]["path"] == event["rawPath"]
    assert [header for header in event["headers"] if header != header.lower()] == []


def test_the_samples_speak_of_one_brief(world: World) -> None:
    body = json.loads(world.call("briefs_api/post_brief")["body"])
    assert body["brief_id"] == BRIEF
    assert json.loads(sample("briefs_api/award_brief")["body"]) == {"application_id": APPLICATION}
    world.seed(the_brief(State.OPEN), *documents_of(State.OPEN))
    applied_by = json.loads(world.call("briefs_api/apply")["body"])
    assert applied_by["application_id"] == Application.id_of(BRIEF, NEWCOMER)
    world.seed(the_brief(State.AWARDED), *documents_of(State.AWARDED))
    announced = json.loads(world.call("files_api/announce")["body"])["file"]["file_id"]
    assert sample("file_received/object_created")["detail"]["object"]["key"] == f"briefs/{BRIEF}/{announced}"


def test_one_bad_record_is_named_and_does_not_hide_the_others(world: World) -> None:
    event = sample("brief_stream/batch")
    event["Records"][1]["dynamodb"]["NewImage"]["statement"] = {"S": "<b>I am Amara</b>"}
    sequence = event["Records"][1]["dynamodb"]["SequenceNumber"]
    assert world.call("brief_stream/batch", event) == {"batchItemFailures": [{"itemIdentifier": sequence}]}


def test_too_early_a_schedule_is_to_be_tried_again(world: World) -> None:
    world.seed(the_brief(State.AWARDED))
    before = world.everything()
    with pytest.raises(Exception, match="has not come"):
        world.call("lapse/submission_deadline")
    assert world.everything() == before

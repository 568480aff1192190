"""Questions and messages through their functions: from the request to the trail, and who reads what."""

import json
from datetime import timedelta
from typing import Any

import pytest

from microintern.domain.accounts import Profile
from microintern.domain.audit import Finding
from microintern.domain.brief import Brief
from microintern.domain.states import State
from tests.contract import tables
from tests.functions.test_bad_input import refused
from tests.functions.test_samples import assert_valid
from tests.functions.world import (
    BRIEF,
    EMPLOYER,
    NEWCOMER,
    OPERATOR,
    RIVAL,
    STUDENT,
    World,
    command,
    documents_of,
    sample,
    the_brief,
)

ASK, QUESTIONS = "messages_api/ask", "messages_api/questions"
WRITE, MESSAGES = "messages_api/write_message", "messages_api/messages"
SECRET_WORDS = ("Zqquestion", "Zqanswer", "Zqmessage")


@pytest.fixture
def opened(world: World) -> World:
    """The samples' brief is open."""
    world.seed(the_brief(State.OPEN), *documents_of(State.OPEN))
    return world


@pytest.fixture
def awarded(world: World) -> World:
    """The samples' brief was awarded to the student."""
    world.seed(the_brief(State.AWARDED), *documents_of(State.AWARDED))
    return world


def send(world: World, name: str, sub: str, role: str, text: str, **more: Any) -> Any:
    """The answer to a message of somebody."""
    key = f"key-{role}-{text}"[:60]
    answer = world.call(name, command(name, sub=sub, role=role, key=key, body={"text": text, **more}))
    assert answer["statusCode"] == 201, answer["body"]
    return json.loads(answer["body"])


def read(world: World, name: str, sub: str, role: str) -> Any:
    answer = world.call(name, command(name, sub=sub, role=role))
    assert answer["statusCode"] == 200, answer["body"]
    return json.loads(answer["body"])["items"]


def the_brief_now(world: World) -> Brief:
    snapshot = world.briefs.read(BRIEF)
    assert snapshot is not None
    return snapshot.brief


def messages_streamed(world: World) -> list[dict[str, Any]]:
    """What the table's stream would show of all messages that were written, as records."""
    items = world.clients["dynamodb"].scan(TableName=tables.BRIEFS)["Items"]
    said = sorted((item for item in items if item["kind"]["S"] == "message"), key=lambda item: str(item["sk"]))
    event = sample("brief_stream/message_posted")
    records = []
    for number, item in enumerate(said, start=1):
        record = json.loads(json.dumps(event["Records"][0]))
        record["eventID"] = f"{number:032d}"
        at = {"NewImage": item, "Keys": {"pk": item["pk"], "sk": item["sk"]}, "SequenceNumber": f"{number:021d}"}
        record["dynamodb"] |= at
        records.append(record)
    return records


def test_a_question_is_asked_answered_and_read_by_everybody(opened: World) -> None:
    asked = send(opened, ASK, STUDENT, "student", "Zqquestion?")
    assert (asked["brief_id"], asked["number"]) == (BRIEF, 1)
    answered = send(opened, ASK, EMPLOYER, "employer", "Zqanswer.", answers=1)
    assert answered["number"] == 2
    for sub, role in ((NEWCOMER, "student"), (NEWCOMER, "educator"), (OPERATOR, "operator"), (STUDENT, "student")):
        shown = read(opened, QUESTIONS, sub, role)
        assert [(q["number"], q["by"], q["alias"], q["answers"], q["text"]) for q in shown] == [
            (1, "student", "Student 1", None, "Zqquestion?"),
            (2, "employer", None, 1, "Zqanswer."),
        ]
        assert [q["asker"] for q in shown] == [None, None]
        assert [q["mine"] for q in shown] == [sub == STUDENT, False]
    assert the_brief(State.OPEN).blind
    assert [q["asker"] for q in read(opened, QUESTIONS, EMPLOYER, "employer")] == [None, None]


def test_of_a_brief_that_is_not_blind_the_employer_sees_who_asked(world: World) -> None:
    world.seed(the_brief(State.OPEN).model_copy(update={"blind": False}), *documents_of(State.OPEN))
    send(world, ASK, STUDENT, "student", "Zqquestion?")
    (shown,) = read(world, QUESTIONS, EMPLOYER, "employer")
    assert shown["asker"] == {"account_id": STUDENT, "name": None}
    (shown,) = read(world, QUESTIONS, RIVAL, "student")
    assert shown["asker"] is None


def test_what_is_said_is_published_by_ids_kept_in_the_trail_and_nowhere_in_words(awarded: World) -> None:
    awarded.seed(the_brief(State.OPEN), *documents_of(State.OPEN))
    send(awarded, ASK, STUDENT, "student", "Zqquestion?")
    awarded.seed(the_brief(State.AWARDED), *documents_of(State.AWARDED))
    send(awarded, WRITE, EMPLOYER, "employer", "Zqmessage.")
    records = {"Records": messages_streamed(awarded)}
    assert awarded.call("brief_stream/message_posted", records) == {"batchItemFailures": []}
    for event in awarded.published:
        assert_valid(event)
    facts = [(e["data"]["thread"], e["data"]["by"], e["data"]["author_id"]) for e in awarded.published]
    assert sorted(facts) == [("private", "employer", EMPLOYER), ("public", "student", STUDENT)]
    told = json.dumps(awarded.published) + awarded.logs.getvalue()
    told += json.dumps(awarded.clients["dynamodb"].scan(TableName=tables.TRAIL)["Items"])
    assert [word for word in SECRET_WORDS if word in told] == []
    for event in awarded.published:
        detail = sample("notify/message_posted") | {"detail": event}
        assert awarded.call("notify/message_posted", detail) == {"notices": 1}
    assert [len(awarded.accounts.notices(account_id, 9).items) for account_id in (EMPLOYER, STUDENT)] == [1, 1]


def test_the_private_thread_is_for_both_sides_alone(awarded: World) -> None:
    send(awarded, WRITE, STUDENT, "student", "Zqmessage of the student.")
    send(awarded, WRITE, EMPLOYER, "employer", "Zqmessage of the employer.")
    for sub, role in ((STUDENT, "student"), (EMPLOYER, "employer")):
        assert [(m["number"], m["by"]) for m in read(awarded, MESSAGES, sub, role)] == [(1, "student"), (2, "employer")]
    for sub, role in (
        *((RIVAL, "student"), (NEWCOMER, "employer"), (NEWCOMER, "educator")),
        *((OPERATOR, "operator"), (STUDENT, "employer"), (EMPLOYER, "student")),
    ):
        refused(awarded, MESSAGES, command(MESSAGES, sub=sub, role=role), 404, "not_found")


def test_operators_read_it_in_a_dispute_and_leave_a_note(world: World) -> None:
    world.seed(the_brief(State.AWARDED), *documents_of(State.AWARDED))
    send(world, WRITE, STUDENT, "student", "Zqmessage.")
    world.seed(the_brief(State.DISPUTED))
    assert [m["text"] for m in read(world, MESSAGES, OPERATOR, "operator")] == ["Zqmessage."]
    (entry,) = world.findings(needs_person=False)
    assert (entry.finding, entry.subject, entry.facts["operator_id"]) == (Finding.EVIDENCE_READ, BRIEF, OPERATOR)
    assert "Zqmessage" not in entry.model_dump_json()


def test_contact_data_is_refused_in_public_with_the_field(opened: World) -> None:
    for text in ("Mail zq@example.com", "Call 212 555 0199", "https://example.com/zq"):
        refused(opened, ASK, command(ASK, body={"text": text}), 422, "contact_data", "/text")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "/text"),
        ({"text": ""}, "/text"),
        ({"text": "x" * 2_001}, "/text"),
        ({"text": "<i>no</i>"}, "/text"),
        ({"text": "Is it?", "answers": 0}, "/answers"),
        ({"text": "Is it?", "answers": "1"}, "/answers"),
        ({"text": "Is it?", "thread": "public"}, "/thread"),
    ],
)
def test_what_is_no_message_is_refused_with_the_field(opened: World, body: Any, field: str) -> None:
    refused(opened, ASK, command(ASK, body=body), 422, "invalid", field)


def test_a_day_s_messages_are_counted_on_all_briefs_together(awarded: World) -> None:
    day = awarded.clock.now().date().isoformat()
    at = {"pk": {"S": STUDENT}, "sk": {"S": f"messages#{day}"}}
    awarded.clients["dynamodb"].put_item(TableName=tables.ACCOUNTS, Item={**at, "messages": {"N": "100"}})
    problem = refused(awarded, WRITE, sample(WRITE), 429, "too_many_messages")
    assert problem["retry_after_s"] > 0
    awarded.clock.at += timedelta(days=1)
    assert awarded.call(WRITE)["statusCode"] == 201


def test_a_made_up_cursor_is_refused_or_leads_nowhere(opened: World) -> None:
    send(opened, ASK, STUDENT, "student", "Zqquestion?")
    refused(opened, QUESTIONS, command(QUESTIONS, query={"cursor": "zzzz"}), 400, "invalid_cursor")


def test_an_erased_student_leaves_no_word_in_the_table(awarded: World) -> None:
    send(awarded, WRITE, STUDENT, "student", "Zqmessage.")
    assert "Zqmessage" in "\n".join(awarded.everything())
    (said,) = awarded.functions["erase"].archive.threads.of_author(STUDENT, 9).items
    awarded.briefs.overwrite(BRIEF, said.erased())
    assert "Zqmessage" not in "\n".join(awarded.everything())


def test_a_message_hangs_on_the_step_that_the_brief_was_at(opened: World) -> None:
    send(opened, ASK, STUDENT, "student", "Zqquestion?")
    opened.call("brief_stream/message_posted", {"Records": messages_streamed(opened)})
    found = opened.functions["check_trails"].trail.entries(BRIEF)
    (said,) = [entry for entry in found if entry.subject == "message#public#000001"]
    assert said.event.previous == the_brief_now(opened).entry.hash


NAME, MENTOR = "messages_api/name_mentor", "messages_api/mentor"


def test_a_contact_is_named_by_a_member_and_shown_to_both_sides_alone(awarded: World) -> None:
    awarded.accounts.save_profile(Profile(account_id=EMPLOYER, name="Noor Haddad"))
    assert json.loads(awarded.call(MENTOR)["body"]) == {"mentor": None, "has_left": False}
    named = awarded.call(NAME)
    assert json.loads(named["body"]) == {"brief_id": BRIEF, "account_id": EMPLOYER, "version": 1}
    shown = {"mentor": {"account_id": EMPLOYER, "name": "Noor Haddad"}, "has_left": False}
    for sub, role in ((STUDENT, "student"), (EMPLOYER, "employer")):
        assert json.loads(awarded.call(MENTOR, command(MENTOR, sub=sub, role=role))["body"]) == shown
    for sub, role in ((RIVAL, "student"), (NEWCOMER, "employer"), (NEWCOMER, "educator"), (OPERATOR, "operator")):
        refused(awarded, MENTOR, command(MENTOR, sub=sub, role=role), 404, "not_found")
    assert "Noor" not in json.dumps(awarded.document("mentor#contact"))


def test_nobody_from_outside_is_named(awarded: World) -> None:
    refused(awarded, NAME, command(NAME, body={"account_id": RIVAL}), 422, "not_a_member", "/account_id")
    refused(awarded, NAME, command(NAME, body={"account_id": "-"}), 422, "invalid", "/account_id")

"""Amendments through their function: what the other side is asked, what it does, and what is refused."""

import json
from typing import Any

import pytest

from microintern.domain.documents import Content
from microintern.domain.states import State
from tests.functions.test_bad_input import refused
from tests.functions.world import (
    BRIEF,
    EMPLOYER,
    OPERATOR,
    RIVAL,
    STRANGER,
    STUDENT,
    World,
    command,
    documents_of,
    the_brief,
)
from tests.unit.builders import BODIES, a_posting

PROPOSE, ACCEPT, READ = (f"amendments_api/{name}" for name in ("propose_amendment", "accept_amendment", "amendments"))
BODY: dict[str, Any] = BODIES["post /briefs/{brief_id}/amendments"]


@pytest.fixture
def awarded(world: World) -> World:
    world.seed(the_brief(State.AWARDED), *documents_of(State.AWARDED))
    return world


def test_an_accepted_amendment_moves_the_deadline_of_the_brief(awarded: World) -> None:
    told = json.loads(awarded.call(PROPOSE)["body"])
    assert (told["brief_id"], told["number"]) == (BRIEF, 1)
    answer = json.loads(awarded.call(ACCEPT)["body"])
    assert answer["due_at"] == BODY["submission_due_at"]
    assert awarded.control(BRIEF)["submission_due_at"] == {"S": BODY["submission_due_at"]}
    event = command("browse_api/read_brief", sub=STUDENT, role="student")
    brief = json.loads(awarded.call("browse_api/read_brief", event)["body"])
    assert brief["submission_due"]["due_at"] == brief["deadline"]["due_at"] == BODY["submission_due_at"]


def test_where_the_law_asks_for_addresses_both_are_needed_still(awarded: World) -> None:
    lawful = a_posting(pay=a_posting().pay.model_copy(update={"amount_minor": 80_000}))
    awarded.briefs.overwrite(BRIEF, Content(posting=lawful))
    awarded.call(PROPOSE)
    refused(awarded, ACCEPT, command(ACCEPT), 409, "student_address_missing")


def test_the_two_sides_alone_read_it(awarded: World) -> None:
    awarded.call(PROPOSE)
    for sub, role in ((STUDENT, "student"), (EMPLOYER, "employer")):
        (item,) = json.loads(awarded.call(READ, command(READ, sub=sub, role=role))["body"])["items"]
        assert (item["status"], item["reason"]) == ("open", BODY["reason"])
    for sub, role in ((RIVAL, "student"), (STRANGER, "employer"), (STRANGER, "educator"), (OPERATOR, "operator")):
        refused(awarded, READ, command(READ, sub=sub, role=role), 404, "not_found")


def test_what_is_wrong_is_said_with_what_would_be_right(awarded: World) -> None:
    paid_less = BODY | {"pay": {"amount_minor": 20_000, "currency": "USD"}}
    problem = refused(awarded, PROPOSE, command(PROPOSE, body=paid_less), 422, "pay_is_fixed", "/pay")
    assert "another brief" in problem["detail"]
    nothing = {"reason": "Just so."}
    problem = refused(awarded, PROPOSE, command(PROPOSE, body=nothing), 422, "invalid")
    assert "another scope or another deadline" in problem["detail"]
    past = BODY | {"submission_due_at": "2020-01-01T00:00:00Z"}
    refused(awarded, PROPOSE, command(PROPOSE, body=past), 422, "deadline_in_the_past", "/submission_due_at")
    refused(awarded, ACCEPT, command(ACCEPT), 404, "not_found")
    awarded.call(PROPOSE)
    own = command(ACCEPT, sub=STUDENT, role="student")
    refused(awarded, ACCEPT, own, 409, "own_amendment")

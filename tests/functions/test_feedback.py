"""Feedback and records through their functions: who sees what when, and what is refused with what is right instead."""

import json
from datetime import timedelta
from typing import Any

import pytest

from microintern.domain.brief import Brief
from microintern.domain.states import Role, State
from tests.functions.test_bad_input import refused
from tests.functions.world import (
    BRIEF,
    EMPLOYER,
    OPERATOR,
    ORGANISATION,
    RIVAL,
    STRANGER,
    STUDENT,
    World,
    command,
    documents_of,
    sample,
    the_brief,
)
from tests.unit.app.world import OF_EMPLOYER
from tests.unit.builders import BODIES

GIVE, READ = "feedback_api/give_feedback", "feedback_api/read_feedback"
OF_STUDENT: dict[str, Any] = BODIES["put /briefs/{brief_id}/feedback"]


@pytest.fixture
def paid(world: World) -> Brief:
    brief = the_brief(State.PAID)
    world.seed(brief, *documents_of(State.PAID))
    return brief


def given(world: World, **changes: Any) -> dict[str, Any]:
    answer = world.call(GIVE, command(GIVE, **changes))
    assert answer["statusCode"] == 200, answer["body"]
    told: dict[str, Any] = json.loads(answer["body"])
    return told


def seen(world: World, sub: str, role: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(world.call(READ, command(READ, sub=sub, role=role))["body"])
    return told


BY_EMPLOYER: dict[str, Any] = {"sub": EMPLOYER, "role": "employer", "body": OF_EMPLOYER, "key": "of-the-employer"}


def test_each_side_sees_its_own_and_the_others_once_both_are_in(world: World, paid: Brief) -> None:
    assert given(world)["text"] == OF_STUDENT["text"]
    assert seen(world, STUDENT, "student")["from_student"]["ratings"] == OF_STUDENT["ratings"]
    for sub, role in ((EMPLOYER, "employer"), (OPERATOR, "operator")):
        assert OF_STUDENT["text"] not in json.dumps(seen(world, sub, role))
    given(world, **BY_EMPLOYER)
    for sub, role in ((STUDENT, "student"), (EMPLOYER, "employer"), (OPERATOR, "operator")):
        assert {OF_STUDENT["text"], OF_EMPLOYER["text"]} == {
            seen(world, sub, role)[f"from_{side}"]["text"] for side in ("student", "employer")
        }
    for sub, role in ((RIVAL, "student"), (STRANGER, "employer"), (STRANGER, "educator")):
        refused(world, READ, command(READ, sub=sub, role=role), 404, "not_found")
    refused(world, GIVE, command(GIVE, key="once-more-please"), 409, "feedback_shown")


def test_what_is_wrong_is_said_with_what_would_be_right(world: World, paid: Brief) -> None:
    body = OF_STUDENT | {"suggestions": [{"criterion": "spelling", "suggestion": "More of it."}]}
    problem = refused(world, GIVE, command(GIVE, body=body), 422, "unknown_criterion", "/suggestions/0/criterion")
    assert problem["detail"] == "The rubric has correctness, chart, writing; not spelling."
    unlike = OF_STUDENT | {"ratings": {"clarity": 5, "quality": 3}}
    problem = refused(world, GIVE, command(GIVE, body=unlike), 422, "ratings_do_not_match", "/ratings")
    assert "missing: communication, usefulness, fairness, unknown: quality" in problem["detail"]
    for rating in (0, 6, "5"):
        wrong = OF_STUDENT | {"ratings": OF_STUDENT["ratings"] | {"clarity": rating}}
        refused(world, GIVE, command(GIVE, body=wrong), 422, "invalid", "/ratings/clarity")
    refused(world, GIVE, command(GIVE, body=OF_STUDENT | {"anonymous": True}), 422, "invalid", "/anonymous")


def test_nothing_is_taken_before_the_end_nor_when_the_week_is_over(world: World) -> None:
    world.seed(the_brief(State.SUBMITTED), *documents_of(State.SUBMITTED))
    problem = refused(world, GIVE, sample(GIVE), 409, "not_ended")
    assert problem["state"] == "submitted"
    world.seed(the_brief(State.PAID))
    world.clock.at += timedelta(days=7)
    refused(world, GIVE, sample(GIVE), 409, "feedback_closed")
    assert seen(world, STUDENT, "student") | {"until": "", "until_local": "", "asked": {}} == {
        **{"brief_id": BRIEF, "until": "", "until_local": "", "shown": True, "given": [], "asked": {}},
        **{"from_employer": None, "from_student": None},
    }


def test_of_a_blind_brief_a_record_is_read_without_whose_it_is(world: World) -> None:
    name = "records_api/applicant_record"
    for state, party_id in ((State.OPEN, None), (State.AWARDED, STUDENT)):
        world.seed(the_brief(state), *documents_of(state))
        answer = world.call(name)
        told = json.loads(answer["body"])
        assert (told["side"], told["party_id"]) == ("student", party_id)
        assert (STUDENT in answer["body"]) is (party_id is not None)
        assert all(figure["how"] and figure["briefs"] == 0 for figure in told["figures"])


def test_who_may_read_which_record(world: World) -> None:
    organisation, student = "records_api/organisation_record", "records_api/student_record"
    for sub, role in ((STRANGER, "student"), (STRANGER, "employer"), (OPERATOR, "operator")):
        told = json.loads(world.call(organisation, command(organisation, sub=sub, role=role))["body"])
        assert told["party_id"] == ORGANISATION
    missing = command(organisation)
    missing["pathParameters"]["organisation_id"] = "nobodys-organisation"
    missing["rawPath"] = missing["requestContext"]["http"]["path"] = "/organisations/nobodys-organisation/record"
    refused(world, organisation, missing, 404, "not_found")
    refused(world, student, command(student, sub=STRANGER), 404, "not_found")
    told = json.loads(world.call(student, command(student, sub=OPERATOR, role="operator"))["body"])
    assert (told["party_id"], told["side"]) == (STUDENT, Role.STUDENT)

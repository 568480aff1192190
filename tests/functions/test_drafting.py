"""Help before posting, through its function: open to every role, and nothing is written."""

import json
from typing import Any

import pytest

from microintern.domain.posting import FieldOfWork
from microintern.domain.templates import all_templates
from tests.functions.test_bad_input import refused
from tests.functions.world import World, command, sample

LIST, READ, CHECK = "drafting_api/templates", "drafting_api/read_template", "drafting_api/check_posting"
ROLES = ("employer", "student", "educator", "operator")


def answer_of(world: World, name: str, event: Any) -> Any:
    before = world.everything()
    answer = world.call(name, event)
    assert answer["statusCode"] == 200, answer["body"]
    assert world.everything() == before
    return json.loads(answer["body"])


@pytest.mark.parametrize("role", ROLES)
def test_every_role_may_have_it_and_nothing_is_written(world: World, role: str) -> None:
    for name in (LIST, READ, CHECK):
        answer_of(world, name, command(name, role=role))


@pytest.mark.parametrize("field", FieldOfWork)
def test_templates_are_listed_by_field(world: World, field: FieldOfWork) -> None:
    listed = answer_of(world, LIST, command(LIST, query={"field": field.value}))["items"]
    assert listed
    assert {item["field"] for item in listed} == {field}


@pytest.mark.parametrize("template_id", [template.template_id for template in all_templates()])
def test_a_template_that_was_read_passes_the_check_and_can_be_posted(world: World, template_id: str) -> None:
    event = sample(READ)
    event["rawPath"] = f"/templates/{template_id}"
    event["pathParameters"] = {"template_id": template_id}
    posting = answer_of(world, READ, event)["posting"]
    checked = answer_of(world, CHECK, command(CHECK, body=posting))
    assert (checked["findings"], checked["would_be_accepted"], checked["pay_is_enough"]) == ([], True, True)
    posted = command("briefs_api/post_brief", body=posting)
    assert world.call("briefs_api/post_brief", posted)["statusCode"] == 201


def test_what_is_no_template_and_no_place_is_refused(world: World) -> None:
    event = sample(READ)
    event["rawPath"], event["pathParameters"] = "/templates/no-such", {"template_id": "no-such"}
    refused(world, READ, event, 404, "not_found")
    unknown = command(READ, query={"place": "ZZ"})
    refused(world, READ, unknown, 422, "pay_floor_unknown", "/place_of_work")
    for query, field in (({}, "query:/place"), ({"place": "US", "zone": "Mars/Base"}, "query:/zone")):
        refused(world, READ, command(READ, query=query), 422, "invalid", field)


def test_the_check_refuses_what_is_no_posting_as_posting_does(world: World) -> None:
    refused(
        world, CHECK, command(CHECK, body={**json.loads(sample(CHECK)["body"]), "hours": 4}), 422, "invalid", "/hours"
    )


def test_the_check_says_what_to_do_better_and_what_it_costs(world: World) -> None:
    body = json.loads(sample(CHECK)["body"]) | {"title": "Improve our website", "hours": 40}
    checked = answer_of(world, CHECK, command(CHECK, body=body))
    found = {finding["code"]: finding for finding in checked["findings"]}
    assert {"vague", "title_says_little", "pay_under_floor"} <= found.keys()
    assert found["pay_under_floor"]["severity"] == "refused"
    assert (checked["would_be_accepted"], checked["pay_is_enough"]) == (False, False)
    assert checked["pay_floor"]["lowest_pay"]["written"] == "680.00 USD"
    assert checked["cost"]["total_to_hold"]["written"] == "330.00 USD"

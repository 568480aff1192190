"""Reports through the functions: counted once however often events come, read as figures and as a table."""

import json
from typing import Any

from microintern.domain.states import State
from tests.functions.world import World, command, documents_of, sample, the_brief, the_review, the_submission


def approved_and_opened(world: World) -> None:
    """Of the samples' brief the events come that count, some of them twice."""
    world.seed(the_brief(State.APPROVED), *documents_of(State.AWARDED), the_submission(), the_review())
    approved = sample("records/brief_approved")
    opened = json.loads(json.dumps(approved))
    facts = {**opened["detail"]["data"], "state": "open", "version": 2, "student_id": None}
    facts.pop("outcome", None)
    opened["detail"] |= {"id": "opened", "type": "brief.opened", "data": facts}
    for event in (approved, opened, approved, opened):
        world.call("records/brief_approved", event)


def report(world: World, name: str) -> Any:
    answer = world.call(f"records_api/{name}", command(f"records_api/{name}", query={}))
    assert answer["statusCode"] == 200, answer["body"]
    return json.loads(answer["body"])


def test_each_event_counts_once_for_the_organisation_and_for_the_platform(world: World) -> None:
    approved_and_opened(world)
    own, whole = report(world, "organisation_report"), report(world, "platform_report")
    assert own == whole
    assert (own["total"]["funded"], own["total"]["by_state"]) == (1, {"approved": 1})
    assert own["total"]["time_to_review"]["of"] == 1
    assert own["how"].keys() == {"month", *own["total"]}


def test_a_table_has_a_row_for_each_figure(world: World) -> None:
    approved_and_opened(world)
    for name in ("organisation_report_csv", "platform_report_csv"):
        answer = world.call(f"records_api/{name}")
        assert answer["headers"]["Content-Type"] == "text/csv; charset=utf-8"
        head, *rows = answer["body"].splitlines()
        assert head == "month,figure,of,value,briefs"
        assert next(row for row in rows if ",funded," in row).endswith(",funded,,1.0,")
        assert any(",by_state,approved,1.0," in row for row in rows)


def test_reading_costs_a_query_for_each_part(world: World) -> None:
    approved_and_opened(world)
    for name, calls in (("organisation_report", 1), ("platform_report", 8)):
        world.remembered(f"records_api/{name}")
        with world.counting() as sent:
            report(world, name)
        assert sent == ["Query"] * calls


def test_months_that_are_none_are_refused(world: World) -> None:
    for months in ({"first": "2026-13"}, {"last": "November"}):
        answer = world.call("records_api/platform_report", command("records_api/platform_report", query=months))
        assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (422, "invalid")

"""Handing in and reviewing."""

from datetime import timedelta

import pytest

from microintern.app import browsing
from microintern.domain.documents import Submission
from microintern.domain.problems import Conflict, Invalid, Problem
from microintern.domain.states import State
from tests.unit.app.world import World, a_world_in, rival
from tests.unit.builders import POLICY, student


def refused_submission(world: World, **files: str) -> Problem:
    kept = world.kept()
    with pytest.raises((Invalid, Conflict)) as refused:
        world.submit(None, **files)
    assert world.kept() == kept
    return refused.value


def test_every_required_deliverable_must_be_there() -> None:
    world = a_world_in(State.AWARDED)
    world.upload(deliverable="chart")
    problem = refused_submission(world)
    assert problem.code == "deliverable_missing"
    assert problem.members["errors"][0]["field"] == "/files"
    assert "cleaned-table, report" in problem.detail


def test_an_optional_deliverable_may_be_left_out() -> None:
    deliverables = a_world_in(State.POSTED).posting.model_dump(mode="json")["deliverables"]
    deliverables[2]["required"] = False
    world = a_world_in(State.AWARDED, deliverables=deliverables)
    for name in ("cleaned-table", "chart"):
        world.upload(deliverable=name)
    assert world.submit().submissions == 1


def test_a_file_that_was_not_received_cannot_be_handed_in() -> None:
    world = a_world_in(State.AWARDED)
    world.upload_all()
    announced = world.announce(deliverable="chart").file_id
    problem = refused_submission(world, cleaned_table=world.uploads["cleaned-table"], chart=announced)
    assert problem.code == "not_received"
    assert problem.members["errors"][0]["field"] == "/files/1/file_id"


def test_a_file_of_somebody_else_or_of_nobody_cannot_be_handed_in() -> None:
    world = a_world_in(State.AWARDED)
    world.upload_all()
    brief = world.brief
    # The award was the rival's before, who left a file behind.
    world.briefs.put(brief.model_copy(update={"student_id": rival().actor_id}))
    left_behind = world.announce(rival(), deliverable="chart")
    world.receive(left_behind)
    world.briefs.put(brief)
    for file_id in (left_behind.file_id, "no-such-file-1"):
        problem = refused_submission(world, cleaned_table=world.uploads["cleaned-table"], chart=file_id)
        assert problem.code == "unknown_file"
        assert problem.members["errors"][0]["field"] == "/files/1/file_id"


def test_a_file_counts_for_the_deliverable_it_was_uploaded_for() -> None:
    world = a_world_in(State.AWARDED)
    world.upload_all()
    problem = refused_submission(world, chart=world.uploads["report"])
    assert problem.code == "another_deliverable"


def test_a_file_received_in_time_may_be_handed_in_within_the_grace_but_not_after_it() -> None:
    world = a_world_in(State.AWARDED)
    world.upload_all()
    due_at, grace = world.brief.submission_due_at, timedelta(seconds=POLICY.handover_grace_s)
    world.clock.at = due_at + grace
    with pytest.raises(Conflict) as refused:
        world.submit()
    assert refused.value.code == "deadline_passed"
    world.clock.at = due_at + grace - timedelta(milliseconds=1)
    assert world.submit().state is State.SUBMITTED


def test_a_file_that_s3_received_late_is_late_however_early_it_is_handed_in() -> None:
    world = a_world_in(State.AWARDED)
    world.upload_all()
    file = world.announce(deliverable="chart")
    due_at = world.brief.submission_due_at
    world.receive(file, at=due_at + timedelta(milliseconds=1))
    kept = world.kept()
    with pytest.raises(Conflict) as refused:
        world.submit(cleaned_table=world.uploads["cleaned-table"], chart=file.file_id, report=world.uploads["report"])
    assert refused.value.code == "received_late"
    assert file.name in refused.value.detail
    assert world.kept() == kept


def test_a_file_that_s3_received_at_the_deadline_is_in_time() -> None:
    world = a_world_in(State.AWARDED)
    world.upload_all()
    file = world.announce(deliverable="chart")
    due_at = world.brief.submission_due_at
    world.receive(file, at=due_at)
    world.uploads["chart"] = file.file_id
    world.clock.at = due_at + timedelta(minutes=5)
    world.submit()
    submission: Submission = world.document("submission#0001")
    assert submission.received_at == due_at
    assert submission.submitted_at == due_at + timedelta(minutes=5)


def test_a_submission_pins_the_versions_that_were_received() -> None:
    world = a_world_in(State.SUBMITTED)
    submission: Submission = world.document("submission#0001")
    received = browsing.files(student(), world.brief_id, 10, None, briefs=world.briefs).items
    assert {file.file_id for file in submission.files} == {file.file_id for file in received}
    assert all(file.version_id and file.sha256 for file in submission.files)


@pytest.mark.parametrize("number", [1, 3])
def test_only_the_newest_submission_is_reviewed(number: int) -> None:
    world = a_world_in(State.CHANGES_REQUESTED)
    world.submit()
    kept = world.kept()
    for review in (world.approve, world.request_changes):
        with pytest.raises(Conflict) as refused:
            review(number=number)
        assert refused.value.code == "not_the_newest"
        assert "that is 2" in refused.value.detail
    assert world.kept() == kept
    assert world.approve(number=2).state is State.APPROVED


def test_a_change_that_cites_no_criterion_of_the_rubric_is_refused() -> None:
    world = a_world_in(State.SUBMITTED)
    kept = world.kept()
    with pytest.raises(Invalid) as refused:
        world.request_changes(criterion="charm")
    assert refused.value.code == "unknown_criterion"
    assert "correctness, chart, writing; not charm" in refused.value.detail
    assert world.kept() == kept


def test_evidence_in_a_dispute_is_a_file_of_the_brief() -> None:
    world = a_world_in(State.SUBMITTED)
    with pytest.raises(Invalid) as refused:
        world.dispute(file_ids=(world.uploads["chart"], "no-such-file-1"))
    assert refused.value.members["errors"][0]["field"] == "/file_ids/1"
    world.dispute(file_ids=(world.uploads["chart"],))
    said = world.document(f"statement#{world.brief.version:06d}")
    assert (said.role, said.file_ids) == ("employer", [world.uploads["chart"]])

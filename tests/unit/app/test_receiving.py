"""What S3 and the scanner report is recorded once, in whatever order it comes."""

import itertools
from datetime import timedelta
from typing import Any

import pytest

from microintern.app import receiving
from microintern.domain.documents import FileStatus, ScanStatus, StoredFile, Verdict
from microintern.domain.problems import Conflict
from microintern.domain.states import State
from microintern.ports import StaleDocument
from tests.unit.app.world import World, a_world_in
from tests.unit.builders import POLICY, student

CLEAN, INFECTED, ERROR = ScanStatus.CLEAN, ScanStatus.INFECTED, ScanStatus.ERROR


def sent(world: World) -> tuple[StoredFile, str]:
    """A file that lies in S3, of which nobody knows yet."""
    file = world.announce()
    return file, world.files.upload(file, world.clock.now())


def test_a_received_file_waits_for_its_scan() -> None:
    world = a_world_in(State.AWARDED)
    file, version_id = sent(world)
    world.reported(file, version_id)
    waiting = world.document(file.key)
    assert (waiting.status, waiting.scan, waiting.version_id) == (FileStatus.RECEIVED, ScanStatus.PENDING, version_id)
    assert waiting.settle_by == file.settle_by
    world.clock.forward(seconds=3)
    assert world.judged(file, version_id)
    clean = world.document(file.key)
    assert (clean.scan, clean.scanned_at, clean.settle_by) == (CLEAN, world.clock.now(), None)


def test_receipt_and_verdict_may_come_in_either_order() -> None:
    for order in ((World.reported, World.judged), (World.judged, World.reported)):
        world = a_world_in(State.AWARDED)
        file, version_id = sent(world)
        for step in order:
            assert step(world, file, version_id)
        found = world.document(file.key)
        assert (found.status, found.scan, found.early, found.settle_by) == (FileStatus.RECEIVED, CLEAN, None, None)


def test_an_early_verdict_counts_for_its_own_version_only() -> None:
    world = a_world_in(State.AWARDED)
    file, first = sent(world)
    second = world.files.upload(file, world.clock.now())
    assert world.judged(file, first, INFECTED)
    assert world.judged(file, second)
    assert not world.judged(file, second), "it comes at least once"
    world.reported(file, first)
    assert world.document(file.key).scan is ScanStatus.PENDING
    assert not world.judged(file, second), "nobody has that version"
    world.judged(file, first, INFECTED)
    assert world.document(file.key).scan is INFECTED


@pytest.mark.parametrize(("first", "second"), list(itertools.permutations([CLEAN, INFECTED, ERROR], 2)))
def test_of_two_verdicts_the_graver_stays(first: ScanStatus, second: ScanStatus) -> None:
    world = a_world_in(State.AWARDED)
    file, version_id = sent(world)
    world.reported(file, version_id)
    world.judged(file, version_id, first)
    weight = [ERROR, CLEAN, INFECTED]
    graver = weight.index(second) > weight.index(first)
    assert world.judged(file, version_id, second) == graver
    assert world.document(file.key).scan is (second if graver else first)


def test_a_verdict_of_a_file_that_nobody_announced_is_ignored() -> None:
    world = a_world_in(State.AWARDED)
    stray = world.announce().model_copy(update={"file_id": "file-of-nobody-1"})
    assert not world.judged(stray, "v1")
    assert not world.judged(stray.model_copy(update={"brief_id": "brief-of-nobody-1"}), "v1")


def test_s3_dates_what_came_in_parts_from_its_beginning_so_the_events_time_counts() -> None:
    world = a_world_in(State.AWARDED)
    begun_at = world.clock.now()
    for in_parts, expected_at in ((True, begun_at + timedelta(hours=3)), (False, begun_at)):
        file = world.announce()
        version_id = world.files.upload(file, begun_at)
        world.reported(file, version_id, at=begun_at + timedelta(hours=3), in_parts=in_parts)
        assert world.document(file.key).received_at == expected_at


def test_two_that_record_at_once_both_find_what_the_other_wrote(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world_in(State.AWARDED)
    file, version_id = sent(world)
    replace = world.briefs.replace

    def interrupted(document: Any) -> None:
        monkeypatch.setattr(world.briefs, "replace", replace)
        assert world.judged(file, version_id)
        replace(document)

    monkeypatch.setattr(world.briefs, "replace", interrupted)
    assert world.reported(file, version_id)
    assert world.document(file.key).scan is CLEAN


def test_who_never_gets_through_fails_so_that_the_event_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world_in(State.AWARDED)
    file, version_id = sent(world)

    def stale(document: Any) -> None:
        raise StaleDocument

    monkeypatch.setattr(world.briefs, "replace", stale)
    with pytest.raises(RuntimeError, match="receipt"):
        world.reported(file, version_id)
    with pytest.raises(RuntimeError, match="verdict"):
        receiving.record_verdict(
            file.brief_id,
            file.file_id,
            Verdict(version_id=version_id, scan=CLEAN, at=world.clock.now()),
            briefs=world.briefs,
        )


def test_a_form_that_is_asked_for_while_the_file_is_received_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world_in(State.AWARDED)
    file = world.announce(student(key="the-key"))
    world.clock.forward(seconds=POLICY.scan_timeout_s + 1)
    replace = world.briefs.replace

    def interrupted(document: Any) -> None:
        monkeypatch.setattr(world.briefs, "replace", replace)
        assert world.receive(file)
        replace(document)

    monkeypatch.setattr(world.briefs, "replace", interrupted)
    with pytest.raises(Conflict) as refused:
        world.announce(student(key="the-key"))
    assert refused.value.code == "changed_meanwhile"
    assert world.announce(student(key="the-key")).status is FileStatus.RECEIVED

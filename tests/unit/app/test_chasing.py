"""No file waits for ever: what did not come in time is asked for again, a few times, and then given up."""

from datetime import timedelta

import pytest

from microintern.app import receiving
from microintern.app.sweeping import Swept
from microintern.domain.documents import FileStatus, ScanStatus, StoredFile
from microintern.domain.problems import Conflict
from microintern.domain.states import State
from tests.unit.app.world import World, a_world_in
from tests.unit.builders import POLICY, student

TIMEOUT = timedelta(seconds=POLICY.scan_timeout_s + 1)
LONG_ENOUGH = timedelta(seconds=POLICY.upload_url_s + POLICY.scan_timeout_s + 1)


def chased(world: World, after: timedelta = TIMEOUT) -> int:
    world.clock.at += after
    swept = world.sweep()
    assert swept == Swept(chased=swept.chased)
    return swept.chased


def looked_for(world: World, file: StoredFile) -> bool:
    wired = {"briefs": world.briefs, "files": world.files, "clock": world.clock, "policy": POLICY}
    return receiving.look_for(file.brief_id, file.file_id, **wired)  # type: ignore[arg-type]


def test_a_scan_that_never_ends_is_asked_for_again_and_then_given_up() -> None:
    world = a_world_in(State.AWARDED)
    file = world.announce()
    version_id = world.send(file)
    world.reported(file, version_id)
    assert chased(world, LONG_ENOUGH - 2 * timedelta(seconds=1)) == 0
    assert [chased(world) for _ in range(POLICY.most_rescans)] == [1] * POLICY.most_rescans
    assert world.checks.asked == [("scan", file.file_id)] * POLICY.most_rescans
    assert world.document(file.key).scan is ScanStatus.PENDING
    assert chased(world) == 1
    given_up = world.document(file.key)
    assert (given_up.scan, given_up.scanned_at) == (ScanStatus.ERROR, world.clock.now())
    assert chased(world) == 0
    assert len(world.checks.asked) == POLICY.most_rescans
    with pytest.raises(Conflict) as refused:
        world.submit(report=file.file_id)
    assert refused.value.code == "scan_failed"
    assert world.judged(file, version_id), "a result that comes after all counts"
    assert world.document(file.key).scan is ScanStatus.CLEAN


def test_a_rescan_that_succeeds_is_the_end_of_it() -> None:
    world = a_world_in(State.AWARDED)
    file = world.announce()
    version_id = world.send(file)
    world.reported(file, version_id)
    assert chased(world, LONG_ENOUGH) == 1
    world.judged(file, version_id)
    assert chased(world) == 0


def test_a_receipt_that_was_never_reported_is_found_with_s3s_own_time() -> None:
    world = a_world_in(State.AWARDED)
    file = world.announce()
    sent_at = world.clock.now()
    world.send(file)
    assert not looked_for(world, file.model_copy(update={"file_id": "file-of-nobody-1"}))
    assert chased(world, LONG_ENOUGH) == 1
    assert world.checks.asked == [("look for", file.file_id)]
    assert looked_for(world, file)
    found = world.document(file.key)
    assert (found.status, found.scan, found.received_at) == (FileStatus.RECEIVED, ScanStatus.PENDING, sent_at)
    assert not looked_for(world, file)


def test_what_came_in_parts_and_was_never_reported_came_by_now() -> None:
    world = a_world_in(State.AWARDED)
    file = world.announce()
    world.in_parts(file, world.send(file))
    chased(world, LONG_ENOUGH)
    assert looked_for(world, file)
    assert world.document(file.key).received_at == world.clock.now()


def test_what_never_came_expires() -> None:
    world = a_world_in(State.AWARDED)
    file = world.announce(student(key="the-key"))
    assert not looked_for(world, file), "its form may still be good"
    assert chased(world, LONG_ENOUGH) == 1
    assert looked_for(world, file)
    expired = world.document(file.key)
    assert (expired.status, expired.settle_by) == (FileStatus.EXPIRED, None)
    assert chased(world) == 0
    assert not world.receive(file), "what comes now is nobody's"
    assert world.announce(student(key="the-key")) == expired, "another is announced under another key"
    with pytest.raises(Conflict) as refused:
        world.submit(report=file.file_id)
    assert refused.value.code == "not_received"


def test_who_asks_for_another_form_meanwhile_is_not_cut_short() -> None:
    world = a_world_in(State.AWARDED)
    file = world.announce(student(key="the-key"))
    assert chased(world, LONG_ENOUGH) == 1
    world.clock.at += timedelta(seconds=POLICY.scan_timeout_s - POLICY.upload_url_s + 1)
    assert world.announce(student(key="the-key")).status is FileStatus.EXPECTED
    assert not looked_for(world, file)
    assert world.receive(file)


def test_what_cannot_even_be_looked_at_is_refused_in_the_end() -> None:
    world = a_world_in(State.AWARDED)
    file = world.announce()
    chased(world, LONG_ENOUGH)
    assert [chased(world) for _ in range(POLICY.most_rescans)] == [1] * POLICY.most_rescans
    refused = world.document(file.key)
    assert (refused.status, refused.refusal.code, refused.settle_by) == (FileStatus.REFUSED, "unreadable", None)


def test_what_came_while_it_was_to_be_chased_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world_in(State.AWARDED)
    file = world.announce()
    listed = world.briefs.list_awaited_files
    world.clock.at += LONG_ENOUGH
    shown = {shard: listed(shard, world.clock.now(), 10) for shard in range(8)}
    world.receive(file)
    monkeypatch.setattr(world.briefs, "list_awaited_files", lambda shard, *_: shown[shard])
    assert chased(world, timedelta()) == 0
    assert world.document(file.key).scan is ScanStatus.CLEAN

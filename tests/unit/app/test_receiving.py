"""What S3 and the scanner report is recorded once, in whatever order it comes."""

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from microintern.domain.documents import FileStatus, ScanStatus, StoredFile
from microintern.domain.problems import Conflict
from microintern.domain.states import State
from microintern.ports.conditions import StaleDocument
from tests.unit.app.world import World, a_world_in
from tests.unit.builders import EMPLOYER, POLICY, student
from tests.unit.contents import PAPER

CLEAN, INFECTED, ERROR = ScanStatus.CLEAN, ScanStatus.INFECTED, ScanStatus.ERROR


def sent(world: World) -> tuple[StoredFile, str]:
    """A file that lies in S3, of which nobody knows yet."""
    file = world.announce()
    return file, world.send(file)


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
    second = world.send(file)
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
        version_id = world.send(file, begun_at)
        world.in_parts(file, version_id, in_parts)
        world.reported(file, version_id, at=begun_at + timedelta(hours=3))
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
    with pytest.raises(RuntimeError, match="report"):
        world.reported(file, version_id)
    with pytest.raises(RuntimeError, match="report"):
        world.judged(file, version_id)


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


def test_what_is_not_what_was_announced_is_refused_with_the_reason_and_never_scanned_clean() -> None:
    world = a_world_in(State.AWARDED)
    file = world.announce(student(key="the-key"))
    version_id = world.send(file, content=b"MZ" + bytes(len(PAPER) - 2))
    world.judged(file, version_id)
    assert world.reported(file, version_id)
    refused = world.document(file.key)
    assert (refused.status, refused.scan, refused.settle_by) == (FileStatus.REFUSED, None, None)
    assert refused.refusal.code == "hash_differs"
    assert not world.judged(file, version_id)
    assert not world.reported(file, world.send(file)), "the first version counts, also when it is refused"
    assert world.announce(student(key="the-key")) == refused
    with pytest.raises(Conflict) as useless:
        world.submit(report=file.file_id)
    assert useless.value.code == "file_refused"
    assert refused.refusal.reason in useless.value.detail


@pytest.mark.parametrize("early", [False, True])
def test_what_is_infected_is_put_away_and_stays_visible(early: bool) -> None:
    world = a_world_in(State.AWARDED)
    file, version_id = sent(world)
    steps: list[Callable[[], bool]] = [
        lambda: world.reported(file, version_id),
        lambda: world.judged(file, version_id, INFECTED),
    ]
    for step in reversed(steps) if early else steps:
        assert step()
    assert list(world.files.quarantined) == [f"quarantine/{world.brief_id}/{file.file_id}/{version_id}"]
    assert world.files.received(file.brief_id, file.file_id, version_id) is None
    assert world.document(file.key).scan is INFECTED
    for step in steps:
        assert not step(), "both come at least once"


def test_what_was_recorded_and_not_put_away_is_put_away_by_the_next_try(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world_in(State.AWARDED)
    file, version_id = sent(world)
    world.reported(file, version_id)
    with monkeypatch.context() as broken:
        broken.setattr(world.files, "quarantine", lambda file: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            world.judged(file, version_id, INFECTED)
    assert not world.judged(file, version_id, INFECTED)
    assert world.files.quarantined


@pytest.mark.parametrize(
    ("scan", "content", "told"),
    [
        (INFECTED, PAPER, {"both": "file.infected"}),
        (ERROR, PAPER, {"student": "file.scan_failed"}),
        (CLEAN, PAPER, {}),
        (CLEAN, b"", {"student": "file.refused"}),
    ],
)
def test_people_are_told_of_files_that_cannot_be_used(scan: ScanStatus, content: bytes, told: dict[str, str]) -> None:
    world = a_world_in(State.AWARDED)
    file = world.announce()
    version_id = world.send(file, content=content)
    world.reported(file, version_id)
    world.judged(file, version_id, scan)
    assert world.brief.student_id
    people = {"employer": EMPLOYER, "student": world.brief.student_id}
    before = {who: len(world.accounts.notices(account_id, 100).items) for who, account_id in people.items()}
    for _ in range(2):
        world.file_is_followed(file)
    for who, account_id in people.items():
        new = world.accounts.notices(account_id, 100).items[before[who] :]
        kinds = [notice.type for notice in world.accounts.notices(account_id, 100).items if "file." in notice.type]
        expected = told.get("both") or told.get(who)
        assert kinds == ([expected] if expected else [])
        assert len(new) == len(kinds)

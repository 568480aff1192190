"""Nothing pinned is ever cleared away before its time; everything else is."""

from datetime import timedelta
from typing import Any

import pytest

from microintern.adapters.files import object_key
from microintern.app import files, tidying
from microintern.app.tidying import Tidied, start_of, tidy
from microintern.domain.documents import FileStatus, ScanStatus
from microintern.domain.problems import Conflict
from microintern.domain.states import State
from microintern.ports.files import ReceivedObject, StoredVersion
from tests.unit.app.test_files import readers
from tests.unit.app.world import World, a_world_in
from tests.unit.builders import NOW, POLICY, student

STRAY = timedelta(seconds=POLICY.keep_strays_s + 1)
KEPT = timedelta(seconds=POLICY.keep_files_s + 1)


def tidied(world: World, start: str = "briefs/", after: timedelta = timedelta()) -> Tidied:
    world.clock.at += after
    return tidy(start, briefs=world.briefs, files=world.files, clock=world.clock, policy=POLICY)


def left(world: World) -> set[str]:
    return {version.version_id for version in world.files.list_versions(1_000).items}


def test_strays_are_cleared_away_once_they_are_old_enough_and_pinned_versions_stay() -> None:
    world = a_world_in(State.AWARDED)
    world.upload_all()
    pinned = left(world)
    again = world.document(f"file#{world.uploads['report']}")
    world.send(again)
    refused = world.announce()
    world.reported(refused, world.send(refused, content=b"%PDF"))
    expired = world.announce()
    world.briefs.replace(expired.model_copy(update={"status": FileStatus.EXPIRED, "version": 2}))
    world.send(expired)
    nobodys = world.announce().model_copy(update={"file_id": "file-of-nobody-1"})
    world.send(nobodys)
    expected = world.announce()
    waiting = world.send(expected)
    assert tidied(world, after=STRAY - timedelta(seconds=2)) == Tidied(seen=8)
    assert tidied(world, after=timedelta(seconds=3)) == Tidied(seen=8, strays=4)
    assert left(world) == pinned | {waiting}
    assert tidied(world) == Tidied(seen=4), "once more changes nothing"


def test_files_are_kept_for_their_time_after_the_brief_was_settled() -> None:
    world = a_world_in(State.PAID)
    pinned = left(world)
    assert len(pinned) == 3
    assert tidied(world, after=KEPT - timedelta(seconds=2)) == Tidied(seen=3)
    assert tidied(world, after=timedelta(seconds=3)) == Tidied(seen=3, outlived=3)
    assert left(world) == set()
    file_id = world.uploads["report"]
    assert world.document(f"file#{file_id}").status is FileStatus.REMOVED

    with pytest.raises(Conflict) as refused:
        files.download(student(), world.brief_id, file_id, **readers(world))
    assert refused.value.code == "file_removed"


def test_files_of_a_brief_that_is_not_settled_are_kept_however_old() -> None:
    world = a_world_in(State.DISPUTED)
    assert tidied(world, after=10 * KEPT) == Tidied(seen=3)


def test_what_was_said_to_be_removed_and_is_still_there_goes_the_next_time() -> None:
    world = a_world_in(State.PAID)
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(world.files, "remove", lambda version: 1 / 0)
        with pytest.raises(ExceptionGroup):
            tidied(world, after=KEPT)
    assert tidied(world) == Tidied(seen=3, strays=3)
    assert left(world) == set()


def test_one_that_cannot_be_cleared_away_does_not_keep_the_others_from_it() -> None:
    world = a_world_in(State.AWARDED)
    stray = world.announce().model_copy(update={"file_id": "file-of-nobody-1"})
    locked, other = sorted([world.send(stray), world.send(stray)])
    world.files.locked[locked] = None
    with pytest.raises(ExceptionGroup, match="1 versions"):
        tidied(world, after=STRAY)
    assert left(world) == {locked}
    assert other not in left(world)


def test_what_is_infected_and_was_not_put_away_is_put_away() -> None:
    world = a_world_in(State.AWARDED)
    file = world.announce()
    version_id = world.send(file)
    world.reported(file, version_id)
    found = world.document(file.key)
    world.briefs.replace(found.model_copy(update={"scan": ScanStatus.INFECTED, "version": found.version + 1}))
    assert tidied(world) == Tidied(seen=1, strays=1)
    assert len(world.files.quarantined) == 1


def test_a_run_goes_round_from_where_it_begins_and_ends_in_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world_in(State.POSTED)
    monkeypatch.setattr(tidying, "VERSIONS_PER_PAGE", 2)
    now = world.clock.now()
    for letter in "bdfhj":
        at = {"brief_id": f"{letter}-brief-0001", "file_id": "file-of-nobody-1", "version_id": letter, "at": now}
        _put(world, StoredVersion.model_validate(at))
    assert tidied(world, "briefs/f") == Tidied(seen=5)
    monkeypatch.setattr(tidying, "MOST_PAGES", 1)
    assert tidied(world, "briefs/f", STRAY) == Tidied(seen=2, strays=2)
    assert left(world) == {"b", "d", "j"}


def _put(world: World, version: StoredVersion) -> None:

    found: dict[str, Any] = {"version_id": version.version_id, "size_bytes": 1, "sha256": None}
    at = (object_key(version.brief_id, version.file_id), version.version_id)
    world.files._objects[at] = ReceivedObject(**found, received_at=version.at)


def test_each_part_of_a_bucket_has_its_turn() -> None:
    assert len({start_of(NOW + timedelta(days=day)) for day in range(32)}) == 32

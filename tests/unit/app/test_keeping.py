"""Work that was handed in is locked for as long as somebody may ask for it."""

from datetime import timedelta

import pytest

from microintern.app.keeping import keep
from microintern.domain.events import CloudEvent, of_brief
from microintern.domain.states import State
from tests.unit.app.world import World, a_world_in
from tests.unit.builders import POLICY


def kept(world: World, event: CloudEvent | None = None) -> int:
    return keep(event or of_brief(world.brief), briefs=world.briefs, files=world.files, policy=POLICY)


def test_what_was_handed_in_is_held_and_nothing_else() -> None:
    world = a_world_in(State.SUBMITTED)
    world.request_changes()
    unused = world.upload()
    handed_in = {version.version_id for version in world.files.list_versions(100).items}
    handed_in.discard(world.document(f"file#{unused}").version_id)
    assert kept(world) == 3
    assert world.files.locked == dict.fromkeys(handed_in)
    assert kept(world) == 3


def test_once_it_is_settled_it_is_retained_for_as_long_as_files_are_kept_and_held_no_more() -> None:
    world = a_world_in(State.SUBMITTED)
    submitted = of_brief(world.brief)
    kept(world)
    world.approve()
    world.money_moves()
    assert world.brief.settled_at
    until = world.brief.settled_at + timedelta(seconds=POLICY.keep_files_s)
    for event in (None, submitted):
        assert kept(world, event) == 3
        assert set(world.files.locked.values()) == {until}, "an event that comes late holds nothing for ever"
    version = world.files.list_versions(1).items[0]
    with pytest.raises(PermissionError):
        world.files.remove(version)


def test_a_brief_that_ended_without_work_has_nothing_to_lock() -> None:
    assert kept(a_world_in(State.CANCELLED)) == 0

"""Large files come in parts: by whom, while when, and only whole."""

from datetime import timedelta
from typing import Any

import pytest

from microintern.app import uploading
from microintern.app.requests import PartsRequest
from microintern.app.views.files import PartsView
from microintern.domain.base import derived_id
from microintern.domain.brief import Command
from microintern.domain.documents import FileStatus, StoredFile
from microintern.domain.problems import Conflict, Forbidden, Invalid, NotFound, Problem
from microintern.domain.states import Role, State
from tests.unit.app.world import World, a_world_in, rival, stranger
from tests.unit.builders import POLICY, employer, operator, student
from tests.unit.contents import facts_of

SHA256 = "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="
LARGE = 2 * POLICY.part_bytes + 1
MATERIAL: dict[str, Any] = {"deliverable": None, "purpose": "material", "name": "all.csv", "media_type": "text/csv"}


class Parts:
    """A student's, or an employer's, large file on its way."""

    def __init__(self, world: World, by: Command, **changes: Any) -> None:
        self.world, self.by = world, by
        about = {"media_type": "text/plain", **facts_of(b"a" * LARGE)} | changes
        self.file = world.announce(by, **about)
        self.ports: dict[str, Any] = {"briefs": world.briefs, "files": world.files}

    def link(self, *numbers: int, by: Command | None = None) -> Any:
        request = PartsRequest.model_validate({"parts": [{"number": n, "sha256": SHA256} for n in numbers]})
        at = (by or self.by, self.world.brief_id, self.file.file_id)
        return uploading.link_parts(*at, request, **self.ports, clock=self.world.clock, policy=POLICY)

    def send(self, *numbers: int) -> None:
        for number in numbers:
            self.world.files.send_part(self.file, number, SHA256)

    def look(self, by: Command | None = None) -> PartsView:
        return uploading.parts_of(by or self.by, self.world.brief_id, self.file.file_id, **self.ports)

    def complete(self, by: Command | None = None) -> StoredFile:
        at = (by or self.by, self.world.brief_id, self.file.file_id)
        return uploading.complete_upload(*at, **self.ports, clock=self.world.clock)

    @property
    def is_open(self) -> bool:
        return self.world.files.parts(self.file) is not None


@pytest.fixture
def work() -> Parts:
    return Parts(_roomy(State.AWARDED), student())


def _roomy(state: State) -> World:
    """A brief whose deliverables may be large."""
    large = {
        "name": "report",
        "description": "Much.",
        "media_types": ["application/pdf", "text/plain"],
        "most_bytes": 10 * LARGE,
    }
    return a_world_in(state, deliverables=[large]) if state is State.AWARDED else a_world_in(state)


def test_a_large_file_has_no_form_and_a_small_one_no_parts(work: Parts) -> None:
    assert work.file.plan
    assert work.file.plan.count == 3
    assert work.file.upload_id
    small = work.world.announce()
    assert (small.plan, small.upload_id) == (None, None)


def test_parts_are_linked_sent_listed_and_completed(work: Parts) -> None:
    links = work.link(1, 3)
    assert [(p.number, p.offset_bytes, p.size_bytes) for p in links.parts] == [
        (1, 0, POLICY.part_bytes),
        (3, 2 * POLICY.part_bytes, 1),
    ]
    assert links.expires_in_s == POLICY.upload_url_s
    work.send(1, 3)
    seen = work.look()
    assert ([p.number for p in seen.received], seen.missing, seen.completed) == ([1, 3], [2], False)
    with pytest.raises(Conflict) as refused:
        work.complete()
    assert (refused.value.code, refused.value.members["missing"]) == ("parts_missing", [2])
    work.send(2)
    assert work.complete().status is FileStatus.EXPECTED, "S3 has to report it first"
    assert work.look().completed
    completed = work.complete()
    assert work.complete() == completed, "once more changes nothing"
    assert (completed.steps, completed.event and completed.event.type) == (2, "file.completed")
    assert completed.event
    assert completed.event.previous == (work.file.entry and work.file.entry.hash)
    version = work.world.files.version_at(work.file)
    assert work.world.reported(work.file, version)
    assert work.complete().status is FileStatus.RECEIVED
    assert work.look().completed
    with pytest.raises(Conflict) as received:
        work.link(1)
    assert received.value.code == "already_received"


@pytest.mark.parametrize("completed", [True, False])
def test_of_two_who_complete_at_once_both_are_answered(work: Parts, completed: bool) -> None:
    work.send(1, 2, 3)
    replace = work.world.briefs.replace

    def beaten(document: Any, **more: Any) -> None:
        work.world.briefs.replace = replace  # type: ignore[method-assign]
        if completed:
            work.complete()
        else:
            replace(work.file.model_copy(update={"version": 2}))
        replace(document, **more)

    work.world.briefs.replace = beaten  # type: ignore[method-assign]
    if completed:
        assert work.complete().is_completed
    else:
        with pytest.raises(Conflict) as refused:
            work.complete()
        assert refused.value.code == "changed_meanwhile"
        assert work.is_open


def test_a_part_that_the_file_has_not_is_refused(work: Parts) -> None:
    with pytest.raises(Invalid) as refused:
        work.link(1, 4)
    assert refused.value.code == "unknown_part"


def test_only_who_announced_it_sends_it(work: Parts) -> None:
    for by, refusal in (
        (employer(), NotFound),
        (rival(), NotFound),
        (stranger(Role.EMPLOYER), NotFound),
        (operator(), Forbidden),
    ):
        for act in (lambda by: work.link(1, by=by), work.look, work.complete):
            with pytest.raises(refusal):
                act(by)


def test_a_small_file_is_not_sent_in_parts(work: Parts) -> None:
    work.file = work.world.announce()
    for act in (lambda: work.link(1), work.look, work.complete):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "not_in_parts"


@pytest.mark.parametrize("what", ["link", "complete"])
def test_after_the_deadline_nothing_goes_on_and_what_was_sent_is_dropped(work: Parts, what: str) -> None:
    work.send(1, 2, 3)
    work.world.clock.at = work.world.brief.submission_due_at
    with pytest.raises(Conflict) as refused:
        work.link(1) if what == "link" else work.complete()
    assert refused.value.code == "deadline_passed"
    assert not work.is_open


def test_completed_in_the_last_second_it_is_received_in_time(work: Parts) -> None:
    work.send(1, 2, 3)
    work.world.clock.at = work.world.brief.submission_due_at - timedelta(seconds=1)
    work.complete()
    found = work.world.files.received(work.world.brief_id, work.file.file_id, work.world.files.version_at(work.file))
    assert found
    assert found.received_at == work.world.clock.at


def test_to_a_brief_that_has_ended_nothing_is_sent_and_what_was_is_dropped() -> None:
    materials = Parts(a_world_in(State.OPEN), employer(), **MATERIAL)
    materials.send(1, 2, 3)
    materials.world.cancel()
    with pytest.raises(Conflict) as refused:
        materials.complete()
    assert refused.value.code == "wrong_state"
    assert not materials.is_open


def test_while_it_is_not_ones_turn_an_upload_waits(work: Parts) -> None:
    world = work.world
    small = world.announce(name="small.pdf")
    world.receive(small)
    world.submit(report=small.file_id)
    with pytest.raises(Conflict) as refused:
        work.link(1)
    assert refused.value.code == "wrong_state"
    assert work.is_open, "changes may be asked for, and then it goes on"


def test_an_upload_that_s3_has_dropped_is_to_be_announced_anew(work: Parts) -> None:
    work.send(1, 2, 3)
    work.world.files.abort_upload(work.file)
    for act in (work.look, work.complete):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "upload_expired"


def test_of_what_is_over_the_quota_no_upload_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    world = _roomy(State.AWARDED)
    few = POLICY.model_copy(update={"most_uploads_per_day": 1})
    monkeypatch.setattr("tests.unit.app.world.POLICY", few)
    first = world.announce(size_bytes=LARGE)
    with pytest.raises(Problem) as refused:
        world.announce(size_bytes=LARGE)
    assert refused.value.status == 429
    assert list(world.files._uploads) == [first.upload_id]


def test_of_two_announcements_at_once_the_loser_drops_its_upload() -> None:
    world = _roomy(State.AWARDED)
    by, begun = student(key="the-key"), []
    start = world.files.start_upload

    def start_upload(file: StoredFile) -> str:
        mine = start(file)
        begun.append(mine)
        if len(begun) == 1:
            world.announce(by, size_bytes=LARGE)
        return mine

    world.files.start_upload = start_upload  # type: ignore[method-assign]
    file = world.announce(by, size_bytes=LARGE)
    assert file.file_id == derived_id("file", world.brief_id, by.key)
    assert file.upload_id == begun[1]
    assert world.files.parts(file) == []
    assert world.files.parts(file.model_copy(update={"upload_id": begun[0]})) is None

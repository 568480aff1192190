"""Who may download a file may look at its preview, and nobody else; it costs no upload anything."""

from pathlib import Path
from typing import Any

import pytest

from microintern.app.previews import preview
from microintern.domain.audit import Finding
from microintern.domain.documents import ScanStatus
from microintern.domain.previews import Part, Preview
from microintern.domain.problems import Conflict, NotFound
from microintern.domain.states import Role, State
from tests.twins.files import MemoryPreviews
from tests.unit.app.world import World, a_world_in, rival, stranger
from tests.unit.builders import POLICY, employer, operator, student

PAGE = Part(name="page-1.webp", media_type="image/webp", width_px=1, height_px=1)


@pytest.fixture
def world() -> World:
    return a_world_in(State.AWARDED)


@pytest.fixture
def previews() -> MemoryPreviews:
    return MemoryPreviews()


def look(world: World, previews: MemoryPreviews, by: Any, file_id: str) -> Any:
    ports: dict[str, Any] = {"briefs": world.briefs, "audit": world.audit, "clock": world.clock}
    return preview(by, world.brief_id, file_id, previews=previews, policy=POLICY, **ports)


def keep(world: World, previews: MemoryPreviews, file_id: str, found: Preview) -> None:
    version_id = world.document(f"file#{file_id}").version_id
    previews.keep(world.brief_id, file_id, version_id, found, Path())


def test_it_is_pending_until_it_is_drawn(world: World, previews: MemoryPreviews) -> None:
    file_id = world.upload()
    for by in (employer(), student()):
        assert look(world, previews, by, file_id).status == "pending"
    keep(world, previews, file_id, Preview(parts=[PAGE], pages=3, cut=True))
    for by in (employer(), student()):
        shown = look(world, previews, by, file_id)
        assert (shown.status, shown.pages, shown.cut) == ("ready", 3, True)
        assert [(part.media_type, part.width_px) for part in shown.parts] == [("image/webp", 1)]
        assert "page-1.webp" in shown.parts[0].url


def test_why_there_is_none_is_told(world: World, previews: MemoryPreviews) -> None:
    file_id = world.upload()
    keep(world, previews, file_id, Preview(reason="The document has a password."))
    shown = look(world, previews, employer(), file_id)
    assert (shown.status, shown.reason, shown.parts) == ("none", "The document has a password.", [])


def test_for_nobody_else_is_it_there(world: World, previews: MemoryPreviews) -> None:
    file_id = world.upload()
    keep(world, previews, file_id, Preview(parts=[PAGE]))
    for by in (rival(), stranger(Role.EMPLOYER), operator()):
        with pytest.raises(NotFound):
            look(world, previews, by, file_id)
    with pytest.raises(NotFound):
        look(world, previews, employer(), "no-such-file-1")


def test_an_operator_looks_at_evidence_of_a_dispute_and_that_is_written_down(previews: MemoryPreviews) -> None:
    world = a_world_in(State.DISPUTED)
    file_id = world.uploads["report"]
    keep(world, previews, file_id, Preview(parts=[PAGE]))
    assert look(world, previews, operator(), file_id).status == "ready"
    assert Finding.EVIDENCE_READ in world.findings(needs_person=False)


def test_of_what_was_not_found_clean_nothing_is_shown(world: World, previews: MemoryPreviews) -> None:
    expected = world.announce()
    with pytest.raises(Conflict) as refused:
        look(world, previews, student(), expected.file_id)
    assert refused.value.code == "not_received"
    version_id = world.send(expected)
    world.reported(expected, version_id)
    world.judged(expected, version_id, ScanStatus.INFECTED)
    keep(world, previews, expected.file_id, Preview(parts=[PAGE]))
    with pytest.raises(Conflict) as infected:
        look(world, previews, student(), expected.file_id)
    assert infected.value.code == "file_infected"

"""Files are announced before they are sent, and received once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from microintern.app import browsing, files
from microintern.domain.audit import AuditEntry, Finding
from microintern.domain.documents import FileStatus, ScanStatus
from microintern.domain.problems import Conflict, Forbidden, Invalid, NotFound
from microintern.domain.states import Role, State
from tests.unit.app.world import World, a_world_in, rival, stranger
from tests.unit.builders import POLICY, employer, operator, student

FORM_AND_SCAN = timedelta(seconds=POLICY.upload_url_s + POLICY.scan_timeout_s)

MATERIAL: dict[str, Any] = {"deliverable": None, "purpose": "material", "name": "table.csv"}


def material(**changes: Any) -> dict[str, Any]:
    return MATERIAL | {"media_type": "text/csv"} | changes


def test_the_form_pins_key_type_and_checksum() -> None:
    world = a_world_in(State.AWARDED)
    file = world.announce(deliverable="report")
    form = world.files.upload_form(file, POLICY.upload_url_s)
    assert form.fields == {
        "key": f"briefs/{world.brief_id}/{file.file_id}",
        "Content-Type": "application/pdf",
        "x-amz-checksum-sha256": file.sha256,
    }


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"deliverable": "poem"}, "/deliverable", "unknown_deliverable"),
        ({"deliverable": None}, "/deliverable", "unknown_deliverable"),
        ({"media_type": "text/html"}, "/media_type", "media_type_not_accepted"),
        ({"size_bytes": 5_242_881}, "/size_bytes", "file_too_large"),
    ],
)
def test_a_deliverable_is_as_the_brief_asks_for(changes: dict[str, Any], field: str, code: str) -> None:
    world = a_world_in(State.AWARDED)
    kept = world.kept()
    with pytest.raises(Invalid) as refused:
        world.announce(**{"deliverable": "report", **changes})
    assert (refused.value.code, refused.value.members["errors"][0]["field"]) == (code, field)
    assert world.kept() == kept


def test_a_material_is_no_deliverable() -> None:
    world = a_world_in(State.OPEN)
    assert world.announce(employer(), **material()).deliverable is None
    with pytest.raises(Invalid) as refused:
        world.announce(employer(), **material(deliverable="report"))
    assert refused.value.code == "not_a_deliverable"


@pytest.mark.parametrize(("by", "purpose"), [(employer, "deliverable"), (student, "material"), (student, "return")])
def test_each_side_adds_its_own_kind_of_file(by: Any, purpose: str) -> None:
    world = a_world_in(State.AWARDED)
    with pytest.raises(Forbidden) as refused:
        world.announce(by(), purpose=purpose)
    assert refused.value.code == "wrong_purpose"


@pytest.mark.parametrize("state", sorted(set(State) - {State.AWARDED, State.CHANGES_REQUESTED}))
def test_work_is_uploaded_while_it_is_the_students_turn(state: State) -> None:
    world = a_world_in(state)
    expected = Conflict if world.brief.student_id else NotFound
    with pytest.raises(expected):
        world.announce()


def test_no_deliverable_is_announced_after_the_deadline_even_in_the_grace_for_handing_in() -> None:
    world = a_world_in(State.AWARDED)
    world.clock.at = world.brief.submission_due_at
    with pytest.raises(Conflict) as refused:
        world.announce()
    assert refused.value.code == "deadline_passed"
    world.clock.forward(seconds=-1)
    world.announce()


def test_only_the_parties_add_files() -> None:
    world = a_world_in(State.AWARDED)
    for by, refusal in ((rival(), NotFound), (stranger(Role.EMPLOYER), NotFound), (operator(), Forbidden)):
        with pytest.raises(refusal):
            world.announce(by)


def test_announcing_again_with_the_same_key_gives_a_form_for_the_same_file() -> None:
    world = a_world_in(State.AWARDED)
    file = world.announce(student(key="the-key"))
    kept = world.kept()
    world.clock.forward(minutes=10)
    assert world.announce(student(key="the-key")) == file
    assert world.kept() == kept
    world.clock.forward(minutes=1)
    assert world.announce(student(key="the-key")).settle_by == world.clock.now() + FORM_AND_SCAN, "not given up so soon"
    with pytest.raises(Invalid) as refused:
        world.announce(student(key="the-key", body="another"))
    assert refused.value.code == "idempotency_key_reused"


def test_a_file_is_received_once_and_the_first_version_stays() -> None:
    world = a_world_in(State.AWARDED)
    file = world.announce(student(key="the-key"))
    first_at = world.clock.now()
    assert world.receive(file)
    received = world.document(file.key)
    world.clock.forward(minutes=1)
    assert not world.receive(file)
    assert world.document(file.key) == received
    assert (received.status, received.received_at) == (FileStatus.RECEIVED, first_at)
    assert world.announce(student(key="the-key")) == received, "the answer is what became of the file"


def test_what_was_never_announced_is_not_recorded() -> None:
    world = a_world_in(State.AWARDED)
    stray = world.announce().model_copy(update={"file_id": "file-of-nobody-1"})
    assert not world.receive(stray)


def test_a_report_of_a_version_that_is_not_there_is_not_recorded() -> None:
    world = a_world_in(State.AWARDED)
    file = world.announce()
    assert not world.reported(file, "no-such-version")


@pytest.mark.parametrize(
    ("scan", "code"),
    [
        (None, "scan_pending"),
        (ScanStatus.INFECTED, "file_infected"),
        (ScanStatus.ERROR, "scan_failed"),
    ],
)
def test_what_is_not_known_to_be_clean_is_of_no_use(scan: ScanStatus | None, code: str) -> None:
    world = a_world_in(State.AWARDED)
    world.upload_all()
    file = world.announce()
    version_id = world.send(file)
    world.reported(file, version_id)
    if scan:
        world.judged(file, version_id, scan)
    ports = readers(world)
    uses: list[Callable[[], object]] = [
        lambda: files.download(student(), world.brief_id, file.file_id, **ports),
        lambda: files.download(employer(), world.brief_id, file.file_id, **ports),
        lambda: world.submit(None, **{**world.uploads, "report": file.file_id}),
    ]
    kept = world.kept()
    for use in uses:
        with pytest.raises(Conflict) as refused:
            use()
        assert (refused.value.code, refused.value.members["file_id"]) == (code, file.file_id)
    assert world.kept() == kept
    world.submit()
    with pytest.raises(Conflict) as refused:
        world.dispute(file_ids=(file.file_id,))
    assert (refused.value.code, refused.value.members["errors"][0]["field"]) == (code, "/file_ids/0")


def readers(world: World) -> dict[str, Any]:
    kept = {"briefs": world.briefs, "files": world.files, "audit": world.audit}
    return {**kept, "clock": world.clock, "policy": POLICY}


def test_an_operator_reads_the_files_of_a_disputed_brief_and_that_is_recorded_each_time() -> None:
    world = a_world_in(State.SUBMITTED)
    file_id = world.uploads["report"]
    with pytest.raises(NotFound):
        files.download(operator(), world.brief_id, file_id, **readers(world))
    world.dispute()
    for _ in range(2):
        assert "versionId=" in files.download(operator(), world.brief_id, file_id, **readers(world))
        world.clock.forward(seconds=1)

    def noted() -> list[AuditEntry]:
        entries: list[AuditEntry] = world.audit.entries(needs_person=False, limit=10).items
        return [entry for entry in entries if entry.finding is Finding.EVIDENCE_READ]

    assert [(e.subject, e.facts["brief_id"], e.facts["operator_id"]) for e in noted()] == [
        (file_id, world.brief_id, operator().actor_id)
    ] * 2
    assert world.findings() == [], "nobody has to look at it"
    files.download(student(), world.brief_id, file_id, **readers(world))
    assert len(noted()) == 2, "what parties do is their own"


def test_received_files_are_downloaded_by_the_two_parties_only() -> None:
    world = a_world_in(State.AWARDED)
    waiting, file_id = world.announce().file_id, world.upload()
    ports = readers(world)
    for by in (employer(), student()):
        assert "versionId=" in files.download(by, world.brief_id, file_id, **ports)
        with pytest.raises(Conflict) as refused:
            files.download(by, world.brief_id, waiting, **ports)
        assert refused.value.code == "not_received"
        with pytest.raises(NotFound):
            files.download(by, world.brief_id, "no-such-file-1", **ports)
    for by in (rival(), stranger(Role.EMPLOYER), operator()):
        with pytest.raises(NotFound):
            files.download(by, world.brief_id, file_id, **ports)


def test_what_was_announced_and_what_was_received_can_be_listed_page_by_page() -> None:
    world = a_world_in(State.AWARDED)
    world.upload_all()
    world.announce()
    found, cursor = [], None
    for _ in range(4):
        page = browsing.files(student(), world.brief_id, 1, cursor, briefs=world.briefs)
        found += page.items
        cursor = page.next_cursor
    assert cursor is None
    assert sorted(file.status for file in found) == ["expected", "received", "received", "received"]
    assert len({file.file_id for file in found}) == 4


def test_returns_are_the_employers_while_it_reviews() -> None:
    world = a_world_in(State.SUBMITTED)
    returned = world.announce(employer(), **material(purpose="return"))
    assert (returned.purpose, returned.submission_number) == ("return", 1)
    world.clock.at += timedelta(minutes=1)
    with pytest.raises(Conflict):
        world.announce(employer(), **material())

"""What is counted in the write that it is counted for: applications that wait, uploads of a day."""

from datetime import timedelta

import pytest

from microintern.domain.documents import Application
from microintern.domain.quotas import Desk, Slot, UploadQuota
from microintern.ports.conditions import StaleDesk, StaleDocument, UploadsExhausted
from tests.contract import examples
from tests.contract.conftest import Stores
from tests.contract.examples import NOW, STUDENT

BRIEF = examples.open_brief()


def a_desk(version: int = 1, **slots: int) -> Desk:
    open_ = {brief_id: Slot(until=NOW + timedelta(days=7), version=number) for brief_id, number in slots.items()}
    return Desk(account_id=STUDENT, open=open_, day="2026-12-01", today=1, texts=["text"], version=version)


@pytest.fixture(autouse=True)
def _posted(stores: Stores) -> None:
    stores.briefs.create(BRIEF, examples.content())


def found(stores: Stores, application: Application) -> Application | None:
    snapshot = stores.briefs.read(BRIEF.brief_id, application.key)
    return snapshot.find(Application, application.key) if snapshot else None


def test_a_desk_comes_with_the_brief_in_one_read(stores: Stores) -> None:
    application = examples.application(BRIEF)
    empty = stores.briefs.read(BRIEF.brief_id, application.key, desk_of=STUDENT)
    assert empty is not None
    assert (empty.desk, empty.documents) == (Desk(account_id=STUDENT), {})
    stores.briefs.add(BRIEF.brief_id, application, desk=a_desk(one=1))
    snapshot = stores.briefs.read(BRIEF.brief_id, application.key, desk_of=STUDENT)
    assert snapshot is not None
    assert (snapshot.desk, snapshot.documents) == (a_desk(one=1), {application.key: application})
    assert stores.accounts.desk(STUDENT) == a_desk(one=1)
    assert stores.briefs.read("brief-000404", desk_of=STUDENT) is None
    without = stores.briefs.read(BRIEF.brief_id, application.key)
    assert without is not None
    assert without.desk is None


def test_of_two_first_applications_at_once_one_finds_the_desk_taken(stores: Stores) -> None:
    stores.briefs.add(BRIEF.brief_id, examples.application(BRIEF), desk=a_desk(one=1))
    other = examples.application(BRIEF).model_copy(update={"application_id": "application-9999"})
    with pytest.raises(StaleDesk):
        stores.briefs.add(BRIEF.brief_id, other, desk=a_desk(two=1))
    assert found(stores, other) is None


def test_an_application_and_its_desk_are_written_together_or_not_at_all(stores: Stores) -> None:
    application = examples.application(BRIEF)
    with pytest.raises(StaleDesk):
        stores.briefs.add(BRIEF.brief_id, application, desk=a_desk(2))
    assert found(stores, application) is None
    stores.briefs.add(BRIEF.brief_id, application, desk=a_desk())
    assert stores.briefs.add(BRIEF.brief_id, application, desk=a_desk(2)) == application
    assert stores.accounts.desk(STUDENT).version == 1
    renewed = application.model_copy(update={"version": 2})
    with pytest.raises(StaleDesk):
        stores.briefs.replace(renewed, desk=a_desk(3))
    assert found(stores, application) == application
    stores.briefs.replace(renewed, desk=a_desk(2))
    with pytest.raises(StaleDocument):
        stores.briefs.replace(renewed, desk=a_desk(3))
    assert (found(stores, renewed), stores.accounts.desk(STUDENT).version) == (renewed, 2)


def test_a_slot_is_released_once_and_only_for_its_application_or_an_earlier_one(stores: Stores) -> None:
    first, second = "brief-000001", "brief-000002"
    stores.briefs.add(BRIEF.brief_id, examples.application(BRIEF), desk=a_desk(**{first: 3, second: 1}))
    stores.accounts.release(STUDENT, first, 2)
    assert stores.accounts.desk(STUDENT) == a_desk(**{first: 3, second: 1}), "it was applied for again since"
    stores.accounts.release(STUDENT, first, 3)
    released = stores.accounts.desk(STUDENT)
    assert (list(released.open), released.version) == ([second], 2)
    for _ in range(2):
        stores.accounts.release(STUDENT, first, 9)
        stores.accounts.release("student-0404", first, 1)
    assert stores.accounts.desk(STUDENT) == released
    with pytest.raises(StaleDesk):
        stores.briefs.add(BRIEF.brief_id, examples.application(BRIEF, 2), desk=a_desk(2))


def quota(size_bytes: int = 10, day: str = "2026-12-01", account_id: str = STUDENT) -> UploadQuota:
    return UploadQuota(account_id=account_id, day=day, size_bytes=size_bytes, most_uploads=3, most_bytes=35)


def test_so_many_files_and_bytes_a_day_and_what_is_refused_is_not_written(stores: Stores) -> None:
    add, brief_id = stores.briefs.add, BRIEF.brief_id
    for number in (1, 2):
        assert add(brief_id, examples.file(BRIEF, number), quota=quota()) is None
    with pytest.raises(UploadsExhausted):
        add(brief_id, examples.file(BRIEF, 3), quota=quota(16))
    assert stores.briefs.list_documents(brief_id, type(examples.file(BRIEF)), 9).items == [
        examples.file(BRIEF, number) for number in (1, 2)
    ]
    assert add(brief_id, examples.file(BRIEF, 2), quota=quota()) == examples.file(BRIEF, 2)
    assert add(brief_id, examples.file(BRIEF, 3), quota=quota(15)) is None, "a repeat is not counted"
    with pytest.raises(UploadsExhausted):
        add(brief_id, examples.file(BRIEF, 4), quota=quota(0))
    add(brief_id, examples.file(BRIEF, 4), quota=quota(35, day="2026-12-02"))
    add(brief_id, examples.file(BRIEF, 5), quota=quota(account_id="student-0002"))

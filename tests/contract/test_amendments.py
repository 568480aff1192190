"""What was proposed on a brief is written only over the version before, and with the brief or not at all."""

from typing import Any

import pytest

from microintern.domain.amendments import Amendment, Amendments
from microintern.domain.states import Role
from microintern.domain.trail import Event
from microintern.ports.conditions import Stale, StaleDocument
from tests.contract import examples
from tests.contract.conftest import Stores
from tests.contract.examples import EMPLOYER, NOW

BRIEF = examples.open_brief()


def amendments(version: int = 1) -> Amendments:
    event = Event(type="amendment.proposed", at=NOW, role=Role.STUDENT, actor_id="student-1234")
    award: dict[str, Any] = {"application_id": "application-1234", "student_id": "student-1234"}
    item = Amendment(
        number=1,
        application_id="application-1234",
        award=3,
        proposed_by=Role.STUDENT,
        proposer_id="student-1234",
        command="key",
        reason="It takes longer.",
        proposed_at=NOW,
        lapses_at=NOW,
    )
    own: dict[str, Any] = {"brief_id": BRIEF.brief_id, "employer_id": EMPLOYER, "items": [item] * version}
    return Amendments(version=version, steps=version, event=event, done=["key body"], **own, **award)


def found(stores: Stores) -> Amendments | None:
    snapshot = stores.briefs.read(BRIEF.brief_id, Amendments.key_of)
    return snapshot.find(Amendments, Amendments.key_of) if snapshot else None


@pytest.fixture(autouse=True)
def _posted(stores: Stores) -> None:
    stores.briefs.create(BRIEF, examples.content())


def test_one_version_follows_the_other(stores: Stores) -> None:
    for version in (1, 2):
        stores.briefs.replace(amendments(version))
        assert found(stores) == amendments(version)
    for version in (1, 2, 4):
        with pytest.raises(StaleDocument):
            stores.briefs.replace(amendments(version))
    assert stores.briefs.list_documents(BRIEF.brief_id, Amendments, 10).items == [amendments(2)]


def test_with_the_brief_both_are_written_or_neither_is(stores: Stores) -> None:
    stores.briefs.replace(amendments(1))
    moved = examples.moved(BRIEF, hours=7)
    with pytest.raises(StaleDocument):
        stores.briefs.save(BRIEF, moved, amendments(3))
    stores.briefs.save(BRIEF, moved, amendments(2))
    with pytest.raises(Stale):
        stores.briefs.save(BRIEF, examples.moved(BRIEF, hours=8), amendments(3))
    snapshot = stores.briefs.read(BRIEF.brief_id)
    assert snapshot
    assert snapshot.brief == moved
    assert found(stores) == amendments(2)

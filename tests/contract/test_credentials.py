"""The Credentials port."""

from datetime import timedelta
from typing import Any

import pytest

from microintern.domain.accounts import Profile
from microintern.domain.brief import Command
from microintern.domain.credentials import Choices, Credential, CredentialState, Work, credential_id_of
from microintern.domain.standing import Standing, StandingState
from microintern.domain.states import Role
from microintern.domain.status_lists import Place
from microintern.domain.trail import Event
from microintern.ports.accounts import Standings
from microintern.ports.conditions import StaleDocument, StudentErased
from microintern.ports.credentials import Credentials, PlaceTaken
from tests.contract.conftest import Stores
from tests.contract.examples import NOW, STUDENT
from tests.unit.builders import a_posting

BY = Command(actor_id=STUDENT, role=Role.STUDENT, key="key", body="body")
WORK = Work.model_validate(
    {
        **a_posting().model_dump(include={"title", "goals", "field", "skills", "hours", "rubric"}),
        "employer_name": "Acme",
        "approved_at": NOW,
        "by_silence": False,
        "scores": {"chart": "good"},
        "score_percent": 85,
    }
)


def a_credential(number: int = 1, **changes: Any) -> Credential:
    brief_id = f"brief-{number:06d}"
    event = Event(type="credential.issued", at=NOW, role=Role.SERVER, trigger="approval", facts={"brief_id": brief_id})
    made = Credential(
        credential_id=credential_id_of(brief_id),
        brief_id=brief_id,
        student_id=STUDENT,
        place=Place(number=0, index=number),
        work=WORK,
        signed='{"name":"Größe"}',
        issued_at=NOW + timedelta(minutes=number),
        event=event,
    )
    return made.model_copy(update=changes)


def test_one_is_issued_and_read(credentials: Credentials) -> None:
    made = a_credential()
    assert credentials.read(made.credential_id) is None
    assert credentials.issue(made) is None
    assert credentials.read(made.credential_id) == made
    assert credentials.steps(made.credential_id) == [made.entry]
    assert credentials.steps("nobodys-credential") == []


def test_the_first_stays_and_no_second_place_is_taken(credentials: Credentials) -> None:
    made = a_credential()
    credentials.issue(made)
    assert credentials.issue(a_credential(place=Place(number=1, index=7), signed="{}")) == made
    assert credentials.revoked_in(1) is None


def test_no_two_have_one_place(credentials: Credentials) -> None:
    credentials.issue(a_credential(1))
    other = a_credential(2, place=Place(number=0, index=1))
    with pytest.raises(PlaceTaken):
        credentials.issue(other)
    assert credentials.read(other.credential_id) is None
    assert credentials.issue(a_credential(2, place=Place(number=1, index=1))) is None


@pytest.mark.parametrize("state", StandingState)
def test_who_was_erased_is_issued_none(credentials: Credentials, standings: Standings, state: StandingState) -> None:
    standings.save(Standing(account_id=STUDENT, state=state, since=NOW, version=1))
    made = a_credential()
    if state is not StandingState.ERASED:
        assert credentials.issue(made) is None
        return
    with pytest.raises(StudentErased):
        credentials.issue(made)
    assert credentials.read(made.credential_id) is None
    assert credentials.revoked_in(0) is None, "the place is free"


def test_it_is_written_over_its_version_before_only(credentials: Credentials) -> None:
    made = a_credential()
    shown = made.shown(Choices(public=True), "{}", BY, NOW)
    with pytest.raises(StaleDocument):
        credentials.replace(shown)
    credentials.issue(made)
    credentials.replace(shown)
    assert credentials.read(made.credential_id) == shown
    for write in (credentials.replace, credentials.revoke):
        for late in (made, shown, shown.model_copy(update={"version": 4})):
            with pytest.raises(StaleDocument):
                write(late)
    assert not credentials.is_revoked(made.place)


def test_a_place_is_revoked_with_the_credential_and_stays_so(credentials: Credentials) -> None:
    made, other = a_credential(1), a_credential(2)
    for each in (made, other):
        credentials.issue(each)
    assert (credentials.revoked_in(0), credentials.is_revoked(made.place)) == ([], False)
    revoked = made.revoked("A mistake.", BY, NOW)
    credentials.revoke(revoked)
    assert credentials.read(made.credential_id) == revoked
    assert credentials.revoked_in(0) == [1]
    assert (credentials.is_revoked(made.place), credentials.is_revoked(other.place)) == (True, False)
    credentials.revoke(revoked.erased(NOW))
    assert credentials.revoked_in(0) == [1]


def test_what_is_left_of_an_erased_one_is_its_place(credentials: Credentials) -> None:
    credentials.issue(a_credential())
    erased = a_credential().erased(NOW)
    credentials.revoke(erased)
    found = credentials.read(erased.credential_id)
    assert found == erased
    assert (found.state, found.student_id, found.work, found.signed) == (CredentialState.ERASED, None, None, None)
    assert credentials.of_student(STUDENT, 10).items == []
    assert credentials.steps(erased.credential_id) == [erased.entry]


def test_a_students_own_come_newest_first_and_page_by_page(credentials: Credentials) -> None:
    for number in range(1, 6):
        credentials.issue(a_credential(number))
    credentials.issue(a_credential(9, student_id="student-0002"))
    first = credentials.of_student(STUDENT, 3)
    assert [credential.place.index for credential in first.items] == [5, 4, 3]
    second = credentials.of_student(STUDENT, 3, first.next)
    assert ([credential.place.index for credential in second.items], second.next) == ([2, 1], None)
    assert credentials.of_student("student-0003", 3).items == []


def test_revoked_places_are_of_their_list(stores: Stores) -> None:
    for number in (0, 1):
        made = a_credential(number + 1, place=Place(number=number, index=131_071))
        stores.credentials.issue(made)
        stores.credentials.revoke(made.revoked("A mistake.", BY, NOW))
        assert stores.credentials.revoked_in(number) == [131_071]


def test_one_is_read_with_the_profile_of_whom_it_is_for(stores: Stores) -> None:
    made, profile = a_credential(), Profile(account_id=STUDENT, name="Amara Okafor")
    assert stores.credentials.read_with_profile(made.credential_id, STUDENT) == (None, None)
    stores.credentials.issue(made)
    assert stores.credentials.read_with_profile(made.credential_id, STUDENT) == (made, None)
    stores.accounts.save_profile(profile)
    assert stores.credentials.read_with_profile(made.credential_id, STUDENT) == (made, profile)

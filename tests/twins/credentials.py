"""The twin of the table of credentials."""

import threading

from microintern.domain.accounts import Profile
from microintern.domain.base import iso
from microintern.domain.cohorts import Enrolment
from microintern.domain.credentials import Credential
from microintern.domain.standing import StandingState
from microintern.domain.status_lists import Place
from microintern.domain.trail import Entry
from microintern.ports.conditions import StaleDocument, StudentErased
from microintern.ports.credentials import PlaceTaken
from microintern.ports.paging import Page, Position
from tests.twins.accounts import MemoryAccounts
from tests.twins.storing import kept, paged


class MemoryCredentials:
    """The Credentials port."""

    def __init__(self, accounts: MemoryAccounts) -> None:
        self._accounts = accounts
        self._lock = threading.RLock()
        self._credentials: dict[str, Credential] = {}
        self._places: set[Place] = set()
        self._revoked: set[Place] = set()

    def issue(self, credential: Credential, enrolment: Enrolment | None = None) -> Credential | None:
        with self._lock:
            if there := self.read(credential.credential_id):
                return there
            assert credential.student_id
            if self._accounts.standings.read(credential.student_id).state is StandingState.ERASED:
                raise StudentErased
            if credential.place in self._places:
                raise PlaceTaken
            if enrolment:
                self._accounts.cohorts.put(enrolment)
            self._places.add(credential.place)
            self._credentials[credential.credential_id] = kept(credential)
            return None

    def read(self, credential_id: str) -> Credential | None:
        return self._credentials.get(credential_id)

    def read_with_profile(self, credential_id: str, account_id: str) -> tuple[Credential | None, Profile | None]:
        return self.read(credential_id), self._accounts.profile(account_id)

    def replace(self, credential: Credential) -> None:
        with self._lock:
            before = self.read(credential.credential_id)
            if before is None or before.version != credential.version - 1:
                raise StaleDocument
            self._credentials[credential.credential_id] = kept(credential)

    def revoke(self, credential: Credential) -> None:
        with self._lock:
            self.replace(credential)
            self._revoked.add(credential.place)

    def of_student(self, student_id: str, limit: int, after: Position | None = None) -> Page:
        own = [c for c in self._credentials.values() if c.student_id == student_id]
        rows = [(Position(sort=iso(c.issued_at), item=c.credential_id), c) for c in own]
        return paged(rows, limit, after, newest_first=True)

    def of_cohort(self, cohort_id: str, limit: int, after: Position | None = None) -> Page:
        found = [c for c in self._credentials.values() if c.cohort_id == cohort_id]
        rows = [(Position(sort=iso(c.issued_at), item=c.credential_id), c) for c in found]
        return paged(rows, limit, after, newest_first=True)

    def is_revoked(self, place: Place) -> bool:
        return place in self._revoked

    def revoked_in(self, number: int) -> list[int] | None:
        if not any(place.number == number for place in self._places):
            return None
        return sorted(place.index for place in self._revoked if place.number == number)

    def steps(self, scope: str) -> list[Entry]:
        credential = self.read(scope)
        return [credential.entry] if credential else []

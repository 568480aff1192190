"""The twin of cohorts, and of who consents to be seen by them."""

import threading
from collections.abc import Sequence
from datetime import datetime

from microintern.domain.cohorts import Cohort, Enrolment
from microintern.domain.organisations import Organisation, OrganisationState
from microintern.domain.standing import StandingState
from microintern.ports.conditions import (
    CohortClosed,
    CohortFull,
    OrganisationNotApproved,
    StaleDocument,
    StudentErased,
)
from microintern.ports.paging import Page, Position
from tests.twins.organisations import MemoryOrganisations, MemoryStandings
from tests.twins.storing import kept, paged


class MemoryCohorts:
    """The Cohorts port."""

    def __init__(self, organisations: MemoryOrganisations, standings: MemoryStandings) -> None:
        self._organisations, self._standings = organisations, standings
        self._lock = threading.RLock()
        self._cohorts: dict[tuple[str, str], Cohort] = {}
        self._enrolments: dict[tuple[str, str], Enrolment] = {}
        self._pointers: set[tuple[str, str]] = set()

    def save(self, cohort: Cohort) -> None:
        at = (cohort.organisation_id, cohort.cohort_id)
        with self._lock:
            there = self._cohorts.get(at)
            if (there.version if there else 0) != cohort.version - 1:
                raise StaleDocument
            self._check_approved(cohort.organisation_id)
            counted = {"students": there.students if there else 0}
            self._cohorts[at] = kept(cohort.model_copy(update=counted))

    def read(self, organisation_id: str, cohort_id: str) -> tuple[Cohort | None, Organisation | None]:
        return self._cohorts.get((organisation_id, cohort_id)), self._organisations.read(organisation_id)

    def read_with(
        self, organisation_id: str, cohort_id: str, student_id: str
    ) -> tuple[Cohort | None, Organisation | None, Enrolment | None]:
        return *self.read(organisation_id, cohort_id), self.enrolment(student_id, cohort_id)

    def of_institution(self, organisation_id: str, limit: int, after: Position | None = None) -> Page:
        rows = [
            (Position(sort=f"cohort#{cohort_id}", item=f"cohort#{cohort_id}"), cohort)
            for (owner, cohort_id), cohort in self._cohorts.items()
            if owner == organisation_id
        ]
        return paged(rows, limit, after)

    def find(self, wanted: Sequence[tuple[str, str]]) -> dict[str, tuple[Cohort, Organisation]]:
        found = {cohort_id: self.read(owner, cohort_id) for owner, cohort_id in wanted}
        return {cohort_id: (cohort, owner) for cohort_id, (cohort, owner) in found.items() if cohort and owner}

    def enrolment(self, student_id: str, cohort_id: str) -> Enrolment | None:
        return self._enrolments.get((student_id, cohort_id))

    def find_enrolments(self, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Enrolment]:
        return {at: self._enrolments[at] for at in wanted if at in self._enrolments}

    def enrolments(self, student_id: str, limit: int, after: Position | None = None) -> Page:
        rows = [
            (Position(sort=f"enrolment#{cohort_id}", item=f"enrolment#{cohort_id}"), enrolment)
            for (owner, cohort_id), enrolment in self._enrolments.items()
            if owner == student_id
        ]
        return paged(rows, limit, after)

    def join(self, cohort: Cohort, enrolment: Enrolment, most_students: int) -> None:
        with self._lock:
            if self._standings.read(enrolment.student_id).state is StandingState.ERASED:
                raise StudentErased
            self._check_approved(cohort.organisation_id)
            there = self._cohorts[cohort.organisation_id, cohort.cohort_id]
            if there.students >= most_students:
                raise CohortFull
            if (there.code_hash, there.terms.version) != (cohort.code_hash, cohort.terms.version):
                raise CohortClosed
            self.put(enrolment)
            self._pointers.add((enrolment.cohort_id, enrolment.student_id))
            self._count(enrolment, 1)

    def renew(self, cohort: Cohort, enrolment: Enrolment) -> None:
        with self._lock:
            if self._standings.read(enrolment.student_id).state is StandingState.ERASED:
                raise StudentErased
            there = self._cohorts[cohort.organisation_id, cohort.cohort_id]
            self._must_follow(enrolment)
            if there.terms.version != cohort.terms.version:
                raise CohortClosed
            self.put(enrolment)
            if (enrolment.cohort_id, enrolment.student_id) not in self._pointers:
                self._pointers.add((enrolment.cohort_id, enrolment.student_id))
                self._count(enrolment, 1)

    def leave(self, enrolment: Enrolment) -> None:
        with self._lock:
            self.put(enrolment)
            self.forget(enrolment)

    def recount(self, cohort: Cohort, now: datetime) -> None:
        at = (cohort.organisation_id, cohort.cohort_id)
        with self._lock:
            for cohort_id, student_id in list(self._pointers):
                found = self._enrolments.get((student_id, cohort_id))
                if cohort_id == cohort.cohort_id and found and found.terms.seen_until <= now:
                    self._pointers.discard((cohort_id, student_id))
            counted = sum(cohort_id == cohort.cohort_id for cohort_id, _ in self._pointers)
            if self._cohorts[at].students == cohort.students:
                self._cohorts[at] = self._cohorts[at].model_copy(update={"students": counted})

    def students(self, cohort_id: str, limit: int, after: Position | None = None) -> Page:
        rows = [
            (Position(sort=f"student#{student_id}", item=f"student#{student_id}"), self._enrolments[student_id, owner])
            for owner, student_id in self._pointers
            if owner == cohort_id and (student_id, owner) in self._enrolments
        ]
        return paged(rows, limit, after)

    def forget(self, enrolment: Enrolment) -> None:
        at = (enrolment.cohort_id, enrolment.student_id)
        with self._lock:
            if at in self._pointers:
                self._pointers.discard(at)
                self._count(enrolment, -1)

    def put(self, enrolment: Enrolment) -> None:
        """Write it over its version before."""
        with self._lock:
            self._must_follow(enrolment)
            self._enrolments[enrolment.student_id, enrolment.cohort_id] = kept(enrolment)

    def tracked(self, scope: str) -> list[Cohort | Enrolment]:
        """What of an institution or a student has a trail."""
        cohorts = [found for (owner, _), found in sorted(self._cohorts.items()) if owner == scope]
        return [*cohorts, *(found for (owner, _), found in sorted(self._enrolments.items()) if owner == scope)]

    def drop(self, account_id: str) -> None:
        """Take away what lies under a student."""
        self._enrolments = {at: found for at, found in self._enrolments.items() if at[0] != account_id}

    def _must_follow(self, enrolment: Enrolment) -> None:
        there = self.enrolment(enrolment.student_id, enrolment.cohort_id)
        if (there.version if there else 0) != enrolment.version - 1:
            raise StaleDocument

    def _check_approved(self, organisation_id: str) -> None:
        there = self._organisations.read(organisation_id)
        if there is None or there.state is not OrganisationState.APPROVED:
            raise OrganisationNotApproved

    def _count(self, enrolment: Enrolment, change: int) -> None:
        at = (enrolment.organisation_id, enrolment.cohort_id)
        there = self._cohorts[at]
        self._cohorts[at] = there.model_copy(update={"students": there.students + change})

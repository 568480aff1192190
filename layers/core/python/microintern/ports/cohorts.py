"""Cohorts of institutions, and who consents to be seen by them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from microintern.domain.cohorts import Cohort, Enrolment
from microintern.domain.organisations import Organisation
from microintern.ports.paging import Page, Position


class Cohorts(Protocol):
    """Cohorts lie with their institution, consent with the student; all that a cohort has of a student is a pointer."""

    def save(self, cohort: Cohort) -> None:
        """Write it over its version before, but for the number of its students; else StaleDocument.

        OrganisationNotApproved unless its institution is approved at that moment.
        """

    def read(self, organisation_id: str, cohort_id: str) -> tuple[Cohort | None, Organisation | None]:
        """A cohort and its institution, in one call; strongly consistent."""

    def read_with(
        self, organisation_id: str, cohort_id: str, student_id: str
    ) -> tuple[Cohort | None, Organisation | None, Enrolment | None]:
        """As `read`, with what a student consented to or withdrew, in one call."""

    def of_institution(self, organisation_id: str, limit: int, after: Position | None = None) -> Page:
        """An institution's cohorts, in the order of their ids."""

    def find(self, wanted: Sequence[tuple[str, str]]) -> dict[str, tuple[Cohort, Organisation]]:
        """Those of up to 50 cohorts that exist, by id, with their institutions; asked for by both ids."""

    def enrolment(self, student_id: str, cohort_id: str) -> Enrolment | None:
        """A student's consent, also one that was withdrawn; strongly consistent."""

    def find_enrolments(self, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Enrolment]:
        """Those of up to 100 enrolments that there are, by student and cohort; strongly consistent."""

    def enrolments(self, student_id: str, limit: int, after: Position | None = None) -> Page:
        """What a student has consented to at some time, in the order of the cohorts' ids; strongly consistent."""

    def join(self, cohort: Cohort, enrolment: Enrolment, most_students: int) -> None:
        """Write that a student consents, over the version before, else StaleDocument; and that the cohort has one more.

        CohortClosed unless code and terms are those of `cohort`, CohortFull when nobody else may join,
        OrganisationNotApproved unless the institution is, StudentErased when there is nobody left.
        """

    def renew(self, cohort: Cohort, enrolment: Enrolment) -> None:
        """Write what a student who is in the cohort consents to now.

        Raises StaleDocument, and CohortClosed and StudentErased as above.
        """

    def leave(self, enrolment: Enrolment) -> None:
        """Write that consent is withdrawn, over the version before, else StaleDocument; the cohort has one less."""

    def recount(self, cohort: Cohort, now: datetime) -> None:
        """Count those whose consent has not run out by now, unless the number is not that of `cohort` any more."""

    def students(self, cohort_id: str, limit: int, after: Position | None = None) -> Page:
        """The enrolments of those who have not withdrawn, in the order of their ids; strongly consistent."""

    def forget(self, enrolment: Enrolment) -> None:
        """Have the cohort know nothing of a student who is erased; done already is fine."""

"""Cohorts under their institution, consent under the student, pointers between, in the table of accounts."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from microintern.adapters import dynamo
from microintern.adapters.accounts import TRACKED, not_erased
from microintern.adapters.dynamo import Item, Refused, Write
from microintern.adapters.organisations import ORGANISATION
from microintern.domain.cohorts import Cohort, Enrolment
from microintern.domain.organisations import Organisation, OrganisationState
from microintern.ports.conditions import (
    CohortClosed,
    CohortFull,
    OrganisationNotApproved,
    StaleDocument,
    StudentErased,
)
from microintern.ports.paging import Page, Position

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_COHORT, _ENROLMENT, _STUDENT = "cohort", "enrolment", "student"
_OPEN = "#code_hash = :code_hash AND #terms.#version = :terms"
_JOIN_COHORT, _JOIN_INSTITUTION, _JOIN_STUDENT = 0, 2, 3
"""Which of the writes of a join is which."""
_RENEWED, _RENEW_COHORT, _RENEW_STUDENT = 0, 1, 2
"""And which of those of a renewal."""


def cohort_key(cohort_id: str) -> str:
    """The sort key of a cohort, under its institution."""
    return f"{_COHORT}#{cohort_id}"


def enrolment_key(cohort_id: str) -> str:
    """The sort key of a student's consent, under the student."""
    return f"{_ENROLMENT}#{cohort_id}"


def enrolment_item(enrolment: Enrolment) -> Item:
    """A student's consent as it is kept."""
    at = {"pk": enrolment.student_id, "sk": enrolment_key(enrolment.cohort_id), "kind": TRACKED}
    return {**at, **dynamo.fields(enrolment)}


def enrolment_over(table: str, enrolment: Enrolment) -> Write:
    """Write a student's consent over its version before."""
    return dynamo.put(table, enrolment_item(enrolment), "#version = :before", before=enrolment.version - 1)


class DynamoCohorts:
    """The Cohorts port on DynamoDB."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def save(self, cohort: Cohort) -> None:
        item = {"pk": cohort.organisation_id, "sk": cohort_key(cohort.cohort_id), "kind": TRACKED}
        if cohort.version == 1:
            write = dynamo.put_new(self._table, {**item, **dynamo.fields(cohort)})
        else:
            # The number of students is left alone: it changes without a version.
            changes = cohort.model_dump(mode="json", exclude={"students", "event"})
            changes["event"] = dynamo.fields(cohort.event) if cohort.event else None
            at = dynamo.key(item["pk"], item["sk"])
            write = dynamo.update(self._table, at, changes, "#version = :before", before=cohort.version - 1)
        try:
            dynamo.commit(self._client, write, self._approved(cohort.organisation_id))
        except Refused as refused:
            raise (StaleDocument if 0 in refused.found else OrganisationNotApproved) from refused

    def read(self, organisation_id: str, cohort_id: str) -> tuple[Cohort | None, Organisation | None]:
        keys = [(organisation_id, cohort_key(cohort_id)), (organisation_id, ORGANISATION)]
        found = dynamo.get_many(self._client, self._table, keys, consistent=True)
        cohort, organisation = (found.get(key) for key in keys)
        return (
            dynamo.model_of(Cohort, cohort) if cohort else None,
            dynamo.model_of(Organisation, organisation) if organisation else None,
        )

    def read_with(
        self, organisation_id: str, cohort_id: str, student_id: str
    ) -> tuple[Cohort | None, Organisation | None, Enrolment | None]:
        keys = [(organisation_id, cohort_key(cohort_id)), (organisation_id, ORGANISATION)]
        found = dynamo.get_many(
            self._client, self._table, [*keys, (student_id, enrolment_key(cohort_id))], consistent=True
        )
        cohort, organisation = (found.get(key) for key in keys)
        enrolment = found.get((student_id, enrolment_key(cohort_id)))
        return (
            dynamo.model_of(Cohort, cohort) if cohort else None,
            dynamo.model_of(Organisation, organisation) if organisation else None,
            dynamo.model_of(Enrolment, enrolment) if enrolment else None,
        )

    def of_institution(self, organisation_id: str, limit: int, after: Position | None = None) -> Page:
        items, position = self._under(organisation_id, _COHORT, limit, after)
        return Page(items=[dynamo.model_of(Cohort, item) for item in items], next=position)

    def find(self, wanted: Sequence[tuple[str, str]]) -> dict[str, tuple[Cohort, Organisation]]:
        keys = [(owner, sk) for owner, cohort_id in wanted for sk in (cohort_key(cohort_id), ORGANISATION)]
        found = dynamo.get_many(self._client, self._table, keys, consistent=True) if keys else {}
        pairs = {
            cohort_id: (found.get((owner, cohort_key(cohort_id))), found.get((owner, ORGANISATION)))
            for owner, cohort_id in wanted
        }
        return {
            cohort_id: (dynamo.model_of(Cohort, cohort), dynamo.model_of(Organisation, organisation))
            for cohort_id, (cohort, organisation) in pairs.items()
            if cohort and organisation
        }

    def enrolment(self, student_id: str, cohort_id: str) -> Enrolment | None:
        item = dynamo.get(self._client, self._table, student_id, enrolment_key(cohort_id))
        return dynamo.model_of(Enrolment, item) if item else None

    def find_enrolments(self, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Enrolment]:
        keys = [(student_id, enrolment_key(cohort_id)) for student_id, cohort_id in wanted]
        items = dynamo.get_many(self._client, self._table, keys, consistent=True) if keys else {}
        found = [dynamo.model_of(Enrolment, item) for item in items.values()]
        return {(enrolment.student_id, enrolment.cohort_id): enrolment for enrolment in found}

    def enrolments(self, student_id: str, limit: int, after: Position | None = None) -> Page:
        items, position = self._under(student_id, _ENROLMENT, limit, after)
        return Page(items=[dynamo.model_of(Enrolment, item) for item in items], next=position)

    def join(self, cohort: Cohort, enrolment: Enrolment, most_students: int) -> None:
        one_more = dynamo.expressions(
            {"one": 1, "most": most_students, **_as_read(cohort)},
            Update="ADD #students :one",
            Condition=f"{_OPEN} AND #students < :most",
        )
        writes: list[Write] = [
            {"Update": {"TableName": self._table, "Key": _at(cohort), **one_more, **dynamo.SHOW_WHAT_REFUSED}},
            dynamo.put_version(self._table, enrolment_item(enrolment)),
            self._approved(cohort.organisation_id),
            not_erased(self._table, enrolment.student_id),
            dynamo.put_over(self._table, _pointer_item(enrolment)),
        ]
        try:
            dynamo.commit(self._client, *writes)
        except Refused as refused:
            raise _why_not_joined(refused.found, most_students) from refused

    def renew(self, cohort: Cohort, enrolment: Enrolment) -> None:
        asked, terms = "#terms.#version = :terms", cohort.terms.version
        over, student = enrolment_over(self._table, enrolment), not_erased(self._table, enrolment.student_id)
        item = _pointer_item(enrolment)
        one_more = dynamo.expressions({"one": 1, "terms": terms}, Update="ADD #students :one", Condition=asked)
        there = dynamo.check(self._table, _at(cohort), asked, terms=terms)
        # One whose consent had run out may have no pointer any more; then they are counted anew.
        counted: Write = {
            "Update": {"TableName": self._table, "Key": _at(cohort), **one_more, **dynamo.SHOW_WHAT_REFUSED}
        }
        as_it_was = (over, there, student, dynamo.put(self._table, item, "attribute_exists(#pk)"))
        for writes in (as_it_was, (over, counted, student, dynamo.put_over(self._table, item))):
            try:
                return dynamo.commit(self._client, *writes)
            except Refused as refused:
                if refusal := _why_not_renewed(refused.found):
                    raise refusal from refused
        raise StaleDocument

    def leave(self, enrolment: Enrolment) -> None:
        over = enrolment_over(self._table, enrolment)
        pointer = dynamo.remove_there(self._table, _pointer_key(enrolment))
        # One whose consent had run out may have no pointer any more; then they are not counted either.
        for writes in ((over, pointer, self._count(enrolment, -1)), (over,)):
            try:
                return dynamo.commit(self._client, *writes)
            except Refused as refused:
                if 0 in refused.found:
                    raise StaleDocument from refused
        raise StaleDocument

    def recount(self, cohort: Cohort, now: datetime) -> None:
        seconds, counted = int(now.timestamp()), 0
        request = {"TableName": self._table, "ConsistentRead": True, **dynamo.under(cohort.cohort_id, f"{_STUDENT}#")}
        for pointer in list(dynamo.every(self._client, request)):
            counted += pointer["forget_at"] > seconds or not self._drop_pointer(pointer, seconds)
        changes = {"students": counted}
        write = dynamo.update(self._table, _at(cohort), changes, "#students = :counted", counted=cohort.students)
        with suppress(Refused):
            dynamo.commit(self._client, write)

    def _drop_pointer(self, pointer: Item, seconds: int) -> bool:
        """Take away what DynamoDB will by itself; not if its student consents anew at this moment."""
        request = dynamo.expressions({"seconds": seconds}, Condition="#forget_at <= :seconds")
        delete = {"TableName": self._table, "Key": dynamo.key(pointer["pk"], pointer["sk"]), **request}
        try:
            dynamo.commit(self._client, {"Delete": {**delete, **dynamo.SHOW_WHAT_REFUSED}})
        except Refused:
            return False
        return True

    def students(self, cohort_id: str, limit: int, after: Position | None = None) -> Page:
        items, position = self._under(cohort_id, _STUDENT, limit, after)
        wanted = [(item["sk"].partition("#")[2], cohort_id) for item in items]
        found = self.find_enrolments(wanted)
        consenting = [found[key] for key in wanted if key in found and found[key].withdrawn_at is None]
        return Page(items=consenting, next=position)

    def forget(self, enrolment: Enrolment) -> None:
        there = dynamo.remove_there(self._table, _pointer_key(enrolment))
        try:
            dynamo.commit(self._client, there, self._count(enrolment, -1))
        except Refused:
            return

    def _under(self, pk: str, prefix: str, limit: int, after: Position | None) -> tuple[list[Item], Position | None]:
        request: dict[str, Any] = {
            "TableName": self._table,
            "ConsistentRead": True,
            **dynamo.under(pk, f"{prefix}#"),
        }
        if after:
            request["ExclusiveStartKey"] = dynamo.key(pk, after.sort)
        items, last = dynamo.query(self._client, request, limit)
        return items, Position(sort=last["sk"], item=last["sk"]) if last else None

    def _approved(self, organisation_id: str) -> Write:
        approved = OrganisationState.APPROVED.value
        return dynamo.check(
            self._table, dynamo.key(organisation_id, ORGANISATION), "#state = :approved", approved=approved
        )

    def _count(self, enrolment: Enrolment, change: int) -> Write:
        at = dynamo.key(enrolment.organisation_id, cohort_key(enrolment.cohort_id))
        request = dynamo.expressions({"change": change}, Update="ADD #students :change")
        return {"Update": {"TableName": self._table, "Key": at, **request}}


def _as_read(cohort: Cohort) -> Item:
    return {"code_hash": cohort.code_hash or "", "terms": cohort.terms.version}


def _at(cohort: Cohort) -> dict[str, Any]:
    return dynamo.key(cohort.organisation_id, cohort_key(cohort.cohort_id))


def _pointer_key(enrolment: Enrolment) -> dict[str, Any]:
    return dynamo.key(enrolment.cohort_id, f"{_STUDENT}#{enrolment.student_id}")


def _pointer_item(enrolment: Enrolment) -> Item:
    """All that a cohort has of a student; DynamoDB takes it away by itself once nothing may be seen any more."""
    at = {"pk": enrolment.cohort_id, "sk": f"{_STUDENT}#{enrolment.student_id}"}
    return {**at, "forget_at": int(enrolment.terms.seen_until.timestamp())}


def _why_not_renewed(found: dict[int, Item | None]) -> Exception | None:
    """None where nothing but the pointer is in the way."""
    if _RENEW_STUDENT in found:
        return StudentErased()
    if _RENEWED in found:
        return StaleDocument()
    return CohortClosed() if _RENEW_COHORT in found else None


def _why_not_joined(found: dict[int, Item | None], most_students: int) -> Exception:
    if _JOIN_STUDENT in found:
        return StudentErased()
    if _JOIN_INSTITUTION in found:
        return OrganisationNotApproved()
    if _JOIN_COHORT not in found:
        return StaleDocument()
    there = found[_JOIN_COHORT] or {}
    return CohortFull() if there.get("students", 0) >= most_students else CohortClosed()

"""Credentials in a table of their own: what anybody may ask about lies beside nothing that is kept of people."""

import zlib
from typing import TYPE_CHECKING, Any

from microintern.adapters import dynamo
from microintern.adapters.accounts import PROFILE, TRACKED, not_erased, step_of_item
from microintern.adapters.cohorts import enrolment_over
from microintern.adapters.dynamo import Item, Refused, Write
from microintern.domain.accounts import Profile
from microintern.domain.base import iso
from microintern.domain.cohorts import Enrolment
from microintern.domain.credentials import CREDENTIAL, Credential
from microintern.domain.status_lists import Place
from microintern.domain.trail import Entry
from microintern.ports.conditions import StaleDocument, StudentErased
from microintern.ports.credentials import PlaceTaken
from microintern.ports.paging import Page, Position

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BY_STUDENT = "by_student"
_LISTED, _REVOKED = "list", "revoked"
_STUDENT = 2
"""Which of the writes of an issue looks at the student."""
_ENROLMENT = 3
"""And which, of credit, is the student's consent."""


class DynamoCredentials:
    """The Credentials port on DynamoDB; whoever issues, or shows a name, needs the table of accounts."""

    def __init__(self, client: "DynamoDBClient", table: str, account_table: str = "") -> None:
        self._client = client
        self._table = table
        self._account_table = account_table

    def issue(self, credential: Credential, enrolment: Enrolment | None = None) -> Credential | None:
        assert credential.student_id
        student = not_erased(self._account_table, credential.student_id)
        place = dynamo.put_new(self._table, _place_item(_LISTED, credential.place))
        writes = [dynamo.put_new(self._table, _item(credential)), place, student]
        if enrolment:
            writes.append(enrolment_over(self._account_table, enrolment))
            writes.append(dynamo.put_over(self._table, _listed_item(credential)))
        try:
            dynamo.commit(self._client, *writes)
        except Refused as refused:
            if there := self.read(credential.credential_id):
                return there
            if _ENROLMENT in refused.found:
                raise StaleDocument from refused
            raise (StudentErased if _STUDENT in refused.found else PlaceTaken) from refused
        return None

    def read(self, credential_id: str) -> Credential | None:
        item = dynamo.get(self._client, self._table, credential_id, CREDENTIAL)
        return _credential(item) if item else None

    def read_with_profile(self, credential_id: str, account_id: str) -> tuple[Credential | None, Profile | None]:
        wanted = {self._table: [(credential_id, CREDENTIAL)], self._account_table: [(account_id, PROFILE)]}
        found = dynamo.get_together(self._client, wanted, consistent=True)
        credential = found[self._table].get((credential_id, CREDENTIAL))
        profile = found[self._account_table].get((account_id, PROFILE))
        return (
            _credential(credential) if credential else None,
            dynamo.model_of(Profile, profile) if profile else None,
        )

    def replace(self, credential: Credential) -> None:
        self._commit(dynamo.put_version(self._table, _item(credential)))

    def revoke(self, credential: Credential) -> None:
        place = dynamo.put_over(self._table, _place_item(_REVOKED, credential.place))
        self._commit(dynamo.put_version(self._table, _item(credential)), place)

    def _commit(self, *writes: Write) -> None:
        try:
            dynamo.commit(self._client, *writes)
        except Refused as refused:
            raise StaleDocument from refused

    def of_student(self, student_id: str, limit: int, after: Position | None = None) -> Page:
        request: dict[str, Any] = {
            "TableName": self._table,
            "IndexName": BY_STUDENT,
            "ScanIndexForward": False,
            **dynamo.expressions({"student_id": student_id}, KeyCondition="#student_id = :student_id"),
        }
        if after:
            place = {"student_id": student_id, "issued_at": after.sort, "pk": after.item, "sk": CREDENTIAL}
            request["ExclusiveStartKey"] = dynamo.packed(place)
        rows, last = dynamo.query(self._client, request, limit)
        keys = [(row["pk"], CREDENTIAL) for row in rows]
        found = dynamo.get_many(self._client, self._table, keys, consistent=False) if keys else {}
        items = [_credential(found[key]) for key in keys if key in found]
        return Page(items=items, next=Position(sort=last["issued_at"], item=last["pk"]) if last else None)

    def of_cohort(self, cohort_id: str, limit: int, after: Position | None = None) -> Page:
        request = {"TableName": self._table, "ScanIndexForward": False, **dynamo.under(_credits_of(cohort_id), "")}
        if after:
            request["ExclusiveStartKey"] = dynamo.key(_credits_of(cohort_id), f"{after.sort}#{after.item}")
        rows, last = dynamo.query(self._client, request, limit)
        keys = [(row["credential_id"], CREDENTIAL) for row in rows]
        found = dynamo.get_many(self._client, self._table, keys, consistent=True) if keys else {}
        items = [_credential(found[key]) for key in keys if key in found]
        at, _, credential_id = last["sk"].partition("#") if last else ("", "", "")
        return Page(items=items, next=Position(sort=at, item=credential_id) if last else None)

    def is_revoked(self, place: Place) -> bool:
        item = _place_item(_REVOKED, place)
        return dynamo.get(self._client, self._table, item["pk"], item["sk"]) is not None

    def revoked_in(self, number: int) -> list[int] | None:
        found = [int(row["sk"]) for row in dynamo.every(self._client, self._list(_REVOKED, number))]
        if not found:
            rows, _ = dynamo.query(self._client, self._list(_LISTED, number), 1)
            return [] if rows else None
        return found

    def _list(self, kind: str, number: int) -> dict[str, Any]:
        return {"TableName": self._table, "ConsistentRead": True, **dynamo.under(f"{kind}#{number}", "")}

    def steps(self, scope: str) -> list[Entry]:
        item = dynamo.get(self._client, self._table, scope, CREDENTIAL)
        entry = step_of_item(item) if item else None
        return [entry] if entry else []


def credential_of(image: dict[str, Any]) -> Credential:
    """A credential, as the table's stream shows it."""
    return _credential(dynamo.unpacked(image))


def _item(credential: Credential) -> Item:
    """A credential; its document compressed, for each kilobyte that is written costs."""
    item = {"pk": credential.credential_id, "sk": CREDENTIAL, "kind": TRACKED, **dynamo.fields(credential)}
    return item | ({"signed": zlib.compress(credential.signed.encode())} if credential.signed else {})


def _credential(item: Item) -> Credential:
    plain = {"signed": zlib.decompress(item["signed"]).decode()} if "signed" in item else {}
    return dynamo.model_of(Credential, item | plain)


def _credits_of(cohort_id: str) -> str:
    return f"credits#{cohort_id}"


def _listed_item(credential: Credential) -> Item:
    """What a cohort's credit is found by; it names nobody."""
    assert credential.cohort_id
    at = {"pk": _credits_of(credential.cohort_id), "sk": f"{iso(credential.issued_at)}#{credential.credential_id}"}
    return {**at, "credential_id": credential.credential_id}


def _place_item(kind: str, place: Place) -> Item:
    return {"pk": f"{kind}#{place.number}", "sk": f"{place.index:06d}"}

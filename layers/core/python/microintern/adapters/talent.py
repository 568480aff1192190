"""Candidates under their organisation and offers under their student, in the table of accounts."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from microintern.adapters import dynamo
from microintern.adapters.accounts import TRACKED
from microintern.adapters.dynamo import Item, Refused, Write
from microintern.domain.talent import Candidate, Offer, Stage
from microintern.ports.conditions import StaleDocument
from microintern.ports.paging import Page, Position

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CANDIDATE = "candidate"
KEPT_BY = "kept_by"
OFFER = "offer"
MOST_KEEPERS = 200
OFFER_STANDS = "attribute_exists(#pk) AND attribute_not_exists(#refused_at) AND attribute_not_exists(#withdrawn_at)"
"""Neither side has taken it back."""
QUERIES_PER_PAGE = 5


def offer_key(brief_id: str) -> str:
    """The sort key of an offer, under its student."""
    return f"{OFFER}#{brief_id}"


def candidate_key(student_id: str) -> str:
    """The sort key of a candidate, under the organisation."""
    return f"{CANDIDATE}#{student_id}"


class DynamoTalent:
    """The Talent port on DynamoDB."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def candidate(self, organisation_id: str, student_id: str) -> Candidate | None:
        item = dynamo.get(self._client, self._table, organisation_id, candidate_key(student_id))
        return dynamo.model_of(Candidate, item) if item else None

    def candidates(self, organisation_id: str, student_ids: Sequence[str]) -> dict[str, Candidate]:
        keys = [(organisation_id, candidate_key(student_id)) for student_id in student_ids]
        items = dynamo.get_many(self._client, self._table, keys, consistent=False) if keys else {}
        found = [dynamo.model_of(Candidate, item) for item in items.values()]
        return {candidate.student_id: candidate for candidate in found}

    def list_candidates(
        self, organisation_id: str, stage: Stage | None, limit: int, after: Position | None = None
    ) -> Page:
        values: Item = {"pk": organisation_id, "prefix": f"{CANDIDATE}#"} | ({"stage": stage.value} if stage else {})
        kept = "attribute_not_exists(#removed_at)" + (" AND #stage = :stage" if stage else "")
        texts = {"KeyCondition": "#pk = :pk AND begins_with(#sk, :prefix)", "Filter": kept}
        request: dict[str, Any] = {"TableName": self._table, **dynamo.expressions(values, **texts)}
        if after:
            request["ExclusiveStartKey"] = dynamo.key(organisation_id, after.sort)
        items, last = dynamo.query(self._client, request, limit, QUERIES_PER_PAGE)
        position = Position(sort=last["sk"], item=last["sk"]) if last else None
        return Page(items=[dynamo.model_of(Candidate, item) for item in items], next=position)

    def save(self, candidate: Candidate, offer: Offer | None = None) -> None:
        # Who keeps a student stands under the student too, so that it can be found when they want to be forgotten.
        pointer = {"pk": candidate.student_id, "sk": f"{KEPT_BY}#{candidate.organisation_id}"}
        writes = [dynamo.put_version(self._table, _candidate_item(candidate))]
        writes += [_offer_write(self._table, offer)] if offer else []
        writes += [dynamo.put_over(self._table, pointer)] if candidate.version == 1 else []
        self._commit(*writes)

    def keepers(self, student_id: str) -> list[str]:
        request = {"TableName": self._table, "ConsistentRead": True, **dynamo.under(student_id, f"{KEPT_BY}#")}
        items, _ = dynamo.query(self._client, request, MOST_KEEPERS)
        return [item["sk"].partition("#")[2] for item in items]

    def forget_candidate(self, organisation_id: str, student_id: str) -> None:
        keys = [(organisation_id, candidate_key(student_id)), (student_id, f"{KEPT_BY}#{organisation_id}")]
        dynamo.delete_many(self._client, self._table, keys)

    def offer(self, student_id: str, brief_id: str) -> Offer | None:
        item = dynamo.get(self._client, self._table, student_id, offer_key(brief_id))
        return dynamo.model_of(Offer, item) if item else None

    def offers(self, student_id: str, limit: int, after: Position | None = None) -> Page:
        request: dict[str, Any] = {
            "TableName": self._table,
            "ConsistentRead": True,
            **dynamo.under(student_id, f"{OFFER}#"),
        }
        if after:
            request["ExclusiveStartKey"] = dynamo.key(student_id, after.sort)
        items, last = dynamo.query(self._client, request, limit)
        position = Position(sort=last["sk"], item=last["sk"]) if last else None
        return Page(items=[dynamo.model_of(Offer, item) for item in items], next=position)

    def find_offers(self, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Offer]:
        keys = [(student_id, offer_key(brief_id)) for student_id, brief_id in wanted]
        items = dynamo.get_many(self._client, self._table, keys, consistent=False) if keys else {}
        found = [dynamo.model_of(Offer, item) for item in items.values()]
        return {(offer.student_id, offer.brief_id): offer for offer in found}

    def save_offer(self, offer: Offer) -> None:
        self._commit(_offer_write(self._table, offer))

    def _commit(self, *writes: Write) -> None:
        try:
            dynamo.commit(self._client, *writes)
        except Refused as refused:
            raise StaleDocument from refused


def offer_of(image: dict[str, Any] | None) -> Offer | None:
    """An offer, as the table's stream shows it; None when the item is something else."""
    item = dynamo.unpacked(image) if image else {}
    return dynamo.model_of(Offer, item) if str(item.get("sk", "")).startswith(f"{OFFER}#") else None


def _candidate_item(candidate: Candidate) -> Item:
    at = {"pk": candidate.organisation_id, "sk": candidate_key(candidate.student_id), "kind": TRACKED}
    # DynamoDB takes it away by itself then.
    return {**at, "forget_at": int(candidate.kept_until.timestamp()), **dynamo.fields(candidate)}


def _offer_write(table: str, offer: Offer) -> Write:
    at = {"pk": offer.student_id, "sk": offer_key(offer.brief_id), "kind": TRACKED}
    return dynamo.put_version(table, {**at, "forget_at": int(offer.kept_until.timestamp()), **dynamo.fields(offer)})

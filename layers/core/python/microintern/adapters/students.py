"""What students say they can do, and what they did and do here: two items of the account."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from microintern.adapters import dynamo
from microintern.adapters.accounts import EXPERIENCE, STRENGTHS, TRACKED
from microintern.adapters.dynamo import Item, Refused
from microintern.domain.fit import Experience, Strengths, Work
from microintern.ports import StaleDocument

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoStudents:
    """The Students port on DynamoDB."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def save_strengths(self, strengths: Strengths) -> None:
        item = {"pk": strengths.account_id, "sk": STRENGTHS, "kind": TRACKED, **dynamo.fields(strengths)}
        try:
            dynamo.commit(self._client, dynamo.put_version(self._table, item))
        except Refused as refused:
            raise StaleDocument from refused

    def known_of(self, account_id: str) -> tuple[Strengths | None, Experience]:
        keys = [(account_id, STRENGTHS), (account_id, EXPERIENCE)]
        found = dynamo.get_many(self._client, self._table, keys, consistent=True)
        said = found.get((account_id, STRENGTHS))
        strengths = dynamo.model_of(Strengths, said) if said else None
        return strengths, _experience(account_id, found.get((account_id, EXPERIENCE)))

    def experiences(self, account_ids: Sequence[str]) -> dict[str, Experience]:
        keys = [(account_id, EXPERIENCE) for account_id in account_ids]
        found = dynamo.get_many(self._client, self._table, keys, consistent=False) if keys else {}
        return {account_id: _experience(account_id, found.get((account_id, EXPERIENCE))) for account_id in account_ids}

    def record(self, account_id: str, brief_id: str, work: Work) -> bool:
        request = dynamo.expressions(
            {"work": dynamo.fields(work), "version": work.version},
            Update="SET #work.#brief = :work",
            Condition="attribute_exists(#work) AND "
            "(attribute_not_exists(#work.#brief) OR #work.#brief.#version < :version)",
        )
        request["ExpressionAttributeNames"]["#brief"] = brief_id
        at = {"TableName": self._table, "Key": dynamo.key(account_id, EXPERIENCE), **dynamo.SHOW_WHAT_REFUSED}
        try:
            dynamo.commit(self._client, {"Update": {**at, **request}})
        except Refused as refused:
            return refused.found[0] is None and self._begin(account_id, brief_id, work)
        return True

    def _begin(self, account_id: str, brief_id: str, work: Work) -> bool:
        """Note the first brief of a student; another's may be noted at the same moment."""
        first = {"pk": account_id, "sk": EXPERIENCE, "account_id": account_id, "work": {brief_id: dynamo.fields(work)}}
        try:
            dynamo.commit(self._client, dynamo.put_new(self._table, first))
        except Refused:
            return self.record(account_id, brief_id, work)
        return True


def _experience(account_id: str, item: Item | None) -> Experience:
    return dynamo.model_of(Experience, {"account_id": account_id, **(item or {})})

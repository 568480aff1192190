"""What students say they can do, and what they did and do here: two items of the account."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from microintern.adapters import dynamo
from microintern.adapters.accounts import EXPERIENCE, STRENGTHS, TRACKED
from microintern.adapters.dynamo import Item, Refused
from microintern.domain.fit import Experience, Strengths, Work
from microintern.ports.conditions import StaleDocument

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


OF_BRIEF = "of#"
"""Before a brief's id in the name of an attribute: each brief has its own, so that none stands in another's way."""


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
            Update="SET #brief = :work",
            Condition="attribute_not_exists(#brief) OR #brief.#version < :version",
        )
        request["ExpressionAttributeNames"]["#brief"] = f"{OF_BRIEF}{brief_id}"
        at = {"TableName": self._table, "Key": dynamo.key(account_id, EXPERIENCE)}
        try:
            dynamo.commit(self._client, {"Update": {**at, **request}})
        except Refused:
            return False
        return True


def _experience(account_id: str, item: Item | None) -> Experience:
    work = {name.removeprefix(OF_BRIEF): found for name, found in (item or {}).items() if name.startswith(OF_BRIEF)}
    return Experience.model_validate({"account_id": account_id, "work": work})
